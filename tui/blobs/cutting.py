"""Which axes of an array are seen, which one is stepped, and what a slice shows in words and cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...datasets.errors import BlobError
from ...datasets.looking.node import Node
from ...datasets.looking.slices import Cut
from ..drawing.cells import steady
from ..pixels.tone import Array

_PICTURE = 4  # numbers a side from which a slice is shown as a picture first
_COLOURS = (1, 3, 4)


@dataclass(frozen=True, slots=True)
class View:
    """An array as it is looked at: `cut` says what of it, `way` is "picture" or "table", keys step the axis `step`."""

    cut: Cut
    way: str = "table"
    step: int | None = None

    @classmethod
    def first(cls, node: Node) -> View:
        """The last axes, as a picture where they may be one."""
        shape = node.shape or ()
        cut = Cut.first(shape)
        free = cut.stepped_axes
        seen = [shape[axis] for axis in cut.axes[:2]]
        numbers = np.dtype(node.dtype).kind in "biufc" if _is_dtype(node.dtype) else False
        way = "picture" if numbers and len(seen) == 2 and min(seen) >= _PICTURE else "table"
        return cls(cut, way, free[0] if free else None)

    def turned(self, which: str) -> View:
        """With another axis as rows, columns or colours (which may be none). Stays as it is where there is no other."""
        axes, rank = list(self.cut.axes), len(self.cut.shape)
        if which == "channels":
            fit = [axis for axis in range(rank) if axis not in axes[:2] and self.cut.shape[axis] in _COLOURS]
            now = axes[2] if len(axes) > 2 else None
            choices = [None, *fit]
            chosen = choices[(choices.index(now) + 1) % len(choices)] if now in choices else None
            axes = [*axes[:2], *([chosen] if chosen is not None else [])]
        elif rank > 1:
            place = 0 if which == "rows" else 1
            new = (axes[place] + 1) % rank
            if new in axes:
                axes[axes.index(new)] = axes[place]
            axes[place] = new
        return self._seeing(axes)

    def _seeing(self, axes: Sequence[int]) -> View:
        try:
            cut = self.cut.seeing(*axes)
        except BlobError:
            cut = self.cut.seeing(*axes[:2])  # what were colours is an axis that cannot be any
        cut = replace(cut, at=tuple(0 if axis in cut.axes else place for axis, place in enumerate(cut.at)))
        free = cut.stepped_axes
        return replace(self, cut=cut, step=self.step if self.step in free else free[0] if free else None)

    def next_axis(self, by: int) -> View:
        """Another axis is stepped."""
        free = self.cut.stepped_axes
        if not free:
            return self
        return replace(self, step=free[(free.index(self.step) + by) % len(free)] if self.step in free else free[0])

    def stepped(self, by: int) -> View:
        """Further along the axis that is stepped; behind its end the next one moves on, as a counter does."""
        if self.step is None or not self.cut.shape[self.step]:
            return self
        place = self.cut.at[self.step] + by
        if 0 <= place < self.cut.shape[self.step] or abs(by) > 1:
            return replace(self, cut=self.cut.stepped(self.step, by))
        before = [axis for axis in self.cut.stepped_axes if axis < self.step]
        for axis in reversed(before):
            if 0 <= self.cut.at[axis] + by < self.cut.shape[axis]:
                end = 0 if by > 0 else self.cut.shape[self.step] - 1
                return replace(self, cut=self.cut.stepped(axis, by).to(self.step, end))
        return self

    def edge(self, end: int) -> View:
        if self.step is None or not self.cut.shape[self.step]:
            return self
        return replace(self, cut=self.cut.to(self.step, self.cut.shape[self.step] - 1 if end else 0))

    def window(self, row: int, column: int, rows: int, columns: int) -> View:
        """Of the seen axes only `rows` × `columns` from there on: a table reads what it shows."""
        at = list(self.cut.at)
        for axis, first in zip(self.cut.axes[:2], (row, column), strict=False):
            at[axis] = min(max(first, 0), max(self.cut.shape[axis] - 1, 0))
        return replace(self, cut=replace(self.cut, at=tuple(at), window=(max(rows, 1), max(columns, 1))))

    def whole(self) -> View:
        """All of the seen axes, as a picture is read."""
        return self.window(0, 0, 4096, 4096)

    @property
    def words(self) -> str:
        """What is seen, axis by axis: `[1, ▸2, columns, rows] of 5×5×16×32`; keys step the one with ▸."""
        shape, axes = self.cut.shape, self.cut.axes
        if not shape:
            return ""
        names = dict(zip(axes, ("rows", "columns", "colours"), strict=False))
        said = [
            names.get(axis, f"{'▸' if axis == self.step else ''}{self.cut.at[axis]:,}") for axis in range(len(shape))
        ]
        return f"[{', '.join(said)}] of {'×'.join(map(str, shape))}"


def _is_dtype(name: str) -> bool:
    try:
        np.dtype(name)
    except TypeError:
        return False
    return True


def cell(value: Any) -> str:
    """One value of an array in a table."""
    if isinstance(value, (bytes, np.bytes_)):
        return steady(value.decode("utf-8", "replace"), 60)
    if isinstance(value, (str, np.str_)):
        return steady(value, 60)
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.6g}"
    return steady(value, 60)


def details(node: Node) -> list[str]:
    """What is known of a thing of a tree, a line each."""
    said = []
    if node.shape is not None:
        said.append(" ".join(each for each in (node.said_shape or "one value", node.dtype) if each))
    if node.chunks:
        said.append("chunks " + "×".join(map(str, node.chunks)))
    if node.compression:
        said.append(f"compression {steady(node.compression, 60)}")
    if node.size is not None:
        said.append(_sizes(node))
    if node.children is not None and node.children >= 0 and node.kind in ("group", "file"):
        said.append(f"{node.children:,} inside")
    if node.text:
        said.append(steady(node.text, 200))
    return said


def _sizes(node: Node) -> str:
    from ..drawing.cells import size

    if node.stored is None or node.stored == node.size:
        return size(node.size)
    return f"{size(node.size)}, in the file {size(node.stored)}"


def table_of(values: Array, first: tuple[int, int]) -> tuple[list[str], list[list[str]]]:
    """Titles and rows of a slice of one or two axes; `first` are the numbers of its first row and column."""
    if values.dtype.names and values.ndim <= 1:  # of several parts: a column each
        names = [steady(name, 40) for name in values.dtype.names]
        rows = [
            [str(first[0] + at), *(cell(each[name]) for name in values.dtype.names)]
            for at, each in enumerate(values.reshape(-1))
        ]
        return ["", *names], rows
    shown = values.reshape(1, 1) if values.ndim == 0 else values.reshape(-1, 1) if values.ndim == 1 else values
    if shown.ndim > 2:
        shown = shown.reshape(shown.shape[0], -1)
    titles = ["", *(str(first[1] + at) for at in range(shown.shape[1]))] if values.ndim > 1 else ["", "value"]
    return titles, [[str(first[0] + at), *(cell(each) for each in row)] for at, row in enumerate(shown.tolist())]
