"""Deep visualisation: a picture that excites a unit, grown from noise by gradient ascent under regularisers.

Simonyan, Vedaldi, Zisserman 2013, arXiv:1312.6034, for the ascent on a class; Yosinski, Clune, Nguyen, Fuchs, Lipson
2015, arXiv:1506.06579, for the regularisers. Outputs are scored before their softmax, hidden units after their
activation. The units of a layer and their tries climb together, through one compiled function.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from ..ascent import RESCUE_STEPS, Ascent, Climbed, Convention, Keep, Policy, Rate
from ..canvas import Canvas
from ..figures import Figure
from ..growing import Batch, grown
from ..input_range import input_range
from ..probe import Probe
from ..regularisers import NOTHING, SETS, Regularisers
from ..technique import TechniqueError
from ..units import Address, Over, held_note, unit_gradients

Array: TypeAlias = np.ndarray
SetName: TypeAlias = Literal["sparse", "high_frequency", "low_frequency", "dense", "none"]

# What `learning_rate` is where none is given: a share of the input range; the thesis' for digits; the paper's.
RATES: dict[Policy, float] = {"relative": 0.02, "constant": 200.0, "progress": 100.0, "progress01": 100.0}
PROGRESS: dict[Policy, float] = {"progress": 2.0, "progress01": 0.1}


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
            raise TechniqueError(f"no regularisers are called {self.regularisers!r}: there are none, {', '.join(SETS)}")
        if self.iterations < 1 or self.tries < 1:
            raise TechniqueError(f"iterations is {self.iterations} and tries {self.tries}: both are at least 1")
        if self.learning_rate is not None and not self.learning_rate > 0:
            raise TechniqueError(f"learning_rate is {self.learning_rate}: it is more than 0")
        if self.noise < 0 or (self.absolute_noise or 0) < 0:
            raise TechniqueError("noise and absolute_noise are standard deviations: 0 or more")
        if self.input_range is not None and not self.input_range[0] < self.input_range[1]:
            raise TechniqueError(f"input_range is {self.input_range}: the lowest value, then the highest")
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


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """One picture for each try of each unit, the best try of a unit first, a part a layer. `score` is that of the
    picture; a unit without any gradient says so in its note.
    """
    canvas = Canvas(probe, input_range(probe, options.input_range))
    ascent = _ascent(options, canvas)
    starts = [_start(canvas, options, each) for each in range(options.tries)]

    def grow(batch: Batch) -> Climbed:
        def gradient(pictures: Array, past_dead: bool) -> tuple[Array, Array]:
            rule, logits = "redirected" if past_dead else "plain", options.policy != "progress01"
            scores, found = unit_gradients(probe, canvas.as_input(pictures), batch.path, batch.weights, rule, logits)
            if not past_dead:
                batch.evaluated()
            return scores, canvas.as_pictures(found)

        return ascent(gradient, np.stack([starts[each] for each in batch.tries]))

    parts = grown(canvas, options, grow, ascent.updates + 1, options.clips)
    notes = [held_note(probe), canvas.range.note if canvas.range.guessed else "", _blur_note(options, canvas)]
    ends = {"low": canvas.range.low.tolist(), "high": canvas.range.high.tolist()}
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


def _start(canvas: Canvas, options: Options, number: int) -> Array:
    """The noise of one try, H×W×C: the same for every unit, whatever else is grown beside it."""
    std = options.noise * canvas.range.span if options.absolute_noise is None else options.absolute_noise
    middle = (canvas.range.low + canvas.range.high) / 2 if options.start == "middle" else 0.0
    noise = np.random.default_rng([options.seed, number]).normal(0.0, std, canvas.shape)
    return (middle + noise).astype(canvas.probe.network.dtype)


def _blur_note(options: Options, canvas: Canvas) -> str:
    blurs = options.regularisation().blur_interval and canvas.flat
    return "Nothing is blurred: the input has no height and width." if blurs else ""
