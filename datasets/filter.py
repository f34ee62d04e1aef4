"""A line that chooses records: `label:cat group:film -split:test age>30 "a text"`.

`parse` makes terms of it, `Chooser` says which records pass. All must hold. A word without a field is looked up in
keys, texts and names of classes. `field:a,b` is any of several, `field:?` what nobody knows, `-` turns a term round.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from ..engine.errors import QueryError
from .schema import UNKNOWN, Field, Schema

if TYPE_CHECKING:
    import numpy as np

    from .blob import Blob

NUMBER, KEY = "record", "key"  # fields that every blob has
_CHUNK = 4096  # records that are looked at between two words about how far one is
_TERM = re.compile(r'(?P<no>-?)(?:(?P<field>[^\s:<>="]+)(?P<sign>:|<=|>=|<|>|=))?(?P<value>"[^"]*"?|[^\s"]*)')
_ALIASES = {"part": "split", "class": "label"}
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, ":": operator.eq,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """`field` is "" for a word looked up anywhere; `classes` are the numbers meant, of a class field."""

    field: str
    sign: str
    value: str
    negated: bool = False
    classes: frozenset[int] | None = None
    number: float | None = None


def parse(text: str, schema: Schema) -> tuple[Term, ...]:
    """The terms of a line. Raises QueryError, with the column where it makes no sense."""
    found: list[Term] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _TERM.match(text, at)
        assert match is not None
        if match.end() == at:
            raise QueryError(f"{text[at]!r} stands alone", at)
        found.append(_term(match, schema))
        at = match.end()
    return tuple(found)


def complete(text: str, position: int, schema: Schema) -> list[str]:
    """The lines that come of completing the word at `position`: fields, then classes of a field."""
    before, after = text[:position], text[position:]
    start = max(before.rfind(" "), -1) + 1
    word = before[start:].removeprefix("-")
    lead = before[: position - len(word)]
    name, sign, begun = word.partition(":")
    if not sign:
        fields = [f"{field.name}{':' if field.kind != 'number' else '>'}" for field in schema if field.kind != "image"]
        words = [each for each in (*fields, f"{KEY}:", f"{NUMBER}>") if each.startswith(name) and name]
        return [lead + each + after for each in words]
    field = _field_of(name, schema)
    if field is None or field.kind != "class":
        return []
    *done, begun = begun.split(",")
    begun = begun.lstrip('"').casefold()
    fitting = [each for each in field.classes if each.casefold().startswith(begun) and each.casefold() != begun]
    head = lead + ",".join([f"{name}:{done[0]}" if done else f"{name}:", *done[1:]]) + ("," if done else "")
    return [head + (f'"{each}"' if re.search(r'[\s,"]', each) else each) + after for each in fitting[:50]]


def _term(match: re.Match[str], schema: Schema) -> Term:
    name, sign, value = match["field"] or "", match["sign"] or "", match["value"]
    negated, value = bool(match["no"]), value.strip('"')
    if not name:
        if not value:
            raise QueryError("nothing stands behind it", match.start())
        return Term("", "", value.casefold(), negated)
    if name == KEY:
        return Term(KEY, sign, value.casefold(), negated)
    if name == NUMBER:
        return Term(NUMBER, sign, value, negated, number=_number(value, match))
    field = _field_of(name, schema)
    if field is None:
        near = get_close_matches(name, schema.names, 1)
        there = f"did you mean {near[0]}?" if near else f"there are {', '.join([*schema.names, KEY, NUMBER])}"
        raise QueryError(f"no field is called {name}: {there}", match.start("field"))
    if field.kind == "class":
        if sign not in (":", "="):
            raise QueryError(f"{field.name} has no order: {field.name}:NAME", match.start("sign"))
        return Term(field.name, ":", value, negated, _classes(field, value, match))
    if field.kind == "number":
        return Term(field.name, sign, value, negated, number=_number(value, match))
    if field.kind == "text":
        return Term(field.name, sign, value.casefold(), negated)
    raise QueryError(f"{field.name} is no class, number or text: nothing can be chosen by it", match.start("field"))


def _field_of(name: str, schema: Schema) -> Field | None:
    if name in schema:
        return schema[name]
    meant = _ALIASES.get(name, name)
    if meant == "label":
        return schema.label
    return schema[meant] if meant in schema else None  # noqa: SIM401 (no mapping)


def _number(value: str, match: re.Match[str]) -> float:
    try:
        return float(value.replace(",", "") if match["sign"] else value)
    except ValueError:
        raise QueryError(f"{value or 'nothing'} is no number", match.start("value")) from None


def _classes(field: Field, value: str, match: re.Match[str]) -> frozenset[int]:
    """The numbers of the classes that are named: by their name, a part of it, or their number."""
    names = [each.casefold() for each in field.classes]
    wanted: set[int] = set()
    whole = value.casefold()
    for each in [whole] if whole in names else whole.split(","):
        if each in ("?", "unknown") and each not in names:
            wanted.add(UNKNOWN)
        elif each in names:
            wanted.update(at for at, name in enumerate(names) if name == each)
        elif each.isdecimal() and (int(each) < len(names) or not names):
            wanted.add(int(each))
        else:
            part = [at for at, name in enumerate(names) if each and each in name]
            if not part:
                near = get_close_matches(each, names, 3)
                said = f"did you mean {' or '.join(near)}?" if near else f"its classes: {', '.join(field.classes[:8])}"
                raise QueryError(f"{field.name} is never {each or 'nothing'}; {said}", match.start("value"))
            wanted.update(part)
    return frozenset(wanted)


class Chooser:
    """Which records of a blob pass a line. Keeps the labels that it read until `forget`."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self._labels: dict[str, np.ndarray] = {}

    def forget(self) -> None:
        """The records, or their labels, are other ones now."""
        self._labels.clear()

    def passing(self, terms: tuple[Term, ...], start: int = 0) -> Iterator[tuple[np.ndarray, int]]:
        """The places from `start` on that pass, in order, a piece (which may be empty) at a time, and how many records
        have been looked at. Raises BlobError.
        """
        import numpy as np

        count = len(self._blob)
        slow = any(not self._quick(term) for term in terms)
        size = _CHUNK if slow else max(count - start, 1)
        for first in range(start, count, size):
            places = np.arange(first, min(first + size, count))
            for term in sorted(terms, key=self._quick, reverse=True):  # what costs little leaves less to look at
                if len(places):
                    places = places[self._holds(term, places) != term.negated]
            yield places, min(first + size, count)

    def _quick(self, term: Term) -> bool:
        return term.field == NUMBER or term.classes is not None

    def _labels_of(self, name: str) -> np.ndarray:
        if name not in self._labels or len(self._labels[name]) != len(self._blob):
            self._labels[name] = self._blob.labels(name)
        return self._labels[name]

    def _holds(self, term: Term, places: np.ndarray) -> np.ndarray:
        import numpy as np

        if term.field == NUMBER:
            return _COMPARE[term.sign](places, term.number)
        if term.classes is not None:
            return np.isin(self._labels_of(term.field)[places], list(term.classes))
        if term.field == KEY:
            return np.array([term.value in key.casefold() for key in self._blob.keys(places.tolist())], bool)
        values = self._blob.read(places.tolist(), [term.field])[term.field] if term.field else ()
        if term.number is not None:
            return _COMPARE[term.sign](np.asarray(values, np.float64), term.number)
        if term.field:
            return np.array([term.value in str(each).casefold() for each in values], bool)
        return self._anywhere(term.value, places)

    def _anywhere(self, word: str, places: np.ndarray) -> np.ndarray:
        import numpy as np

        found = np.array([word in key.casefold() for key in self._blob.keys(places.tolist())], bool)
        for field in self._blob.schema:
            if field.kind == "class":
                meant = [at for at, name in enumerate(field.classes) if word in name.casefold()]
                found |= np.isin(self._labels_of(field.name)[places], meant)
            elif field.kind == "text":
                values = self._blob.read(places.tolist(), [field.name])[field.name]
                found |= np.array([word in str(each).casefold() for each in values], bool)
        return found
