"""The figures of a run on the screen: list, pictures, time line and facts, read in the background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from ...engine.runs import Row
from ...engine.status import alive
from ...engine.text import printable
from ...vis.results import Entry
from ..drawing.cells import number, steady
from ..figures.reader import FigureReader, SheetRead, Shelf, ShelfSeen
from ..figures.sheet import Ask, Sheet
from ..figures.words import figure_lines, layer_words, prediction_lines, prediction_words, statistics, statistics_lines
from ..pixels.raster import Grid
from ..pixels.tone import palette
from ..pixels.viewport import window
from .figure_list import PROBLEMS, FigureList, rows
from .figure_list import Row as ListRow
from .looking import Looking, Seen, entry_at, seen, values_of, wanted, words_at
from .picture import PictureView
from .time_line import TimeLine, Times

WIDE = 100  # columns from which the facts stand beside the picture
_EARLIER = 12  # other steps of a part that are read for what changes over them
_LEGEND = 20  # cells of the colour bar
_NONE = (
    'This run has no pictures. A script makes them while it trains, with Callbacks().pictures("layer_activations"); '
    "of a saved network `trainvis look MODEL --image FILE` makes them."
)
_SOON = (
    "No picture yet: the first are made before the training, where the script asks for any with "
    'Callbacks().pictures("layer_activations"). p asks a running script for pictures now.'
)


class PictureBoard(Widget):
    """`row` is the run; `looking` what of its figures is shown. The keys are in `pictures.Pictures`."""

    DEFAULT_CSS = """
    PictureBoard { height: 1fr; width: 1fr; layout: horizontal; }
    PictureBoard > Vertical { width: 1fr; height: 1fr; }
    PictureBoard #pictures-stage { height: 1fr; }
    PictureBoard #pictures-pair { height: 1fr; }
    PictureBoard #pictures-input { margin-right: 1; }
    PictureBoard #pictures-said { height: 1fr; padding: 1 2; }
    PictureBoard #pictures-title { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    PictureBoard #pictures-under { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    PictureBoard #pictures-legend {
        height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    PictureBoard #pictures-line {
        height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; display: none;
    }
    PictureBoard > #pictures-facts { width: 32; padding: 0 1; overflow-x: hidden; }
    PictureBoard #pictures-words { width: 1fr; height: auto; }
    """
    row: reactive[Row | None] = reactive(None, repaint=False)
    looking: reactive[Looking] = reactive(Looking, repaint=False)
    facts_wished: reactive[bool] = reactive(True, repaint=False)

    def __init__(self, row: Row | None = None, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.shelf: Shelf | None = None
        self.sheet: Sheet | None = None
        self.seen = Seen()
        self.playing = 0.0  # steps a second, 0 for standing still
        self.wish = ""  # what became of the pictures that were asked for
        self._parts: dict[str, str] = {}
        self._asked: Ask | None = None
        self._earlier: dict[int, Sheet] = {}
        self._times: tuple[Sequence[Entry], Times] = ((), Times.of(()))
        self._hover: tuple[int, int] | None = None
        self._reader = FigureReader(self.post_message)
        self.set_reactive(PictureBoard.row, row)

    def compose(self) -> ComposeResult:
        yield FigureList()
        with Vertical():
            yield Static("", id="pictures-title", markup=False)
            with Vertical(id="pictures-stage"):
                with Horizontal(id="pictures-pair"):
                    yield PictureView(id="pictures-input")
                    yield PictureView(id="pictures-main")
                yield Static("", id="pictures-said", markup=False)
            yield Static("", id="pictures-under", markup=False)
            yield Static("", id="pictures-line", markup=False)
            yield Static("", id="pictures-legend", markup=False)
            yield TimeLine()
        with VerticalScroll(id="pictures-facts", can_focus=False):
            yield Static("", id="pictures-words", markup=False)

    def on_mount(self) -> None:
        self._reader.start()
        self.watch_row()
        self.show()

    def on_unmount(self) -> None:
        self._reader.stop()

    # What there is

    @property
    def main(self) -> PictureView:
        """The picture itself; the photo it belongs to stands at its left."""
        return self.query_one("#pictures-main", PictureView)

    @property
    def entries(self) -> Sequence[Entry]:
        """The stored steps of the figure that is looked at."""
        return self.shelf.figures.get(self.looking.name, ()) if self.shelf is not None else ()

    @property
    def at(self) -> int | None:
        """Which of the entries is shown."""
        return entry_at(self.entries, self.looking.step)

    @property
    def times(self) -> Times:
        """The entries as arrays, made once."""
        if self._times[0] is not self.entries:
            self._times = (self.entries, Times.of(self.entries))
        return self._times[1]

    @property
    def part(self) -> str:
        """The part that is looked at, by its key; remembered for each figure."""
        return self._parts.get(self.looking.name, "")

    @property
    def settled(self) -> bool:
        """Whether what was asked for is on the screen."""
        return self._asked is None or (self.sheet is not None and self.sheet.ask == self._asked)

    def watch_row(self) -> None:
        """Follow the run, as long as it lives."""
        if self.row is not None and self.is_mounted:
            self._reader.follow({self.row.path: alive(self.row.status)})
            if self.shelf is None or not self.shelf.figures:
                self.show()

    def on_shelf_seen(self, message: ShelfSeen) -> None:
        """The run has these figures now."""
        message.stop()
        if self.row is None or message.shelf.run != self.row.path:
            return
        before, self.shelf = self.looking.name, message.shelf
        if before not in self.shelf.figures and before != PROBLEMS and self.shelf.figures:
            self.set_reactive(PictureBoard.looking, replace(self.looking, name=next(iter(self.shelf.figures))))
        self.ask()
        self.show()

    def on_sheet_read(self, message: SheetRead) -> None:
        """A sheet is there: the one to show, or an earlier one for what changes over the steps."""
        message.stop()
        ask = message.sheet.ask
        if message.key.startswith("earlier") and self.sheet is not None and ask.step is not None:
            if (ask.name, ask.part) == (self.looking.name, self.sheet.ask.part) and not message.sheet.problem:
                self._earlier[ask.step] = message.sheet
                self._show_other()
            return
        if (
            message.key != "shown"
            or self._asked is None
            or (ask.name, ask.part) != (self._asked.name, self._asked.part)
        ):
            return
        if self.sheet is not None and (self.sheet.ask.name, self.sheet.ask.part) != (ask.name, ask.part):
            self._earlier.clear()
        self.sheet = message.sheet
        self.show()
        self._read_ahead()

    def ask(self, full: tuple[int, ...] = ()) -> None:
        """Have the sheet read that is looked at, unless it is there."""
        at = self.at
        if self.row is None or at is None:
            self._asked = None
            return
        entry = self.entries[at]
        asked = Ask(self.row.path, self.looking.name, entry.step, self.part, full)
        fresh = self.sheet is not None and self.sheet.ask == asked and self.sheet.entry == entry
        if asked != self._asked or not (fresh or self._asked is None or self.sheet is None):
            self._asked = asked
            if not fresh:
                self._reader.want("shown", asked)

    def _read_ahead(self) -> None:
        """While stepping or playing the next one is read already; histograms show how they changed."""
        at, sheet = self.at, self.sheet
        if at is None or sheet is None or self.row is None or sheet.facts is None:
            return
        if self.playing and at + 1 < len(self.entries):
            self._reader.want("ahead", replace(sheet.ask, step=self.entries[at + 1].step, full=()))
        if sheet.facts.kind in ("histograms", "vectors") and not self._earlier and at > 0:
            for place in np.unique(np.linspace(0, at - 1, min(at, _EARLIER)).astype(int)).tolist():
                self._reader.want(f"earlier-{place}", replace(sheet.ask, step=self.entries[place].step, full=()))

    # What is shown

    def watch_looking(self, before: Looking, now: Looking) -> None:
        """Another figure or step is read; anything else is shown at once."""
        if not self.is_mounted:
            return
        if (before.name, before.step) != (now.name, now.step):
            self.ask()
        self.show()

    def watch_facts_wished(self) -> None:
        self.show()

    def on_resize(self) -> None:
        self.query_one(FigureList).styles.width = 24 if self.size.width < WIDE else 30
        self.query_one(TimeLine).set_class(self.size.height >= 28, "-tall")
        self.call_after_refresh(self.show)

    def show(self) -> None:
        """Everything, as it is now."""
        if not self.is_mounted or not self.is_attached:
            return
        self._show_list()
        sheet = self._current()
        said = self._said(sheet)
        kind = sheet.facts.kind if sheet is not None and sheet.facts is not None else ""
        pictures = not said and kind in ("maps", "pictures")
        self.query_one("#pictures-pair").display = pictures
        self.query_one("#pictures-said").display = bool(said)
        self.query_one("#pictures-said", Static).update(Content(said))
        for view in self.query(".pictures-other").results(Widget):
            view.display = not said and not pictures
        self.seen = Seen()
        if pictures and sheet is not None:
            self._show_pictures(sheet)
        elif not said and sheet is not None:
            self._show_other()
        self._show_words(sheet if not said else None)

    def _current(self) -> Sheet | None:
        """The sheet, unless it is of something else than what is looked at."""
        if self.sheet is None or self.sheet.ask.name != self.looking.name or self._asked is None:
            return None
        return self.sheet if self.sheet.ask.part == self.part else None

    def _said(self, sheet: Sheet | None) -> str:
        """What stands in the place of a picture where there is none."""
        if self.shelf is None:
            return "reading …"
        if self.looking.name == PROBLEMS:
            return "\n\n".join(printable(each, 600) for each in reversed(self.shelf.problems))
        if not self.shelf.figures:
            living = self.row is not None and alive(self.row.status)
            problems = "\n\n".join(printable(each, 400) for each in self.shelf.problems[-5:])
            return "\n\n".join(text for text in (_SOON if living else _NONE, problems, self.wish) if text)
        if sheet is None:
            return "reading …"
        if sheet.problem:
            return printable(sheet.problem, 600)
        if sheet.facts is not None and 0 in sheet.facts.shape:
            return f"{printable(sheet.facts.name, 80)} is empty at this step"
        return ""

    def _show_list(self) -> None:
        names = list(self.shelf.figures) if self.shelf is not None else []
        same = self.sheet is not None and self.sheet.ask.name == self.looking.name
        parts = self.sheet.parts if self.sheet is not None and same else ()
        found = rows(names, self.looking.name, parts, len(self.shelf.problems) if self.shelf is not None else 0)
        key = self.part
        places = [at for at, row in enumerate(found) if row.name == self.looking.name]
        if places and parts and len(places) > 1:
            wanted_row = next((at for at in places if found[at].part == key), places[1] if not key else places[0])
        else:
            wanted_row = places[0] if places else 0
        self.query_one(FigureList).show(found, wanted_row)

    def _show_pictures(self, sheet: Sheet) -> None:
        main, beside = self.main, self.query_one("#pictures-input", PictureView)
        looking = self.looking
        self.seen = seen(sheet, looking, main.room, main.aspect)
        beside.display = self.seen.beside is not None and not (
            looking.over and self.seen.single and self.size.width < 60
        )
        main.show(self.seen.main, looking.view, looking.cursor)
        linked = self.seen.single
        beside.show(
            self.seen.beside, looking.view if linked else type(looking.view)(), looking.cursor if linked else None
        )
        tiles = self._tiles_in_sight()
        full = wanted(self.seen, sheet, tiles)
        if set(full) - set(sheet.full):
            self.ask(full)

    def _tiles_in_sight(self) -> list[int]:
        """The maps of a grid that are seen, while they are magnified beyond their thumbnails."""
        main, grid = self.main, self.seen.main
        if not isinstance(grid, Grid) or self.looking.view.zoom <= 1 or not main.size:
            return []
        part = window(self.looking.view, grid.size, main.room, main.aspect)
        across = part.width / max(int(part.x1[-1]) - int(part.x0[0]), 1) if part.width else 0
        return grid.seen(part) if across * grid.tile[0] > 48 else []

    def _show_other(self) -> None:
        """A part that is no picture has a view of its own kind."""
        sheet = self._current()
        if sheet is None or sheet.facts is None or sheet.facts.kind in ("maps", "pictures") or sheet.problem:
            return
        from .views.table_of_kinds import view_for

        kind: Any = view_for(sheet.facts.kind)
        if kind is None:
            return
        stage = self.query_one("#pictures-stage")
        view: Any = next((each for each in self.query(".pictures-other") if type(each) is kind), None)
        for other in list(self.query(".pictures-other").results(Widget)):
            other.display = other is view
        if view is None:
            view = kind(classes="pictures-other")
            stage.mount(view)
        step = sheet.moment.step
        earlier = [self._earlier[each] for each in sorted(self._earlier) if each < step]
        self.call_after_refresh(view.show, sheet, earlier) if not view.is_mounted else view.show(sheet, earlier)

    # Words

    def _show_words(self, sheet: Sheet | None) -> None:
        self.query_one("#pictures-title", Static).update(self._title(sheet))
        self._show_under(sheet)
        legend = self._legend(sheet)
        self.query_one("#pictures-legend", Static).update(legend)
        wide = self.size.width >= WIDE
        self.query_one("#pictures-facts").display = wide and self.facts_wished and sheet is not None
        line = self.query_one("#pictures-line", Static)
        line.display = not wide and self.facts_wished and sheet is not None
        if line.display:
            line.update(Content(self._one_line(sheet)))
        elif wide and self.facts_wished and sheet is not None:
            self.query_one("#pictures-words", Static).update(self._facts(sheet))
        at = self.at
        self.query_one(TimeLine).show(self.times, at, self._when(at))

    def _show_under(self, sheet: Sheet | None) -> None:
        at = self._hover if self._hover is not None else self.looking.cursor
        words = words_at(self.seen, sheet, at) if sheet is not None else ""
        self.query_one("#pictures-under", Static).update(Content(printable(words, 300)))

    def _title(self, sheet: Sheet | None) -> Content:
        if sheet is None or sheet.facts is None:
            return Content.styled(steady("" if self.looking.name == PROBLEMS else self.looking.name, 80), "bold")
        words = [steady(sheet.facts.name, 60)] if sheet.facts.name else []
        if self.seen.items:
            place = self.seen.items.index(self.seen.chosen) + 1 if self.seen.chosen is not None else 0
            words.append(
                f"map {place} of {len(self.seen.items)}" if self.seen.single else f"{len(self.seen.items)} maps"
            )
        if len(sheet.inputs) > 1 and sheet.facts.kind in ("maps", "pictures"):
            name = steady(sheet.inputs[self.image(sheet)].name, 30)
            words.append(f"image {self.image(sheet) + 1} of {len(sheet.inputs)}" + (f" {name}" if name else ""))
        if self.looking.view.zoom > 1:
            words.append(f"×{self.looking.view.zoom:g}")
        return Content.assemble((steady(sheet.technique, 60), "bold"), "  ", ("  ".join(words), ""))

    def image(self, sheet: Sheet) -> int:
        """Which of the inputs is shown."""
        return min(self.looking.image, max(len(sheet.inputs) - 1, 0))

    def _prediction(self, sheet: Sheet) -> Any:
        at = self.image(sheet)
        return sheet.predictions[at] if at < len(sheet.predictions) else None

    def _one_line(self, sheet: Sheet | None) -> str:
        if sheet is None:
            return ""
        words = [prediction_words(self._prediction(sheet))]
        values = values_of(sheet, self.seen.chosen) if self.seen.chosen is not None else None
        found = statistics(values) if values is not None else None
        if found is not None:
            words.append(f"{number(found.low)} … {number(found.high)} mean {number(found.mean)}")
        words += layer_words(self._layer(sheet))[1:]
        return "  ·  ".join(word for word in words if word)

    def _layer(self, sheet: Sheet) -> Any:
        name = sheet.facts.name if sheet.facts is not None else ""
        return sheet.layers.get((name, self.image(sheet))) or sheet.layers.get((name, None)) or {}

    def _facts(self, sheet: Sheet) -> Content:
        width = 28
        lines = [*prediction_lines(self._prediction(sheet), width)]
        chosen = self.seen.chosen
        if chosen is not None:
            values = values_of(sheet, chosen)
            about = " (of a thumbnail)" if sheet.reduced and chosen not in sheet.full else ""
            lines += [("", ""), (f"Map{about}", "title")]
            lines += statistics_lines(statistics(values), width) if values is not None else []
        part = sheet.part
        values = getattr(part, "values", None)
        if isinstance(values, np.ndarray) and len(values) > 1 and values.dtype.kind in "fiu":
            about = " (of thumbnails)" if sheet.reduced else ""
            lines += [("", ""), (f"All {len(values)}{about}", "title"), *statistics_lines(statistics(values), width)]
        lines += [(word, "") for word in layer_words(self._layer(sheet))]
        if sheet.inputs and sheet.facts is not None and sheet.facts.kind in ("maps", "pictures"):
            given = sheet.inputs[self.image(sheet)]
            said = [steady(text, 200) for text in (given.name, given.note) if text]
            lines += [("", ""), ("Image", "title"), *((text, "dim") for text in said)] if said else []
        lines += [("", ""), *figure_lines(sheet)]
        return Content("\n").join(Content.styled(text, _STYLES.get(look, "")) for text, look in lines)

    def _legend(self, sheet: Sheet | None) -> Content:
        reach = self.seen.reach
        part: Any = sheet.part if sheet is not None else None
        if reach is None or part is None:
            return Content("")
        tone = self.looking.tone
        name = tone.named(part.signed)
        colours = palette(name)[np.linspace(0, 255, _LEGEND).astype(int)].tolist()
        bar = [(" ", f"on #{r:02x}{g:02x}{b:02x}") for r, g, b in colours]
        words = [name, "a range for the layer" if tone.per == "layer" else "a range for each map"]
        if tone.clip:
            words.append(f"{tone.clip:g} % clipped")
        if tone.gamma != 1:
            words.append(f"gamma {tone.gamma:g}")
        if self.looking.over:
            words.append(f"over the photo {self.looking.over:.0%}")
        return Content.assemble(f"{number(reach[0])} ", *bar, f" {number(reach[1])}  {' · '.join(words)}")

    def _when(self, at: int | None) -> str:
        if at is None:
            return self.wish
        entry = self.entries[at]
        epoch = "" if entry.epoch != entry.epoch else f"epoch {entry.epoch:.2f}  "  # noqa: PLR0124 (NaN: unknown)
        words = [f"{epoch}step {entry.step:,}", f"{at + 1} of {len(self.entries)}"]
        if entry.why:
            words.append(_WHY[entry.why])
        if self.playing:
            words.append(f"▶ {self.playing:g} a second")
        elif self.looking.step is None and self.row is not None and alive(self.row.status):
            words.append("follows the latest")
        if self.wish:
            words.append(self.wish)
        return " · ".join(words)


_STYLES = {"title": "bold $accent", "dim": "$text-muted", "warn": "$warning"}
_WHY = {
    "first": "before the training",
    "interval": "by interval",
    "last": "at the end",
    "wish": "wished for",
}
