"""The runs that this process writes: which directory, its metrics, its problems, its wishes, its end.

A script that the tool started finds its run in `$TRAINVIS_RUN` and claims it. A process that inherits a
claimed one makes a child run of its own, and a script started by hand makes its own run, archived as any other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from ..engine import archive, places, process
from ..engine.errors import RunError, TrainvisError
from ..engine.files import append_line, read_json
from ..engine.metrics import MetricWriter
from ..engine.rundir import Notes, Process, RunDir, Spec, State, stem_tag, tags_of
from ..engine.text import printable
from ..engine.wishes import Listener, Outcome, Wish, ask, forget
from . import ending
from .ending import End
from .resources import Resources

_PROBLEMS = 200  # lines of problems.jsonl from one process


class Recording:
    """What this process writes of one run. `by_hand`: no supervisor lives, so the state is ours to write.

    `step` counts the batches of all fits; `stop` is the wish that ended the training, None until one did;
    `resources` what the pictures of the run share.
    """

    def __init__(self, run: RunDir, *, by_hand: bool) -> None:
        self.run = run
        self.by_hand = by_hand
        self.pid = os.getpid()
        self.stop: Wish | None = None
        self.resources = Resources()
        self._stop_answered = False
        self.metrics = MetricWriter(run)
        self.step = self.metrics.step
        self._listener: Listener | None = None
        self._said: set[tuple[str, str]] = set()
        self._facts: subprocess.Popen[bytes] | None = None
        ending.at_end(self.finish, signals=by_hand)

    def problem(self, part: str, text: str) -> None:
        """Put what went wrong into problems.jsonl and, once, on stderr. Never raises, never stops a training."""
        if (part, text) in self._said or len(self._said) >= _PROBLEMS:
            return
        self._said.add((part, text))
        complain(f"{part}: {text}")
        with suppress(OSError):
            append_line(self.run.problems_file, json.dumps({"time": round(time.time(), 3), "part": part, "text": text}))

    def is_open(self) -> bool:
        """Whether this process may still write to it: a fork may not, and at the end nobody."""
        return self.pid == os.getpid() and _open.get(self.run.path) is self

    def listen(self) -> None:
        """Say in the run directory that wishes are heard while a training runs."""
        makes = bool(self.resources.makers)
        listener = Listener(
            self.run, ("stop", "picture") if makes else ("stop",), refuses=() if makes else ("picture",)
        )
        try:
            listener.start()
        except OSError as error:
            self.problem("wishes", f"nobody can stop this training by a wish: {error.strerror}")
        self._listener = listener

    def wishes(self) -> list[Wish]:
        """What somebody wants of the training: [] most of the time, at no cost worth counting."""
        return self._listener.take() if self._listener else []

    def answer(self, wish: Wish, outcome: Outcome, why: str = "") -> None:
        """Say what became of a wish."""
        with suppress(OSError):  # the wish was taken: that alone shows that it was heard
            (self._listener or Listener(self.run)).answer(wish, outcome, why)

    def hush(self) -> None:
        """The training is over: answer the stop that ended it, and listen no more."""
        if self.stop is not None and not self._stop_answered:
            self._stop_answered = True
            self.answer(self.stop, "done")
        if self._listener is not None:
            self._listener, listener = None, self._listener
            with suppress(OSError):
                listener.close()

    def archive(self) -> None:
        """Copy the sources of this script; commit and versions are gathered by a process beside.

        Later trainings of this process share what the first one archived: its code is what they run too.
        """
        spec, _ = self.run.spec()
        asked = (_main_file(), spec.cwd, spec.python)
        try:
            if asked in _archived and archive.share(_archived[asked], self.run):
                return
            archive.copy(archive.collect(*asked), self.run)
            _archived[asked] = self.run
            self._facts = subprocess.Popen(
                [sys.executable, "-P", "-m", "trainvis.engine.archive", "--facts", str(self.run.path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, TrainvisError) as error:
            self.problem("archive", str(error))

    def begin(self) -> None:
        """Write that this process runs. Raises RunError where the disk does not take it."""
        now = time.time()
        before, _ = self.run.state()
        state = State(
            status="running",
            host=process.host(),
            boot=process.boot_id(),
            user=process.user(),
            process=process.identity(os.getpid()),
            created=before.created or now,
            started=before.started or now,
        )
        try:
            self.run.write_state(state)
        except OSError as error:
            raise RunError(f"the state of {self.run.id} cannot be written: {error.strerror}") from None

    def leave(self) -> None:
        """Close this run although its process lives on: one of several trainings in a script, of hundreds maybe."""
        if self.stop is not None:
            _stops[self.run.path] = self.stop
        self.resources.let_go()
        _resources[self.run.path] = self.resources
        try:
            self.finish(End())
        except OSError as error:
            self.problem("state", f"{error.strerror}")
        except TrainvisError as error:
            self.problem("archive", str(error))

    def _stopper(self, end: End) -> str:
        return (self.stop.by or "somebody") if self.stop and end.exit_code == 0 else ""

    def finish(self, end: End) -> None:
        """Write all that waits and how it ended. Raises OSError or TrainvisError where the disk is full."""
        if self.pid != os.getpid():
            return
        ending.forget(self.finish)
        self.metrics.close()
        with _lock:
            _open.pop(self.run.path, None)
        if self._facts is not None:
            self._facts.poll()
            self._facts.returncode = self._facts.returncode or 0  # it may outlive us: nobody waits for it
        by = self._stopper(end)
        if not self.by_hand:
            self.run.record_end(end.exit_code, end.text, by)
        else:
            self._write_end(end, by)
        archive.append_loaded(self.run, _written_by_people())

    def _write_end(self, end: End, by: str) -> None:
        why = "killed" if end.signal else "stopped" if by else "failed" if end.exit_code else "done"
        state, _ = self.run.state()
        self.run.write_state(
            State(
                status="finished",
                why=why,
                text=printable(end.text, 500),
                exit_code=None if end.signal else end.exit_code,
                signal=end.signal,
                by=by,
                host=state.host,
                boot=state.boot,
                user=state.user,
                process=state.process,
                created=state.created,
                started=state.started,
                ended=time.time(),
            )
        )


_lock = threading.RLock()
_open: dict[Path, Recording] = {}
_own: Recording | None = None
_stops: dict[Path, Wish] = {}  # of runs that were closed: a later fit of theirs ends too
_archived: dict[tuple[str, str, str], RunDir] = {}  # the last run of each script, folder and Python that was archived
_resources: dict[Path, Resources] = {}  # the same: a later fit goes on in the same folders and with the same budget


def own() -> Recording:
    """The run of this process: the one it was started as, else one of its own. Raises RunError, SettingsError."""
    global _own  # noqa: PLW0603 - a process has one run, as it has one sys.argv
    with _lock:
        if _own is None or _own.pid != os.getpid() or _own.run.path not in _open:
            _own = _claimed() or _made()
        return _own


def open_own() -> Recording | None:
    """The run of this process where it has one already, or was started as one; else None."""
    with _lock:
        if _own is not None and _own.pid == os.getpid() and _own.run.path in _open:
            return _own
        given = _given()
        return own() if given and not given.claimed_file.exists() else None


def child(name: str) -> Recording:
    """A new run of this process, named so, linked to the process's own one if it has one. Raises RunError."""
    with _lock:
        open_own()
        return _made(name)


def existing(path: Path) -> Recording:
    """A run that is there already, opened to be written. Raises RunError where it is none or another writes it."""
    with _lock:
        run = RunDir(path)
        if run == _given():
            open_own()  # the run that this process was started as is claimed as such
        recording = _open.get(run.path)
        if recording is not None and recording.pid == os.getpid():
            return recording
        if not run.spec_file.exists():
            raise RunError(f"{printable(run.path)} is no run directory: it has no spec.json")
        if not run.claim(_me()):
            _take_over(run)
        recording = _remember(Recording(run, by_hand=not _supervised(run)))
        recording.stop = _stops.get(run.path)
        recording.resources = _resources.pop(run.path, recording.resources)
        if recording.by_hand:
            with suppress(OSError):
                forget(run)  # who stopped it once did not mean this training
            recording.begin()
        return recording


def wish_stop(by: str) -> None:
    """Leave the wish to stop with each run that this process writes, as `trainvis stop` does with one."""
    with _lock:
        opened = [each for each in _open.values() if each.pid == os.getpid()]
    for each in opened:
        try:
            ask(each.run, "stop", by)
        except OSError:  # a full disk: a validation looks at this too
            each.stop = each.stop or Wish("stop", "", by)


def complain(text: str) -> None:
    """One line on stderr: all that a training hears of what went wrong beside it."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"trainvis: {printable(text, 1000)}\n")
        sys.stderr.flush()


def _me() -> Process:
    return process.identity(os.getpid()) or Process(os.getpid(), "")


def _given() -> RunDir | None:
    path = os.environ.get("TRAINVIS_RUN", "")
    return RunDir(path) if path and Path(path).is_dir() else None


def _claimed() -> Recording | None:
    run = _given()
    if run is None or not run.claim(_me()):
        return None
    return _remember(Recording(run, by_hand=run.spec()[0].launcher == "hand"))


def _supervised(run: RunDir) -> bool:
    """Whether a supervisor lives that writes the state of this run: one of another host is taken to."""
    state, _ = run.state()
    if state.supervisor is None or state.status == "finished":
        return False
    return state.host != process.host() or (state.boot == process.boot_id() and process.alive(state.supervisor))


def _take_over(run: RunDir) -> None:
    value = read_json(run.claimed_file).value
    with suppress(KeyError, TypeError, ValueError):
        if process.alive(Process(int(value["pid"]), str(value["start"]))):
            raise RunError(f"the run {printable(run.id)} is being written by process {value['pid']}: give another one")
    with suppress(OSError):
        run.claimed_file.unlink()
    if not run.claim(_me()):
        raise RunError(f"the run {printable(run.id)} was taken by another process just now: give another one")


def _made(name: str = "") -> Recording:
    parent = _given()
    spec = _spec(parent.id if parent else "")
    stem = Path(spec.script).stem if spec.script else spec.module.rpartition(".")[2] or "interactive"
    run = RunDir.create(parent.path.parent if parent else places.runs_folder(), stem)
    try:
        run.claim(_me())
        run.write_spec(spec)
        run.write_notes(Notes(name, stem_tag(stem)))
    except OSError as error:
        raise RunError(f"the run {run.id} cannot be written: {error.strerror}") from None
    recording = _remember(Recording(run, by_hand=True))
    recording.begin()
    recording.archive()
    if parent is None and not name:
        # Processes that this one starts are then known as its children.
        os.environ["TRAINVIS_RUN"] = str(run.path)
    return recording


def _remember(recording: Recording) -> Recording:
    _open[recording.run.path] = recording
    return recording


def _main_file() -> str:
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return str(Path(file).absolute()) if isinstance(file, str) and Path(file).is_file() else ""


def _spec(parent: str) -> Spec:
    module = getattr(getattr(sys.modules.get("__main__"), "__spec__", None), "name", "") or ""
    return Spec(
        script="" if module else _main_file(),
        module=module.removesuffix(".__main__"),
        argv=tuple(sys.argv[1:]),
        cwd=str(Path.cwd()),
        python=sys.executable,
        launcher="hand",
        parent=parent,
        created=time.time(),
    )


def tag(recording: Recording, tags: str | tuple[str, ...]) -> None:
    """Add tags to those that a person gave the run. Raises RunError for a word that cannot be one."""
    added = tags_of(tags)
    if not set(added) <= set(recording.run.notes()[0].tags):
        recording.run.edit_notes(lambda notes: Notes(notes.name, tags_of((*notes.tags, *added)), notes.note))


def _written_by_people() -> dict[str, object]:
    # TensorFlow compiles functions by way of modules in the temporary folder.
    return {name: module for name, module in list(sys.modules.items()) if not name.startswith("__autograph_generated")}
