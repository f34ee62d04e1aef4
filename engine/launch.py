"""Starting a script as a run, and ending, repeating and resuming one. Everything here raises LaunchError."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from . import launchers, process
from .errors import LaunchError, RunError
from .launchers.local import OURS
from .request import Request, notes_of, spec_of, stem_of
from .rundir import Notes, RunDir, Spec, State
from .text import printable

if TYPE_CHECKING:
    from .status import Finished, Lost

__all__ = [
    "Request",
    "again",
    "kill",
    "last_network",
    "launch",
    "prepare",
    "rerun",
    "resume",
    "start",
    "stop",
    "wait",
]


def launch(root: Path, request: Request) -> RunDir:
    """Prepare and start. The run is returned as soon as its process has started."""
    spec, notes = spec_of(request), notes_of(request)
    launcher = launchers.load(spec.launcher)
    with _filled_or_removed(_create(root, spec)) as run:
        starting = launcher.begin(run)  # its Python starts while we archive
        try:
            _fill(run, spec, notes, request.images)
        except BaseException:
            starting.cancel()
            raise
    starting.go(_whole_environment(run, spec, request.env))
    return run


def prepare(root: Path, request: Request) -> RunDir:
    """Check the request, make the run directory, archive sources and images. Nothing is started yet."""
    spec, notes = spec_of(request), notes_of(request)
    launchers.load(spec.launcher)
    with _filled_or_removed(_create(root, spec)) as run:
        _fill(run, spec, notes, request.images)
    return run


def start(run: RunDir, environment: Mapping[str, str] | None = None) -> None:
    """Start a prepared run. `environment` are the additions in clear; without it those of spec.json are used."""
    spec, problem = run.spec()
    if problem:
        raise LaunchError(f"{run.id} cannot be started: {problem}")
    additions = _in_clear(spec) if environment is None else environment
    launchers.load(spec.launcher).begin(run).go(_whole_environment(run, spec, additions))


def rerun(run: RunDir, root: Path) -> RunDir:
    """The same again as a new run linked to this one: the script as it stands now, name and tags copied."""
    return launch(root, again(run))


def resume(run: RunDir, root: Path) -> RunDir:
    """Run again from the network saved last; the script finds its path in $TRAINVIS_RESUME."""
    from .status import alive

    if alive(run.status()):
        raise LaunchError(f"{run.id} is still running; stop it before resuming it")
    network = last_network(run)
    if network is None:
        raise LaunchError(
            f"{run.id} has no saved network to resume from; save one with Callbacks().network_saver(), or run it again"
        )
    return launch(root, again(run, resumes=str(network)))


def again(run: RunDir, resumes: str = "") -> Request:
    """The request that repeats a run."""
    spec, problem = run.spec()
    notes, _ = run.notes()
    if problem or not (spec.script or spec.module):
        raise LaunchError(f"{run.id} cannot be run again: {problem or 'it does not say which script it ran'}")
    return Request(
        script=spec.script,
        module=spec.module,
        argv=spec.argv,
        python=spec.python or sys.executable,
        cwd=spec.cwd,
        env=_in_clear(spec),
        tags=notes.tags,
        name=notes.name,
        images=tuple(run.images / name for name in spec.images),
        grace=spec.grace,
        launcher="local" if spec.launcher == "hand" else spec.launcher,
        parent=run.id,
        resumes=resumes,
    )


def last_network(run: RunDir) -> Path | None:
    """The network saved last that is whole; None where none was saved."""
    from . import networks

    with contextlib.suppress(OSError):
        return next(reversed(networks.saved(run)), None)
    return None


def stop(run: RunDir, by: str = "") -> None:
    """Ask a run to end: it may end by itself within its grace; then SIGTERM, then SIGKILL to the whole tree."""
    _to_be_ended(run, "stop").stop(run, by or process.user())


def kill(run: RunDir, by: str = "") -> None:
    """End a run and everything it started, at once."""
    _to_be_ended(run, "kill").kill(run, by or process.user())


def wait(run: RunDir, poll: float = 0.1) -> Finished | Lost:
    """Wait for the end of a run, looking every `poll` seconds."""
    from .status import Finished, Lost

    while True:
        status = run.status()
        if isinstance(status, Finished | Lost):
            return status
        time.sleep(poll)


def _to_be_ended(run: RunDir, deed: str) -> launchers.Launcher:
    from .status import Finished, Lost, Running, word

    status = run.status()
    if isinstance(status, Finished):
        raise LaunchError(f"there is nothing to {deed}: {run.id} has ended already ({word(status)})")
    if isinstance(status, Lost):
        raise LaunchError(f"there is nothing to {deed}: {run.id} is lost ({status.text})")
    owner = run.state()[0].user
    if owner and owner != process.user():
        raise LaunchError(f"{run.id} belongs to {printable(owner, 40)}: only they can {deed} it")
    if isinstance(status, Running) and deed == "kill" and status.host:
        raise LaunchError(f"{run.id} runs on {printable(status.host, 60)}: from here it can only be asked to stop")
    return launchers.load(run.spec()[0].launcher)


def _fill(run: RunDir, spec: Spec, notes: Notes, images: tuple[str | os.PathLike[str], ...]) -> None:
    # The state comes first: from here on the run can say what became of it.
    me = process.identity(os.getpid())
    run.write_state(
        State(
            status="waiting",
            text="starting",
            host=process.host(),
            boot=process.boot_id(),
            user=process.user(),
            supervisor=me,
            created=spec.created,
        )
    )
    run.write_notes(notes)
    copied = _copy_images(run, images)
    if spec.script:
        from . import archive

        archive.copy(archive.collect(spec.script, spec.cwd, spec.python), run)
    run.write_spec(replace(spec, images=copied))


def _copy_images(run: RunDir, images: tuple[str | os.PathLike[str], ...]) -> tuple[str, ...]:
    """Copies under their own names; a second one of the same name gets -2."""
    names: list[str] = []
    for image in images:
        path = Path(image).expanduser()
        name, number = path.name, 1
        while name in names:
            number += 1
            name = f"{path.stem}-{number}{path.suffix}"
        shutil.copyfile(path, run.images / name)
        names.append(name)
    return tuple(names)


def _in_clear(spec: Spec) -> dict[str, str]:
    """The environment additions of a run; what was masked is taken from the present environment."""
    from . import archive

    values = dict(spec.env)
    for name in [name for name, value in spec.env.items() if archive.MASK in value]:
        if name not in os.environ:
            raise LaunchError(
                f"the value of {printable(name, 60)} is a secret and was not kept; set it in the environment first"
            )
        values[name] = os.environ[name]
    return values


def _whole_environment(run: RunDir, spec: Spec, additions: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    ours = {
        "PYTHONUNBUFFERED": "1",
        "TRAINVIS_RUN": str(run.path),
        "TRAINVIS_RUNS": str(run.path.parent),
        **({"TRAINVIS_RESUME": spec.resumes} if spec.resumes else {}),
    }
    return {**inherited, **additions, **ours}


def _create(root: Path, spec: Spec) -> RunDir:
    try:
        return RunDir.create(root, stem_of(spec.script, spec.module), spec.created)
    except RunError as error:
        raise LaunchError(str(error)) from None


@contextlib.contextmanager
def _filled_or_removed(run: RunDir) -> Iterator[RunDir]:
    """A directory that could not be filled is no run, and goes again; errors of the disk become sentences."""
    try:
        yield run
    except BaseException as error:
        shutil.rmtree(run.path, ignore_errors=True)
        if isinstance(error, RunError):
            raise LaunchError(f"{error}; nothing was started") from None
        if isinstance(error, OSError):
            where = f" ({printable(error.filename)})" if error.filename else ""
            reason = f"{error.strerror}{where}; nothing was started"
            raise LaunchError(f"the run directory cannot be written: {reason}") from None
        raise
