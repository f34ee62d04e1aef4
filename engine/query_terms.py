"""What the terms of a filter line mean: a test of a row for each."""

from __future__ import annotations

import fnmatch
import math
import operator
import re
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import PurePath

from .errors import QueryError
from .metrics import better
from .query_tokens import Token
from .rows import Row
from .status import word as status_word

Test = Callable[[Row, float], bool]

# Fields whose text is compared, `field:text` or `field=text`.
TEXTS: dict[str, Callable[[Row], Iterable[str]]] = {
    "tag": lambda row: row.tags,
    "status": lambda row: (status_word(row.status),),
    "name": lambda row: (row.name,),
    "note": lambda row: (row.note,),
    "script": lambda row: (row.script,),
    "owner": lambda row: (row.owner,),
    "id": lambda row: (row.id,),
    "parent": lambda row: (row.parent,),
    "launcher": lambda row: (row.launcher,),
}
TIMES = ("since", "before")
PRESENCE = "has"
# Numbers of a row that are no metric; a metric of the same name is reached by last(name).
NUMBERS: dict[str, Callable[[Row, float], float | None]] = {
    "epoch": lambda row, _: row.epoch,
    "epochs": lambda row, _: row.epochs,
    "step": lambda row, _: row.step,
    "steps": lambda row, _: row.steps,
    "fit": lambda row, _: row.fit,
    "eta": lambda row, _: row.eta,
    "length": lambda row, now: row.length(now),
    "age": lambda row, now: None if row.created is None else max(now - row.created, 0.0),
    "size": lambda row, _: row.size,
}
FUNCTIONS = ("best", "last", "min", "max")
_DURATIONS = ("eta", "length", "age")

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    # A learning rate that went through 32 bits is still the one that was given.
    "=": lambda left, right: left == right or math.isclose(left, right, rel_tol=1e-6),
}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_557_600}
_DURATION = re.compile(r"(?:\d+(?:\.\d*)?[smhdwy])+", re.IGNORECASE)
_SIZE = re.compile(r"(\d+(?:\.\d*)?)([kmgt]?)(?:i?b)?", re.IGNORECASE)


def free_text(word: str) -> Test:
    """Found anywhere in the name, id, tags, note or script; case does not matter."""
    needle = word.casefold()
    return lambda row, _: needle in (row.folded or row.fold())


def field_test(field: Token, value: Token) -> Test:
    """`field:value`."""
    name = field.text.lower()
    if name in TIMES:
        return _time_test(name, value)
    if name == PRESENCE:
        return _presence_test(value)
    if name in TEXTS:
        return _text_test(name, value)
    known = ", ".join([*TEXTS, *TIMES, PRESENCE])
    raise QueryError(f"{field.text!r} is no field; there are {known}. Text with a colon goes in quotes", field.start)


def _text_test(name: str, value: Token) -> Test:
    texts = TEXTS[name]
    if name == "tag":  # a whole tag, for t1 is not t10
        return _tag_test(_choices(value))
    if name in ("status", "parent"):
        words = ["out of memory" if word == "oom" else word for word in _choices(value)]
        return _any_of(texts, words, str.startswith)
    return _any_of(texts, [value.text.casefold()], operator.contains)


def _tag_test(wanted: list[str]) -> Test:
    if any(sign in tag for tag in wanted for sign in "*?["):
        return _any_of(TEXTS["tag"], wanted, fnmatch.fnmatchcase)
    tags = frozenset(wanted)
    return lambda row, _: not tags.isdisjoint(row.tags)


def _choices(value: Token) -> list[str]:
    return [value.text.casefold()] if value.quoted else [part for part in value.text.casefold().split(",") if part]


def _any_of(texts: Callable[[Row], Iterable[str]], wanted: list[str], fits: Callable[[str, str], bool]) -> Test:
    def test(row: Row, _: float) -> bool:
        for text in texts(row):
            folded = text.casefold()
            for word in wanted:
                if fits(folded, word):
                    return True
        return False

    return test


def _presence_test(value: Token) -> Test:
    name = value.text
    if name.startswith("param."):
        key = name[len("param.") :]
        return lambda row, _: parameter(row, key) is not None
    if name in TEXTS:
        return lambda row, _: any(TEXTS[name](row))
    return lambda row, _: name in row.metrics


def _time_test(name: str, value: Token) -> Test:
    moment = moment_of(value)
    if name == "since":
        return lambda row, now: row.created is not None and row.created >= moment(now)
    return lambda row, now: row.created is not None and row.created < moment(now)


def moment_of(value: Token) -> Callable[[float], float]:
    """`7d`, `2h30m` (so long ago), `today`, `yesterday`, `2026-11-21`, `2026-11-21T08:30`: Unix time, given now."""
    text = value.text.lower()
    if _DURATION.fullmatch(text):
        ago = _seconds(text)
        return lambda now: now - ago
    if text in ("today", "yesterday"):
        back = timedelta(days=int(text == "yesterday"))
        return lambda now: (_midnight(now) - back).timestamp()
    try:
        fixed = datetime.fromisoformat(value.text).timestamp()
    except (ValueError, OverflowError, OSError):
        raise QueryError(
            f"{value.text!r} is no time: 7d, 12h, 2h30m, today, yesterday or {time.strftime('%Y-%m-%d')}", value.start
        ) from None
    return lambda _: fixed


def _midnight(now: float) -> datetime:
    return datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)


def _seconds(text: str) -> float:
    parts = re.findall(r"(\d+(?:\.\d*)?)([smhdwy])", text.lower())
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def comparison(subject: Token, function: str, sign: Token, value: Token) -> Test:
    """`subject sign value`, or with `function`, `best(subject) sign value`.

    A row that lacks the value passes no comparison, `!=` included.
    """
    wanted_sign = "=" if sign.text in ("==", "!=") else sign.text
    if not function and subject.text.lower() in TEXTS:
        test = _text_equality(subject, wanted_sign, sign, value)
        present: Test = lambda row, _: any(TEXTS[subject.text.lower()](row))  # noqa: E731 -- as short as it is
    elif not function and subject.text.startswith("param."):
        key = subject.text[len("param.") :]
        test = _parameter_test(key, wanted_sign, value)
        present = lambda row, _: parameter(row, key) is not None  # noqa: E731
    else:
        number = _number_of(subject.text, function)
        right, compare = _wanted(subject.text, function, value), _COMPARE[wanted_sign]
        test = _number_test(number, compare, right)
        present = lambda row, now: number(row, now) is not None  # noqa: E731
    if sign.text == "!=":
        return lambda row, now: present(row, now) and not test(row, now)
    return test


def _text_equality(subject: Token, wanted_sign: str, sign: Token, value: Token) -> Test:
    if wanted_sign != "=":
        raise QueryError(f"{subject.text} is a text: {sign.text} does not compare it; use : or =", sign.start)
    return _any_of(TEXTS[subject.text.lower()], [value.text.casefold()], operator.eq)


def _number_test(
    number: Callable[[Row, float], float | None], compare: Callable[[float, float], bool], right: float
) -> Test:
    if right != right:  # loss=nan asks for what is not a number
        return lambda row, now: (left := number(row, now)) is not None and left != left

    def test(row: Row, now: float) -> bool:
        left = number(row, now)
        return left is not None and compare(left, right)

    return test


def _number_of(name: str, function: str) -> Callable[[Row, float], float | None]:
    if not function and name.lower() in NUMBERS:
        return NUMBERS[name.lower()]
    attribute = better(name) if function == "best" else function or "last"

    def number(row: Row, _: float) -> float | None:
        metric = row.metrics.get(name)
        return None if metric is None else getattr(metric, attribute)

    return number


def _wanted(name: str, function: str, value: Token) -> float:
    """The number on the right: with a unit where the left has one."""
    field = "" if function else name.lower()
    text = value.text.lower()
    if field in _DURATIONS and _DURATION.fullmatch(text):
        return _seconds(text)
    if field == "size" and (match := _SIZE.fullmatch(text)):
        return float(match[1]) * 1024 ** " kmgt".index(match[2] or " ")
    try:
        if text.endswith("%"):
            return float(text[:-1]) / 100
        return float(text)
    except ValueError:
        example = "90s, 2h30m" if field in _DURATIONS else "1G, 500M" if field == "size" else "0.1, 1e-3, nan"
        raise QueryError(f"{value.text!r} is no number: write {example}", value.start) from None


def _parameter_test(key: str, sign: str, value: Token) -> Test:
    compare = _COMPARE[sign]
    try:
        right = float(value.text)
    except ValueError:
        if sign != "=":
            raise QueryError(f"{value.text!r} is no number: {sign} compares numbers", value.start) from None
        wanted = value.text.casefold()
        return lambda row, _: (left := parameter(row, key)) is not None and str(left).casefold() == wanted

    def test(row: Row, _: float) -> bool:
        left = parameter(row, key)
        if isinstance(left, bool) or not isinstance(left, int | float):
            return sign == "=" and left is not None and str(left) == value.text
        try:
            return compare(float(left), right)
        except OverflowError:
            return False

    return test


def parameter(row: Row, name: str) -> object | None:
    """The row's parameter of that name; `-` and `_` are the same, and `lr` also finds `optimizer.lr`."""
    parameters = row.parameters
    if name in parameters:
        return parameters[name]
    plain = name.replace("-", "_").casefold()
    ending = f".{plain}"
    for key, value in parameters.items():
        folded = key.replace("-", "_").casefold()
        if folded == plain or folded.endswith(ending):
            return value
    return None


def stem(script: str) -> str:
    """A script as a person calls it."""
    return PurePath(script).stem
