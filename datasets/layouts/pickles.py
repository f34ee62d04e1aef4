"""Pickles of plain data and NumPy arrays, read without running any code.

An own machine for the few instructions that texts, numbers, lists, tuples, mappings and arrays are made of. Where a
pickle names something to call it must be one of the names by which NumPy spells an array, and what is done then is done
here: nothing is imported and nothing is called. Source of the instructions: Lib/pickletools.py of CPython.
"""

from __future__ import annotations

import codecs
import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...engine.text import printable
from ..errors import SourceError

LARGEST = 1 << 30  # bytes of a file: CIFAR-100 has 155 million
MOST = 2_000_000  # instructions: CIFAR-100 takes 300 thousand
_MARK = object()
_KINDS = "biuf"
_QUOTED = re.compile(rb"(?:[^\\]|\\(?:[\\'\"nrt]|x[0-9a-fA-F]{2}))*+", re.DOTALL)  # as Python 2 writes its texts


class _RefusedError(Exception):
    """Why a pickle is not read."""


@dataclass(frozen=True, slots=True)
class _Name:
    """Something that a pickle calls, by its name only."""

    name: str


@dataclass(slots=True, eq=False)
class _Dtype:
    """`numpy.dtype('u1', …)`, whose byte order comes with BUILD."""

    code: str
    order: str = "="

    def made(self) -> np.dtype[Any]:
        if self.code[:1] not in _KINDS or not self.code[1:].isdigit() or len(self.code) > 3:
            raise _RefusedError(f"it has an array of {printable(self.code, 40)!r}")
        return np.dtype(self.code).newbyteorder(">" if self.order == ">" else "<" if self.order == "<" else "=")


@dataclass(slots=True, eq=False)
class _Array:
    """An array whose content comes with BUILD."""

    value: np.ndarray | None = None


_NAMES = {
    f"numpy.{core}.{name}": name
    for core in ("core", "_core") for name in ("multiarray._reconstruct", "multiarray.scalar", "numeric._frombuffer")
} | {"numpy.ndarray": "ndarray", "numpy.dtype": "dtype", "_codecs.encode": "encode", "__builtin__.bytearray": "bytes",
     "builtins.bytearray": "bytes", "__builtin__.bytes": "bytes", "builtins.bytes": "bytes"}  # fmt: skip


def read(path: Path) -> Any:
    """The object of a pickle file: texts (those of Python 2 as bytes), numbers, lists, tuples, mappings, arrays.

    Raises SourceError: it holds anything else, it is damaged or larger than `LARGEST`.
    """
    said = printable(path, 300)
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise SourceError(f"{said} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > LARGEST:
        raise SourceError(f"{said} is larger than {LARGEST >> 20} MB, too large for a pickle")
    try:
        return loads(data)
    except _RefusedError as error:
        raise SourceError(f"{said} is not read: {error}") from None


def loads(data: bytes) -> Any:
    """The object of a pickle; raises _RefusedError."""
    try:
        return _plain(_Machine(data).run())
    except _RefusedError:
        raise
    # What damaged bytes lead to: a stack that is empty, a place outside, text that is none, numbers without end.
    except (IndexError, KeyError, ValueError, TypeError, OverflowError, AttributeError, RecursionError, struct.error,
            SyntaxError, MemoryError) as error:  # fmt: skip
        raise _RefusedError(f"it is damaged ({type(error).__name__})") from None


@dataclass(slots=True)
class _Machine:
    data: bytes
    place: int = 0
    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)

    def run(self) -> Any:
        for _ in range(MOST):
            code = self.take(1)
            if code == b".":
                return self.stack.pop()
            step = _STEPS.get(code)
            if step is None:
                raise _RefusedError(f"it has the instruction {code!r}, which plain data never needs")
            step(self)
        raise _RefusedError(f"it has more than {MOST} instructions")

    def take(self, count: int) -> bytes:
        if count < 0 or self.place + count > len(self.data):
            raise _RefusedError("it is cut off")
        self.place += count
        return self.data[self.place - count : self.place]

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def line(self) -> bytes:
        end = self.data.find(b"\n", self.place, self.place + (1 << 20))
        if end < 0:
            raise _RefusedError("it is cut off")
        return self.take(end + 1 - self.place)[:-1]

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def marked(self) -> list[Any]:
        """What lies above the last mark, taken off with it."""
        for place in range(len(self.stack) - 1, -1, -1):
            if self.stack[place] is _MARK:
                found = self.stack[place + 1 :]
                del self.stack[place:]
                return found
        raise _RefusedError("it is damaged (a mark is missing)")

    def popped(self, count: int) -> list[Any]:
        if len(self.stack) < count:
            raise _RefusedError("it is damaged (the stack is empty)")
        found = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return found

    def integer(self) -> None:
        text = self.line()
        self.push({b"00": False, b"01": True}[text] if text in (b"00", b"01") else _int(text))

    def quoted(self) -> None:
        text = self.line()
        if len(text) < 2 or text[:1] != text[-1:] or text[:1] not in (b"'", b'"') or not _QUOTED.fullmatch(text[1:-1]):
            raise _RefusedError("it is damaged (a text without quotes)")
        self.push(codecs.escape_decode(text[1:-1])[0])

    def name(self, module: Any, name: Any) -> None:
        known = _NAMES.get(f"{_text(module)}.{_text(name)}")
        if known is None:
            raise _RefusedError(f"it asks for {printable(f'{_text(module)}.{_text(name)}', 80)}, and may not call that")
        self.push(_Name(known))

    def reduce(self) -> None:
        called, arguments = self.popped(2)
        if not isinstance(called, _Name) or not isinstance(arguments, tuple):
            raise _RefusedError("it calls what is no name")
        self.push(_made(called.name, arguments))

    def build(self) -> None:
        (state,) = self.popped(1)
        target = self.stack[-1]
        if isinstance(target, _Dtype) and isinstance(state, tuple) and len(state) >= 2:
            target.order = _text(state[1])
        elif isinstance(target, _Array) and isinstance(state, tuple) and len(state) == 5:
            _, shape, dtype, fortran, content = state
            target.value = _array(content, dtype, shape, "F" if fortran else "C")
        else:
            raise _RefusedError("it changes what is no array")

    def append(self, values: list[Any]) -> None:
        if not isinstance(self.stack[-1], list):
            raise _RefusedError("it is damaged (no list)")
        self.stack[-1].extend(values)

    def set(self, values: list[Any]) -> None:
        if not isinstance(self.stack[-1], dict) or len(values) % 2:
            raise _RefusedError("it is damaged (no mapping)")
        for key, value in zip(values[::2], values[1::2], strict=True):
            if not isinstance(key, (str, bytes, int, float)):
                raise _RefusedError("a key is neither text nor number")
            self.stack[-1][key] = value

    def keep(self, place: int) -> None:
        self.memo[place] = self.stack[-1]


def _made(name: str, arguments: tuple[Any, ...]) -> Any:
    if name == "multiarray._reconstruct":
        return _Array()
    if name == "dtype":
        return _Dtype(_text(arguments[0]))
    if name == "numeric._frombuffer":
        content, dtype, shape, order = arguments
        return _Array(_array(content, dtype, shape, _text(order)))
    if name == "multiarray.scalar":
        dtype, content = arguments
        return _array(content, dtype, (), "C")[()].item()
    if name == "encode" and len(arguments) == 2 and _text(arguments[1]) in ("latin1", "latin-1"):
        return arguments[0].encode("latin-1")
    if name == "bytes" and not arguments:
        return b""
    if name == "bytes" and len(arguments) == 1 and isinstance(arguments[0], bytes):
        return arguments[0]
    raise _RefusedError("it calls a name in a way that plain data never needs")


def _array(content: Any, dtype: Any, shape: Any, order: str) -> np.ndarray:
    if isinstance(shape, int):
        shape = (shape,)
    if not isinstance(dtype, _Dtype) or not isinstance(content, bytes) or not isinstance(shape, tuple):
        raise _RefusedError("it has an array of something else than numbers")
    if len(shape) > 8 or not all(type(each) is int and 0 <= each <= LARGEST for each in shape) or order not in "CF":
        raise _RefusedError("it has an array of a shape that is none")
    made = dtype.made()
    if int(np.prod([*map(int, shape)], dtype=object)) * made.itemsize != len(content):
        raise _RefusedError("it has an array whose content is of another size")
    return np.frombuffer(content, made).reshape(shape, order="F" if order == "F" else "C")


def _plain(value: Any) -> Any:
    """The value without the arrays' wrapping, through the mappings and lists of the first two levels."""
    if isinstance(value, _Array):
        if value.value is None:
            raise _RefusedError("it has an array without content")
        return value.value
    if isinstance(value, dict):
        return {key: each.value if isinstance(each, _Array) else each for key, each in value.items()}
    return value


def _int(text: bytes) -> int:
    if len(text) > 60:
        raise _RefusedError("it has a number without end")
    return int(text)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if not isinstance(value, str):
        raise _RefusedError("it is damaged (no text)")
    return value


def _long(machine: _Machine, size: int) -> int:
    if size > 16:
        raise _RefusedError("it has a number without end")
    return int.from_bytes(machine.take(size), "little", signed=True)


def _unicode(machine: _Machine, size: int) -> str:
    return machine.take(size).decode("utf-8", "surrogatepass")


def _decimal(line: bytes) -> float:
    if len(line) > 40:
        raise _RefusedError("it has a number without end")
    return float(line)


_STEPS: dict[bytes, Any] = {
    # frame and protocol
    b"\x80": lambda m: m.take(1), b"\x95": lambda m: m.take(8),
    # constants and numbers
    b"N": lambda m: m.push(None), b"\x88": lambda m: m.push(True), b"\x89": lambda m: m.push(False),
    b"I": lambda m: m.integer(), b"L": lambda m: m.push(_int(m.line().rstrip(b"L"))),
    b"F": lambda m: m.push(_decimal(m.line())), b"G": lambda m: m.push(m.number(">d")),
    b"J": lambda m: m.push(m.number("<i")), b"K": lambda m: m.push(m.number("B")),
    b"M": lambda m: m.push(m.number("<H")),
    b"\x8a": lambda m: m.push(_long(m, m.number("B"))), b"\x8b": lambda m: m.push(_long(m, m.number("<i"))),
    # texts
    b"S": lambda m: m.quoted(), b"T": lambda m: m.push(m.take(m.number("<i"))),
    b"U": lambda m: m.push(m.take(m.number("B"))), b"V": lambda m: m.push(m.line().decode("raw-unicode-escape")),
    b"X": lambda m: m.push(_unicode(m, m.number("<I"))), b"\x8c": lambda m: m.push(_unicode(m, m.number("B"))),
    b"\x8d": lambda m: m.push(_unicode(m, m.number("<Q"))),
    b"B": lambda m: m.push(m.take(m.number("<I"))), b"C": lambda m: m.push(m.take(m.number("B"))),
    b"\x8e": lambda m: m.push(m.take(m.number("<Q"))), b"\x96": lambda m: m.push(m.take(m.number("<Q"))),
    # the stack and what is remembered
    b"(": lambda m: m.push(_MARK), b"0": lambda m: m.popped(1), b"1": lambda m: m.marked(),
    b"2": lambda m: m.push(m.stack[-1]),
    b"p": lambda m: m.keep(_int(m.line())), b"q": lambda m: m.keep(m.number("B")),
    b"r": lambda m: m.keep(m.number("<I")),
    b"\x94": lambda m: m.keep(len(m.memo)),
    b"g": lambda m: m.push(m.memo[_int(m.line())]), b"h": lambda m: m.push(m.memo[m.number("B")]),
    b"j": lambda m: m.push(m.memo[m.number("<I")]),
    # lists, tuples, mappings
    b"]": lambda m: m.push([]), b"l": lambda m: m.push(m.marked()), b"a": lambda m: m.append(m.popped(1)),
    b"e": lambda m: m.append(m.marked()),
    b")": lambda m: m.push(()), b"t": lambda m: m.push(tuple(m.marked())),
    b"\x85": lambda m: m.push(tuple(m.popped(1))), b"\x86": lambda m: m.push(tuple(m.popped(2))),
    b"\x87": lambda m: m.push(tuple(m.popped(3))),
    b"}": lambda m: m.push({}), b"s": lambda m: m.set(m.popped(2)), b"u": lambda m: m.set(m.marked()),
    b"d": lambda m: (values := m.marked(), m.push({}), m.set(values)),
    # arrays
    b"c": lambda m: m.name(m.line(), m.line()), b"\x93": lambda m: m.name(*m.popped(2)),
    b"R": lambda m: m.reduce(), b"b": lambda m: m.build(),
}  # fmt: skip
