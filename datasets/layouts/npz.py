"""NumPy archives: `x_train`, `y_train`, `x_test`, `y_test`, or images and labels under other usual names."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import prod
from pathlib import Path
from typing import IO, Any

from ...engine.text import printable
from ..errors import SourceError
from ..sample import FileImage, Found, Planned, Problems, Sample
from . import walking
from .layout import found

# Images, labels, part.
_PAIRS = (
    *((f"{x}_{part}", f"{y}_{part}", split) for x, y in (("x", "y"), ("images", "labels")) for part, split in (
        ("train", "train"), ("val", "validation"), ("valid", "validation"), ("test", "test"))),
    *((f"{part}_{x}", f"{part}_{y}", split) for x, y in (("images", "labels"), ("x", "y")) for part, split in (
        ("train", "train"), ("val", "validation"), ("test", "test"))),
    ("images", "labels", ""), ("image", "label", ""), ("x", "y", ""), ("data", "labels", ""), ("data", "target", ""),
    ("images", "target", ""), ("arr_0", "arr_1", ""),
)  # fmt: skip
LARGEST = 1 << 26  # bytes of one record
CUT = "an image that the file promises and does not hold"
_PART = 1 << 20
_DAMAGE = (
    OSError, EOFError, ValueError, zlib.error, struct.error, zipfile.BadZipFile, NotImplementedError, RuntimeError,
    KeyError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """An array in an archive: `count` records of `shape`, as its header says; `offset` of the first in the file where
    nothing is packed.
    """

    path: Path
    name: str
    dtype: str
    count: int
    shape: tuple[int, ...]
    offset: int | None
    held: int = 0  # bytes of it in the archive

    @property
    def size(self) -> int:
        """Bytes of a record."""
        import numpy as np

        return prod(self.shape) * np.dtype(self.dtype).itemsize


def look(path: Path, image: str | None = None, label: str | None = None) -> Found | None:
    """The pairs by their usual names, or the one that is named. Raises SourceError."""
    from .arrays import image_shape

    if path.suffix.lower() != ".npz" or path.is_dir():
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            there = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            pairs = [(x, y, "") for x, y in [(image, label)] if x] or _pairs(there)
            held = [(_member(path, archive, there, x), _member(path, archive, there, y) if y else None, split)
                    for x, y, split in pairs]  # fmt: skip
    except _DAMAGE as error:
        raise SourceError(f"{printable(path, 300)} cannot be read: {_why(error)}") from None
    if not held:
        names = ", ".join(printable(name, 40) for name in list(there)[:20])
        raise SourceError(f"{printable(path, 300)} has no images by a usual name (--image, --label), of {names}")
    for x, _, _ in held:
        if image_shape(x.shape) is None:
            shape = "×".join(map(str, (x.count, *x.shape)))
            raise SourceError(f"{printable(x.name, 60)} of {printable(path, 300)} holds no images: it is {shape}")
    labels = [_labels(each) if each is not None else None for _, each, _ in held]
    classes, notes = _classes(labels)
    fields = [Planned("image", "image")] + [Planned("label", "class", classes)] * any(y is not None for y in labels)
    scales = [_scale(x) for x, _, _ in held]
    unit = [x for (x, _, _), scale in zip(held, scales, strict=True) if scale > 1]
    notes += tuple(f"{printable(x.name, 60)} is taken to be from 0 to 1" for x in unit)
    total = sum(x.count for x, _, _ in held)
    step = partial(_samples, held, labels, scales, classes)
    return found("npz", tuple(fields), step, notes=notes, total=total)


def _samples(
    held: list[Any], labels: list[Any], scales: list[float], classes: tuple[str, ...], problems: Problems
) -> Iterator[Sample]:
    from .arrays import named

    labelled = any(each is not None for each in labels)
    for (x, _, split), known, scale in zip(held, labels, scales, strict=True):
        done = 0
        try:
            for place, image in enumerate(_images(x, scale)):
                done += 1
                label = named(known[place], classes) if known is not None and place < len(known) else None
                if label is None and known is not None:
                    problems.add("an image without a label, or with one that is none", f"{x.name}/{place}")
                    continue
                told = {"label": walking.said(label) if label is not None else None} if labelled else {}
                yield Sample(f"{walking.said(x.name)}/{place:07}", {"image": image, **told}, split=split)
        except _DAMAGE:
            pass  # the rest is counted as what is not there
        if done < x.count:
            problems.add(CUT, f"{x.name}: {done} of {x.count}")
            problems.counts[CUT] += x.count - done - 1


def _images(member: Member, scale: float) -> Iterator[Any]:
    """Where each image lies, or, where it is packed or no plain uint8, the images."""
    from .arrays import as_image, image_shape

    shape, first = image_shape(member.shape) or (member.shape, False)
    if member.offset is not None and member.dtype == "uint8" and not first:
        there = max(min(member.held, member.path.stat().st_size - member.offset), 0) // member.size
        for place in range(min(member.count, there)):
            yield FileImage(member.path, member.offset + place * member.size, member.size, shape)
        return
    for values in _records(member):
        yield as_image(values, shape, first, scale)


def _records(member: Member) -> Iterator[Any]:
    """The records of an array, one after the other."""
    for part in _parts(member):
        yield from part


def _parts(member: Member) -> Iterator[Any]:
    """The records of an array, a part of the file at a time; they end where it does."""
    import numpy as np

    with zipfile.ZipFile(member.path) as archive, _opened(archive, member.name) as file:
        _header(file)
        each = max(1, _PART // member.size)
        for start in range(0, member.count, each):
            data = file.read(min(each, member.count - start) * member.size)
            whole = data[: len(data) // member.size * member.size]
            yield np.frombuffer(whole, member.dtype).reshape(-1, *member.shape)
            if len(data) < min(each, member.count - start) * member.size:
                return


def _member(path: Path, archive: zipfile.ZipFile, there: dict[str, zipfile.ZipInfo], name: str) -> Member:
    if name not in there:
        known = ", ".join(printable(each, 40) for each in list(there)[:20])
        raise SourceError(f"{printable(path, 300)} has no array {printable(name, 60)!r}: there are {known}")
    said = f"{printable(name, 60)} of {printable(path, 300)}"
    with _opened(archive, name) as file:
        shape, fortran, dtype = _header(file)
        start = file.tell()
    if dtype.hasobject or dtype.kind not in "biufUS":
        raise SourceError(f"{said} is of the type {printable(dtype, 60)}: only numbers and texts are read")
    if fortran and len(shape) > 1:
        raise SourceError(f"{said} is stored column by column: save it again with np.ascontiguousarray")
    if not shape or not 0 <= shape[0] < 1 << 40 or not 0 < prod(shape[1:]) * dtype.itemsize <= LARGEST:
        raise SourceError(
            f"{said} has the shape {'×'.join(map(str, shape)) or 'of one number'}, which holds no records"
        )
    offset = None
    info = there[name]
    if info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & 1:
        with open(path, "rb") as raw:
            raw.seek(info.header_offset)
            name_size, extra = struct.unpack("<26xHH", raw.read(30))
        offset = info.header_offset + 30 + name_size + extra + start
    code = "uint8" if dtype.kind == "u" and dtype.itemsize == 1 else dtype.str
    return Member(path, name, code, shape[0], tuple(shape[1:]), offset, info.file_size - start)


def _opened(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    names = archive.NameToInfo
    return archive.open(name + ".npy" if name + ".npy" in names else name)


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, Any]:
    """Shape, whether stored by columns, and type. Raises ValueError."""
    from numpy.lib import format as npy

    version = npy.read_magic(file)  # type: ignore[arg-type]
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read is None:
        raise ValueError("an array of an unknown version")
    return read(file)  # type: ignore[arg-type]


def _labels(member: Member) -> Any:
    """All labels of an array: small beside the images. Raises SourceError."""
    import numpy as np

    from .arrays import labels_of

    if member.count * member.size > 4 * LARGEST:
        raise SourceError(f"{printable(member.name, 60)} of {printable(member.path, 300)} is too large for labels")
    try:
        found = np.concatenate([np.zeros((0, *member.shape), member.dtype), *_parts(member)])
    except _DAMAGE as error:
        raise SourceError(f"{printable(member.path, 300)} cannot be read: {_why(error)}") from None
    if len(found) < member.count:
        raise SourceError(f"{printable(member.path, 300)} cannot be read: it is cut off")
    return labels_of(found, printable(member.name, 60))


def _classes(labels: list[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the classes of all parts together, where they are numbers from 0."""
    from .arrays import class_names

    known = [class_names(each) for each in labels if each is not None and len(each)]
    return (max(known, key=len) if known and all(known) else ()), ()


def _scale(member: Member) -> float:
    """What makes 0…255 of the images: 255 where they are floats and the first 64 of them lie within 0…1."""
    import numpy as np

    if np.dtype(member.dtype).kind != "f":
        return 1.0
    most = 0.0
    try:
        for _, values in zip(range(64), _records(member), strict=False):
            most = max(most, float(np.nanmax(np.abs(values), initial=0.0)))
    except _DAMAGE:
        pass
    return 255.0 if most <= 1 else 1.0


def _pairs(there: dict[str, zipfile.ZipInfo]) -> list[tuple[str, str, str]]:
    folded = {name.casefold(): name for name in there}
    named = [(x, y, split) for x, y, split in _PAIRS if x in folded]
    taken: dict[str, tuple[str, str, str]] = {}
    for x, y, split in named:
        if x not in taken or (taken[x][1] == "" and y in folded):
            taken[x] = (folded[x], folded.get(y, ""), split)
    split_up = [pair for pair in taken.values() if pair[2]]
    return split_up or list(taken.values())[:1]


def _why(error: BaseException) -> str:
    if isinstance(error, SourceError):
        return str(error)
    return printable(getattr(error, "strerror", None) or error, 200)
