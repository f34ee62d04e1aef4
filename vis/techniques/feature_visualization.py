"""Feature visualisation: a picture that excites a unit, grown as a spectrum in decorrelated colours, from ever other
views.

Olah, Mordvintsev, Schubert 2017, "Feature Visualization", doi:10.23915/distill.00007. A sigmoid keeps the picture in
the valid range of the input, Adam climbs; a start without a gradient is led past dead rectifiers for its first steps.
All in network units: no preprocessing has to be differentiated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from keras import ops

from ..ascent import Adam, Climbed, Rescue, moves
from ..canvas import Canvas
from ..figures import Figure
from ..fourier import Fourier, correlated
from ..gradients import value_and_gradient
from ..growing import Batch, grown
from ..input_range import input_range
from ..network import NetworkError
from ..probe import Probe
from ..rules import Rule
from ..technique import TechniqueError
from ..units import Address, Over, held_note, unit_scores
from ..views import Views, seen, view

Array: TypeAlias = np.ndarray

START = 0.01  # standard deviation of the first spectrum
JITTER = 1 / 28  # of the shorter side, where nobody says: 8 pixels of 224, 1 of 28


@dataclass(frozen=True, slots=True)
class Options:
    """`units`, `over`, `tries`, `input_range`, `raw` as in deep_visualization. Each of `steps` looks at the picture
    shifted by up to `jitter` pixels (none: by its size), scaled by 1 ± `scale` and turned by up to `rotate` degrees.
    `decorrelate` lets brightness and colours vary apart, as those of photographs do.
    """

    units: tuple[Address, ...] | None = None
    over: Over = "mean"
    steps: int = 128
    learning_rate: float = 0.05
    jitter: int | None = None
    scale: float = 0.1
    rotate: float = 10.0
    decorrelate: bool = True
    tries: int = 1
    seed: int = 0
    input_range: tuple[float, float] | None = None
    raw: bool = False

    def __post_init__(self) -> None:
        if self.steps < 1 or self.tries < 1:
            raise TechniqueError(f"steps is {self.steps} and tries {self.tries}: both are at least 1")
        if not self.learning_rate > 0:
            raise TechniqueError(f"learning_rate is {self.learning_rate}: it is more than 0")
        if (self.jitter or 0) < 0 or not 0 <= self.scale < 1 or self.rotate < 0:
            raise TechniqueError(
                f"jitter is {self.jitter}, scale {self.scale} and rotate {self.rotate}: none is below 0, scale is "
                "a share below 1"
            )


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """One picture for each try of each unit, the best try of a unit first, a part a layer. `score` is that of the
    picture as it is shown. Raises NetworkError for an input without height and width.
    """
    canvas = Canvas(probe, input_range(probe, options.input_range))
    if canvas.flat:
        raise NetworkError(
            f"feature_visualization needs an input with height and width, this one is {probe.image.shape[1:]}: "
            "deep_visualization grows any"
        )
    growth = Growth(canvas, options)
    parts = grown(canvas, options, growth, options.steps + 1, inside=True)
    notes = [note for note in (held_note(probe), canvas.range.note) if note]
    return probe.figure("feature_visualization", parts, notes, options)


class Growth:
    """How pictures grow on a canvas."""

    def __init__(self, canvas: Canvas, options: Options) -> None:
        height, width, channels = canvas.shape
        self.canvas, self.options = canvas, options
        self.fourier = Fourier(height, width, channels)
        jitter = max(1.0, min(height, width) * JITTER) if options.jitter is None else options.jitter
        self.views = Views(min(jitter, height / 4, width / 4), options.scale, options.rotate)
        self.colours = correlated(channels, canvas.range.bgr) if options.decorrelate else np.eye(channels)

    def __call__(self, batch: Batch) -> Climbed:
        """The pictures of a batch after all steps, and their scores."""
        height, width, _ = self.canvas.shape
        spectra = np.stack([self._start(each) for each in batch.tries])
        rng = np.random.default_rng(self.options.seed)  # the same views for every batch
        adam, rescue, lived = Adam(self.options.learning_rate), Rescue(len(spectra)), np.zeros(len(spectra), bool)
        for _ in range(self.options.steps):
            drawn = self.views.draw(rng, height, width)
            _, found = self._gradients(batch, spectra, drawn)
            lived |= moves(found)

            def past_dead(spectra: Array = spectra, drawn: tuple[Array, Array] = drawn) -> Array:
                return self._gradients(batch, spectra, drawn, "redirected")[1]

            spectra = adam(spectra, rescue(found, past_dead)).astype(spectra.dtype)
            batch.evaluated()
        scores, _ = self._gradients(batch, spectra, view(height, width))
        batch.evaluated()
        return Climbed(self._pictures(spectra), scores, lived)

    def _start(self, number: int) -> Array:
        rng = np.random.default_rng([self.options.seed, number])
        return rng.normal(0, START, self.fourier.shape).astype(self.canvas.probe.network.dtype)

    def _pictures(self, spectra: Array) -> Array:
        """Spectra as pictures in network units."""
        ends, mixed = self.canvas.range, self.fourier.pictures(spectra) @ self.colours
        return (ends.low + (ends.high - ends.low) / (1 + np.exp(-mixed))).astype(spectra.dtype)

    def _gradients(
        self, batch: Batch, spectra: Array, drawn: tuple[Array, Array], rule: Rule = "plain"
    ) -> tuple[Array, Array]:
        """The scores of the pictures from a view, and their gradients by the spectra."""
        probe, dtype = self.canvas.probe, self.canvas.probe.network.dtype
        others = [
            np.repeat(each[:1], len(spectra), 0) for at, each in enumerate(probe.inputs) if at != probe.image_input
        ]
        ends = self.canvas.range
        fixed = [each.astype(dtype) for each in (drawn[1], self.colours, ends.low, ends.high - ends.low)]
        key = ("feature visualization", batch.path or probe.output, rule, self.canvas.shape)
        function = self._function(batch.path, rule, len(others))
        return probe.network.call(key, function, spectra, drawn[0], *fixed, *others, *batch.weights)

    def _function(self, path: str, rule: Rule, count: int) -> Callable[..., Any]:
        """In tensors: what gives scores and gradients with `count` further inputs."""
        probe, canvas, fourier = self.canvas.probe, self.canvas, self.fourier

        def function(spectra: Any, places: Any, shares: Any, colours: Any, low: Any, span: Any, *rest: Any) -> Any:
            def score(spectra: Any) -> Any:
                pictures: Any = ops.sigmoid(ops.matmul(fourier.tensors(spectra), colours))
                image = canvas.tensor_as_input(low + span * seen(pictures, places, shares))
                inputs = [*rest[:count]]
                inputs.insert(probe.image_input, image)
                found = unit_scores(probe, inputs, path, rest[count:], rule)
                return ops.sum(found), found

            scores, (gradient,) = value_and_gradient(score, [spectra], probe.network.scale)
            return scores, gradient

        return function
