"""What the Launch screen holds: eight texts, what is wrong with them, the request they make. No widgets here."""

from __future__ import annotations

import glob
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.errors import RunError
from ..engine.rundir import RunDir, tags_of
from ..engine.text import printable

if TYPE_CHECKING:
    from ..engine.request import Request
    from .settings import Remembered

MOST_IMAGES = 200
KEPT = 100  # scripts whose last values are remembered
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Form:
    """The fields as typed. `arguments`, `images` and `environment` are split as a shell would."""

    script: str = ""
    arguments: str = ""
    tags: str = ""
    images: str = ""
    name: str = ""
    python: str = ""
    cwd: str = ""
    environment: str = ""


class FieldError(Exception):
    """What is wrong with one field, in words for the person who typed it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def problems(form: Form) -> dict[str, str]:
    """A sentence for each field that cannot be used as it is. Looks at the disk."""
    found: dict[str, str] = {}
    for name, check in _CHECKS.items():
        try:
            check(getattr(form, name))
        except FieldError as error:
            found[name] = str(error)
    return found


def request_of(form: Form, parent: str = "") -> Request:
    """The request of a form without problems. Raises FieldError where it has one."""
    from ..engine.request import Request

    return Request(
        script=_script(form.script),
        argv=_words("arguments", form.arguments),
        python=request_python(form.python),
        cwd=_folder(form.cwd),
        env=_environment(form.environment),
        tags=_tags(form.tags),
        name=form.name.strip(),
        images=_images(form.images),
        parent=parent,
    )


def _path(text: str) -> Path:
    return _expanded(text.strip()).absolute()


def _expanded(text: str) -> Path:
    return Path(os.path.expanduser(text))  # noqa: PTH111 (`~nobody` stays as typed, Path raises)


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    """`kind(path)`, and no where the path is none: too long, with a NUL character."""
    try:
        return kind(path)
    except (OSError, ValueError):
        return False


def _script(text: str) -> str:
    if not text.strip():
        raise FieldError("script", "which script is to be run? ctrl+o chooses one")
    if "\0" in text:
        raise FieldError("script", "a path cannot hold a NUL character")
    path = _path(text)
    try:
        if path.is_dir():
            raise FieldError("script", f"{path.name or path} is a folder; ctrl+o chooses a script in it")
        if not path.exists():
            raise FieldError("script", f"there is no file {printable(path)}; check the path or choose with ctrl+o")
        if not os.access(path, os.R_OK):
            raise FieldError("script", f"{printable(path.name)} cannot be read: its permissions do not allow it")
    except OSError as error:
        raise FieldError("script", f"this path cannot be used: {error.strerror}") from None
    return str(path)


def _words(field: str, text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        reason = "a quotation mark is not closed" if "quotation" in str(error) else str(error).lower()
        raise FieldError(field, f"{reason}; write what holds blanks in quotes, as in a shell") from None


def _tags(text: str) -> tuple[str, ...]:
    try:
        return tags_of(text)
    except RunError as error:
        raise FieldError("tags", str(error)) from None


def _images(text: str) -> tuple[str, ...]:
    """Paths and patterns; each pattern its matches in order."""
    found: dict[str, None] = {}
    for word in _words("images", text):
        path = _expanded(word)
        pattern = str(path)
        matches = sorted(glob.glob(pattern)) if glob.has_magic(pattern) and "\0" not in pattern else [pattern]  # noqa: PTH207 (absolute ones too)
        files = [match for match in matches if _is(Path.is_file, Path(match))]
        if not files:
            what = "is a folder; write FOLDER/*.png" if _is(Path.is_dir, path) else "is no file, and matches none"
            raise FieldError("images", f"{printable(word, 100)} {what}")
        found.update(dict.fromkeys(str(Path(file).absolute()) for file in files))
    if len(found) > MOST_IMAGES:
        raise FieldError("images", f"{len(found)} images are too many; a run takes {MOST_IMAGES}")
    return tuple(found)


def request_python(text: str) -> str:
    """The interpreter a field means: a path, a name on $PATH, an environment's folder. Raises FieldError."""
    text = text.strip()
    if not text:
        return sys.executable
    path = _expanded(text)
    if _is(Path.is_dir, path):
        path = path / "bin" / "python"
    if not _is(_runs, path):
        raise FieldError("python", f"there is no interpreter {printable(path)}; ctrl+o shows those that were found")
    return str(path)


def _runs(path: Path) -> bool:
    return shutil.which(path) is not None


def _folder(text: str) -> str:
    if not text.strip():
        return ""
    path = _path(text)
    if not _is(Path.is_dir, path):
        raise FieldError("cwd", f"{printable(path)} is no folder; empty means the folder of the script")
    return str(path)


def _environment(text: str) -> dict[str, str]:
    additions: dict[str, str] = {}
    for word in _words("environment", text):
        name, equals, value = word.partition("=")
        if not equals or not _VARIABLE.fullmatch(name):
            raise FieldError("environment", f"{printable(word, 60)} is no addition; write NAME=value NAME='two words'")
        additions[name] = value
    return additions


_CHECKS = {
    "script": _script,
    "arguments": lambda text: _words("arguments", text),
    "tags": _tags,
    "images": _images,
    "python": request_python,
    "cwd": _folder,
    "environment": _environment,
}


def form_of(run: RunDir) -> Form:
    """The form that would start a run's script again; masked values of its environment are left out."""
    from ..engine.archive import MASK

    spec, _ = run.spec()
    notes, _ = run.notes()
    environment = [f"{name}={value}" for name, value in spec.env.items() if MASK not in value]
    images = [str(path) for name in spec.images if (path := run.images / name).is_file()]
    return Form(
        script=spec.script,
        arguments=shlex.join(spec.argv),
        tags=" ".join(notes.tags),
        images=shlex.join(images),
        name=notes.name,
        python=spec.python,
        cwd=spec.cwd,
        environment=shlex.join(environment),
    )


def remembered(memory: Remembered, script: str) -> Form | None:
    """The last values of a script; None where it was never started from here."""
    return _form(_forms(memory).get(script)) if script else None


def last_script(memory: Remembered) -> str:
    """The script that was started last."""
    return next(reversed(_forms(memory)), "")


def remember(memory: Remembered, form: Form) -> None:
    """Keep the values of the form under its script, the oldest of too many go. No secret is written down."""
    from ..engine.archive import MASK, mask

    safe = mask(_environment(form.environment))
    kept = shlex.join(f"{name}={value}" for name, value in safe.items() if MASK not in value)
    script = _script(form.script)
    forms = {key: value for key, value in _forms(memory).items() if key != script}
    forms[script] = {**asdict(form), "script": script, "name": "", "environment": kept}
    memory.put("launch", dict(list(forms.items())[-KEPT:]))


def _forms(memory: Remembered) -> dict[str, Any]:
    value = memory.get("launch")
    return dict(value) if isinstance(value, dict) else {}


def _form(value: object) -> Form | None:
    if not isinstance(value, Mapping):
        return None
    names = [item.name for item in fields(Form)]
    return Form(**{name: str(value[name]) for name in names if isinstance(value.get(name), str)})


def found_interpreters(script: str = "") -> list[str]:
    """Interpreters worth offering: environments beside the script, active ones, conda's, the one we run in."""
    folders = [Path(script).parent, *list(Path(script).parent.parents)[:4]] if script else []
    places = [folder / name for folder in folders for name in (".venv", "venv", "env")]
    places += [Path(os.environ[name]) for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if os.environ.get(name)]
    places += _conda() + sorted(Path.home().glob(".virtualenvs/*"))
    found = [str(place / "bin" / "python") for place in places if os.access(place / "bin" / "python", os.X_OK)]
    found += [sys.executable, *filter(None, [shutil.which("python3")])]
    return list(dict.fromkeys(found))


def _conda() -> list[Path]:
    """The environments conda keeps a list of."""
    try:
        lines = (Path.home() / ".conda" / "environments.txt").read_text(errors="replace").splitlines()
    except OSError:
        return []
    return [Path(line.strip()) for line in lines if line.strip().startswith("/")]


def completion(text: str, endings: tuple[str, ...] = ()) -> str | None:
    """`text` completed to the first file or folder that begins so; files only with one of `endings`, if given."""
    folder, typed = os.path.split(text)
    if not text or text.endswith("~"):
        return None
    try:
        with os.scandir(_expanded(folder)) as entries:
            matching = sorted(
                entry.name + (os.sep if entry.is_dir() else "")
                for entry in entries
                if entry.name.startswith(typed)
                and (typed.startswith(".") or not entry.name.startswith("."))
                and (not endings or entry.is_dir() or entry.name.lower().endswith(endings))
            )
    except (OSError, ValueError):
        return None
    name = next((name for name in matching if name != typed and printable(name) == name), None)
    return None if name is None else text[: len(text) - len(typed)] + name
