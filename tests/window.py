"""A terminal window of one's own: a pty, a real process in it, and a screen (pyte) that shows what it draws."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import pyte

APPLICATION = (str(Path(sys.executable).with_name("trainvis-tui")),)
# What the terminal says when it is asked: device attributes; one that keeps 24-bit colours says so too.
PLAIN = b"\x1b[?62;22c"
TRUECOLOR = b"\x1bP1$r0;38:2::1:2:3m\x1b\\" + PLAIN
# What the terminal that the tests run in says of itself, and of where it is.
_OF_ANOTHER = ("COLORTERM", "TMUX", "STY", "DISPLAY", "WAYLAND_DISPLAY", "WT_SESSION", "TERM_SESSION_ID")
KEYS = {"enter": b"\r", "escape": b"\x1b", "down": b"\x1b[B", "up": b"\x1b[A", "f4": b"\x1bOS", "f9": b"\x1b[20~"}


class Window:
    """Runs `command` in a pty of `columns` × `rows`; `answer` is what it gets for its question, b"" for silence."""

    def __init__(
        self,
        command: Sequence[str] = APPLICATION,
        columns: int = 80,
        rows: int = 24,
        environment: Mapping[str, str] | None = None,
        answer: bytes = PLAIN,
    ) -> None:
        self.raw = bytearray()
        self._unshown = bytearray()
        self.last_byte = self.began = time.perf_counter()
        self._answer = answer
        self._asked = False
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.status: int | None = None
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            self._become(command, columns, rows, environment or {})
        self.resize(columns, rows)

    def _become(self, command: Sequence[str], columns: int, rows: int, environment: Mapping[str, str]) -> None:
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            inherited = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER}
            os.execvpe(command[0], list(command), {**inherited, "TERM": "xterm-256color", **environment})
        finally:
            os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size, as a person pulling at its corner."""
        self._show()
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._screen.resize(rows, columns)

    def type(self, *keys: str) -> None:
        """Press keys: names of `KEYS`, or text as it is."""
        os.write(self._master, b"".join(KEYS.get(key, key.encode()) for key in keys))

    def pump(self, timeout: float = 0.0, most: int = 65536) -> bool:
        """Take what the process has written (at most `most` bytes); False where nothing came within `timeout`."""
        if not select.select([self._master], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._master, most)
        except OSError:  # Linux tells the end of the process so
            return False
        if not data:
            return False
        self.last_byte = time.perf_counter()
        self.raw += data
        self._unshown += data  # drawing takes longer than the application: it would delay what is timed
        if not self._asked and self._answer and b"\x1b[c" in self.raw:
            self._asked = True
            os.write(self._master, self._answer)
        if self._answer and (asked := data.count(b"\x1b[6n")):
            os.write(self._master, b"\x1b[1;1R" * asked)
        return True

    def _show(self) -> None:
        data, self._unshown = bytes(self._unshown), bytearray()
        self._stream.feed(data)

    def text(self) -> str:
        """What the window shows now."""
        self._show()
        return "\n".join(line.rstrip() for line in self._screen.display)

    def line(self, row: int) -> str:
        """One row of what the window shows: far cheaper than all of them."""
        self._show()
        cells = self._screen.buffer[row]
        return "".join(cells[column].data for column in range(self._screen.columns)).rstrip()

    def until(self, text: str, timeout: float = 30.0) -> str:
        """What the window shows once `text` is in it. AssertionError, with the screen, where it never is."""
        deadline = time.monotonic() + timeout
        while text not in self.text():
            assert time.monotonic() < deadline, f"{text!r} never came in {timeout} s:\n{self.text()}"
            self.pump(0.05)
        return self.text()

    def settle(self, quiet: float = 0.2, timeout: float = 5.0) -> str:
        """Wait until nothing was written for `quiet` seconds; what the window shows then."""
        deadline = time.monotonic() + timeout
        while self.pump(quiet) and time.monotonic() < deadline:
            pass
        return self.text()

    def ended(self) -> bool:
        """Whether the process is over; its exit status is then in `status`."""
        if self.status is None:
            self.pump()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def wait(self, timeout: float = 30.0) -> int:
        """The exit status (negative for a signal) once the process is over."""
        deadline = time.monotonic() + timeout
        while not self.ended():
            assert time.monotonic() < deadline, f"still running after {timeout} s:\n{self.text()}"
            self.pump(0.02)
        assert self.status is not None
        return self.status

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the line, as SSH does when the network goes away."""
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        """End the process if it still lives, and let the line go."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                self.kill()
            _, status = os.waitpid(self.pid, 0)
            self.status = os.waitstatus_to_exitcode(status)
        if self._master >= 0:
            self.hang_up()
