"""From pixels to what a network was trained on, and back: by a name, or by a function of the user's own.

A name is a few words, each done after the one before:

    0..255                nothing
    0..1, -1..1           pixels 0…255 to this range
    bgr                   channels in the other order
    mean 104,117,123      subtract, one number or one a channel
    std 58.4,57.1,57.4    divide
    tf, torch, caffe      as `preprocess_input` of keras.applications does it in this mode
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from ..engine.text import printable
from .picture_files import ImageError

Array: TypeAlias = np.ndarray
Process: TypeAlias = Callable[[Array], Array]

# keras.applications.imagenet_utils.preprocess_input: the same words, told apart.
MODES: Mapping[str, str] = {
    "tf": "-1..1",
    "torch": "0..1 mean 0.485,0.456,0.406 std 0.229,0.224,0.225",
    "caffe": "bgr mean 103.939,116.779,123.68",
}
_RANGES = {"0..255": (1.0, 0.0), "0..1": (1 / 255, 0.0), "-1..1": (1 / 127.5, -1.0)}
_WORDS = (*_RANGES, *MODES, "bgr", "mean", "std")


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """`scale` and `shift`, one number or one a channel: y = x · scale + shift, of channels in the other order where
    `bgr`. Takes …×H×W×C.
    """

    name: str
    bgr: bool = False
    scale: tuple[float, ...] = (1.0,)
    shift: tuple[float, ...] = (0.0,)

    def __call__(self, pixels: Array) -> Array:
        """Network units of pixels 0…255. Raises ImageError where the channels do not fit."""
        return self._affine(pixels, self.scale, self.shift)

    def back(self, values: Array) -> Array:
        """Pixels of values in network units; they may lie outside of 0…255. Raises ImageError."""
        length = max(len(self.scale), len(self.shift))
        pairs = list(zip(_long(self.scale, length), _long(self.shift, length), strict=True))[:: -1 if self.bgr else 1]
        return self._affine(values, [1 / scale for scale, _ in pairs], [-shift / scale for scale, shift in pairs])

    def _affine(self, values: Array, scale: Sequence[float], shift: Sequence[float]) -> Array:
        """Channel by channel, which is three times as fast as all at once: rows of three are slow to broadcast."""
        channels = values.shape[-1]
        needed = max(len(scale), len(shift), 3 if self.bgr else 1)
        if needed not in (1, channels):
            raise ImageError(f"the preprocessing {self.name!r} is for {needed} channels, the images have {channels}")
        made = np.empty(values.shape, values.dtype if values.dtype.kind == "f" else np.float32)
        factors, offsets = _long(scale, channels), _long(shift, channels)
        for channel in range(channels):
            source = values[..., channels - 1 - channel if self.bgr else channel]
            np.multiply(source, made.dtype.type(factors[channel]), out=made[..., channel])
            if offsets[channel]:
                made[..., channel] += made.dtype.type(offsets[channel])
        return made


def named(name: str) -> Preprocessing:
    """The preprocessing of this name. Raises ImageError."""
    made = Preprocessing(printable(name, 80))
    words = name.lower().replace(", ", ",").split()
    if not words:
        raise ImageError("the preprocessing has no name: 0..1 is one, or bgr mean 104,117,123")
    while words:
        word = words.pop(0)
        if word in MODES:
            words[:0] = MODES[word].split()
        elif word in _RANGES:
            scale, shift = _RANGES[word]
            made = _then(made, (scale,), (shift,))
        elif word == "bgr":
            # What was done to each channel before goes with it.
            made = replace(made, bgr=not made.bgr, scale=made.scale[::-1], shift=made.shift[::-1])
        elif word in ("mean", "std"):
            numbers = _numbers(name, word, words.pop(0) if words else "")
            shifted = word == "mean"
            made = _then(made, (1.0,) if shifted else tuple(1 / each for each in numbers),
                         tuple(-each for each in numbers) if shifted else (0.0,))  # fmt: skip
        else:
            near = difflib.get_close_matches(word, _WORDS, n=1, cutoff=0.4)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise ImageError(
                f"the preprocessing {printable(name, 80)!r} has a word that means nothing here, "
                f"{printable(word, 40)!r}{hint}: there are {', '.join(_WORDS)}"
            )
    return made


def one_by_one(function: Process) -> Process:
    """A function of one image H×W×C, as one of a batch N×H×W×C."""

    def batch(images: Array) -> Array:
        return np.stack([np.asarray(function(each.copy())) for each in images])

    batch.__name__ = getattr(function, "__name__", "preprocess")
    return batch


def applied(preprocess: Process | str | None, batch: Array, channels_first: bool = False) -> Array:
    """A batch N×H×W×C as floats in network units, and in the network's layout: N×C×H×W with `channels_first`.

    A function gets a copy in that layout, as it did in training; a copy, for that of Keras writes into what it is
    given. Raises ImageError where it fails or returns no batch of as many images.
    """
    if isinstance(preprocess, str):
        preprocess = named(preprocess)
    if isinstance(preprocess, Preprocessing):
        batch = preprocess(batch)
    batch = batch.astype(np.float64 if batch.dtype == np.float64 else np.float32, copy=False)
    if channels_first:
        batch = np.moveaxis(batch, -1, 1)
    if preprocess is None or isinstance(preprocess, Preprocessing):
        return np.ascontiguousarray(batch)
    return _called(preprocess, batch.copy())


def _called(function: Process, batch: Array) -> Array:
    name = printable(getattr(function, "__name__", type(function).__name__), 60)
    shape = "×".join(map(str, batch.shape))
    try:
        made = np.asarray(function(batch))
    except Exception as error:
        raise ImageError(
            f"the preprocessing {name!r} failed on images of shape {shape}: {type(error).__name__}: "
            f"{printable(error, 200)}. It gets the whole batch; `one_by_one` makes one of a function of one image"
        ) from error
    if made.dtype.kind not in "fiub" or made.ndim != 4 or len(made) != len(batch):
        raise ImageError(
            f"the preprocessing {name!r} made {made.dtype} of shape {'×'.join(map(str, made.shape))} from images of "
            f"shape {shape}: it has to return as many images, as numbers"
        )
    if not np.isfinite(made).all():
        raise ImageError(f"the preprocessing {name!r} made values that are no finite numbers (NaN or infinity)")
    return made if made.dtype in (np.float32, np.float64) else made.astype(np.float32)


def _long(numbers: Sequence[float], length: int) -> list[float]:
    return list(numbers) * (length // len(numbers))


def _then(before: Preprocessing, scale: tuple[float, ...], shift: tuple[float, ...]) -> Preprocessing:
    length = max(map(len, (before.scale, before.shift, scale, shift)))
    factors, offsets, more, further = (_long(each, length) for each in (before.scale, before.shift, scale, shift))
    if len({len(each) for each in (factors, offsets, more, further)}) > 1:
        raise ImageError(f"the preprocessing {before.name!r} has lists of different lengths: one number a channel")
    return replace(
        before,
        scale=tuple(a * b for a, b in zip(factors, more, strict=True)),
        shift=tuple(a * b + c for a, b, c in zip(offsets, more, further, strict=True)),
    )


def _numbers(name: str, word: str, text: str) -> tuple[float, ...]:
    try:
        found = tuple(float(each) for each in text.split(","))
    except ValueError:
        found = ()
    if not found or not np.isfinite(found).all() or (word == "std" and 0.0 in found):
        raise ImageError(
            f"the preprocessing {printable(name, 80)!r} needs numbers after {word!r}, not {printable(text, 40)!r}: "
            f"{word} 104,117,123"
        )
    return found
