"""Files that a list names, found below one folder and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

from ...engine.text import printable
from ..errors import SourceError
from .walking import is_file, is_folder

MISSING = "a file that is listed and not there"
OUTSIDE = "a path that leads out of the folder"


def root_of(asked: str | os.PathLike[str] | None, usual: Path) -> Path:
    """The folder, absolute, below which all files lie: the one that a person names, else the usual one.

    Raises SourceError.
    """
    if asked is not None and not is_folder(Path(asked)):
        raise SourceError(f"there is no folder {printable(asked, 300)}")
    return Path(os.path.abspath(usual if asked is None else asked))  # noqa: PTH100 (links stay as they are)


def below(root: Path, name: str) -> Path | str:
    """The file that a list calls `name`, or the reason why it cannot be had; `root` is one of `root_of`.

    Absolute paths, and `..`, are good where they end below `root`, as they are written; links there lead where their
    owner made them lead. Whoever wants files from anywhere names `/` as the root.
    """
    if os.sep == "/" and "\\" in name and "/" not in name:
        name = name.replace("\\", "/")  # written on Windows
    path = os.path.normpath(root / name)
    if not path.startswith(str(root).rstrip("/") + "/"):
        return OUTSIDE
    return Path(path) if is_file(Path(path)) else MISSING
