"""Side by side: the same at several steps, on several images, in several runs, under several settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid
from textual.reactive import reactive
from textual.screen import Screen

from ...engine.rows import Snapshot
from ...engine.status import alive
from ...vis.figures import Item
from .. import compat
from ..drawing.cells import number, steady
from ..figures import beside, choosing
from ..figures.beside import FEWEST, HOWS, MOST, Choice, Side
from ..figures.rasters import caption
from ..figures.reader import FigureReader, SheetRead, Shelf, ShelfSeen
from ..figures.sheet import Ask, Sheet
from ..figures.shots import value_at
from ..keys import bindings
from ..pixels.tone import MAPS, Tone
from ..pixels.viewport import Viewport
from ..widgets.header import Header
from ..widgets.key_line import KeyLine
from ..widgets.picture import PictureView
from ..widgets.tile import Line, Tile

if TYPE_CHECKING:
    from ..app import TrainvisApp

_LATER = 0.05  # seconds until a terminal that is still swallowing the last frame is asked again
_OFFERED = 200  # runs that a dialog offers at most


class SideBySideScreen(Screen[None]):
    """`item` of `part` of the figures `name` in the runs at `paths`; what is not given is the first that there is.

    Several runs are compared with each other, one run with itself at other steps, `step` among them.
    """

    DEFAULT_CSS = """
    SideBySideScreen > Line { padding: 0 1; }
    SideBySideScreen > Grid { grid-gutter: 0 2; height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("side_by_side")]

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
        self.cursor: tuple[float, float] | None = None
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
        if not self.choice.images:
            count = len(sheet.inputs)
            first = self.like.image
            images = range(count) if count <= MOST or first is None else range(first, min(first + MOST, count))
            self.choice = replace(self.choice, images=tuple(images)[:MOST])

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
        return " · ".join(each for each in dict.fromkeys((part, words, self._when())) if each)

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

    # What is compared

    def action_compare(self, by: int) -> None:
        how = HOWS[(HOWS.index(self.choice.how) + by) % len(HOWS)]
        self.choice = replace(self.choice, how=how)
        self.at = 0
        self._plan()

    @work
    async def action_add(self) -> None:
        choice = self.choice
        if choice.count >= MOST:
            self._app.say(f"{MOST} stand side by side already: x takes one away")
        elif choice.how == "steps":
            more = choosing.between(self._every(choice), choice.steps)
            self._add_or_say(tuple(sorted({*choice.steps, more})) if more is not None else None, "step")
        elif choice.how == "images":
            count = max((len(sheet.inputs) for sheet in self._sheets.values()), default=0)
            free = [image for image in range(count) if image not in choice.images]
            self._add_or_say(tuple(sorted([*choice.images, free[0]])) if free else None, "input image")
        elif choice.how == "runs":
            await self._add_run()
        else:
            every = beside.of_settings(self._figures, choice.runs, choice.name)
            free_pairs = [pair for pair in every if pair not in choice.settings]
            chosen = await self._asked("Which settings?", [f"{self._title(run)}: {name}" for run, name in free_pairs])
            if chosen is not None:
                self._add_or_say((*choice.settings, free_pairs[chosen]), "")

    def _add_or_say(self, chosen: tuple[object, ...] | None, what: str) -> None:
        if chosen is None:
            self._app.say(f"there is no other {what}")
            return
        self._follows = self._follows and self.choice.how != "steps"
        self.choice = replace(self.choice, **{self.choice.how: chosen})  # type: ignore[arg-type]
        self._plan()

    async def _add_run(self) -> None:
        rows = self.snapshot.rows if self.snapshot else ()
        free = [row for row in rows if row.path not in self.choice.runs][:_OFFERED]
        chosen = await self._asked("Which run?", [row.title for row in free])
        if chosen is not None:
            self.choice = replace(self.choice, runs=(*self.choice.runs, free[chosen].path), settings=())
            self._follow()
            self._plan()

    async def _asked(self, title: str, labels: Sequence[str]) -> int | None:
        from .dialogs import Choose

        if not labels:
            self._app.say("there are no others")
            return None
        options = [(str(place), label) for place, label in enumerate(labels)]
        answer = await self._app.push_screen_wait(Choose(title, options))
        return None if answer is None else int(answer)

    def action_remove(self) -> None:
        choice = self.choice
        if choice.count <= FEWEST:
            self._app.say("two stand side by side at least")
            return
        left = tuple(each for place, each in enumerate(getattr(choice, choice.how)) if place != self.at)
        self._follows = self._follows and choice.how != "steps"
        self.choice = replace(choice, **{choice.how: left}, **({"settings": ()} if choice.how == "runs" else {}))
        self._follow()
        self._choose_first()
        self._plan()

    @work
    async def action_figure(self) -> None:
        names = beside.common(self._figures, self.choice.runs)
        chosen = await self._asked("Which figure?", names)
        if chosen is not None and names[chosen] != self.choice.name:
            self.choice = replace(self.choice, name=names[chosen], steps=(), images=(), settings=(), when=None)
            self.part, self.like, self._item, self._follows, self._step = "", None, 0, True, None
            self._sheets = {}
            self._choose_first()
            self._plan()

    def action_item(self, by: int) -> None:
        """The next item of the part, in all of them."""
        sheet = next((each for each in self._found() if each is not None and each.items is not None), None)
        if sheet is None or sheet.items is None or self.like is None:
            return
        place = beside.place_of(sheet, self.like, None)
        if place is None:
            place = 0
        free = self.choice.how == "images"
        while 0 <= place + by < len(sheet.items):
            place += by
            if not free or sheet.items[place].image == self.like.image:
                self.like = sheet.items[place]
                break
        self._plan()

    def action_part(self, by: int) -> None:
        sheet = next((each for each in self._found() if each is not None and each.parts), None)
        if sheet is None:
            return
        places = [place for place, facts in enumerate(sheet.parts) if facts.kind in beside.SHOWN]
        if sheet.at in places:
            at = places[min(max(places.index(sheet.at) + by, 0), len(places) - 1)]
            facts = sheet.parts[at]
            named = [each.name for each in sheet.parts].count(facts.name) == 1 and facts.name
            self.part = facts.name if named else str(at)
            self._plan()

    # Time

    def action_step(self, by: int) -> None:
        if self.choice.how == "steps":
            every = self._every(self.choice)
            moved = tuple(choosing.moved(every, step, by) for step in self.choice.steps)
            if len(set(moved)) == len(moved):  # at an end all stay: none catches up with another
                self._to_steps(moved)
            return
        every_moment = beside.moments(self.choice, self._figures)
        now = beside.moment(self.choice, self._figures)
        if every_moment and now is not None:
            self._at(choosing.moved(every_moment, now, by))

    def action_alone(self, by: int) -> None:
        """Of steps only the one in focus moves."""
        if self.choice.how != "steps" or not self.choice.steps:
            self._app.say("only steps move one by one: ] and [ move all")
            return
        steps = list(self.choice.steps)
        steps[self.at] = choosing.moved(self._every(self.choice), steps[self.at], by)
        self._to_steps(tuple(steps))

    def action_latest(self) -> None:
        if self.choice.how == "steps":
            self._shift_to(-1)
            self._follows, self._step = True, None
        else:
            self._at(None)

    def action_first(self) -> None:
        if self.choice.how == "steps":
            self._shift_to(0)
        else:
            self._at(next(iter(beside.moments(self.choice, self._figures)), None))

    def _shift_to(self, end: int) -> None:
        """All steps by as many places as bring the first to the beginning, or the last to the end."""
        every, steps = self._every(self.choice), self.choice.steps
        if every and steps:
            chosen = steps[end]
            places = every.index(every[end]) - (every.index(chosen) if chosen in every else 0)
            self._to_steps(tuple(choosing.moved(every, step, places) for step in steps))

    def _to_steps(self, steps: tuple[int, ...]) -> None:
        self._follows = False
        self.choice = replace(self.choice, steps=steps)
        self._plan()

    def _at(self, when: float | None) -> None:
        self.choice = replace(self.choice, when=when)
        self._plan()

    def action_epoch(self) -> None:
        self.choice = replace(self.choice, by_epoch=not self.choice.by_epoch, when=None)
        self._app.say("runs at the same epoch" if self.choice.by_epoch else "runs at the same step")
        self._plan()

    # Focus, zoom, colours

    def action_focus_on(self, by: int) -> None:
        self.at = (self.at + by) % max(len(self._sides), 1)
        self._place()
        self._show()

    def action_zoom(self, steps: int) -> None:
        self.view = self.view.stepped(steps, self.cursor)

    def action_pan(self, right: int, down: int) -> None:
        """Arrows move the cursor where there is one, else what is seen."""
        raster = self._tile.view.raster
        if self.cursor is not None and raster is not None:
            width, height = raster.size
            x, y = self.cursor[0] + right / width, self.cursor[1] + down / height
            self.cursor = min(max(x, 0.5 / width), 1 - 0.5 / width), min(max(y, 0.5 / height), 1 - 0.5 / height)
            self._point()
        else:
            self.view = self.view.moved(right * 0.25, down * 0.25)

    def action_reset(self) -> None:
        self.view = Viewport()

    def watch_view(self) -> None:
        self._show()

    @property
    def _tile(self) -> Tile:
        return self.query_one(f"#side-{self.at}", Tile)

    def action_cursor(self) -> None:
        self.cursor = None if self.cursor is not None else (self.view.x, self.view.y)
        self._show()

    def _point(self) -> None:
        """The value under the cursor, in all of them at the same place."""
        for tile in self.query_one(Grid).query_children(Tile):
            raster = tile.view.raster
            if tile.display and raster is not None and tile.view.display:
                at = _pixel(self.cursor, raster.size)
                tile.look(self.view, at)
                tile.say(value_at(raster, *at) if at is not None else tile.caption)

    def action_range(self) -> None:
        self.shared = not self.shared
        self._show()

    def action_colours(self) -> None:
        names = ("", *MAPS)
        self.tone = replace(self.tone, map=names[(names.index(self.tone.map) + 1) % len(names)])
        self._show()

    def action_back(self) -> None:
        self.dismiss()

    # The mouse

    def on_picture_view_zoomed(self, message: PictureView.Zoomed) -> None:
        message.stop()
        self.view = self.view.stepped(message.steps, message.at)

    def on_picture_view_dragged(self, message: PictureView.Dragged) -> None:
        message.stop()
        self.view = self.view.moved(message.right, message.down)

    def on_picture_view_clicked(self, message: PictureView.Clicked) -> None:
        """A click takes the focus and puts the cursor there."""
        message.stop()
        raster = message.view.raster
        for place, tile in enumerate(self.query_one(Grid).query_children(Tile)):
            if tile.view is message.view and raster is not None:
                self.at = place
                self.cursor = (message.at[0] + 0.5) / raster.size[0], (message.at[1] + 0.5) / raster.size[1]
        self._place()
        self._show()


_ALONE = {
    "steps": "only one step is stored",
    "images": "only one image was looked at",
    "runs": "only this run: n adds one",
    "settings": "no other figure of this technique: name= in the script keeps several",
}


def _plain(ask: Ask) -> Ask:
    return replace(ask, full=())


def _pixel(at: tuple[float, float] | None, size: tuple[int, int]) -> tuple[int, int] | None:
    if at is None:
        return None
    return min(int(at[0] * size[0]), size[0] - 1), min(int(at[1] * size[1]), size[1] - 1)
