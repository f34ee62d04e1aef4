"""The overview of a run: what it is about, how it ended, what was asked, its script, what differed from the commit."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.worker import get_current_worker

from ...engine import archive, facts
from ...engine.rundir import RunDir
from ...engine.runs import Row
from ...engine.status import Failed, Finished, Killed, Lost, OutOfMemory, Running
from ..drawing.ansi import Line
from ..drawing.run_facts import run_facts, status_sentence
from ..drawing.source import BAD, LABEL, diff_lines, fact_lines, python_lines, title, wrapped
from ..keys import bindings
from .lines import Lines
from .log_file import LineIndex, LogFile, last_lines
from .log_search import TRACEBACK, Search

LAST = 12  # lines of output that are shown at once
TRACE = 40  # lines of a traceback that are
READ = 2_000_000  # bytes of one source file that are shown
SEARCHED = 200_000_000  # bytes of output that are searched for a traceback unasked


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the overview under its title."""

    title: str
    lines: tuple[Line, ...]


class Overview(Lines):
    """Shows `row`; reads the run directory in a thread, again whenever the row has changed."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("overview")]

    row: reactive[Row | None] = reactive(None, repaint=False)
    children_ids: reactive[tuple[str, ...]] = reactive((), repaint=False)
    sections: reactive[tuple[Section, ...]] = reactive((), repaint=False)

    class ParentAsked(Message):
        """A person wants to see the run that this one repeats or resumes."""

    def on_mount(self) -> None:
        # Facts are gathered beside a run that starts, so they come a little later than the run.
        self.set_interval(2.0, self._read_while_young)

    def _read_while_young(self) -> None:
        if self.row is not None and isinstance(self.row.status, Running) and self.is_on_screen:
            self._read()

    @property
    def is_on_screen(self) -> bool:
        """Whether anybody can see it."""
        return self.display and self.screen.is_current

    def watch_row(self) -> None:
        self._read()

    def watch_children_ids(self) -> None:
        self._read()

    def on_resize(self) -> None:
        self._read()

    @work(thread=True, exclusive=True, group="overview")
    def _read(self) -> None:
        row, width = self.row, self.scrollable_content_region.width
        if row is None or width < 2:
            return
        worker = get_current_worker()
        now = getattr(self.app, "clock", time.time)()
        found = gather(row, self.children_ids, width, now, dark=self.app.current_theme.dark)
        if not worker.is_cancelled:
            self.app.call_from_thread(setattr, self, "sections", found)

    def watch_sections(self) -> None:
        """One blank and a title before each section."""
        lines: list[Line] = []
        for section in self.sections:
            lines += [*([Line("")] if lines else []), title(section.title), *section.lines]
        self.lines = tuple(lines)

    def _starts(self) -> list[int]:
        starts, place = [], 0
        for section in self.sections:
            starts.append(place)
            place += len(section.lines) + 2
        return starts

    def action_section(self, direction: int) -> None:
        starts, top = self._starts(), self.scroll_offset.y
        place = bisect_right(starts, top) if direction > 0 else bisect_left(starts, top) - 1
        if 0 <= place < len(starts):
            self.show_line(starts[place])

    def action_parent(self) -> None:
        self.post_message(self.ParentAsked())


def gather(row: Row, children: Sequence[str], width: int, now: float, *, dark: bool = True) -> tuple[Section, ...]:
    """Read what the run directory holds; what is missing or damaged is said where it would stand."""
    run = RunDir(row.path)
    spec, spec_problem = run.spec()
    state, state_problem = run.state()
    known = facts.read(run)
    told = fact_lines(run_facts(row, spec, state, known, now, children), width)
    problems = [problem for problem in (spec_problem, state_problem) if problem and problem not in row.problems]
    told += fact_lines([("problem", problem) for problem in problems], width)
    return (
        *_ending(run, row, width, now),
        Section("Facts", tuple(told)),
        *_script(run, spec.script, dark=dark),
        *_difference(run),
    )


def _ending(run: RunDir, row: Row, width: int, now: float) -> list[Section]:
    """The sentence, and for an end that nobody wished the first traceback and the last words."""
    sentence = wrapped(status_sentence(row.status, now), width)
    bad = _went_wrong(row)
    lines = [Line(text, ((0, len(text), BAD),) if bad and text else ()) for text in sentence]
    sections = [Section("Status", tuple(lines))]
    trace = first_traceback(run.output_log) if bad else []
    if trace:
        sections.append(Section("First traceback", tuple(trace)))
    last = last_lines(run.output_log, LAST + len(trace))
    if trace and last[-len(trace) :] == trace:
        last = last[: -len(trace)]  # it is the end of the output and stands above already
    if last := last[-LAST:]:
        sections.append(Section("Last lines of the output (2 shows all)", tuple(last)))
    elif bad and not trace:
        sections.append(Section("Output", (Line("the script printed nothing", ((0, 26, LABEL),)),)))
    return sections


def _went_wrong(row: Row) -> bool:
    match row.status:
        case Finished(why=Failed() | Killed() | OutOfMemory()) | Lost():
            return True
        case _:
            return False


def first_traceback(path: Path) -> list[Line]:
    """The first traceback of an output, to its last line; [] where there is none in its first 200 MB."""
    file = LogFile(path)
    try:
        size = min(file.look().size, SEARCHED)
        search = Search(file, TRACEBACK, first=True)
        while not search.done(size):
            search.step(size)
        if not search.lines:
            return []
        index = LineIndex(file)
        while index.count(size) and index.lines() < search.lines[0] + TRACE:
            pass
        return _until_the_error(index, search.lines[0])
    finally:
        file.close()


def _until_the_error(index: LineIndex, first: int) -> list[Line]:
    """Lines from the traceback's head to the line that names the error: the first one that is not indented."""
    lines: list[Line] = []
    for number in range(first, min(first + TRACE, index.lines())):
        line = index.line(number)
        lines.append(line)
        if len(lines) > 1 and line.text and not line.text.startswith((" ", "|", "+")):
            break
    return lines


def _script(run: RunDir, script: str, *, dark: bool) -> list[Section]:
    manifest = archive.read(run)
    name = manifest.script or Path(script).name
    if not name:
        return []
    path = run.source_files / name
    try:
        with path.open("rb") as file:
            code = file.read(READ)
    except OSError as error:
        reason = f"the archived script cannot be read: {error.strerror} ({path})"
        return [Section(f"Script {name}", (Line(*_one(reason)),))]
    others = [file.name for file in manifest.files if file.name != manifest.script]
    sections = [Section(f"Script {name}", python_lines(code.decode("utf-8", "replace"), dark))]
    if others:
        lines = [Line(*_one(other)) for other in others[:100]]
        sections.append(Section(f"Archived with it ({len(others)})", tuple(lines)))
    return sections


def _one(text: str) -> tuple[str]:
    return (wrapped(text, 2_000)[0],)


def _difference(run: RunDir) -> list[Section]:
    try:
        with run.diff_file.open("rb") as file:
            text = file.read(READ).decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    except OSError as error:
        return [Section("Difference to the commit", (Line(f"it cannot be read: {error.strerror}"),))]
    return [Section("Difference to the commit", diff_lines(text))]
