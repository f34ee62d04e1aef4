"""The application: it holds the latest snapshot, hands it to the screens, and carries out what they ask for."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import work
from textual.app import App
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.reactive import reactive
from textual.screen import Screen

from ..engine.places import state_folder
from ..engine.runs import Row, Snapshot
from ..engine.status import Running, Waiting, word
from ..engine.text import printable
from . import compat, themes
from .deeds import VERBS, Deed, Outcome, perform, title, undo
from .flow import Flow
from .keys import bindings
from .live import Live, Look, Looked
from .safety import ControlsShown
from .settings import Settings
from .showing import Showing
from .terminal import Terminal, utf8

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.driver import Driver
    from textual.events import Resize

BUSY_RETRY = 0.05  # seconds until a snapshot that waits for a slow terminal is offered again


def _palette() -> type[Provider]:
    from .palette import Commands

    return Commands


class TrainvisApp(compat.KeysInOrder, compat.HiddenScreens, compat.PlainEnd, App[None]):
    """`look` replaces the thread that follows the runs folder: it is called once at the start and at `look_now`.

    `kept` is the snapshot of the index, shown in the first frame; `clock` gives Unix time; `images` is how pictures are
    to be shown, a word of `pixels.modes`.
    """

    CSS_PATH = Path(__file__).with_name("app.tcss")  # absolute: tests make children of this class elsewhere
    TITLE = "trainvis"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("everywhere")]
    COMMANDS: ClassVar = {_palette}

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)

    def __init__(
        self,
        root: Path,
        settings: Settings,
        terminal: Terminal,
        clock: Callable[[], float] = time.time,
        look: Look | None = None,
        kept: Snapshot | None = None,
        filter: str = "",  # noqa: A002 (the word of the command line)
        open_run: str = "",
        images: str = "auto",
        open_file: str = "",
    ) -> None:
        super().__init__()
        self.root = root
        self.settings = settings
        self.terminal = terminal
        self.clock = clock
        self.animation_level = "none"  # over a line each step of an animation is a frame to wait for
        self._look = look
        self._filter = filter
        self._open_first, self._open_file = open_run, open_file
        self._held: Snapshot | None = None
        self._warning = ""
        self._ended: Path | None = None
        self._controls = ControlsShown()
        self.flow = Flow(partial(compat.write, self), time.monotonic)
        self.pictures = Showing(terminal, images, self.flow.line, unicode=utf8())
        self._live = Live(root, self.post_message, kept)
        self.set_reactive(TrainvisApp.snapshot, kept)
        for theme in themes.OWN:
            self.register_theme(theme)
        self.theme = self._first_theme()
        self.set_keymap(dict(settings.keys))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, then the one that lets no control sequence through."""
        return [*super().get_line_filters(), self._controls]

    def get_driver_class(self) -> type[Driver]:
        return compat.thrifty_driver(super().get_driver_class())

    def home(self) -> Screen[None]:
        """The first screen."""
        from .screens.runs import RunsScreen

        return RunsScreen(self._filter)

    def get_default_screen(self) -> Screen[None]:
        screen = self.home()
        self._hand_over(screen)
        return screen

    # The world comes in

    def on_ready(self) -> None:
        gc.freeze()  # what the start made stays; collections need not look at it again
        gc.enable()
        if self._look is None:
            self._live.start()
        else:
            self.look_now()
        if self._open_first:
            self.open_run(Path(self._open_first))
        if self._open_file:
            self.open_blob(Path(self._open_file))
        for problem in self.settings.problems:
            self.say(problem, "warning")

    def on_unmount(self) -> None:
        if self._look is None:
            self._live.stop()

    def look_now(self) -> None:
        """Look at the runs folder without waiting for a change."""
        if self._look is None:
            self._live.look_now()
        else:
            self.post_message(Looked(self._look(self.root, self.snapshot)))

    def on_looked(self, message: Looked) -> None:
        """Show what was found, unless the terminal still swallows the last frame: then the newest waits."""
        if message.warning not in ("", self._warning):
            self._warning = message.warning
            self.say(message.warning, "warning")
        waiting, self._held = self._held, message.snapshot
        if waiting is None:
            self._show_held()

    def _show_held(self) -> None:
        if self._held is None:
            return
        if compat.busy(self):
            self.set_timer(BUSY_RETRY, self._show_held)
            return
        found, self._held = self._held, None
        before, self.snapshot = self.snapshot, found
        self._announce(before, found)

    def watch_snapshot(self) -> None:
        for screen in self.screen_stack:
            self._hand_over(screen)

    def _hand_over(self, screen: Screen[Any]) -> None:
        kind: Any = type(screen)
        if self.snapshot is None or not hasattr(kind, "snapshot"):
            return
        if screen.is_mounted:
            screen.snapshot = self.snapshot  # type: ignore[attr-defined]
        else:
            # Its watcher may only run once its widgets are there: that is the first thing in its queue.
            screen.set_reactive(kind.snapshot, self.snapshot)
            screen.call_later(screen.mutate_reactive, kind.snapshot)

    def post_display_hook(self) -> None:
        """Called by Textual after each frame."""
        if not (self.is_headless or self.terminal.silent):
            self.flow.drawn()

    def on_cursor_position(self) -> None:
        """The terminal's answer to the question of `flow`."""
        self.flow.answered()
        self.pictures.free(self)
        said = self.pictures.heed()
        if said:
            self.say(said)
            self.redraw_pictures()

    def choose_images(self, wanted: str) -> None:
        """Have pictures shown in another way until the application is closed."""
        self.pictures.choose(wanted)
        self.redraw_pictures()
        self.say(f"pictures: {self.pictures.mode.name} ({self.pictures.mode.why})")

    def exit(self, *given: Any, **named: Any) -> None:
        """Leave; pictures that the terminal keeps are forgotten while it still listens to them."""
        self.pictures.over = True
        for screen in self.screen_stack:
            for view in screen.query("PictureView"):
                view.forget()  # type: ignore[attr-defined]
        super().exit(*given, **named)

    def on_resize(self, event: Resize) -> None:
        """Draw all of it where the screen is laid out for this size already: the terminal has been another one
        meanwhile, unheard or heard too late to be laid out, and a terminal that shrinks loses what it showed.
        """
        if self.screen_stack and event.size == self.screen.outer_size:
            self.refresh()

    def on_app_focus(self) -> None:
        """A person has come back: what was sent to a window of tmux that nobody saw may have been lost."""
        if self.pictures.mode.tmux:
            for view in self.screen.query("PictureView"):
                view.send_again()  # type: ignore[attr-defined]

    def redraw_pictures(self) -> None:
        """Draw all pictures again, as the way they are shown may have changed."""
        for screen in self.screen_stack:
            for view in screen.query("PictureView"):  # by name: what draws pictures is loaded when one is shown
                view.redraw()  # type: ignore[attr-defined]

    def row(self, path: Path) -> Row | None:
        """The row of a run in the latest snapshot."""
        rows = self.snapshot.rows if self.snapshot else ()
        return next((row for row in rows if row.path == path), None)

    # The end of a run is announced

    def _announce(self, before: Snapshot | None, now: Snapshot) -> None:
        living = {row.id for row in now.rows if isinstance(row.status, Running)}
        for row in ended(before, now):
            good = word(row.status) == "done"
            if good and row.parent in living:
                continue  # a study trains hundreds: that it goes on as planned is no news, and would hide the table
            self._ended = row.path
            self.say(f"{row.title}: {word(row.status)} (F4 opens it)", "information" if good else "warning")
            if self.settings.bell:
                self.bell()

    def action_open_ended(self) -> None:
        if self._ended is None:
            self.say("no run has ended since the application was opened")
        else:
            self.open_run(self._ended)

    # Where one can go

    def open_run(self, path: Path, pane: str = "overview") -> None:
        """Show one run."""
        from .screens.run import RunScreen

        self.show(RunScreen(path, pane))

    def open_blob(self, path: Path) -> None:
        """Show a data set, or whatever else lies in a file."""
        from .screens.blob import BlobScreen

        self.show(BlobScreen(path))

    def open_curves(self, paths: Sequence[Path]) -> None:
        """Show the curves of several runs on the same charts."""
        from .screens.curves import CurvesScreen

        self.show(CurvesScreen(tuple(paths)))

    def open_units(self, path: Path, layer: str = "", unit: int = 0) -> None:
        """Show one unit of a network after the other, from the figures of a run."""
        from .screens.units import UnitsScreen

        self.show(UnitsScreen(path, layer, unit))

    def open_side_by_side(
        self, paths: Sequence[Path], name: str = "", part: str = "", item: int = 0, step: int | None = None
    ) -> None:
        """Show an item of a part of the figures `name` side by side with itself at other steps, or in these runs."""
        from .screens.side_by_side import SideBySideScreen

        self.show(SideBySideScreen(tuple(paths), name, part, item, step))

    def open_launch(self, like: Path | None = None) -> None:
        """Ask for a script to start; `like` is a run whose settings are taken over."""
        from .screens.launch import LaunchScreen

        self.show(LaunchScreen(like))

    def open_look(self, run: Path | None = None) -> None:
        """Ask what to look at in a saved network, one of `run` to begin with."""
        from .screens.look import LookScreen

        self.show(LookScreen(run))

    def show(self, screen: Screen[Any]) -> None:
        """Put a screen on top; it has the latest snapshot before it is mounted."""
        self._hand_over(screen)
        self.push_screen(screen)

    # What is done to runs

    @work
    async def on_deed(self, deed: Deed) -> None:
        """Ask what has to be asked, do it in a thread, end in a word."""
        verb = VERBS[deed.verb]
        value = deed.value
        if not deed.paths:
            self.say("no run is under the cursor")
            return
        question = verb.question(len(deed.paths))
        if question and not await self._confirmed(question, deed):
            return
        if verb.asks and value is None:
            value = await self._asked(verb.asks, deed)
            if value is None:
                return
        self._report(await asyncio.to_thread(perform, deed.verb, deed.paths, self.root, value or ""))

    @work
    async def undo(self) -> None:
        """Take the last delete back."""
        self._report(await asyncio.to_thread(undo, self.root))

    async def _confirmed(self, question: str, deed: Deed) -> bool:
        from .screens.dialogs import Confirm

        return await self.push_screen_wait(Confirm(question.format(what=what(deed.paths))))

    async def _asked(self, field: str, deed: Deed) -> str | None:
        from .questions import ask_for

        return await ask_for(self, field, deed.paths)

    def _report(self, outcome: Outcome) -> None:
        shown = outcome.words[:3]
        more = len(outcome.words) - len(shown)
        text = "\n".join(shown) + (f"\nand {more} more" if more else "")
        self.say(text, "information" if outcome.well else "error")
        self.look_now()

    def say(self, text: str, severity: str = "information") -> None:
        """A word at the edge of the screen; harmless whatever it holds."""
        lines = "\n".join(printable(line, 400) for line in text.splitlines())
        self.notify(lines, severity=severity, markup=False)  # type: ignore[arg-type]

    def last_words(self, error: BaseException | None) -> str:
        """The sentence after an error of our own; the traceback goes into a file, without the values of variables."""
        file = state_folder() / "crash.log"
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(compat.crash_text(error))
            where = f"what is needed to mend it is in {file}"
        except OSError:
            where = f"{type(error).__name__}: {printable(error, 200)}"
        return f"trainvis-tui came upon an error of its own and had to close; runs go on. Please report it: {where}"

    # Help, palette, themes

    def action_help(self) -> None:
        from .screens.help import HelpScreen, places

        if isinstance(self.screen, HelpScreen):
            return
        active = {bound.binding.id for bound in self.screen.active_bindings.values() if bound.binding.id}
        asked = [self.focused, *self.focused.ancestors] if self.focused is not None else [self.screen]
        about = next((node.about() for node in asked if hasattr(node, "about")), None)  # type: ignore[union-attr]
        self.push_screen(HelpScreen(places(active), self.settings.keys, about))

    def action_command_palette(self) -> None:
        from .palette import Palette

        if not Palette.is_open(cast("App[Any]", self)):
            self.push_screen(Palette())  # no id: the one just closed may not be gone yet

    def action_save_screen(self) -> None:
        from .saving import save_screen

        save_screen(self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where one types, ctrl+w takes the last word away as everywhere in a terminal."""
        types = self.focused is not None and self.focused.check_consume_key("a", "a")
        return not types if action == "save_screen" else super().check_action(action, parameters)

    def action_next_theme(self) -> None:
        self.choose_theme(themes.following(self.theme))
        self.say(f"theme {self.theme}")

    def choose_theme(self, name: str) -> None:
        """Change the theme and remember it."""
        self.theme = name
        self.settings.remembered.put("theme", name)

    def _first_theme(self) -> str:
        wished = (self.settings.remembered.get("theme"), self.settings.theme)
        return next((name for name in wished if name in self.available_themes), themes.DARK.name)


def what(paths: Sequence[Path]) -> str:
    """The runs of a question: the title of one, the number of several."""
    from ..engine.rundir import RunDir

    return title(RunDir(paths[0])) if len(paths) == 1 else f"{len(paths)} runs"


def ended(before: Snapshot | None, now: Snapshot) -> list[Row]:
    """The runs that lived or waited in `before` and do neither in `now`."""
    if before is None:
        return []
    lived = {row.path for row in before.rows if isinstance(row.status, Running | Waiting)}
    return [row for row in now.rows if row.path in lived and not isinstance(row.status, Running | Waiting)]
