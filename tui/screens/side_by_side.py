"""Side by side: the same at several steps, on several images, in several runs, under several settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.containers import Grid

from .. import compat
from ..figures import beside, choosing
from ..figures.beside import FEWEST, HOWS, MOST
from ..keys import bindings
from ..pixels.tone import MAPS
from ..pixels.viewport import Viewport
from ..playing import Player
from ..widgets.picture import PictureView
from ..widgets.tile import Tile
from .beside_board import BesideBoard

_OFFERED = 200  # runs that a dialog offers at most


class SideBySideScreen(BesideBoard):
    """`item` of `part` of the figures `name` in the runs at `paths`; what is not given is the first that there is.

    Several runs are compared with each other, one run with itself at other steps, `step` among them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("side_by_side")]

    def __init__(
        self, paths: Sequence[Path], name: str = "", part: str = "", item: int = 0, step: int | None = None
    ) -> None:
        super().__init__(paths, name, part, item, step)
        self._player = Player(self, self._play_on, self._settled, self._show)

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
        self._player.stop()
        self._step_on(by)

    def _step_on(self, by: int) -> bool:
        """All so many steps on; whether any moved."""
        if self.choice.how == "steps":
            every = self._every(self.choice)
            moved = tuple(choosing.moved(every, step, by) for step in self.choice.steps)
            if moved == self.choice.steps or len(set(moved)) < len(moved):
                return False  # at an end all stay: none catches up with another
            self._to_steps(moved)
            return True
        every_moment = beside.moments(self.choice, self._figures)
        now = beside.moment(self.choice, self._figures)
        if not every_moment or now is None:
            return False
        then = choosing.moved(every_moment, now, by)
        self._at(then)
        return then != now

    def action_play(self) -> None:
        """All through the steps from here; from the end from the beginning."""
        if self._player.speed:
            self._player.stop()
            return
        steps, every = self.choice.steps, self._every(self.choice)
        if self.choice.how == "steps" and steps and (steps[0], steps[-1]) == (every[0], every[-1]):
            self._app.say("these reach from the first step to the last: x takes one away, < and > move one alone")
            return
        if not self._step_on(1):
            self.action_first()
        self._player.start()

    def action_speed(self, by: int) -> None:
        if said := self._player.faster(by):
            self._app.say(said)

    def _play_on(self) -> bool:
        if self._step_on(1):
            return True
        self.action_latest()
        return False

    def _settled(self) -> bool:
        return not self._waits and all(ask in self._sheets for ask in self._asks() if ask is not None)

    def _when(self) -> str:
        return " · ".join(words for words in (super()._when(), self._player.words) if words)

    def action_alone(self, by: int) -> None:
        """Of steps only the one in focus moves."""
        self._player.stop()
        if self.choice.how != "steps" or not self.choice.steps:
            self._app.say("only steps move one by one: ] and [ move all")
            return
        steps = list(self.choice.steps)
        steps[self.at] = choosing.moved(self._every(self.choice), steps[self.at], by)
        self._to_steps(tuple(steps))

    def action_latest(self) -> None:
        self._player.stop()
        if self.choice.how == "steps":
            self._shift_to(-1)
            self._follows, self._step = True, None
        else:
            self._at(None)

    def action_first(self) -> None:
        self._player.stop()
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

    def on_picture_view_pointed(self, message: PictureView.Pointed) -> None:
        message.stop()
        raster, at = message.view.raster, message.at
        hover = None if raster is None or at is None else _share(at, raster.size)
        if hover != self._hover and not compat.busy(self.app):
            self._hover = hover
            self._point()

    def on_picture_view_clicked(self, message: PictureView.Clicked) -> None:
        """A click takes the focus and puts the cursor there."""
        message.stop()
        raster = message.view.raster
        for place, tile in enumerate(self.query_one(Grid).query_children(Tile)):
            if tile.view is message.view and raster is not None:
                self.at = place
                self.cursor = _share(message.at, raster.size)
        self._place()
        self._show()


def _share(at: tuple[int, int], size: tuple[int, int]) -> tuple[float, float]:
    return (at[0] + 0.5) / size[0], (at[1] + 0.5) / size[1]
