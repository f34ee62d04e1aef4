"""What a person wants started, checked before anything is written."""

from __future__ import annotations

import math
import os
import re
import shutil
import stat
import subprocess
import sys
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .errors import LaunchError, RunError
from .places import expanded
from .rundir import GRACE, Notes, Spec, stem_tag, tags_of
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


def spec_of(request: Request) -> Spec:
    """The spec of what is asked for, every path absolute, secrets masked. Raises LaunchError for what cannot be, and
    PlaceError for a path below `~nobody`.
    """
    python = _interpreter(request.python)
    script = _script(request.script, python) if not request.module else ""
    cwd = expanded(request.cwd).absolute() if request.cwd else Path(script).parent if script else Path.cwd()
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
        env=_masked(request.env),
        launcher=request.launcher,
        grace=float(request.grace),
        parent=request.parent,
        resumes=request.resumes,
        created=time.time(),
    )


def notes_of(request: Request) -> Notes:
    """Name, tags and note; the script's stem is the first tag. Raises LaunchError for a word that is no tag."""
    stem = stem_of(os.fspath(request.script), request.module)
    try:
        return Notes(request.name, tags_of([*stem_tag(stem), *request.tags]), request.note)
    except RunError as error:
        raise LaunchError(str(error)) from None


def stem_of(script: str, module: str) -> str:
    """What a run is named after: `train` for train.py, `faces` for the module trainvis.faces."""
    return module.rpartition(".")[2] if module else Path(script).stem


def _masked(additions: Mapping[str, str]) -> dict[str, str]:
    if not additions:
        return {}
    from . import archive

    return archive.mask(additions)


def _script(given: str | os.PathLike[str], python: str) -> str:
    """The script's absolute path, refused where it is missing, a folder, or no Python."""
    path = expanded(given).absolute()
    shown = printable(path)
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise LaunchError(f"{shown} is a folder; give the script in it")
        if not stat.S_ISREG(kind):  # reading a pipe or a device may never end
            raise LaunchError(f"{shown} is no ordinary file; save the script as one")
        source = path.read_bytes()
    except FileNotFoundError:
        raise LaunchError(f"there is no script {shown}; check the path") from None
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
    path = expanded(given)
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
        if not expanded(image).is_file():
            raise LaunchError(f"there is no image {printable(image)}; check the path")
