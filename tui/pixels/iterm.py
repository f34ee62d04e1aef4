"""Pictures for terminals with iTerm2's inline images (OSC 1337): a PNG, stretched over so many cells."""

from __future__ import annotations

from base64 import b64encode

from .png import few_png
from .tone import Rgb


def inline(pixels: Rgb, columns: int, rows: int) -> str:
    """H×W×3 pixels on `columns` × `rows` cells from where the cursor stands; it may stand anywhere afterwards."""
    data = few_png(pixels)
    keys = f"inline=1;size={len(data)};width={columns};height={rows};preserveAspectRatio=0;doNotMoveCursor=1"
    return f"\x1b]1337;File={keys}:{b64encode(data).decode('ascii')}\x07"
