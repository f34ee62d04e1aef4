"""The command palette: every action that has a key where one is, every theme, and the runs by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider

from ..engine.text import printable
from .keys import TABLE, shown_key
from .pixels.modes import WORDS

if TYPE_CHECKING:
    from .app import TrainvisApp

# Textual makes a widget of every hit; thousands of them would hold up the keys typed.
MOST_RUNS = 40


@dataclass(frozen=True, slots=True)
class Command:
    """`text` is found, `help` stands below it, `run` does it."""

    text: str
    help: str
    run: Callable[[], Any]


class Palette(CommandPalette):
    """As Textual's, but its page keys stand a terminal without room for one line, and a second enter closes no more."""

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)

    def _select_or_command(self, *given: Any, **named: Any) -> None:
        if self.is_active:
            super()._select_or_command(*given, **named)


class Commands(Provider):
    """Searches the commands of the application."""

    @property
    def _app(self) -> TrainvisApp:
        return cast("TrainvisApp", self.app)

    async def discover(self) -> Hits:
        """What stands there before anything is typed: the actions."""
        for command in self._actions():
            yield DiscoveryHit(command.text, command.run, help=command.help)

    async def search(self, query: str) -> Hits:
        """Actions, themes and runs that match `query`."""
        matcher = self.matcher(query)
        found = 0
        for command in (*self._actions(), *self._images(), *self._themes()):
            if (score := matcher.match(command.text)) > 0:
                yield Hit(score, matcher.highlight(command.text), command.run, help=command.help)
        for command in self._runs():
            if found < MOST_RUNS and (score := matcher.match(command.text)) > 0:
                found += 1
                yield Hit(score, matcher.highlight(command.text), command.run, help=command.help)

    def _actions(self) -> Iterable[Command]:
        sentences = {key.id: key.sentence for keys in TABLE.values() for key in keys}
        seen: set[str] = set()
        for bound in self.screen.active_bindings.values():
            binding = bound.binding
            if binding.id not in sentences or binding.id in seen or binding.id == "app.palette":
                continue
            seen.add(binding.id)
            run = partial(self.app.run_action, binding.action, bound.node)
            yield Command(sentences[binding.id], f"key {shown_key(binding.key)}", run)

    def _images(self) -> Iterable[Command]:
        for name, what in WORDS.items():
            yield Command(f"Images {name}", f"Show pictures so: {what}", partial(self._app.choose_images, name))

    def _themes(self) -> Iterable[Command]:
        for name in sorted(self.app.available_themes):
            yield Command(f"Theme {name}", "Change the colours; remembered", partial(self._app.choose_theme, name))

    def _runs(self) -> Iterable[Command]:
        snapshot = self._app.snapshot
        for row in snapshot.rows if snapshot else ():
            yield Command(f"Open {printable(row.title)}", printable(row.id), partial(self._app.open_run, row.path))
