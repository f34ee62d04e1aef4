"""What could stand at the cursor of a filter line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .query_terms import FUNCTIONS, NUMBERS, PRESENCE, TEXTS, TIMES, stem
from .query_tokens import quote
from .rows import Snapshot
from .status import word
from .text import printable

MOST = 50
_BEGINNING = re.compile(r"""(?:[^\s()|"']|"[^"]*"?|'[^']*'?)*$""")
_NUMBER_SIGNS = re.compile(r"[<>=]")
_SPANS = ("1h", "12h", "1d", "7d", "30d", "today", "yesterday")
_STATUSES = ("waiting", "running", "stopping", "done", "failed", "killed", "stopped", "oom", "lost")


def complete(text: str, position: int, snapshot: Snapshot | None) -> list[str]:
    """Whole filter lines with the word at `position` (a column) completed, at most 50, likeliest first.

    Names come from the rows of `snapshot`; those that a terminal cannot show are left out.
    """
    before, after = text[:position], text[position:]
    match = _BEGINNING.search(before)
    begun = match.group() if match else ""
    call = re.search(r"\b(?:best|last|min|max)\($", before[: len(before) - len(begun)], re.IGNORECASE)
    negated = begun[:1] if begun[:1] in ("-", "!") else ""
    begun = begun[len(negated) :]
    head = before[: len(before) - len(begun)]
    candidates = (f"{name})" for name in _metrics(snapshot)) if call else _candidates(begun, snapshot)
    found = dict.fromkeys(word for word in candidates if _continues(word, begun))
    return [f"{head}{word}{after}" for word in list(found)[:MOST]]


def _continues(word: str, begun: str) -> bool:
    return word != begun and word.casefold().startswith(begun.casefold()) and printable(word) == word


def _candidates(begun: str, snapshot: Snapshot | None) -> Iterable[str]:
    field, colon, _ = begun.partition(":")
    if colon:
        return (f"{field}:{quote(value)}" for value in _values(field.lower(), snapshot))
    if begun.startswith("param."):
        return (f"param.{quote(name)}" for name in _parameters(snapshot))
    if not begun or _NUMBER_SIGNS.search(begun):
        return ()
    fields = (f"{name}:" for name in (*TEXTS, *TIMES, PRESENCE))
    return (*fields, *_metrics(snapshot), *(f"{name}(" for name in FUNCTIONS), "param.", *NUMBERS)


def _values(field: str, snapshot: Snapshot | None) -> Iterable[str]:
    rows = snapshot.rows if snapshot else ()
    if field in TIMES:
        return _SPANS
    if field == "status":
        return dict.fromkeys([*(word(row.status).split(" (")[0] for row in rows), *_STATUSES])
    if field == "script":
        return sorted({stem(row.script) for row in rows if row.script})
    if field == PRESENCE:
        return (*TEXTS, *_metrics(snapshot), *(f"param.{name}" for name in _parameters(snapshot)))
    if field in TEXTS:
        return sorted({text for row in rows for text in TEXTS[field](row) if text})
    return ()


def _metrics(snapshot: Snapshot | None) -> list[str]:
    return [quote(name) for name in dict.fromkeys(name for row in _rows(snapshot) for name in row.metrics)]


def _parameters(snapshot: Snapshot | None) -> list[str]:
    return sorted({name for row in _rows(snapshot) for name in row.parameters})


def _rows(snapshot: Snapshot | None) -> Iterable:
    return snapshot.rows if snapshot else ()
