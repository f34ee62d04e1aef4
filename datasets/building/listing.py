"""The samples of a source, listed in SQLite: millions of them are never in memory, and an interrupted build goes on.

Table `samples`: key (UTF-8), two numbers drawn by lot from key and seed, group, part of the source's own split, the
number of each class field in the order of first appearance, and the other values as JSON. Values that are in memory
only (arrays, bytes of files) go into the file `values` beside it, so that a generator need not be walked again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import SourceError
from ..formats.own import pack_text
from ..sample import FileImage, Found, Planned, Problems, Sample

Row: TypeAlias = tuple[Any, ...]

_encoded = json.JSONEncoder(check_circular=False).encode
_quoted = json.encoder.encode_basestring_ascii  # the same of a text, in a tenth of the time
_INLINE = 1 << 10  # bytes of an array that stands in the listing itself
_FIRST = 16  # samples by which a source is known again
_EVERY = 1000  # samples between two words on progress


@dataclass(slots=True)
class Column:
    """What the values of a field turned out to be, while they were listed."""

    name: str
    kind: str
    classes: list[str] = field(default_factory=list)
    known: int = 0  # of the classes, that the source named before
    ids: dict[str | int, int] = field(default_factory=dict)
    files: int = 0  # images that are picture files
    arrays: int = 0  # images that are arrays
    dtype: str = ""
    shape: list[int | None] | None = None
    unknown: int = 0

    def numbers(self) -> tuple[list[int], list[str]]:
        """The number of a class by its number in the listing, and the classes' names in their order."""
        if not self.known and all(isinstance(value, int) for value in self.ids):
            return [int(value) for value in self.ids], []
        names = [str(value) for value in self.ids]
        order = [*names[: self.known], *sorted(set(names[self.known :]) - set(names[: self.known]))]
        places = {name: place for place, name in enumerate(order)}
        return [places[name] for name in names], order

    def number(self, value: Any) -> int | None:
        """The number in the listing of the class `value`; None where it is not known. Raises ValueError."""
        if value is None:
            return None
        if not isinstance(value, str):
            value = int(value)
            if self.known:
                if value >= self.known:
                    raise ValueError("a class number that is none of the classes")
                return value if value >= 0 else None
            if value < 0:
                return None
        found = self.ids.get(value)
        if found is None:
            found = self.ids[value] = len(self.ids)
        return found


@dataclass(frozen=True, slots=True)
class Listed:
    """A whole listing."""

    layout: str
    columns: tuple[Column, ...]
    parts: tuple[str, ...]  # of the source's own split, by their number in the listing
    groups: bool
    samples: int
    problems: Problems
    notes: tuple[str, ...]

    @property
    def classes(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.kind == "class")

    @property
    def others(self) -> tuple[Column, ...]:
        """Those whose values stand in the JSON of a row, in this order."""
        return tuple(column for column in self.columns if column.kind != "class")


def connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """The listing at `path`; what is not finished in it is made anew, so nothing is journalled."""
    if readonly:
        found = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    else:
        found = sqlite3.connect(path, isolation_level=None)
        found.execute("PRAGMA journal_mode=OFF")
        found.execute("PRAGMA synchronous=OFF")
    # What is read is mapped, so that the memory of a process does not grow with the listing.
    found.execute(f"PRAGMA cache_size={-1024 if readonly else -4096}")
    found.execute(f"PRAGMA mmap_size={1 << 31 if readonly else 0}")
    return found


def fingerprint(found: Found) -> tuple[str, Iterator[Sample]]:
    """What a source is known by again, and its samples from the first on. Raises SourceError, OSError."""
    samples = iter(found.samples)
    first = list(islice(samples, _FIRST))
    said = [found.layout, found.total, [(each.name, each.kind, each.classes) for each in found.fields]]
    said += [(each.key, each.group, each.split, _told(each.values)) for each in first]
    return hashlib.sha256(repr(said).encode("utf-8", "backslashreplace")).hexdigest(), chain(first, samples)


def _told(values: Mapping[str, Any]) -> list[str]:
    return [
        f"{name}={value if isinstance(value, FileImage | str | int | float) else ''}" for name, value in values.items()
    ]


class Lister:
    """Writes the listing of a source into `folder`. `labels`: key → field → value, laid over those of the samples."""

    def __init__(
        self,
        found: Found,
        folder: Path,
        *,
        seed: int = 0,
        lots: bool = True,
        added: tuple[Planned, ...] = (),
        labels: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._found = found
        self._folder = folder
        self._labels = labels or {}
        self._lot = seed.to_bytes(16, "little", signed=True) if lots else None
        self._columns = [_column(each) for each in (*found.fields, *added)]
        self._classes = [column for column in self._columns if column.kind == "class"]
        self._others = [column for column in self._columns if column.kind != "class"]
        self._parts: dict[str, int] = {name: number for number, name in enumerate(found.parts)}
        self._groups = False
        self._own = Problems()
        self._spooled = 0

    def write(self, samples: Iterator[Sample], report: Callable[[int], None]) -> Listed:
        """List them all. Raises SourceError where there are none, OSError, sqlite3.Error."""
        table = connect(self._folder / LISTING)
        names = "".join(f", c{number} INTEGER" for number in range(len(self._classes)))
        table.execute(
            "CREATE TABLE samples (id INTEGER PRIMARY KEY, key BLOB, h1 INTEGER, h2 INTEGER, grp BLOB, part INTEGER"
            f"{names}, rest TEXT)"
        )
        marks = ",".join("?" * (6 + len(self._classes)))
        with open(self._folder / VALUES, "wb") as self._values:
            table.execute("BEGIN")
            insert = f"INSERT INTO samples VALUES (NULL,{marks})"  # noqa: S608
            table.executemany(insert, self._rows(samples, report))
            table.execute("COMMIT")
        self._drop_doubles(table)
        (count,) = table.execute("SELECT COUNT(*) FROM samples").fetchone()
        table.close()
        problems = merged(self._found.problems, self._own)
        if not count:
            raise SourceError(_nothing(self._found, problems))
        columns, notes = tuple(self._columns), list(self._found.notes)
        return Listed(
            self._found.layout, columns, tuple(self._parts), self._groups, count, problems, tuple(notes)
        )  # fmt: skip

    def _rows(self, samples: Iterator[Sample], report: Callable[[int], None]) -> Iterator[Row]:
        for number, sample in enumerate(samples):
            if number % _EVERY == 0:
                report(number)
            try:
                yield self._row(sample)
            except (ValueError, TypeError, OverflowError) as error:
                self._own.add(
                    str(error) if isinstance(error, ValueError) else "a value that is none of its field", sample.key
                )

    def _row(self, sample: Sample) -> Row:
        key = pack_text(sample.key)
        first, second = self._lots(key)
        values = sample.values
        if self._labels and (over := self._labels.get(sample.key)):
            values = {**values, **over}
        classes = [column.number(values.get(column.name)) for column in self._classes]
        rest = [self._value(column, values.get(column.name)) for column in self._others]
        self._groups = self._groups or bool(sample.group)
        part = self._parts.setdefault(sample.split, len(self._parts)) if sample.split else None
        group = pack_text(sample.group) if sample.group else None
        said = f"[{_quoted(rest[0])}]" if len(rest) == 1 and type(rest[0]) is str else _encoded(rest)
        return key, first, second, group, part, *classes, said

    def _lots(self, key: bytes) -> tuple[int, int]:
        if self._lot is None:
            return 0, 0
        drawn = hashlib.blake2b(key, digest_size=16, key=self._lot).digest()
        return int.from_bytes(drawn[:8], "little") >> 1, int.from_bytes(drawn[8:], "little") >> 1

    def _value(self, column: Column, value: Any) -> Any:
        if column.kind == "image":
            return self._image(column, value)
        if column.kind == "text":
            return "" if value is None else str(value)
        if column.kind == "number":
            return _number(column, value)
        return self._array(column, value)

    def _image(self, column: Column, value: Any) -> Any:
        """A path, or path, offset, size, shape, type; "" is the file of values."""
        if isinstance(value, FileImage):
            if not value.shape and not value.offset and value.size is None:
                column.files += 1
                return str(value.path)
            if value.shape:
                column.arrays += 1
                _widen(column, value.shape, value.dtype)
            else:
                column.files += 1
            return [str(value.path), value.offset, value.size, list(value.shape), value.dtype]
        if value is None:
            raise ValueError("a sample without its image")
        if isinstance(value, bytes | bytearray | memoryview):
            column.files += 1
            return ["", *self._spool(value), [], ""]
        import numpy as np

        array = np.ascontiguousarray(value)
        if array.dtype.kind not in "biuf" or array.ndim not in (2, 3):
            raise ValueError("an array that is no image H×W or H×W×C")
        column.arrays += 1
        _widen(column, array.shape, array.dtype.str)
        return ["", *self._spool(array.data.cast("B")), list(array.shape), array.dtype.str]

    def _array(self, column: Column, value: Any) -> Any:
        import numpy as np

        if isinstance(value, FileImage) and value.shape:
            _widen(column, value.shape, value.dtype)
            return [str(value.path), value.offset, value.size, list(value.shape), value.dtype]
        if value is None:
            column.unknown += 1
            return None
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise ValueError(f"no array of numbers in the field {column.name}")
        array = np.ascontiguousarray(array)
        if column.shape is not None and len(column.shape) != array.ndim:
            raise ValueError(f"an array of another rank in the field {column.name}")
        _widen(column, array.shape, array.dtype.str)
        said = [list(array.shape), array.dtype.str]
        if array.nbytes <= _INLINE:
            return [base64.b64encode(array.tobytes()).decode(), *said]
        return ["", *self._spool(array.data.cast("B")), *said]

    def _spool(self, data: bytes | bytearray | memoryview) -> tuple[int, int]:
        place, size = self._spooled, len(data)
        self._values.write(data)
        self._spooled += size
        return place, size

    def _drop_doubles(self, table: sqlite3.Connection) -> None:
        """Keys are each their own: of several samples of one key the first is kept."""
        table.execute("CREATE INDEX by_key ON samples (key)")
        doubles = "SELECT key, COUNT(*) AS n FROM samples GROUP BY key HAVING n > 1"
        for key, count in table.execute(doubles).fetchall():
            for _ in range(count - 1):
                self._own.add("the same key as another sample", key.decode("utf-8", "replace"))
            table.execute(
                "DELETE FROM samples WHERE key = ? AND id > (SELECT MIN(id) FROM samples WHERE key = ?)", (key, key)
            )


LISTING, VALUES = "listing.sqlite", "values"


def merged(*several: Problems) -> Problems:
    """All of them in one."""
    made = Problems()
    for problems in several:
        for reason, count in problems.counts.items():
            made.counts[reason] += count
            named = made.examples.setdefault(reason, [])
            named.extend(problems.examples.get(reason, ())[: max(0, 20 - len(named))])
    return made


def _column(planned: Planned) -> Column:
    made = Column(planned.name, planned.kind, known=len(planned.classes))
    made.ids = {name: number for number, name in enumerate(planned.classes)}
    return made


def _number(column: Column, value: Any) -> int | float | None:
    value = value.item() if hasattr(value, "item") else value
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        column.dtype = "float64"
        return None if value is None else value
    if isinstance(value, float) or not -(2**63) <= value < 2**63:
        column.dtype = "float64"
        return float(value)
    column.dtype = column.dtype or "int64"
    return int(value)


def _widen(column: Column, shape: tuple[int, ...], dtype: str) -> None:
    """The field's type and shape are such that these are of it too."""
    if column.shape is None:
        column.shape, column.dtype = list(shape), dtype
        return
    if column.dtype != dtype:
        import numpy as np

        column.dtype = np.result_type(column.dtype, dtype).str
    if len(column.shape) != len(shape):
        column.shape = [None, None, None]
    elif column.shape != list(shape):
        column.shape = [old if old == new else None for old, new in zip(column.shape, shape, strict=True)]


def _nothing(found: Found, problems: Problems) -> str:
    if not problems.total:
        return f"there is nothing to build from: the source ({found.layout}) is empty"
    reason, count = problems.counts.most_common(1)[0]
    return f"there is nothing to build from: all {problems.total} samples were left out, {count} of them: {reason}"
