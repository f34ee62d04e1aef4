"""Look inside a saved network: which one, with which techniques and images; a run of its own makes the pictures."""

from __future__ import annotations

import asyncio
import os
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import BindingType
from textual.widgets import Input

from ...engine.errors import TrainvisError
from ...engine.rundir import RunDir
from ...engine.text import printable
from .. import launch_form, look_form
from ..keys import bindings
from ..launch_form import FieldError
from ..look_form import LookForm
from ..widgets.field import Field
from .form import FormScreen

if TYPE_CHECKING:
    from ..app import TrainvisApp

# Field → its word, and what stands in it while it is empty.
FIELDS = {
    "network": ("Network", "a .keras or .h5 file, or keras:VGG16: ctrl+o chooses"),
    "techniques": ("Techniques", "saliency_maps grad_cam: ctrl+o shows all there are"),
    "images": ("Images", "pictures, folders of pictures, .npy: ctrl+o chooses"),
    "layer": ("Layer", "path, name or number, where a technique looks at one"),
    "units": ("Units", "conv_3:12 dense:4; or 12 4 of the layer"),
    "options": ("Options", "samples=20 noise=0.1, of the techniques"),
    "target": ("Class", "the one to explain, instead of the predicted one"),
    "records": ("Data set", "a folder of pictures, or of a folder a class"),
    "preprocess": ("Preprocess", "0..1, caffe, or: bgr mean 104,117,123"),
    "labels": ("Labels", "a text file with the name of a class in each line"),
    "python": ("Interpreter", "a python that has Keras, or its environment"),
}
_ENDINGS: dict[str, tuple[str, ...]] = {
    "network": look_form.NETWORKS, "images": look_form.IMAGES, "records": ("/",), "labels": (".txt",), "python": (),
}  # fmt: skip
_FILE = "another file"


class LookScreen(FormScreen):
    """The form; `run` is one whose networks are offered."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("look")]
    HEAD = ("LOOK", "inside a saved network")
    FIELDS = FIELDS
    ENDINGS = _ENDINGS

    def __init__(self, run: Path | None = None) -> None:
        super().__init__()
        self._run = run

    @property
    def _app(self) -> TrainvisApp:
        return self.app  # type: ignore[return-value]

    def on_mount(self) -> None:
        self._fill_first()

    @work(thread=True)
    def _fill_first(self) -> None:
        """The best network of the run, in the interpreter that trained it; the rest as it was started last."""
        found = look_form.choices(self._run)
        settings = self._app.settings
        python = RunDir(self._run).spec()[0].python if self._run is not None else settings.python
        form = look_form.first(settings.remembered, found[0][0] if found else "", python)
        if not form.python:
            form = LookForm(**{**asdict(form), "python": launch_form.found_interpreters()[0]})
        self.app.call_from_thread(self._fill, form, said=not found and self._run is not None)

    def _fill(self, form: LookForm, *, said: bool) -> None:
        for name, value in asdict(form).items():
            field = self.query_one(f"#{name}", Input)
            if not field.value:
                field.value = printable(value)
        if said:
            hint = "the run has saved no network: Callbacks().network_saver() does in a script"
            self.query_one("#field-network", Field).hint = hint

    def form(self) -> LookForm:
        """The fields as typed."""
        return LookForm(**self.typed())

    # Choosing

    @work
    async def action_browse(self) -> None:
        """Offer what there is for the field one is in."""
        name = self.focused.id if isinstance(self.focused, Input) else "network"
        match name:
            case "network":
                await self._choose_network()
            case "techniques":
                await self._choose_techniques()
            case "images" | "records" | "labels":
                await self._choose_files(name)
            case "python":
                await self._choose_python()
            case "options":
                await self._choose_option()
            case _:
                self._say("there is nothing to choose from here: it is typed")

    async def _choose_network(self) -> None:
        from .dialogs import Choose

        found = await asyncio.to_thread(look_form.choices, self._run)
        chosen: str | None = _FILE
        if found:
            chosen = await self.app.push_screen_wait(Choose("Which network?", [*found, (_FILE, f"{_FILE} …")]))
        if chosen == _FILE:
            await self._choose_files("network")
        elif chosen is not None:
            self._put("network", chosen)

    async def _choose_techniques(self) -> None:
        from .choose_techniques import ChooseTechniques

        now = self.query_one("#techniques", Input).value.replace(",", " ").split()
        chosen = await self.app.push_screen_wait(ChooseTechniques(now))
        if chosen is not None:
            self._put("techniques", " ".join(chosen))

    async def _choose_files(self, name: str) -> None:
        from .choose_file import ChooseFile

        word, folders = FIELDS[name][0].lower(), name in ("images", "records")
        title = f"Which {word}?" + (" The space bar marks folders too" if folders else "")
        endings = () if name == "records" else _ENDINGS[name]
        dialog = ChooseFile(title, self._folder(name), endings, many=name != "labels", folders=folders)
        chosen = await self.app.push_screen_wait(dialog)
        if chosen is None:
            return
        before = self.query_one("#images", Input).value.strip() if name == "images" else ""
        several = shlex.join(map(str, chosen)) if name in ("images", "network") else str(chosen[0])
        self._put(name, f"{before} {several}".strip())

    def _folder(self, name: str) -> Path:
        """Where to begin: beside what stands in the field, else in the run, else here."""
        words = self.query_one(f"#{name}", Input).value.split()
        word = os.path.expanduser(words[-1].strip("'\"")) if words else "x"  # noqa: PTH111 (`~nobody` stays, Path raises)
        path = Path(word).absolute()
        return next((parent for parent in (path, *path.parents) if parent.is_dir()), Path.cwd())

    async def _choose_option(self) -> None:
        from ...vis import names
        from .dialogs import Choose

        try:
            named = [names.parse(each) for each in self.query_one("#techniques", Input).value.split()]
        except TrainvisError as error:
            self.query_one("#field-techniques", Field).problem = str(error)
            return
        options = {option.name: option for each in named for option in each.entry.options}
        if not options:
            self._say("these techniques have no options")
            return
        labels = [(name, f"{name}: {option.sentence}") for name, option in options.items()]
        chosen = await self.app.push_screen_wait(Choose("Which option?", labels))
        if chosen is not None:
            self._put("options", f"{self.query_one('#options', Input).value} {chosen}=".strip())

    async def _choose_python(self) -> None:
        from .dialogs import Choose

        found = await asyncio.to_thread(launch_form.found_interpreters)
        chosen = await self.app.push_screen_wait(Choose("Which interpreter?", [(path, path) for path in found]))
        if chosen is not None:
            self._put("python", chosen)

    # Starting

    def _problems(self, form: LookForm) -> dict[str, str]:
        return look_form.problems(form)

    def _launched(self, form: LookForm) -> RunDir:
        from ...engine.launch import launch

        return launch(self._app.root, look_form.request_of(form))

    def _blamed(self, error: TrainvisError) -> dict[str, str]:
        return {error.field: str(error)} if isinstance(error, FieldError) else {}

    def _remember(self, form: LookForm) -> None:
        look_form.remember(self._app.settings.remembered, form)

    def _started(self, run: RunDir) -> None:
        self._say(f"{run.id} makes the pictures; 2 shows what it prints")
        self.dismiss()
        self._app.look_now()
        self._app.open_run(run.path, "pictures")
