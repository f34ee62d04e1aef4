"""Sends the pixels of one picture to a terminal that shows them, and has it forget them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.errors import NoWidget
from textual.geometry import Region, Size
from textual.strip import Strip

from .. import compat
from ..pixels import iterm, kitty, sixel
from ..pixels.modes import PIXELS
from ..pixels.tone import Rgb
from .picture_lines import places

if TYPE_CHECKING:
    from ..showing import Showing
    from .picture import PictureView

SETTLED = 0.06  # seconds that a size has to stand: Textual lays a screen out several times


class Sender:
    """Told what to show by `paint` and that cells were drawn by `drawn_over`; writes after the frame."""

    def __init__(self, view: PictureView) -> None:
        self._view = view
        self._way = ""
        self._pixels: Rgb | None = None
        self._number: int | None = None  # of the picture in a terminal that keeps it (kitty)
        self._number_of: Showing | None = None
        self._kept: Rgb | None = None  # the pixels that the terminal has
        self._kept_size = (0, 0)
        self._placed: tuple[Region, Region] | None = None  # where pixels were painted over the cells, while they are
        self._due = False
        self._size: Size | None = None

    def has_number(self, showing: Showing) -> bool:
        """Whether the terminal can keep this picture: the numbers are not all taken."""
        return self._number is not None or showing.has_number

    def paint(self, way: str, pixels: Rgb) -> None:
        """What is to be shown from now on, by `way` kitty, sixel or iterm."""
        self._way, self._pixels = way, pixels
        self._placed = None

    def nothing(self) -> None:
        """Nothing is to be shown."""
        self._pixels = None

    def lines(self) -> list[Strip] | None:
        """What the cells hold: their places in the picture, once the terminal has it; None for blanks."""
        if self._way != "kitty" or self._kept is None or self._number is None:
            return None
        return places(self._number, *self._kept_size) if self._kept_size == tuple(self._view.size) else None

    def drawn_over(self) -> None:
        """The cells were or will be sent: what was painted over them is gone."""
        self._placed = None
        if self._kept is not None or self._view.showing.mode.pixels:
            self.due()

    def due(self, *_: object) -> None:
        """Look, after the next frame, what has to be sent."""
        if not self._due and self._view.is_attached:
            self._due = True
            self._view.call_after_refresh(self._offer)

    def _offer(self) -> None:
        if self._view.is_attached:
            self._view.showing.when_free(self._view.app, self._send)
        else:
            self._due = False

    def _send(self) -> None:
        self._due = False
        view = self._view
        if not view.is_attached or view.showing.over:
            return
        form = view.form_now()
        if form.name != self._way:
            self._drop()
        if form != view.form:
            view.refresh()  # which ends here again
            return
        if form.name not in PIXELS:
            return
        if self._size != view.size:
            self._size = view.size
            view.set_timer(SETTLED, self.due)
        else:
            view.paint()
            if form.name == "kitty":
                self._keep()
            else:
                self._place()

    def _keep(self) -> None:
        """Upload what the terminal does not have; the cells tell it where to show it."""
        size = (self._view.size.width, self._view.size.height)
        if self._pixels is None or (self._pixels is self._kept and size == self._kept_size):
            return
        showing = self._view.showing
        if self._number is None:
            self._number, self._number_of = showing.take_number(), showing
        if self._number is None:  # another picture was faster
            self._view.refresh()
            return
        showing.hand_on()
        fresh = self._kept is None or self._kept_size != size
        self._kept, self._kept_size = self._pixels, size
        self._write(kitty.upload(self._pixels, self._number, *size, tmux=showing.mode.tmux))
        if fresh:
            self._view.refresh()

    def _place(self) -> None:
        """Paint over the part of the cells that is seen."""
        view = self._view
        try:
            at = view.screen.find_widget(view)
        except NoWidget:  # it is not laid out
            return
        whole = view.content_region
        seen = whole.intersection(at.clip)
        # A terminal scrolls when a picture ends in its last row.
        seen = seen.intersection(Region(0, 0, view.app.size.width, view.app.size.height - 1))
        if not seen or self._pixels is None or self._placed == (whole, seen):
            return
        self._placed = (whole, seen)
        across, down = self._pixels.shape[1] // whole.width, self._pixels.shape[0] // whole.height
        left, top = (seen.x - whole.x) * across, (seen.y - whole.y) * down
        part = self._pixels[top : top + seen.height * down, left : left + seen.width * across]
        if self._way == "sixel":
            sent = sixel.sixels(part, view.showing.most_colours, tmux=view.showing.mode.tmux)
        else:
            sent = iterm.inline(part, seen.width, seen.height)
        self._write(f"\x1b7\x1b[{seen.y + 1};{seen.x + 1}H{sent}\x1b8")

    def _write(self, sequence: str) -> None:
        app = self._view.app
        compat.write(app, sequence)
        flow = getattr(app, "flow", None)
        if flow is not None and not app.is_headless:
            flow.drawn()

    def _drop(self) -> None:
        if self._kept is not None and self._number is not None and self._number_of is not None:
            compat.write(self._view.app, kitty.delete(self._number, tmux=self._number_of.mode.tmux))
        self._kept, self._placed = None, None

    def again(self) -> None:
        """Send the same once more; where it stands has not changed."""
        if self._kept is not None:
            self._kept = self._kept[:]
            self.due()

    def forget(self) -> None:
        """Have the terminal forget the picture; what is in cells goes with the cells."""
        self._drop()
        self._size = None
        if self._number is not None and self._number_of is not None:
            self._number_of.give_back(self._number)
            self._number = None
