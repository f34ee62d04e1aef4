"""A figure as arrays for other programs: one .npz file with everything, no pickle in it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from ...engine.text import printable
from ...vis.figures import Figure, Graph, Histograms, Item, Items, Matrix, Part, Points, Table
from ...vis.items import TEXTS, as_columns
from ..drawing.picture_file import write

_EMPTY = Item()


def save_npz(figure: Figure, path: Path, *, replace: bool = False) -> Path:
    """Write every part, what its items show, the inputs and predictions. Raises PictureError."""
    target = io.BytesIO()
    np.savez_compressed(target, **arrays(figure))  # type: ignore[arg-type]
    write(path, target.getvalue(), replace=replace)
    return path


def arrays(figure: Figure) -> dict[str, Any]:
    """`conv_1` the values of a part, `conv_1.unit`, `conv_1.image`, … what each of them shows; `input.0` the images.

    A part without a name, or with one that is taken, is called by its number: `part.3`.
    """
    found: dict[str, Any] = {
        "technique": np.array(figure.technique),
        "step": np.array(figure.moment.step),
        "epoch": np.array(figure.moment.epoch),
        "notes": np.array(figure.notes, str),
    }
    for at, given in enumerate(figure.inputs):
        if given.picture is not None:
            found[f"input.{at}"] = given.picture
        found[f"input.{at}.name"] = np.array(given.name)
    for at, said in enumerate(figure.predictions):
        found[f"prediction.{at}.classes"] = np.array(said.classes, np.int64)
        found[f"prediction.{at}.scores"] = np.array(said.scores, np.float64)
        if said.labels:
            found[f"prediction.{at}.labels"] = np.array(said.labels, str)
    for at, part in enumerate(figure.parts):
        name = printable(part.name).replace("/", ":")  # a slash is a folder in the archive
        found |= _part(name if name and name not in found else f"part.{at}", part)
    return found


def _part(name: str, part: Part) -> dict[str, Any]:
    match part:
        case Table():
            columns = zip(part.columns, zip(*part.rows, strict=True), strict=False) if part.rows else ()
            return {f"{name}.{title}": _column(cells) for title, cells in columns}
        case Graph():
            return {
                f"{name}.edges": part.edges,
                f"{name}.layer": np.array([node.path for node in part.nodes], str),
                f"{name}.parameters": np.array([node.parameters for node in part.nodes], np.int64),
            }
        case Matrix():
            return {name: part.values, f"{name}.rows": np.array(part.rows), f"{name}.columns": np.array(part.columns)}
        case _:
            more = {f"{name}.{field}": column for field, column in _items(part.items).items()}
            if isinstance(part, Histograms):
                more |= {f"{name}.edges": part.edges, f"{name}.mean": part.mean, f"{name}.std": part.std}
            if isinstance(part, Points) and part.axes:
                more[f"{name}.axes"] = np.array(part.axes)
            return {name: part.values, **more}


def _column(cells: tuple[Any, ...]) -> Any:
    if any(isinstance(cell, str) for cell in cells):
        return np.array(["" if cell is None else str(cell) for cell in cells], str)
    return np.array([np.nan if cell is None else cell for cell in cells])


def _items(items: Any) -> dict[str, Any]:
    """A column for each field that says something; a number that does not apply is NaN, or the least there is."""
    kept: Items = as_columns(items)
    found: dict[str, Any] = {}
    for field in ("image", "layer", "unit", "rank", "score", "target", "aspect", "record", "box"):
        if field in kept.each:
            column = kept.each[field]
            found[field] = np.array(column, str) if field in TEXTS else np.asarray(column)
        elif (value := getattr(kept.same, field)) != getattr(_EMPTY, field):
            found[field] = np.array([value] * len(kept)) if len(kept) else np.zeros(0)
    return found
