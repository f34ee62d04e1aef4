"""The pictures pane: every figure of a run through its whole training, and what keys and mouse do to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content

from ...engine.runs import Row
from ...vis.figures import Item
from .. import compat
from ..figures.about import about
from ..figures.reader import ShelfSeen
from ..keys import bindings
from ..pixels.raster import Grid, Overlay
from ..pixels.tone import MAPS
from .figure_list import FigureList, next_row
from .figure_list import Row as ListRow
from .looking import WHOLE
from .picture import PictureView
from .picture_facts import styled
from .picture_steps import PictureSteps
from .picture_wish import granted

_CLIPS = (0.0, 0.5, 2.0, 5.0)
_GAMMAS = (1.0, 0.6, 0.4, 1.6)


class Pictures(PictureSteps, can_focus=True):
    """`row` is the run whose figures are shown; every key of the place "pictures" works here."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("pictures")]

    def __init__(self, row: Row | None = None, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(row, id=id)
        self._layer = ""  # the layer that is to be shown when the figures are known

    def focus_first(self) -> None:
        """Where the keys go: a view of another kind has a cursor of its own."""
        other = next((view for view in self.query(".pictures-other").results() if view.display), None)
        (other or self).focus()

    def about(self) -> Content:
        """What the technique that is looked at says of itself, for the help."""
        sheet = self.current
        return styled(about(sheet.technique if sheet is not None else ""))

    # The list

    def action_list(self, by: int) -> None:
        found = self.query_one(FigureList)
        row = next_row(found.rows, found.at, by)
        if row is not None:
            self.choose(row)

    def action_figure(self, by: int) -> None:
        names = self.names()
        if names:
            at = names.index(self.looking.name) if self.looking.name in names else 0
            self.choose(ListRow(names[(at + by) % len(names)], None, ""))

    def show_layer(self, layer: str) -> None:
        """Look at what a layer puts out, as soon as it is known which figures there are."""
        self._layer = layer
        if self.shelf is None:
            return
        self._layer = ""
        made = {entries[-1].technique: name for name, entries in self.shelf.figures.items() if entries}
        name = made.get("layer_activations")
        if name is None:
            self.notify('no pictures of layers: pictures("layer_activations") in the script makes them', markup=False)
            return
        self.choose(ListRow(name, layer, layer))

    def on_shelf_seen(self, message: ShelfSeen) -> None:  # noqa: ARG002 (the board's own is called as well)
        """The figures are known: a layer that was asked for before can be shown."""
        if self._layer:
            self.call_later(self.show_layer, self._layer)

    def choose(self, row: ListRow) -> None:
        """Look at a figure, or at one of its parts."""
        before = (self.looking.name, self.part)
        if row.part is not None:
            self._parts[row.name] = row.part
        if before != (row.name, self._parts.get(row.name, "")):
            self._told = ""
            self.looking = replace(self.looking, name=row.name, view=WHOLE, cursor=None, place=0)
            self.ask()
            self.show_soon()

    def on_figure_list_chosen(self, message: FigureList.Chosen) -> None:
        message.stop()
        self.focus()
        self.choose(message.row)

    # Grid and single map, images

    def action_grid(self) -> None:
        self.looking = replace(self.looking, one=not self.looking.one, view=WHOLE, cursor=None)

    def action_arrow(self, right: int, down: int) -> None:
        """Arrows move the cursor, else what is seen of a picture that is zoomed, else they choose a map."""
        looking = self.looking
        if looking.cursor is not None:
            self._move_cursor(right, down)
        elif looking.view.zoom > 1:
            self.looking = replace(looking, view=looking.view.moved(right * 0.2, down * 0.2))
        elif self.seen.items:
            across = self.seen.main.columns if isinstance(self.seen.main, Grid) else 1
            place = min(looking.place, len(self.seen.items) - 1) + right + down * across
            if 0 <= place < len(self.seen.items):
                self.looking = replace(looking, place=place)

    def action_page(self, by: int) -> None:
        """The page after or before this one, where the maps are on several."""
        found = self.seen
        place = min(max(self.looking.place + by * found.a_page, 0), len(found.items) - 1)
        if found.pages > 1 and place // found.a_page != self.looking.place // found.a_page:
            self.looking = replace(self.looking, place=place, view=WHOLE, cursor=None)

    def action_image(self, by: int) -> None:
        sheet = self.current
        count = len(sheet.inputs) if sheet is not None else 0
        if count < 2:
            self.say("this figure is of one image" if count else "this figure is of no image")
        else:
            self.looking = replace(self.looking, image=(min(self.looking.image, count - 1) + by) % count)

    # Zoom and cursor

    def action_zoom(self, steps: int) -> None:
        at = self._hover or self.looking.cursor
        self._zoom(steps, self._share(at) if at is not None else None)

    def _share(self, at: tuple[int, int]) -> tuple[float, float] | None:
        raster = self.seen.main
        return None if raster is None else ((at[0] + 0.5) / raster.size[0], (at[1] + 0.5) / raster.size[1])

    def _zoom(self, steps: int, at: tuple[float, float] | None) -> None:
        if self.seen.main is not None:
            self.looking = replace(self.looking, view=self.looking.view.stepped(steps, at))

    def action_reset(self) -> None:
        self.looking = replace(self.looking, view=WHOLE)

    def action_cursor(self) -> None:
        """Show the cursor in the middle of what is seen, or hide it."""
        raster, view = self.seen.main, self.looking.view
        if self.looking.cursor is not None or raster is None:
            self.looking = replace(self.looking, cursor=None)
            return
        width, height = raster.size
        at = self._hover or (min(int(view.x * width), width - 1), min(int(view.y * height), height - 1))
        self.looking = replace(self.looking, cursor=at)

    def _move_cursor(self, right: int, down: int) -> None:
        raster, looking = self.seen.main, self.looking
        if raster is None or looking.cursor is None:
            return
        (width, height), (x, y) = raster.size, looking.cursor
        x, y = min(max(x + right, 0), width - 1), min(max(y + down, 0), height - 1)
        view, half = looking.view, 0.5 / looking.view.zoom
        over = [max(abs(at / of - middle) - half, 0) for at, of, middle in ((x, width, view.x), (y, height, view.y))]
        if any(over):  # what is seen follows the cursor out of it
            view = view.moved((x / width - view.x) * view.zoom, (y / height - view.y) * view.zoom)
        self._hover = None
        self.looking = replace(looking, cursor=(x, y), view=view)

    # Colours

    def action_over(self) -> None:
        """The map over the photo, or beside it."""
        if self.looking.over:
            self.looking = replace(self.looking, over=0.0)
        elif self.seen.beside is None:
            self.say("no photo lies below this: only what has its pixels can lie over it")
        else:
            self.looking = replace(self.looking, over=0.6, one=True)

    def action_strength(self, by: float) -> None:
        if self.looking.over:
            self.looking = replace(self.looking, over=min(max(round(self.looking.over + by, 1), 0.1), 1.0))

    def _tone(self, **changes: Any) -> None:
        self.looking = replace(self.looking, tone=replace(self.looking.tone, **changes))

    def action_map(self) -> None:
        choices = ("", *MAPS)
        self._tone(map=choices[(choices.index(self.looking.tone.map) + 1) % len(choices)])

    def action_clip(self) -> None:
        self._tone(clip=_CLIPS[(_CLIPS.index(self.looking.tone.clip) + 1) % len(_CLIPS)])

    def action_gamma(self) -> None:
        self._tone(gamma=_GAMMAS[(_GAMMAS.index(self.looking.tone.gamma) + 1) % len(_GAMMAS)])

    def action_range(self) -> None:
        self._tone(per="layer" if self.looking.tone.per == "map" else "map")

    def action_facts(self) -> None:
        self.with_facts = not self.with_facts

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 (Textual's signature)
        """Escape is ours only while there is something to leave, pages only where there are several."""
        if action == "page":
            return self.seen.pages > 1
        if action == "leave":
            looking = self.looking
            return bool(
                self.player.speed or looking.cursor or looking.view.zoom > 1 or (looking.one and self.seen.items)
            )
        return True

    def action_leave(self) -> None:
        """Leave what was entered last: playing, the cursor, the zoom, the single map."""
        looking = self.looking
        if self.player.speed:
            self.player.stop()
        elif looking.cursor is not None:
            self.looking = replace(looking, cursor=None)
        elif looking.view.zoom > 1:
            self.looking = replace(looking, view=WHOLE)
        else:
            self.looking = replace(looking, one=False, over=0.0)

    # Wishes

    def action_wish(self, *, only: bool = False) -> None:
        """Ask the running script for pictures now; what becomes of it stands at the time line."""
        if self.row is None:
            return
        path, name = self.row.path, self.looking.name if only and self.entries else ""
        self.run_worker(lambda: granted(path, name, self._wished), thread=True, group="wish", exclusive=True)

    def action_wish_one(self) -> None:
        self.action_wish(only=True)

    def _wished(self, words: str, ended: bool) -> None:
        """From the thread that waits for the answer."""
        self.app.call_from_thread(self._show_wish, words, ended)

    def _show_wish(self, words: str, ended: bool) -> None:
        self.wish = "" if ended else words
        self.show()
        if ended:
            self.say(words)

    # Other screens

    def action_units(self) -> None:
        """The chosen map as a unit of its layer."""
        if self.row is not None:
            item = self._chosen_item()
            layer = (item.layer if item is not None else "") or self.part
            unit = item.unit[-1] if item is not None and item.unit else 0
            self.app.open_units(self.row.path, layer, unit)  # type: ignore[attr-defined]

    def action_beside(self) -> None:
        """What is chosen beside itself at other steps."""
        if self.row is not None and self.entries:
            paths, looking = (self.row.path,), self.looking
            self.app.open_side_by_side(  # type: ignore[attr-defined]
                paths, looking.name, self.part, self.seen.chosen or 0, looking.step
            )

    def _chosen_item(self) -> Item | None:
        sheet, chosen = self.current, self.seen.chosen
        if sheet is None or sheet.items is None or chosen is None or chosen >= len(sheet.items):
            return None
        return sheet.items[chosen]

    # Saving

    def action_save(self) -> None:
        """Ask for a file and write what is shown into it: the single map, or the grid."""
        from ..saving import save_picture

        sheet = self.current
        if sheet is None:
            self.say("there is no picture to save yet", "warning")
            return
        found = self.seen
        chosen = (found.chosen,) if found.single and found.chosen is not None else found.items
        over = found.main if isinstance(found.main, Overlay) else None
        save_picture(self.app, sheet, chosen, self.looking.tone, over)  # type: ignore[arg-type]

    # The mouse

    def on_picture_view_zoomed(self, message: PictureView.Zoomed) -> None:
        message.stop()
        if message.view is self.main or self.seen.single:
            self._zoom(message.steps, message.at)

    def on_picture_view_dragged(self, message: PictureView.Dragged) -> None:
        message.stop()
        self.looking = replace(self.looking, view=self.looking.view.moved(message.right, message.down))

    def on_picture_view_pointed(self, message: PictureView.Pointed) -> None:
        message.stop()
        at = message.at if message.view is self.main or self.seen.single else None
        if at != self._hover and not compat.busy(self.app):
            self._hover = at
            self._show_under(self.current)

    def on_picture_view_clicked(self, message: PictureView.Clicked) -> None:
        message.stop()
        self.focus()
        found = self.seen.item_at(*message.at) if message.view is self.main else None
        if found is not None and not self.seen.single:
            self.looking = replace(self.looking, place=self.seen.items.index(found[0]))
        if message.twice and (found is not None or self.looking.one):
            self.action_grid()

    def on_blur(self, event: events.Blur) -> None:  # noqa: ARG002 (Textual's signature)
        self._hover = None
