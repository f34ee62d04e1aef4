"""The application with a screen of two pictures and nothing else: `python picture_stage.py WAY RUNS [COLUMNS ROWS]`.

Picture `a` has 16 × 8 cells (or so many as are given, and a pixel for every half block) below the first row. Picture
`b`, right of it, is twice as high as the container it is scrolled in. Keys: z zooms both, o opens a dialog over them,
c closes it, h hides a and shows it again, d goes down in b's container, t says something, k takes it away, n shows
another picture, w another 40 at once, r lets the window be small for a moment that is too short to be drawn, q leaves.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import numpy as np
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.events import Resize
from textual.geometry import Size
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from trainvis.tui import start
from trainvis.tui.app import TrainvisApp
from trainvis.tui.pixels.blocks import colours_256
from trainvis.tui.pixels.raster import Photo
from trainvis.tui.pixels.tone import Rgb
from trainvis.tui.pixels.viewport import Viewport, window
from trainvis.tui.widgets.picture import PictureView

COLUMNS, ROWS = 16, 8
TOP = 1


def photo(seed: int) -> Rgb:
    """8×8 pixels in colours that a terminal of 256 has, and that sixels keep."""
    table = colours_256()[[16, 21, 46, 51, 196, 201, 226, 231]]
    return table[np.random.default_rng(seed).integers(0, len(table), (8, 8))]


def expected(seed: int, zoom: int = 0, cell: tuple[int, int] = (8, 16)) -> Rgb:
    """What 16 × 8 cells show of it: every pixel as large as every other."""
    room = (COLUMNS * cell[0], ROWS * cell[1])
    return Photo(photo(seed)).paint(window(Viewport().stepped(zoom), (8, 8), room))


class Dialog(ModalScreen[None]):
    def compose(self) -> ComposeResult:
        yield Static("a dialog")

    def key_c(self) -> None:
        self.dismiss()


class Pictures(Screen[None]):
    cells: tuple[int, int] = (COLUMNS, ROWS)

    def compose(self) -> ComposeResult:
        self._seed = 1
        a, b = PictureView(Photo(self._photo(1)), id="a"), PictureView(Photo(photo(2)), id="b")
        scrolled = VerticalScroll(b)
        row = Horizontal(a, scrolled)
        for each, width, height in ((a, *self.cells), (b, COLUMNS, 2 * ROWS), (scrolled, COLUMNS, ROWS)):
            each.styles.width, each.styles.height = width, height
        scrolled.styles.scrollbar_size_vertical = 0
        row.styles.height = max(ROWS, self.cells[1])
        yield Static("top")
        yield row
        yield Static("below")

    def _photo(self, seed: int) -> Rgb:
        if self.cells == (COLUMNS, ROWS):
            return photo(seed)
        return np.random.default_rng(seed).integers(0, 256, (2 * self.cells[1], self.cells[0], 3)).astype(np.uint8)

    def _all(self) -> list[PictureView]:
        return list(self.query(PictureView))

    def key_z(self) -> None:
        for view in self._all():
            view.show(view.raster, view.viewport.stepped(1))

    def key_o(self) -> None:
        self.app.push_screen(Dialog())

    def key_h(self) -> None:
        view = self.query_one("#a")
        view.display = not view.display

    async def key_r(self) -> None:
        size, small = self.app.size, Size(20, 6)
        self.app.post_message(Resize(small, small))
        while self.app.size != small:  # the application has heard of it; its screen, which is in here, has not
            await asyncio.sleep(0)
        self.app.post_message(Resize(size, size))

    def key_d(self) -> None:
        self.query_one(VerticalScroll).scroll_to(y=ROWS, animate=False)

    def key_t(self) -> None:
        self.app.notify("said\n" * 12, timeout=600)

    def key_k(self) -> None:
        self.app.clear_notifications()

    def key_n(self) -> None:
        self._seed += 1
        self.query_one("#a", PictureView).show(Photo(self._photo(self._seed)))

    def key_w(self) -> None:
        for _ in range(40):
            self.key_n()

    def key_q(self) -> None:
        self.app.exit()


class Stage(TrainvisApp):
    def home(self) -> Screen[Any]:
        return Pictures()


if __name__ == "__main__":
    from trainvis.tui import app

    if len(sys.argv) > 3:
        Pictures.cells = (int(sys.argv[3]), int(sys.argv[4]))
    app.TrainvisApp = Stage  # type: ignore[misc]
    sys.exit(start.run_app(Path(sys.argv[2]), images=sys.argv[1]))
