"""A picture on the screen: it paints a raster through a viewport and says what the mouse asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.style import Style
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.strip import Strip

from .. import compat
from ..pixels.blocks import Cells, half_256, margins, padded
from ..pixels.form import Form
from ..pixels.kitty import MOST_CELLS
from ..pixels.marked import crossed
from ..pixels.raster import Raster
from ..pixels.tone import Rgb
from ..pixels.viewport import Viewport, Window, window
from ..showing import LIGHT_BYTES, Showing
from ..terminal import Terminal
from .picture_lines import cost, lines
from .picture_mouse import PictureMouse
from .picture_pixels import Sender

_MOST_PIXELS = 1_200_000  # of one picture; terminals that stretch pictures are sent every second or third
_GRAINS = (1, 2, 3, 4, 6, 8)  # how many blocks a pixel is wide and high on a slow line
_ELSEWHERE = Showing(Terminal(why="no application of ours"))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be seen."""

    raster: Raster | None
    viewport: Viewport
    cursor: tuple[int, int] | None


class PictureView(PictureMouse):
    """`show(raster, viewport)` paints it. Pictures are linked by showing the same viewport."""

    DEFAULT_CSS = "PictureView { width: 1fr; height: 1fr; }"

    def __init__(self, raster: Raster | None = None, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(raster, id=id, classes=classes)
        self.viewport = Viewport()
        self.cursor: tuple[int, int] | None = None
        self._asked = _Asked(raster, self.viewport, None)  # what was painted last; newer wishes may wait
        self._waits = False
        self._lines: list[Strip] | None = None
        self._stale = True
        self._painted_at: tuple[Form, Size, tuple[int, int]] | None = None
        self._grain = 1
        self._seen: Window | None = None
        self._inks: tuple[Style, tuple[int, int, int]] | None = None  # of cells without colours, and behind the picture
        self.form: Form | None = None
        self._sender = Sender(self)

    def show(
        self, raster: Raster | None, viewport: Viewport | None = None, cursor: tuple[int, int] | None = None
    ) -> None:
        """Show another raster, another part of it, a cross at pixel `cursor` (x, y).

        Where the terminal is still swallowing the last frame, the newest wish waits: one frame is on its way at a time.
        """
        self.raster, self.cursor = raster, cursor
        self.viewport = viewport or self.viewport
        if self._waits:
            return
        if self.is_attached:
            self._waits = True
            self.showing.when_free(self.app, self._take)
        else:
            self._take()

    def _take(self) -> None:
        self._waits = False
        self._asked = _Asked(self.raster, self.viewport, self.cursor)
        self.redraw()

    def redraw(self) -> None:
        """Paint it anew, as the ways to show it may have changed."""
        self._stale = True
        form = self.form_now() if self.is_attached else None
        if form is not None and form == self.form and form.pixels:
            self._sender.due()  # the cells stay as they are
        else:
            self.refresh()

    # How it is shown

    @property
    def showing(self) -> Showing:
        """What it shares with all other pictures."""
        found = getattr(self.app, "pictures", None)
        return found if isinstance(found, Showing) else _ELSEWHERE

    def form_now(self) -> Form:
        """What the cells should hold now; what they do hold is `form`."""
        showing = self.showing
        mode = showing.mode
        if not mode.pixels:
            return Form(mode.name, mode.colors, showing.light)
        width, height = self.size
        if (
            self.app.is_headless
            or self.app.screen is not self.screen
            or (mode.name == "kitty" and (max(width, height) > MOST_CELLS or not self._sender.has_number(showing)))
            or (mode.name != "kitty" and compat.covered(self))
        ):
            return Form("quadrant", mode.colors)
        return Form(mode.name)

    def _cell(self, form: Form) -> tuple[int, int]:
        """Pixels of a character, fewer where the terminal stretches pictures and they were many."""
        across, down = self.showing.cell
        area = max(self.size.width * self.size.height, 1)
        while form.name != "sixel" and area * across * down > _MOST_PIXELS and across > 1 and down > 1:
            across, down = -(-across // 2), -(-down // 2)
        return across, down

    @property
    def room(self) -> tuple[int, int]:
        """Output pixels from left to right and from top to bottom."""
        return self._room(self.form_now())

    def _room(self, form: Form) -> tuple[int, int]:
        width, height = self.size
        if form.pixels:
            across, down = self._cell(form)
            return width * across, height * down
        across, down = form.block
        return max(width * across // self._grain, min(width, 1)), max(height * down // self._grain, min(height, 1))

    @property
    def aspect(self) -> float:
        """Height of an output pixel by its width."""
        return self.form_now().aspect

    @property
    def least(self) -> int:
        """Output pixels that one of many pictures has to have at least, to be seen."""
        return self.form_now().least

    @property
    def painted_raster(self) -> Raster | None:
        """What is on the screen."""
        return self._asked.raster

    def pixel_at(self, column: int, row: int) -> tuple[int, int] | None:
        """The pixel (x, y) of the raster that is shown in a cell of the widget."""
        if self._seen is None or self._painted_at is None or not self._seen.width or not self.size:
            return None
        room = self._painted_at[2]
        shown = self._seen.width, self._seen.height
        left, top = margins(shown, room, self._painted_at[0].block)
        across, down = room[0] / self.size.width, room[1] / self.size.height
        x, y = int((column + 0.5) * across) - left, int((row + (0.25 if down <= 2 else 0.5)) * down) - top
        if not (0 <= x < self._seen.width and 0 <= y < self._seen.height):
            return None
        return int(self._seen.x0[x]), int(self._seen.y0[y])

    # What is drawn

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None where the colours are final: Textual's would turn the number of a picture into something else.

        Nothing that comes from data is text here, so nothing has to be made harmless.
        """
        final = self.form is not None and self.form.name not in ("ascii", "off")
        return () if final else super().get_line_filters()

    def render_lines(self, crop: Region) -> list[Strip]:
        form = self.form_now()
        if form != self.form:
            self.form, self._stale = form, True
            compat.forget_lines(self)
        self._sender.drawn_over()
        made = None if self.styles.gutter or form.name in ("ascii", "off") else self._made()
        if made is None or len(made) != self.size.height:
            return super().render_lines(crop)
        # Ready as they are: Textual would take every cell apart to put it together again.
        lines = made[crop.y : crop.bottom]
        return lines if crop.column_span == (0, self.size.width) else [each.crop(*crop.column_span) for each in lines]

    def render_line(self, y: int) -> Strip:
        made = self._made()
        if made is None or y >= len(made):
            return Strip.blank(self.size.width, self.rich_style)
        return made[y]

    def _made(self) -> list[Strip] | None:
        self.paint()
        return self._sender.lines() if self.form is not None and self.form.pixels else self._lines

    def paint(self) -> None:
        """Make what is to be drawn, where it is not what was made last."""
        form = self.form or self.form_now()
        if self._asked.raster is None or not self.size.width or not self.size.height or form.name == "off":
            self._seen = self._lines = self._painted_at = None
            self._sender.nothing()
        elif self._stale or self._painted_at != (form, self.size, self._room(form)):
            self._stale = False
            if form.pixels:
                self._sender.paint(form.name, self._pixels(form, self._asked))
            else:
                self._lines = lines(self._cells(form, self._asked), self._inked[0])
            self._painted_at = (form, self.size, self._room(form))

    def _cells(self, form: Form, asked: _Asked) -> Cells:
        self._grain = 1
        if not form.light:
            return form.cells(self._pixels(form, asked), self._ground)
        others = sum(1 for each in self.screen.query(PictureView) if each.display and each.region)
        for grain in _GRAINS:
            self._grain = grain
            pixels = self._pixels(form, asked)
            coarse = np.repeat(np.repeat(pixels, grain, axis=0), grain, axis=1)
            coarse = padded(
                coarse[: self.size.height * 2, : self.size.width], self.size.width, self.size.height * 2, self._ground
            )
            found = half_256(coarse)
            if cost(found) * max(others, 1) <= LIGHT_BYTES or grain == _GRAINS[-1]:
                return found
        raise AssertionError("the last grain is taken")

    @property
    def _inked(self) -> tuple[Style, tuple[int, int, int]]:
        if self._inks is None:  # Textual puts them together from all widgets above, which thirty pictures feel
            ground = self.background_colors[1]
            self._inks = self.rich_style, (ground.r, ground.g, ground.b)
        return self._inks

    @property
    def _ground(self) -> tuple[int, int, int]:
        return self._inked[1]

    def _pixels(self, form: Form, asked: _Asked) -> Rgb:
        assert asked.raster is not None
        room = self._room(form)
        self._seen = seen = window(asked.viewport, asked.raster.size, room, form.aspect)
        pixels = asked.raster.paint(seen)
        if asked.cursor is not None:
            pixels = crossed(pixels, seen, asked.cursor)
        return padded(pixels, *room, self._ground, form.block)

    def on_mount(self) -> None:
        # What covers the whole screen (a dialog, the palette) is told of by no event of ours.
        self.watch(self.screen, "stack_updates", self._sender.due, init=False)

    def forget(self) -> None:
        """Have the terminal forget what it keeps of this picture."""
        self._sender.forget()

    def send_again(self) -> None:
        """Send what the terminal keeps of this picture as if it were new."""
        self._sender.again()

    def on_hide(self) -> None:
        self._sender.forget()

    def on_unmount(self) -> None:
        self._sender.forget()

    def notify_style_update(self) -> None:
        """The theme has changed."""
        self._stale, self._inks = True, None
        super().notify_style_update()
