"""Which lines of a growing file match, found piece by piece so that the thread stays free to answer."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass

from ..drawing.ansi import last_frame
from .log_file import LogFile

PIECE = 1 << 18
MOST = 1_000_000  # matching lines that are kept
_ESCAPE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")


@dataclass(frozen=True, slots=True)
class Needle:
    """What is looked for. One of `literals` stands in every match: they are found ten times as fast as `pattern`.

    With `fold` the text is lower-cased (ASCII) before.
    """

    pattern: re.Pattern[bytes]
    literals: tuple[bytes, ...]
    fold: bool = False

    def places(self, data: bytes) -> tuple[bytes, list[int]]:
        """The text of `data` as it is seen, and where in it the matches begin."""
        text = _ESCAPE.sub(b"", data) if b"\x1b[" in data else data
        folded = text.lower() if self.fold else text
        # Overwritten frames only take text away, so most pieces need no closer look.
        if not any(literal in folded for literal in self.literals):
            return text, []
        text = _seen(data)
        return text, [match.start() for match in self.pattern.finditer(text.lower() if self.fold else text)]


# What Python says when a script ends by an error; a syntax error has no traceback in front.
TRACEBACK = Needle(
    re.compile(
        rb"Traceback \(most recent call last\)|^Fatal Python error|^(?:Syntax|Indentation|Tab)Error: ", re.MULTILINE
    ),
    (b"Traceback (", b"Fatal Python", b"Error: "),
)


def needle_of(text: str) -> Needle:
    """Literal text; capitals matter only where the text has some, as in less and vim."""
    literal = text.encode("utf-8", "replace")
    return Needle(re.compile(re.escape(literal)), (literal,), fold=text.islower())


class Search:
    """The numbers of the lines in which `needle` is *seen*: not in overwritten frames, nor across colours.

    `step` goes on where the last one ended; `lines` only grows, but for a match in the unfinished last line.
    """

    def __init__(self, file: LogFile, needle: Needle, *, frames: bool = False, first: bool = False) -> None:
        self.lines = array("Q")
        self.scanned = 0
        self._file = file
        self._needle = needle
        self._frames = frames
        self._first = first
        self._line = 0  # the number of the line that stands at `scanned`
        self._hit = False  # whether the part before `scanned` of that line matches
        self._open = -1  # size of the file when its unfinished last line was looked at

    def done(self, size: int) -> bool:
        """Whether everything up to `size` has been looked at."""
        return self._full() or self.scanned >= size or self._open == size

    def _full(self) -> bool:
        return len(self.lines) >= (1 if self._first and self._open < 0 else MOST)

    def step(self, size: int) -> None:
        """Look at the next piece."""
        if self._open >= 0:
            self._forget_open()
        data = self._file.read(self.scanned, min(PIECE, size - self.scanned))
        if not data:
            self._open = size
            return
        if self._frames:
            data = data.replace(b"\r\n", b" \n").removesuffix(b"\r").replace(b"\r", b"\n") or b" "
        whole = data.rfind(b"\n") + 1
        if whole:
            self._take_lines(data[:whole])
        elif len(data) < PIECE - 1:
            self._take_open(data, size)
        else:
            self._take_part(data)

    def _take_lines(self, data: bytes) -> None:
        """Whole lines; the first of them may have begun in an earlier piece."""
        text, places = self._needle.places(data)
        line, place = self._line, 0
        if self._hit and b"\r" not in data[: data.find(b"\n")].rstrip(b"\r"):
            self.lines.append(line)
        for found in places:
            line += text.count(b"\n", place, found)
            place = found
            if not self.lines or self.lines[-1] != line:
                self.lines.append(line)
                if self._full():
                    break
        self._hit = False
        self._line += data.count(b"\n")
        self.scanned += len(data)

    def _take_part(self, data: bytes) -> None:
        """A piece of a line longer than any piece."""
        returned = data.rstrip(b"\r").rfind(b"\r")
        if returned >= 0:
            self._hit = False  # all before it is overwritten
            self.scanned += returned + 1
            return
        self._hit = self._hit or bool(self._needle.places(data)[1])
        self.scanned += len(data) - 1024  # a match may lie across the border of two pieces

    def _take_open(self, data: bytes, size: int) -> None:
        """The unfinished last line: looked at again when it has grown."""
        self._open = size
        kept = self._hit and b"\r" not in data.rstrip(b"\r")
        if (kept or self._needle.places(data)[1]) and not self._full():
            self.lines.append(self._line)

    def _forget_open(self) -> None:
        self._open = -1
        if self.lines and self.lines[-1] == self._line:
            self.lines.pop()


def _seen(data: bytes) -> bytes:
    """Bytes without escape sequences and overwritten frames, with as many newlines as before."""
    if b"\r" in data:
        data = b"\n".join([last_frame(line) if b"\r" in line else line for line in data.split(b"\n")])
    return _ESCAPE.sub(b"", data) if b"\x1b[" in data else data
