"""What programs of this room have in common that are started by name: `python -m trainvis.vis.look`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from ..engine.errors import TrainvisError
from ..engine.text import printable


def prepare() -> None:
    """Before a framework is loaded: it is quiet, and the output of a run is UTF-8, whatever the locale; a terminal that
    has not all its signs shows ? instead.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for stream in (sys.stdout, sys.stderr):
        coding = None if stream.isatty() else "utf-8"
        stream.reconfigure(encoding=coding, errors="replace")  # type: ignore[union-attr]


def carried_out(work: Callable[[], int], what: str, stopped: str = "") -> int:
    """Do the work of a program; the exit code is its own, 1 where it raises, 130 where somebody stops it.

    `what` it writes, for an error of the disk that names no file. `stopped` is said where SIGTERM or Ctrl-C ends it,
    which both raise KeyboardInterrupt in it; without that sentence it heeds them itself. The last word is a sentence in
    any case: what is lacking where `work` imports it, what is wrong, what the disk says.
    """
    prepare()
    if stopped:
        signal.signal(signal.SIGTERM, _stopped)
    try:
        return work()
    except ModuleNotFoundError as error:
        return lacking(error)
    except TrainvisError as error:
        return refused(str(error))
    except KeyboardInterrupt:
        if not stopped:
            raise
        return refused(stopped) + 129
    except OSError as error:  # a disk that is full, a folder that may not be written
        return refused(f"{printable(error.filename or what, 300)}: {error.strerror or printable(error)}")


def _stopped(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def lacking(error: ModuleNotFoundError) -> int:
    """Say what this interpreter has not; the exit code."""
    return refused(lacks(error))


def lacks(error: ModuleNotFoundError) -> str:
    """What this interpreter has not, and how to mend it."""
    return (
        f"{sys.executable} has no {error.name}: install trainvis[tensorflow], [jax] or [torch] there, or name an "
        "interpreter that has it with --python"
    )


def refused(why: str) -> int:
    """Say why there is nothing, as the last word; the exit code."""
    sys.stdout.flush()
    print(f"trainvis: {why}", file=sys.stderr)  # noqa: T201 - a program's last word
    return 1
