"""The last line of a screen: the keys that work where one is, with their words."""

from __future__ import annotations

from collections.abc import Iterable

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

    line: reactive[Content] = reactive(Content(""))

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._take)
        self._take(self.screen)

    def _take(self, screen: Screen[object]) -> None:
        if screen is self.screen and screen.is_attached:
            self.line = words(bound.binding for bound in screen.active_bindings.values() if bound.enabled)

    def render(self) -> Content:
        return self.line


def words(bindings: Iterable[Binding]) -> Content:
    """`s stop  S kill`: each action once, by the first of its keys, in the order given."""
    seen: set[str] = set()
    parts: list[Content] = []
    for binding in bindings:
        if not binding.show or binding.action in seen:
            continue
        seen.add(binding.action)
        parts.append(Content.assemble((shown_key(binding.key), "bold $text"), " ", binding.description))
    return Content("  ").join(parts)
