"""A filter line as what a table filters by."""

from __future__ import annotations

import re

from ...engine.rows import Row
from ..widgets.table_order import Filter

# Words without a field, a comparison, quotes or logic: nearly all that is ever typed, looked up at once in all rows.
_PLAIN = re.compile(r"[^\s:<>=!\"'()|&-][^\s:<>=!\"'()|&]*")
_LOGIC = frozenset({"and", "or", "not"})


def row_text(row: Row) -> str:
    """What free words of a filter are looked up in, case folded."""
    return row.folded or row.fold()


def filter_of(text: str, now: float) -> Filter:
    """The filter that `text` asks for. Raises QueryError, with the position, where it cannot be understood."""
    words = text.split()
    if all(_PLAIN.fullmatch(word) and word.casefold() not in _LOGIC for word in words):
        return Filter(words=tuple(word.casefold() for word in words))
    from ...engine.query import parse

    query = parse(text)
    return Filter(test=lambda row: query.matches(row, now), verdicts=lambda rows, kept: query.verdicts(rows, now, kept))
