"""Labels that a person, or a network, gives the records of a blob: a side file of JSON lines beside it.

`BLOB.labels.jsonl`, one line a change: key, field, value (the name of a class, a number, a text, null for "nobody
knows"), by, time, and, from a network, confidence and model; `undo: true` instead of a value takes the last change of
that key and field back. Lines are only ever added, so nothing is lost and several may write; the last line of a key and
field counts. The stored labels stay what they are.

What a network says (a line with a confidence) is a suggestion: it is listed until a person says something of that key
and field, and is no label, neither over a stored nor over a confirmed one nor where there is none.
"""

from __future__ import annotations

import json
import math
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from ..engine.files import append_line
from ..engine.text import printable
from .errors import BlobError
from .schema import UNKNOWN, Field, Schema

ENDING = ".labels.jsonl"
LONGEST = 4096  # bytes of the name of a field
_SAID = ("class", "number", "text")  # kinds of fields that can be labelled
Value: TypeAlias = str | int | float | None


@dataclass(frozen=True, slots=True)
class Change:
    """What a field of a record was set to. `confidence` (0…1) and `model` where a network says it."""

    key: str
    field: str
    value: Value
    by: str = ""
    time: float = 0.0
    confidence: float | None = None
    model: str = ""
    before: Change | None = None  # what an undo brings back

    @property
    def suggested(self) -> bool:
        """Whether it is the word of a network that nobody has confirmed."""
        return self.confidence is not None


class Labels:
    """The side file at `path`, which need not be there yet. Safe in threads."""

    def __init__(self, path: Path) -> None:
        """Raises BlobError where it is there and cannot be read."""
        self.path = path
        self.problems = 0  # lines that say nothing
        self.version = 0  # another one whenever it says something else
        self._lock = threading.RLock()
        self._forget()
        self.refresh()

    @staticmethod
    def path_beside(blob: Path) -> Path:
        return blob.with_name(blob.name + ENDING)

    # What it says

    def __len__(self) -> int:
        """How many fields of records it sets."""
        return sum(map(len, self._changes.values()))

    def of(self, field: str) -> Mapping[str, Change]:
        """Key → the change that counts, of a field; suggestions do not."""
        return self._changes.get(field, {})

    def suggested(self, field: str) -> Mapping[str, Change]:
        """Key → the last word of a network, of a field, confirmed or not."""
        return self._suggested.get(field, {})

    def merged(self) -> Iterator[Change]:
        """All changes that count, of all fields, without suggestions: what a build lays over the records."""
        for changes in list(self._changes.values()):
            yield from list(changes.values())

    def suggestions(self, field: str) -> list[Change]:
        """What networks said of a field where no person has said anything, the least certain first."""
        said = self.of(field)
        found = [change for change in list(self.suggested(field).values()) if change.key not in said]
        return sorted(found, key=lambda change: change.confidence or 0.0)

    def widened(self, schema: Schema) -> Schema:
        """The schema with the fields and classes that it adds; they come last, in the order they were first said."""
        fields = {field.name: field for field in schema}
        for name in dict.fromkeys((*self._changes, *self._suggested)):
            known = fields.get(name)
            values = [
                change.value for layer in (self.of(name), self.suggested(name)) for change in list(layer.values())
            ]
            if known is None:
                known = _field_of(name, values)
            if known is None or known.kind not in _SAID:
                continue
            if known.kind == "class":
                said = dict.fromkeys(value for value in values if isinstance(value, str))
                added = [value for value in said if value not in set(known.classes)]
                known = replace(known, classes=(*known.classes, *added))
            elif known.kind == "number" and not all(_fits(value, known.dtype) for value in values):
                known = replace(known, dtype="float64")  # which also has a value for "nobody knows"
            fields[name] = known
        return Schema(tuple(fields.values()))

    def over(self, field: Field, stored: Any, count: int, values: Mapping[int, Value]) -> Any:
        """`count` stored values of a field of the widened schema (None where it is not stored), with `values` by their
        place among them. What is no value of the field is left out.
        """
        if field.kind not in _SAID:
            return stored
        if stored is None:
            nothing = {"class": UNKNOWN, "number": math.nan, "text": ""}[field.kind]
            stored = [nothing] * count
        if field.kind == "text":
            found = list(stored)
            for place, value in values.items():
                found[place] = "" if value is None else str(value)
            return found
        found = np.array(stored, dtype=np.int64 if field.kind == "class" else field.dtype)
        numbers = {name: number for number, name in enumerate(field.classes)}
        for place, value in values.items():
            if field.kind == "number":
                value = math.nan if value is None else value
            elif value is None or isinstance(value, str):
                value = UNKNOWN if value is None else numbers.get(value)
            if isinstance(value, (int, float)) and (field.kind == "number" or float(value).is_integer()):
                found[place] = value
        return found

    # Changing it

    def append(
        self, key: str, field: str, value: Value, *, by: str = "", confidence: float | None = None, model: str = ""
    ) -> None:
        """Set a field of a record. It is on the disk when this returns. Raises BlobError."""
        said: dict[str, Any] = {"key": key, "field": field, "value": value, "by": by}
        if confidence is not None:
            said |= {"confidence": round(float(confidence), 6), "model": model}
        self._write([said])

    def suggest(self, field: str, found: Iterable[tuple[str, Value, float]], *, model: str, by: str = "") -> None:
        """What a network says of many records, written at once: key, value, confidence. Raises BlobError."""
        said = {"field": field, "by": by, "model": model}
        lines = [said | {"key": key, "value": value, "confidence": round(float(c), 6)} for key, value, c in found]
        if lines:
            self._write(lines)

    def undo(self, key: str, field: str, *, by: str = "") -> bool:
        """Take the last change of a field of a record back; whether there was one. Raises BlobError."""
        self.refresh()
        if key not in self.of(field) and key not in self.suggested(field):
            return False
        self._write([{"key": key, "field": field, "undo": True, "by": by}])
        return True

    def _write(self, said: list[dict[str, Any]]) -> None:
        now = round(time.time(), 3)
        line = "\n".join(json.dumps(each | {"time": now}) for each in said)
        try:
            with self._lock:
                # A line that another left half written ends here.
                append_line(self.path, line if self._ends_whole() else f"\n{line}")
        except OSError as error:
            shown = printable(self.path, 200)
            raise BlobError(f"the labels {shown} cannot be written: {error.strerror or error}") from error
        self.refresh()

    def _ends_whole(self) -> bool:
        try:
            with open(self.path, "rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(size - 1, 0))
                return file.read(1) in (b"", b"\n")
        except FileNotFoundError:
            return True

    # Reading it

    def refresh(self) -> bool:
        """Read what was added; whether there was anything. Raises BlobError."""
        with self._lock:
            try:
                return self._refresh()
            except FileNotFoundError:
                found = bool(self._changes or self._suggested)
                self._forget()
                self.version += found
                return found
            except OSError as error:
                shown = printable(self.path, 200)
                raise BlobError(f"the labels {shown} cannot be read: {error.strerror or error}") from error

    def _forget(self) -> None:
        self._changes: dict[str, dict[str, Change]] = {}
        self._suggested: dict[str, dict[str, Change]] = {}
        self._read = 0
        self._file: tuple[int, int] | None = None
        self.problems = 0

    def _refresh(self) -> bool:
        with open(self.path, "rb") as file:
            facts = os.fstat(file.fileno())
            if (facts.st_dev, facts.st_ino) != self._file or facts.st_size < self._read:
                self._forget()
                self._file = (facts.st_dev, facts.st_ino)
            elif facts.st_size == self._read:
                return False
            file.seek(self._read)
            before = self._read
            for line in file:
                if not line.endswith(b"\n"):
                    break  # somebody writes it
                self._read += len(line)
                self._take(line)
        self.version += self._read > before
        return self._read > before

    def _take(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            said = json.loads(line)
            key, name = _place_of(said)
            change = None if said.get("undo") is True else _change_of(said)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError):
            self.problems += 1
            return
        if change is not None:
            layer = self._suggested if change.suggested else self._changes
        else:  # a person's word is taken back before that of a network
            layer = self._changes if key in self.of(name) else self._suggested
        changes = layer.setdefault(sys.intern(name), {})
        before = changes.get(key)
        if change is not None:
            changes[key] = change if before is None else replace(change, before=before)
        elif before is not None and before.before is not None:
            changes[key] = before.before
        else:
            changes.pop(key, None)
            if not changes:
                del layer[name]


def _place_of(said: Mapping[str, Any]) -> tuple[str, str]:
    """Key and field. Raises TypeError, ValueError, LookupError where they are none."""
    key, field = said["key"], said["field"]
    if not isinstance(key, str) or not isinstance(field, str):
        raise TypeError
    if not field or len(field.encode()) > LONGEST:  # which is an error too where it is no text
        raise ValueError
    return key, field


def _change_of(said: Mapping[str, Any]) -> Change:
    key, field = _place_of(said)
    value, confidence = said["value"], said.get("confidence")
    if not isinstance(value, (str, int, float, type(None))):
        raise TypeError
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise OverflowError
    if confidence is not None and not math.isfinite(confidence):
        raise ValueError
    return Change(
        key,
        sys.intern(field),
        sys.intern(value) if isinstance(value, str) else value,
        sys.intern(str(said.get("by", ""))),
        float(said.get("time", 0.0)),
        None if confidence is None else float(confidence),
        sys.intern(str(said.get("model", ""))),
    )


def _fits(value: Value, dtype: str) -> bool:
    """Whether a number field of this type holds it as it is; a text no such field does, and it is left out."""
    if isinstance(value, str) or np.dtype(dtype).kind not in "iu":
        return True
    if value is None or not float(value).is_integer():
        return False
    limits = np.iinfo(dtype)
    return int(limits.min) <= value <= int(limits.max)


def _field_of(name: str, values: list[Value]) -> Field | None:
    """The field that a file without it is given by these values."""
    if any(isinstance(value, str) for value in values):
        return Field(name, "class", "int64")
    return Field(name, "number", "float64") if any(value is not None for value in values) else None
