"""Our own two formats, HDF5 and LMDB: their names, and how values and records become bytes. docs/blob-format.md.

HDF5: the data set `about` (JSON, as bytes), and for each field `records/<field>`: N values of one size; or, where the
size differs, a group of `bytes` (all values, one after the other), `ends` (where each ends) and, for numbers,
`shapes`. `keys` is such a group of texts; its `order` lists the records in the order of their keys' bytes.

LMDB: the key `about`, and three databases in it: `records` (number → packed record), `keys` (key → number) and, of
classes and numbers, `columns` (the values of COLUMN_ROWS records in one piece), so that all labels are read at once.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BlobError
from ..schema import Field, Schema

VERSION = 1
MARK = "trainvis_blob"  # attribute of the root of an HDF5 file, and field of the JSON: the version
ABOUT, RECORDS, KEYS, COLUMNS = "about", "records", "keys", "columns"
BYTES, ENDS, SHAPES, ORDER = "bytes", "ends", "shapes", "order"
LONGEST_KEY = 400  # bytes, in an LMDB; LMDB takes 511
COLUMN_ROWS = 1 << 16

_SHARD = re.compile(r"(.*)-(\d{5,})-of-(\d{5,})(\.[^.]*)?")


@dataclass(frozen=True, slots=True)
class About:
    """What a blob says of itself. `records` are those in this file, which is number `shard[0]` of `shard[1]`; the
    rest is the same in all of them.
    """

    schema: Schema
    records: int
    attributes: Mapping[str, Any] = field(default_factory=dict)
    statistics: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    shard: tuple[int, int] = (0, 1)

    def to_bytes(self) -> bytes:
        said = {MARK: VERSION, "schema": self.schema.to_json(), "records": self.records, "shard": list(self.shard)}
        said |= {"attributes": self.attributes, "statistics": self.statistics, "digest": self.digest}
        return json.dumps(said).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> About:
        """Raises BlobError, without the name of the file."""
        try:
            said = json.loads(data)
            if said[MARK] > VERSION:
                raise BlobError(f"it was written by a newer trainvis (version {said[MARK]} of the format)")
            shard, records = tuple(map(int, said.get("shard", (0, 1)))), int(said["records"])
            schema = Schema.from_json(said["schema"])
            attributes, statistics = dict(said.get("attributes", {})), dict(said.get("statistics", {}))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise BlobError("what it says of itself is damaged") from error
        if len(shard) != 2 or records < 0:
            raise BlobError("what it says of itself is damaged")
        return cls(schema, records, attributes, statistics, str(said.get("digest", "")), (shard[0], shard[1]))


# Values


def stored_dtype(known: Field) -> np.dtype:
    """The type of its numbers in a file, little-endian: the smallest one that holds all classes and UNKNOWN."""
    if known.kind == "class":
        count = len(known.classes)
        return np.dtype("<i8" if not count else "<i1" if count <= 2**7 else "<i2" if count <= 2**15 else "<i4")
    return np.dtype(known.dtype or "uint8").newbyteorder("<")


def is_text(known: Field) -> bool:
    return known.kind == "text"


def is_file(known: Field) -> bool:
    """Whether its values are picture files, as bytes."""
    return known.kind == "image" and known.encoding != ""


def is_fixed(known: Field) -> bool:
    """Whether every value takes the same number of bytes."""
    return not is_text(known) and not is_file(known) and None not in known.shape


def size_of(known: Field) -> int:
    """The bytes of a value of a fixed field."""
    return stored_dtype(known).itemsize * math.prod(size or 0 for size in known.shape)


def pack_text(text: str) -> bytes:
    """UTF-8; a file's name that is none keeps its bytes."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace")


def unpack_text(data: bytes) -> str:
    return bytes(data).decode("utf-8", "surrogateescape")


def pack_value(known: Field, value: Any) -> bytes:
    """A value as the bytes of an LMDB and of the digest: before numbers whose shape differs, their shape as uint32.

    Raises ValueError for a value that is not of this field.
    """
    if is_text(known):
        return pack_text(str(value))
    if is_file(known):
        return bytes(value)
    numbers = np.asarray(value)
    if numbers.ndim != len(known.shape) or any(
        wanted not in (None, size) for wanted, size in zip(known.shape, numbers.shape, strict=True)
    ):
        raise ValueError(f"{known.name} is of shape {known.shape}, not {numbers.shape}")
    data = np.ascontiguousarray(numbers, stored_dtype(known)).tobytes()
    return data if is_fixed(known) else pack_shape(numbers.shape) + data


def pack_shape(shape: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(shape)}I", *shape)


def unpack_numbers(known: Field, data: bytes | memoryview) -> np.ndarray:
    """The numbers in a packed value that is neither a text nor a file. Raises ValueError where it is none."""
    shape = tuple(size or 0 for size in known.shape)
    if not is_fixed(known):
        head = 4 * len(shape)
        if len(data) < head:
            raise ValueError("it is cut off")
        shape, data = struct.unpack(f"<{len(shape)}I", data[:head]), data[head:]
    return numbers_of(data, stored_dtype(known), shape)


def numbers_of(data: bytes | memoryview, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers of these bytes, which may be changed. Raises ValueError where they are not as many."""
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError(f"{len(data)} bytes are no {'×'.join(map(str, shape))} of {dtype}")
    return np.frombuffer(bytearray(data), dtype).reshape(shape)


# Records of an LMDB, and the digest


def pack_record(key: str, values: Sequence[bytes | memoryview]) -> bytes:
    """The lengths of the key and of the values as uint32, then the key and the packed values in the schema's order."""
    name = pack_text(key)
    return b"".join([struct.pack(f"<{1 + len(values)}I", len(name), *map(len, values)), name, *values])


def unpack_record(data: bytes | memoryview, fields: int) -> list[memoryview]:
    """The key and the packed values. Raises ValueError where the lengths are not those of the data."""
    view, head = memoryview(data), 4 * (1 + fields)
    if len(view) < head:
        raise ValueError("it is cut off")
    lengths = struct.unpack(f"<{1 + fields}I", view[:head])
    if head + sum(lengths) != len(view):
        raise ValueError("it is cut off, or of other fields")
    found = []
    for length in lengths:
        found.append(view[head : head + length])
        head += length
    return found


def column_pieces(records: Iterable[bytes | memoryview], schema: Schema) -> dict[str, bytes]:
    """What the database `columns` has of some packed records in a row, by field."""
    found = {known.name: bytearray() for known in schema if in_columns(known)}
    numbers = [(number, found[known.name]) for number, known in enumerate(schema) if in_columns(known)]
    head = struct.Struct(f"<{1 + len(schema)}I")
    for data in records:
        lengths = head.unpack_from(data)
        for number, values in numbers:
            start = head.size + sum(lengths[: number + 1])
            values += data[start : start + lengths[number + 1]]
    return {name: bytes(values) for name, values in found.items()}


def number_key(place: int) -> bytes:
    """The key of a record in the database `records`."""
    return struct.pack(">Q", place)


def in_columns(known: Field) -> bool:
    """Whether the values of a field are in the database `columns` too: the last piece of each may be shorter."""
    return known.kind in ("class", "number")


def column_key(name: str, first: int) -> bytes:
    """The key of the packed values of a field from record `first` on, a multiple of COLUMN_ROWS."""
    name_bytes = pack_text(name)
    if len(name_bytes) > LONGEST_KEY:
        name_bytes = hashlib.sha256(name_bytes).digest()
    return name_bytes + b"\0" + struct.pack(">Q", first)


def name_key(key: str) -> bytes:
    """The key of a record's name in the database `keys`: itself, or its SHA-256 where it is long."""
    name = pack_text(key)
    # LMDB takes no empty key; no name begins with NUL but these.
    return name if 0 < len(name) <= LONGEST_KEY and name[0] else b"\0" + hashlib.sha256(name).digest()


def record_digest(packed: bytes | memoryview) -> bytes:
    return hashlib.sha256(packed).digest()


class Digest:
    """Of the content: SHA-256 of the schema's JSON and of the SHA-256 of each packed record, in their order. It is the
    same for both formats, for any number of shards and of workers.
    """

    def __init__(self, schema: Schema) -> None:
        said = json.dumps(schema.to_json(), sort_keys=True, separators=(",", ":"))
        self._hash = hashlib.sha256(said.encode())

    def add(self, of_record: bytes) -> None:
        """The next record's `record_digest`."""
        self._hash.update(of_record)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


# Names


def h5_name(name: str) -> str:
    """A field's name as a link of HDF5: `/`, `%` and a single `.` are written as in URLs."""
    escaped = name.replace("%", "%25").replace("/", "%2F").replace("\0", "%00")
    return "%2E" if escaped == "." else escaped


def shard_path(path: Path, number: int, count: int) -> Path:
    """faces.h5 → faces-00000-of-00004.h5; itself where there is only one."""
    return path if count == 1 else path.with_name(f"{path.stem}-{number:05d}-of-{count:05d}{path.suffix}")


def first_shard(path: Path) -> Path:
    """faces-00000-of-00004.h5 where faces.h5 is no file and its shards are: that opens all of them; else `path`."""
    try:
        if path.exists() or not path.name:
            return path
        name = re.compile(rf"{re.escape(path.stem)}-0{{5,}}-of-\d{{5,}}{re.escape(path.suffix)}")
        first = [each for each in path.parent.iterdir() if name.fullmatch(each.name)]
    except (OSError, ValueError):
        return path
    return first[0] if len(first) == 1 else path


def shards_of(path: Path) -> list[Path]:
    """The files of all shards that the one at `path` belongs to, whether they are there or not; else itself alone."""
    found = _SHARD.fullmatch(path.name)
    if found is None:
        return [path]
    stem, number, count, suffix = found[1], int(found[2]), int(found[3]), found[4] or ""
    if not number < count <= 100_000:
        return [path]
    return [path.with_name(f"{stem}-{each:05d}-of-{count:05d}{suffix}") for each in range(count)]
