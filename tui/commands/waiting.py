"""Waiting for a run's end: a line of progress for a person, Ctrl-C passed on as a stop, the script's own exit code."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ...engine import status
from ...engine.errors import LaunchError
from ...engine.rundir import RunDir
from ...engine.status import Finished, Lost, Status
from . import exits, words

if TYPE_CHECKING:
    from .starting import Interrupts

COULD_NOT_START = 126
_TIME_LIMIT = 124
_OUT_OF_MEMORY = 128 + 9
_LOOK_EVERY = 0.1
_SHOW_EVERY = 0.5
_ECHO = 3  # cells left free for the "^C" that a terminal shows


def until_end(
    run: RunDir, interrupts: Interrupts | None = None, tell: Callable[[], None] | None = None
) -> Finished | Lost:
    """Wait until `run` has ended, with a line of progress where standard error is a terminal; `tell` at each look.

    With `interrupts`, Ctrl-C asks it to stop and a second one kills it; without, Ctrl-C leaves it running.
    """
    line = ProgressLine()
    heeded = 0
    while True:
        now = run.status()
        if isinstance(now, Finished | Lost):
            line.clear()
            return now
        if interrupts is not None and interrupts.count > heeded:
            heeded += 1
            line.clear()
            interrupted(run, heeded)
        line.show(lambda: progress(run))
        if tell is not None:
            tell()
        time.sleep(_LOOK_EVERY)


def interrupted(run: RunDir, times: int) -> None:
    """Do what the first and the second Ctrl-C ask of a run."""
    from ...engine import launch

    try:
        if times == 1:
            words.hint("asked to stop; Ctrl-C again kills it")
            launch.stop(run)
        else:
            words.hint("killed")
            launch.kill(run)
    except LaunchError as error:  # it has ended meanwhile, or is not ours to end: the wait goes on and says which
        words.hint(str(error))


class ProgressLine:
    """One line on standard error that is written over; nothing where standard error is no terminal."""

    def __init__(self) -> None:
        self._shown = 0.0
        self._terminal = sys.stderr.isatty()

    def show(self, text: Callable[[], str]) -> None:
        moment = time.monotonic()
        if self._terminal and moment - self._shown >= _SHOW_EVERY:
            self._shown = moment
            from ..drawing.cells import cut

            line, _ = cut(text(), (words.error_width() or 80) - _ECHO)
            click.echo(f"\r\x1b[K{line}", nl=False, err=True)

    def clear(self) -> None:
        if self._terminal and self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._shown = 0.0


def progress(run: RunDir) -> str:
    """`digits-…  running  1m12s  epoch 3/10  eta 40s  loss 0.081  val_accuracy 0.981`, harmless."""
    from ..drawing import cells
    from . import run_table

    now = time.time()
    row = run_table.row_of(run, now)
    parts = [cells.steady(row.title, 40), cells.status_words(row.status, now), cells.duration(row.length(now))]
    if row.epoch is not None:
        parts.append(f"epoch {cells.epochs(row.epoch, row.epochs)}")
    if row.eta is not None:
        parts.append(f"eta {cells.duration(row.eta)}")
    metrics = ((name, row.metrics[name].last) for name in run_table.main_metrics([row], 3))
    return "  ".join((*parts, *(f"{cells.steady(name, 20)} {cells.number(last)}" for name, last in metrics)))


def sentence(run: RunDir, end: Status) -> str:
    """How the run ended, in words that begin with its name."""
    return f"{words.title(run)} {ending(end) or f'is {status.word(end)}'}"


def ending(end: Status) -> str:
    """How a run ended, in words; "" where it has not."""
    match end:
        case Finished(why=status.Done()):
            return "is done"
        case Finished(why=status.Failed(exit_code=code, text=text)):
            return f"failed with exit code {code}" + (f": {text}" if text else "")
        case Finished(why=status.CouldNotStart(text=text)):
            return f"could not start: {text}"
        case Finished(why=status.Killed(signal=number)):
            return f"was ended by {signal_name(number)}"
        case Finished(why=status.Stopped(by=by, forced=forced)):
            return "was stopped" + (f" by {by}" if by else "") + (", by force" if forced else "")
        case Finished(why=status.OutOfMemory()):
            return "was ended by the kernel: out of memory"
        case Finished(why=status.TimeLimit()):
            return "reached its time limit"
        case Lost(text=text):
            return "is lost: nobody knows how it ended" + (f" ({text})" if text else "")
        case _:
            return ""


def signal_name(number: int) -> str:
    """`SIGSEGV`, or the number where it has no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def exit_code(run: RunDir, end: Status) -> int:
    """The script's own exit code as a shell would give it: 128 + the signal's number where one ended it."""
    match end:
        case Finished(why=status.Done()):
            return exits.Exit.OK
        case Finished(why=status.Failed(exit_code=code)):
            return code or exits.Exit.FAILED
        case Finished(why=status.Killed(signal=number)):
            return 128 + number
        case Finished(why=status.Stopped()):
            state, _ = run.state()
            return 128 + state.signal if state.signal else state.exit_code or exits.Exit.OK
        case Finished(why=status.OutOfMemory()):
            return _OUT_OF_MEMORY
        case Finished(why=status.TimeLimit()):
            return _TIME_LIMIT
        case Finished(why=status.CouldNotStart()):
            return COULD_NOT_START
        case _:
            return exits.Exit.FAILED
