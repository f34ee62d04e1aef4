"""Files that a list names, found below one folder and nowhere else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ...engine.text import printable
from ..errors import SourceError
from .walking import is_file, is_folder

MISSING = "a file that is listed and not there"
OUTSIDE = "a path that leads out of the folder"


@dataclass(frozen=True, slots=True)
class Place:
    """A file: its path, and that from the root on, with slashes."""

    path: Path
    name: str


def root_of(asked: str | os.PathLike[str] | None, usual: Path) -> str:
    """The folder, absolute and without a slash at its end, below which all files lie: the one that a person names, else
    the usual one. Raises SourceError.
    """
    if asked is not None and not is_folder(Path(asked)):
        raise SourceError(f"there is no folder {printable(asked, 300)}")
    found = os.path.abspath(usual if asked is None else asked)  # noqa: PTH100 (links stay as they are)
    return found.rstrip("/")


def below(root: str, name: str) -> Place | str:
    """The file that a list calls `name`, or the reason why it cannot be had; `root` is one of `root_of`.

    Absolute paths, and `..`, are good where they end below `root`, as they are written; links there lead where their
    owner made them lead. Whoever wants files from anywhere names `/` as the root.
    """
    if os.sep == "/" and "\\" in name and "/" not in name:
        name = name.replace("\\", "/")  # written on Windows
    path = os.path.normpath(name if name.startswith("/") else f"{root}/{name}")
    if not path.startswith(root + "/") or len(path) == len(root) + 1:
        return OUTSIDE
    return Place(Path(path), path[len(root) + 1 :]) if is_file(path) else MISSING


def yes(answer: bool | str | None) -> bool | None:
    """What a person answers to an option. Raises SourceError."""
    if answer is None or isinstance(answer, bool):
        return answer
    if answer.lower() in ("yes", "true", "1", "no", "false", "0"):
        return answer.lower() in ("yes", "true", "1")
    raise SourceError(f"{printable(answer, 60)!r} is neither yes nor no")
