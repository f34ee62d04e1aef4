"""Nothing from data reaches the terminal as a control sequence.

Textual passes ESC and its kin through every widget to the terminal, so a run's name or a line of output could clear the
screen or write the clipboard. Widgets clean what they show (`engine.text.printable`); this filter stands behind
them all and catches what one of them forgot.
"""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from ..engine.text import printable


class ControlsShown(LineFilter):
    """Replaces control characters in the text of a line by visible ones; what Textual itself controls stays."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 (Textual's signature)
        """`segments` with every control character in their text made visible, one cell for one."""
        if all(control is not None or text.isprintable() for text, _, control in segments):
            return segments
        return [
            segment if segment.control is not None else Segment(printable(segment.text), segment.style)
            for segment in segments
        ]
