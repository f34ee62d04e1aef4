"""Start a script: what to run, with what, where and in which interpreter; what cannot be is said at its field."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import asdict, replace
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

from textual import work
from textual.binding import BindingType
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input

from ...engine.errors import TrainvisError
from ...engine.interpreters import Interpreter, inspect
from ...engine.rundir import RunDir
from ...engine.text import printable
from .. import launch_form
from ..keys import bindings
from ..launch_form import FieldError, Form
from ..widgets.field import Field
from .form import FormScreen

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".tif", ".tiff")
# Field → its word, and what stands in it while it is empty.
FIELDS = {
    "script": ("Script", "train.py: → completes, ctrl+o chooses"),
    "arguments": ("Arguments", "--epochs 10 --lr 0.001"),
    "tags": ("Tags", "mnist baseline; the script's name is added"),
    "images": ("Images", "pictures to look at the network with: faces/*.png"),
    "name": ("Name", "what the run is called; its id otherwise"),
    "python": ("Interpreter", "a python, or the folder of an environment"),
    "cwd": ("Folder", "where the script runs; its own folder otherwise"),
    "environment": ("Environment", "additions: CUDA_VISIBLE_DEVICES=0"),
}
_ENDINGS: dict[str, tuple[str, ...]] = {"script": (".py",), "cwd": ("/",), "python": ()}


class LaunchScreen(FormScreen):
    """The form; `like` is a run whose values are taken over."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("launch")]
    HEAD = ("LAUNCH", "start a script")
    FIELDS = FIELDS
    ENDINGS = _ENDINGS

    class Inspected(Message):
        """An interpreter was looked at: what it is, or what is wrong with it."""

        def __init__(self, python: str, hint: str, problem: str) -> None:
            super().__init__()
            self.python = python
            self.hint = hint
            self.problem = problem

    def __init__(self, like: Path | None = None) -> None:
        super().__init__()
        self._like = like
        self._filled = Form()  # what was put in by itself: such values may be replaced by themselves too
        self._inspected = ""  # the interpreter that was looked at last

    def on_mount(self) -> None:
        self._fill_first()

    @work(thread=True)
    def _fill_first(self) -> None:
        """The values of `like`, else those of the script that was started last."""
        memory = self._settings.remembered
        if self._like is not None:
            form = launch_form.form_of(RunDir(self._like))
        else:
            script = launch_form.last_script(memory)
            form = launch_form.remembered(memory, script) or Form()
        self.app.call_from_thread(self._fill, self._with_python(form))

    @property
    def _settings(self) -> Any:
        return self.app.settings  # type: ignore[attr-defined]

    def _with_python(self, form: Form) -> Form:
        """An interpreter for a form that names none: the settings', else the first one found."""
        if form.python:
            return form
        return replace(form, python=self._settings.python or launch_form.found_interpreters(form.script)[0])

    def _fill(self, form: Form) -> None:
        """Put values into the fields that nobody has typed in."""
        now = self.form()
        for name, value in asdict(form).items():
            if getattr(now, name) == getattr(self._filled, name):
                self.query_one(f"#{name}", Input).value = printable(value)
        self._filled = form

    def form(self) -> Form:
        """The fields as typed."""
        return Form(**self.typed())

    # While one types

    def on_descendant_blur(self) -> None:
        """Leaving a field: look what is wrong with it; a script brings its last values along."""
        self._look_again(self.form())

    @work(thread=True, exclusive=True, group="look")
    def _look_again(self, form: Form) -> None:
        found = launch_form.problems(form)
        known = None
        if "script" not in found and form.script != self._filled.script:
            script = launch_form.request_of(Form(script=form.script)).script
            known = launch_form.remembered(self._settings.remembered, str(script)) or Form()
            known = self._with_python(replace(known, script=form.script))
        self.app.call_from_thread(self._looked, form, found, known)

    def _looked(self, form: Form, found: dict[str, str], known: Form | None) -> None:
        if known is not None:
            self._fill(known)
        for name in FIELDS:
            # An empty script is no mistake before one wants to start.
            early = name == "script" and not form.script
            if getattr(form, name) == getattr(self.form(), name) and not early:
                self.query_one(f"#field-{name}", Field).problem = found.get(name, "")
        python = self.form().python
        if "python" not in found and python != self._inspected:
            self._check(python, really=False)

    # Choosing

    @work
    async def action_browse(self) -> None:
        """Offer what there is for the field one is in."""
        name = self.focused.id if isinstance(self.focused, Input) else "script"
        match name:
            case "python":
                await self._choose_python()
            case "images":
                await self._choose_image()
            case "cwd" | "script":
                await self._choose_script()
            case _:
                self._say("there is nothing to choose from here; it works in script, images and interpreter")

    async def _choose_script(self) -> None:
        from .choose_file import ChooseFile

        chosen = await self.app.push_screen_wait(ChooseFile("Which script?", self._folder("script"), (".py",)))
        if chosen is not None:
            self._put("script", str(chosen[0]))

    def _pictures(self) -> ModalScreen[tuple[Path, ...] | None]:
        from .choose_file import ChooseFile

        return ChooseFile("Which pictures?", self._folder("script"), PICTURES, many=True)

    async def _choose_image(self) -> None:
        chosen = await self.app.push_screen_wait(self._pictures())
        if chosen is not None:
            before = self.query_one("#images", Input).value.strip()
            self._put("images", f"{before} {shlex.join(map(str, chosen))}".strip())

    async def _choose_python(self) -> None:
        from .dialogs import Choose

        form = self.form()
        found = await asyncio.to_thread(launch_form.found_interpreters, form.script)
        chosen = await self.app.push_screen_wait(
            Choose("Which interpreter?", [(path, path) for path in found], form.python)
        )
        if chosen is not None:
            self._put("python", chosen)
            self.action_check()

    def _folder(self, field: str) -> Path:
        path = Path(self.query_one(f"#{field}", Input).value).absolute()
        return path if path.is_dir() else next((parent for parent in path.parents if parent.is_dir()), Path.cwd())

    def _put(self, name: str, value: str) -> None:
        super()._put(name, value)
        self._look_again(self.form())

    # The interpreter

    def action_check(self) -> None:
        """Import the callbacks in it; with a framework behind them that takes seconds."""
        field = self.query_one("#field-python", Field)
        field.problem, field.hint = "", "looking what it can import…"
        self._check(self.form().python, really=True)

    def _check(self, python: str, *, really: bool) -> None:
        self._inspected = python
        # No worker of Textual: an interpreter that hangs must not hold up the end of the application.
        Thread(target=self._inspect, args=(python, really), name="trainvis-inspect", daemon=True).start()

    def _inspect(self, python: str, really: bool) -> None:
        try:
            found = inspect(launch_form.request_python(python), really=really)
        except FieldError as error:
            self.post_message(self.Inspected(python, "", str(error)))
            return
        known = known_of(found, "callbacks import" if really else "callbacks are there (ctrl+t tries them)")
        self.post_message(self.Inspected(python, known, "" if found.ok else found.problem))

    def on_launch_screen_inspected(self, message: Inspected) -> None:
        """Say what was found, unless the field holds something else by now."""
        message.stop()
        if message.python == self.form().python:
            field = self.query_one("#field-python", Field)
            field.hint, field.problem = message.hint, message.problem

    # Starting

    def _problems(self, form: Form) -> dict[str, str]:
        return launch_form.problems(form)

    def _launched(self, form: Form) -> RunDir:
        from ...engine.launch import launch

        return launch(self.app.root, launch_form.request_of(form))  # type: ignore[attr-defined]

    def _blamed(self, error: TrainvisError) -> dict[str, str]:
        return _at_field(str(error))

    def _remember(self, form: Form) -> None:
        launch_form.remember(self._settings.remembered, form)

    def _started(self, run: RunDir) -> None:
        app: Any = self.app
        self._say(f"{run.id} was started")
        self.dismiss()
        app.look_now()
        app.open_run(run.path, "output")


def _at_field(sentence: str) -> dict[str, str]:
    """The field an error of the engine belongs to, where its first words tell."""
    for start, field in (("the script", "script"), ("there is no script", "script"), ("there is no interp", "python")):
        if sentence.startswith(start):
            return {field: sentence}
    return {}


def known_of(found: Interpreter, callbacks: str) -> str:
    """What an interpreter is, in a line: version, frameworks, and `callbacks` or why there are none."""
    frameworks = " · ".join(f"{name} {version}" for name, version in found.frameworks.items())
    callbacks = callbacks if found.callbacks else found.problem
    return " · ".join(part for part in (f"Python {found.version}", frameworks, callbacks) if part)
