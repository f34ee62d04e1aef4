"""The layers of a network as a list: shape, parameters, dead units, and how its weights and gradients went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from . import ticks
from .canvas import Ink
from .cells import NONE, fit, number, steady
from .page import Page
from .sparkline import sparkline
from .strip import top_of


class Course(Protocol):
    """A number over the steps."""

    @property
    def values(self) -> tuple[float, ...]: ...


class Layer(Protocol):
    """What a line tells."""

    @property
    def path(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def shape(self) -> str: ...
    @property
    def parameters(self) -> int | None: ...
    @property
    def trainable(self) -> bool: ...
    @property
    def dead(self) -> Course: ...
    @property
    def zeros(self) -> Course: ...
    @property
    def weights(self) -> Course: ...
    @property
    def gradient(self) -> Course: ...
    @property
    def update(self) -> Course: ...


_COURSES = ("weights", "gradient", "update")
_NUMBER = 8  # cells of a number beside its sparkline
_DEAD = 0.5  # from this share of dead units on a layer is marked


def layer_list(layers: Sequence[Layer], width: int, height: int, cursor: int = 0) -> Page:
    """A title line and a line for each layer, those around the cursor. The hits of the page count layers."""
    page = Page(width, height)
    if width < 8 or height < 2:
        return page
    name, kind, shape, shares, courses, spark = _widths(layers, width)
    counted = any(layer.parameters is not None for layer in layers)
    heads = [fit("layer", name), fit("class", kind), fit("output", shape), "parameters".rjust(10) if counted else ""]
    heads += [each.rjust(6) for each in shares]
    heads += [fit(each, spark + _NUMBER) for each in courses]
    page.text(2, 0, " ".join(each for each in heads if each), Ink.DIM, width - 2)
    first = top_of(cursor, len(layers), height - 1)
    for row, at in enumerate(range(first, min(first + height - 1, len(layers))), 1):
        layer, selected = layers[at], at == cursor
        ink = Ink.SELECTED if selected else Ink.TEXT
        page.text(0, row, "›" if selected else " ", Ink.SELECTED)
        column = page.text(2, row, _end(layer.path, name), ink, name)
        column = 2 + name + 1
        for text, wide in ((layer.kind, kind), (layer.shape, shape)):
            if wide:
                page.text(column, row, fit(steady(text, 80), wide), Ink.DIM, wide)
                column += wide + 1
        if counted:
            page.text(column, row, _parameters(layer).rjust(10), ink, 10)
            column += 11
        for each in shares:
            course: Course = getattr(layer, each)
            share = course.values[-1] if course.values else None
            marked = each == "dead" and share is not None and share >= _DEAD
            page.text(column, row, _share(share).rjust(6), Ink.MARK if marked else ink, 6)
            column += 7
        for at_course, each in enumerate(courses):
            values = getattr(layer, each).values
            page.text(column, row, sparkline(values, spark), Ink.bright(at_course), spark)
            text = number(values[-1], _NUMBER - 2) if values else ""
            page.text(column + spark + 1, row, text, ink, _NUMBER - 1)
            column += spark + _NUMBER + 1
        page.hit(0, row, at, width)
    return page


def _widths(layers: Sequence[Layer], width: int) -> tuple[int, int, int, list[str], list[str], int]:
    """Cells of name, class and shape; which shares and which courses are shown; cells of a sparkline."""
    shares = [each for each in ("dead", "zeros") if any(getattr(layer, each).values for layer in layers)]
    courses = [each for each in _COURSES if any(getattr(layer, each).values for layer in layers)]
    shape = min(max((len(steady(layer.shape, 80)) for layer in layers), default=0), 14)
    kind = min(max((len(steady(layer.kind, 80)) for layer in layers), default=0), 20 if width >= 110 else 12)
    longest = min(max((len(steady(layer.path, 120)) for layer in layers), default=5), 40)
    while True:
        fixed = 2 + kind + bool(kind) + shape + bool(shape) + 11 + 7 * len(shares) + 1
        room = width - fixed - len(courses) * (_NUMBER + 1)
        name = min(longest, max(room - 4 * len(courses), 0))
        points = max((len(getattr(layer, each).values) for layer in layers for each in courses), default=0)
        spark = min((room - name) // len(courses), max(points, 4), 24) if courses else 0
        if name >= min(longest, 14) and (spark >= 4 or not courses):
            return name, kind, shape, shares, courses, spark
        if "zeros" in shares and width < 110:  # what there is no room for, in the order of what is missed least
            shares.remove("zeros")
        elif len(courses) > 2:
            courses.pop()
        elif kind > 8:
            kind = 8
        elif kind:
            kind = 0
        elif shape:
            shape = 0
        elif courses:
            courses.pop()
        elif shares:
            shares.pop()
        else:
            return max(name, 4), 0, 0, [], [], 0


def _end(path: str, wide: int) -> str:
    """The end of a path, which tells more than its beginning."""
    clean = steady(path, 200)
    return clean if len(clean) <= wide else "…" + clean[1 - wide :] if wide > 1 else clean[:wide]


def _parameters(layer: Layer) -> str:
    if layer.parameters is None:
        return NONE
    said = ticks.short(layer.parameters) if layer.parameters >= 100_000 else str(layer.parameters)
    return said if layer.trainable or not layer.parameters else f"{said} ❄"


def _share(share: float | None) -> str:
    return NONE if share is None else f"{share:.0%}"
