"""What stands side by side, and the figures of runs that it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Grid
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen

from ...engine.rows import Snapshot
from ...engine.status import alive
from ...vis.figures import Item
from .. import compat
from ..drawing.cells import number, steady
from ..figures import beside, choosing
from ..figures.about import about
from ..figures.beside import FEWEST, HOWS, MOST, Choice, Side
from ..figures.rasters import caption
from ..figures.reader import FigureReader, SheetRead, Shelf, ShelfSeen
from ..figures.sheet import Ask, Sheet
from ..figures.shots import value_at
from ..pixels.tone import Tone
from ..pixels.viewport import Viewport
from ..widgets.header import Header
from ..widgets.key_line import KeyLine
from ..widgets.picture_facts import styled
from ..widgets.tile import Line, Tile

if TYPE_CHECKING:
    from ..app import TrainvisApp

_LATER = 0.05  # seconds until a terminal that is still swallowing the last frame is asked again
_OFFERED = 200  # runs that a dialog offers at most


class BesideBoard(Screen[None]):
    """The pictures, and where they come from; `SideBySideScreen` says what keys and mouse do to them."""

    DEFAULT_CSS = """
    BesideBoard > Line { padding: 0 1; }
    BesideBoard > Grid { grid-gutter: 0 2; height: 1fr; }
    """

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False, init=False)
    view: reactive[Viewport] = reactive(Viewport, repaint=False, init=False)

    def __init__(
        self, paths: Sequence[Path], name: str = "", part: str = "", item: int = 0, step: int | None = None
    ) -> None:
        super().__init__()
        runs = tuple(dict.fromkeys(paths))[:MOST]
        self.choice = Choice("runs" if len(runs) > 1 else "steps", runs, name)
        self.part = part
        self._item, self._step = item, step
        self.like: Item | None = None
        self.at = 0  # which one is in focus
        self.tone, self.shared = Tone(), True
        self.cursor: tuple[float, float] | None = None  # shares of width and height, as all that is linked
        self._hover: tuple[float, float] | None = None
        self._follows = True  # the latest step, until somebody chooses another
        self._shelves: dict[Path, Shelf] = {}
        self._sides: tuple[Side, ...] = ()
        self._sheets: dict[Ask, Sheet] = {}
        self._waits = False
        self._reader = FigureReader(self.post_message)

    @property
    def _app(self) -> TrainvisApp:
        return cast("TrainvisApp", self.app)

    @property
    def _figures(self) -> beside.Figures:
        return {path: shelf.figures for path, shelf in self._shelves.items()}

    def compose(self) -> ComposeResult:
        yield Header("SIDE BY SIDE")
        yield Line(id="beside-what")
        yield Line(id="beside-how")
        with Grid():
            for place in range(MOST):
                yield Tile(id=f"side-{place}")
        yield KeyLine()

    def on_mount(self) -> None:
        self._reader.start()
        self._follow()

    def on_unmount(self) -> None:
        self._reader.stop()
        beside.raster.cache_clear()  # what was read is not kept for a screen that is gone

    def about(self) -> Content:
        """What the technique says of itself, for the help."""
        sheet = next((each for each in self._found() if each is not None), None)
        return styled(about(sheet.technique if sheet is not None else ""))

    # The world comes in

    def watch_snapshot(self) -> None:
        self._follow()

    def _follow(self) -> None:
        rows = {path: self._app.row(path) for path in self.choice.runs}
        self._reader.follow({path: row is not None and alive(row.status) for path, row in rows.items()})
        titles = [self._title(path) for path in self.choice.runs]
        self.query_one(Header).detail = steady(", ".join(titles), 200)

    def _title(self, path: Path) -> str:
        row = self._app.row(path)
        return row.title if row else path.name

    def on_shelf_seen(self, message: ShelfSeen) -> None:
        self._shelves[message.shelf.run] = message.shelf
        self._choose_first()
        self._plan()

    def on_sheet_read(self, message: SheetRead) -> None:
        plain = replace(message.sheet.ask, full=())
        if plain not in self._asks():
            return  # of a moment that was left meanwhile
        self._sheets[plain] = message.sheet
        self._take_item(message.sheet)
        self._want_whole(message.sheet)
        self._show()

    def _choose_first(self) -> None:
        """What nobody chose yet: figure, steps, images, settings."""
        choice, figures = self.choice, self._figures
        if not choice.name and all(run in figures for run in choice.runs):
            choice = replace(choice, name=next(iter(beside.common(figures, choice.runs)), ""))
        every = self._every(choice)
        if self._follows and every:
            steps = list(choosing.evenly(every, max(len(choice.steps), self._usual())))
            if self._step is not None and choice.how == "steps":
                nearest = min(range(len(steps)), key=lambda place: abs(steps[place] - (self._step or 0)))
                steps[nearest] = choosing.moved(every, self._step, 0)
            choice = replace(choice, steps=tuple(dict.fromkeys(steps)))
        if not choice.settings and choice.name:
            choice = replace(choice, settings=beside.of_settings(figures, choice.runs, choice.name)[:MOST])
        self.choice = choice

    def _every(self, choice: Choice) -> tuple[int, ...]:
        """All steps of the figure in the first run."""
        entries = self._figures.get(choice.runs[0], {}).get(choice.name, ()) if choice.runs else ()
        return tuple(entry.step for entry in entries)

    def _usual(self) -> int:
        """How many steps are laid side by side where nobody said how many."""
        return 3 if self.size.width < 100 else 4 if self.size.width < 160 else MOST

    def _asks(self) -> list[Ask | None]:
        return [
            None if side.entry is None else Ask(side.run, side.name, side.entry.step, self.part) for side in self._sides
        ]

    def _plan(self) -> None:
        """Say what stands side by side, ask for what was not read yet, and show what there is."""
        self._sides = beside.sides(self.choice, self._figures) if self.choice.name else ()
        self.at = min(self.at, max(len(self._sides) - 1, 0))
        asks = self._asks()
        self._sheets = {ask: sheet for ask, sheet in self._sheets.items() if ask in asks}
        for ask in asks:
            if ask is not None and ask not in self._sheets:
                self._reader.want(repr(ask), ask)
        for sheet in list(self._sheets.values()):
            self._want_whole(sheet)
        self._place()
        self._show()

    def _want_whole(self, sheet: Sheet) -> None:
        """Of large maps only thumbnails were read: what is shown is read whole."""
        if not sheet.reduced or self.like is None:
            return
        images = {side.image for side, ask in zip(self._sides, self._asks(), strict=True) if ask == _plain(sheet.ask)}
        places = [beside.place_of(sheet, self.like, image) for image in images]
        wanted = tuple(sorted({place for place in places if place is not None}))
        if not set(wanted) <= set(sheet.full):
            self._reader.want(repr(_plain(sheet.ask)), replace(sheet.ask, full=wanted))

    def _take_item(self, sheet: Sheet) -> None:
        """The first sheet says which item is meant; one of another part shows the same unit, where it has it."""
        items = sheet.items
        if items is None or not len(items):
            return
        if self.like is None:
            self.like = items[min(self._item, len(items) - 1)]
        elif self.like.layer not in {items.same.layer, *items.each.get("layer", ())} or (
            self.like.aspect not in {items.same.aspect, *items.each.get("aspect", ())}
        ):
            wanted = replace(self.like, layer=items[0].layer, aspect=items[0].aspect)
            place = choosing.same(items, wanted)
            self.like = items[place or 0]
        if not self.choice.images and self.like.image is not None:
            count = len(sheet.inputs)
            first = self.like.image if count > MOST else 0
            images = range(first, min(first + MOST, count))
            self.choice = replace(self.choice, images=tuple(images))

    # What is shown

    def on_resize(self) -> None:
        self._place()
        self.call_after_refresh(self._show)

    def _place(self) -> None:
        """As many columns as show the pictures largest."""
        count = max(len(self._sides), 1)
        found = [sheet for sheet in self._found() if sheet is not None and sheet.facts is not None]
        shape = next((each.facts.shape for each in found if each.facts and len(each.facts.shape) > 2), (1, 1, 1))
        grid = self.query_one(Grid)
        columns = beside.columns_of(count, (shape[2], shape[1]), (self.size.width, max(self.size.height - 4, 1)))
        grid.styles.grid_size_columns, grid.styles.grid_size_rows = columns, -(-count // columns)
        for place, tile in enumerate(grid.query_children(Tile)):
            tile.display = place < count
            tile.set_class(place == self.at and count > 1, "-focus")

    def _found(self) -> list[Sheet | None]:
        return [self._sheets.get(ask) if ask is not None else None for ask in self._asks()]

    def _show(self) -> None:
        """Draw what is known, unless the terminal still swallows the last frame: then the newest waits."""
        if self._waits or not self.is_mounted:
            return
        if compat.busy(self.app):
            self._waits = True
            self.set_timer(_LATER, self._show_later)
            return
        made = beside.panels(
            self.choice, self._sides, self._found(), self.like, self.tone, self._title, shared=self.shared
        )
        tiles = list(self.query_one(Grid).query_children(Tile))
        for tile, panel in zip(tiles, made, strict=False):
            tile.show(panel, self.view)
        if not made:
            tiles[0].show(beside.Panel("", words=self._nothing()), self.view)
        self._point()
        what, how = self.query_one("#beside-what", Line), self.query_one("#beside-how", Line)
        what.place, what.text = steady(self.choice.name, 60), self._what()
        how.place, how.text = f"comparing {self.choice.how}", self._how()

    def _show_later(self) -> None:
        self._waits = False
        self._show()

    def _nothing(self) -> str:
        if not all(run in self._shelves for run in self.choice.runs):
            return "reading the figures …"
        if self.choice.how == "images" and self.choice.name:
            return "What is compared here is of no input image."
        return (
            "There are no maps or pictures yet.\n\nin the script: callbacks.pictures('layer_activations')\n"
            "of a saved network: trainvis look RUN -t saliency_maps --image FILE"
        )

    def _what(self) -> str:
        sheet = next((each for each in self._found() if each is not None), None)
        if sheet is None or self.like is None:
            return ""
        image = None if self.choice.how == "images" else self.like.image
        words = caption(replace(self.like, image=image, score=None, record="", target=None), sheet)
        part = steady(sheet.facts.name if sheet.facts else self.part, 60)
        part = "" if part in words.split(", ") else part
        return " · ".join(each for each in (part, words, self._when()) if each)

    def _when(self) -> str:
        if self.choice.how == "steps":
            return f"of {len(self._every(self.choice))} steps"
        now = beside.moment(self.choice, self._figures)
        if now is None:
            return ""
        word = "epoch" if self.choice.epochs_count else "step"
        return f"{word} {now:,.6g}" + (", latest" if self.choice.when is None else "")

    def _how(self) -> str:
        others = ", ".join(each for each in HOWS if each != self.choice.how)
        reach = beside.shared_range(
            [
                (sheet, beside.place_of(sheet, self.like, side.image) if sheet is not None and sheet.part else None)
                for side, sheet in zip(self._sides, self._found(), strict=True)
            ],
            self.tone,
        )
        said = [f"a: {others}"]
        if reach is not None:
            said.append(f"one range, {number(reach[0])} to {number(reach[1])}" if self.shared else "a range for each")
        if self.view.zoom > 1:
            said.append(f"zoom {self.view.zoom:g}")
        if self.choice.count < FEWEST:
            said.append(_ALONE[self.choice.how])
        return " · ".join(said)

    def _point(self) -> None:
        """The value under the cursor, in all of them at the same place."""
        for tile in self.query_one(Grid).query_children(Tile):
            raster = tile.view.raster
            if tile.display and raster is not None and tile.view.display:
                tile.look(self.view, _pixel(self.cursor, raster.size))
                at = _pixel(self._hover or self.cursor, raster.size)
                tile.say(value_at(raster, *at) if at is not None else tile.caption)


_ALONE = {
    "steps": "only one step is stored",
    "images": "there is one image at most",
    "runs": "only this run: n adds one",
    "settings": "no other figure of this technique: name= in the script keeps several",
}


def _plain(ask: Ask) -> Ask:
    return replace(ask, full=())


def _pixel(at: tuple[float, float] | None, size: tuple[int, int]) -> tuple[int, int] | None:
    if at is None:
        return None
    return min(int(at[0] * size[0]), size[0] - 1), min(int(at[1] * size[1]), size[1] - 1)
