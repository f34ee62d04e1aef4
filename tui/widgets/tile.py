"""A picture with a line above and one below, or words where there is no picture; and nine of them with a score each."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Grid
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from ..drawing.cells import cut, steady
from ..figures.shots import Panel, Shot
from ..pixels.raster import Raster
from ..pixels.viewport import Viewport
from .picture import PictureView

_ROWS_WITH_SCORES = 17  # of nine pictures: with less there is no row to spare for each score


class Line(Widget):
    """One line of text from data, cut where it is too long; `place` stands before it and stands out.

    It is drawn as it is, without markup, wrapping and layout: a screen has thirty of them.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"line--place"}
    DEFAULT_CSS = """
    Line { height: 1; width: 1fr; color: $text-muted; }
    Line > .line--place { color: $text; text-style: bold; }
    """

    text: reactive[str] = reactive("")
    place: reactive[str] = reactive("")

    def __init__(self, *, centre: bool = False, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._centre = centre
        self._inks: tuple[Style, Style] | None = None

    def notify_style_update(self) -> None:
        self._inks = None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        if self._inks is None:
            self._inks = self.rich_style, self.get_component_rich_style("line--place")
        width, (plain, strong) = self.content_size.width, self._inks
        if width < 1 or y:
            return Strip.blank(width, plain)
        text, length = cut(" ".join(each for each in (self.place, self.text) if each), width)
        left = (width - length) // 2 if self._centre else 0
        bold = min(len(self.place), len(text))
        parts = ((" " * left, plain), (text[:bold], strong), (text[bold:], plain))
        strip = Strip([Segment(each, style) for each, style in parts if each])
        return strip.adjust_cell_length(width, plain)


class Tile(Widget):
    """`show` gives it a title, a picture and a caption, or words instead of the picture."""

    DEFAULT_CSS = """
    Tile { width: 1fr; height: 1fr; layout: vertical; }
    Tile > Static { height: 1fr; width: 1fr; padding: 0 1; color: $text-muted; overflow: hidden; display: none; }
    Tile.-focus > .title { background: $panel; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._title = Line(classes="title")
        self._caption = Line(centre=True)
        self._words = Static(markup=False)
        self.view = PictureView()
        self.caption = ""

    def compose(self) -> ComposeResult:
        yield self._title
        yield self.view
        yield self._words
        yield self._caption

    def show(self, panel: Panel, viewport: Viewport) -> None:
        """Show the first of its pictures, or its words."""
        self.head(panel)
        shot = panel.shots[0] if panel.shots else None
        self.caption = (shot.caption if shot else "") or panel.caption
        self.say(self.caption)
        _alone(self._words, None if shot else panel.words)
        self.view.display = shot is not None
        if shot is not None:
            _look(self.view, shot.raster, viewport)

    @property
    def words(self) -> str:
        """What stands in place of the picture, "" where there is one."""
        return str(self._words.content) if self._words.display else ""

    def head(self, panel: Panel) -> None:
        """The line above: the panel's place stands out, the one in focus has a mark before it."""
        mark = "▸" if self.has_class("-focus") else " "
        self._title.place, self._title.text = mark + panel.place, steady(panel.title, 300)

    def look(self, viewport: Viewport, cursor: tuple[int, int] | None = None) -> None:
        """Another part of the same picture."""
        view = self.view
        if view.raster is not None and view.display and (view.viewport, view.cursor) != (viewport, cursor):
            view.show(view.raster, viewport, cursor)

    def say(self, text: str) -> None:
        """Change the line below."""
        self._caption.text = steady(text, 300)


class _One(Widget):
    """One of nine."""

    DEFAULT_CSS = """
    _One { layout: vertical; width: 1fr; height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.view, self.line = PictureView(), Line(centre=True)

    def compose(self) -> ComposeResult:
        yield self.view
        yield self.line

    def show(self, shot: Shot | None, viewport: Viewport) -> None:
        self.line.text = steady(shot.caption, 60) if shot else ""
        _look(self.view, shot.raster if shot else None, viewport)


class Nine(Tile):
    """Up to nine pictures, three in a row, each with its score below where there is room; all in one viewport."""

    DEFAULT_CSS = """
    Nine > Grid { grid-size: 3 3; grid-gutter: 0 1; width: 1fr; height: 1fr; }
    Nine.-low _One > Line { display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._ones = [_One() for _ in range(9)]
        self._grid = Grid(*self._ones)
        self._panel = Panel("")

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._grid
        yield self._words
        yield self._caption

    def on_resize(self) -> None:
        """All nine of one size: what is left over stays empty."""
        width, height = self.size.width, self.size.height - 2
        self.set_class(height < _ROWS_WITH_SCORES, "-low")
        self._grid.styles.grid_columns = str(max((width - 2) // 3, 1))
        self._grid.styles.grid_rows = str(max(height // 3, 1))
        self._sum_up()

    @property
    def views(self) -> list[PictureView]:
        """The nine pictures, the first rank first."""
        return [each.view for each in self._ones]

    def show(self, panel: Panel, viewport: Viewport) -> None:
        """Show the first nine of its pictures."""
        self.head(panel)
        self._panel = panel
        self._sum_up()
        _alone(self._words, None if panel.shots else panel.words)
        self._grid.display = bool(panel.shots)
        for place, one in enumerate(self._ones):
            one.show(panel.shots[place] if place < len(panel.shots) else None, viewport)

    def _sum_up(self) -> None:
        """Where no score stands below its picture, the first and the last do below all."""
        scores = [each.caption for each in self._panel.shots if each.caption]
        ends = f"{scores[0]} to {scores[-1]}" if len(scores) > 1 else "".join(scores)
        said = [
            *([ends] if self.has_class("-low") and ends else []),
            *([self._panel.caption] if self._panel.caption else []),
        ]
        self.caption = " · ".join(said)
        self.say(self.caption)

    @property
    def magnified(self) -> float:
        """How many output pixels the first of them would be wide or high, seen whole as near as it is seen now."""
        view = self.views[0]
        return max(view.room) * view.viewport.zoom

    def look(self, viewport: Viewport, cursor: tuple[int, int] | None = None) -> None:
        """Another part of all of them."""
        for one in self._ones:
            if one.view.raster is not None:
                one.view.show(one.view.raster, viewport, cursor)


def _look(view: PictureView, raster: Raster | None, viewport: Viewport) -> None:
    """Nothing is painted twice: a picture is as large on a slow line as all else together."""
    if view.raster is not raster or view.viewport != viewport:
        view.show(raster, viewport)


def _alone(words: Static, text: str | None) -> None:
    words.display = text is not None
    if text is not None and str(words.content) != text:
        words.update("\n".join(steady(line, 400) for line in text.split("\n")), layout=False)
