"""Two ways to put lines and words into a file: `PngPen` through Pillow, `SvgPen` by hand. Units are pixels, y down."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Protocol
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]
_FONTS = (
    "DejaVuSans.ttf",
    "LiberationSans-Regular.ttf",
    "NotoSans-Regular.ttf",
    "FreeSans.ttf",
    "Arial.ttf",
    "Helvetica.ttc",
)
_FINER = 2  # the PNG is drawn larger by this and made smaller: Pillow's lines have no soft edges


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its edges."""

    left: float
    top: float
    right: float
    bottom: float


class Pen(Protocol):
    """What a picture is drawn with. `anchor` is l, m or r: which part of a text lies at x; y is its middle."""

    def line(self, points: Sequence[Point], colour: str, width: float, dash: tuple[float, float] | None = None) -> None:
        """A polyline over the whole picture."""
        ...

    def curve(
        self, points: Sequence[Point], colour: str, width: float, dash: tuple[float, float] | None = None
    ) -> None:
        """A polyline of which only what lies in the box of the picture is seen."""
        ...

    def text(
        self, at: Point, text: str, colour: str, size: float, anchor: str = "l", *, bold: bool = False
    ) -> None: ...

    def polygon(self, points: Sequence[Point], colour: str) -> None: ...

    def finish(self) -> bytes: ...


@lru_cache(maxsize=32)
def font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A sans-serif font found on this machine, else the one that Pillow brings."""
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def measured(text: str, size: float) -> float:
    """How wide a text is, in pixels."""
    return float(font(size).getlength(text))


class PngPen:
    def __init__(self, width: int, height: int, box: Box, background: str) -> None:
        self._size, self._box = (width, height), box
        self._image = Image.new("RGB", (width * _FINER, height * _FINER), background)
        self._inside = self._image.copy()
        self._started = False
        self._curves = ImageDraw.Draw(self._inside)
        self._over = ImageDraw.Draw(self._image)
        self._later: list[tuple[str, tuple[object, ...], dict[str, object]]] = []

    def line(self, points: Sequence[Point], colour: str, width: float, dash: tuple[float, float] | None = None) -> None:
        self._stroke(self._over, points, colour, width, dash)

    def curve(
        self, points: Sequence[Point], colour: str, width: float, dash: tuple[float, float] | None = None
    ) -> None:
        if not self._started:
            # What was drawn so far, the grid, lies below the curves.
            self._inside.paste(self._image)
            self._started = True
        self._stroke(self._curves, points, colour, width, dash)

    def _stroke(
        self,
        draw: ImageDraw.ImageDraw,
        points: Sequence[Point],
        colour: str,
        width: float,
        dash: tuple[float, float] | None,
    ) -> None:
        pieces = dashes(points, *dash) if dash else [points]
        for piece in pieces:
            if len(piece) > 1:
                finer = [(x * _FINER, y * _FINER) for x, y in piece]
                draw.line(finer, fill=colour, width=max(round(width * _FINER), 1), joint="curve")

    def text(self, at: Point, text: str, colour: str, size: float, anchor: str = "l", *, bold: bool = False) -> None:
        self._settle()
        self._over.text(
            (at[0] * _FINER, at[1] * _FINER),
            text,
            fill=colour,
            font=font(size * _FINER),
            anchor=f"{anchor}m",
            stroke_width=_FINER / 2 if bold else 0,
            stroke_fill=colour,
        )

    def polygon(self, points: Sequence[Point], colour: str) -> None:
        self._settle()
        self._over.polygon([(x * _FINER, y * _FINER) for x, y in points], fill=colour)

    def _settle(self) -> None:
        """Put the curves, cut at the box, into the picture: what comes now lies above them."""
        if self._started:
            box = tuple(
                round(edge * _FINER) for edge in (self._box.left, self._box.top, self._box.right, self._box.bottom)
            )
            self._image.paste(self._inside.crop(box), box[:2])  # type: ignore[arg-type]
            self._started = False

    def finish(self) -> bytes:
        self._settle()
        target = io.BytesIO()
        self._image.resize(self._size, Image.Resampling.BOX).save(target, "PNG", optimize=True)
        return target.getvalue()


class SvgPen:
    def __init__(self, width: int, height: int, box: Box, background: str) -> None:
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"',
            ' font-family="DejaVu Sans, Liberation Sans, Arial, sans-serif">',
            f'<clipPath id="area"><rect x="{box.left:g}" y="{box.top:g}" width="{box.right - box.left:g}"',
            f' height="{box.bottom - box.top:g}"/></clipPath>',
            f'<rect width="{width}" height="{height}" fill="{background}"/>',
        ]

    def line(self, points: Sequence[Point], colour: str, width: float, dash: tuple[float, float] | None = None) -> None:
        self._polyline(points, colour, width, dash, "")

    def curve(
        self, points: Sequence[Point], colour: str, width: float, dash: tuple[float, float] | None = None
    ) -> None:
        self._polyline(points, colour, width, dash, ' clip-path="url(#area)"')

    def _polyline(
        self, points: Sequence[Point], colour: str, width: float, dash: tuple[float, float] | None, more: str
    ) -> None:
        broken = f' stroke-dasharray="{dash[0]:g} {dash[1]:g}"' if dash else ""
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(
            f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
            f'stroke-linejoin="round"{broken}{more}/>'
        )

    def text(self, at: Point, text: str, colour: str, size: float, anchor: str = "l", *, bold: bool = False) -> None:
        place = {"l": "start", "m": "middle", "r": "end"}[anchor]
        weight = ' font-weight="bold"' if bold else ""
        self._parts.append(
            f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" fill={quoteattr(colour)} font-size="{size:g}" '
            f'text-anchor="{place}" dominant-baseline="central"{weight}>{escape(text)}</text>'
        )

    def polygon(self, points: Sequence[Point], colour: str) -> None:
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polygon points="{places}" fill="{colour}"/>')

    def finish(self) -> bytes:
        return "\n".join([*self._parts, "</svg>", ""]).encode("utf-8", "replace")


def dashes(points: Sequence[Point], on: float, off: float) -> list[list[Point]]:
    """The pieces of a polyline that a pattern of `on` drawn and `off` empty pixels leaves."""
    pieces: list[list[Point]] = [[points[0]]] if points else []
    left, drawing = on, True
    for (x0, y0), (x1, y1) in pairwise(points):
        length, done = math.hypot(x1 - x0, y1 - y0), 0.0
        while length - done > left:
            done += left
            at = (x0 + (x1 - x0) * done / length, y0 + (y1 - y0) * done / length)
            if drawing:
                pieces[-1].append(at)
            else:
                pieces.append([at])
            drawing = not drawing
            left = on if drawing else off
        left -= length - done
        if drawing:
            pieces[-1].append((x1, y1))
    return pieces
