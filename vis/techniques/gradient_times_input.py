"""Gradient × input: what each value of the input contributes, as if the network were linear around this image.

Shrikumar, Greenside, Shcherbina, Kundaje 2016, "Not Just a Black Box", arXiv:1605.01713. Of a network without biases,
made of convolutions, ReLUs and pools, the contributions add up to the logit.
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
    """`signs`: which maps are made of it, as for saliency."""

    signs: tuple[Sign, ...] = ("sum", "signed")

    def __post_init__(self) -> None:
        check_signs(self.signs)


def attribute(
    probe: Probe, inputs: Sequence[np.ndarray], wanted: np.ndarray, options: Options = Options()
) -> Attributed:
    """The picture input in network units times the gradient by it, in its shape."""
    found = class_gradient(probe, inputs, wanted)
    return found.attributed(found.values * inputs[probe.image_input])


def parts(probe: Probe, found: Attributed, options: Options = Options()) -> list[Part]:
    """One map an image for each sign, in units of the logit."""
    return maps_of(probe, found, options.signs)


def remarks(probe: Probe, options: Options = Options()) -> list[str]:
    """Nothing beyond what holds for every gradient."""
    return []


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """One map an image for each sign."""
    found = attribute(probe, probe.inputs, probe.wanted, options)
    return figure(
        probe, "gradient_times_input", found, parts(probe, found, options), remarks(probe, options), options=options
    )
