"""The unit view: for one unit of a network its activation, its learned images, the images that excite it most.

After the Deep Visualization Toolbox (Yosinski et al. 2015, arXiv:1506.06579), from the figures of a run.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid
from textual.reactive import reactive
from textual.screen import Screen

from ...engine.rows import Snapshot
from ...engine.status import alive
from .. import compat
from ..drawing.cells import cut, steady
from ..figures import choosing, units
from ..figures.reader import FigureReader, SheetRead, Shelf, ShelfSeen
from ..figures.sheet import Ask, Sheet
from ..figures.unit_panels import FIRST, ORDER, ROLES, Look, panels, part_of, prediction, unread
from ..keys import bindings
from ..pixels.marked import Marked
from ..pixels.raster import Grid as Tiles
from ..pixels.raster import columns_for
from ..pixels.tone import MAPS
from ..pixels.viewport import Viewport
from ..widgets.header import Header
from ..widgets.key_line import KeyLine
from ..widgets.picture import PictureView
from ..widgets.tile import Line, Nine, Tile

if TYPE_CHECKING:
    from ..app import TrainvisApp

FAST = 10  # units of a fast move
_READING = 0.1  # seconds after which a part of what is wanted is drawn
_LATER = 0.05  # seconds until a terminal that is still swallowing the last frame is asked again
_MOST_NAMES = 8  # sets of figures that are looked through for a unit
_TABLES = {"layers": units.ACTIVATIONS, "largest": units.MAXIMAL}


class UnitsScreen(Screen[None]):
    """The units of the run at `path`, beginning with `unit` of `layer` where these are given."""

    DEFAULT_CSS = """
    UnitsScreen > Line { padding: 0 1; }
    UnitsScreen > Grid { grid-gutter: 0 2; height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("units")]

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
        self._typed = ""
        self._reader = FigureReader(self.post_message)
        self.set_reactive(UnitsScreen.look, Look(path.name, units.Layer(layer), unit))

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
        self.set_reactive(
            UnitsScreen.look, replace(self.look, sheets={**self.look.sheets, (role, name): message.sheet})
        )
        self._take_layers()
        for each in unread(replace(self.look, sheets=self._read())):
            self._ask(*each)
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
        self.set_reactive(UnitsScreen.look, replace(self.look, sheets=sheets, later=later))
        self._show_read()

    def _ask(self, role: str, name: str, ask: Ask) -> None:
        before = self._wanted.get((role, name))
        if before is not None and (before == ask or replace(before, full=()) == ask):
            return
        self._wanted[role, name] = ask
        self._reader.want(f"{role}/{name}", ask)

    def _read(self) -> dict[tuple[str, str], Sheet]:
        """The sheets that are read of the layer and the step that are looked at."""
        plain = {key: replace(ask, full=()) for key, ask in self._wanted.items()}
        return {key: sheet for key, sheet in self.look.sheets.items() if replace(sheet.ask, full=()) == plain.get(key)}

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
            self.set_reactive(UnitsScreen.look, replace(self.look, layer=layer))

    # What is shown

    def watch_look(self) -> None:
        self._show()

    def watch_step(self) -> None:
        self._want()

    def watch_view(self) -> None:
        for tile in self.query(Tile):
            if tile.id != "layer":
                tile.look(self.view)

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
        found = panels(replace(self.look, sheets=self._read(), step=step, columns=self._columns()))
        for tile in self.query_one(Grid).query_children(Tile):
            if tile.display:
                tile.show(found[tile.id or ""], Viewport() if tile.id == "layer" else self.view)
        where, what = self.query_one("#units-where", Line), self.query_one("#units-what", Line)
        where.place, where.text = self._where()
        what.place, what.text = self._what()
        what.display = not self.query_one("#input").display  # what stands there is told here

    def _show_later(self) -> None:
        self._waits = False
        self._show()

    @property
    def count(self) -> int:
        """How many units the layer has, as far as is known."""
        known = [units.known(sheet) for (role, _), sheet in self.look.sheets.items() if role in ROLES]
        return max([self.look.layer.units, *(each[-1] + 1 for each in known if each)])

    def _columns(self) -> int:
        """In how many columns the maps of the layer fill their panel best."""
        tile = self.query_one("#layer", Tile)
        raster = tile.view.raster
        if not tile.display or not tile.view.size or self.count < 1:
            return 0
        inside = raster.raster if isinstance(raster, Marked) else None
        one = inside.tile if isinstance(inside, Tiles) else (1, 1)
        border = inside.border if isinstance(inside, Tiles) else 0
        return columns_for(self.count, one, tile.view.room, tile.view.aspect, border)

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

    # Layers and units

    def _go(self, layer: units.Layer, unit: int) -> None:
        if layer.path != self.look.layer.path:
            self.set_reactive(UnitsScreen.look, replace(self.look, layer=layer, unit=unit))
            self._want()
        else:
            self.look = replace(self.look, unit=unit)

    def action_layer(self, by: int) -> None:
        self._typed = ""
        paths = [each.path for each in self.listed]
        if self.look.layer.path in paths:
            layer = self.listed[min(max(paths.index(self.look.layer.path) + by, 0), len(paths) - 1)]
            self._go(layer, min(self.look.unit, max(layer.units - 1, 0)))

    def action_unit(self, by: int) -> None:
        self._typed = ""
        self._go(self.look.layer, units.stepped(self.look.unit, by, self.count))

    def action_row(self, by: int) -> None:
        self._typed = ""
        columns = self._columns() or units.squared(self.count)
        self._go(self.look.layer, units.below(self.look.unit, by, columns, self.count))

    def action_edge(self, end: int) -> None:
        self._typed = ""
        self._go(self.look.layer, max(self.count - 1, 0) if end else 0)

    def on_key(self, event: events.Key) -> None:
        """Digits go to the unit whose number is typed, from the first digit on."""
        if event.character is not None and event.character.isdecimal() and event.character.isascii():
            event.stop()
            event.prevent_default()
            self._typed = units.typed(self._typed, event.character, self.count)
            if self._typed:
                self._go(self.look.layer, int(self._typed))

    # What is shown, and how

    def action_image(self, by: int) -> None:
        given = next((len(sheet.inputs) for _, sheet in self.look.of("maps") if sheet.inputs), 0)
        if given:
            self.look = replace(self.look, image=(self.look.image + by) % given)

    def _steps(self) -> tuple[int, ...]:
        names = {name for role in ROLES for name in self._names(role)}
        return choosing.steps_of(self.shelf.figures, names) if self.shelf else ()

    def action_step(self, by: int) -> None:
        every = self._steps()
        if every:
            now = choosing.moved(every, every[-1] if self.step is None else self.step, by)
            self.step = None if by > 0 and now == every[-1] else now

    def action_first(self) -> None:
        self.step = next(iter(self._steps()), None)

    def action_latest(self) -> None:
        self.step = None

    def action_learned(self) -> None:
        """The next set of learned images that shows the unit, where there are several: other regularisers, say."""
        showing = [
            name
            for name, sheet in sorted(self.look.of("learned"))
            if sheet.items is not None and units.places(sheet.items, self.look.unit)
        ]
        if len(showing) < 2:
            self._app.say("there is one set of learned images at most for this unit")
            return
        chosen = self.look.chosen("learned")
        now = showing.index(chosen[0]) if chosen else -1
        self.look = replace(self.look, prefer=showing[(now + 1) % len(showing)])

    def action_colours(self) -> None:
        names = ("", *MAPS)
        tone = replace(self.look.tone, map=names[(names.index(self.look.tone.map) + 1) % len(names)])
        self.look = replace(self.look, tone=tone)

    def action_range(self) -> None:
        tone = replace(self.look.tone, per="map" if self.look.tone.per == "layer" else "layer")
        self.look = replace(self.look, tone=tone)
        self._app.say("one range for all maps of the layer" if tone.per == "layer" else "each map has its own range")

    def action_panel(self, by: int) -> None:
        self.panel = ORDER[(ORDER.index(self.panel) + by) % len(ORDER)]

    def action_alone(self) -> None:
        self.alone = not self.alone

    def action_zoom(self, steps: int) -> None:
        self.view = self.view.stepped(steps)

    def action_pan(self, right: int, down: int) -> None:
        self.view = self.view.moved(right * 0.25, down * 0.25)

    def action_reset(self) -> None:
        self.view = Viewport()

    def action_beside(self) -> None:
        """What the panel in focus shows, side by side with itself at other steps."""
        role = {"layer": "maps", "activation": "maps", "input": "maps"}.get(self.panel, self.panel)
        chosen = self.look.chosen(role)
        if chosen is None:
            self._app.say("there is nothing in this panel to lay side by side", "warning")
            return
        name, sheet, places = chosen
        self._app.open_side_by_side((self.path,), name, sheet.ask.part, places[0])

    def action_back(self) -> None:
        if self.alone:
            self.alone = False
        else:
            self.dismiss()

    # The mouse

    def on_picture_view_zoomed(self, message: PictureView.Zoomed) -> None:
        message.stop()
        self.view = self.view.stepped(message.steps, message.at)

    def on_picture_view_dragged(self, message: PictureView.Dragged) -> None:
        message.stop()
        self.view = self.view.moved(message.right, message.down)

    def on_picture_view_clicked(self, message: PictureView.Clicked) -> None:
        """A click on a map of the layer goes to it; on another panel it takes the focus, twice it fills the screen."""
        message.stop()
        tile = next((each for each in message.view.ancestors if isinstance(each, Tile)), None)
        if tile is None or tile.id is None:
            return
        unit = self._unit_at(message.view.raster, *message.at) if tile.id == "layer" else None
        if unit is not None:
            self._go(self.look.layer, unit)
        else:
            self.panel = tile.id
        if message.twice:
            self.alone = not self.alone

    def _unit_at(self, raster: Any, x: int, y: int) -> int | None:
        inside = raster.raster if isinstance(raster, Marked) else None
        if isinstance(inside, Tiles):
            found = inside.tile_at(x, y)
            return found[0] if found and inside.tiles[found[0]] is not None else None
        unit = y * inside.size[0] + x if inside is not None else self.count
        return unit if unit < self.count else None
