"""`trainvis pictures`: the figures of a run printed to the terminal, without the application."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import click

from . import exits, options, words
from .figure_options import Step, figure_options, run_of

if TYPE_CHECKING:
    from ...engine.rundir import RunDir
    from ...vis.results import Results
    from ..figures.sheet import Sheet
    from ..pictures_out.choice import Choice, Found
    from ..pictures_out.layout import Way
    from ..pixels.tone import Tone

_EPILOG = """\b
Examples
  trainvis pictures last                    the first part of every technique
  trainvis pictures last --list             what there is: parts and steps
  trainvis pictures last -t saliency_maps
  trainvis pictures last -t layer_activations --layer conv_1 --step first
  trainvis pictures last -t layer_activations --layer conv_1 --map 12
  trainvis pictures last -t layer_activations --layer conv_1 --first 65
  trainvis pictures last -t confusion_matrix --step 360
  trainvis pictures last --images half | less -R
  trainvis pictures last -t saliency_maps > words.txt

\b
A picture is drawn as the terminal can, with blocks where it knows no pixels.
Into a file or a pipe the same is said in words and numbers. `trainvis export
RUN --pictures FOLDER` writes pictures into files."""

MOST = 64  # maps, or rows of a table, that are printed unasked


@click.command(epilog=_EPILOG)
@options.run_argument(default="last")
@figure_options
@click.option("--step", type=Step("latest", "first"), default="latest", metavar="N", help="A step, latest or first.")
@click.option(
    "--images",
    type=click.Choice(("auto", "kitty", "sixel", "iterm", "quadrant", "half", "ascii", "off")),
    default="auto",
    help="How pictures are drawn; off says them in words.",
)
@click.option("--width", type=click.IntRange(10, 1000), metavar="CELLS", help="Instead of the terminal's width.")
@click.option(
    "--first", type=click.IntRange(min=1), default=1, metavar="N", help="Begin with the Nth map, or the Nth row."
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=MOST,
    show_default=True,
    metavar="N",
    help="As many maps of a part, or rows of a table, at most.",
)
@click.option("--all", "every", is_flag=True, help="All maps and rows.")
@click.option("--list", "lists", is_flag=True, help="List techniques, parts and steps, and end.")
@options.json_option
@options.runs_option
def pictures(
    name: str,
    techniques: tuple[str, ...],
    parts: tuple[str, ...],
    number: int | None,
    colors: str,
    per: Literal["map", "layer"],
    clip: float,
    step: str,
    images: str,
    width: int | None,
    first: int,
    limit: int,
    every: bool,
    lists: bool,
    as_json: bool,
) -> None:
    """Print the figures of RUN, in pictures and in words.

    Without --technique it shows the first part of every technique, with one all parts of it.
    """
    from ...vis.results import Results
    from ..pictures_out.choice import Choice
    from ..pixels.tone import Tone

    run = run_of(name)
    choice = Choice(techniques, parts, step)
    if lists or as_json:
        _list(run, choice, as_json=as_json)
        return
    tone = Tone("" if colors == "auto" else colors, clip=clip, per=per)
    only = slice(first - 1, None if every else first - 1 + limit)
    printer = Printer(tone, way_of(images), width or words.width(), only)
    _print(Results(run), choice, number, printer)


def way_of(images: str) -> Way | None:
    """How pictures are drawn; None in words."""
    if images == "off" or (images == "auto" and not sys.stdout.isatty()):
        return None
    import os

    from .. import terminal
    from ..pictures_out.layout import Way
    from ..showing import Showing

    asked = sys.stdin.isatty() and sys.stderr.isatty() and sys.stdout.isatty()
    found = terminal.look() if asked else terminal.named(os.environ)
    showing = Showing(found, images, unicode=terminal.utf8())
    mode = showing.mode
    colors = "256" if images != "auto" and found.colors == "16" else mode.colors
    return Way(mode.name, colors, showing.cell, mode.tmux)


def _print(results: Results, choice: Choice, number: int | None, printer: Printer) -> None:
    from ...engine.errors import PictureError
    from ..pictures_out import choice as chosen

    found = [chosen.opened(results.run, entry) for entry in chosen.entries(results, choice)]
    problems = [each.problem for each in found if each.problem]
    wanted = chosen.parts_of(found, choice)
    if not choice.techniques and not choice.parts:
        firsts = {entry.name: (entry, ref) for entry, ref, _ in reversed(wanted)}
        shown = [firsts[each.entry.name] for each in found if each.entry.name in firsts]
    else:
        shown = [(entry, ref) for entry, ref, _ in wanted]
    last = ""
    for entry, ref in shown:
        try:
            sheet, items = chosen.read_whole(results, entry, ref, number)
        except PictureError as error:
            problems.append(str(error))
            continue
        if last != entry.name:
            printer.heading(sheet, first=not last)
        last = entry.name
        printer.part(sheet, items)
    more = len(wanted) - len(shown)
    if more > 0 and sys.stdout.isatty():
        words.hint(f"{more} more parts: --list names them, --technique NAME --layer PART shows one")
    if problems and not last:
        raise exits.Failure(problems[0])
    for problem in problems:
        words.hint(problem)


class Printer:
    """Prints figures in a way of `layout` (None: in words alone), `width` cells wide (None: as wide as they are).

    `only` says which maps or rows of each.
    """

    def __init__(self, tone: Tone, way: Way | None, width: int | None, only: slice) -> None:
        self._tone, self._way, self._width, self._only = tone, way, width, only

    def heading(self, sheet: Sheet, *, first: bool) -> None:
        """What was made, of what, and what the network said to it."""
        from ..pictures_out import words as said

        if not first:
            self._say("")
        self._say(said.title(sheet))
        for line in said.predictions(sheet):
            self._say(f"  {line}")
        for note in sheet.notes:
            self._say(f"  {note}")

    def part(self, sheet: Sheet, items: Sequence[int]) -> None:
        """One part: pictures where there are some, else lines of text."""
        from ..pictures_out import words as said

        self._say("")
        if sheet.facts is not None:
            self._say(said.part_words(sheet.facts, sheet.ask.part))
        count, what = said.rows(sheet)
        if items:
            count, what = len(items), "picture" if sheet.facts and sheet.facts.kind == "pictures" else "map"
        first, stop, _ = self._only.indices(count)
        if count and first >= stop:
            self._say(f"it has {count:,} {what}s, so none from {self._only.start + 1:,} on")
            return
        items = items[self._only]
        if items and self._way:
            self._draw(sheet, items)
        elif items and (sheet.facts is None or sheet.facts.kind == "maps"):
            from ..drawing import text_table

            for line in text_table.lines(said.numbers(sheet, items), self._width):
                self._say(line)
        else:
            shown = said.captions(sheet, items) if items else said.lines(sheet, self._width, self._only)
            for line in shown:
                if line:
                    self._say(line)
        if first or stop < count:
            one = ", --map N one" if items else ""
            more = f": --first {stop + 1} goes on, --limit N has more at once, --all all{one}" if stop < count else ""
            self._say(f"{what}s {first + 1:,} to {stop:,} of {count:,}{more}")

    def _draw(self, sheet: Sheet, items: Sequence[int]) -> None:
        from ..drawing.cells import number
        from ..pictures_out import layout
        from ..pictures_out import words as said

        drawn = layout.drawn(sheet, items, self._tone, self._width or 80, rows_of(), self._way or layout.Way())
        if drawn is None:
            return
        for line in drawn.lines:
            click.echo(line, color=True)
        for line in said.folded(said.captions(sheet, items), drawn.across):
            self._say(line)
        painting = drawn.painting
        if painting.map:
            low, high = painting.reach or (0.0, 0.0)
            reach = (
                f"from {number(low)} to {number(high)}" if painting.reach else "each map from its least to its greatest"
            )
            self._say(f"colours {painting.map}, {reach}")

    def _say(self, line: str) -> None:
        import textwrap

        # A table and a drawing are lines of their own; only sentences are longer than the terminal.
        room = words.width() if self._way else None
        if room and len(line) > room:
            for piece in textwrap.wrap(words.printable(line), room, subsequent_indent="  "):
                words.say(piece)
        else:
            words.say(line)


def rows_of() -> int:
    """Rows of the terminal that a figure takes at most."""
    import os

    try:
        return max(os.get_terminal_size(sys.stdout.fileno()).lines - 4, 8)
    except (OSError, ValueError):
        return 36


def _list(run: RunDir, choice: Choice, *, as_json: bool) -> None:
    from dataclasses import replace

    from ...vis.results import Results
    from ..pictures_out import choice as chosen
    from ..pictures_out import words as said

    results = Results(run)
    found = [chosen.opened(run, entry) for entry in chosen.entries(results, replace(choice, step="latest"))]
    if as_json:
        words.print_json([_fields(results, each) for each in found])
        return
    for each in found:
        steps = [entry.step for entry in results.steps(each.entry.name)]
        shown = ", ".join(map(str, steps if len(steps) <= 8 else [*steps[:4], "…", *steps[-3:]]))
        words.say(f"{each.entry.name}: {len(steps)} step{'' if len(steps) == 1 else 's'} ({shown})")
        if each.problem:
            words.say(f"  {each.problem}")
        for ref, facts in zip(each.refs, each.parts, strict=True):
            words.say(f"  {said.part_words(facts, ref)}")


def _fields(results: Results, found: Found) -> dict[str, Any]:
    return {
        "name": found.entry.name,
        "technique": found.entry.technique,
        "parts": [{"part": ref, **asdict(facts)} for ref, facts in zip(found.refs, found.parts, strict=True)],
        "problem": found.problem,
        "steps": [asdict(entry) for entry in results.steps(found.entry.name)],
    }
