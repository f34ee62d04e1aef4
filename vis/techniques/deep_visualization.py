"""Deep visualisation: a picture that excites a unit, grown from noise by gradient ascent under regularisers.

Simonyan, Vedaldi, Zisserman 2013, arXiv:1312.6034, for the ascent on a class; Yosinski, Clune, Nguyen, Fuchs, Lipson
2015, arXiv:1506.06579, for the regularisers. Outputs are scored before their softmax, hidden units after their
activation. The units of a layer and their tries climb together, through one compiled function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal, TypeAlias

import numpy as np

from ..ascent import RESCUE_STEPS, Ascent, Convention, Keep, Policy, Rate
from ..canvas import Canvas, batch_size, even
from ..figures import Figure, Item, Part
from ..input_range import input_range
from ..network import NetworkError
from ..probe import Probe
from ..regularisers import NOTHING, SETS, Regularisers
from ..units import Address, Over, Unit, by_layer, find_units, held_note, stacked, target_of, unit_gradients

Array: TypeAlias = np.ndarray
SetName: TypeAlias = Literal["sparse", "high_frequency", "low_frequency", "dense", "none"]

# What `learning_rate` is where none is given: a share of the input range; the thesis' for digits; the paper's.
RATES: dict[Policy, float] = {"relative": 0.02, "constant": 200.0, "progress": 100.0, "progress01": 100.0}
PROGRESS: dict[Policy, float] = {"progress": 2.0, "progress01": 0.1}
DEAD = "dead: the gradient of this unit is zero everywhere, from every start and past its rectifiers"
NOT_A_NUMBER = "the score is not a number: the network has weights that are none"


@dataclass(frozen=True, slots=True)
class Options:
    """`units`: addresses (`vis.units`); none: the classes to explain, or the first ten outputs. `over`: what is
    climbed of a whole feature map, its mean or the unit in its middle.

    `regularisers` is a set of table 1 of the paper by its name; what is given of the seven numbers below it holds
    instead of the set's own. `policy` and `learning_rate`: see `ascent.Rate`; without a policy it is "constant" where
    a learning rate is given and else "relative", which needs none. `convention`: see `ascent`; `clip` keeps the
    picture in the valid range at every step (none: as the convention does). The start is noise of `noise` times the
    input range (or `absolute_noise` in network units, 10 in both papers) around zero, or around the middle of the
    range. `tries` of each unit differ in their noise. `raw`: the numbers too, not the pictures alone.
    """

    units: tuple[Address, ...] | None = None
    over: Over = "mean"
    regularisers: SetName = "low_frequency"
    l2_decay: float | None = None
    blur_interval: int | None = None
    blur_std: float | None = None
    value_percentile: float | None = None
    norm_percentile: float | None = None
    contribution_percentile: float | None = None
    abs_contribution_percentile: float | None = None
    iterations: int = 100
    policy: Policy | None = None
    learning_rate: float | None = None
    progress: float | None = None
    convention: Convention = "thesis"
    keep: Keep = "best"
    clip: bool | None = None
    start: Literal["zero", "middle"] = "zero"
    noise: float = 0.04
    absolute_noise: float | None = None
    tries: int = 1
    seed: int = 0
    rescue: bool = True
    input_range: tuple[float, float] | None = None
    raw: bool = False

    def __post_init__(self) -> None:
        if self.regularisers not in ("none", *SETS):
            raise NetworkError(f"no regularisers are called {self.regularisers!r}: there are none, {', '.join(SETS)}")
        if self.iterations < 1 or self.tries < 1:
            raise NetworkError(f"iterations is {self.iterations} and tries {self.tries}: both are at least 1")
        if self.learning_rate is not None and not self.learning_rate > 0:
            raise NetworkError(f"learning_rate is {self.learning_rate}: it is more than 0")
        if self.noise < 0 or (self.absolute_noise or 0) < 0:
            raise NetworkError("noise and absolute_noise are standard deviations: 0 or more")
        if self.input_range is not None and not self.input_range[0] < self.input_range[1]:
            raise NetworkError(f"input_range is {self.input_range}: the lowest value, then the highest")
        self.regularisation()

    @property
    def clips(self) -> bool:
        """Whether the picture is kept in the valid range."""
        return self.convention == "yosinski" if self.clip is None else self.clip

    def regularisation(self) -> Regularisers:
        """The set, with what is given instead of its own numbers."""
        given = {name: getattr(self, name) for name in Regularisers.__dataclass_fields__}
        chosen = SETS.get(self.regularisers, NOTHING)
        if 0 in (given["blur_interval"], given["blur_std"]):
            given |= {"blur_interval": 0, "blur_std": 0.0}  # either of them says: no blur
        return replace(chosen, **{name: value for name, value in given.items() if value is not None})

    def rate(self, span: float) -> Rate:
        """How far a step goes on an input of this range."""
        policy = self.policy or ("relative" if self.learning_rate is None else "constant")
        size = RATES[policy] if self.learning_rate is None else self.learning_rate
        progress = PROGRESS.get(policy, 0.0) if self.progress is None else self.progress
        return Rate(policy, size * span if policy == "relative" else size, progress)


@dataclass(frozen=True, slots=True)
class Try:
    """What came of one unit from one start: H×W×C in network units, its score, whether it ever had a gradient."""

    unit: Unit
    picture: Array
    score: float
    lived: bool


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """One picture for each try of each unit, the best try of a unit first, a part a layer. `score` is that of the
    picture; a unit without any gradient says so in its note.
    """
    canvas = Canvas(probe, input_range(probe, options.input_range))
    units = find_units(probe, options.units)
    ascent = _ascent(options, canvas)
    done, total = 0, len(units) * options.tries * (ascent.updates + 1)

    def more(count: int) -> None:
        nonlocal done
        done += count
        probe.progress(min(done, total), total)

    parts: list[Part] = []
    for path, some in by_layer(units).items():
        tries = _grown(canvas, options, ascent, some, more)
        items = [_item(probe, each, rank) for found in tries for rank, each in enumerate(found)]
        pictures = np.stack([each.picture for found in tries for each in found])
        parts += canvas.parts(path or "output", pictures, items, options.clips, options.raw)
    found = canvas.range
    notes = [held_note(probe), found.note if found.guessed else "", _blur_note(options, canvas)]
    ends = {"low": found.low.tolist(), "high": found.high.tolist()}
    return probe.figure("deep_visualization", parts, [note for note in notes if note], options, input_range=ends)


def _ascent(options: Options, canvas: Canvas) -> Ascent:
    regularisers, found = options.regularisation(), canvas.range
    if canvas.flat:
        regularisers = replace(regularisers, blur_interval=0, blur_std=0.0)
    return Ascent(
        options.iterations,
        options.rate(found.span),
        regularisers,
        options.convention,
        options.keep,
        clip=(found.low, found.high) if options.clips else None,
        rescue=RESCUE_STEPS if options.rescue else 0,
    )


def _grown(
    canvas: Canvas, options: Options, ascent: Ascent, units: Sequence[Unit], more: Callable[[int], None]
) -> list[list[Try]]:
    """The tries of each of the units, which are of one layer, best first."""
    probe, path = canvas.probe, units[0].path
    starts = [_start(canvas, options, each) for each in range(options.tries)]
    found: dict[Unit, list[Try]] = {unit: [] for unit in units}
    for chunk in even(list(product(found, starts)), batch_size(probe, path)):
        chosen = [unit for unit, _ in chunk]
        weights = stacked(chosen, options.over, probe.network.dtype)

        def gradient(pictures: Array, past_dead: bool, weights: Sequence[Array] = weights) -> tuple[Array, Array]:
            rule = "redirected" if past_dead else "plain"
            inputs, logits = canvas.as_input(pictures), options.policy != "progress01"
            scores, gradients = unit_gradients(probe, inputs, path, weights, rule, logits)
            more(0 if past_dead else len(pictures))
            return scores, canvas.as_pictures(gradients)

        climbed = ascent(gradient, np.stack([start for _, start in chunk]))
        for made in zip(chosen, climbed.pictures, climbed.scores.tolist(), climbed.lived.tolist(), strict=True):
            found[made[0]].append(Try(*made))
    return [sorted(found[unit], key=lambda each: -np.nan_to_num(each.score, nan=-np.inf)) for unit in units]


def _start(canvas: Canvas, options: Options, number: int) -> Array:
    """The noise of one try, H×W×C: the same for every unit, whatever else is grown beside it."""
    std = options.noise * canvas.range.span if options.absolute_noise is None else options.absolute_noise
    middle = (canvas.range.low + canvas.range.high) / 2 if options.start == "middle" else 0.0
    noise = np.random.default_rng([options.seed, number]).normal(0.0, std, canvas.shape)
    return (middle + noise).astype(canvas.probe.network.dtype)


def _item(probe: Probe, made: Try, rank: int) -> Item:
    note = "" if made.lived else DEAD
    if not np.isfinite(made.score):
        note = NOT_A_NUMBER
    target = target_of(probe, made.unit)
    return Item(layer=made.unit.path, unit=made.unit.index, rank=rank, score=made.score, target=target, note=note)


def _blur_note(options: Options, canvas: Canvas) -> str:
    blurs = options.regularisation().blur_interval and canvas.flat
    return "Nothing is blurred: the input has no height and width." if blurs else ""
