"""Starting a script as a run, and ending, repeating and resuming one. Everything here raises LaunchError."""

from __future__ import annotations

import contextlib
import math
import os
import re
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import archive, launchers, process
from .errors import LaunchError, RunError
from .launchers.local import OURS
from .rundir import GRACE, Notes, RunDir, Spec, State, stem_tag, tags_of
from .status import Finished, Lost, Running, alive, word
from .text import printable


@dataclass(frozen=True, slots=True)
class Request:
    """What a person wants started.

    `python` is an interpreter: a path, a name on $PATH, or the folder of a virtual or conda environment.
    `cwd` "" is the script's own folder. `env` are additions to this process's environment. `grace` seconds
    pass between a stop and SIGTERM. `module` starts `python -m module` and needs no `script`.
    """

    script: str | os.PathLike[str] = ""
    argv: tuple[str, ...] = ()
    python: str = sys.executable
    cwd: str | os.PathLike[str] = ""
    env: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    name: str = ""
    note: str = ""
    images: tuple[str | os.PathLike[str], ...] = ()
    grace: float = GRACE
    launcher: str = "local"
    parent: str = ""
    resumes: str = ""
    module: str = ""


def launch(root: Path, request: Request) -> RunDir:
    """Prepare and start. The run is returned as soon as its process has started."""
    run = prepare(root, request)
    try:
        start(run, request.env)
    except LaunchError:
        # Nothing ran. If not even the reason could be written, an empty shell is all that would stay.
        if run.state()[0].status != "finished":
            shutil.rmtree(run.path, ignore_errors=True)
        raise
    return run


def prepare(root: Path, request: Request) -> RunDir:
    """Check the request, make the run directory, archive sources and images. Nothing is started yet."""
    spec = _checked(request)
    stem = Path(spec.script).stem if spec.script else spec.module.rpartition(".")[2]
    with _in_words():
        notes = Notes(request.name, tags_of([*stem_tag(stem), *request.tags]), request.note)
        launchers.load(spec.launcher)
        run = RunDir.create(root, stem, spec.created)
    try:
        with _in_words():
            _fill(run, spec, notes, request.images)
    except BaseException:
        shutil.rmtree(run.path, ignore_errors=True)
        raise
    return run


def start(run: RunDir, environment: Mapping[str, str] | None = None) -> None:
    """Start a prepared run. `environment` are the additions in clear; without it those of spec.json are used."""
    spec, problem = run.spec()
    if problem:
        raise LaunchError(f"{run.id} cannot be started: {problem}")
    additions = _in_clear(spec) if environment is None else environment
    launchers.load(spec.launcher).start(run, _whole_environment(run, spec, additions))


def rerun(run: RunDir, root: Path) -> RunDir:
    """The same again as a new run linked to this one: the script as it stands now, name and tags copied."""
    return launch(root, again(run))


def resume(run: RunDir, root: Path) -> RunDir:
    """Run again from the network saved last; the script finds its path in $TRAINVIS_RESUME."""
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
    with contextlib.suppress(OSError):
        saved = [path for path in run.networks.glob("*.keras") if not path.name.startswith(".")]
        return max(saved, key=lambda path: (path.stat().st_mtime_ns, path.name), default=None)
    return None


def stop(run: RunDir, by: str = "") -> None:
    """Ask a run to end: it may end by itself within its grace; then SIGTERM, then SIGKILL to the whole tree."""
    _to_be_ended(run, "stop").stop(run, by or process.user())


def kill(run: RunDir, by: str = "") -> None:
    """End a run and everything it started, at once."""
    _to_be_ended(run, "kill").kill(run, by or process.user())


def wait(run: RunDir, poll: float = 0.1) -> Finished | Lost:
    """Wait for the end of a run, looking every `poll` seconds."""
    while True:
        status = run.status()
        if isinstance(status, Finished | Lost):
            return status
        time.sleep(poll)


def _to_be_ended(run: RunDir, deed: str) -> launchers.Launcher:
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
        archive.copy(archive.collect(spec.script, spec.cwd, spec.python), run)
    run.write_spec(replace(spec, images=copied))


def _checked(request: Request) -> Spec:
    python = _interpreter(request.python)
    script = _script(request.script, python) if not request.module else ""
    cwd = Path(request.cwd).expanduser().absolute() if request.cwd else Path(script).parent if script else Path.cwd()
    if not cwd.is_dir():
        raise LaunchError(f"the working directory {printable(cwd)} is no folder; choose one that exists")
    _check_texts(request)
    _check_images(request.images)
    if not (math.isfinite(request.grace) and request.grace >= 0):
        raise LaunchError(f"a grace of {request.grace} s is none: give the seconds between a stop and SIGTERM")
    return Spec(
        script=script,
        module=request.module,
        argv=tuple(request.argv),
        cwd=str(cwd),
        python=python,
        env=archive.mask(request.env),
        launcher=request.launcher,
        grace=float(request.grace),
        parent=request.parent,
        resumes=request.resumes,
        created=time.time(),
    )


def _script(given: str | os.PathLike[str], python: str) -> str:
    """The script's absolute path, refused where it is missing, a folder, or no Python."""
    path = Path(given).expanduser().absolute()
    shown = printable(path)
    try:
        source = path.read_bytes()
    except FileNotFoundError:
        raise LaunchError(f"there is no script {shown}; check the path") from None
    except IsADirectoryError:
        raise LaunchError(f"{shown} is a folder; give the script in it") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise LaunchError(f"the script {shown} cannot be read: {reason}") from None
    _check_syntax(path, source, python)
    return str(path)


def _check_syntax(path: Path, source: bytes, python: str) -> None:
    """Refuse a script with a syntax error, and say the line; only the chosen interpreter may refuse.

    Ours looks first, as it is here already: what it takes is started, and asking another costs a process.
    """
    if _syntax_error(source) is None:
        return
    program = "import sys; compile(sys.stdin.buffer.read(), sys.argv[1], 'exec', dont_inherit=True)"
    judged = subprocess.run(
        [python, "-I", "-S", "-W", "ignore", "-c", program, str(path)], input=source, capture_output=True, check=False
    )
    lines = judged.stderr.decode(errors="replace").splitlines()
    if judged.returncode and lines and re.match(r"\w*Error:", lines[-1]):
        where = next((line.strip() for line in reversed(lines) if line.startswith("  File ")), printable(path))
        raise LaunchError(f"the script would not start: {printable(lines[-1])} ({printable(where)})")


def _syntax_error(source: bytes) -> Exception | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(source, "script", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return error
    return None


def _interpreter(given: str) -> str:
    path = Path(given).expanduser()
    if path.is_dir():
        path = path / "bin" / "python"
    found = shutil.which(path) if given else None
    if found is None:
        raise LaunchError(
            f"there is no interpreter {printable(path)}; give a path, a name on $PATH, or an environment's folder"
        )
    return os.path.abspath(found)  # noqa: PTH100 - not resolved: a virtual environment's python is a link


def _check_texts(request: Request) -> None:
    texts = [*request.argv, *request.env, *request.env.values(), request.module]
    if any("\0" in text for text in texts):
        raise LaunchError("an argument or a value of the environment holds a NUL character, which no process can take")
    for name in request.env:
        if not name or "=" in name:
            raise LaunchError(f"{printable(name, 40)!r} cannot be the name of an environment variable")


def _check_images(images: tuple[str | os.PathLike[str], ...]) -> None:
    for image in images:
        if not Path(image).expanduser().is_file():
            raise LaunchError(f"there is no image {printable(image)}; check the path")


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


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """Errors of the disk and of the run directory, as the sentence they are for who wants to start something."""
    try:
        yield
    except RunError as error:
        raise LaunchError(str(error)) from None
    except OSError as error:
        where = f" ({printable(error.filename)})" if error.filename else ""
        raise LaunchError(
            f"the run directory cannot be written: {error.strerror}{where}; nothing was started"
        ) from None
