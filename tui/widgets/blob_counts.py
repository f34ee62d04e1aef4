"""What is in a blob, counted: classes, pixel values, mean images."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget

from ...datasets.blob import Blob
from ...datasets.looking.counted import Statistics
from ...datasets.looking.mean_image import from_png
from ..blobs.counting import Progress, class_bars, count, labels_of, number_words, ordered, pixel_bars, pixel_words
from ..blobs.errands import Answer, Errands
from ..blobs.tiles import three
from ..blobs.words import plural
from ..drawing.cells import steady
from ..drawing.page import Page
from ..figures.shots import Panel, Shot
from ..keys import bindings
from ..pixels.raster import Grid, Photo, columns_for
from ..pixels.viewport import Viewport
from .page_view import PageView
from .tile import Line, Tile

WIDE = 84  # columns from which bars and pictures stand beside each other


class _Bars(PageView):
    """The classes of a field, or the pixel values; the owner draws."""

    can_focus = False

    def paint(self, width: int, height: int) -> Page:
        owner = next((each for each in self.ancestors if isinstance(each, BlobCounts)), None)
        if owner is None:
            return Page(width, height)
        return owner.paint_classes(width, height) if self.id == "counts-classes" else owner.paint_pixels(width, height)

    def clicked(self, hit: int, twice: bool) -> None:
        for owner in self.ancestors:
            if isinstance(owner, BlobCounts):
                owner.go(hit)
                if twice:
                    owner.action_show()

    def wheeled(self, rows: int) -> None:
        for owner in self.ancestors:
            if isinstance(owner, BlobCounts):
                owner.action_move(rows)


class BlobCounts(Widget, can_focus=True):
    """`show(blob)` counts in a thread; what is known is shown at once."""

    DEFAULT_CSS = """
    BlobCounts { width: 1fr; height: 1fr; layout: vertical; padding: 0 1; }
    BlobCounts > Horizontal { height: 1fr; }
    BlobCounts #counts-left { width: 1fr; height: 1fr; }
    BlobCounts #counts-right { width: 1fr; height: 1fr; padding: 0 0 0 3; }
    BlobCounts #counts-pixels { height: 1fr; max-height: 13; }
    BlobCounts #counts-means { height: 1fr; }
    BlobCounts.-narrow > Horizontal { layout: vertical; }
    BlobCounts.-narrow #counts-right { padding: 0; }
    BlobCounts.-narrow #counts-pixels { max-height: 5; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("blob_counts")]

    class Asked(Message):
        """The records of a class are to be seen: "?" for those of which nobody knows it."""

        def __init__(self, field: str, name: str) -> None:
            super().__init__()
            self.field, self.name = field, name

    def __init__(self, errands: Errands, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._errands = errands
        self.blob: Blob | None = None
        self.found = Statistics()
        self.field = ""
        self.cursor = 0
        self.by_count = False
        self._said = ""
        self._of = -1  # records that were counted

    def compose(self) -> ComposeResult:
        yield Line(id="counts-said")
        with Horizontal():
            with Vertical(id="counts-left"):
                yield Line(id="counts-title")
                yield _Bars(id="counts-classes")
            with Vertical(id="counts-right"):
                yield Line(id="counts-words")
                yield _Bars(id="counts-pixels")
                with Horizontal(id="counts-means"):
                    yield Tile(id="counts-mean")
                    yield Tile(id="counts-of-class")

    def on_resize(self) -> None:
        self.set_class(self.size.width < WIDE, "-narrow")
        self.call_after_refresh(self._draw)

    def show(self, blob: Blob, *, again: bool = False) -> None:
        """Count, unless that was done or is being done: a file that grows would be counted for ever."""
        if blob is self.blob and not again:
            self._say_more()
            return
        self.blob, self._of = blob, len(blob)
        if not self.field:
            label = blob.schema.label
            self.field = label.name if label is not None else next(iter(self.fields), "")
        self._said = "counting …"
        self._errands.ask(self, "count", lambda errand: count(blob, errand))
        self._draw()

    def relabel(self) -> None:
        """Labels are others now: these are counted at once, pixels stay what they are."""
        blob = self.blob
        if blob is not None:
            self._errands.ask(self, "labels", lambda _: labels_of(blob))

    def _say_more(self) -> None:
        more = len(self.blob) - self._of if self.blob is not None else 0
        if more and not self._said:
            self._said = (
                f"since it was counted {plural(abs(more), 'record')} {'came' if more > 0 else 'went'}: r counts"
            )
            self._draw()

    @property
    def fields(self) -> list[str]:
        """The fields that have classes."""
        return [field.name for field in self.blob.schema if field.kind == "class"] if self.blob is not None else []

    def on_answer(self, message: Answer) -> None:
        if message.late or not self.is_mounted:
            return
        if message.problem:
            self._said = message.problem
        elif message.kind == "labels":
            self.found = replace(self.found, labels=message.value.labels, unknown=message.value.unknown)
        elif isinstance(message.value, Progress):
            self._said = f"counting pixels: {message.value.words}"
            self.query_one("#counts-said", Line).text = self._said
            return
        else:
            self.found = message.value
            self._said = "" if message.last else "counting pixels …"
        self._draw()

    # Drawing

    @property
    def counts(self) -> tuple[int, ...]:
        return self.found.labels.get(self.field, ())

    @property
    def order(self) -> list[int]:
        """The numbers of the classes as they are listed."""
        return ordered(self.counts, by_count=self.by_count)

    @property
    def under(self) -> int | None:
        """The class under the cursor; -1 for those of which nobody knows it."""
        lines = [*self.order, *([-1] if self.found.unknown.get(self.field) else [])]
        return lines[self.cursor] if self.cursor < len(lines) else None

    def paint_classes(self, width: int, height: int) -> Page:
        if self.blob is None or self.field not in self.blob.schema:
            page = Page(width, height)
            page.text(0, 0, "no field has classes: e in the records gives some" if self.blob is not None else "", 2)
            return page
        names, unknown = self.blob.schema[self.field].classes, self.found.unknown.get(self.field, 0)
        return class_bars(names, self.counts, self.order, unknown, self.cursor, width, height)

    def paint_pixels(self, width: int, height: int) -> Page:
        return pixel_bars(self.found.pixels, width, height)

    def _draw(self) -> None:
        found, blob = self.found, self.blob
        for each in self.query(_Bars):
            each.redraw()
        self.query_one("#counts-said", Line).display = bool(self._said)
        self.query_one("#counts-said", Line).text = self._said
        title = self.query_one("#counts-title", Line)
        title.place = steady(self.field, 60)
        kinds = sum(1 for each in self.counts if each)
        others = [name for name in self.fields if name != self.field]
        title.text = f"{kinds:,} of {len(self.counts):,} classes" + (f" · f: {', '.join(others)}" if others else "")
        words = self.query_one("#counts-words", Line)
        words.place = "pixel values" if found.pixels else ""
        words.text = " · ".join(each for each in (pixel_words(found), *number_words(found)) if each)
        if blob is None:
            return
        mean = from_png(found.mean_image) if found.mean_image else None
        panel = Panel(f"mean of {found.images:,} images")
        shots = (Shot(Photo(three(mean))),) if mean is not None else ()
        self.query_one("#counts-mean", Tile).display = bool(shots)
        self.query_one("#counts-mean", Tile).show(Panel(panel.place, shots=shots), Viewport())
        self._draw_class()

    def _draw_class(self) -> None:
        """The mean of each class, that under the cursor marked."""
        tile, blob = self.query_one("#counts-of-class", Tile), self.blob
        label = blob.schema.label if blob is not None else None
        means = self.found.class_means
        tile.display = bool(means) and label is not None and label.name == self.field
        if not tile.display or label is None:
            return
        order = [at for at in self.order if at in means]
        photos = {at: from_png(means[at]) for at in order}
        size = _one_size({found.shape[1::-1] for found in photos.values() if found is not None})
        tiles = [Photo(three(found), size) if found is not None else None for found in map(photos.get, order)]
        room = tile.view.room if tile.view.size else (1, 1)
        columns = columns_for(len(tiles), size, room, tile.view.aspect) if min(room) > 1 else 4
        under = self.under
        chosen = order.index(under) if under in order else None
        grid = Grid(tiles, size, columns, max(size[0] // 16, 1), chosen, rim=True)
        name = label.classes[under] if under is not None and 0 <= under < len(label.classes) else ""
        said = f"{steady(name, 40)} marked" if name and chosen is not None else ""
        tile.show(Panel("mean of each class", said, (Shot(grid),)), Viewport())

    # Keys

    def go(self, at: int) -> None:
        """The cursor to a line."""
        last = len(self.counts) - 1 + bool(self.found.unknown.get(self.field))
        self.cursor = min(max(at, 0), max(last, 0))
        self.query_one("#counts-classes", _Bars).redraw()
        self._draw_class()

    def action_move(self, rows: int) -> None:
        self.go(self.cursor + rows)

    def action_field(self) -> None:
        fields = self.fields
        if fields:
            self.field = fields[(fields.index(self.field) + 1) % len(fields)] if self.field in fields else fields[0]
            self.cursor = 0
            self._draw()

    def action_order(self) -> None:
        under = self.under
        self.by_count = not self.by_count
        order = self.order
        self.cursor = order.index(under) if under in order else self.cursor
        self._draw()

    def action_show(self) -> None:
        under, blob = self.under, self.blob
        if under is None or blob is None:
            return
        classes = blob.schema[self.field].classes
        name = "?" if under < 0 else classes[under] if under < len(classes) else str(under)
        self.post_message(self.Asked(self.field, name))

    def action_again(self) -> None:
        if self.blob is not None:
            self.show(self.blob, again=True)


def _one_size(sizes: set[tuple[int, int]]) -> tuple[int, int]:
    """Width and height of the tiles of means: images of a class may have one size, and all others others."""
    if len(sizes) == 1:
        return next(iter(sizes))
    side = max((max(size) for size in sizes), default=1)
    return side, side
