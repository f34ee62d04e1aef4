"""Saliency: how much the score of a class would change with each pixel.

Simonyan, Vedaldi, Zisserman 2013, "Deep Inside Convolutional Networks", arXiv:1312.6034: the gradient of the class
*logit* by the input. A probability would not do, for it falls as the others rise; nor would the input of a fused
softmax layer, which is a hidden unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..attribution import Attributed, Sign, check_signs, class_gradient, figure, maps_of
from ..figures import Figure, Part
from ..probe import Probe


@dataclass(frozen=True, slots=True)
class Options:
    """`signs`: which maps are made of the gradient g: "absolute" max over channels of |g| (H×W), "positive" max(0, g)
    and "negative" max(0, −g) with their channels (H×W×C), "signed" g itself, "sum" its sum over channels (H×W).
    """

    signs: tuple[Sign, ...] = ("absolute", "positive", "negative")

    def __post_init__(self) -> None:
        check_signs(self.signs)


def attribute(
    probe: Probe, inputs: Sequence[np.ndarray], wanted: np.ndarray, options: Options = Options()
) -> Attributed:
    """The gradient by the picture input, in its shape."""
    return class_gradient(probe, inputs, wanted)


def parts(probe: Probe, found: Attributed, options: Options = Options()) -> list[Part]:
    """One map an image for each sign, in logits for one network unit: nothing is scaled or clipped."""
    return maps_of(probe, found, options.signs)


def remarks(probe: Probe, options: Options = Options()) -> list[str]:
    """Nothing: a gradient is what it is."""
    return []


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """One map an image for each sign."""
    found = attribute(probe, probe.inputs, probe.wanted, options)
    return figure(probe, "saliency_maps", found, parts(probe, found, options), remarks(probe, options), options=options)
