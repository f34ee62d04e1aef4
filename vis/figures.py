"""Figures: what a technique found out about a network, as numbers. Painting happens where they are read.

A `Figure` holds parts, each of one kind: maps, pictures, vectors, points, a matrix, histograms, series, a graph or
a table. What each of its items shows (image, layer, unit, …) stands in fields, never in a text to be parsed.
docs/figure-format.md describes the file that `artifacts` makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from ..engine.text import printable
from .items import ITEM_FIELDS, FigureError, Item, Items

__all__ = [
    "ITEM_FIELDS", "KINDS", "Array", "Cell", "Cost", "Figure", "FigureError", "Graph", "Histograms", "Input", "Item",
    "Items", "Maps", "Matrix", "Moment", "Node", "Part", "Pictures", "Points", "Prediction", "Series", "Space", "Table",
    "Vectors",
]  # fmt: skip

Array: TypeAlias = npt.NDArray[Any]
Space: TypeAlias = Literal["input", "layer", "weights", ""]


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """N×H×W or N×H×W×C numbers of one size. `space`: "input" lies over the input, pixel by pixel; "layer" is the
    layer's own; "weights" are kernels. `signed`: 0 is the middle of its colours.
    """

    kind: ClassVar[str] = "maps"
    values: Array
    items: Sequence[Item]
    name: str = ""
    space: Space = ""
    signed: bool = False

    def __post_init__(self) -> None:
        _check(self, (3, 4))


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """N×H×W×3 or N×H×W×1 bytes, to be shown as they are."""

    kind: ClassVar[str] = "pictures"
    values: Array
    items: Sequence[Item]
    name: str = ""
    space: Space = ""

    def __post_init__(self) -> None:
        _check(self, (4,))
        if self.values.dtype != np.uint8 or self.values.shape[-1] not in (1, 3):
            raise FigureError(
                f"pictures {self.name!r} are {self.values.dtype} with {self.values.shape[-1]} channels: "
                "they are uint8 with 1 or 3"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """N×L numbers: the values of layers without height and width."""

    kind: ClassVar[str] = "vectors"
    values: Array
    items: Sequence[Item]
    name: str = ""
    signed: bool = False

    def __post_init__(self) -> None:
        _check(self, (2,))


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """N×D coordinates, one row a record. `axes` names the D axes, `shares` the part of the variance each explains."""

    kind: ClassVar[str] = "points"
    values: Array
    items: Sequence[Item]
    name: str = ""
    axes: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        _check(self, (2,))


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """R×C numbers with a name for each row and column (a confusion matrix: rows true, columns predicted)."""

    kind: ClassVar[str] = "matrix"
    values: Array
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    name: str = ""
    axes: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.rows), len(self.columns)):
            raise FigureError(
                f"matrix {self.name!r} has shape {self.values.shape} for {len(self.rows)} rows and "
                f"{len(self.columns)} columns"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Histograms:
    """N×B counts and N×(B+1) edges of the bins, with `mean` and `std` (N each) of what was counted."""

    kind: ClassVar[str] = "histograms"
    values: Array
    edges: Array
    items: Sequence[Item]
    name: str = ""
    mean: Array = field(default_factory=lambda: np.zeros(0))
    std: Array = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        _check(self, (2,))
        if self.edges.shape != (len(self.values), self.values.shape[1] + 1):
            raise FigureError(
                f"histograms {self.name!r}: edges of shape {self.edges.shape} for counts {self.values.shape}; "
                "there is one edge more than bins"
            )
        if any(len(each) not in (0, len(self.values)) for each in (self.mean, self.std)):
            raise FigureError(f"histograms {self.name!r}: mean and std have one number for each, or none")


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """N lines of x and y, N×2×L; a shorter line ends in NaN. `axes` names x and y. An item's `aspect` is its legend."""

    kind: ClassVar[str] = "series"
    values: Array
    items: Sequence[Item]
    name: str = ""
    axes: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        _check(self, (3,))
        if self.values.shape[1] != 2:
            raise FigureError(f"series {self.name!r} have shape {self.values.shape}: they are N×2×L, x and y")


@dataclass(frozen=True, slots=True)
class Node:
    """One call of a layer: its path, class, output shape as text ("28×28×32"), parameters, whether they train."""

    path: str
    layer: str
    shape: str = ""
    parameters: int = 0
    trainable: bool = True
    activation: str = ""
    inside: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The calls of a network in the order of computation; `edges` is E×2, from node to node by number."""

    kind: ClassVar[str] = "graph"
    nodes: tuple[Node, ...]
    edges: Array
    name: str = ""

    def __post_init__(self) -> None:
        edges = self.edges
        if (
            edges.ndim != 2
            or edges.shape[1] != 2
            or (edges.size and not 0 <= edges.min() <= edges.max() < len(self.nodes))
        ):
            raise FigureError(f"graph {self.name!r}: edges are pairs of numbers below {len(self.nodes)}")


Cell: TypeAlias = str | float | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text and numbers below named columns."""

    kind: ClassVar[str] = "table"
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    name: str = ""

    def __post_init__(self) -> None:
        odd = next((row for row in self.rows if len(row) != len(self.columns)), None)
        if odd is not None:
            raise FigureError(f"table {self.name!r}: a row of {len(odd)} below {len(self.columns)} columns")


Part: TypeAlias = Maps | Pictures | Vectors | Points | Matrix | Histograms | Series | Graph | Table
KINDS: Mapping[str, type[Part]] = {
    each.kind: each for each in (Maps, Pictures, Vectors, Points, Matrix, Histograms, Series, Graph, Table)
}


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """An input image as a person sees it: H×W×1 or H×W×3 bytes. `note` says what was done to it, e.g. resized.

    `picture` is None for an input that is no image.
    """

    picture: Array | None
    name: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.picture is not None and (
            self.picture.dtype != np.uint8 or self.picture.ndim != 3 or self.picture.shape[2] not in (1, 3)
        ):
            raise FigureError(
                f"input {self.name!r} has shape {self.picture.shape}, {self.picture.dtype}: H×W×1|3 uint8"
            )


@dataclass(frozen=True, slots=True)
class Prediction:
    """The classes with the largest scores for one input, best first. `labels` are their names, or nothing.

    `confidence`: the scores are probabilities. `output` names the output of a network with several.
    """

    classes: tuple[int, ...]
    scores: tuple[float, ...]
    labels: tuple[str, ...] = ()
    confidence: bool = True
    output: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """When in a training: `step` over all fits, `epoch` as a fraction, which `fit`, Unix `time`."""

    step: int = 0
    epoch: float = 0.0
    fit: int = 1
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that a figure took: in all, and of these the compilation of its functions."""

    seconds: float = 0.0
    compile_seconds: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """What a technique made of a network, whole.

    `technique` is its name in the catalogue (with its wrapper), `parts` what it found, `inputs` the images it looked
    at with one prediction each (none where it needs no image), `notes` sentences that a reader must know, `recipe`
    what is needed to make it again (options, target, seed, the network's facts), as JSON takes it.
    """

    technique: str
    parts: tuple[Part, ...]
    inputs: tuple[Input, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    notes: tuple[str, ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)
    moment: Moment = Moment()
    cost: Cost = Cost()

    def part(self, name: str) -> Part:
        """The part of this name. Raises FigureError."""
        for each in self.parts:
            if each.name == name:
                return each
        said = ", ".join(printable(each.name, 60) for each in self.parts)
        raise FigureError(f"{printable(self.technique, 60)} has no part {name!r}: there are {said or 'none'}")


def _check(part: Any, ranks: tuple[int, ...]) -> None:
    values = part.values
    if not isinstance(values, np.ndarray) or values.ndim not in ranks:
        shape = getattr(values, "shape", type(values).__name__)
        raise FigureError(
            f"{part.kind} {part.name!r} have shape {shape}: {' or '.join(map(str, ranks))} axes are needed"
        )
    if len(values) != len(part.items):
        raise FigureError(f"{part.kind} {part.name!r}: {len(values)} values and {len(part.items)} items")
