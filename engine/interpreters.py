"""The interpreters that scripts run in: what they are, which frameworks they have, whether `Callbacks` imports.

Each is asked by running a few lines in it, so any interpreter answers, also one too old for trainvis.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .text import printable

OLDEST = (3, 11)
FRAMEWORKS = ("keras", "tensorflow", "jax", "torch", "scikit-learn", "numpy")

# Understood by every Python since 2.7. The answer follows a mark, as imports print what they like.
_MARK = "trainvis-answer:"
_OPENING = """
import json, sys
answer = {"version": "%d.%d.%d" % sys.version_info[:3], "executable": sys.executable, "packages": {}}
try:
    from importlib import metadata
    for one in metadata.distributions():
        name = one.metadata["Name"]
        if name and name not in answer["packages"]:
            answer["packages"][name] = one.version
except ImportError:
    pass
"""
_FIND_CALLBACKS = """
try:
    from importlib.util import find_spec
    missing = [name for name in ("trainvis", "keras") if find_spec(name) is None]
    answer["callbacks"] = not missing
    answer["reason"] = "it lacks " + " and ".join(missing) if missing else ""
except Exception as error:
    answer["reason"] = str(error)
"""
_IMPORT_CALLBACKS = """
try:
    from trainvis.vis import Callbacks
    answer["callbacks"] = True
except BaseException as error:
    answer["reason"] = "%s: %s" % (type(error).__name__, error)
"""
_CLOSING = f"""
sys.stdout.write("\\n{_MARK}" + json.dumps(answer) + "\\n")
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One interpreter. `ok`: scripts can run in it; `callbacks`: `from trainvis.vis import Callbacks` works there.

    `frameworks` maps the installed ones of `FRAMEWORKS` to their versions, `problem` is "" or a sentence
    that says what does not work and how to mend it.
    """

    path: str
    version: str = ""
    ok: bool = False
    callbacks: bool = False
    frameworks: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Packages:
    """Every installed distribution of an interpreter and its version."""

    python_version: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def find(python: str) -> str:
    """The absolute path of `python`, a path or a name on $PATH; unchanged where there is none."""
    if os.sep in python:
        # Not resolved: the link in a virtual environment is what makes it that environment.
        return os.path.abspath(os.path.expanduser(python))  # noqa: PTH100, PTH111 (`~nobody` stays, Path raises)
    return shutil.which(python) or python


def inspect(python: str, *, really: bool = True, timeout: float = 120.0) -> Interpreter:
    """Run `python` and see what it is. Never raises.

    `really` imports the callbacks (seconds, with a framework); without it only their presence is looked up.
    """
    path = find(python)
    program = _OPENING + (_IMPORT_CALLBACKS if really else _FIND_CALLBACKS) + _CLOSING
    answer, problem = _ask(path, program, timeout)
    if problem:
        return Interpreter(path, problem=problem)
    version = str(answer.get("version", ""))
    installed = {_normal(name): text for name, text in _texts(answer.get("packages")).items()}
    frameworks = {name: installed[name] for name in FRAMEWORKS if name in installed}
    callbacks = answer.get("callbacks") is True and _numbers(version) >= OLDEST
    return Interpreter(path, version, True, callbacks, frameworks, "" if callbacks else _why_not(path, version, answer))


def packages(python: str, timeout: float = 60.0) -> Packages:
    """Names and versions of everything installed in `python`. Never raises."""
    answer, problem = _ask(find(python), _OPENING + _CLOSING, timeout)
    return Packages(str(answer.get("version", "")), dict(sorted(_texts(answer.get("packages")).items())), problem)


def _why_not(path: str, version: str, answer: Mapping[str, Any]) -> str:
    if _numbers(version) < OLDEST:
        return (
            f"it is Python {version}, and callbacks need {OLDEST[0]}.{OLDEST[1]}; scripts run in it, without callbacks"
        )
    reason = printable(answer.get("reason") or "trainvis.vis cannot be imported", 300)
    return (
        f"callbacks do not import there ({reason}); scripts run in it, without callbacks. "
        f"To have them: {path} -m pip install '{ourselves()}[tensorflow]' (or [jax], [torch])"
    )


def ourselves() -> str:
    """What pip has to be given to install this trainvis elsewhere: its checkout, else its name."""
    folder = Path(__file__).parents[1]
    return str(folder) if (folder / "pyproject.toml").exists() else "trainvis"


def _ask(path: str, program: str, timeout: float) -> tuple[dict[str, Any], str]:
    """The answer of the interpreter, or the sentence that says why there is none."""
    if not Path(path).exists():
        return {}, f"there is no interpreter {path}: give the path of a python, or a name on $PATH"
    if Path(path).is_dir():
        return {}, f"{path} is a folder; give the interpreter in it, such as {Path(path, 'bin', 'python')}"
    try:
        # PYTHONSAFEPATH: a file json.py in the working folder must not answer for the real one.
        done = subprocess.run(
            [path, "-c", program],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
            cwd="/",
            env={**os.environ, "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
    except subprocess.TimeoutExpired:
        return {}, f"{path} did not answer within {timeout:.0f} s"
    except OSError as error:
        return {}, f"{path} cannot be run: {error.strerror}"
    for line in reversed(done.stdout.decode(errors="replace").splitlines()):
        if line.startswith(_MARK):
            return _mapping(line.removeprefix(_MARK)), ""
    return {}, f"{path} is no working Python: {_gist(done.stderr) or f'it ended with {done.returncode} and no answer'}"


def _gist(stderr: bytes) -> str:
    """The line that says most: a traceback's last, anything else's first."""
    lines = [line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    if not lines:
        return ""
    return printable(lines[-1 if lines[0].startswith("Traceback") else 0], 300)


def _mapping(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> dict[str, str]:
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, dict) else {}


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())[:2]
