"""Which figure, and which item of it: the nearest step, the same epoch, the same thing elsewhere, what settings differ.

Nothing here reads a file or loads NumPy.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ..drawing.cells import number, steady

if TYPE_CHECKING:
    from ...vis.items import Item
    from ...vis.results import Entry

Moment = TypeVar("Moment", int, float)

ALMOST = 1e-6  # of an epoch: 2.9999999 is the third one's end

# Options that say which units there are to be or how many, not how one of them is made.
_WHICH = frozenset({"units", "layers", "layer", "maps", "count", "most", "top", "tries", "raw"})


def named(figures: Mapping[str, Sequence[Entry]], techniques: Collection[str]) -> tuple[str, ...]:
    """The names under which a run has figures of these techniques, in the order in which it made them."""
    return tuple(name for name, entries in figures.items() if entries and entries[-1].technique in techniques)


def at_step(entries: Sequence[Entry], step: int | None) -> Entry | None:
    """The figure of this step, else the last one before it; None where all are later. Without a step the latest.

    `entries` are in the order of their steps.
    """
    if step is None:
        return entries[-1] if entries else None
    place = bisect_right(entries, step, key=lambda entry: entry.step)
    return entries[place - 1] if place else None


def at_epoch(entries: Sequence[Entry], epoch: float) -> Entry | None:
    """The last figure that was made until this epoch; entries whose epoch nobody knows are passed over."""
    found = [entry for entry in entries if entry.epoch <= epoch + ALMOST]
    return max(found, key=lambda entry: (entry.epoch, entry.step), default=None)


def steps_of(figures: Mapping[str, Sequence[Entry]], names: Iterable[str]) -> tuple[int, ...]:
    """Every step at which there is a figure under one of these names."""
    return tuple(sorted({entry.step for name in names for entry in figures.get(name, ())}))


def moved(every: Sequence[Moment], now: Moment, by: int) -> Moment:
    """The step (or epoch) that lies `by` places on (or, negative, before); the ends hold. `now` may lie between two."""
    if not every or not by:
        return now
    place = bisect_right(every, now) - 1 + by if by > 0 else bisect_left(every, now) + by
    return every[min(max(place, 0), len(every) - 1)]


def evenly(every: Sequence[int], count: int) -> tuple[int, ...]:
    """So many of these steps, the first and the last among them, the others spread over what lies between."""
    if count < 2 or len(every) <= count:
        return tuple(every[-1:] if count < 2 else every)
    return tuple(every[round(place * (len(every) - 1) / (count - 1))] for place in range(count))


def between(every: Sequence[int], shown: Collection[int]) -> int | None:
    """One step more: the one that halves the widest gap among those that are shown. None where all are shown."""
    free = [step for step in every if step not in shown]
    if not free or not shown:
        return free[-1] if free else None
    known = sorted(shown)

    def distance(step: int) -> tuple[int, int]:
        place = bisect_left(known, step)
        sides = [abs(step - other) for other in known[max(place - 1, 0) : place + 1]]
        return min(sides), step

    return max(free, key=distance)


def same(items: Sequence[Item], like: Item, varies: Collection[str] = ()) -> int | None:
    """The place of the item that shows what `like` shows elsewhere; None where there is none.

    It is of the same layer, aspect, image and rank, and of the same map (the last number of its unit: where in a map
    the maximum lay changes from step to step). Of several the one that agrees most in the rest. Fields that `varies`
    names need not agree.
    """
    must = [name for name in ("layer", "aspect", "image", "rank") if name not in varies]
    wanted = [getattr(like, name) for name in must]
    found = [
        (_agreement(item, like), -place)
        for place, item in enumerate(items)
        if [getattr(item, name) for name in must] == wanted and unit_number(item) == unit_number(like)
    ]
    return -max(found)[1] if found else None


def _agreement(item: Item, like: Item) -> int:
    return sum(getattr(item, name) == getattr(like, name) for name in ("unit", "target", "record", "image"))


def unit_number(item: Item) -> int | None:
    """The number of the map, or of the unit of a dense layer, that an item is of."""
    return item.unit[-1] if item.unit else None


def differences(recipes: Sequence[Mapping[str, Any]]) -> tuple[dict[str, str], ...]:
    """For each recipe the options that are not the same in all of them, as short texts; `–` where one has none."""
    flat = [dict(_flat(recipe)) for recipe in recipes]
    names = dict.fromkeys(name for each in flat for name in each)
    differ = [name for name in names if len({each.get(name, "–") for each in flat}) > 1]
    return tuple({name: each.get(name, "–") for name in differ} for each in flat)


def _flat(recipe: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The options, whichever of a wrapper or of what it wraps, and what else was asked for; nothing of the network."""
    for name, value in recipe.items():
        if name in ("network", "input_range") or name in _WHICH:
            continue
        if isinstance(value, Mapping):
            yield from _flat(value)
        else:
            yield steady(name, 40), worded(value)


def worded(value: Any) -> str:
    """An option as a few words."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value, 8)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(worded(each) for each in value[:4]) + (" …" if len(value) > 4 else "")
    return steady(value, 60)
