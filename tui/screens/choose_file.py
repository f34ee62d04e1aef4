"""A file chooser: one folder at a time with sizes and ages, narrowed by typing, with a preview of what is under it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ...engine.text import printable
from ..drawing.cells import age, fit, size
from ..keys import bindings
from ..widgets.file_preview import FilePreview
from ..widgets.options import Options

MOST = 2_000  # entries of one folder that are offered
UP = "../"


@dataclass(frozen=True, slots=True)
class Found:
    """An entry of a folder: its name, a folder's with a slash behind; bytes and Unix time where they are known."""

    name: str
    size: int | None = None
    time: float | None = None

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


class Filter(Input):
    """A line to narrow by; it leaves the space bar to the screen, which marks with it."""

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        return key != "space" and super().check_consume_key(key, character)


class ChooseFile(ModalScreen["tuple[Path, ...] | None"]):
    """Files below or above `folder` whose names have one of `endings` (any where there are none); None on escape.

    `many`: several can be marked, folders too with `folders`.
    """

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-wide")]  # noqa: RUF012 (typed by Textual)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("files")]

    folder: reactive[Path] = reactive(Path, init=False)

    def __init__(
        self,
        title: str,
        folder: Path,
        endings: tuple[str, ...] = (),
        *,
        many: bool = False,
        folders: bool = False,
    ) -> None:
        super().__init__(classes="dialog")
        self._title, self._endings, self._many, self._folders = title, endings, many, folders
        self._all: list[Found] = []
        self._problem = ""
        self._begin = ""  # the folder that was left: the cursor stands on it
        self.shown: list[Found] = []
        self.marked: dict[Path, None] = {}
        self.set_reactive(ChooseFile.folder, folder)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog-box files-box"):
            yield Static(Content(printable(self._title)), classes="dialog-title")
            yield Static(id="folder", markup=False)
            yield Filter(placeholder="type a part of a name, or a path", compact=True, id="files-filter")
            with Horizontal():
                yield Options(compact=True)
                yield FilePreview()
            yield Static(id="files-keys", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(Options).can_focus = False
        self.query_one(Input).focus()
        self._read(self.folder)
        self._say_keys()

    def watch_folder(self, folder: Path) -> None:
        self.query_one(Input).value = ""
        self._read(folder)

    @work(thread=True, exclusive=True, group="folder")
    def _read(self, folder: Path) -> None:
        found, problem = listing(folder, self._endings)
        self.app.call_from_thread(self._show, folder, found, problem)

    def _show(self, folder: Path, found: list[Found], problem: str) -> None:
        if folder == self.folder:
            self._all, self._problem = found, problem
            self._narrow()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if not self._follow(event.value):
            self._narrow()

    def _follow(self, typed: str) -> bool:
        """Go where a path leads as it is typed or pasted, with what stands behind its last slash still to be found."""
        above, slash, name = typed.strip().rpartition("/")
        folder = self.folder / _home(above + slash)
        if not slash or not _is_folder(folder):
            return False
        self._begin = ""
        self.folder = Path(os.path.normpath(folder))
        self.query_one(Input).value = name
        return True

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def _narrow(self) -> None:
        """Show what has the typed text in its name; the folder above as long as nothing is typed."""
        typed = self.query_one(Input).value.strip().casefold()
        self.shown = [each for each in self._all if typed in each.name.casefold() and not (typed and each.name == UP)]
        problem = self._problem or ("" if self.shown else "nothing here is called so")
        self.query_one("#folder", Static).update(printable(self.folder) + (f": {problem}" if problem else ""))
        begin = next((at for at, each in enumerate(self.shown) if each.name == self._begin), None)
        self._draw(begin if begin is not None else 0 if typed else 1)

    def _draw(self, at: int | None = None) -> None:
        choices = self.query_one(Options)
        kept = choices.highlighted if at is None else at
        choices.clear_options()
        room = choices.scrollable_content_region.width or choices.size.width
        now = time.time()
        choices.add_options([Option(Content(self._line(each, room, now))) for each in self.shown])
        choices.highlighted = min(kept or 0, len(self.shown) - 1) if self.shown else None
        if not self.shown:
            self.query_one(FilePreview).show(None)

    def _line(self, found: Found, room: int, now: float) -> str:
        mark = ("● " if self._path(found) in self.marked else "  ") if self._many else ""
        facts = ""
        if found.time is not None and room >= 30:
            facts = f" {'' if found.is_folder else size(found.size):>5} {age(now - found.time):>4}"
        return mark + fit(printable(found.name), max(room - len(mark) - len(facts) - 1, 8)) + facts

    def _path(self, found: Found) -> Path:
        return self.folder / found.name.rstrip("/")

    @property
    def under(self) -> Found | None:
        """The entry under the cursor."""
        at = self.query_one(Options).highlighted
        return self.shown[at] if at is not None and at < len(self.shown) else None

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        found = self.under
        self.query_one(FilePreview).show(None if found is None or found.is_folder else self._path(found))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_choose()

    # Keys

    def action_move(self, rows: int) -> None:
        choices = self.query_one(Options)
        if self.shown:
            choices.highlighted = min(max((choices.highlighted or 0) + rows, 0), len(self.shown) - 1)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(self.query_one(Options).size.height - 1, 1))

    def action_choose(self) -> None:
        """Enter a folder, or take what is marked, or the file under the cursor."""
        found = self.under
        if found is None:
            return
        if found.name == UP:
            self.action_up()
        elif found.is_folder:
            self._enter(self.folder / found.name[:-1])
        elif self.is_active:  # of two enters in one packet the second would close the screen below
            self.dismiss(tuple(self.marked) or (self._path(found),))

    def action_take(self) -> None:
        """Take what is marked, wherever the cursor is."""
        if self.marked and self.is_active:
            self.dismiss(tuple(self.marked))

    def action_into(self) -> None:
        found = self.under
        if found is not None and found.is_folder and found.name != UP:
            self._enter(self.folder / found.name[:-1])

    def action_up(self) -> None:
        self._begin = f"{self.folder.name}/"
        self.folder = self.folder.parent

    def _enter(self, folder: Path) -> None:
        self._begin = ""
        self.folder = folder

    def action_mark(self) -> None:
        """Mark the file under the cursor, or take its mark away, and go on to the next."""
        found = self.under
        if found is None or found.name == UP or (found.is_folder and not self._folders):
            return
        path = self._path(found)
        if path in self.marked:
            del self.marked[path]
        else:
            self.marked[path] = None
        self._redraw_marks()
        self.action_move(1)

    def action_mark_all(self) -> None:
        """Mark all files that are shown; where all are, none."""
        files = [self._path(each) for each in self.shown if not each.is_folder]
        if all(path in self.marked for path in files):
            self.marked = {path: None for path in self.marked if path not in files}
        else:
            self.marked |= dict.fromkeys(files)
        self._redraw_marks()

    def _redraw_marks(self) -> None:
        self._draw()
        self._say_keys()

    def _say_keys(self) -> None:
        words = ["enter choose", "← above", "→ into", "esc leave"]
        if self._many:
            words[0] = f"enter take the {len(self.marked)} marked" if self.marked else "enter choose"
            words[1:1] = ["space mark", "ctrl+a all"]
        self.query_one("#files-keys", Static).update(" · ".join(words))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 (Textual's signature)
        """While a name is typed, backspace and the arrows belong to it; space marks only where several are wanted."""
        if action in ("up", "into") and self.is_mounted:
            return not self.query_one(Input).value
        if action in ("mark", "mark_all"):
            return self._many
        return True

    def action_leave(self) -> None:
        """Forget what was typed, then leave."""
        if self.query_one(Input).value:
            self.query_one(Input).value = ""
        else:
            self.dismiss(None)


def _home(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:  # ~ of nobody
        return Path(path)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def listing(folder: Path, endings: tuple[str, ...]) -> tuple[list[Found], str]:
    """The folder above, folders, files with one of `endings`, each by name; and why there may be nothing."""
    try:
        with os.scandir(folder) as entries:
            found = [_found(entry) for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        return [Found(UP)], f"it cannot be read: {error.strerror}"
    kept = [each for each in found if each.is_folder or not endings or each.name.lower().endswith(endings)]
    kept.sort(key=lambda each: (not each.is_folder, each.name.casefold(), each.name))
    problem = f"the first {MOST:,} of {len(kept):,} entries" if len(kept) > MOST else ""
    return [Found(UP), *kept[:MOST]], problem


def _found(entry: os.DirEntry[str]) -> Found:
    try:
        name = entry.name + ("/" if entry.is_dir() else "")
        facts = entry.stat()
    except OSError:  # gone meanwhile, or a link to nothing
        return Found(entry.name)
    return Found(name, facts.st_size, facts.st_mtime)
