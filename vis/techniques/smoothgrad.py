"""SmoothGrad: the mean of an attribution over copies of the image with noise.

Smilkov, Thorat, Kim, Viégas, Wattenberg 2017, "SmoothGrad: removing noise by adding noise", arXiv:1706.03825. What is
averaged is signed, and the class is that of the image without noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..attribution import Attribution
from ..figures import Figure
from ..noise import Noise, figure_of, spread
from ..probe import Probe
from . import saliency_maps


@dataclass(frozen=True, slots=True)
class Options(Noise):
    """How many copies, how much noise."""


def compute(
    probe: Probe, options: Options = Options(), technique: Attribution = saliency_maps, inner: Any = None
) -> Figure:
    """The parts of `technique` (a module; `inner` are options of it), made of the mean."""
    inner = technique.Options() if inner is None else inner
    found = spread(probe, technique, inner, options)
    parts = technique.parts(probe, found.mean, inner)
    return figure_of(probe, "smoothgrad", technique, inner, found.mean, parts, found.note, options)
