"""The valid range of a network's picture input, where something is grown in it and nobody says what is a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from .preprocessing import applied
from .probe import Probe

Array: TypeAlias = np.ndarray


@dataclass(frozen=True, slots=True)
class InputRange:
    """`low` and `high`, one number for each channel, in network units. `known` by what; `guessed`: by nothing.
    `bgr`: the channels are blue, green, red.
    """

    low: Array
    high: Array
    known: str
    guessed: bool = False
    bgr: bool = False

    @property
    def span(self) -> float:
        """From the lowest to the highest, the mean over the channels."""
        return float(np.mean(self.high - self.low))

    @property
    def note(self) -> str:
        """A sentence for the figure."""
        low, high = (", ".join(f"{each:g}" for each in _same(ends)) for ends in (self.low, self.high))
        said = f"The input is taken to lie between {low} and {high} ({self.known})"
        return said + ("; give preprocess, a sample of the training data or input_range." if self.guessed else ".")


def input_range(probe: Probe, given: tuple[float, float] | None = None) -> InputRange:
    """The range of the picture input: as given, else by what the preprocessing makes of black and white, else that of
    the sample of training data, else that of the images shown, else 0 to 1.
    """
    shape = probe.channels_last(probe.image[:1]).shape
    channels = shape[-1] if len(shape) == 4 else 1
    if given is not None:
        return _flat(given, channels, "as said")
    if probe.preprocess is not None and len(shape) == 4:
        black, white = (_preprocessed(probe, shape, np.full(channels, value)) for value in (0.0, 255.0))
        known = "black and white after the preprocessing"
        return InputRange(np.minimum(black, white), np.maximum(black, white), known, bgr=takes_bgr(probe))
    if probe.sample is not None:
        return _measured(probe, probe.sample[probe.image_input], "in the sample of the training data")
    if probe.pictures:
        return _measured(probe, probe.image, "a guess by the images given", guessed=True)
    if any(site.kind == "Rescaling" and site.reads for site in probe.network.sites.leaves):
        return _flat((0.0, 255.0), channels, "the network rescales its input")
    return _flat((0.0, 1.0), channels, "a guess", guessed=True)


def takes_bgr(probe: Probe) -> bool:
    """Whether the preprocessing turns the colours of the picture input round: blue, green, red."""
    if probe.preprocess is None or not probe.floats or probe.image.ndim != 4:
        return False
    shape = probe.channels_last(probe.image[:1]).shape
    if shape[-1] != 3:
        return False
    black, white, red = (
        _preprocessed(probe, shape, np.array(each)) for each in ([0.0] * 3, [255.0] * 3, [255.0, 0, 0])
    )
    return bool(red[2] == white[2] != black[2] and red[0] == black[0])


def _flat(ends: tuple[float, float], channels: int, known: str, guessed: bool = False) -> InputRange:
    low, high = (np.full(channels, float(each)) for each in ends)
    return InputRange(low, high, known, guessed)


def _preprocessed(probe: Probe, shape: tuple[int, ...], colour: Array) -> Array:
    """What the preprocessing makes of a picture of one colour, one number for each channel."""
    plain = np.broadcast_to(colour.astype(np.float32), shape)
    made = applied(probe.preprocess, plain, probe.channels_first)
    return probe.channels_last(made).mean(axis=(0, 1, 2), dtype=np.float64)


def _measured(probe: Probe, values: Array, known: str, guessed: bool = False) -> InputRange:
    """The usual range that values lie in, else from their lowest to their highest for each channel."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    last = probe.channels_last(values)
    channels = last.shape[-1] if last.ndim == 4 else 1
    for usual in ((0.0, 1.0), (0.0, 255.0), (-1.0, 1.0)):
        span = usual[1] - usual[0]
        if usual[0] <= low < usual[0] + 0.1 * span and usual[1] - 0.1 * span < high <= usual[1]:
            return _flat(usual, channels, known, guessed)
    if last.ndim == 4:
        lows, highs = (np.asarray(end(last, axis=(0, 1, 2)), np.float64) for end in (np.nanmin, np.nanmax))
    else:
        lows, highs = np.array([low]), np.array([high])
    return InputRange(lows, np.where(highs > lows, highs, lows + 1), known, guessed)


def _same(ends: Array) -> Array:
    return ends[:1] if np.all(ends == ends[0]) else ends
