"""What `run`, `rerun`, `resume` and `demo` share until the process lives. Loads little, as somebody waits for it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from . import options, words

if TYPE_CHECKING:
    from ...engine.request import Request
    from ...engine.rundir import RunDir

_PATIENT = 2


class Interrupts:
    """Ctrl-C counted instead of thrown, so that one in the middle of a start leaves no run that nobody waits for.

    The third one is thrown: what is waited for may itself hang.
    """

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._counted)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _counted(self, number: int, frame: object) -> None:  # noqa: ARG002
        self.count += 1
        if self.count > _PATIENT:
            raise KeyboardInterrupt


def started(launched: Callable[[], RunDir], *, wait: bool, as_json: bool) -> int | None:
    """What `run`, `rerun` and `resume` share: start, print the id, and with `wait` stay until the end."""
    with Interrupts() as interrupts:
        run = launched()
        if as_json:
            words.print_json({"id": run.id, "path": str(run.path)})
        else:
            words.say(run.id)
        if not wait:
            if sys.stderr.isatty():
                words.hint("started; watch it with `trainvis`, or `trainvis logs -f last`")
            return None
        from . import waiting

        sys.stdout.flush()
        end = waiting.until_end(run, interrupts)
    if not as_json:
        words.hint(waiting.sentence(run, end))
    return waiting.exit_code(run, end)


def shown(
    request: Request, after: Callable[[RunDir, int], str] | None = None, *, detach: bool, as_json: bool
) -> int | None:
    """What commands share that start a program of ours by name: start it, show what it writes until it ends, say how it
    ended; the exit code. `after` says what to do next, of the run and its exit code ("" for nothing), on a terminal.
    """
    from ...engine import launch

    if detach or as_json:
        return started(lambda: launch.launch(options.root(), request), wait=not detach, as_json=as_json)
    from . import logs, waiting

    with Interrupts() as interrupts:
        run = launch.launch(options.root(), request)
        end = logs.follow(run, interrupts)
    sys.stdout.flush()
    words.hint(f"{waiting.sentence(run, end)}: {run.path}")
    code = waiting.exit_code(run, end)
    if after is not None and sys.stdout.isatty() and (said := after(run, code)):
        words.hint(said)
    return code
