"""The last line of a screen: the keys that work where one is, with their words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.binding import Binding
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from ..keys import shown_key


class KeyLine(Widget):
    """One widget and one line, where Textual's footer makes a widget for every key: that shows in the first frame."""

    DEFAULT_CSS = """
    KeyLine { dock: bottom; height: 1; padding: 0 1; background: $panel; color: $text-muted; text-wrap: nowrap;
              text-overflow: clip; }
    """

    words: reactive[tuple[Content, ...]] = reactive(())

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._take)
        self._take(self.screen)

    def _take(self, screen: Screen[object]) -> None:
        if screen is self.screen and screen.is_attached:
            self.words = words(bound.binding for bound in screen.active_bindings.values() if bound.enabled)

    def render(self) -> Content:
        return fitted(self.words, self.content_size.width)


def words(bindings: Iterable[Binding]) -> tuple[Content, ...]:
    """`s stop`, `S kill` and so on: each action once, by the first of its keys, in the order given."""
    seen: set[str] = set()
    parts: list[Content] = []
    for binding in bindings:
        if not binding.show or binding.action in seen:
            continue
        seen.add(binding.action)
        parts.append(Content.assemble((shown_key(binding.key), "bold $text"), " ", binding.description))
    return tuple(parts)


def fitted(parts: Sequence[Content], width: int) -> Content:
    """As many as `width` cells hold, two blanks apart; the last one, help, is always among them: it shows the rest."""
    room = width - (parts[-1].cell_length if parts else 0)
    shown: list[Content] = []
    for part in parts[:-1]:
        room -= part.cell_length + 2
        if room < 0:
            break
        shown.append(part)
    # A separator that was measured before would be counted once too often, and the line end two cells short.
    return Content("  ").join([*shown, *parts[-1:]])
