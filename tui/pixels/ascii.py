"""Pixels as shades of letters: for terminals with few colours or none, and for characters that are not Unicode."""

from __future__ import annotations

import numpy as np

from .blocks import Cells
from .tone import Rgb

SHADES = " .:-=+*#%@"  # from nothing to most ink
_TABLE = np.array(list(SHADES))
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], np.float32)  # how bright red, green and blue are (ITU-R BT.709)


def shades(pixels: Rgb, *, light: bool = False) -> Cells:
    """R×C×3 pixels as R×C letters, brighter with more ink; on a `light` ground with less."""
    brightness = pixels.astype(np.float32) @ _WEIGHTS / 255
    place = np.clip(brightness * len(SHADES), 0, len(SHADES) - 1).astype(np.intp)
    return Cells(_TABLE[len(SHADES) - 1 - place if light else place], None, None)
