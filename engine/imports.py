"""Which of a person's own files a script imports, found without running it."""

from __future__ import annotations

import ast
import os
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LARGEST_FILE = 5_000_000

_NOT_OURS = {"site-packages", "dist-packages", "node_modules", "__pycache__"}
_ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not, or not fully, in the archive, and the reason in words."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Territory:
    """The folders whose modules count as a person's own: the script's, the working one, the repository.

    Installed packages below them (a virtual environment in the project folder) stay out.
    """

    roots: tuple[Path, ...]

    @classmethod
    def around(cls, script: Path, cwd: Path | None) -> Territory:
        """The script's folder, its repository and the working folder with its repository; widest last."""
        found: dict[Path, None] = {script.parent: None}
        if cwd is not None:
            found[cwd] = None
        for folder in tuple(found):
            repository = repository_of(folder)
            if repository is not None:
                found[repository] = None
        return cls(tuple(found))

    @property
    def search(self) -> tuple[Path, ...]:
        """Where absolute imports are looked up: each root, and `src` below it (an editable install's layout)."""
        return (*self.roots, *(root / "src" for root in self.roots))

    def owns(self, path: Path) -> bool:
        """Whether `path` (absolute, normalised) lies below a root and in no environment below that root."""
        return any(path.is_relative_to(root) and not _installed(path, root) for root in self.roots)


def repository_of(folder: Path) -> Path | None:
    """The nearest folder at or above `folder` that holds `.git` (a folder, or a file in a worktree)."""
    return next((place for place in (folder, *folder.parents) if _is(Path.exists, place / ".git")), None)


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    """Whether `path` is of that kind; what may not be looked at, or cannot be a path, is not."""
    try:
        return kind(path)
    except (OSError, ValueError):
        return False


def _installed(path: Path, root: Path) -> bool:
    inside = path.relative_to(root).parts[:-1]
    if not _NOT_OURS.isdisjoint(inside):
        return True
    place = root
    for part in inside:
        place /= part
        if is_environment(place):
            return True
    return False


def is_environment(folder: Path) -> bool:
    """Whether a virtual or conda environment lies in `folder`."""
    return any(_is(Path.exists, folder / mark) for mark in _ENVIRONMENT_MARKS)


def walk(script: Path, territory: Territory) -> tuple[tuple[Path, ...], tuple[LeftOut, ...]]:
    """The script and every module of the territory that it imports, directly or not, nearest first.

    Imports are read with `ast`, also those inside functions and `import_module("literal")`. A file that
    cannot be parsed is listed all the same, with a sentence in the second value.
    """
    found: dict[Path, None] = {script: None}
    problems: list[LeftOut] = []
    waiting = deque((script,))
    while waiting:
        path = waiting.popleft()
        try:
            names = tuple(_imports(path))
        except (OSError, ValueError, SyntaxError, RecursionError, MemoryError) as error:
            problems.append(LeftOut(str(path), f"what it imports could not be read: {_reason(error)}"))
            continue
        for level, name in names:
            for module in _locate(path, level, name, territory):
                if module not in found:
                    found[module] = None
                    waiting.append(module)
    return tuple(found), tuple(problems)


def _reason(error: BaseException) -> str:
    match error:
        case SyntaxError(lineno=int(line)):
            return f"syntax error in line {line}"
        case OSError(strerror=str(text)):
            return text.lower()
        case RecursionError() | MemoryError():
            return "its expressions are nested too deeply"
        case _:
            return str(error)


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """(level, dotted name) of each import; `from a import b` gives `a.b`, as b may be a module."""
    if path.stat().st_size > LARGEST_FILE:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in somebody's string is not ours to mention
        tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((0, alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                prefix = f"{module}." if module else ""
                yield from ((level, prefix + alias.name) for alias in names)
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
                args=[ast.Constant(value=str(name)), *_],
            ) if not name.startswith("."):
                yield 0, name


def _locate(importer: Path, level: int, name: str, territory: Territory) -> list[Path]:
    folders: Sequence[Path] = territory.search
    if level:
        folders = (Path(os.path.normpath(importer.parent / ("../" * (level - 1)))),)
    parts = [part for part in name.split(".") if part.isidentifier()]
    for folder in folders:
        files = _modules_below(folder, parts)
        if files:
            return [path for path in files if territory.owns(path)]
    return []


def _modules_below(folder: Path, parts: Sequence[str]) -> list[Path]:
    """The files that importing `parts` from `folder` runs: each package's `__init__.py`, then the module."""
    files: list[Path] = []
    here = folder
    for part in parts:
        package, module = here / part, here / f"{part}.py"
        if _is(Path.is_file, package / "__init__.py"):
            files.append(package / "__init__.py")
        elif _is(Path.is_file, module):
            files.append(module)
            break
        elif not _is(Path.is_dir, package):
            break
        here = package
    return files
