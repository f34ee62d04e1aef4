"""The figures of a run by name, and below the chosen one its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ..drawing.cells import cut, fit, steady
from ..figures.sheet import PartFacts

PROBLEMS = "\0problems"  # the name of the row that stands for what went wrong: no folder is called so
_SHORT = {"vectors": "vec", "histograms": "hist", "pictures": "pic", "points": "pts", "matrix": "mat"}


@dataclass(frozen=True, slots=True)
class Row:
    """A figure (`part` is None) or a part of the chosen one, by the key that `Ask.part` takes."""

    name: str
    part: str | None
    text: str
    shape: str = ""
    kind: str = ""


def part_keys(parts: Sequence[PartFacts]) -> tuple[str, ...]:
    """What `Ask.part` calls each part: its name where that is unique, else its number."""
    names = [part.name for part in parts]
    return tuple(
        part.name if part.name and names.count(part.name) == 1 and not part.name.isdecimal() else str(at)
        for at, part in enumerate(parts)
    )


def shape_text(facts: PartFacts) -> str:
    """`64·28×28` for 64 maps, `10×10` for a matrix, `50` for vectors of that length."""
    shape = facts.shape
    if facts.kind in ("maps", "pictures") and len(shape) >= 3:
        more = f"×{shape[3]}" if len(shape) > 3 and shape[3] not in (1, 3) else ""
        return f"{shape[0]}·{shape[1]}×{shape[2]}{more}"
    return "×".join(map(str, shape))


def rows(
    names: Sequence[str], chosen: str, parts: Sequence[PartFacts], problems: int = 0, failed: Sequence[str] = ()
) -> list[Row]:
    """The whole list: each figure, and the parts below the chosen one; what failed; what went wrong."""
    found: list[Row] = []
    for name in names:
        found.append(Row(name, None, steady(name, 80)))
        if name == chosen:
            keys = part_keys(parts)
            found += [
                Row(name, key, steady(facts.name or f"part {at + 1}", 80), shape_text(facts), facts.kind)
                for at, (key, facts) in enumerate(zip(keys, parts, strict=True))
            ]
    found += [Row(name, None, f"✘ {steady(name, 80)}", kind="failed") for name in failed]
    if problems:
        found.append(Row(PROBLEMS, None, f"{problems} problem{'s' if problems > 1 else ''}"))
    return found


def fitted(row: Row, room: int) -> tuple[str, str]:
    """The name, and as much of kind and shape as fits beside it. A long name is cut in its middle: layers differ at
    their ends.
    """
    if row.part is None:
        return cut(row.text, max(room, 1))[0], ""
    said = (_SHORT.get(row.kind, ""), row.shape)
    sayings = (" ".join(filter(None, said)), row.shape, row.shape.partition("·")[2] or row.shape)
    left = f"  {row.text}"
    right = next((each for each in sayings if len(left) + len(each) < room), sayings[-1])
    most = max(room - len(right) - 1, 4)
    if len(left) > most:
        tail = (most - 3) // 2
        left = f"{left[: most - 1 - tail]}…{left[len(left) - tail :]}"
    return left, right


def next_row(found: Sequence[Row], at: int, by: int) -> Row | None:
    """The next row that can be looked at: a figure whose parts stand below it is passed over for the first of them."""
    choices = [each for each in range(len(found)) if not _stands_for_parts(found, each)]
    if not choices:
        return None
    before = sum(each < at for each in choices)
    place = before + by if at in choices else before - (by < 0)
    return found[choices[min(max(place, 0), len(choices) - 1)]]


def _stands_for_parts(found: Sequence[Row], at: int) -> bool:
    return found[at].part is None and at + 1 < len(found) and found[at + 1].part is not None


class FigureList(ScrollView, can_focus=False):
    """`show(rows, at)`: the rows, with a cursor on one; it stays in sight."""

    DEFAULT_CSS = """
    FigureList { width: 24; padding: 0 0 0 1; overflow-x: hidden; overflow-y: auto; background: $background; }
    FigureList > .list--figure { text-style: bold; }
    FigureList > .list--part { color: $foreground 90%; }
    FigureList > .list--shape { color: $foreground 55%; }
    FigureList > .list--problems { color: $warning; }
    FigureList > .list--cursor { background: $accent 30%; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "list--figure",
        "list--part",
        "list--shape",
        "list--problems",
        "list--cursor",
    }

    class Chosen(Message):
        """A row was clicked."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.rows: list[Row] = []
        self.at = 0

    def show(self, found: list[Row], at: int) -> None:
        """Show other rows, or the cursor on another one."""
        if (found, at) == (self.rows, self.at):
            return
        self.rows, self.at = found, at
        self.virtual_size = Size(self.content_size.width, len(found))
        self._keep_in_sight()
        self.refresh()

    def on_resize(self) -> None:
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        height, top = self.content_size.height, self.scroll_offset.y
        if height and not top <= self.at < top + height:
            self.scroll_to(y=max(self.at - height // 2, 0), animate=False, immediate=True)

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        number = y + self.scroll_offset.y
        if number >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        row = self.rows[number]
        kind = "problems" if row.name == PROBLEMS or row.kind == "failed" else "figure" if row.part is None else "part"
        style, dim = self.get_component_rich_style(f"list--{kind}"), self.get_component_rich_style("list--shape")
        if number == self.at:
            style = dim = self.get_component_rich_style("list--cursor")
        left, right = fitted(row, width - 1)
        right = right[: max(width - 2, 0)]
        text = fit(left, width - 1 - len(right))
        segments = [Segment(text, style), Segment(right + " ", dim)]
        return Strip(segments, width)

    def on_click(self, event: events.Click) -> None:
        number = event.y + self.scroll_offset.y
        if number < len(self.rows):
            event.stop()
            self.post_message(self.Chosen(self.rows[number]))
