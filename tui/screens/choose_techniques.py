"""The techniques to choose from: each with what one sees, what it needs, its options and its paper beside the list."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ...vis.catalogue import GROUPS, TECHNIQUES, Technique
from ..keys import bindings
from ..widgets.options import Options
from .choose_file import Filter

_NEEDS = {
    "image": "an image", "set": "a data set", "labels": "a data set with labels",
    "data": "inputs with their labels, as only a training has", "history": "several networks of one training",
}  # fmt: skip


class ChooseTechniques(ModalScreen["tuple[str, ...] | None"]):
    """Names of techniques; None on escape. `chosen` before: several are marked, of one the cursor stands on it."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-wide")]  # noqa: RUF012 (typed by Textual)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("files")]

    def __init__(self, chosen: Collection[str] = ()) -> None:
        super().__init__(classes="dialog")
        self._before = [name for name in chosen if name in TECHNIQUES]
        self.marked: dict[str, None] = dict.fromkeys(self._before if len(self._before) > 1 else ())
        self.shown: list[Technique] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog-box files-box"):
            yield Static("Which techniques?", classes="dialog-title")
            yield Filter(placeholder="type a part of a name, a sentence, a paper", compact=True)
            with Horizontal():
                yield Options(compact=True)
                with VerticalScroll(id="technique-about", can_focus=False):
                    yield Static(id="technique-words", markup=False)
            yield Static(id="files-keys", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(Options).can_focus = False
        self.query_one(Input).focus()
        self._narrow()
        self._say_keys()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._narrow()

    def _narrow(self) -> None:
        typed = self.query_one(Input).value.strip().casefold()
        self.shown = [each for group in GROUPS for each in TECHNIQUES.values() if each.group == group]
        self.shown = [each for each in self.shown if not each.wraps and typed in searched(each)]
        self._draw(next((at for at, each in enumerate(self.shown) if each.name in self._before and not typed), 0))

    def _draw(self, at: int | None = None) -> None:
        choices = self.query_one(Options)
        kept = choices.highlighted if at is None else at
        choices.clear_options()
        choices.add_options(
            [Option(Content(f"{'●' if each.name in self.marked else ' '} {each.name}")) for each in self.shown]
        )
        choices.highlighted = min(kept or 0, len(self.shown) - 1) if self.shown else None
        self._tell()

    @property
    def under(self) -> Technique | None:
        """The technique under the cursor."""
        at = self.query_one(Options).highlighted
        return self.shown[at] if at is not None and at < len(self.shown) else None

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._tell()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_choose()

    def _tell(self) -> None:
        found = self.under
        words = self.query_one("#technique-words", Static)
        words.update(Content("\n").join(told(found)) if found is not None else "none is called so")
        self.query_one("#technique-about").scroll_home(animate=False)

    # Keys

    def action_move(self, rows: int) -> None:
        choices = self.query_one(Options)
        if self.shown:
            choices.highlighted = min(max((choices.highlighted or 0) + rows, 0), len(self.shown) - 1)

    def action_page(self, pages: int) -> None:
        self.query_one("#technique-about").scroll_relative(y=pages * 5, animate=False)

    def action_mark(self) -> None:
        found = self.under
        if found is None:
            return
        if found.name in self.marked:
            del self.marked[found.name]
        else:
            self.marked[found.name] = None
        self._draw()
        self._say_keys()
        self.action_move(1)

    def action_choose(self) -> None:
        found = self.under
        chosen = tuple(self.marked) or ((found.name,) if found is not None else ())
        if chosen and self.is_active:
            self.dismiss(chosen)

    def action_take(self) -> None:
        self.action_choose()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 (Textual's signature)
        """There are no folders here."""
        return action not in ("up", "into", "mark_all")

    def action_leave(self) -> None:
        if self.query_one(Input).value:
            self.query_one(Input).value = ""
        else:
            self.dismiss(None)

    def _say_keys(self) -> None:
        first = f"enter take the {len(self.marked)} marked" if self.marked else "enter choose"
        words = f"{first} · space mark · PgUp PgDn read on · esc leave"
        self.query_one("#files-keys", Static).update(words)


def searched(technique: Technique) -> str:
    """What typing finds it by."""
    paper = f" {technique.paper.authors} {technique.paper.title}" if technique.paper else ""
    return f"{technique.name} {technique.title} {technique.sentence}{paper}".casefold()


def told(technique: Technique) -> Iterator[Content]:
    """All that the catalogue says of it, line by line."""
    yield Content.styled(technique.title, "bold")
    yield Content(f"{GROUPS[technique.group]}{' · takes its time' if technique.cost == 'dear' else ''}")
    yield Content("")
    yield Content(technique.sentence)
    if technique.needs:
        yield Content(f"It needs {' and '.join(_NEEDS[need] for need in sorted(technique.needs))}.")
    if technique.caveat:
        yield Content("")
        yield Content.styled(technique.caveat, "$warning")
    if technique.options:
        yield Content("")
        yield Content.styled("Options", "bold")
    for option in technique.options:
        value = option.default
        said = ",".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)
        kinds = f" ({', '.join(option.choices)})" if option.choices else ""
        yield Content.assemble((f"{option.name}={said}", "$accent"), f"  {option.sentence}{kinds}")
    if technique.paper:
        yield Content("")
        yield Content.styled(str(technique.paper), "$text-muted")
