"""Figure files: `write`, `open_figure` for a look at a part of one, `read` for all of it.

A figure file is HDF5 with a few data sets; docs/figure-format.md shows how to read it without trainvis. Nothing in it
is executed, by us or by whoever reads it, and it may be sent to others: it holds no path and no environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from ..engine.files import write_aside
from ..engine.text import printable
from .encoding import Encoded, encode
from .figures import (
    Figure,
    FigureError,
    Graph,
    Histograms,
    Maps,
    Matrix,
    Part,
    Pictures,
    Points,
    Series,
    Table,
    Vectors,
)
from .file_image import FileImage, storable
from .header import SAID, SCHEMA, Json, header_of, node_fields, plain
from .items import as_columns
from .stored import FigureFile, StoredPart

__all__ = ["SCHEMA", "FigureFile", "StoredPart", "open_figure", "read", "write"]

_MUCH = 4 << 20  # bytes of maps from which on threads are worth starting


def write(figure: Figure, path: str | os.PathLike[str], *, keep_thumbnails: bool = True) -> int:
    """Write a figure aside and rename it to `path`; the folder must exist. Returns the bytes it has.

    `keep_thumbnails=False` saves their room and the time to make them; whoever reads then makes them. Raises
    FigureError where a figure holds what no file can, or where the disk does not take it: nothing has changed then.
    """
    target = Path(path)
    image = _image(figure, keep_thumbnails)
    try:
        write_aside(target, image)
    except OSError as error:
        raise FigureError(
            f"the figure {printable(target.name)} of {printable(figure.technique)} cannot be written into "
            f"{printable(target.parent)}: {error.strerror}"
        ) from None
    return len(image)


def open_figure(path: str | os.PathLike[str]) -> FigureFile:
    """Open a figure file and read its header; numbers are read when they are asked for. Close it, or use `with`.

    Raises FigureError, with a sentence, for whatever is no figure file that this trainvis can read.
    """
    return FigureFile(Path(path))


def read(path: str | os.PathLike[str]) -> Figure:
    """All of a figure file. Raises FigureError as `open_figure` does."""
    with open_figure(path) as file:
        return file.read()


def _image(figure: Figure, thumbnails: bool) -> memoryview:
    """The bytes of the file, made in memory: a full disk then fails one plain write, not HDF5 in the middle."""
    try:
        with FileImage() as file:
            maps = _encoded([part for part in figure.parts if isinstance(part, Maps | Pictures)], thumbnails)
            parts = [_write_part(file, str(at), part, maps) for at, part in enumerate(figure.parts)]
            for at, each in enumerate(figure.inputs):
                if each.picture is not None:
                    file.array("inputs", str(at), each.picture)
            file.write_rows()
            file.text("header", header_of(figure, parts, list(file.texts)))
        return file.image()
    except (TypeError, ValueError, OverflowError, RuntimeError, MemoryError) as error:
        raise FigureError(f"a figure of {printable(figure.technique)} cannot be stored: {printable(error)}") from None


def _encoded(parts: Sequence[Maps | Pictures], thumbnails: bool) -> Iterator[Encoded]:
    """The parts as they are stored. Many are encoded by threads while this one writes, for NumPy lets go of Python."""
    values = [storable(part.values) for part in parts]
    make = partial(encode, thumbnails=thumbnails)
    if sum(each.nbytes for each in values) < _MUCH:
        yield from map(make, values)
        return
    with ThreadPoolExecutor(2, "trainvis-figure") as threads:
        yield from threads.map(make, values)


def _write_part(file: FileImage, at: str, part: Part, maps: Iterator[Encoded]) -> Json:
    """Write the numbers of a part, of the next of `maps` where it has some. Returns what the header says of it."""
    said: Json = {"kind": part.kind, "name": part.name}
    said |= {name: plain(getattr(part, name)) for name in SAID[part.kind]}
    match part:
        case Table():
            rows = [[_cell(cell) for cell in row] for row in part.rows]
            file.text(f"values/{at}", {"columns": list(part.columns), "rows": rows})
            return said | {"shape": [len(part.rows), len(part.columns)]}
        case Graph():
            nodes = [node_fields(node) for node in part.nodes]
            file.text(f"values/{at}", {"nodes": nodes, "edges": part.edges.ravel().tolist()})
            return said | {"shape": [len(part.nodes)]}
        case Maps() | Pictures():
            return said | _write_maps(file, at, part, next(maps))
        case _:
            return said | _write_arrays(file, at, part)


def _write_arrays(file: FileImage, at: str, part: Vectors | Points | Matrix | Histograms | Series) -> Json:
    for name in ("edges", "mean", "std"):
        if hasattr(part, name):
            file.array(name, at, getattr(part, name))
    file.array("values", at, part.values)
    items = {} if isinstance(part, Matrix) else file.rows(as_columns(part.items))
    return items | {"shape": list(part.values.shape)}


def _write_maps(file: FileImage, at: str, part: Maps | Pictures, encoded: Encoded) -> Json:
    file.array("values", at, encoded.values)
    if encoded.thumbnails is not None:
        file.array("thumbnails", at, encoded.thumbnails)
    said = {"shape": list(part.values.shape), "thumbnails": encoded.thumbnails is not None}
    if encoded.scale is None or encoded.offset is None:
        return said | file.rows(as_columns(part.items))
    said |= {"coding": "scaled", "dtype": part.values.dtype.name}
    return said | file.rows(as_columns(part.items), scale=encoded.scale, offset=encoded.offset)


def _cell(cell: Any) -> Any:
    # A number that is none is told from the text "nan".
    value = plain(cell)
    return {"number": value} if isinstance(value, str) and not isinstance(cell, str) else value
