"""Words below the pictures of a row: some cells for each, the chosen one's stand out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from ..drawing.cells import fit

_FEW = 6  # cells in which every letter counts: nothing says that some are missing


@dataclass(frozen=True, slots=True)
class Words:
    """`lines` below one picture; `look` is "", "chosen", "marked", "note" or "dim"."""

    lines: tuple[str, ...] = ()
    look: str = ""


class Captions(Widget):
    """`show` puts the words of a row on as many lines as the widget is high, each `wide` cells, from `left` on."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"captions--{each}" for each in ("chosen", "marked", "note", "dim")}
    DEFAULT_CSS = """
    Captions { height: 1; width: 1fr; color: $text; }
    Captions > .captions--chosen { color: $accent; text-style: bold; }
    Captions > .captions--marked { color: $text-primary; text-style: bold; }
    Captions > .captions--note { color: $text-error; }
    Captions > .captions--dim { color: $text-muted; }
    """
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._words: tuple[Words, ...] = ()
        self._wide, self._left = 1, 0

    def show(self, words: Sequence[Words], wide: int, left: int = 0) -> None:
        """Other words; nothing is drawn where they are the same."""
        new = (tuple(words), wide, left)
        if new != (self._words, self._wide, self._left):
            self._words, self._wide, self._left = new
            self.refresh()

    def render_line(self, y: int) -> Strip:
        plain = self.rich_style
        parts = [Segment(" " * self._left, plain)] if self._left else []
        for each in self._words:
            text = each.lines[y] if y < len(each.lines) else ""
            look = "dim" if y and each.look != "chosen" else each.look
            style = self.get_component_rich_style(f"captions--{look}") if look else plain
            # A blank behind: the words of two neighbours are not read as one.
            room = self._wide - 1
            parts.append(Segment((fit(text, room) if room > _FEW else fit(text[:room], room)) + " ", style))
        return Strip(parts).adjust_cell_length(self.size.width, plain)
