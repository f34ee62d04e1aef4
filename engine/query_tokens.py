"""A filter line cut into tokens, each with its place: names, signs, values, brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from .errors import QueryError

_SIGN = re.compile(r"<=|>=|!=|==|[<>=:]")
_PLAIN = re.compile(r"(?:[^\s()<>=:|\"'!]|!(?!=))+")
_VALUE = re.compile(r"[^\s()|\"']+")  # after a sign: times and paths hold colons
_MARKS = {"(": "OPEN", ")": "CLOSE", "|": "OR"}
_WORDS = {"and": "AND", "or": "OR", "not": "NOT", "&": "AND", "&&": "AND"}


class Kind(Enum):
    WORD = "a word"
    SIGN = "a sign"
    OPEN = "("
    CLOSE = ")"
    AND = "and"
    OR = "or"
    NOT = "not"
    END = "the end"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` without its quotes; `start` and `end` are columns of the filter line."""

    kind: Kind
    text: str
    start: int
    end: int
    quoted: bool = False


def tokens(text: str) -> list[Token]:
    """All tokens, an END last. Raises QueryError at a quote that is not closed."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found.append(_next(text, at, found[-1] if found else None))
        at = found[-1].end
    return [*found, Token(Kind.END, "", len(text), len(text))]


def _next(text: str, at: int, before: Token | None) -> Token:
    after_sign = before is not None and before.kind is Kind.SIGN
    if text[at] in _MARKS:
        return Token(Kind[_MARKS[text[at]]], text[at], at, at + 1)
    if not after_sign:
        if sign := _SIGN.match(text, at):
            return Token(Kind.SIGN, sign.group(), at, sign.end())
        if text[at] in "-!" and _begins_term(text, at, before):
            return Token(Kind.NOT, text[at], at, at + 1)
    return _word(text, at, _VALUE if after_sign else _PLAIN)


def _begins_term(text: str, at: int, before: Token | None) -> bool:
    stands_free = before is None or before.end < at or before.kind in (Kind.OPEN, Kind.NOT, Kind.OR)
    return stands_free and at + 1 < len(text) and not text[at + 1].isspace()


def _word(text: str, at: int, plain: re.Pattern[str]) -> Token:
    """A word may be part quoted, part not, as in a shell: `name:"two words"`, `param."batch size"`."""
    start, parts, quoted = at, [], False
    while at < len(text):
        if text[at] in "\"'":
            part, at = _quoted(text, at)
            quoted = True
        elif match := plain.match(text, at):
            part, at = match.group(), match.end()
        else:
            break
        parts.append(part)
    if at == start:  # a sign after a sign
        return Token(Kind.SIGN, text[at], at, at + 1)
    word = "".join(parts)
    kind = Kind.WORD if quoted else Kind[_WORDS.get(word.lower(), "WORD")]
    return Token(kind, word, start, at, quoted)


def _quoted(text: str, at: int) -> tuple[str, int]:
    mark, begin, parts = text[at], at, []
    at += 1
    while at < len(text):
        if text[at] == mark:
            return "".join(parts), at + 1
        if text[at] == "\\" and at + 1 < len(text):
            at += 1
        parts.append(text[at])
        at += 1
    raise QueryError(f"this {mark} is not closed", begin)


def quote(word: str) -> str:
    """`word` as a filter line takes it: in quotes where it needs them."""
    if _PLAIN.fullmatch(word) and word[0] not in "-!" and word.lower() not in _WORDS:
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
