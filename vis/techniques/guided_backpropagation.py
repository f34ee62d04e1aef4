"""Guided back-propagation: the gradient of the class' logit with everything dropped that is negative at a ReLU, on
the way forward or back.

Springenberg, Dosovitskiy, Brox, Riedmiller 2014, "Striving for Simplicity: The All Convolutional Net",
arXiv:1412.6806.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..attribution import Attributed, Sign, check_signs, class_gradient, figure, maps_of, of_rectifiers
from ..figures import Figure, Part
from ..probe import Probe


@dataclass(frozen=True, slots=True)
class Options:
    """`signs`: which maps are made of it, as for saliency."""

    signs: tuple[Sign, ...] = ("signed", "absolute")

    def __post_init__(self) -> None:
        check_signs(self.signs)


def attribute(
    probe: Probe, inputs: Sequence[np.ndarray], wanted: np.ndarray, options: Options = Options()
) -> Attributed:
    """The guided gradient by the picture input, in its shape."""
    return class_gradient(probe, inputs, wanted, "guided")


def parts(probe: Probe, found: Attributed, options: Options = Options()) -> list[Part]:
    """One map an image for each sign: nothing is scaled or clipped."""
    return maps_of(probe, found, options.signs)


def remarks(probe: Probe, options: Options = Options()) -> list[str]:
    """Which nonlinearities the rule holds for: all others let the gradient through as it is."""
    return of_rectifiers(probe)


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """One map an image for each sign."""
    found = attribute(probe, probe.inputs, probe.wanted, options)
    return figure(
        probe, "guided_backpropagation", found, parts(probe, found, options), remarks(probe, options), options=options
    )
