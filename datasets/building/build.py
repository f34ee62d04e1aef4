"""A source becomes a blob: `build(recognise("faces"), "faces.h5")`."""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import Any

from ...engine.text import printable
from ..errors import BlobError, SourceError
from ..formats.own import shard_path
from ..labels import Labels
from ..sample import Found, Planned, Sample
from ..schema import Field, Schema
from .crew import Crew
from .listing import LISTING, Listed, Lister, connect, fingerprint
from .options import BuildOptions, Split
from .outline import outline
from .part import Part, chosen_of, listed_of, sync
from .plan import Chosen, Planner
from .told import Built, Plan, Progress, Report
from .writing import Result, Writing, result_of

__all__ = ["BuildOptions", "Built", "Plan", "Progress", "Split", "build", "dry_run"]

HDF5, LMDB = (".h5", ".hdf5"), (".lmdb", ".mdb")
_MANY, _FEW = 1000, 32  # records that another worker is started for: quick ones, and those that are decoded
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def build(
    found: Found,
    out: str | PathLike[str],
    options: BuildOptions | None = None,
    *,
    progress: Report | None = None,
    fresh: bool = False,
    replace: bool = False,
) -> Built:
    """Make the blob `out` (.h5 or .lmdb) of a source. `out` is there once it is whole, and not before.

    An interrupted build leaves `OUT.part`: the same source, options and `out` go on with it; `fresh` begins anew;
    `replace` puts the new blob in the place of one that is there. Raises BlobError, SourceError; KeyboardInterrupt
    leaves the part as well.
    """
    begun, out, options = time.monotonic(), Path(out), options or BuildOptions()
    packed = _is_lmdb(out)
    if packed and options.compression:
        raise BlobError("compression is for HDF5: in an LMDB choose jpeg or png")
    paths = [shard_path(out, number, options.shards) for number in range(options.shards)]
    part, report = Part(out), progress or (lambda _: None)
    with _plainly(part, out), part.locked():
        result = None if fresh else _finished(part, found, options, paths, replace=replace)
        if result is None:
            with _kept_if_begun(part), ExitStack() as stack:
                if not replace:
                    _free([out, *paths])
                crew = stack.enter_context(Crew(options.workers or 1))
                most = options.workers or os.cpu_count() or 1

                def heard(told: Progress) -> None:
                    if told.stage == "listing" and told.done >= _MANY:
                        crew.start(most)  # which takes them as long as the rest of the listing
                    report(told)

                listed, chosen = _begun(part, found, options, heard, fresh=fresh)
                crew.start(min(most, chosen.records // (_MANY if _is_quick(options) else _FEW) + 1))
                made, notes = outline(listed, chosen, options)
                attributes = {"layout": listed.layout, "options": options.to_json()}
                writing = Writing(part, made, listed, chosen, options, attributes, packed=packed, report=report)
                result = writing.run(crew, (*listed.notes, *chosen.notes, *notes))
        _rename(part, paths)
        part.remove()
    size = sum(path.stat().st_size for path in paths)
    seconds = time.monotonic() - begun
    return Built(
        tuple(paths), result.records, result.digest, result.schema, result.left_out, size, seconds,
        result.resumed, result.notes,
    )  # fmt: skip


def dry_run(found: Found, options: BuildOptions | None = None, *, progress: Report | None = None) -> Plan:
    """What `build` would make of it; every file is looked at, none decoded but some for the estimate.

    Raises BlobError, SourceError.
    """
    import tempfile

    from .estimate import estimate

    options, report = options or BuildOptions(), progress or (lambda _: None)
    try:
        with tempfile.TemporaryDirectory(prefix="trainvis-") as name:
            _, samples = fingerprint(found)
            listed, chosen = _planned(Path(name), found, samples, options, report)
            return estimate(Path(name), listed, chosen, options, report)
    except (OSError, sqlite3.Error) as error:
        raise BlobError(f"it cannot be said what would be built: {_reason(error)}") from error


def _is_quick(options: BuildOptions) -> bool:
    """Whether a record takes no longer than to read it."""
    return options.encoding in ("auto", "keep") and not (options.changes_pixels or options.statistics)


def _is_lmdb(out: Path) -> bool:
    if out.suffix.lower() in LMDB:
        return True
    if out.suffix.lower() in HDF5:
        return False
    raise BlobError(f"{printable(out.name, 200)}: the name of a blob ends in .h5 (HDF5) or .lmdb (LMDB)")


# Listing and planning, or what an interrupted build had of them


def _begun(part: Part, found: Found, options: BuildOptions, report: Report, *, fresh: bool) -> tuple[Listed, Chosen]:
    source, samples = _fingerprint(found, options)
    if not fresh and (before := part.begun()) is not None:
        _same(part, before, source, options)
        return listed_of(before["listed"]), chosen_of(before["chosen"])
    part.clear()
    listed, chosen = _planned(part.path, found, samples, options, report)
    part.begin(source, options.to_json(), listed, chosen)
    return listed, chosen


def _fingerprint(found: Found, options: BuildOptions) -> tuple[str, Iterator[Sample]]:
    """What the source is known by again, with the files that say labels and parts of it; and its samples."""
    source, samples = fingerprint(found)
    beside = [options.labels, *(options.split.lists.values() if options.split is not None else ())]
    for path in filter(None, beside):
        with suppress(OSError), Path(path).open("rb") as file:  # one that is missing is said where it is read
            source = hashlib.sha256(f"{source} {hashlib.file_digest(file, 'sha256').hexdigest()}".encode()).hexdigest()
    return source, samples


def _free(paths: list[Path]) -> None:
    """Raises BlobError where one of them is there already."""
    there = next((path for path in paths if path.exists()), None)
    if there is not None:
        raise BlobError(f"{printable(there, 300)} is there already: choose another name, or say to replace it")


def _same(part: Part, before: Mapping[str, Any], source: str, options: BuildOptions) -> None:
    """Raises BlobError where the part is of another source or other options."""
    name = printable(part.path.name, 200)
    anew = "give those, or begin anew (fresh)"
    if before["source"] != source:
        raise BlobError(f"{name} was begun from another source, or that has changed: begin anew (fresh)")
    now, then = options.to_json(), before["options"]
    if now != then:
        other = [f"{each} was {then.get(each)!r}" for each in now if now[each] != then.get(each)]
        raise BlobError(f"{name} was begun with other options ({printable('; '.join(other), 300)}): {anew}")


def _planned(
    folder: Path, found: Found, samples: Iterator[Sample], options: BuildOptions, report: Report
) -> tuple[Listed, Chosen]:
    lots = bool(options.shuffle or options.limit or options.limits or options.balance or options.split)
    added, over = _side_labels(found, options)
    lister = Lister(found, folder, seed=options.seed, lots=lots, added=added, labels=over)
    listed = lister.write(samples, lambda done: report(Progress("listing", done, found.total)))
    report(Progress("planning", 0, listed.samples))
    with closing(connect(folder / LISTING)) as table:
        return listed, Planner(table, listed, options, listed.problems).choose()


def _side_labels(found: Found, options: BuildOptions) -> tuple[tuple[Planned, ...], dict[str, dict[str, Any]]]:
    """The fields that a side file adds, and its labels by key."""
    if options.labels is None:
        return (), {}
    if not options.labels.is_file():
        raise BlobError(f"there are no labels in {printable(options.labels, 300)}: there is no such file")
    labels = Labels(options.labels)
    known = {planned.name for planned in found.fields}
    schema = labels.widened(Schema(tuple(Field(each.name, each.kind, classes=each.classes) for each in found.fields)))
    over: dict[str, dict[str, Any]] = {}
    for change in labels.merged():
        over.setdefault(change.key, {})[change.field] = change.value
    return tuple(Planned(each.name, each.kind, each.classes) for each in schema if each.name not in known), over


# The end


def _finished(part: Part, found: Found, options: BuildOptions, paths: list[Path], *, replace: bool) -> Result | None:
    """What an interrupted build had finished but for the names of its files. Raises BlobError."""
    said, begun = part.done(), part.begun()
    if said is None or said["options"] != options.to_json():
        return None
    ready = [part.ready(number).exists() for number in range(len(paths))]
    if not all(whole or path.exists() for whole, path in zip(ready, paths, strict=True)):
        part.clear()  # it was finished, and its files were taken away since: nothing of it can be gone on with
        return None
    if begun is not None:
        _same(part, begun, _fingerprint(found, options)[0], options)
    if not replace:
        _free([path for whole, path in zip(ready, paths, strict=True) if whole])
    return result_of(said)


@contextmanager
def _kept_if_begun(part: Part) -> Iterator[None]:
    """The part stays where there is something in it to go on with."""
    try:
        yield
    except SourceError:
        part.remove()
        raise
    except BaseException:
        if part.begun() is None:
            part.remove()
        raise


def _rename(part: Part, paths: list[Path]) -> None:
    for number, path in enumerate(paths):
        if part.ready(number).exists():  # else an interrupted build did it
            os.replace(part.ready(number), path)
    sync(paths[0].parent)


@contextmanager
def _plainly(part: Part, out: Path) -> Iterator[None]:
    """What goes wrong while files are written is said in a sentence. Raises BlobError."""
    import lmdb

    try:
        yield
    except (OSError, sqlite3.Error, lmdb.Error) as error:
        on = f": the same command goes on with {printable(part.path.name, 200)}"
        kept = on if part.path.is_dir() else ""
        if _is_full(error):
            room = f"What is done is kept; make room{on}" if kept else "Nothing of it is left; make room"
            raise BlobError(f"the disk is full: {printable(out.name, 200)} is not finished. {room}") from error
        raise BlobError(f"{printable(out, 300)} cannot be built: {_reason(error)}{kept}") from error


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    said = str(error).lower()
    return any(words in said for words in ("no space left", "disk is full", "file too large", "quota exceeded"))


def _reason(error: BaseException) -> str:
    return printable(getattr(error, "strerror", None) or error, 200)
