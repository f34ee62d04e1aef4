"""How this process ends: its exit code, the exception that ended it, or a signal.

Python tells nobody the code of a `sys.exit`, and a process that dies by SIGTERM runs no `atexit`, so the
end is pieced together from `sys.exit`, `sys.excepthook`, `atexit` and, where asked for, the signals. A bare
`raise SystemExit(code)` passes all of them and looks like an end without an error.
"""

from __future__ import annotations

import atexit
import builtins
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import NoReturn

_PATIENCE = 3.0  # seconds that a signal waits for the last lines to reach the disk


@dataclass(frozen=True, slots=True)
class End:
    """Why the process is over; `signal` is None unless one ended it, `text` the exception in a line."""

    exit_code: int = 0
    signal: int | None = None
    text: str = ""


class _Ending:
    def __init__(self) -> None:
        self.pid = 0
        self.end = End()
        self.listeners: list[Callable[[End], None]] = []


_ending = _Ending()


def at_end(tell: Callable[[End], None], *, signals: bool = False) -> None:
    """Call `tell` once when this process ends, last one first.

    `signals` also watches SIGTERM and SIGHUP where the script left them at their default (a shell's `nohup`
    and handlers of the script's own stay), which is possible in the main thread only.
    """
    if _ending.pid != os.getpid():  # the first call, or the first one after a fork
        _install()
    if signals:
        _watch_signals()
    _ending.listeners.append(tell)


def forget(tell: Callable[[End], None]) -> None:
    """Undo `at_end`."""
    with suppress(ValueError):
        _ending.listeners.remove(tell)


def goes_on() -> None:
    """Say that the script plainly runs on: an exit that it asked for was caught."""
    _ending.end = End()


def interactive() -> bool:
    """Whether somebody types at this interpreter (python, IPython, Jupyter): an exception then ends nothing."""
    return hasattr(sys, "ps1") or bool(sys.flags.interactive) or "get_ipython" in vars(sys.modules["builtins"])


def _install() -> None:
    inherited = _ending.pid != 0
    _ending.pid, _ending.end, _ending.listeners = os.getpid(), End(), []
    if inherited:
        return  # a fork has our hooks already
    before_exception, before_exit = sys.excepthook, sys.exit

    def on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not interactive():
            _ending.end = _end_by(kind, error)
        before_exception(kind, error, trace)

    def on_exit(status: object = None, /) -> NoReturn:
        code = 0 if status is None else status if isinstance(status, int) else 1
        _ending.end = End(code & 0xFF, text=status if isinstance(status, str) else "")
        before_exit(status)  # pyright: ignore[reportArgumentType]

    sys.excepthook = on_exception
    sys.exit = on_exit
    _watch_quitter(on_exit)
    atexit.register(_tell)


def _watch_quitter(on_exit: Callable[[object], NoReturn]) -> None:
    # `exit` and `quit` of the site module raise SystemExit past sys.exit; their class keeps their repr.
    quitter = type(getattr(builtins, "exit", None))
    if quitter.__name__ == "Quitter":
        quitter.__call__ = lambda _, code=None: on_exit(code)  # type: ignore[method-assign]


def _end_by(kind: type[BaseException], error: BaseException) -> End:
    if issubclass(kind, KeyboardInterrupt):
        return End(128 + signal.SIGINT, signal.SIGINT)
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an exception of the script's own that cannot even be shown
        text = ""
    return End(1, text=f"{kind.__name__}: {text}".removesuffix(": "))


def _tell() -> None:
    if _ending.pid != os.getpid():
        return  # a fork that ends says nothing of its parent
    while _ending.listeners:
        tell = _ending.listeners.pop()
        try:
            tell(_ending.end)
        except Exception as error:  # noqa: BLE001 - the process ends: nobody is left to catch it
            sys.stderr.write(f"trainvis: the end of this run could not be recorded: {error}\n")


def _watch_signals() -> None:
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _on_signal)


def _on_signal(number: int, _frame: FrameType | None) -> None:
    _ending.end = End(128 + number, number)
    # In a thread: the one that was interrupted may hold the very lock that the last write needs.
    last = threading.Thread(target=_tell, daemon=True)
    last.start()
    last.join(_PATIENCE)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
