"""Saliency: how much the score of a class would change with each pixel.

Simonyan, Vedaldi, Zisserman 2013, "Deep Inside Convolutional Networks", arXiv:1312.6034: the gradient of the class
*logit* by the input. A probability would not do, for it falls as the others rise; nor would the input of a fused
softmax layer, which is a hidden unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..attribution import class_gradient
from ..figures import Figure, Item, Maps, Vectors
from ..probe import Probe
from ..rules import Rule

Sign = Literal["absolute", "positive", "negative", "signed"]


@dataclass(frozen=True, slots=True)
class Options:
    """`signs`: which maps are made of the gradient g: "absolute" max over channels of |g| (H×W), "positive" max(0, g)
    and "negative" max(0, −g) with their channels (H×W×C), "signed" g itself.
    """

    signs: tuple[Sign, ...] = ("absolute", "positive", "negative")


def attribute(probe: Probe, inputs: tuple[np.ndarray, ...], wanted: np.ndarray, rule: Rule = "plain") -> np.ndarray:
    """The gradient by the picture input, in its shape: what the wrappers average."""
    return class_gradient(probe, inputs, wanted, rule).gradient


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """One map an image for each sign, in network units: nothing is scaled or clipped."""
    found = class_gradient(probe, probe.inputs, probe.wanted)
    probe.predicted(found.scores)
    logits = np.take_along_axis(found.logits, found.classes[:, None], axis=1)[:, 0]
    parts = parts_of(probe, found.gradient, found.classes, logits, options.signs)
    return probe.figure("saliency_maps", parts, options=options)


def parts_of(
    probe: Probe, gradient: np.ndarray, classes: np.ndarray, scores: np.ndarray, signs: tuple[Sign, ...]
) -> list[Maps | Vectors]:
    """A gradient (in the shape of the picture input) as maps, one part a sign; vectors where it is no picture."""
    gradient = probe.channels_last(gradient)
    parts: list[Maps | Vectors] = []
    for sign in signs:
        items = tuple(
            Item(image=place, target=int(class_), score=float(score), aspect=sign)
            for place, (class_, score) in enumerate(zip(classes, scores, strict=True))
        )
        values = _signed(gradient, sign)
        if gradient.ndim == 4:
            parts.append(Maps(values, items, sign, space="input", signed=sign == "signed"))
        elif gradient.ndim == 3:
            parts.append(Maps(values.reshape(len(values), gradient.shape[1], -1), items, sign, space="input"))
        else:
            parts.append(Vectors(values.reshape(len(values), -1), items, sign, signed=sign == "signed"))
    return parts


def _signed(gradient: np.ndarray, sign: Sign) -> np.ndarray:
    match sign:
        case "absolute":
            size = np.abs(gradient)
            return size.max(axis=-1) if gradient.ndim == 4 else size
        case "positive":
            return np.maximum(gradient, 0)
        case "negative":
            return np.maximum(-gradient, 0)
        case "signed":
            return gradient
