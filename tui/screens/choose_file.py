"""A small file chooser: one folder at a time, folders first."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ...engine.text import printable
from ..widgets.options import Options

MOST = 2_000  # entries of one folder that are offered


class ChooseFile(ModalScreen["Path | None"]):
    """A file below or above `folder` whose name has one of `endings` (any where there are none); None on escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "cancel"),
        Binding("backspace,left,h", "up", "folder above"),
        Binding("j", "step(1)", show=False),
        Binding("k", "step(-1)", show=False),
        Binding("right,l", "choose", show=False),
    ]

    folder: reactive[Path] = reactive(Path, init=False)

    def __init__(self, title: str, folder: Path, endings: tuple[str, ...] = ()) -> None:
        super().__init__(classes="dialog")
        self._title, self._endings = title, endings
        self._names: list[str] = []
        self.set_reactive(ChooseFile.folder, folder)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog-box"):
            yield Static(Content(printable(self._title)), classes="dialog-title")
            yield Static(id="folder", markup=False)
            yield Options(compact=True)
            yield Static(Content("enter choose · ← folder above · esc leave"), classes="dialog-keys")

    def on_mount(self) -> None:
        self._read(self.folder)

    def watch_folder(self, folder: Path) -> None:
        self._read(folder)

    @work(thread=True, exclusive=True)
    def _read(self, folder: Path) -> None:
        names, problem = listing(folder, self._endings)
        self.app.call_from_thread(self._show, folder, names, problem)

    def _show(self, folder: Path, names: list[str], problem: str) -> None:
        self._names = names
        self.query_one("#folder", Static).update(printable(folder) + (f": {problem}" if problem else ""))
        choices = self.query_one(Options)
        choices.clear_options()
        choices.add_options([Option(Content(printable(name))) for name in names])
        choices.highlighted = min(1, len(names) - 1)
        choices.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        name = self._names[event.option_index]
        if name == "../":
            self.action_up()
        elif name.endswith("/"):
            self.folder = self.folder / name[:-1]
        elif self.is_active:  # of two enters in one packet the second would close the screen below
            self.dismiss(self.folder / name)

    def action_choose(self) -> None:
        self.query_one(Options).action_select()

    def action_step(self, rows: int) -> None:
        choices = self.query_one(Options)
        if rows > 0:
            choices.action_cursor_down()
        else:
            choices.action_cursor_up()

    def action_up(self) -> None:
        self.folder = self.folder.parent

    def action_leave(self) -> None:
        self.dismiss(None)


def listing(folder: Path, endings: tuple[str, ...]) -> tuple[list[str], str]:
    """`../`, folders with a slash behind, files with one of `endings`; and why there may be nothing."""
    try:
        with os.scandir(folder) as entries:
            seen = [(entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        return ["../"], f"it cannot be read: {error.strerror}"
    folders = sorted(f"{name}/" for name, is_folder in seen if is_folder)
    files = sorted(name for name, is_folder in seen if not is_folder)
    if endings:
        files = [name for name in files if name.lower().endswith(endings)]
    names = [*folders, *files]
    problem = f"the first {MOST:,} of {len(names):,} entries" if len(names) > MOST else ""
    return ["../", *names[:MOST]], problem
