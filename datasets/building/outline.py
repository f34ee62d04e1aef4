"""What the records of a blob will be: the schema, and where each field of it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BlobError
from ..schema import UNKNOWN, Field, Schema
from .encoding import Pixels
from .listing import Column, Listed
from .options import BuildOptions
from .plan import Chosen


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a field comes from: `part` and `group` of a row, the class or the other value `at` a place in it.

    `numbers` are those of the classes by their numbers in the listing; `encoding` is what an image becomes: keep,
    jpeg, png or raw.
    """

    field: Field
    kind: str
    at: int = 0
    numbers: tuple[int, ...] = ()
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    origins: tuple[Origin, ...]
    pixels: Pixels
    quality: int
    compression: int
    decode: bool  # whether images that are kept are decoded for what is counted
    count: bool  # whether pixels that are known are counted
    mark: str
    classes: int  # class columns of a row

    @property
    def schema(self) -> Schema:
        return Schema(tuple(origin.field for origin in self.origins))

    @property
    def main(self) -> int | None:
        """The field whose values are large: the first image, if there is one."""
        return next((at for at, origin in enumerate(self.origins) if origin.kind == "image"), None)


def outline(listed: Listed, chosen: Chosen, options: BuildOptions) -> tuple[Outline, list[str]]:
    """Of a listing and the options; and what must be said of it. Raises BlobError."""
    notes: list[str] = []
    pixels = Pixels(options.size, options.fit, options.square, options.colour)
    origins: list[Origin] = []
    for column in listed.columns:
        if column.kind == "class":
            origins.append(_class(column, listed.classes.index(column)))
        elif column.kind == "image":
            made, pixels = _image(column, listed.others.index(column), options, pixels, notes)
            origins.append(made)
        else:
            origins.append(_other(column, listed.others.index(column)))
    names = {origin.field.name for origin in origins}
    if chosen.parts and "split" not in names:
        origins.append(Origin(Field("split", "class", "int64", (), chosen.parts), "part"))
    if listed.groups and "group" not in names:
        origins.append(Origin(Field("group", "text"), "group"))
    kept = any(origin.encoding == "keep" for origin in origins)
    if options.compression and not any(_packed(origin) for origin in origins):
        raise BlobError(
            "compression is for raw arrays of one size: JPEG and PNG are compressed already (choose raw and a size)"
        )
    decode, count = bool(options.statistics) and kept, options.statistics is not False
    found = Outline(
        tuple(origins), pixels, options.quality, options.compression, decode, count, chosen.mark, len(listed.classes)
    )  # fmt: skip
    return found, notes


def _packed(origin: Origin) -> bool:
    return origin.encoding == "raw" and None not in origin.field.shape


def _class(column: Column, at: int) -> Origin:
    numbers, names = column.numbers()
    return Origin(Field(column.name, "class", "int64", (), tuple(names)), "class", at, tuple(numbers))


def _image(column: Column, at: int, options: BuildOptions, pixels: Pixels, notes: list[str]) -> tuple[Origin, Pixels]:
    arrays = not column.files
    encoding: str = options.encoding
    if encoding == "auto":
        encoding = "raw" if arrays else "jpeg" if options.changes_pixels else "keep"
    channels = {"colour": 3, "grey": 1, "": None}[options.colour]
    if channels is None and arrays and column.shape is not None:
        channels = column.shape[2] if len(column.shape) == 3 else 1
    if encoding == "raw" and options.size and channels is None:
        # Otherwise the grey ones among them would keep all from being one array.
        pixels, channels = Pixels(options.size, options.fit, options.square, "colour"), 3
        notes.append("images that are raw and of one size are of three channels each, grey ones too")
    shape: tuple[int | None, ...] = (*(options.size or (None, None)), channels)
    if arrays and column.shape is not None and not options.size and not options.square:
        shape = (*column.shape[:2], channels)
    if encoding == "keep":
        shape = (None, None, None)
        if column.arrays:
            notes.append(f"images of {column.name} that are no files are stored as PNG")
    stored = {"keep": "file", "raw": ""}.get(encoding, encoding)
    return Origin(Field(column.name, "image", "uint8", shape, (), stored), "image", at, (), encoding), pixels


def _other(column: Column, at: int) -> Origin:
    if column.kind == "text":
        return Origin(Field(column.name, "text"), "text", at)
    if column.kind == "number":
        return Origin(Field(column.name, "number", column.dtype or "float64"), "number", at)
    dtype = np.dtype(column.dtype or "float64")
    if column.unknown and dtype.kind != "f":
        dtype = np.dtype("float64")  # which has a value for "nobody knows"
    shape = tuple(column.shape or ())
    return Origin(Field(column.name, "array", dtype.newbyteorder("=").name, shape), "array", at)


def unknown_of(origin: Origin) -> Any:
    """The value of a field where nobody knows it."""
    if origin.kind in ("class", "part"):
        return UNKNOWN
    if origin.kind == "array":
        return np.full([size or 0 for size in origin.field.shape], np.nan, origin.field.dtype)
    return "" if origin.field.kind == "text" else float("nan")
