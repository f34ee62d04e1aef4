"""Guided Grad-CAM: guided back-propagation inside the region of Grad-CAM, their product.

Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra 2017, "Grad-CAM: Visual Explanations from Deep Networks via
Gradient-based Localization", arXiv:1610.02391, section 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..attribution import Attributed, Sign, check_signs, class_gradient, figure, maps_of, of_rectifiers
from ..cam import Layer
from ..figures import Figure, Part
from ..probe import Probe
from . import grad_cam


@dataclass(frozen=True, slots=True)
class Options:
    """`layer`: of Grad-CAM, None: the last with height and width. `signs`: which maps are made of the product, as for
    saliency.
    """

    layer: Layer = None
    signs: tuple[Sign, ...] = ("signed", "absolute")

    def __post_init__(self) -> None:
        check_signs(self.signs)


def attribute(
    probe: Probe, inputs: Sequence[np.ndarray], wanted: np.ndarray, options: Options = Options()
) -> Attributed:
    """The guided gradient times Grad-CAM stretched over the input, in the shape of the picture input."""
    guided = class_gradient(probe, inputs, wanted, "guided")
    where = grad_cam.attribute(probe, inputs, guided.classes, grad_cam.Options(options.layer)).values
    if guided.values.ndim > where.ndim:
        where = np.expand_dims(where, 1 if probe.channels_first else -1)
    return guided.attributed(guided.values * where)


def parts(probe: Probe, found: Attributed, options: Options = Options()) -> list[Part]:
    """One map an image for each sign."""
    return maps_of(probe, found, options.signs)


def remarks(probe: Probe, options: Options = Options()) -> list[str]:
    """Which nonlinearities the rule holds for, and which maps Grad-CAM was made of."""
    return [*of_rectifiers(probe), *grad_cam.remarks(probe, grad_cam.Options(options.layer))]


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """One map an image for each sign."""
    found = attribute(probe, probe.inputs, probe.wanted, options)
    made = parts(probe, found, options)
    zeros = "where Grad-CAM finds what speaks for the class, the guided gradient is 0"
    return figure(probe, "guided_grad_cam", found, made, remarks(probe, options), zeros=zeros, options=options)
