"""Which folders are runs, and what tells that one has changed without reading it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from .rundir import RunDir

Stamp = tuple[int, int, int]  # inode, size, mtime in nanoseconds

_ANY = RunDir("/run")


def _inside(*paths: Path) -> tuple[str, ...]:
    return tuple(str(path.relative_to(_ANY.path)) for path in paths)


LIVE = _inside(_ANY.spec_file, _ANY.state_file, _ANY.notes_file, _ANY.summary_file, _ANY.metrics_file)
# Of a finished run the folders tell of every file that is renamed into them; a person's editor may write
# notes in place. Three looks instead of five: there are a thousand of these, every few seconds.
STILL = _inside(_ANY.path, _ANY.results, _ANY.notes_file)


def stamp(path: str) -> Stamp | None:
    """Inode, size and mtime; None where there is nothing to be seen."""
    try:
        facts = os.stat(path)  # noqa: PTH116 -- a Path a file would double the cost of a look at 1,000 runs
    except (OSError, ValueError):
        return None
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def stamps(run: str, names: tuple[str, ...]) -> tuple[Stamp | None, ...]:
    """The stamps of these files (LIVE or STILL) of a run directory."""
    return tuple([stamp(f"{run}/{name}") for name in names])


def is_run(path: str, name: str) -> bool:
    """Whether a folder is a run: by its name, or by what is in it. Foreign folders are none of ours."""
    return RunDir.looks_like_id(name) or any(stamp(f"{path}/{file}") for file in LIVE)


def run_entries(root: str | os.PathLike[str]) -> Iterator[os.DirEntry[str]]:
    """The runs of a folder, in no order. Raises OSError where it cannot be read."""
    with os.scandir(root) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and _is_folder(entry) and is_run(entry.path, entry.name):
                yield entry


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False
