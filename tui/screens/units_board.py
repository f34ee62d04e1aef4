"""The panels of the unit view, and the figures of a run that they are made of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Grid
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen

from ...engine.rows import Snapshot
from ...engine.rundir import RunDir
from ...engine.status import alive
from .. import compat
from ..drawing.cells import cut, steady
from ..figures import choosing, units
from ..figures.about import about
from ..figures.overview import around
from ..figures.reader import FigureReader, SheetRead, Shelf, ShelfSeen
from ..figures.sheet import Ask, Sheet
from ..figures.shots import forget_painted
from ..figures.unit_panels import FIRST, ORDER, ROLES, Look, panels, part_of, prediction, unread
from ..pixels.marked import Marked
from ..pixels.raster import Grid as Tiles
from ..pixels.raster import Photo
from ..pixels.viewport import Viewport
from ..widgets.header import Header
from ..widgets.key_line import KeyLine
from ..widgets.picture_facts import styled
from ..widgets.tile import Line, Nine, Tile

if TYPE_CHECKING:
    from ..app import TrainvisApp

FAST = 10  # units of a fast move
_READING = 0.1  # seconds after which a part of what is wanted is drawn
_LATER = 0.05  # seconds until a terminal that is still swallowing the last frame is asked again
_MOST_NAMES = 8  # sets of figures that are looked through for a unit
_TABLES = {"layers": units.ACTIVATIONS, "largest": units.MAXIMAL}


class UnitsBoard(Screen[None]):
    """The panels, and where what they show comes from; `UnitsScreen` says what keys and mouse do to it."""

    DEFAULT_CSS = """
    UnitsBoard > Line { padding: 0 1; }
    UnitsBoard > Grid { grid-gutter: 0 2; height: 1fr; }
    """

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False, init=False)
    look: reactive[Look] = reactive(lambda: Look("", units.Layer(""), 0), repaint=False, init=False)
    step: reactive[int | None] = reactive(None, repaint=False, init=False)
    view: reactive[Viewport] = reactive(Viewport, repaint=False, init=False)
    panel: reactive[str] = reactive("activation", repaint=False, init=False)
    alone: reactive[bool] = reactive(False, repaint=False, init=False)

    def __init__(self, path: Path, layer: str = "", unit: int = 0) -> None:
        super().__init__()
        self.path = path
        self.shelf: Shelf | None = None
        self.listed: tuple[units.Layer, ...] = ()
        self._first = (layer, unit)
        self._wanted: dict[tuple[str, str], Ask] = {}
        self._waits = False
        self._reader = FigureReader(self.post_message)
        self.set_reactive(UnitsBoard.look, Look(_model(path), units.Layer(layer), unit))

    @property
    def _app(self) -> TrainvisApp:
        return cast("TrainvisApp", self.app)

    def compose(self) -> ComposeResult:
        yield Header("UNITS", steady(self.path.name, 80))
        yield Line(id="units-where")
        yield Line(id="units-what")
        with Grid():
            for name in ORDER:
                yield (Nine if name in ("learned", "images", "back") else Tile)(id=name)
        yield KeyLine()

    def on_mount(self) -> None:
        self._reader.start()
        self._follow()
        self._place_panels()

    def on_unmount(self) -> None:
        self._reader.stop()
        forget_painted()  # what was read is not kept for a screen that is gone

    def about(self) -> Content:
        """What is seen in the panels, for the help."""
        names = dict.fromkeys(sheet.technique for sheet in self._read().values() if sheet.technique)
        return Content("\n\n").join(styled(about(name)) for name in names)

    # The world comes in

    def watch_snapshot(self) -> None:
        self._follow()

    def _follow(self) -> None:
        row = self._app.row(self.path)
        self.query_one(Header).detail = steady(row.title if row else self.path.name, 80)
        self._reader.follow({self.path: row is not None and alive(row.status)})

    def on_shelf_seen(self, message: ShelfSeen) -> None:
        self.shelf = message.shelf
        self._want()

    def on_sheet_read(self, message: SheetRead) -> None:
        role, _, name = message.key.partition("/")
        if self._wanted.get((role, name)) != message.sheet.ask:
            return  # of a layer or a step that was left meanwhile
        self.set_reactive(UnitsBoard.look, replace(self.look, sheets={**self.look.sheets, (role, name): message.sheet}))
        self._take_layers()
        self._show_read()

    def _names(self, role: str) -> tuple[str, ...]:
        techniques = ROLES.get(role) or (_TABLES[role],)
        return choosing.named(self.shelf.figures if self.shelf else {}, techniques)[:_MOST_NAMES]

    def _want(self) -> None:
        """Ask for every sheet that shows the layer, each of the step or the nearest one before it."""
        later: dict[str, int] = {}
        wanted: set[tuple[str, str]] = set()
        figures = self.shelf.figures if self.shelf else {}
        roles = ROLES if self.look.layer.path else ("learned",)
        for role in (*_TABLES, *roles):
            for name in self._names(role):
                entries = figures[name]
                entry = choosing.at_step(entries, self.step)
                if entry is None:
                    later[role] = min(later.get(role, entries[0].step), entries[0].step)
                    continue
                wanted.add((role, name))
                part = role if role in _TABLES else part_of(role, self.look.layer)
                self._ask(role, name, Ask(self.path, name, entry.step, part))
        gone = [key for key in self._wanted if key not in wanted]
        for key in gone:
            del self._wanted[key]
        sheets = {key: sheet for key, sheet in self.look.sheets.items() if key in wanted}
        self.set_reactive(UnitsBoard.look, replace(self.look, sheets=sheets, later=later))
        self._show_read()

    def _ask(self, role: str, name: str, ask: Ask) -> None:
        before = self._wanted.get((role, name))
        if before is not None and (before == ask or replace(before, full=()) == ask):
            return
        self._wanted[role, name] = ask
        self._reader.want(f"{role}/{name}", ask)

    def _read(self) -> dict[tuple[str, str], Sheet]:
        """The sheets that are read of the layer and the step that are looked at."""
        found: dict[tuple[str, str], Sheet] = {}
        for key, ask in self._wanted.items():  # in the order of the run's figures, whichever was read first
            sheet = self.look.sheets.get(key)
            if sheet is not None and replace(sheet.ask, full=()) == replace(ask, full=()):
                found[key] = sheet
        return found

    def _show_read(self) -> None:
        """Draw once when all is read; what takes longer is waited for a moment only."""
        if len(self._read()) == len(self._wanted):
            self._show()
        elif not self._waits:
            self._waits = True
            self.set_timer(_READING, self._show_later)

    def _take_layers(self) -> None:
        """Know the layers as soon as a figure tells them; at first the view goes to the one it was opened on."""
        sheets = self.look.sheets

        def table(role: str) -> Sheet | None:
            return next((sheet for (each, _), sheet in sheets.items() if each == role), None)

        found = units.layers(
            table("layers"), table("largest"), [s for (role, _), s in sheets.items() if role == "learned"]
        )
        if not found or found == self.listed:
            return
        self.listed = found
        wanted = self.look.layer.path or self._first[0]
        layer = next((each for each in found if each.path == wanted), None) or found[0]
        if layer.path != self.look.layer.path:
            self._go(layer, 0 if self._first[0] else self._first[1])
        else:
            self.set_reactive(UnitsBoard.look, replace(self.look, layer=layer))

    # What is shown

    def watch_look(self) -> None:
        self._show()

    def watch_step(self) -> None:
        self._want()

    def watch_view(self) -> None:
        for tile in self.query(Tile):
            if tile.id != "layer":
                tile.look(self.view)
        self._read_whole()

    def watch_panel(self) -> None:
        self._place_panels()
        self._show()

    def watch_alone(self) -> None:
        self._place_panels()

    def on_resize(self) -> None:
        self._place_panels()
        self.call_after_refresh(self._show)

    def _place_panels(self) -> None:
        """As many panels as there is room for, side by side, in two rows where it is high enough."""
        width, height = self.size
        across = 1 if self.alone else min(max(width // 25, 1), 3)
        down = 2 if height >= 30 and not self.alone else 1
        shown = units.visible(FIRST, across * down, self.panel)
        if self.alone:
            shown = frozenset({self.panel})
        grid = self.query_one(Grid)
        grid.styles.grid_size_columns, grid.styles.grid_size_rows = across, -(-len(shown) // across)
        for tile in grid.query_children(Tile):
            tile.display = tile.id in shown
            tile.set_class(tile.id == self.panel, "-focus")
        self.query_one("#units-what", Line).display = "input" not in shown  # which tells the same

    def _show(self) -> None:
        """Draw what is known, unless the terminal still swallows the last frame: then the newest waits."""
        if not self.is_mounted:
            return
        if compat.busy(self.app):
            if not self._waits:
                self._waits = True
                self.set_timer(_LATER, self._show_later)
            return
        every = self._steps()
        step = (every[-1] if every else 0) if self.step is None else self.step
        overview = self.query_one("#layer", Tile).view
        room = (overview.room, overview.aspect) if overview.size else self.look.room
        look = replace(self.look, sheets=self._read(), step=step, room=room)
        found = panels(look)
        for tile in self.query_one(Grid).query_children(Tile):
            panel = found[tile.id or ""]
            if tile.display and tile.id == "layer":
                tile.show(panel, around(panel.shots[0].raster if panel.shots else None, room))
            elif tile.display:
                tile.show(panel, self.view)
        where, what = self.query_one("#units-where", Line), self.query_one("#units-what", Line)
        where.place, where.text = self._where()
        what.place, what.text = self._what()
        self._read_whole()

    def _read_whole(self) -> None:
        """Ask for what thumbnails are not enough for, of the unit that is looked at."""
        tiles = self.query_one(Grid).query_children(Nine)
        sizes = {tile.id or "": tile.magnified for tile in tiles if tile.display}
        for each in unread(replace(self.look, sheets=self._read()), sizes):
            self._ask(*each)

    def _show_later(self) -> None:
        self._waits = False
        self._show()

    @property
    def count(self) -> int:
        """How many units the layer has, as far as is known."""
        known = [units.known(sheet) for (role, _), sheet in self.look.sheets.items() if role in ROLES]
        return max([self.look.layer.units, *(each[-1] + 1 for each in known if each)])

    def _columns(self) -> int:
        """In how many columns the maps of the layer lie in their panel."""
        raster = self.query_one("#layer", Tile).view.raster
        inside = raster.raster if isinstance(raster, Marked) else None
        if isinstance(inside, Tiles):
            return inside.columns
        return inside.size[0] if isinstance(inside, Photo) else units.squared(self.count)

    def _where(self) -> tuple[str, str]:
        layer = self.look.layer
        if self.shelf is None:
            return "", "reading the figures …"
        if not self.listed:
            return "", "no figure of this run tells of units"
        at = [each.path for each in self.listed].index(layer.path) + 1 if layer in self.listed else 0
        place = f"{steady(layer.path, 60)} unit {self.look.unit}"
        return place, f"of {self.count} · layer {at} of {len(self.listed)} · {self._when()}"

    def _when(self) -> str:
        every = self._steps()
        if not every:
            return ""
        if self.step is None:
            return f"latest step, {every[-1]:,}"
        return f"step {self.step:,} of {every[-1]:,}"

    def _what(self) -> tuple[str, str]:
        given = next((sheet for _, sheet in self.look.of("maps") if sheet.inputs), None)
        if given is None or self.look.image >= len(given.inputs):
            return "", ""
        name = steady(given.inputs[self.look.image].name, 40) or f"image {self.look.image}"
        return cut(name, 30)[0], f"is taken for {prediction(given, self.look.image)}" if given.predictions else ""

    def _steps(self) -> tuple[int, ...]:
        names = {name for role in ROLES for name in self._names(role)}
        return choosing.steps_of(self.shelf.figures, names) if self.shelf else ()

    def _go(self, layer: units.Layer, unit: int) -> None:
        if layer.path != self.look.layer.path:
            self.set_reactive(UnitsBoard.look, replace(self.look, layer=layer, unit=unit))
            self._want()
        else:
            self.look = replace(self.look, unit=unit)


def _model(path: Path) -> str:
    """What `trainvis look` takes for the network: the run where it has saved one, else a word to be filled in."""
    try:
        saved = any(each.suffix == ".keras" for each in RunDir(path).networks.iterdir())
    except OSError:
        saved = False
    return path.name if saved else "MODEL"
