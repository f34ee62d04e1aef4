"""All runs below a folder, as one frozen snapshot."""

from __future__ import annotations

import os
import re
import stat
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from .errors import RunError
from .index import load_index, save_index
from .rows import MetricSummary, Row, Seen, Snapshot, eta, read_row, read_status
from .rundir import RunDir
from .stamps import LIVE, STILL, is_run, run_entries, stamp, stamps
from .status import Finished, Running, Waiting, alive
from .text import printable

__all__ = ["MetricSummary", "Row", "Seen", "Snapshot", "find", "load_index", "save_index", "size", "snapshot"]


_CONDITION = re.compile(r"[:<>=]")


def snapshot(
    root: str | os.PathLike[str],
    before: Snapshot | None = None,
    *,
    changed: frozenset[Path] | None = None,
    sizes: bool = False,
    now: float | None = None,
) -> Snapshot:
    """Look at every run below `root`. With `before`, only runs whose files have changed are read again.

    `changed`, what a `Watcher` reports, spares the look at all other runs that are finished. `sizes` also
    measures how much disk each run takes (one stat a file), where that may have changed.
    Never raises: a folder that is missing or no folder is a `problem` of the snapshot, a damaged run one of its row.
    """
    folder = Path(root).absolute()
    moment = time.time() if now is None else now
    known = {row.id: row for row in before.rows} if before and before.root == folder else {}
    touched = None if changed is None else {path.name for path in changed}
    seen: dict[str, Seen] = {}
    rows: list[Row] = []
    try:
        for entry in run_entries(folder):
            last = before.seen.get(entry.name) if before and entry.name in known else None
            spared = touched is not None and entry.name not in touched
            row, now_seen = _look(entry, known.get(entry.name), last, moment, spared=spared)
            if row is not None:
                rows.append(_sized(row, known.get(entry.name)) if sizes else row)
                seen[entry.name] = now_seen
    except OSError as error:
        return Snapshot(folder, moment, problem=_why_unreadable(folder, error))
    rows.sort(key=lambda row: (row.created or 0.0, row.id), reverse=True)
    return Snapshot(folder, moment, tuple(rows), None, seen)


def _look(
    entry: os.DirEntry[str], row: Row | None, last: Seen | None, now: float, *, spared: bool
) -> tuple[Row | None, Seen]:
    """The row as it is now: the one before where nothing changed, None where the run is gone."""
    if row is None or last is None:
        return _read(entry, row, now)
    if isinstance(row.status, Finished):
        return (row, last) if spared or last.stamps == stamps(entry.path, STILL) else _read(entry, row, now)
    status = read_status(RunDir(entry.path), now)
    # Where it began or ended, more than the status may be new.
    if type(status) is not type(row.status) or last.stamps != stamps(entry.path, LIVE):
        return _read(entry, row, now)
    return _timed(row if status == row.status else replace(row, status=status), last.due, now), last


def _read(entry: os.DirEntry[str], before: Row | None, now: float) -> tuple[Row | None, Seen]:
    # Stamps first: what changes while we read is read again at the next look.
    live, still = stamps(entry.path, LIVE), stamps(entry.path, STILL)
    row, due = read_row(RunDir(entry.path), now)
    if stamp(entry.path) is None and not any(live):  # deleted while we were reading
        return None, Seen(live)
    if before is not None and before.size is not None:
        row = replace(row, size=before.size)
    return _timed(row, due, now), Seen(still if isinstance(row.status, Finished) else live, due)


def _timed(row: Row, due: float | None, now: float) -> Row:
    left = eta(due, now) if isinstance(row.status, Running) else None
    return row if left == row.eta else replace(row, eta=left)


def _sized(row: Row, before: Row | None) -> Row:
    if row.size is not None and row is before and not alive(row.status):
        return row
    measured = size(RunDir(row.path))
    return row if measured == row.size else replace(row, size=measured)


def _why_unreadable(folder: Path, error: OSError) -> str:
    shown = printable(folder, 200)
    if isinstance(error, FileNotFoundError):
        return f"the runs folder {shown} does not exist yet: the first run makes it"
    if isinstance(error, NotADirectoryError):
        return f"{shown} is no folder: choose another with --runs or $TRAINVIS_RUNS"
    return f"the runs folder {shown} cannot be read: {error.strerror}"


def size(run: RunDir) -> int:
    """Bytes of all files of a run; links are not followed, and what vanishes meanwhile counts nothing."""
    total, folders = 0, [str(run.path)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    facts = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(facts.st_mode):
                        folders.append(entry.path)
                    else:
                        total += facts.st_size
        except OSError:
            continue
    return total


def find(root: Path, text: str, now: float | None = None, *, living: bool = False) -> RunDir:
    """The run that `text` means: an id, the beginning of one, a name, `last`, some tags, or a
    filter with a condition (`status:running loss<0.1`) that only one passes. Where several do and only one of them has
    not ended, a command that ends runs (`living`) means that one. To such a command `last` is no training that another
    run makes at the moment, a head of a study say: a study begins one every few seconds, and stays as old as it is.

    Raises RunError, naming the candidates where there are several.
    """
    if text and "/" not in text and not text.startswith(".") and is_run(f"{root}/{text}", text):
        with suppress(OSError, ValueError):  # too long for a name, or not to be spelled in one
            if stat.S_ISDIR((root / text).stat().st_mode):
                return RunDir(root / text)
    seen = snapshot(root, load_index(root), now=now)
    if seen.problem:
        raise RunError(seen.problem)
    if not seen.rows:
        raise RunError(f"there is no run in {printable(root, 200)} yet")
    if text == "last":
        return RunDir((_newest_begun(seen) if living else seen.rows[0]).path)
    found = _candidates(seen, text)
    going = [row for row in found if isinstance(row.status, Running | Waiting)] if living else []
    return RunDir(_only(going if len(going) == 1 else found, text).path)


def _newest_begun(seen: Snapshot) -> Row:
    """The newest run that was not made in the process of a living one, or below it."""
    going = {row.id for row in seen.rows if alive(row.status)}
    begun = (row for row in seen.rows if row.launcher != "hand" or row.parent == row.id or row.parent not in going)
    return next(begun, seen.rows[0])


def _candidates(seen: Snapshot, text: str) -> list[Row]:
    from .errors import QueryError
    from .query import parse

    for fits in (lambda row: row.id.startswith(text), lambda row: row.name == text):
        if text and (found := [row for row in seen.rows if fits(row)]):
            return found
    if not text.strip():
        return []
    if tagged := [row for row in seen.rows if set(text.lower().split()) <= set(row.tags)]:
        return tagged
    if not _CONDITION.search(text):  # a word in somebody's note must not decide what is stopped or deleted
        return []
    try:
        query = parse(text)
    except QueryError:
        return []
    return [row for row in seen.rows if query.matches(row, seen.taken)]


def _only(found: list[Row], text: str) -> Row:
    shown = printable(text, 60)
    if not found:
        raise RunError(f"no run is called {shown!r}: `trainvis ls` lists them")
    if len(found) > 1:
        names = ", ".join(printable(row.id, 100) for row in found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise RunError(f"{shown!r} means {len(found)} runs: {names}{more}; give more of an id")
    return found[0]
