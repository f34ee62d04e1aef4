"""Integrated gradients: what each value of the input adds to the logit on the straight way from an empty image to this
one.

Sundararajan, Taly, Yan 2017, "Axiomatic Attribution for Deep Networks", arXiv:1703.01365. The contributions add up to
the change of the logit (completeness), up to the error of the integral, which the figure tells.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from ..attribution import Attributed, Explained, Sign, check_signs, class_gradient, explain, figure, maps_of
from ..baselines import Baseline, baseline
from ..figures import Figure, Part, Table
from ..probe import Probe
from ..technique import TechniqueError

Array: TypeAlias = np.ndarray
Quadrature: TypeAlias = Literal["gauss_legendre", "midpoint"]

_ORDER = 64  # of one Gauss-Legendre rule: more points are several rules, one after the other
_LARGE = 0.05  # an error of which more steps are advised


@dataclass(frozen=True, slots=True)
class Options:
    """`steps`: gradients on the way. `baseline`: the empty image it starts from: "zeros" of network units, the "mean"
    colour of the image, the image "blurred", "black" or "white"; `reference` is one of one's own, in the shape and
    units of the picture input, and goes before. `quadrature`: where the steps lie. `signs`: as for saliency.
    """

    steps: int = 50
    baseline: Baseline = "zeros"
    reference: Array | None = None
    quadrature: Quadrature = "gauss_legendre"
    signs: tuple[Sign, ...] = ("sum", "signed")

    def __post_init__(self) -> None:
        check_signs(self.signs)
        if self.steps < 1:
            raise TechniqueError(f"steps is {self.steps}: the way from the baseline to the image has one step or more")


def attribute(probe: Probe, inputs: Sequence[Array], wanted: Array, options: Options = Options()) -> Attributed:
    """The integrated gradients by the picture input, in its shape."""
    found = explain(probe, inputs, wanted)  # the class is that of the image, not of what lies on the way
    images = inputs[probe.image_input]
    start, _ = _start(probe, images, options)
    alphas, weights = nodes(options.steps, options.quadrature)
    total = np.zeros(images.shape)
    for at in range(0, len(images) * options.steps, probe.batch):
        rows = np.arange(at, min(at + probe.batch, len(images) * options.steps))
        image, step = np.divmod(rows, options.steps)
        share = alphas[step].reshape(-1, *[1] * (images.ndim - 1)).astype(images.dtype)
        way = start[image] + share * (images[image] - start[image])
        given = [way if place == probe.image_input else each[image] for place, each in enumerate(inputs)]
        gradient = class_gradient(probe, given, found.classes[image]).values
        for one in np.unique(image):
            here = image == one
            total[one] += np.tensordot(weights[step[here]], gradient[here].astype(np.float64), 1)
        probe.progress(int(rows[-1]) + 1, len(images) * options.steps)
    return found.attributed(((images - start) * total).astype(images.dtype))


def parts(probe: Probe, found: Attributed, options: Options = Options()) -> list[Part]:
    """One map an image for each sign, in units of the logit."""
    return maps_of(probe, found, options.signs)


def remarks(probe: Probe, options: Options = Options()) -> list[str]:
    """What is known of the baseline."""
    return _start(probe, probe.image[:1], options)[1]


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """The maps, and a table "completeness": how far their sum is from the change of the logit."""
    found = attribute(probe, probe.inputs, probe.wanted, options)
    start, notes = _start(probe, probe.image, options)
    empty = explain(probe, probe.with_image(start), found.classes)
    table, said = _completeness(found, empty)
    made = [*parts(probe, found, options), table]
    return figure(probe, "integrated_gradients", found, made, [*notes, said], options=options)


@functools.lru_cache(maxsize=16)
def nodes(steps: int, quadrature: Quadrature = "gauss_legendre") -> tuple[Array, Array]:
    """Where between 0 and 1 the gradient is taken, and what each counts; the latter add up to 1."""
    if quadrature == "midpoint":
        return (np.arange(steps) + 0.5) / steps, np.full(steps, 1 / steps)
    pieces = np.array_split(np.arange(steps), math.ceil(steps / _ORDER))
    alphas, weights = [], []
    for piece in pieces:
        points, counts = np.polynomial.legendre.leggauss(len(piece))
        alphas.append((piece[0] + (points + 1) / 2 * len(piece)) / steps)
        weights.append(counts / 2 * len(piece) / steps)
    return np.concatenate(alphas), np.concatenate(weights)


def _start(probe: Probe, images: Array, options: Options) -> tuple[Array, list[str]]:
    if options.reference is None:
        return baseline(probe, options.baseline, images)
    try:
        one = np.broadcast_to(np.asarray(options.reference, images.dtype), images.shape[1:])
    except ValueError:
        given, needed = ("×".join(map(str, shape)) for shape in (np.shape(options.reference), images.shape[1:]))
        raise TechniqueError(f"the reference has shape {given}: the picture input has {needed}") from None
    return np.ascontiguousarray(np.broadcast_to(one, images.shape)), ["The empty image was given."]


def _completeness(found: Attributed, empty: Explained) -> tuple[Table, str]:
    change = found.targets.astype(np.float64) - empty.targets
    sums = found.values.reshape(len(found.values), -1).sum(axis=1, dtype=np.float64)
    error = np.abs(sums - change) / np.maximum(np.abs(change), np.finfo(np.float32).tiny)
    columns = ("image", "class", "logit", "logit of the empty image", "sum of the map", "error")
    rows = zip(
        range(len(sums)), found.classes.tolist(), found.targets.tolist(), empty.targets.tolist(), sums.tolist(),
        error.tolist(), strict=True,
    )  # fmt: skip
    worst = float(np.max(error))
    more = "; more steps make it less" if worst > _LARGE else ""
    said = f"The map adds up to the change of the logit with an error of {worst:.2g} of it at most{more}."
    return Table(columns, tuple(rows), "completeness"), said
