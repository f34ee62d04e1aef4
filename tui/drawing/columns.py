"""Which columns of a table fit into a width, and where each begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 2


@dataclass(frozen=True, slots=True)
class Wish:
    """One column's demand: `width` cells at least, up to `most` where there is room. A low `priority` goes first."""

    key: str
    width: int
    most: int = 0
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A column as it is drawn: `x` is its first cell, from the left edge of the table."""

    key: str
    x: int
    width: int


def fit_columns(wishes: Sequence[Wish], width: int, shift: int = 0, left: int = 0) -> tuple[Slot, ...]:
    """The columns that fit into `width` cells, of which the first `left` are taken.

    The first column stays; `shift` others are scrolled out behind it. Without a shift the columns of
    the lowest priority give way until the rest fits, with one those at the right end do.
    """
    if not wishes or width <= left:
        return ()
    sticky, others = wishes[0], list(wishes[1 + shift :])
    room = width - left
    while others and _needed([sticky, *others]) > room:
        others.remove(others[-1] if shift else min(reversed(others), key=lambda wish: wish.priority))
    return _placed([sticky, *others], room, left)


def _needed(wishes: Sequence[Wish]) -> int:
    return sum(wish.width for wish in wishes) + GAP * (len(wishes) - 1)


def _placed(wishes: Sequence[Wish], room: int, left: int) -> tuple[Slot, ...]:
    spare = room - _needed(wishes)
    slots: list[Slot] = []
    x = left
    for wish in wishes:
        more = max(min(spare, wish.most - wish.width), 0)
        spare -= more
        width = min(wish.width + more, room)
        slots.append(Slot(wish.key, x, width))
        x += width + GAP
    return tuple(slots)
