"""A painting as an image for a file: its own pixels magnified, beside them the colour bar, below them a line."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from ...engine.errors import PictureError
from ...engine.text import printable
from ..drawing.cells import number
from ..drawing.pens import font
from ..drawing.picture_file import write
from ..figures.sheet import Sheet
from ..pixels.tone import PLAIN, Range, Tone, coloured
from . import words
from .charts import chart
from .painted import Painting, painted
from .text_picture import text_picture

LARGEST = 16_000  # pixels of a side: WebP takes no more, and nobody looks at more
_GROUNDS = {True: ("#12161b", "#d8dee6"), False: ("#ffffff", "#1d242b")}
_TEXT = 13.0
_GAP, _BAR = 8, 12  # pixels between picture and bar, and its width
_LOW = 4 * _GAP + _BAR  # a bar lower than this has no place for its numbers


def framed(
    painting: Painting, tone: Tone, scale: int = 1, *, bar: bool = True, dark: bool = False, line: str = ""
) -> Image.Image:
    """The picture in the upper left, `scale` times magnified; a bar only where its colours mean numbers.

    `line` stands below it. Raises PictureError where it would be too large.
    """
    width, height = (side * scale for side in painting.raster.size)
    if max(width, height) > LARGEST:
        raise PictureError(f"a picture of {width}×{height} pixels is too large; {LARGEST:,} are the most, so --scale 1")
    picture = Image.fromarray(painting.pixels(scale))
    has_bar = bar and bool(painting.map)
    if not has_bar and not line:
        return picture
    labels = _labels(painting) if has_bar else []
    beside = _GAP * 3 + _BAR + max(_wide(text) for _, text in labels) if has_bar else 0
    high = max(height, _LOW if has_bar else 0)
    wide = max(width + beside, _wide(line) + 2 * _GAP if line else 0)
    ground, ink = _GROUNDS[dark]
    image = Image.new("RGB", (wide, high + (round(_TEXT * 1.7) if line else 0)), ground)
    image.paste(picture, (0, 0))
    draw = ImageDraw.Draw(image)
    if has_bar:
        _draw_bar(image, draw, painting, tone, (width + _GAP, high), ink)
    if line:
        draw.text((_GAP, high + round(_TEXT * 0.85)), printable(line), fill=ink, font=font(_TEXT), anchor="lm")
    return image


def _wide(text: str) -> int:
    return round(font(_TEXT).getlength(text)) + 1


def _labels(painting: Painting) -> list[tuple[float, str]]:
    """Numbers beside the bar with their share of its height from below."""
    if painting.reach is None:
        return [(0.0, "least"), (1.0, "greatest"), (0.5, "of each")]
    low, high = painting.reach
    middle = [(0.5, "0")] if painting.signed else []
    return [(0.0, number(low)), (1.0, number(high)), *middle]


def _draw_bar(
    image: Image.Image, draw: ImageDraw.ImageDraw, painting: Painting, tone: Tone, at: tuple[int, int], ink: str
) -> None:
    left, high = at
    top, bottom = round(_TEXT / 2), high - round(_TEXT / 2)
    reach: Range = painting.reach or ((-1.0, 1.0) if painting.signed else (0.0, 1.0))
    values = np.linspace(reach[1], reach[0], bottom - top, dtype=np.float32)[:, None].repeat(_BAR, axis=1)
    image.paste(Image.fromarray(coloured(values, reach, tone, signed=painting.signed)), (left, top))
    places = [round(bottom - 1 - share * (bottom - 1 - top)) for share, _ in _labels(painting)]
    for place, (share, text) in zip(places, _labels(painting), strict=True):
        if 0 < share < 1 and bottom - top < 3.5 * _TEXT:
            continue  # no room between the two ends
        draw.line([(left + _BAR, place), (left + _BAR + 3, place)], fill=ink)
        draw.text((left + _BAR + _GAP, place), text, fill=ink, font=font(_TEXT), anchor="lm")


def save_png(
    sheet: Sheet,
    chosen: tuple[int, ...],
    path: Path,
    tone: Tone = PLAIN,
    scale: int = 1,
    *,
    reach: Range | None = None,
    bar: bool = True,
    dark: bool = False,
    replace: bool = False,
) -> Path:
    """Write the items `chosen` of a sheet as a PNG file: one alone, several as a grid; what is no pixels as a chart,
    tables and graphs as their text.

    Raises PictureError.
    """
    painting = painted(sheet, chosen, tone, reach)
    if painting is None:
        few = min(scale, 4)
        data = chart(sheet, few, dark=dark) or text_picture(sheet, few, dark=dark)
        if data is not None:
            write(path, data, replace=replace)
            return path
        kind = sheet.facts.kind if sheet.facts is not None else "nothing"
        raise PictureError(f"there is no picture of {kind}")
    said = [words.title(sheet)]
    if sheet.facts is not None:
        said.append(words.part_words(sheet.facts, sheet.ask.part))
    said += words.captions(sheet, chosen) if len(chosen) == 1 else []
    if painting.map:
        low, high = painting.reach or (0.0, 0.0)
        said.append(f"{painting.map}, " + (f"{low:g} to {high:g}" if painting.reach else "each map its own range"))
    image = framed(painting, tone, scale, bar=bar, dark=dark)
    write(path, png(image, {"Description": "; ".join(each for each in said if each)}), replace=replace)
    return path


def png(image: Image.Image, said: Mapping[str, str] | None = None) -> bytes:
    """The image as a PNG file, with texts in it that picture viewers show."""
    info = PngInfo()
    for name, text in (said or {}).items():
        info.add_itxt(name, text)
    target = io.BytesIO()
    image.save(target, "PNG", pnginfo=info, optimize=True)
    return target.getvalue()
