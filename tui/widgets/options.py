"""A list of options that stands being too small."""

from __future__ import annotations

from textual.widgets import OptionList


class Options(OptionList):
    """As Textual's, whose page keys raise KeyError while the terminal is too small to show one line of it."""

    def action_page_up(self) -> None:
        if self.scrollable_content_region:
            super().action_page_up()

    def action_page_down(self) -> None:
        if self.scrollable_content_region:
            super().action_page_down()
