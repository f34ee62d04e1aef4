"""Numbers to pictures, and pictures to sheets with captions: what the scripts of the manual paint with.

Nothing here knows trainvis. A picture is H×W×3 bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Array: TypeAlias = np.ndarray
Colour: TypeAlias = tuple[int, int, int]

GROUND, TEXT, DIM, WRONG = (255, 255, 255), (29, 36, 43), (92, 102, 112), (179, 38, 30)
MOST = 300_000  # bytes of a picture of the manual
_COLOURS = (256, 128, 64, 32)  # of its palette, fewer where it would be too large

# Anchors of the maps, evenly spread: viridis is that of Smith and van der Walt (2015, matplotlib, CC0); of the
# diverging one 0 is white, as paper is.
_VIRIDIS = (
    "440154", "481a6c", "472f7d", "414487", "39568c", "31688e", "2a788e", "23888e", "1f988b", "22a884", "35b779",
    "54c568", "7ad151", "a5db36", "d2e21b", "fde725",
)  # fmt: skip
_DIVERGING = (
    "053061",
    "2166ac",
    "4393c3",
    "92c5de",
    "d1e5f0",
    "ffffff",
    "fddbc7",
    "f4a582",
    "d6604d",
    "b2182b",
    "67001f",
)


def grey(values: Array, low: float | None = None, high: float | None = None) -> Array:
    """H×W numbers from black to white; the ends are the smallest and the largest where they are not given."""
    return np.repeat((_unit(values, low, high) * 255 + 0.5).astype(np.uint8)[..., None], 3, axis=-1)


def viridis(values: Array, low: float | None = 0.0, high: float | None = None) -> Array:
    """H×W numbers from dark blue to yellow."""
    return _mapped(_unit(values, low, high), _VIRIDIS)


def diverging(values: Array, most: float | None = None) -> Array:
    """H×W numbers, blue below 0, white at 0, red above: `most` is where the colours end, on both sides."""
    largest = float(np.abs(values).max()) if most is None else most
    return _mapped(_unit(values, -largest, largest), _DIVERGING)


def stretched(values: Array, centre: float = 0.0) -> Array:
    """H×W×C numbers as colours, their `centre` as the middle grey and the largest distance from it as an end."""
    apart = values.astype(np.float64) - centre
    largest = np.abs(apart).max() or 1.0
    found = (apart / largest * 127.5 + 128).astype(np.uint8)
    return found if found.shape[-1] == 3 else np.repeat(found[..., :1], 3, axis=-1)


def over(picture: Array, values: Array, share: float = 0.55) -> Array:
    """Viridis of non-negative H×W numbers laid over a picture, of which only the brightness is kept."""
    dim = np.repeat(picture.mean(axis=-1, keepdims=True), 3, axis=-1)
    return ((1 - share) * dim + share * viridis(values)).astype(np.uint8)


def coloured(picture: Array) -> Array:
    """H×W×1 or H×W×3 bytes as H×W×3."""
    return np.repeat(picture[..., :1], 3, axis=-1) if picture.shape[-1] == 1 else picture


def boxed(picture: Array, box: tuple[int, int, int, int], times: int, colour: Colour = (230, 60, 40)) -> Array:
    """A picture enlarged `times`, with the frame of a box (top, left, bottom, right, in its pixels, half open)."""
    image = Image.fromarray(np.repeat(np.repeat(coloured(picture), times, axis=0), times, axis=1))
    top, left, bottom, right = (each * times for each in box)
    ImageDraw.Draw(image).rectangle((left, top, right - 1, bottom - 1), outline=colour, width=max(times // 2, 1))
    return np.asarray(image)


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A picture with lines of text below it; `wrong` writes the first of them in red."""

    picture: Array
    lines: tuple[str, ...] = ()
    wrong: bool = False


def sheet(
    rows: Sequence[Sequence[Cell | None]],
    *,
    columns: Sequence[str] = (),
    names: Sequence[str] = (),
    size: int = 112,
    gap: int = 6,
    letters: int = 13,
    smooth: bool = False,
) -> Image.Image:
    """A table of pictures, each `size` pixels wide: `columns` are written above it, `names` to the left of its rows.

    `smooth` enlarges between the pixels (photos); without it each stays a square, as numbers are.
    """
    font = ImageFont.load_default(letters)
    line = letters + 4
    left = gap + max((round(font.getlength(each)) for each in names), default=-gap) + gap
    heights = [size + line * max((len(cell.lines) for cell in row if cell), default=0) + gap for row in rows]
    tops = np.cumsum([gap + line * max((each.count("\n") + 1 for each in columns), default=0), *heights]).tolist()
    made = Image.new("RGB", (left + max(map(len, rows)) * (size + gap), tops[-1]), GROUND)
    pen = ImageDraw.Draw(made)
    for place, text in enumerate(columns):
        pen.multiline_text((left + place * (size + gap), gap // 2), text, TEXT, font, spacing=4)
    for name, y in zip(names, tops, strict=False):
        pen.text((gap, y + size // 2), name, TEXT, font, anchor="lm")
    for row, y in zip(rows, tops, strict=False):
        for across, cell in enumerate(row):
            x = left + across * (size + gap)
            if cell is not None:
                made.paste(_enlarged(cell.picture, size, smooth), (x, y))
            for number, text in enumerate(cell.lines if cell else ()):
                colour = WRONG if cell and cell.wrong and not number else TEXT if not number else DIM
                pen.text((x, y + size + 1 + number * line), _cut(text, font, size), colour, font)
    return made


def save(image: Image.Image, path: Path, most: int = MOST) -> Path:
    """Write a PNG of at most `most` bytes, with as many colours as that leaves room for. Raises ValueError."""
    data = _png(image)
    for colours in _COLOURS:
        if len(data) <= most:
            break
        # Widely spread colours, then evened out: photos keep theirs beside maps that have most of the pixels.
        few = image.quantize(colours, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
        data = _png(few)
    if len(data) > most:
        raise ValueError(f"{path.name} has {len(data):,} bytes with {_COLOURS[-1]} colours, {most:,} are allowed")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _unit(values: Array, low: float | None, high: float | None) -> Array:
    found = np.nan_to_num(np.asarray(values, np.float64))
    least = float(found.min()) if low is None else low
    most = float(found.max()) if high is None else high
    return np.clip((found - least) / (most - least), 0, 1) if most > least else np.zeros_like(found)


def _mapped(unit: Array, anchors: Sequence[str]) -> Array:
    table = np.array([[int(each[at : at + 2], 16) for at in (0, 2, 4)] for each in anchors], np.float64)
    places = np.linspace(0, 1, len(table))
    channels = [np.interp(unit, places, table[:, channel]) for channel in range(3)]
    return (np.stack(channels, axis=-1) + 0.5).astype(np.uint8)


def _enlarged(picture: Array, width: int, smooth: bool) -> Image.Image:
    image = Image.fromarray(np.ascontiguousarray(coloured(picture)))
    height = round(image.height * width / image.width)
    if smooth or image.width > width:
        return image.resize((width, height), Image.Resampling.LANCZOS)
    return image.resize((width, height), Image.Resampling.NEAREST)


def _cut(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1].rstrip()
    return text + "…"
