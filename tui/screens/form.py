"""A form that starts a run: fields below each other, what is wrong said at each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Input, Static

from ...engine.errors import TrainvisError
from ...engine.rundir import RunDir
from ...engine.runs import Snapshot
from ...engine.text import printable
from ..widgets.field import Field, Paths
from ..widgets.header import Header
from ..widgets.key_line import KeyLine


class FormScreen(Screen[None]):
    """A child names its `HEAD`, its fields (each with its word, and what stands in it while it is empty) and the
    `ENDINGS` of those that are paths, and says how a form becomes a run.
    """

    CSS_PATH = "form.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (50, "-wide")]  # noqa: RUF012 (typed by Textual)
    HEAD: ClassVar[tuple[str, str]]
    FIELDS: ClassVar[Mapping[str, tuple[str, str]]]
    ENDINGS: ClassVar[Mapping[str, tuple[str, ...]]]

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)

    def __init__(self) -> None:
        super().__init__(classes="form-screen")
        self._starting = False

    def compose(self) -> ComposeResult:
        yield Header(*self.HEAD)
        with VerticalScroll(id="form", can_focus=False):
            for name, (word, empty) in self.FIELDS.items():
                yield Field(name, word, empty, Paths(self.ENDINGS[name]) if name in self.ENDINGS else None)
            yield Static(id="whole", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        self.query_one(f"#{next(iter(self.FIELDS))}", Input).focus()

    def typed(self) -> dict[str, str]:
        """What stands in each field."""
        return {name: self.query_one(f"#{name}", Input).value for name in self.FIELDS}

    def on_input_changed(self, event: Input.Changed) -> None:
        field = self.query_one(f"#field-{event.input.id}", Field)
        field.problem = field.hint = ""
        self._whole("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next(Input)

    def _put(self, name: str, value: str) -> None:
        field = self.query_one(f"#{name}", Input)
        field.value = value
        field.cursor_position = len(value)

    # What a child says

    def form(self) -> Any:
        """The fields as typed."""
        raise NotImplementedError

    def _problems(self, form: Any) -> dict[str, str]:
        """A sentence for each field that cannot be used as it is."""
        raise NotImplementedError

    def _launched(self, form: Any) -> RunDir:
        """The run that a form without problems starts. Raises TrainvisError, OSError."""
        raise NotImplementedError

    def _blamed(self, error: TrainvisError) -> dict[str, str]:
        """The field that an error belongs to, with the sentence for it; none where it belongs to the whole."""
        raise NotImplementedError

    def _remember(self, form: Any) -> None:
        raise NotImplementedError

    def _started(self, run: RunDir) -> None:
        raise NotImplementedError

    # Starting

    def action_start(self) -> None:
        if self._starting:
            self._say("it is being started")
            return
        self._starting = True
        self._whole("starting…")
        self._start(self.form())

    @work(thread=True)
    def _start(self, form: Any) -> None:
        found = self._problems(form)
        if found:
            self.app.call_from_thread(self._refused, found, "")
            return
        try:
            run = self._launched(form)
        except TrainvisError as error:
            self.app.call_from_thread(self._refused, self._blamed(error), str(error))
        except OSError as error:
            self.app.call_from_thread(self._refused, {}, f"it could not be started: {error.strerror or error}")
        else:
            self._remember(form)
            self.app.call_from_thread(self._started, run)

    def _refused(self, found: dict[str, str], whole: str) -> None:
        """Say what is wrong at its field and go to the first."""
        self._starting = False
        self._whole("" if found else f"✘ {whole}")
        for name in self.FIELDS:
            self.query_one(f"#field-{name}", Field).problem = found.get(name, "")
        if found:
            self.query_one(f"#{next(name for name in self.FIELDS if name in found)}", Input).focus()

    def _whole(self, text: str) -> None:
        self.query_one("#whole", Static).update(Content(printable(text, 600)))

    def action_back(self) -> None:
        self.dismiss()

    def _say(self, text: str) -> None:
        self.notify(printable(text, 400), markup=False)
