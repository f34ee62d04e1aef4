"""Points: as a cloud coloured by class, or as a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ....vis.figures import Cell, Item, Points, Table
from ....vis.items import NOTHING, as_columns
from ...drawing.canvas import Ink
from ...drawing.cells import fit, number, steady
from ...drawing.page import Page
from ...drawing.scatter import Cloud, Placed, ink_of, mark_of, nearest, scatter
from ...drawing.strip import place, top_of
from ...figures.rasters import label
from ...figures.sheet import Sheet
from .table import TableView

_LEGEND = 22  # cells of the list of groups


class PointsView(TableView):
    """Planes of two axes each, one after the other, then a table; points that are no records begin with the table.

    In a plane the arrows go to the next point in their direction.
    """

    def __init__(self, **named: str) -> None:
        super().__init__(**named)
        self._placed: Placed | None = None
        self._groups = np.zeros(0, np.int64)
        self._names: list[str] = []
        self._of = ""  # what makes the groups
        self._table: Table | None = None

    @property
    def part(self) -> Points | None:
        """The part that is shown."""
        part = self.sheet.part if self.sheet else None
        return part if isinstance(part, Points) else None

    def table_of(self, sheet: Sheet | None) -> Table | None:
        if sheet is not None and sheet is self.sheet:
            self._table = self._table or as_table(sheet, self._names if self._of == "class" else ())
            return self._table
        return as_table(sheet, self._names if self._of == "class" else ())

    def turned(self) -> None:
        super().turned()
        records = self.part is not None and any(item.record for item in self.part.items[:1])
        self.way = 0 if records else len(self._planes)

    def taken(self) -> None:
        part = self.part
        if part is None:
            return
        self._groups, self._names, self._of = self._grouped(part)
        self._table = None  # made when it is looked at: of ten thousand records it takes a while
        self.way = min(self.way, len(self._planes))
        if self._as_table:
            super().taken()

    @property
    def _planes(self) -> list[tuple[int, int]]:
        axes = self.part.values.shape[1] if self.part else 0
        return list(combinations(range(min(axes, 3)), 2))

    @property
    def _as_table(self) -> bool:
        return self.way >= len(self._planes)

    @property
    def _across(self) -> int:
        """Cells in a row of the table."""
        return max(len(self.table.columns), 1) if self.table else 1

    @property
    def ways(self) -> int:
        return len(self._planes) + 1

    @property
    def count(self) -> int:
        return super().count if self._as_table else len(self.part.values) if self.part else 0

    def _grouped(self, part: Points) -> tuple[np.ndarray, list[str], str]:
        """Of each point its group, and the names of the groups: classes, aspects or layers."""
        items = as_columns(part.items)
        classes = items.each.get(
            "target", np.full(len(items), NOTHING if items.same.target is None else items.same.target)
        )
        if len(classes) and max(classes) != NOTHING:
            given = self.sheet.recipe.get("classes") if self.sheet else None
            names = [steady(each, 60) for each in given] if isinstance(given, list | tuple) else []
            predictions = self.sheet.predictions if self.sheet else ()
            names += [label(each, predictions) for each in range(len(names), min(int(max(classes)) + 1, 4096))]
            return np.maximum(np.asarray(classes, np.int64), -1), names, "class"
        texts = [item.aspect or item.layer for item in items]
        known = list(dict.fromkeys(texts))
        return np.array([known.index(each) if each else -1 for each in texts], np.int64), known, "layer"

    # The cloud

    def paint(self, width: int, height: int) -> Page:
        part = self.part
        if self._as_table or part is None or not len(part.values):
            return super().paint(width, height)
        page = Page(width, height)
        across, up = self._planes[self.way]
        names = (self._axis(across), self._axis(up))
        cloud = Cloud(part.values[:, across], part.values[:, up], self._groups, names)
        beside = _LEGEND if width >= 60 else 0
        drawn, self._placed = scatter(cloud, width - beside - 1 * bool(beside), height, self.cursor)
        place(page, 0, 0, drawn, hits=True)
        if beside:
            self._legend(page, width - beside, cloud)
        return page

    def _axis(self, at: int) -> str:
        part = self.part
        assert part is not None
        name = part.axes[at] if at < len(part.axes) else f"axis {at + 1}"
        share = f" ({part.shares[at]:.0%})" if at < len(part.shares) else ""
        return steady(name, 40) + share

    def _legend(self, page: Page, column: int, cloud: Cloud) -> None:
        kinds, counts = np.unique(self._groups, return_counts=True)
        own = int(self._groups[self.cursor]) if len(self._groups) else -1
        first = top_of(int(np.searchsorted(kinds, own)), len(kinds), page.height)
        for row, at in enumerate(range(first, min(first + page.height, len(kinds)))):
            group = int(kinds[at])
            page.text(column, row, mark_of(group, lettered=cloud.lettered), ink_of(group))
            name = self._names[group] if 0 <= group < len(self._names) else "none"
            text = f"{fit(name, _LEGEND - 9)} {int(counts[at]):>5}"
            page.text(column + 2, row, text, Ink.SELECTED if group == own else Ink.DIM)

    def said(self) -> str:
        part = self.part
        if part is None or not len(part.values):
            return ""
        if self._as_table:
            return super().said()
        item = part.items[self.cursor]
        found = [f"record {item.record}" if item.record else self._unit(item)]
        group = int(self._groups[self.cursor])
        if 0 <= group < len(self._names):
            found.append(f"{self._of} {self._names[group]}")
        if item.record and item.unit is not None and 0 <= item.unit[0] < len(self._names):
            guess = self._names[item.unit[0]]
            found.append("predicted right" if item.unit[0] == group else f"predicted {guess}")
        if item.score is not None:
            found.append(f"score {number(item.score)}")
        found.append("(" + ", ".join(number(float(each)) for each in part.values[self.cursor][:4]) + ")")
        if item.note:
            found.append(item.note)
        return steady(", ".join(each for each in found if each), 300)

    def _unit(self, item: Item) -> str:
        unit = "" if item.unit is None else f" map {', '.join(map(str, item.unit))}"
        return f"{item.layer}{unit}" + ("" if item.image is None else f", image {item.image + 1}")

    # Keys

    def moved(self, right: int, down: int) -> int:
        if self._as_table:
            return super().moved(right, down)
        if self._placed is None or not self.count or self.cursor >= len(self._placed.columns):
            return self.cursor
        if abs(down) > 1:  # a page: the next group
            return self._of_group(1 if down > 0 else -1)
        return nearest(self._placed, self.cursor, right, down)

    def _of_group(self, by: int) -> int:
        """The first point of the next group."""
        kinds = np.unique(self._groups).tolist()
        wanted = kinds[(kinds.index(int(self._groups[self.cursor])) + by) % len(kinds)]
        return int(np.flatnonzero(self._groups == wanted)[0])

    def action_way(self, by: int) -> None:
        """The next plane; from a table that is sorted on to the first one."""
        point = self._order[self.cursor // self._across] if self._as_table and self._order else self.cursor
        self.way = (self.way + by) % self.ways
        if self._as_table:
            super().taken()
        count = self._across if self._as_table else 1
        self.cursor = self._order.index(point) * count if self._as_table and self._order else point
        self.redraw()


def as_table(sheet: Sheet | None, classes: Sequence[str] = ()) -> Table | None:
    """What the points are, with the names of classes where they have some, and their coordinates."""
    part = sheet.part if sheet else None
    if not isinstance(part, Points):
        return None
    heads, first = _heads(part.items, classes)
    axes = tuple(part.axes) or tuple(f"axis {at + 1}" for at in range(part.values.shape[1]))
    rows = tuple((*head, *map(float, row)) for head, row in zip(first, part.values.tolist(), strict=True))
    return Table((*heads, *axes), rows)


def _heads(items: Sequence[Item], classes: Sequence[str]) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    """Columns that say what each point is: only those in which something stands."""

    def named(class_: int | None) -> Cell:
        return classes[class_] if class_ is not None and 0 <= class_ < len(classes) else class_

    columns: dict[str, list[Cell]] = {
        "record": [item.record for item in items],
        "layer": [item.layer for item in items],
        "map": ["" if item.unit is None else ", ".join(map(str, item.unit)) for item in items],
        "image": [None if item.image is None else item.image + 1 for item in items],
        "class": [named(item.target) for item in items],
        "score": [item.score for item in items],
    }
    kept = {name: cells for name, cells in columns.items() if any(each not in ("", None) for each in cells)}
    if "record" in kept:
        kept.pop("layer", None)
        if kept.pop("map", None):
            kept["predicted"] = [named(item.unit[0]) if item.unit else None for item in items]
    if not kept:
        kept = {"point": list(range(len(items)))}
    return tuple(kept), list(zip(*kept.values(), strict=True))
