"""The filter language of runs: `tag:mnist loss<0.1 (status:done or best(val_accuracy)>0.9) -note:debug`.

    query := either ("or" either)*            "|" is the same as "or"
    either := term ("and"? term)*             a blank is "and"
    term := "not" term | "-" term | "!" term | "(" query ")" | test
    test := TEXT | FIELD ":" VALUE | SUBJECT SIGN VALUE
    SUBJECT := METRIC | "param." NAME | NUMBER FIELD | ("best" | "last" | "min" | "max") "(" METRIC ")"
    SIGN := "<" "<=" ">" ">=" "=" "!="

A metric alone means its last value. Text of several words, or with signs in it, stands in quotes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .errors import QueryError
from .query_complete import complete
from .query_terms import FUNCTIONS, comparison, field_test, free_text
from .query_tests import Each, Either, Kept, Not, Test
from .query_tokens import Kind, Token, tokens
from .rows import Row

__all__ = ["Query", "complete", "parse"]

_DEEPEST = 50
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Query:
    """A filter line that was understood."""

    text: str
    test: Test = field(repr=False, compare=False)

    def matches(self, row: Row, now: float) -> bool:
        """Whether the row passes; `now` (Unix time) is what `since:7d` counts from."""
        return self.test(row, now)

    def verdicts(self, rows: Sequence[Row], now: float, kept: Kept) -> list[bool]:
        """Whether each of the rows passes. `kept`: an empty dict at first, and the same one for the same rows."""
        return self.test.verdicts(rows, now, kept)

    def passing(self, rows: Sequence[Row], now: float) -> list[int]:
        """The places in `rows` of those that pass."""
        return [at for at, passed in enumerate(self.verdicts(rows, now, {})) if passed]


def parse(text: str) -> Query:
    """Understand a filter line; an empty one passes everything. Raises QueryError at the place that is wrong."""
    if len(text) > _LONGEST:
        raise QueryError(f"a filter has at most {_LONGEST} characters", _LONGEST)
    return Query(text, _Parser(tokens(text)).whole())


class _Parser:
    """Recursive descent, a method a rule of the grammar above."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0

    def whole(self) -> Test:
        if self._now.kind is Kind.END:
            return Each(())
        test = self._query()
        if self._now.kind is Kind.CLOSE:
            raise QueryError("this ) closes nothing", self._now.start)
        return test

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._now
        self._at += token.kind is not Kind.END
        return token

    def _query(self) -> Test:
        tests = [self._either()]
        while self._now.kind is Kind.OR:
            self._take()
            tests.append(self._either())
        return tests[0] if len(tests) == 1 else Either(tuple(tests))

    def _either(self) -> Test:
        tests = [self._term()]
        while self._now.kind not in (Kind.END, Kind.CLOSE, Kind.OR):
            if self._now.kind is Kind.AND:
                self._take()
            tests.append(self._term())
        return tests[0] if len(tests) == 1 else Each(tuple(tests))

    def _term(self) -> Test:
        token = self._take()
        match token.kind:
            case Kind.NOT:
                return Not(self._deeper(token, self._term))
            case Kind.OPEN:
                inner = self._deeper(token, self._query)
                if self._take().kind is not Kind.CLOSE:
                    raise QueryError("this ( is not closed", token.start)
                return inner
            case Kind.WORD:
                return self._test(token)
            case _:
                raise QueryError(_expected(token), token.start)

    def _deeper(self, token: Token, rule: Callable[[], Test]) -> Test:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise QueryError(f"more than {_DEEPEST} brackets and nots inside each other", token.start)
        test = rule()
        self._depth -= 1
        return test

    def _test(self, word: Token) -> Test:
        after = self._now
        if self._is_call(word, after):
            return self._call(word)
        if after.kind is not Kind.SIGN:
            return free_text(word.text)
        sign = self._take()
        value = self._value(sign)
        return field_test(word, value) if sign.text == ":" else comparison(word, "", sign, value)

    @staticmethod
    def _is_call(word: Token, after: Token) -> bool:
        touches = after.kind is Kind.OPEN and after.start == word.end
        return touches and not word.quoted and word.text.lower() in FUNCTIONS

    def _call(self, function: Token) -> Test:
        bracket = self._take()
        metric = self._take()
        if metric.kind is not Kind.WORD:
            raise QueryError(f"{function.text}(…) needs the name of a metric", metric.start)
        if self._take().kind is not Kind.CLOSE:
            raise QueryError("this ( is not closed", bracket.start)
        sign = self._take()
        if sign.kind is not Kind.SIGN or sign.text == ":":
            raise QueryError(f"{function.text}({metric.text}) is compared: < <= > >= = != and a number", sign.start)
        return comparison(metric, function.text.lower(), sign, self._value(sign))

    def _value(self, sign: Token) -> Token:
        value = self._take()
        if value.kind in (Kind.WORD, Kind.AND, Kind.OR, Kind.NOT) and (value.text != "|" or value.quoted):
            return value
        raise QueryError(f"after {sign.text} there must be a value", value.start)


def _expected(token: Token) -> str:
    match token.kind:
        case Kind.END:
            return "the filter ends where a word or a condition should follow"
        case Kind.CLOSE:
            return "this ) closes nothing, or brackets with nothing in them"
        case Kind.SIGN:
            return f"before {token.text} there must be a name"
        case _:
            return f"before {token.text!r} there must be a condition"
