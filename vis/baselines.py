"""Images in which there is nothing to see: where integrated gradients start, and what covers a part in occlusion."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from .input_range import input_range
from .probe import Probe
from .regularisers import blurred

Array: TypeAlias = np.ndarray
Baseline: TypeAlias = Literal["zeros", "mean", "blurred", "black", "white"]

BLUR = 1 / 10  # standard deviation, as a share of the longer side: no outline is left


def baseline(probe: Probe, kind: Baseline, images: Array) -> tuple[Array, list[str]]:
    """One empty image for each of `images`, in their shape and network units; and what must be said of it.

    "zeros" of network units, the "mean" colour of each image, each "blurred", "black" or "white".
    """
    last = probe.channels_last(images)
    if kind == "zeros":
        return np.zeros_like(images), []
    if kind == "mean" or (kind == "blurred" and last.ndim != 4):
        axes = tuple(range(1, last.ndim - 1)) if last.ndim == 4 else tuple(range(1, last.ndim))
        found, notes = np.broadcast_to(last.mean(axis=axes, keepdims=True), last.shape), []
    elif kind == "blurred":
        found, notes = blurred(last, BLUR * max(last.shape[1:3])), []
    else:
        known = input_range(probe)
        end = known.low if kind == "black" else known.high
        found, notes = np.broadcast_to(end.astype(images.dtype), last.shape), [known.note]
    return np.ascontiguousarray(_as_given(probe, found), dtype=images.dtype), notes


def _as_given(probe: Probe, last: Array) -> Array:
    """N×H×W×C in the layout of the picture input."""
    return np.moveaxis(last, -1, 1) if probe.channels_first and last.ndim == 4 else last
