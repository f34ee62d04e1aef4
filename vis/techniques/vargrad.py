"""VarGrad: the variance of an attribution over copies of the image with noise.

Adebayo, Gilmer, Goodfellow, Kim 2018, "Local Explanation Methods for Deep Neural Networks Lack Sensitivity to Parameter
Values", arXiv:1810.03307. The class is that of the image without noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..attribution import Attribution
from ..figures import Figure, Maps, Vectors
from ..noise import Noise, figure_of, spread
from ..probe import Probe
from ..technique import TechniqueError
from . import saliency_maps


@dataclass(frozen=True, slots=True)
class Options(Noise):
    """How many copies (two at least), how much noise."""

    def __post_init__(self) -> None:
        Noise.__post_init__(self)  # super() does not know a class with slots
        if self.samples < 2:
            raise TechniqueError("vargrad needs two samples or more: one has no variance")


def compute(
    probe: Probe, options: Options = Options(), technique: Attribution = saliency_maps, inner: Any = None
) -> Figure:
    """The variance of `technique` (a module; `inner` are options of it) at each pixel, added up over its channels."""
    inner = technique.Options() if inner is None else inner
    found = spread(probe, technique, inner, options)
    values = probe.channels_last(found.variance.values)
    values = values.sum(axis=-1) if values.ndim == 4 else values
    items = found.variance.items(aspect="variance")
    if values.ndim == 3:
        part = Maps(values, items, "variance", space="input")
    else:
        part = Vectors(values.reshape(len(values), -1), items, "variance")
    return figure_of(probe, "vargrad", technique, inner, found.variance, [part], found.note, options)
