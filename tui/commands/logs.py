"""`trainvis logs`: the output of a run, made harmless."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...engine.rundir import RunDir
from ...engine.status import Finished, Lost
from ..drawing.ansi import Line, last_frame, parse
from . import exits, options, waiting, words

if TYPE_CHECKING:
    from .starting import Interrupts

_EPILOG = """\b
Examples
  trainvis logs                             all output of the newest run
  trainvis logs -n 50 digits-20261122
  trainvis logs -f last                     until the run ends
  trainvis get last output copy.log         the output byte for byte

Progress bars are shown as they stand in the end. Of escape sequences only colours are kept, and
those only on a terminal."""

_CHUNK = 1 << 18
_LONGEST = 1 << 20  # of one line so much is kept in memory, however long it is
_LOOK_EVERY = 0.15


class LineCutter:
    """Bytes in pieces → whole lines, however long the lines are."""

    def __init__(self) -> None:
        self._parts = bytearray()

    def cut(self, data: bytes) -> Iterator[bytes]:
        """The lines that `data` ends, without their newlines."""
        *whole, rest = data.split(b"\n")
        for line in whole:
            self._add(line)
            yield self.take()
        self._add(rest)

    def rest(self) -> bytes:
        """The line that has not ended yet."""
        return bytes(self._parts)

    def take(self) -> bytes:
        """The line that has not ended yet, which is then begun anew."""
        line = bytes(self._parts)
        self._parts.clear()
        return line

    def _add(self, data: bytes) -> None:
        if len(self._parts) + len(data) > _LONGEST:
            # A progress bar writes over itself for hours; without it the beginning is what is shown.
            joined = last_frame(bytes(self._parts) + data) if b"\r" in data else bytes(self._parts)
            self._parts[:] = joined[:_LONGEST]
        else:
            self._parts += data


@click.command(epilog=_EPILOG)
@options.run_argument(default="last")
@click.option("-f", "--follow", is_flag=True, help="Go on printing until the run ends.")
@click.option("-n", "--lines", "count", type=click.IntRange(min=0), metavar="N", help="Only the last N lines.")
@options.runs_option
def logs(name: str, follow: bool, count: int | None) -> int:
    """Print the output of RUN: what it wrote to standard output and standard error."""
    run = options.run_of(name)
    if not run.output_log.exists() and not follow:
        raise exits.Failure(f"{run.id} has no output: {run.output_log} does not exist")
    printer = Printer()
    offset = _start_of_last(run.output_log, count) if count is not None else 0
    for data in _followed(run, offset) if follow else _pieces(run.output_log, offset):
        printer.take(data)
    printer.end()
    if follow:
        words.hint(waiting.sentence(run, run.status()))
    return exits.Exit.OK


def follow(run: RunDir, interrupts: Interrupts) -> Finished | Lost:
    """Print the output of a run until it ends; Ctrl-C asks it to stop, a second one kills it."""
    printer = Printer()
    heeded = 0
    for data in _followed(run, 0):
        printer.take(data)
        if interrupts.count > heeded:
            heeded += 1
            waiting.interrupted(run, heeded)
    printer.end()
    return waiting.until_end(run, interrupts)


def _pieces(path: Path, offset: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(offset)
        while data := file.read(_CHUNK):
            yield data


def _followed(run: RunDir, offset: int) -> Iterator[bytes]:
    """What the file holds and what is added to it, until the run has ended and all of it is read."""
    while True:
        ended = isinstance(run.status(), Finished | Lost)  # asked before the last look, so that nothing is missed
        try:
            if run.output_log.stat().st_size < offset:
                offset = 0  # emptied by a person: what follows is new
            for data in _pieces(run.output_log, offset):
                offset += len(data)
                yield data
        except FileNotFoundError:
            pass
        if ended:
            return
        yield b""
        time.sleep(_LOOK_EVERY)


def _start_of_last(path: Path, count: int) -> int:
    """Where the last `count` lines begin, found from the end."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        if not end:
            return 0
        file.seek(end - 1)
        wanted = count + (file.read(1) == b"\n")
        position = end
        while position and wanted:
            size = min(_CHUNK, position)
            position -= size
            file.seek(position)
            data = file.read(size)
            while wanted and (found := data.rfind(b"\n")) >= 0:
                wanted -= 1
                data = data[:found]
            if not wanted:
                return position + len(data) + 1
        return end if count == 0 else 0


class Printer:
    """Prints lines as they become whole; on a terminal also the one that has not ended, written over in place."""

    def __init__(self) -> None:
        self._cutter = LineCutter()
        self._terminal = sys.stdout.isatty()
        self._colored = self._terminal and "NO_COLOR" not in os.environ
        self._open = b""

    def take(self, data: bytes) -> None:
        """Print what `data` ends; b"" says that nothing more has come for now."""
        lines = [self._drawn(parse(line)) for line in self._cutter.cut(data)]
        if lines:
            self._clear()
            click.echo("\n".join(lines))  # one write for all: a log has millions
        if not data and self._terminal and (rest := self._cutter.rest()) != self._open:
            self._clear()
            self._open = rest
            click.echo(self._drawn(parse(rest, (words.width() or 80) - 1)), nl=False)

    def end(self) -> None:
        """Print the last line where no newline ends it."""
        self._clear()
        if rest := self._cutter.take():
            click.echo(self._drawn(parse(rest)))

    def _clear(self) -> None:
        if self._open:
            click.echo("\r\x1b[K", nl=False)
            self._open = b""

    def _drawn(self, line: Line) -> str:
        if not self._colored or not line.spans:
            return line.text
        return "".join(_painted(line))


def _painted(line: Line) -> Iterator[str]:
    from rich.color import ColorSystem

    deep = os.environ.get("COLORTERM", "") in ("truecolor", "24bit")
    system = ColorSystem.TRUECOLOR if deep else ColorSystem.EIGHT_BIT
    place = 0
    for start, end, style in line.spans:
        yield line.text[place:start]
        yield style.render(line.text[start:end], color_system=system)
        place = end
    yield line.text[place:]
