"""Pictures that excite units, whatever grows them: the units of a layer and their tries in batches, best try first."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, product
from typing import Protocol, TypeAlias

import numpy as np

from .ascent import Climbed
from .canvas import Canvas
from .figures import Item, Part
from .probe import Probe
from .units import Address, Over, Unit, by_layer, find_units, stacked, target_of

Array: TypeAlias = np.ndarray

MEMORY = 128 * 2**20  # bytes of activations of a batch: beyond it a larger one is slower on a CPU, and may not fit
DEAD = "dead: the gradient of this unit is zero everywhere, from every start and past its rectifiers"
NOT_A_NUMBER = "the score is not a number: the network has weights that are none"


class Wanted(Protocol):
    """The options that say which pictures there are to be."""

    @property
    def units(self) -> tuple[Address, ...] | None: ...
    @property
    def over(self) -> Over: ...
    @property
    def tries(self) -> int: ...
    @property
    def raw(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """B pictures that grow together, each for one unit of layer `path`: the `weights` of these (`units.stacked`), and
    which try each is. `evaluated` is to be called after each evaluation of all of them.
    """

    path: str
    weights: tuple[Array, ...]
    tries: tuple[int, ...]
    evaluated: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Try:
    """What came of one unit from one start: H×W×C in network units, its score, whether it ever had a gradient."""

    unit: Unit
    picture: Array
    score: float
    lived: bool


def grown(
    canvas: Canvas, options: Wanted, grow: Callable[[Batch], Climbed], evaluations: int, inside: bool
) -> list[Part]:
    """One picture for each try of each unit, the best try of a unit first, a part a layer.

    `evaluations` is how often `grow` evaluates a batch, `inside` whether pictures stay in the valid range.
    """
    probe, parts = canvas.probe, []
    layers = by_layer(find_units(probe, options.units))
    done, total = 0, sum(map(len, layers.values())) * options.tries * evaluations

    def evaluated(count: int) -> None:
        nonlocal done
        done += count
        probe.progress(done, total)

    for path, units in layers.items():
        tries = _tries(probe, units, options, grow, evaluated)
        items = [_item(probe, each, rank) for found in tries for rank, each in enumerate(found)]
        pictures = np.stack([each.picture for found in tries for each in found])
        parts += canvas.parts(path or "output", pictures, items, inside, options.raw)
    return parts


def _tries(
    probe: Probe,
    units: Sequence[Unit],
    options: Wanted,
    grow: Callable[[Batch], Climbed],
    evaluated: Callable[[int], None],
) -> list[list[Try]]:
    """The tries of each of the units, which are of one layer, best first."""
    path, found = units[0].path, {unit: list[Try]() for unit in units}
    for chunk in even(list(product(units, range(options.tries))), batch_size(probe, path)):
        chosen, tries = zip(*chunk, strict=True)
        weights = stacked(chosen, options.over, probe.network.dtype)
        made = grow(Batch(path, weights, tries, partial(evaluated, len(chunk))))
        for each in zip(chosen, made.pictures, made.scores.tolist(), made.lived.tolist(), strict=True):
            found[each[0]].append(Try(*each))
    return [sorted(found[unit], key=lambda each: -np.nan_to_num(each.score, nan=-np.inf)) for unit in units]


def _item(probe: Probe, made: Try, rank: int) -> Item:
    note = "" if made.lived else DEAD
    if not np.isfinite(made.score):
        note = NOT_A_NUMBER
    target = target_of(probe, made.unit)
    return Item(layer=made.unit.path, unit=made.unit.index, rank=rank, score=made.score, target=target, note=note)


def batch_size(probe: Probe, path: str) -> int:
    """How many pictures go through the network up to layer `path` ("": all of it) at once."""
    sites = probe.network.sites
    last = sites[path].number if path else len(sites)
    floats = sum(math.prod(site.shape) for site in sites.leaves if site.number <= last)
    return max(1, min(probe.batch, MEMORY // max(1, floats * np.dtype(probe.network.dtype).itemsize)))


def even(items: Sequence, size: int) -> list[Sequence]:
    """`items` in parts of at most `size`, as equal as they come."""
    count = math.ceil(len(items) / size)
    ends = [len(items) * each // count for each in range(count + 1)]
    return [items[start:end] for start, end in pairwise(ends)]
