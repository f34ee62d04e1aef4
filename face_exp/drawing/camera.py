"""What light and a camera make of a painted face."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageFilter

from .look import Look
from .shape import Stance

Array: TypeAlias = np.ndarray


def lit(picture: Array, head: Array, stance: Stance, look: Look) -> Array:
    """H×W×3 float 0…255 under the light of a look; `head` H×W 0…1 where it is, an ellipsoid to the light."""
    side = len(picture)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    across = ((x + 0.5) / side - stance.x) / stance.unit
    down = ((y + 0.5) / side - stance.y) / stance.unit - 0.1
    c, s = math.cos(stance.roll), math.sin(stance.roll)
    u, v = (c * across + s * down) / 1.12, (c * down - s * across) / 1.55
    far = np.clip(u * u + v * v, 0, 0.97)
    azimuth, lift = math.radians(min(max(look.light, -85.0), 85.0)), math.radians(look.lift)
    right, up, near = math.sin(azimuth) * math.cos(lift), math.sin(lift), math.cos(azimuth) * math.cos(lift)
    falls = np.clip(right * u - up * v + near * np.sqrt(1 - far), 0, 1)
    on_head = 1.10 - 0.55 * look.hard + (0.05 + 0.68 * look.hard) * falls
    wall = 1.06 - 0.16 * look.hard * (0.5 * down - across * right)
    shade = head * on_head + (1 - head) * np.clip(wall, 0.5, 1.3)
    warm = np.array([1 + 0.10 * look.warm, 1.0, 1 - 0.12 * look.warm], np.float32)
    return picture * (shade * np.float32(look.bright))[..., None] * warm


def taken(picture: Array, look: Look) -> Array:
    """As a camera keeps it: H×W×3 uint8. Blur and grain are those of the look, the same each time."""
    found = picture.copy()
    high = found > 200  # highlights fade, and do not clip
    found[high] = 255 - 55 * np.exp((200 - found[high]) / 55)
    radius = look.blur * len(picture)
    if radius > 0.15:
        image = Image.fromarray(np.clip(found + 0.5, 0, 255).astype(np.uint8))
        found = np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), np.float32)
    if look.noise > 0:
        lot = np.random.default_rng([look.seed, 7])
        grain = lot.standard_normal(picture.shape, np.float32) * 0.6
        grain += lot.standard_normal(picture.shape[:2], np.float32)[..., None] * 0.8  # most of it has no colour
        found = found + look.noise * grain
    return np.clip(found + 0.5, 0, 255).astype(np.uint8)
