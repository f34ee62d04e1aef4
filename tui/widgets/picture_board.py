"""The figures of a run on the screen: list, pictures, time line and facts, read in the background."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from ...engine.runs import Row
from ...engine.text import printable
from ..figures.sheet import PartFacts, Sheet
from ..pixels.raster import Grid
from ..pixels.viewport import window
from . import picture_facts
from .figure_list import FigureList, rows
from .looking import WHOLE, Looking, Seen, image_of, photo_of, seen, wanted, words_at
from .picture import PictureView
from .picture_reading import PictureReading
from .time_line import TimeLine
from .views.table_of_kinds import view_of

WIDE = 100  # columns from which the facts stand beside the picture
LOW = 14  # rows below which the picture needs those of the legend and the facts
TALL = 28  # rows from which the time line has the numbers of the epochs
_FACTS = 32  # columns of them
_SOON_READ = 0.06  # seconds that a sheet may take before the time line shows the step without it


class PictureBoard(PictureReading):
    """What is looked at, and the words around it. The keys are in `pictures.Pictures`."""

    DEFAULT_CSS = """
    PictureBoard { height: 1fr; width: 1fr; layout: horizontal; }
    PictureBoard > Vertical { width: 1fr; height: 1fr; }
    PictureBoard #pictures-stage { height: 1fr; padding: 0 1; }
    PictureBoard #pictures-pair { height: 1fr; }
    PictureBoard #pictures-input { margin-right: 1; display: none; }
    PictureBoard #pictures-said { height: 1fr; padding: 1; display: none; }
    PictureBoard .pictures-line { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    PictureBoard #pictures-legend { color: $text-muted; }
    PictureBoard > #pictures-facts { padding: 0 1; overflow-x: hidden; scrollbar-gutter: stable; }
    PictureBoard #pictures-words { width: 1fr; height: auto; }
    """
    with_facts: reactive[bool] = reactive(True, repaint=False)

    def __init__(self, row: Row | None = None, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(row, id=id)
        self.wish = ""  # what became of the pictures that were asked for
        self._known: dict[str, tuple[PartFacts, ...]] = {}
        self._hover: tuple[int, int] | None = None
        self._room = (0, 0)  # output pixels that the grid was laid out for
        self._told_of: dict[str, Content] = {}
        self._told = ""  # what the view of another kind says of its cursor

    def compose(self) -> ComposeResult:
        yield FigureList()
        with Vertical():
            yield Static("", id="pictures-title", classes="pictures-line", markup=False)
            with Vertical(id="pictures-stage"):
                with Horizontal(id="pictures-pair"):
                    yield PictureView(id="pictures-input")
                    yield PictureView(id="pictures-main")
                yield Static("", id="pictures-said", markup=False)
            yield Static("", id="pictures-under", classes="pictures-line", markup=False)
            yield Static("", id="pictures-one", classes="pictures-line", markup=False)
            yield Static("", id="pictures-legend", classes="pictures-line", markup=False)
            yield TimeLine()
        with VerticalScroll(id="pictures-facts", can_focus=False):
            yield Static("", id="pictures-words", markup=False)

    def on_mount(self) -> None:
        self._divide(*self.app.size)  # before the first layout, which would be another one

    @property
    def main(self) -> PictureView:
        """The picture itself; the photo it belongs to stands at its left."""
        return self.query_one("#pictures-main", PictureView)

    # What is shown

    def watch_looking(self, before: Looking, now: Looking) -> None:
        """Another figure or step is read; anything else is shown at once."""
        if self.is_mounted:
            if (before.name, before.step) != (now.name, now.step):
                self.ask()
            self.show_soon()

    def show_soon(self) -> None:
        """Everything: at once where it is there, else with the sheet, in one frame where that comes soon."""
        if self.settled:
            self.show()
        else:
            self.set_timer(_SOON_READ, self._show_unread)

    def _show_unread(self) -> None:
        if not self.settled and self.is_attached:
            self._show_list()
            self._show_time()

    def watch_with_facts(self) -> None:
        if self.is_mounted:
            self._divide(*self.size)
            self.call_after_refresh(self.show)

    def on_resize(self) -> None:
        self._divide(*self.size)
        self.call_after_refresh(self.show)

    def _divide(self, width: int, height: int) -> None:
        """What stands where, and what there is no room for."""
        wide = width >= WIDE
        self.query_one(TimeLine).set_class(height >= TALL, "-tall")
        self.query_one("#pictures-legend").display = height >= LOW
        self.query_one(FigureList).styles.width = 30 if width >= WIDE + 20 else min(24, width // 3)
        self.query_one("#pictures-facts").styles.width = _FACTS + (width - WIDE) // 8 if wide else 0
        self.query_one("#pictures-facts").display = wide and self.with_facts
        self.query_one("#pictures-one").display = not wide and height >= LOW and self.with_facts

    def show(self) -> None:
        """Everything, as it is now."""
        if not self.is_mounted or not self.is_attached:
            return
        self._show_list()
        sheet = self.current
        if self.shelf is None or (sheet is None and self._asked is not None):
            self._tell("under", Content("reading …"))
            return  # what stands there stays until the other is read: milliseconds, without a flicker
        said = self._said(sheet)
        kind = sheet.facts.kind if sheet is not None and sheet.facts is not None else ""
        pictures = not said and kind in ("maps", "pictures") and self._other(sheet) is None
        self.query_one("#pictures-pair").display = pictures
        self.query_one("#pictures-said").display = bool(said)
        self._tell("said", Content(said), layout=True)
        if said or pictures:
            self._hide_others()
        paged, self.seen = self.seen.pages > 1, Seen()
        if pictures and sheet is not None:
            self._show_pictures(sheet)
            self.call_after_refresh(self._fit)
        elif not said:
            self.show_other()
        if paged != (self.seen.pages > 1):
            self.refresh_bindings()  # the keys of pages are there with them
        self._show_words(None if said else sheet)

    def _said(self, sheet: Sheet | None) -> str:
        return picture_facts.instead(self.shelf, sheet, self.looking.name, self.wish, living=self.living)

    def _show_list(self) -> None:
        name = self.looking.name
        if self.sheet is not None and self.sheet.parts:
            self._known[self.sheet.ask.name] = self.sheet.parts
        parts = self._known.get(name, ())  # those of another step, where this one is damaged
        shelf = self.shelf
        found = rows(
            list(shelf.figures) if shelf else [], name, parts, len(shelf.problems) if shelf else 0,
            shelf.failed if shelf else (),
        )  # fmt: skip
        mine = [at for at, row in enumerate(found) if row.name == name]
        at = mine[0] if mine else 0
        if len(mine) > 1:
            at = next((each for each in mine if found[each].part == self.part), mine[0] if self.part else mine[1])
        self.query_one(FigureList).show(found, at)

    def _show_pictures(self, sheet: Sheet) -> None:
        main, beside = self.main, self.query_one("#pictures-input", PictureView)
        looking = self.looking
        together = (
            sheet.facts is not None
            and sheet.facts.space == "input"
            and photo_of(sheet, image_of(sheet, looking)) is not None
        )
        self._room = self._share_room(main, beside, together=together)
        shown = self.seen = seen(sheet, looking, self._room, main.aspect, main.least)
        linked = looking.view if shown.single else WHOLE
        cursor = looking.cursor
        main.show(shown.main, looking.view, cursor)
        beside.show(shown.beside, linked, cursor if shown.single else None)
        full = wanted(shown, sheet, self.tiles_in_sight())
        if set(full) - set(sheet.full) and not sheet.problem:
            self.ask(full)

    def _share_room(self, main: PictureView, beside: PictureView, *, together: bool) -> tuple[int, int]:
        """Two pictures are exactly as wide as each other: else they would not show the same window.

        The output pixels that the main one will have once it is laid out.
        """
        pair = self.query_one("#pictures-pair").size
        half = (pair.width - 1) // 2
        for view, shown in ((beside, together), (main, True)):
            width = f"{half}" if together and half > 0 else "1fr"
            if view.display != shown or view.styles.width is None or str(view.styles.width) != width:
                view.display, view.styles.width = shown, width
        if not main.size or not pair:
            return main.room
        across, down = main.room[0] / main.size.width, main.room[1] / main.size.height
        return int((half if together else pair.width) * across), int(pair.height * down)

    def _fit(self) -> None:
        """After a layout: a grid in another room has other columns."""
        if self.is_attached and self.main.display and self._room != self.main.room:
            self.show()

    def tiles_in_sight(self) -> list[int]:
        """The maps of a grid that are seen, while they are magnified beyond their thumbnails."""
        main, grid = self.main, self.seen.main
        if not isinstance(grid, Grid) or self.looking.view.zoom <= 1 or not main.size:
            return []
        part = window(self.looking.view, grid.size, main.room, main.aspect)
        across = part.width / max(int(part.x1[-1]) - int(part.x0[0]), 1) if part.width else 0
        return grid.seen(part) if across * grid.tile[0] > 48 else []

    # Parts that are no pictures

    def _hide_others(self, but: Widget | None = None) -> None:
        for view in list(self.query(".pictures-other").results(Widget)):
            if view is not but and view.display:
                if view.has_focus:
                    self.focus()
                view.display = False

    def _other(self, sheet: Sheet | None) -> Any:
        """The view that shows a sheet which is no picture, or shows it better."""
        return view_of(sheet) if sheet is not None else None

    def show_other(self) -> None:
        """A part that is no picture has a view of its own kind."""
        sheet = self.current
        kind: Any = self._other(sheet)
        if sheet is None or kind is None or self._said(sheet):
            return
        view: Any = next((each for each in self.query(".pictures-other") if type(each) is kind), None)
        new = view is None
        if new:
            view = kind(classes="pictures-other")
            self.query_one("#pictures-stage").mount(view)
        focused = self.has_focus or any(each.has_focus for each in self.query(".pictures-other"))
        self._hide_others(view)
        if not view.display:
            view.display = new = True
        earlier = [self._earlier[each] for each in sorted(self._earlier) if each < sheet.moment.step]
        view.show(sheet, earlier)
        if new and focused:
            self.call_after_refresh(view.focus)

    def on_sheet_view_said(self, message: Any) -> None:
        """What lies under the cursor of another view."""
        message.stop()
        self._told = message.text
        self._show_under(self.current)

    # Words

    def _show_words(self, sheet: Sheet | None) -> None:
        looking, shown = self.looking, self.seen
        self._tell("title", picture_facts.title(sheet, shown, looking))
        self._show_under(sheet)
        cells = 20 if self.size.width >= WIDE + 60 else 10
        bar = picture_facts.legend(sheet, shown, looking, cells) if sheet is not None else Content("")
        self._tell("legend", bar)
        beside, one = self.query_one("#pictures-facts"), self.query_one("#pictures-one")
        if sheet is None:
            self._tell("one", Content(""))
            self._tell("words", Content(""), layout=True)
        elif one.display:
            self._tell("one", Content(picture_facts.one_line(sheet, shown, looking)))
        elif beside.display:
            width = int(beside.styles.width.value if beside.styles.width else _FACTS) - 4
            said = self.shelf.said_of(looking.name) if self.shelf is not None else ()
            words = picture_facts.facts(sheet, shown, looking, width, said)
            self._tell(
                "words",
                words,
                layout=words.plain.count("\n") != self._told_of.get("words", Content("")).plain.count("\n"),
            )
        self._show_time()

    def _show_time(self) -> None:
        self.query_one(TimeLine).show(self.times, self.at, self._when())

    def _tell(self, name: str, words: Content, *, layout: bool = False) -> None:
        """Other words in a Static, where they are others: a layout costs as much as drawing."""
        if self._told_of.get(name) != words:
            self._told_of[name] = words
            self.query_one(f"#pictures-{name}", Static).update(words, layout=layout)

    def _show_under(self, sheet: Sheet | None) -> None:
        at = self._hover if self._hover is not None else self.looking.cursor
        words = ""
        if sheet is not None and not self.seen.items and view_of(sheet) is None:
            words = f"nothing here is of image {image_of(sheet, self.looking) + 1}"
        elif sheet is not None:
            words = words_at(self.seen, sheet, at) if self.seen.items else self._told
        self._tell("under", Content(printable(words, 300)))

    def _when(self) -> str:
        at = self.at
        now: list[str] = []
        if self.player.speed:
            now.append(self.player.words)
        elif self.looking.step is None and self.living and at is not None:
            now.append("follows")
        words = [picture_facts.when(self.entries[at], at, len(self.entries), now)] if at is not None else []
        return " · ".join([*([self.wish] if self.wish else []), *words])
