"""A window whose terminal shows pictures: what the process draws, as the pixels a person would see."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from terminals import Pixels, PixelTerminal
from window import TRUECOLOR, Window

STAGE = Path(__file__).with_name("picture_stage.py")
CELL = (8, 16)


def answer(version: str = "", *, kitty: bool = False, sixel: bool = False) -> bytes:
    """What such a terminal says when it is asked."""
    said = b"\x1b[6;16;8t" + (b"\x1b_Gi=1;OK\x1b\\" if kitty else b"")
    said += f"\x1bP>|{version}\x1b\\".encode() if version else b""
    truecolor, _, _ = TRUECOLOR.partition(b"\x1b[?")
    return truecolor + said + (b"\x1b[?62;4;22c" if sixel else b"\x1b[?62;22c")


class PictureWindow(Window):
    """As a window, with `shown`: the terminal that understands pictures.

    `version` is what it calls itself when it is asked for nothing else, which is how tmux asks.
    """

    def __init__(
        self,
        command: Sequence[str],
        columns: int = 60,
        rows: int = 16,
        environment: Mapping[str, str] | None = None,
        said: bytes = b"",
        version: str = "",
    ) -> None:
        self._version = version
        super().__init__(command, columns, rows, environment, said or answer())
        self.shown = PixelTerminal(columns, rows, CELL)
        self._fed = 0

    def see(self, seconds: float = 0.05) -> PixelTerminal:
        """The terminal with all that came until now."""
        self.pump(seconds)
        return self.look()

    def look(self) -> PixelTerminal:
        """The same without waiting for more."""
        if self._version and b"\x1b[>q" in self.raw:
            os.write(self._master, f"\x1bP>|{self._version}\x1b\\".encode())
            self._version = ""
        self.shown.feed(bytes(self.raw[self._fed :]))
        self._fed = len(self.raw)
        return self.shown

    def text(self) -> str:
        return self.look().text()

    def resize_to(self, columns: int, rows: int) -> None:
        """Give the window another size; a terminal that shrinks loses what it showed."""
        self.see(0)
        self.shown.resize(columns, rows)
        self.resize(columns, rows)

    def wait_for(self, condition: Callable[[PixelTerminal], object], what: str) -> None:
        """Until `condition` of the terminal holds; AssertionError with its text after 30 s without."""
        deadline = time.monotonic() + 30
        while not condition(self.see()):
            assert time.monotonic() < deadline, f"waited for {what}; the terminal shows:\n{self.shown.text()}"

    def shows(self, pixels: Pixels, left: int, top: int, off: int = 0) -> None:
        """Until these pixels (each channel at most `off` beside them) are at a cell."""
        columns, rows = pixels.shape[1] // CELL[0], pixels.shape[0] // CELL[1]

        def same(terminal: PixelTerminal) -> bool:
            found = terminal.picture(left, top, columns, rows).astype(int)
            return bool(np.abs(found - pixels).max() <= off)

        self.wait_for(same, f"a picture at {left}, {top}")


def stage(way: str, runs: Path, said: bytes = b"", **environment: str) -> PictureWindow:
    """The stage of pictures in a window, shown by `way`."""
    return PictureWindow([sys.executable, str(STAGE), way, str(runs)], environment=environment, said=said)
