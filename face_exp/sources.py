"""The blob that an experiment reads: the one that is named, or one built of a layout, kept and found again."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..datasets.blob import Blob, open_blob
from ..datasets.building.build import BuildOptions, Progress, build
from ..datasets.errors import BlobError, SourceError
from ..datasets.labels import Labels
from ..datasets.layouts import blob as blobs
from ..datasets.layouts import rows
from ..datasets.layouts.table import recognise
from ..datasets.layouts.walking import glance
from ..datasets.sample import FileImage, Found
from ..datasets.schema import Field, Schema
from ..engine.places import cache_folder
from ..engine.text import one_line, printable
from .errors import FacesError

_QUALITY = 95  # of the JPEG files that a layout's pictures become
_EVERY = 10.0  # seconds between two words on how far that is
_MADE = 1  # another number where the same source becomes another blob


def open_source(
    source: Path,
    layout: str | None,
    size: int,
    fields: Iterable[str],
    side: Path | None,
    check: Callable[[Schema, str], object],
    say: Callable[[str], object],
) -> tuple[Blob, str, tuple[str, ...]]:
    """The blob, the name of the data for people, and what was left out when it was built.

    `fields` are the columns that are wanted of a list, `side` a side file of labels that is none of the usual place,
    `check` is asked whether the fields will do before anything is built. Raises FacesError.
    """
    if size < 1:
        raise FacesError(f"faces are drawn on a square of 1 pixel or more, not of {size}")
    try:
        if layout in (None, "blob") and _is_blob(source):
            return open_blob(source, labels=side), source.name, ()
        found = _recognised(source, layout, list(fields))
        if found.layout == "blob":
            return open_blob(source, labels=side), source.name, ()
        if side is None and (beside := Labels.path_beside(source.absolute())).exists():
            side = beside
        name = one_line(source.absolute().name, 60) or found.layout
        check(_planned(found, side), name)
        return _built(found, name, size, side, say)
    except (BlobError, SourceError) as error:
        raise FacesError(str(error)) from None


def _is_blob(source: Path) -> bool:
    return source.suffix.lower() in blobs.SUFFIXES or (source / "data.mdb").is_file()


def _recognised(source: Path, layout: str | None, fields: list[str]) -> Found:
    """Raises SourceError, BlobError."""
    found = recognise(source, layout)
    if found.layout != "csv_list":
        return found
    # Of a list only one column is the label unless more are named.
    lists = [source / name for name in glance(source)[1] if name.lower().endswith((".csv", ".tsv"))]
    known = {name.casefold(): name for name in rows.table(source if source.is_file() else lists[0]).names}
    wanted = [known[name] for name in dict.fromkeys(map(str.casefold, fields)) if name in known and name not in _APART]
    if not wanted:
        return found
    beside = {option: known.get(name) for name, option in _APART.items()}
    return recognise(source, "csv_list", label=",".join(wanted), **beside)


_APART = {"intensity": "number", "group": "group"}  # column → the option of a list that it is


def _built(
    found: Found, name: str, size: int, side: Path | None, say: Callable[[str], object]
) -> tuple[Blob, str, tuple[str, ...]]:
    folder = cache_folder() / "faces"
    options = BuildOptions(size=(size, size), fit="pad", colour="colour", encoding="jpeg", quality=_QUALITY)
    path = folder / f"{_plain(name)}-{_known_by(found, size)}.h5"
    if not path.exists():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FacesError(f"there is no room for pictures in {printable(folder, 200)}: {error.strerror}") from None
        say(f"packing {name} ({found.layout}) into {printable(path, 200)}: pictures on a black square of {size}")
        build(replace(found, notes=()), path, options, progress=_teller(say))
    blob = open_blob(path, labels=False if side is None else side)
    left_out = blob.attributes.get("left_out") or {}
    notes = [f"{count:,} × {printable(reason, 120)}" for reason, count in sorted(left_out.items(), key=lambda e: -e[1])]
    said = (f"not packed: {'; '.join(notes[:5])}" + ("; …" if len(notes) > 5 else ""),) if notes else ()
    return blob, name, said


def _teller(say: Callable[[str], object]) -> Callable[[Progress], None]:
    """Says now and then how far a build is."""
    last = time.monotonic()

    def told(progress: Progress) -> None:
        nonlocal last
        if progress.stage == "building" and progress.total and time.monotonic() - last > _EVERY:
            last = time.monotonic()
            left = f", {progress.eta:,.0f} s left" if progress.eta is not None else ""
            say(f"packed {progress.done:,} of {progress.total:,}{left}")

    return told


def _planned(found: Found, side: Path | None) -> Schema:
    """The fields that its blob will have."""
    fields = Schema(tuple(Field(each.name, each.kind, classes=each.classes) for each in found.fields))
    return fields if side is None else Labels(side).widened(fields)


def _plain(name: str) -> str:
    return "".join(each if each.isalnum() or each in "-_." else "_" for each in name)[:60]


def _known_by(found: Found, size: int) -> str:
    """A digest of all that the blob would be made of: names, labels, and of files size and time."""
    made = hashlib.sha256(repr((_MADE, found.layout, size, _QUALITY)).encode())
    for line in _told(found):
        made.update(line.encode("utf-8", "backslashreplace"))
    return made.hexdigest()[:16]


def _told(found: Found) -> Iterator[str]:
    for sample in found.samples:
        said: list[Any] = [sample.key, sample.group]
        for name, value in sample.values.items():
            if isinstance(value, FileImage):
                try:
                    facts = value.path.stat()
                    said += [name, value.path, value.offset, value.size, facts.st_size, facts.st_mtime_ns]
                except OSError:
                    said += [name, value.path]
            elif isinstance(value, str | int | float | None):
                said += [name, value]
            else:
                data = value if isinstance(value, bytes) else value.tobytes()
                said += [name, hashlib.sha256(data).hexdigest()]
        yield repr(said)
