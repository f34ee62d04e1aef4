"""A chart as a picture in a file: the same lines, ranges and words as on the screen, at the resolution of paper."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...engine.errors import PictureError
from ...engine.text import printable
from . import ticks
from .area import scaled, y_range
from .axes import x_ticks
from .legend import spread
from .model import Line, Plot, extent
from .palette import COLOURS, DARK, LIGHT
from .pens import Box, Pen, PngPen, Point, SvgPen, measured
from .picture_file import write
from .plot import last_before, odd_text
from .reduce import Columns, Floats, Trace, columns, path

_TITLE, _TEXT, _SMALL = 26.0, 19.0, 17.0
_ROW = 32.0
_LINE = 20.0  # letters at the ends of lines are at least so far apart


@dataclass(frozen=True, slots=True)
class _Look:
    """Colours of a picture on a dark or a light ground."""

    ground: str
    text: str
    dim: str
    grid: str
    mark: str
    series: tuple[str, ...]

    def line(self, line: Line, share: float = 1.0) -> str:
        return _mixed(self.ground, self.series[line.colour % COLOURS], share)


_LOOKS = {
    True: _Look("#12161b", "#d8dee6", "#8b95a1", "#2a323c", "#ef7f7f", DARK),
    False: _Look("#ffffff", "#1d242b", "#5c6670", "#dfe3e6", "#b3261e", LIGHT),
}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Where the values of a plot lie in the picture."""

    box: Box
    x: tuple[float, float]
    y: tuple[float, float]
    log: bool

    def places(self, x: Floats, y: Floats) -> list[Point]:
        """Points in pixels; what lies far outside is kept near enough for every renderer."""
        low, high = scaled(np.array(self.y), self.log)
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        with np.errstate(over="ignore", invalid="ignore"):
            up = np.clip((scaled(y, self.log) - low) / (high - low), -1.0, 2.0)
        left, right, top, bottom = self.box.left, self.box.right, self.box.top, self.box.bottom
        return list(
            zip((left + across * (right - left)).tolist(), (bottom - up * (bottom - top)).tolist(), strict=True)
        )


def save(plot: Plot, name: str, *, dark: bool = False, width: int = 1600, height: int = 900) -> Path:
    """Write the chart into the file `name`, PNG or SVG by its suffix (PNG where it has none); the path written.

    Raises PictureError where the suffix is another one or the file cannot be written.
    """
    file = Path(name).expanduser()
    file = file if file.suffix else file.with_suffix(".png")
    kind = file.suffix.lower()
    if kind not in (".png", ".svg"):
        raise PictureError(f"{printable(file.name)} cannot be written: the name must end in .png or .svg")
    data = png(plot, width, height, dark=dark) if kind == ".png" else svg(plot, width, height, dark=dark)
    write(file, data, replace=True)
    return file


def png(plot: Plot, width: int = 1600, height: int = 900, *, dark: bool = False) -> bytes:
    """The chart as a PNG file of `width` × `height` pixels."""
    return _composed(plot, width, height, dark, PngPen)


def svg(plot: Plot, width: int = 1600, height: int = 900, *, dark: bool = False) -> bytes:
    """The chart as an SVG file of `width` × `height` units."""
    return _composed(plot, width, height, dark, SvgPen)


def _composed(plot: Plot, width: int, height: int, dark: bool, make: type[PngPen | SvgPen]) -> bytes:
    look = _LOOKS[dark]
    entries = list(_legend(plot, width - 80.0))
    rows = 1 + max((row for row, _, _ in entries), default=-1)
    box = Box(110.0, 70.0 + rows * _ROW, width - 50.0, height - 90.0)
    sheet, reduced = _measured(plot, box)
    pen = make(width, height, box, look.ground)
    _axes(pen, sheet, look, plot)
    faint = 0.35 if len(plot.lines) <= 4 else 0.2
    for line in plot.lines:
        if line.smooth is not None:
            _curve(pen, sheet, line, line.trace, look.line(line, faint), 1.0)
    for line in plot.lines:
        _curve(pen, sheet, line, line.smooth or line.trace, look.line(line), 2.5)
    for line, found in reduced:
        _marks(pen, sheet, look, line, found)
    pen.text((40.0, 38.0), printable(plot.title), look.text, _TITLE, bold=True)
    _keys(pen, sheet, look, plot)
    for row, left, line in entries:
        _entry(pen, look, line, left + 40.0, 80.0 + row * _ROW)
    return pen.finish()


def _measured(plot: Plot, box: Box) -> tuple[_Sheet, list[tuple[Line, Columns]]]:
    x = plot.x or extent(plot)
    edges = np.linspace(*x, 401)
    drawn = [(line, each) for line in plot.lines for each in columns(line.trace, edges, log=plot.log)]
    smooth = [each for line in plot.lines if line.smooth for each in columns(line.smooth, edges, log=plot.log)]
    y = plot.y or y_range([each for _, each in drawn] + smooth, plot.log, plot.fit)
    return _Sheet(box, x, y, plot.log and y[0] > 0), drawn


def _curve(pen: Pen, sheet: _Sheet, line: Line, trace: Trace, colour: str, width: float) -> None:
    dash = (14.0, 8.0) if line.dashed else None
    wide = int(sheet.box.right - sheet.box.left)
    for x, y in path(trace, *sheet.x, wide, log=sheet.log):
        places = sheet.places(x, y)
        if len(places) == 1:
            pen.polygon(_disc(places[0], 2.5 * width), colour)
        else:
            pen.curve(places, colour, width, dash)
        if 1 < len(places) <= 40:
            for place in places:
                if sheet.box.left <= place[0] <= sheet.box.right and sheet.box.top <= place[1] <= sheet.box.bottom:
                    pen.polygon(_disc(place, 1.6 * width), colour)


def _disc(at: Point, radius: float) -> list[Point]:
    turns = [math.tau * turn / 16 for turn in range(16)]
    return [(at[0] + radius * math.cos(turn), at[1] + radius * math.sin(turn)) for turn in turns]


def _axes(pen: Pen, sheet: _Sheet, look: _Look, plot: Plot) -> None:
    box = sheet.box
    made = (ticks.logarithmic if sheet.log else ticks.linear)(*sheet.y, 9)
    rows = sheet.places(np.full(len(made.at), sheet.x[0]), np.array(made.at))
    for (_, y), label in zip(rows, made.labels, strict=True):
        pen.line([(box.left, y), (box.right, y)], look.grid, 1.0)
        pen.text((box.left - 12, y), label, look.dim, _SMALL, "r")
    across = x_ticks(plot.axis, *sheet.x, 11)
    places = sheet.places(np.array(across.at), np.full(len(across.at), sheet.y[0]))
    for (x, _), label in zip(places, across.labels, strict=True):
        pen.line([(x, box.bottom), (x, box.bottom + 6)], look.dim, 1.5)
        pen.text((x, box.bottom + 24), label, look.dim, _SMALL, "m")
    pen.line([(box.left, box.top), (box.left, box.bottom), (box.right, box.bottom)], look.dim, 1.5)
    pen.text(((box.left + box.right) / 2, box.bottom + 60), str(plot.axis), look.text, _TEXT, "m")


def _marks(pen: Pen, sheet: _Sheet, look: _Look, line: Line, found: Columns) -> None:
    """NaN as a cross, infinities and values beyond the range as arrows, at their x."""
    box, count = sheet.box, len(found.low)
    with np.errstate(invalid="ignore"):
        above, below = found.high > sheet.y[1], found.low < sheet.y[0]
    colour = look.line(line)
    for where, y, size, ink in (
        (above, box.top, 9.0, colour),
        (below, box.bottom, -9.0, colour),
        (found.up, box.top, 14.0, look.mark),
        (found.down, box.bottom, -14.0, look.mark),
    ):
        for column in np.flatnonzero(where):
            x = box.left + (column + 0.5) / count * (box.right - box.left)
            pen.polygon([(x, y), (x - abs(size) / 2, y + size), (x + abs(size) / 2, y + size)], ink)
    for column in np.flatnonzero(found.nan):
        x = box.left + (column + 0.5) / count * (box.right - box.left)
        pen.text((x, box.bottom - 10), "×", look.mark, _TITLE, "m")


def _keys(pen: Pen, sheet: _Sheet, look: _Look, plot: Plot) -> None:
    """The letter of each line beside its end."""
    ends = [(line, value) for line in plot.lines if line.key and (value := last_before(line, sheet.x[1])) is not None]
    down = [sheet.places(np.array([sheet.x[1]]), np.array([value]))[0][1] for _, value in ends]
    order = sorted(range(len(ends)), key=down.__getitem__)
    first, last = math.ceil(sheet.box.top / _LINE), math.floor(sheet.box.bottom / _LINE)
    for at, row in zip(order, spread([down[each] / _LINE for each in order], first, last), strict=False):
        line = ends[at][0]
        pen.text((sheet.box.right + 14, row * _LINE), line.key, look.line(line), _TEXT)


def _legend(plot: Plot, room: float) -> Iterator[tuple[int, float, Line]]:
    """Row and left edge of each line's entry."""
    row, left = 0, 0.0
    for line in plot.lines:
        wide = 60.0 + measured(_words(line), _TEXT) + 36.0
        if left and left + wide > room:
            row, left = row + 1, 0.0
        yield row, left, line
        left += wide


def _words(line: Line) -> str:
    parts = [line.key, printable(line.label, 48), odd_text(line.trace), line.note]
    return "  ".join(part for part in parts if part)


def _entry(pen: Pen, look: _Look, line: Line, x: float, y: float) -> None:
    pen.line([(x, y), (x + 44, y)], look.line(line), 3.5, (10.0, 6.0) if line.dashed else None)
    pen.text((x + 56, y), _words(line), look.text, _TEXT)


def _mixed(ground: str, colour: str, share: float) -> str:
    parts = [(int(ground[at : at + 2], 16), int(colour[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(low + (high - low) * share):02x}" for low, high in parts)
