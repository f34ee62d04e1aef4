"""The one thread that reads, counts and searches a growing file, so that the application never waits for a disk."""

from __future__ import annotations

import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..drawing.ansi import Line
from .log_file import LineIndex, LogFile, Stand, tail_base
from .log_search import TRACEBACK, Search, needle_of

POLL = 0.1  # seconds between two looks at a file that does not change
KEPT = 4000  # parsed lines that are kept
PAUSE = 0.1  # least seconds between two states while the file is being counted or searched


@dataclass(frozen=True, slots=True)
class Finds:
    """What a search has found so far: `count` lines, in order."""

    text: str = ""
    lines: array[int] = field(default_factory=lambda: array("Q"), compare=False)
    count: int = 0
    part: float = 0.0  # of the file looked at
    done: bool = False


@dataclass(frozen=True, slots=True)
class LogState:
    """A log as it stands. `generation` changes with the meaning of line numbers.

    Until the whole file is counted (`whole`), line 0 is the first of its tail; `shift` lines then come before it.
    """

    generation: int = 0
    lines: int = 0
    size: int = 0
    whole: bool = False
    counted: float = 0.0
    shift: int = 0
    frames: bool = False
    problem: str = ""
    finds: Finds | None = None
    traceback: Finds | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Lines from number `first` on, as they were at `state`."""

    state: LogState
    first: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the application asked for last; the thread takes it when it comes round."""

    page: tuple[int, int] = (0, 0)
    frames: bool = False
    search: str = ""
    traceback: bool = False


class LogReader:
    """Follows `path` from `start` to `close`; `changed` is called in its thread with each new state.

    `page` answers at once where the disk does, else None, and `changed` is called when the lines are there.
    """

    def __init__(self, path: Path, changed: Callable[[LogState], object]) -> None:
        self._file = LogFile(path)
        self._changed = changed
        self._lock = threading.Condition()
        self._wake = threading.Event()
        self._closed = False
        self._wanted = _Wanted()
        self._page: Page | None = None
        self._answered: tuple[int, int] | None = None
        self._late = False
        self._shown = 0  # the generation of which a page was answered
        self._begun = 0.0
        self._state = LogState()
        self._sent = (LogState(), 0.0)
        self._stand = Stand()
        self._index = LineIndex(self._file)
        self._full: LineIndex | None = None
        self._search: Search | None = None
        self._traceback: Search | None = None
        self._parsed: OrderedDict[int, Line] = OrderedDict()
        self._thread = threading.Thread(target=self._run, name="trainvis-log", daemon=True)

    # What the application calls; none of it touches the disk

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End the thread; it lets go of the file by itself."""
        self._closed = True
        self._wake.set()

    def join(self, timeout: float = 1.0) -> None:
        self._thread.join(timeout)

    def page(self, first: int, count: int, patience: float = 0.02) -> Page | None:
        """The lines `first` to `first + count`, waiting at most `patience` seconds for them."""
        with self._lock:
            self._ask(page=(first, count))
            self._answered = None
            self._late = not self._lock.wait_for(lambda: self._answered == (first, count), patience)
            return None if self._late else self._page

    def late_page(self) -> Page | None:
        """The page that did not come in time."""
        return self._page

    def show_frames(self, frames: bool) -> None:
        self._ask(frames=frames)

    def search(self, text: str) -> None:
        """Look for `text` from the beginning of the file; "" ends the search."""
        self._ask(search=text)

    def find_traceback(self) -> None:
        self._ask(traceback=True)

    def _ask(self, **changes: object) -> None:
        with self._lock:
            self._wanted = replace(self._wanted, **changes)
        self._wake.set()

    # The thread

    def _run(self) -> None:
        try:
            while not self._closed:
                self._wake.clear()
                worked = self._round()
                if not worked:
                    self._wake.wait(POLL)
        except Exception as error:  # noqa: BLE001 (a thread ends here; the screen says why nothing moves)
            self._changed(replace(self._state, problem=f"the output can no longer be followed: {error}"))
        finally:
            self._file.close()

    def _round(self) -> bool:
        """Look, count or search a little, answer. Whether there is more to do at once."""
        wanted = self._wanted
        self._look(wanted)
        more = self._count()
        if not more and self._state.problem == "":
            more = self._search_on(wanted)
        self._state = self._describe()
        self._answer()
        self._publish(more)
        return more

    def _look(self, wanted: _Wanted) -> None:
        found = self._file.look()
        replaced = found.inode != self._stand.inode or found.size < self._index.counted
        self._stand = found
        if replaced or wanted.frames != self._index.frames:
            self._begin(wanted.frames)

    def _begin(self, frames: bool) -> None:
        """Count anew: first the tail, then everything."""
        size = self._stand.size
        base = tail_base(self._file, size, frames=frames)
        self._index = LineIndex(self._file, base, frames=frames)
        self._full = LineIndex(self._file, frames=frames) if base else None
        self._search = self._traceback = None
        self._parsed.clear()
        self._begun = time.monotonic()
        self._state = replace(self._state, generation=self._state.generation + 1, shift=0, finds=None, traceback=None)

    def _count(self) -> bool:
        size = self._stand.size
        if self._index.counted < size:
            self._parsed.pop(self._index.lines() - 1, None)  # it may have been unfinished
            counted = self._index.count(size)
            return counted > 0 and self._index.counted < size
        if self._full is None:
            return False
        if self._shown != self._state.generation and time.monotonic() - self._begun < POLL:
            return False  # the tail first: counting would hold up the drawing of it
        if self._full.count(size) and self._full.counted < size:
            return True
        shift = self._full.line_at(self._index.base)
        self._index, self._full = self._full, None
        self._parsed.clear()
        self._state = replace(self._state, generation=self._state.generation + 1, shift=shift)
        return False

    def _search_on(self, wanted: _Wanted) -> bool:
        if self._full is not None:
            return False
        size = self._stand.size
        if wanted.search != (self._state.finds.text if self._state.finds else ""):
            needle = needle_of(wanted.search)
            self._search = Search(self._file, needle, frames=self._index.frames) if wanted.search else None
            self._state = replace(self._state, finds=Finds(wanted.search) if wanted.search else None)
        if wanted.traceback and self._traceback is None:
            self._traceback = Search(self._file, TRACEBACK, frames=self._index.frames, first=True)
        for search in (self._traceback, self._search):
            if search is not None and not search.done(size):
                search.step(size)
                return True
        return False

    def _describe(self) -> LogState:
        size = self._stand.size
        full = self._full or self._index
        return replace(
            self._state,
            lines=self._index.lines(),
            size=size,
            whole=self._full is None,
            counted=1.0 if size == 0 else full.counted / size,
            frames=self._index.frames,
            problem=self._stand.problem,
            finds=_finds(self._search, self._state.finds, size),
            traceback=_finds(self._traceback, self._state.traceback, size),
        )

    def _publish(self, more: bool) -> None:
        """Send the state where it is a new one, and not too often while there is `more` to come."""
        before, when = self._sent
        now = time.monotonic()
        pressing = not more or self._state.generation != before.generation or now - when >= PAUSE
        if self._state != before and pressing:
            self._sent = (self._state, now)
            self._changed(self._state)

    def _answer(self) -> None:
        with self._lock:
            wanted, answered = self._wanted.page, self._answered
        if answered == wanted:
            return
        first, count = wanted
        end = min(first + count, self._index.lines())
        page = Page(self._state, first, tuple(self._line(line) for line in range(first, end)))
        with self._lock:
            self._page, self._answered = page, wanted
            self._shown = page.state.generation
            late, self._late = self._late, False
            self._lock.notify_all()
        if late:
            self._changed(self._state)

    def _line(self, number: int) -> Line:
        line = self._parsed.get(number)
        if line is None:
            line = self._parsed[number] = self._index.line(number)
            if len(self._parsed) > KEPT:
                self._parsed.popitem(last=False)
        return line


def _finds(search: Search | None, before: Finds | None, size: int) -> Finds | None:
    if search is None:
        return None
    before = before or Finds()
    part = 1.0 if size == 0 else min(search.scanned / size, 1.0)
    lines = search.lines
    # A copy, made only for what is new: the search takes a match in an unfinished line back.
    kept = before.lines if before.lines[-1:] == lines[-1:] and before.count == len(lines) else lines[:]
    return Finds(before.text, kept, len(kept), part, search.done(size))
