"""What the terms of a filter line mean: a test of a row for each."""

from __future__ import annotations

import fnmatch
import math
import operator
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from .errors import QueryError
from .metrics import better
from .query_tests import Condition, Each, Not, Test
from .query_tokens import Token
from .rows import Row
from .status import Done, Finished
from .status import word as status_word


def _status(row: Row) -> str:
    status = row.status  # of most runs the first look tells
    return "done" if type(status) is Finished and type(status.why) is Done else status_word(status)


# Fields whose text is compared, `field:text` or `field=text`.
TEXTS: dict[str, Callable[[Row], tuple[str, ...]]] = {
    "tag": lambda row: row.tags,
    "status": lambda row: (_status(row),),
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
_GROWING = ("length", "age")  # change while one looks
_ALIKE = frozenset({"tag", "status", "owner", "launcher", "script"})  # many rows have the same one

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
    return Condition(lambda row, _: row.folded or row.fold(), lambda text: needle in text, "text")


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
    if name == "tag":  # a whole tag, for t1 is not t10
        return _tag_test(_choices(value))
    if name in ("status", "parent"):
        words = ["out of memory" if word == "oom" else word for word in _choices(value)]
        return _any_of(name, words, str.startswith)
    return _any_of(name, [value.text.casefold()], operator.contains)


def _tag_test(wanted: list[str]) -> Test:
    if any(sign in tag for tag in wanted for sign in "*?["):
        return _any_of("tag", wanted, fnmatch.fnmatchcase)
    tags = frozenset(wanted)
    return _texts_test("tag", lambda texts: not tags.isdisjoint(texts))


def _choices(value: Token) -> list[str]:
    return [value.text.casefold()] if value.quoted else [part for part in value.text.casefold().split(",") if part]


def _any_of(name: str, wanted: list[str], fits: Callable[[str, str], bool]) -> Test:
    def accepts(texts: tuple[str, ...]) -> bool:
        for text in texts:
            folded = text.casefold()
            for word in wanted:
                if fits(folded, word):
                    return True
        return False

    return _texts_test(name, accepts)


def _texts_test(name: str, accepts: Callable[[tuple[str, ...]], bool]) -> Test:
    if name == "tag":
        return Condition(lambda row, _: row.tags, accepts, name, few=True)
    texts = TEXTS[name]  # of one text each: a hundred thousand tuples that are kept would be work for the collector
    return Condition(lambda row, _: texts(row)[0], lambda text: accepts((text,)), name, few=name in _ALIKE)


def _presence_test(value: Token) -> Test:
    name = value.text
    if name.startswith("param."):
        return _parameter_there(name[len("param.") :])
    if name in TEXTS:
        return _texts_test(name, any)
    return Condition(lambda row, _: name in row.metrics, bool)


def _parameter_there(key: str) -> Test:
    return _of_parameter(key, lambda value: value is not None)


def _of_parameter(key: str, accepts: Callable[[Any], bool]) -> Test:
    return Condition(lambda row, _: parameter(row, key), accepts, ("param", key))


def _time_test(name: str, value: Token) -> Test:
    moment = moment_of(value)
    if name == "since":
        return Condition(lambda row, now: row.created is not None and row.created >= moment(now), bool)
    return Condition(lambda row, now: row.created is not None and row.created < moment(now), bool)


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
    field = subject.text.lower()
    if not function and field in TEXTS:
        test, present = _text_equality(subject, wanted_sign, sign, value), _texts_test(field, any)
    elif not function and subject.text.startswith("param."):
        key = subject.text[len("param.") :]
        test, present = _parameter_test(key, wanted_sign, value), _parameter_there(key)
    else:
        right = _wanted(subject.text, function, value)
        test = _of_number(subject.text, function, _number_test(wanted_sign, right))
        present = _of_number(subject.text, function, lambda left: left is not None)
    return Each((present, Not(test))) if sign.text == "!=" else test


def _text_equality(subject: Token, wanted_sign: str, sign: Token, value: Token) -> Test:
    if wanted_sign != "=":
        raise QueryError(f"{subject.text} is a text: {sign.text} does not compare it; use : or =", sign.start)
    return _any_of(subject.text.lower(), [value.text.casefold()], operator.eq)


def _number_test(sign: str, right: float) -> Callable[[float | None], bool]:
    if right != right:  # loss=nan asks for what is not a number
        return lambda left: left is not None and left != left
    compare = _COMPARE[sign]
    return lambda left: left is not None and compare(left, right)


def _of_number(name: str, function: str, accepts: Callable[[float | None], bool]) -> Test:
    """A test of a field of the row, or of a metric."""
    field = name.lower()
    if not function and field in NUMBERS:
        return Condition(NUMBERS[field], accepts, None if field in _GROWING else ("number", field))
    attribute = better(name) if function == "best" else function or "last"
    summary = operator.attrgetter(attribute)

    def number(row: Row, _: float) -> float | None:
        metric = row.metrics.get(name)
        return None if metric is None else summary(metric)

    return Condition(number, accepts, ("metric", name, attribute))


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
        return _of_parameter(key, _same_text(value.text.casefold()))

    def accepts(left: object) -> bool:
        if type(left) is not float and type(left) is not int:
            return sign == "=" and left is not None and str(left) == value.text
        try:
            return compare(float(left), right)
        except OverflowError:
            return False

    return _of_parameter(key, accepts)


def _same_text(wanted: str) -> Callable[[object], bool]:
    # A number is never written as a text that is none.
    return lambda left: left is not None and type(left) not in (int, float) and str(left).casefold() == wanted


def parameter(row: Row, name: str) -> object | None:
    """The row's parameter of that name; `-` and `_` are the same, and `lr` also finds `optimizer.lr`."""
    parameters = row.parameters
    if name in parameters:
        return parameters[name]
    for key, value in parameters.items():
        if _is_short_for(name, key):
            return value
    return None


@lru_cache(10_000)  # of pairs: thousands of runs have the same few parameters
def _is_short_for(name: str, key: str) -> bool:
    plain, folded = name.replace("-", "_").casefold(), key.replace("-", "_").casefold()
    return folded == plain or folded.endswith(f".{plain}")


def stem(script: str) -> str:
    """A script as a person calls it."""
    return PurePath(script).stem
