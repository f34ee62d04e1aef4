"""What `trainvis blob build` says: how far it is, what it would build, what it has built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from . import words
from .blob_options import Bar, table

if TYPE_CHECKING:
    from ...datasets.building.told import Built, Plan, Progress
    from ...datasets.sample import Problems

_CLASSES = 40
_EXAMPLES = 5


class Told(Bar):
    """A line of progress that a build tells its stages to."""

    def __init__(self) -> None:
        super().__init__("listing")
        self.stage, self.done = "", 0

    def __call__(self, told: Progress) -> None:  # type: ignore[override]
        from ..drawing.cells import size

        self.stage, self.done = told.stage, told.done
        self.what = told.stage
        more = f" {size(told.size)}" if told.size else ""
        more += f", {told.left_out:,} left out" if told.left_out else ""
        self.tell(told.done, told.total, told.rate or None, told.eta, more)


def plan_lines(plan: Plan) -> Iterator[str]:
    """What a build would do, as lines of harmless text."""
    from ..drawing.cells import size, steady

    about = "" if plan.exact else "about "
    yield f"{steady(plan.layout, 100)}: {plan.samples:,} samples, {plan.records:,} records, {about}{size(plan.size)}"
    if plan.sizes:
        widest, highest = max(width for _, width in plan.sizes), max(height for height, _ in plan.sizes)
        least = min(width for _, width in plan.sizes), min(height for height, _ in plan.sizes)
        reach = f"{least[0]}×{least[1]}" + (f" to {widest}×{highest}" if least != (widest, highest) else "")
        yield f"images of {reach} pixels, of {len(plan.sizes):,} looked at"
    for note in plan.notes:
        yield words.printable(note)
    parts = [part for part in plan.parts if part]
    for name, counts in plan.counts.items():
        if name != "split":
            yield ""
            yield from _counts(name, counts, plan.lost.get(name, {}), parts)
    if parts:
        yield ""
        yield "parts: " + ", ".join(f"{steady(part, 40)} {plan.parts[part]:,}" for part in parts)
    yield from left_out(plan.left_out)


def _counts(
    name: str, counts: Mapping[str, Mapping[str, int]], lost: Mapping[str, int], parts: Sequence[str]
) -> Iterator[str]:
    """Records of each class, and in which parts; what of it cannot be used stands beside them."""
    from ..drawing.cells import steady

    order = sorted(counts, key=lambda each: -sum(counts[each].values()))
    shown = list(counts) if len(counts) <= _CLASSES else order[:_CLASSES]
    rows = []
    for each in shown:
        found = counts[each]
        cells = [f"{found.get(part, 0):,}" for part in parts] + ([f"{lost.get(each, 0):,}"] if lost else [])
        rows.append((steady(each, 60) or "nobody knows", f"{sum(found.values()):,}", *cells))
    titles = (steady(name, 60), "records", *(steady(part, 30) for part in parts), *(["left out"] if lost else []))
    yield from table(titles, rows, right=titles[1:])
    if len(counts) > len(shown):
        yield f"… {len(counts) - len(shown):,} classes more, of {sum(counts[order[-1]].values()):,} records at least"
    if len(counts) == 1:
        yield f"{steady(name, 60)} has one class only: there is nothing to tell apart"


def left_out(problems: Problems) -> Iterator[str]:
    """`12 left out, the file is empty: a.png, b.png, …`."""
    for reason, count in problems.counts.most_common():
        named = problems.examples.get(reason, [])
        shown = ", ".join(words.printable(each, 100) for each in named[:_EXAMPLES])
        more = ", …" if count > min(len(named), _EXAMPLES) else ""
        yield f"{count:,} left out, {words.printable(reason, 300)}" + (f": {shown}{more}" if shown else "")


def told(built: Built, said: Sequence[str]) -> Iterator[str]:
    """What was built; notes that were `said` before are not said again."""
    from ..drawing.cells import duration, size

    name = built.paths[0].name if len(built.paths) == 1 else f"{len(built.paths)} files, {built.paths[0].name} …"
    rate = f", {(built.records - built.resumed) / built.seconds:,.0f}/s" if built.seconds > 0.1 else ""
    yield f"{name}: {built.records:,} records, {size(built.size)}, in {duration(built.seconds)}{rate}"
    if built.resumed:
        yield f"{built.resumed:,} of these an interrupted build had written"
    yield from left_out(built.left_out)
    for note in built.notes:
        if note not in said:
            yield note
    yield f"digest: {built.digest}"
