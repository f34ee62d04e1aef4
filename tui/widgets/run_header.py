"""The head of the Run screen: name, status, epoch and time left; below them the panes and the tags."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ...engine.runs import Row
from ...engine.status import Done, Finished, Lost, Running, Stopped
from ..drawing.cells import NONE, age, cut, duration, epochs, glyph, status_words, steady

PANES = ("overview", "output", "curves", "pictures", "network")
REPORT = "report"  # one more, of runs that have one


class RunHeader(Widget):
    """Two lines; the second of a stop's countdown pass by themselves."""

    DEFAULT_CSS = """
    RunHeader { dock: top; height: 2; padding: 0 1; background: $panel; color: $text; text-wrap: nowrap; }
    """

    row: reactive[Row | None] = reactive(None)
    pane: reactive[str] = reactive("overview")
    panes: reactive[tuple[str, ...]] = reactive(PANES)

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)

    def _tick(self) -> None:
        if self.row is not None and isinstance(self.row.status, Running) and self.screen.is_current:
            self.refresh()

    def render(self) -> Content:
        """Left what it is, right how it stands; what does not fit is cut from the name and the tags."""
        if self.row is None:
            return Content.styled("RUN", "bold $accent")
        now = self._clock()
        lines = (self._first_line(self.row, now), self._second_line(self.row))
        return Content("\n").join(line.truncate(self.size.width) for line in lines)

    def _first_line(self, row: Row, now: float) -> Content:
        status = f"{glyph(row.status)} {status_words(row.status, now)}"
        rest = "  ".join(part for part in (_epoch(row), _left(row, now)) if part)
        right = f"{status}  {rest}" if rest else status
        name, width = cut(steady(row.title), max(self.size.width - len(right) - 7, 6))
        gap = " " * max(self.size.width - 5 - width - len(right), 2)
        return Content.assemble(
            ("RUN", "bold $accent"), "  ", (name, "bold"), gap, (status, _colour(row)), "  " if rest else "", rest
        )

    def _second_line(self, row: Row) -> Content:
        panes = [
            (f" {number} {name} ", "bold reverse" if name == self.pane else "$text-muted")
            for number, name in enumerate(self.panes, 1)
        ]
        used = sum(len(text) for text, _ in panes)
        tags, width = cut(steady(" ".join(row.tags)), max(self.size.width - used - 2, 1))
        gap = " " * max(self.size.width - used - width, 1)
        return Content.assemble(*panes, gap, (tags, "$text-muted"))


def _epoch(row: Row) -> str:
    return "" if row.epoch is None else f"epoch {epochs(row.epoch, row.epochs)}"


def _left(row: Row, now: float) -> str:
    if isinstance(row.status, Running):
        return f"eta {duration(row.eta)}" if row.eta is not None else f"for {duration(now - row.status.since)}"
    moment = row.ended or row.created
    ago = age(None if moment is None else now - moment)
    return ago if ago in ("now", NONE) else f"{ago} ago"


def _colour(row: Row) -> str:
    match row.status:
        case Running(stage=None) | Finished(why=Done()):
            return "bold $success"
        case Running() | Lost() | Finished(why=Stopped()):
            return "bold $warning"
        case Finished():
            return "bold $error"
        case _:
            return "bold"
