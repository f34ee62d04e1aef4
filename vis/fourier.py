"""Pictures as the spectra that make them, in colours that vary apart from each other: gradient ascent in which large
shapes grow as fast as small ones.

Olah, Mordvintsev, Schubert 2017, "Feature Visualization", doi:10.23915/distill.00007, with the scales of the authors'
program, lucid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import ops

Array: TypeAlias = np.ndarray
Tensor: TypeAlias = Any

# A square root of the covariance of red, green and blue over ImageNet, as lucid has it (optvis/param/color.py): a
# row a colour; the columns are about brightness, red against blue, and green against both.
COLOURS = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
CALM = 4.0  # lucid divides by it: with the start it gives a picture that is almost grey


@dataclass(frozen=True, slots=True)
class Fourier:
    """Spectra of pictures of `height` × `width` with `channels`, N×2×C×H×(W//2 + 1): real and imaginary parts."""

    height: int
    width: int
    channels: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the spectrum of one picture."""
        return 2, self.channels, self.height, self.width // 2 + 1

    def scales(self) -> Array:
        """What each frequency is multiplied by, H×(W//2 + 1): the amplitudes of natural pictures fall as 1/f."""
        rows, columns = np.fft.fftfreq(self.height)[:, None], np.fft.rfftfreq(self.width)
        least = 1 / max(self.height, self.width)
        frequencies = np.maximum(np.hypot(rows, columns), least)
        return math.sqrt(self.height * self.width) / frequencies / CALM

    def pictures(self, spectra: Array) -> Array:
        """N×H×W×C numbers around 0, in NumPy."""
        scaled = (spectra[:, 0] + 1j * spectra[:, 1]) * self.scales()
        found = np.fft.irfft2(scaled, s=(self.height, self.width))
        return np.moveaxis(found, 1, -1)

    def tensors(self, spectra: Tensor) -> Tensor:
        """The same in tensors: products with matrices, which every backend differentiates in every precision."""
        kind = keras.backend.standardize_dtype(spectra.dtype)
        scales, rows, real, imaginary = (each.astype(kind) for each in (self.scales(), *self._matrices()))
        scaled: Any = ops.multiply(spectra, scales)
        turned: Any = ops.matmul(rows, ops.concatenate([scaled[:, 0], scaled[:, 1]], axis=-2))
        above, below = turned[:, :, : self.height], turned[:, :, self.height :]
        return ops.transpose(ops.add(ops.matmul(above, real), ops.matmul(below, imaginary)), (0, 2, 3, 1))

    def _matrices(self) -> tuple[Array, Array, Array]:
        """The inverse transform of the columns, real part above the imaginary (2H×2H), then what the real and the
        imaginary parts of a line add to its pixels ((W//2 + 1)×W).
        """
        angles = 2 * np.pi * np.outer(np.arange(self.height), np.arange(self.height)) / self.height
        cosine, sine = np.cos(angles) / self.height, np.sin(angles) / self.height
        rows = np.block([[cosine, -sine], [sine, cosine]])
        kept = np.arange(self.width // 2 + 1)
        # A spectrum keeps one of each pair of frequencies; 0, and the highest of an even width, have no partner.
        twice = np.where((kept == 0) | (2 * kept == self.width), 1, 2)[:, None] / self.width
        angles = 2 * np.pi * np.outer(kept, np.arange(self.width)) / self.width
        return rows, twice * np.cos(angles), -twice * np.sin(angles)


def correlated(channels: int, reversed_: bool = False) -> Array:
    """The matrix that makes colours of independent numbers: pictures @ it. The unit matrix where there are not three
    channels; `reversed_`: these are blue, green, red.
    """
    if channels != 3:
        return np.eye(channels)
    colours = COLOURS / np.linalg.norm(COLOURS, axis=0).max()
    return (colours[::-1] if reversed_ else colours).T
