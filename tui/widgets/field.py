"""A field of a form: a word, a line to type in, and below it what is wrong or known of the value."""

from __future__ import annotations

import asyncio

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.suggester import Suggester
from textual.widgets import Input, Static

from ...engine.text import printable
from .. import launch_form


class Paths(Suggester):
    """Completes a path; the disk is read in a thread."""

    def __init__(self, endings: tuple[str, ...]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._endings = endings

    async def get_suggestion(self, value: str) -> str | None:
        return await asyncio.to_thread(launch_form.completion, value, self._endings)


class Field(Vertical):
    """`word` stands before the line, `empty` in it while nothing is typed."""

    problem: reactive[str] = reactive("")
    hint: reactive[str] = reactive("")

    def __init__(self, name: str, word: str, empty: str, suggester: Suggester | None = None) -> None:
        super().__init__(id=f"field-{name}")
        self.field = name
        self._word, self._empty, self._suggester = word, empty, suggester

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(self._word, classes="word")
            yield Input(
                placeholder=self._empty,
                suggester=self._suggester,
                compact=True,
                select_on_focus=False,
                id=self.field,
            )
        yield Static(classes="below", markup=False)

    def on_descendant_focus(self) -> None:
        self.add_class("here")

    def on_descendant_blur(self) -> None:
        self.remove_class("here")

    def watch_problem(self) -> None:
        self._say_below()

    def watch_hint(self) -> None:
        self._say_below()

    def _say_below(self) -> None:
        text = f"✘ {self.problem}" if self.problem else self.hint
        below = self.query_one(".below", Static)
        below.update(Content(printable(text, 300)))
        below.display = bool(text)
        self.set_class(bool(self.problem), "wrong")
