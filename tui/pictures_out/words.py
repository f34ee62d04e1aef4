"""Figures said in words: what they show, what the network predicted, their numbers as lines of plain text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from ...vis.figures import (
    Array,
    Graph,
    Histograms,
    Items,
    Maps,
    Matrix,
    Pictures,
    Points,
    Series,
    Table,
    Vectors,
)
from ..drawing import text_table
from ..drawing.cells import NONE, number, steady
from ..drawing.sparkline import sparkline
from ..figures.rasters import caption
from ..figures.sheet import PartFacts, Sheet
from ..figures.words import prediction_words
from .painted import values_of

_BARS = " ▁▂▃▄▅▆▇█"
_EIGHTHS = " ▏▎▍▌▋▊▉█"
EVERY = slice(None)
MOST = 40  # rows of a list of bars, captions or layers; of longer ones the largest or first


def title(sheet: Sheet) -> str:
    """`layer_activations, step 930, epoch 9.3`."""
    return f"{steady(sheet.ask.name, 80)}, {moment(sheet)}"


def moment(sheet: Sheet) -> str:
    """`step 930, epoch 9.3`."""
    when = sheet.moment
    return f"step {when.step}" + (f", epoch {number(when.epoch)}" if math.isfinite(when.epoch) else "")


def part_words(facts: PartFacts, ref: str = "") -> str:
    """`conv_1: 32 maps of 26×26`."""
    name = steady(facts.name or ref or "the figure", 80)
    shape = facts.shape
    match facts.kind:
        case "maps" | "pictures":
            said = f"{_count(shape[0], facts.kind[:-1])} of {shape[2]}×{shape[1]}"
            colours = shape[3] if len(shape) > 3 else 1
            said += f" with {colours} channels" if colours > 1 and facts.kind == "maps" else ""
        case "vectors":
            said = f"{_count(shape[0], 'vector')} of {_count(shape[1], 'value')}"
        case "points":
            said = f"{_count(shape[0], 'point')} with {_count(shape[1], 'coordinate')}"
        case "histograms":
            said = f"{_count(shape[0], 'histogram')} of {_count(shape[1], 'bin')}"
        case "series":
            said = f"{_count(shape[0], 'curve')} of up to {_count(shape[2], 'point')}"
        case "matrix" | "table":
            said = f"{facts.kind} of {_count(shape[0], 'row')} and {_count(shape[1], 'column')}"
        case _:
            said = f"{facts.kind} of {_count(shape[0], 'layer') if shape else 'layers'}"
    return f"{name}: {said}"


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")


def predictions(sheet: Sheet) -> Iterator[str]:
    """`seven.png: seven 98 %, one 1.2 %`, a line for each input."""
    for at, given in enumerate(sheet.inputs):
        said = f"input {steady(given.name, 60) or at + 1}"
        if at < len(sheet.predictions) and sheet.predictions[at].classes:
            said += f": predicted {prediction_words(sheet.predictions[at], 3)}"
        yield said + (f" ({steady(given.note, 100)})" if given.note else "")


def captions(sheet: Sheet, chosen: Sequence[int]) -> list[str]:
    """What each chosen item shows."""
    items = sheet.items
    return [caption(items[at], sheet) if items is not None else "" for at in chosen]


def folded(texts: Sequence[str], across: int) -> list[str]:
    """The captions of a grid with `across` pictures in a row, in as few lines as tell all."""
    if len(texts) <= 1:
        return [text for text in texts if text]
    order = "from left to right" if across >= len(texts) else f"row by row, {across} in each"
    if len(texts) > 12:
        return [f"{texts[0]} … {texts[-1]}, {order}"]
    return [f"{order}: " + " · ".join(text or str(at + 1) for at, text in enumerate(texts))]


def numbers(sheet: Sheet, chosen: Sequence[int]) -> list[text_table.Column]:
    """A row for each chosen map: what it shows, least, mean, greatest, share of zeros."""
    texts = captions(sheet, chosen)
    rows = [(text or str(at), *_statistics(values_of(sheet, at))) for at, text in zip(chosen, texts, strict=True)]
    return columns(("shows", "least", "mean", "greatest", "zeros"), rows)


def _statistics(values: Array) -> tuple[float | None, float | None, float | None, str]:
    finite = values[np.isfinite(values)].astype(np.float64) if values.dtype.kind == "f" else values
    if not finite.size:
        return None, None, None, "no number"
    zeros = 100 * float((finite == 0).mean())
    return float(finite.min()), float(finite.mean()), float(finite.max()), f"{zeros:.0f} %"


def columns(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> list[text_table.Column]:
    """A table of text and numbers; in a narrow place the columns at the right go first."""
    made = []
    for at, name in enumerate(titles):
        texts = tuple(_cell(row[at]) for row in rows)
        align = "right" if rows and all(not isinstance(row[at], str) for row in rows) else "left"
        column = text_table.Column(steady(name, 40), texts, len(titles) - at, align)
        made.append(text_table.Column(column.title, texts, column.priority, align, min(column.most, 60)))
    return made


def _cell(value: object) -> str:
    if value is None:
        return NONE
    if isinstance(value, bool | str):
        return steady(value, 80)
    return number(value, 8) if isinstance(value, int | float) else steady(value, 80)


# The other kinds


def rows(sheet: Sheet) -> tuple[int, str]:
    """How many rows `lines` has, and what one of them is."""
    match sheet.part:
        case Matrix() | Table() as part:
            return len(part.rows), "row"
        case Graph() as part:
            return len(part.nodes), "layer"
        case Vectors() | Histograms() as part:
            return len(part.values), part.kind[:-1]
        case Series() as part:
            return len(part.values), "curve"
        case _:
            return 0, "row"


def lines(sheet: Sheet, width: int | None = None, only: slice = EVERY) -> Iterator[str]:
    """The part of a sheet as lines of at most `width` cells (None: as wide as they are); "" for maps and pictures.

    `only` says which of its `rows`.
    """
    wide = width or 100
    shown = range(rows(sheet)[0])[only]
    match sheet.part:
        case Vectors() as part:
            for at in shown:
                yield from _headed(sheet, at, len(part.values))
                yield from bars(part.values[at], wide)
        case Histograms() as part:
            for at in shown:
                yield from _headed(sheet, at, 0)
                yield from histogram(part, at, wide)
        case Series() as part:
            yield from _series(part, sheet.items, wide, shown)
        case Matrix() as part:
            yield from text_table.lines(_matrix(part, only), width)
            yield f"rows {steady(part.axes[0], 40)}, columns {steady(part.axes[1], 40)}" if any(part.axes) else ""
        case Table() as part:
            yield from text_table.lines(columns(part.columns, part.rows[only]), width)
        case Points() as part:
            yield from _points(part)
        case Graph() as part:
            yield from text_table.lines(_graph(part, only), width)
        case Maps() | Pictures() | None:
            return


def _headed(sheet: Sheet, at: int, count: int) -> Iterator[str]:
    items = sheet.items
    said = caption(items[at], sheet) if items is not None else ""
    if items is not None and not count:
        said = ", ".join(part for part in (steady(items[at].layer, 60), said) if part)
    if said:
        yield said


def bars(values: Array, width: int) -> Iterator[str]:
    """A bar for each value, of many only the largest; `×` where one is no number."""
    shown = np.arange(len(values))
    if len(values) > MOST:
        size = np.where(np.isfinite(values), np.abs(values.astype(np.float64)), -1)
        shown = np.sort(np.argsort(-size, kind="stable")[: MOST // 2])
        yield f"the {len(shown)} largest of {len(values):,} values"
    finite = values[shown][np.isfinite(values[shown])].astype(np.float64)
    most = float(np.abs(finite).max()) if finite.size else 0.0
    name = len(str(len(values) - 1))
    room = max(min(width, 100) - name - 10, 4)
    for at in shown.tolist():
        value = float(values[at])
        drawn = _bar(abs(value) / most, room) if most and math.isfinite(value) else ""
        yield f"{at:>{name}} {number(value):>7} {drawn}".rstrip()


def _bar(share: float, room: int) -> str:
    eighths = round(min(share, 1.0) * room * 8)
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def counted(counts: Array) -> Array:
    """How many are in each bin, as floats; what is no count (NaN, endless, below 0) is nothing."""
    values = counts.astype(np.float64)
    return np.where(np.isfinite(values) & (values > 0), values, 0.0)


def histogram(part: Histograms, at: int, width: int, rows: int = 4) -> Iterator[str]:
    """Bars from left to right, `rows` high, each bin at least a cell wide; and in words where they lie."""
    counts, edges = counted(part.values[at]), part.edges[at]
    most = counts.max(initial=0.0)
    wide = max(min(width, 80) // max(len(counts), 1), 1)
    eighths = np.ceil(counts / most * rows * 8).astype(int) if most > 0 else np.zeros(len(counts), int)
    for row in range(rows - 1, -1, -1):
        yield "".join(_BARS[min(max(each - row * 8, 0), 8)] * wide for each in eighths.tolist()).rstrip()
    mean = f", mean {number(float(part.mean[at]))}" if len(part.mean) else ""
    std = f" ± {number(float(part.std[at]))}" if len(part.std) else ""
    ends = f"{number(float(edges[0]))} to {number(float(edges[-1]))}"
    yield f"{int(counts.sum()):,} values from {ends}{mean}{std}"


def _series(part: Series, items: Items | None, width: int, shown: range) -> Iterator[str]:
    names = {at: steady(items[at].aspect, 30) if items is not None else "" for at in shown}
    room = max(map(len, names.values()), default=0)
    for at in shown:
        x, y = part.values[at]
        there = np.isfinite(x) & np.isfinite(y)
        score = items[at].score if items is not None else None
        said = f"{names[at]:<{room}} {sparkline(y[there].tolist(), max(min(width - room - 12, 60), 8))}"
        yield said + (f" {number(score)}" if score is not None else "")
    if any(part.axes):
        yield f"{steady(part.axes[1], 40)} over {steady(part.axes[0], 40)}"


def _matrix(part: Matrix, only: slice) -> list[text_table.Column]:
    values = part.values[only]
    whole = values.dtype.kind in "iu" or bool(np.all(np.isfinite(values) & (values == np.floor(values))))
    rows = [
        (name, *(int(value) if whole else float(value) for value in row))
        for name, row in zip(part.rows[only], values, strict=True)
    ]
    return columns(("", *part.columns), rows)


def _points(part: Points) -> Iterator[str]:
    names = part.axes or tuple(f"axis {at + 1}" for at in range(part.values.shape[1]))
    shares = part.shares or (None,) * len(names)
    rows = [
        (steady(name, 40), *(float(each) for each in (values.min(), values.mean(), values.max())), share)
        for name, values, share in zip(names, part.values.T.astype(np.float64), shares, strict=False)
        if values.size
    ]
    titles = ("axis", "least", "mean", "greatest", "share of variance")
    drop = 1 if not part.shares else 0
    yield from text_table.lines(columns(titles[: 5 - drop], [row[: 5 - drop] for row in rows]), None)


def _graph(part: Graph, only: slice) -> list[text_table.Column]:
    feeds: dict[int, list[str]] = {}
    for start, end in part.edges.tolist():
        feeds.setdefault(end, []).append(part.nodes[start].path)
    rows = [
        (node.path, node.layer, node.shape, node.parameters, ", ".join(feeds.get(at, [])))
        for at, node in list(enumerate(part.nodes))[only]
    ]
    return columns(("layer", "class", "output", "parameters", "takes"), rows)
