"""A figure file as a reader sees it: the header at once, numbers when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from ..engine.text import printable
from .encoding import Array, decode, thumbnails_of
from .figures import KINDS, Figure, FigureError, Graph, Input, Items, Node, Part, Table
from .file_source import FileSource
from .header import SAID, Fields, parse, read_header, read_item
from .items import ITEM_FIELDS, TEXTS, TUPLES

_RANKS = {"maps": (3, 4), "pictures": (4,), "series": (3,), "graph": (1,)}
_SPACES = ("input", "layer", "weights", "")


class FigureFile:
    """An open figure file. To be closed, or used with `with`.

    `technique`, `moment`, `cost`, `notes`, `recipe`, `predictions` and `inputs` are as in a `Figure`, `parts` are
    `StoredPart`s. Whatever reads raises FigureError where the file turns out to be damaged. Texts may hold anything:
    what is shown on a terminal goes through `engine.text.printable` first.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._source = FileSource(path)
        try:
            with self._source.reading():
                header = read_header(self._source.text("header"))
                self.parts = tuple(
                    StoredPart(self._source, at, said, header.texts) for at, said in enumerate(header.parts)
                )
        except FigureError:
            self.close()
            raise
        self._inputs = header.inputs
        self.technique = header.technique
        self.moment = header.moment
        self.cost = header.cost
        self.notes = header.notes
        self.recipe = header.recipe
        self.predictions = header.predictions

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._source.close()

    def part(self, name: str) -> StoredPart:
        """The part of this name. Raises FigureError."""
        for each in self.parts:
            if each.name == name:
                return each
        said = ", ".join(printable(each.name, 60) for each in self.parts)
        raise FigureError(f"{printable(self.technique, 60)} has no part {name!r}: there are {said or 'none'}")

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """The images that the technique looked at."""
        with self._source.reading():
            return tuple(self._input(at, said) for at, said in enumerate(self._inputs))

    def _input(self, at: int, said: Fields) -> Input:
        picture = self._source.array(f"inputs/{at}")[()] if said.flag("picture") else None
        return Input(picture, said.text("name"), said.text("note"))

    def read(self) -> Figure:
        """The whole figure."""
        return Figure(
            technique=self.technique,
            parts=tuple(part.read() for part in self.parts),
            inputs=self.inputs,
            predictions=self.predictions,
            notes=self.notes,
            recipe=self.recipe,
            moment=self.moment,
            cost=self.cost,
        )


class StoredPart:
    """A part of an open figure file. `shape` is that of its values (rows and columns of a table, nodes of a graph)."""

    def __init__(self, source: FileSource, at: int, said: Fields, texts: tuple[str, ...]) -> None:
        self._source = source
        self._at = at
        self._said = said
        self._texts = texts
        self.kind = said.text("kind")
        if self.kind not in KINDS:
            raise FigureError(f"{said.where} is of a kind that does not exist: {self.kind!r}")
        self.name = said.text("name")
        self.shape = said.wholes("shape")
        if len(self.shape) not in _RANKS.get(self.kind, (2,)) or not source.fits(self.shape):
            raise FigureError(f"{said.where} cannot have shape {self.shape}")
        self.facts: Mapping[str, Any] = {name: _FACTS[name](said) for name in SAID[self.kind]}

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def space(self) -> str:
        """What maps and pictures lie over: "input", "layer", "weights" or ""."""
        return self.facts.get("space", "")

    @property
    def signed(self) -> bool:
        """Whether 0 is the middle of the colours."""
        return self.facts.get("signed", False)

    @cached_property
    def items(self) -> Items:
        """What each of its values shows."""
        with self._source.reading():
            if self.kind in ("matrix", "graph", "table"):
                return Items(0)
            self._stored()
            names = [name for name in self._said.texts("each") if name in (*ITEM_FIELDS, "scored")]
            columns = {name: self._column(name) for name in names}
            return Items(len(self), read_item(self._said.mapping("same")), **columns)

    def values(self, which: int | slice | None = None) -> Array:
        """The values of one item, of some, or of all. Raises FigureError where there are no such or no numbers."""
        with self._source.reading():
            return self._decoded(self._stored(), self._places(which), which)

    def thumbnails(self, start: int = 0, stop: int | None = None) -> Array:
        """Maps or pictures reduced to at most 32×32, by means of boxes: those from `start` to before `stop`."""
        some = slice(start, stop)
        with self._source.reading():
            if self.kind not in ("maps", "pictures"):
                raise FigureError(f"{self.kind} have no thumbnails")
            if not self._said.flag("thumbnails"):
                return thumbnails_of(self._decoded(self._stored(), self._places(some), some))
            reduced = self._source.array(f"thumbnails/{self._at}")
            if reduced.ndim != len(self.shape) or reduced.shape[::3] != self.shape[::3]:
                raise FigureError(f"thumbnails/{self._at} has shape {reduced.shape} for maps of {self.shape}")
            return self._decoded(reduced, self._places(some), some)

    def read(self) -> Part:
        """The part, whole."""
        with self._source.reading():
            match self.kind:
                case "table":
                    return self._table()
                case "graph":
                    return self._graph()
            arrays = {"values": self.values()}
            if self.kind == "histograms":
                arrays |= {name: self._source.array(f"{name}/{self._at}")[()] for name in ("edges", "mean", "std")}
            items = {} if self.kind == "matrix" else {"items": self.items}
            return KINDS[self.kind](name=self.name, **arrays, **items, **self.facts)

    def _stored(self) -> Any:
        if self.kind in ("graph", "table"):
            raise FigureError(f"a {self.kind} has no array of values: read it whole")
        return self._source.array(f"values/{self._at}", self.shape)

    def _places(self, which: int | slice | None) -> slice:
        if which is None:
            return slice(0, len(self))
        if isinstance(which, slice):
            start, stop, _ = slice(which.start, which.stop).indices(len(self))
            return slice(start, max(start, stop))
        if not 0 <= which < len(self):
            raise FigureError(f"{self.name or self.kind} has {len(self)}: there is no {which}")
        return slice(which, which + 1)

    def _decoded(self, stored: Any, places: slice, which: int | slice | None) -> Array:
        values = stored[places]
        if self._said.text("coding") == "scaled":
            dtype = self._said.text("dtype")
            if dtype not in ("float32", "float64") or values.dtype != np.uint16:
                raise FigureError(f"{self._said.where} is scaled to {dtype} from {values.dtype}")
            rows = self._source.rows(self._first() + places.start, places.stop - places.start)
            values = decode(values, rows["scale"], rows["offset"], dtype)
        return values[0] if isinstance(which, int) else values

    def _first(self) -> int:
        return self._said.whole("first") or 0

    def _column(self, name: str) -> Any:
        rows = self._source.rows(self._first(), len(self))
        column = rows[name]
        if name in TEXTS:
            if column.size and not 0 <= column.min() <= column.max() < len(self._texts):
                raise FigureError(f"items.{name} counts beyond the {len(self._texts)} texts")
            return [self._texts[code] for code in column.tolist()]
        if column.ndim != 1 + (name in TUPLES):
            raise FigureError(f"items.{name} has shape {column.shape}")
        return column.astype(bool) if name == "scored" else column

    def _table(self) -> Table:
        said = Fields(parse(self._source.text(f"values/{self._at}")), f"values/{self._at}")
        rows = said.value.get("rows")
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise FigureError(f"{said.where}.rows are no lists")
        cells = tuple(tuple(_cell(cell, said.where) for cell in row) for row in rows)
        return Table(said.texts("columns"), cells, self.name)

    def _graph(self) -> Graph:
        said = Fields(parse(self._source.text(f"values/{self._at}")), f"values/{self._at}")
        ends = said.wholes("edges")
        if len(ends) % 2:
            raise FigureError(f"{said.where}.edges are no pairs")
        nodes = tuple(map(_node, said.mappings("nodes")))
        return Graph(nodes, np.array(ends, dtype=np.int64).reshape(-1, 2), self.name)


def _pair(said: Fields) -> tuple[str, ...]:
    axes = said.texts("axes")
    if said.text("kind") in ("matrix", "series") and len(axes) != 2:
        raise FigureError(f"{said.where}.axes are not two")
    return axes


def _space(said: Fields) -> str:
    space = said.text("space")
    if space not in _SPACES:
        raise FigureError(f"{said.where} lies over {space!r}")
    return space


_FACTS = {
    "space": _space,
    "signed": lambda said: said.flag("signed"),
    "axes": _pair,
    "shares": lambda said: said.reals("shares"),
    "rows": lambda said: said.texts("rows"),
    "columns": lambda said: said.texts("columns"),
}


def _cell(cell: Any, where: str) -> Any:
    if cell is None or isinstance(cell, str | int | float):
        return cell
    if isinstance(cell, dict) and (value := Fields(cell, where).real("number")) is not None:
        return value
    raise FigureError(f"{where} has a cell that is neither text nor number")


def _node(said: Fields) -> Node:
    return Node(
        path=said.text("path"),
        layer=said.text("layer"),
        shape=said.text("shape"),
        parameters=said.whole("parameters") or 0,
        trainable=said.flag("trainable"),
        activation=said.text("activation"),
        inside=said.text("inside"),
    )
