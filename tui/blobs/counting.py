"""What is counted of a blob, step by step: what is known at once, then all of it; and how it is drawn."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...datasets.blob import Blob
from ...datasets.looking.contents import known, label_counts, statistics
from ...datasets.looking.counted import Statistics
from ...datasets.looking.duplicates import Duplicates, across, duplicates
from ..drawing.bars import bars
from ..drawing.canvas import Ink
from ..drawing.cells import duration, fit, number, steady
from ..drawing.page import Page
from ..drawing.strip import top_of
from .errands import Errand

_TOLD_EVERY = 0.2  # seconds between two words about how far it is
_COLOURS = ((232, 84, 84), (84, 190, 100), (84, 140, 240))
_GREY = (150, 158, 170)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a count is."""

    done: int
    of: int
    seconds: float

    @property
    def words(self) -> str:
        rate = self.done / self.seconds if self.seconds > 0 else 0.0
        left = f", {duration((self.of - self.done) / rate)} left" if rate > 0 and self.done else ""
        return f"{self.done:,} of {self.of:,} records ({self.done / max(self.of, 1):.0%}{left})"


class _Teller:
    """Tells progress, but not more often than one can see."""

    def __init__(self, errand: Errand) -> None:
        self._errand, self._start, self._told = errand, time.monotonic(), 0.0

    def __call__(self, done: int, of: int) -> None:
        """Raises Left where nobody waits any more."""
        self._errand.go_on()
        now = time.monotonic()
        if now - self._told >= _TOLD_EVERY:
            self._told = now
            self._errand.tell(Progress(done, of, now - self._start))


def count(blob: Blob, errand: Errand) -> Statistics:
    """All statistics; labels, which cost little, are told first. Raises BlobError."""
    found = known(blob)
    if found is not None:
        return found
    errand.tell(labels_of(blob))
    return statistics(blob, _Teller(errand))


def labels_of(blob: Blob) -> Statistics:
    """The counts of all classes, and nothing else."""
    counted = {field.name: label_counts(blob, field.name) for field in blob.schema if field.kind == "class"}
    return Statistics(
        len(blob),
        labels={name: tuple(counts) for name, (counts, _) in counted.items()},
        unknown={name: unknown for name, (_, unknown) in counted.items() if unknown},
    )


@dataclass(frozen=True, slots=True)
class Alike:
    """Groups of records: (how alike, places, the parts of the split they lie in)."""

    groups: tuple[tuple[str, tuple[int, ...], tuple[str, ...]], ...]
    unread: int = 0


def find_alike(blob: Blob, errand: Errand) -> Alike:
    """The records that are there twice, or look alike. Raises BlobError."""
    found: Duplicates = duplicates(blob, progress=_Teller(errand))
    split = "split" in blob.schema
    groups = tuple((word, group, across(blob, group) if split else ()) for word, group in found.groups)
    return Alike(groups, found.unread)


# Drawing


def ordered(counts: Sequence[int], *, by_count: bool) -> list[int]:
    """The numbers of the classes in the order in which they are listed."""
    order = list(range(len(counts)))
    return sorted(order, key=lambda at: -counts[at]) if by_count else order


def class_bars(
    names: Sequence[str], counts: Sequence[int], order: Sequence[int], unknown: int, cursor: int, width: int,
    height: int,
) -> Page:  # fmt: skip
    """A bar for each class, those around the cursor; the last line those of which nobody knows it.

    The hits of the page count lines.
    """
    page = Page(width, height)
    lines = [*order, *([-1] if unknown else [])]
    if not lines or width < 12:
        page.text(0, 0, "no class is named", Ink.DIM)
        return page
    largest = max([*counts, unknown, 1])
    total = max(sum(counts) + unknown, 1)
    widest = max(len(f"{largest:,}"), 1)
    longest = max((len(steady(name, 40)) for name in names), default=7)
    named = min(max(longest, 7), max(width // 3, 6))
    room = max(width - named - widest - 9, 1)
    top = top_of(cursor, len(lines), height)
    for row in range(min(height, len(lines) - top)):
        at = lines[top + row]
        many = unknown if at < 0 else counts[at]
        name = "unknown" if at < 0 else steady(names[at], 80) if at < len(names) else str(at)
        chosen = top + row == cursor
        ink = Ink.SELECTED if chosen else Ink.TEXT
        page.text(0, row, ("▸" if chosen else " ") + fit(name, named), ink)
        eighths = round(many / largest * room * 8)
        bar = "█" * (eighths // 8) + ("▏▎▍▌▋▊▉"[eighths % 8 - 1] if eighths % 8 else "")
        page.text(named + 2, row, bar or ("▏" if many else ""), Ink.bright(1 if chosen else 0) if at >= 0 else Ink.DIM)
        share = many / total
        said = f"{many:>{widest},} {share:>4.0%}" if share >= 0.01 or not many else f"{many:>{widest},}  <1%"
        page.text(width - widest - 6, row, said, ink if chosen else Ink.DIM)
        page.hit(0, row, top + row, width)
    return page


def pixel_bars(pixels: Sequence[Sequence[int]], width: int, height: int) -> Page:
    """How often each value is, channel below channel where there is room, else all together."""
    page = Page(width, height)
    if not pixels or height < 2 or width < 8:
        return page
    channels = [np.asarray(each, np.int64) for each in pixels]
    if len(channels) > 3:
        channels = channels[:3]
    if len(channels) > 1 and height < 3 * len(channels):
        channels = [np.sum(channels, axis=0)]
    each = (height - 1) // len(channels)
    wide = 256
    while wide > width:
        wide //= 2
    for at, counts in enumerate(channels):
        colour = _COLOURS[at] if len(channels) == 3 else _GREY
        # The rare ones are seen beside pure black and white too.
        grouped = counts.reshape(wide, -1).sum(axis=1)
        shown = np.sqrt(grouped.astype(np.float64))
        for row, line in enumerate(bars(shown, wide, each)):
            page.text(0, at * each + row, line, Ink.TEXT)
            page.colour(0, at * each + row, colour, wide)
    foot = "0" + "255".rjust(wide - 1)
    middle = "128"
    page.text(0, height - 1, foot[: wide // 2 - 1] + middle + foot[wide // 2 + 2 :], Ink.DIM)
    return page


def pixel_words(found: Statistics) -> str:
    """Means and deviations of the channels, sizes of the images."""
    said = []
    if found.mean:
        said.append("mean " + " ".join(number(each) for each in found.mean[:4]))
        said.append("std " + " ".join(number(each) for each in found.std[:4]))
    if found.smallest and found.largest:
        small, large = ("×".join(map(str, each)) for each in (found.smallest, found.largest))
        said.append(small if small == large else f"{small} to {large}, {found.different_sizes:,} sizes")
    return " · ".join(said)


def number_words(found: Statistics) -> list[str]:
    """Ranges of number fields."""
    return [
        f"{steady(name, 40)} {number(span.least)} to {number(span.greatest)}, mean {number(span.mean)}"
        for name, span in found.numbers.items()
    ]
