"""Sleep that a signal ends: how a supervisor waits for its child, a wish, or the next look."""

from __future__ import annotations

import os
import select
import signal


class Alarm:
    """From its making on, no signal that is heard here ends the process.

    Handlers, unlike ignored or blocked signals, are set back to the default in the programs we start.
    """

    _HEARD = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1)

    def __init__(self) -> None:
        self._ear, mouth = os.pipe()
        os.set_blocking(self._ear, False)
        os.set_blocking(mouth, False)
        signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        for number in self._HEARD:
            signal.signal(number, lambda *_: None)

    def sleep(self, seconds: float) -> set[int]:
        """The signals that came, at once when one comes."""
        select.select([self._ear], [], [], max(seconds, 0.0))
        try:
            return set(os.read(self._ear, 4096))
        except BlockingIOError:
            return set()
