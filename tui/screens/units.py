"""The unit view: for one unit of a network its activation, its learned images, the images that excite it most.

After the Deep Visualization Toolbox (Yosinski et al. 2015, arXiv:1506.06579), from the figures of a run.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.widget import Widget

from .. import compat
from ..figures import choosing, units
from ..figures.shots import value_at
from ..figures.unit_panels import ORDER
from ..keys import bindings
from ..pixels.marked import Marked
from ..pixels.raster import Grid as Tiles
from ..pixels.tone import MAPS
from ..pixels.viewport import Viewport
from ..playing import Player
from ..widgets.picture import PictureView
from ..widgets.tile import Tile
from .units_board import UnitsBoard


class UnitsScreen(UnitsBoard):
    """The units of the run at `path`, beginning with `unit` of `layer` where these are given."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("units")]

    def __init__(self, path: Path, layer: str = "", unit: int = 0) -> None:
        super().__init__(path, layer, unit)
        self._typed = ""
        self._player = Player(self, self._play_on, self._settled, self._show)

    # Layers and units

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
        self._go(self.look.layer, units.below(self.look.unit, by, self._columns(), self.count))

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

    # Steps

    def action_step(self, by: int) -> None:
        self._player.stop()
        self._step_on(by)

    def _step_on(self, by: int) -> None:
        every = self._steps()
        if every:
            now = choosing.moved(every, every[-1] if self.step is None else self.step, by)
            self.step = None if by > 0 and now == every[-1] else now

    def action_first(self) -> None:
        self._player.stop()
        self.step = next(iter(self._steps()), None)

    def action_latest(self) -> None:
        self._player.stop()
        self.step = None

    def action_play(self) -> None:
        """Through all steps from here; from the last one from the beginning."""
        if self._player.speed:
            self._player.stop()
        elif len(self._steps()) < 2:
            self._app.say("there is one step at most")
        else:
            if self.step is None:
                self.action_first()
            self._player.start()

    def action_speed(self, by: int) -> None:
        if said := self._player.faster(by):
            self._app.say(said)

    def _play_on(self) -> bool:
        self._step_on(1)
        return self.step is not None  # the last step is the latest

    def _settled(self) -> bool:
        return not self._waits and len(self._read()) == len(self._wanted)

    def _when(self) -> str:
        return " · ".join(words for words in (super()._when(), self._player.words) if words)

    # What is shown, and how

    def action_image(self, by: int) -> None:
        given = next((len(sheet.inputs) for _, sheet in self.look.of("maps") if sheet.inputs), 0)
        if given:
            self.look = replace(self.look, image=(self.look.image + by) % given)

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

    def on_picture_view_pointed(self, message: PictureView.Pointed) -> None:
        """What the mouse rests on: its value, of the maps of a layer the number of the unit."""
        message.stop()
        tile = _tile_of(message.view)
        if tile is None or compat.busy(self.app):
            return
        raster, at = message.view.raster, message.at
        said = value_at(raster, *at) if raster is not None and at is not None else ""
        if said and at is not None and tile.id == "layer" and (unit := self._unit_at(raster, *at)) is not None:
            said = f"unit {unit} · {said}"
        tile.say(said or tile.caption)

    def on_picture_view_clicked(self, message: PictureView.Clicked) -> None:
        """A click on a map of the layer goes to it; on another panel it takes the focus, twice it fills the screen."""
        message.stop()
        tile = _tile_of(message.view)
        if tile is None or tile.id is None:
            return
        unit = self._unit_at(message.view.raster, *message.at) if tile.id == "layer" else None
        if unit is not None:
            self._go(self.look.layer, unit)
        else:
            self.panel = tile.id
        if message.twice:
            self.alone = not self.alone

    def on_click(self, event: events.Click) -> None:
        """A click beside a picture, on its words or its title, gives the panel the focus too."""
        tile = _tile_of(event.widget) if event.widget is not None else None
        if tile is not None and tile.id is not None and not isinstance(event.widget, PictureView):
            self.panel = tile.id

    def _unit_at(self, raster: Any, x: int, y: int) -> int | None:
        inside = raster.raster if isinstance(raster, Marked) else None
        if isinstance(inside, Tiles):
            found = inside.tile_at(x, y)
            return found[0] if found and inside.tiles[found[0]] is not None else None
        unit = y * inside.size[0] + x if inside is not None else self.count
        return unit if unit < self.count else None


def _tile_of(widget: Widget) -> Tile | None:
    return next((each for each in widget.ancestors_with_self if isinstance(each, Tile)), None)
