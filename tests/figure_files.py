"""One valid figure file of every kind, and every sort of damage done to it: for all tests that read figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from trainvis.vis.artifacts import write
from trainvis.vis.figures import (
    Cost,
    Figure,
    Graph,
    Histograms,
    Input,
    Item,
    Items,
    Maps,
    Matrix,
    Moment,
    Node,
    Part,
    Pictures,
    Points,
    Prediction,
    Series,
    Table,
    Vectors,
)

STEP = 930
LABELS = ("cat", "dog", "fish")


def part(kind: str) -> Part:
    """A small part of a kind, the same every time. Maps and pictures have twelve items with thumbnails of their own."""
    random = np.random.default_rng(7)
    unit = np.arange(12)
    match kind:
        case "maps":
            values = np.maximum(random.normal(size=(12, 70, 40)), 0).astype(np.float32)
            items = Items(12, Item(image=0, layer="conv2d"), unit=unit, score=values.max(axis=(1, 2)))
            return Maps(values, items, "conv2d", space="layer")
        case "pictures":
            values = random.integers(0, 256, (12, 70, 40, 3), dtype=np.uint8)
            return Pictures(values, Items(12, Item(layer="dense"), unit=unit, rank=unit[::-1]), "dense")
        case "vectors":
            values = random.normal(size=(2, 50)).astype(np.float32)
            return Vectors(values, Items(2, Item(layer="dense"), image=[0, 1]), "dense", signed=True)
        case "points":
            records = [f"test/{at:05d}.png" for at in range(30)]
            items = Items(30, target=np.arange(30) % 3, record=records)
            return Points(random.normal(size=(30, 3)), items, "embedding", ("PC 1", "PC 2", "PC 3"), (0.5, 0.3, 0.1))
        case "matrix":
            counts = np.array([[8, 1, 0], [2, 7, 0], [0, 1, 9]])
            return Matrix(counts, LABELS, LABELS, "confusion", ("true", "predicted"))
        case "histograms":
            values = random.integers(0, 90, (2, 20))
            edges = np.linspace([-1.0, -2.0], [1.0, 2.0], 21, axis=1)
            items = (Item(layer="conv2d", aspect="kernel"), Item(layer="conv2d", aspect="bias", note="all are 0"))
            return Histograms(values, edges, items, "conv2d", mean=np.array([0.1, 0.0]), std=np.array([0.4, 0.0]))
        case "series":
            values = np.stack([np.linspace(0, 1, 9) ** power for power in (1, 2, 3, 4)]).reshape(2, 2, 9)
            values[1, :, 7:] = np.nan
            return Series(values, Items(2, aspect=["cat", "dog"], score=[0.9, None]), "curves", ("recall", "precision"))
        case "graph":
            nodes = (Node("image", "InputLayer", "28×28×1"), Node("conv2d", "Conv2D", "26×26×32", 320, True, "relu"))
            return Graph((*nodes, Node("add", "Add", "26×26×32", inside="block")), np.array([[0, 1], [0, 2], [1, 2]]))
        case "table":
            rows = (("conv2d", 0.25, 32), ("dense", float("nan"), None))
            return Table(("layer", "share of zeros", "maps"), rows, "sizes")
    raise ValueError(kind)


def figure(kind: str, step: int = STEP) -> Figure:
    """A figure of one part of a kind, with an input, its prediction, notes and a recipe."""
    picture = np.arange(28 * 28, dtype=np.uint8).reshape(28, 28, 1)
    return Figure(
        technique=f"{kind}_technique",
        parts=(part(kind),),
        inputs=(Input(picture, "seven.png", "resized from 32×32"), Input(None, "text")),
        predictions=(Prediction((7, 1), (0.9, 0.1), ("seven", "one")), Prediction((3,), (0.4,), confidence=False)),
        notes=("no ReLU was found",),
        recipe={"network": "digits", "options": {"samples": 20, "layer": None}, "target": [7, None]},
        moment=Moment(step, 1.5, 1, 1.7e9),
        cost=Cost(0.02, 1.1),
    )


def valid(kind: str, folder: Path, step: int = STEP) -> Path:
    """Write the figure of a kind into a folder, which is made where it is missing."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{kind}-{step:08d}.h5"
    write(figure(kind, step), path)
    return path


def damaged(kind: str, folder: Path, sort: str) -> Path:
    """The same with one sort of damage, a key of `DAMAGES`."""
    path = valid(kind, folder)
    DAMAGES[sort](path)
    return path.rename(folder / f"{sort}-{path.name}")


def rewrite_header(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the header of a figure file, as somebody with h5py could."""
    with h5py.File(path, "r+") as file:
        header = json.loads(file["header"][0])
        change(header)
        _replace_text(file, "header", json.dumps(header))


def _replace_text(file: h5py.File, name: str, text: str) -> None:
    del file[name]
    data = np.array([text.encode()])
    file.create_dataset(name, data=data, chunks=data.shape, fletcher32=True)


def _with_text(text: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with h5py.File(path, "r+") as file:
            _replace_text(file, "header", text)

    return change


def _cut_in_half(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def _overwrite_middle(path: Path) -> None:
    # The header is written last: what stands before the end is its text.
    data = bytearray(path.read_bytes())
    at = data.index(b'"technique"')
    data[at : at + 40] = b"\x1b" * 40
    path.write_bytes(data)


def _without_schema(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        del file.attrs["schema"]


def _with_schema(schema: object) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with h5py.File(path, "r+") as file:
            file.attrs["schema"] = schema

    return change


def _without(name: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with h5py.File(path, "r+") as file:
            del file[name]

    return change


def _with_header(**changes: Any) -> Callable[[Path], None]:
    return lambda path: rewrite_header(path, lambda header: header.update(changes))


def _with_part(**changes: Any) -> Callable[[Path], None]:
    return lambda path: rewrite_header(path, lambda header: header["parts"][0].update(changes))


def _with_values(make: Callable[[h5py.File], object]) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with h5py.File(path, "r+") as file:
            del file["values/0"]
            make(file)

    return change


def _of_objects(file: h5py.File) -> None:
    file.create_dataset("values/0", data=["x" * 20] * 12, dtype=h5py.string_dtype())


def _huge(path: Path) -> None:
    """A terabyte that is declared and not there."""
    with h5py.File(path, "r+") as file:
        shape = (1 << 20, *file["values/0"].shape[1:-1], 1 << 20)
        del file["values/0"]
        file.create_dataset("values/0", shape, np.float32, chunks=(1, *[1] * (len(shape) - 1)))
    rewrite_header(path, lambda header: header["parts"][0].update(shape=list(shape)))


def _virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((12, 70, 40), np.float32)
    layout[:] = h5py.VirtualSource("/etc/hostname", "x", (12, 70, 40))
    file.create_virtual_dataset("values/0", layout)


def _elsewhere(file: h5py.File) -> None:
    raw = [("/etc/hostname", 0, h5py.h5f.UNLIMITED)]
    file.create_dataset("values/0", (12, 70, 40), np.uint8, external=raw)


def _link(link: Any) -> Callable[[h5py.File], None]:
    def make(file: h5py.File) -> None:
        file["values/0"] = link

    return make


DAMAGES: Mapping[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "truncated": _cut_in_half,
    "one byte short": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "not HDF5": lambda path: path.write_text("<html>404 \x1b[2J</html>"),
    "overwritten": _overwrite_middle,
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "no schema": _without_schema,
    "newer schema": _with_schema(2),
    "schema of a wrong type": _with_schema("one"),
    "several schemas": _with_schema([1, 1]),
    "no header": _without("header"),
    "header that is no mapping": _with_text("[1]"),
    "header that is no JSON": _with_text("{"),
    "header nested deeply": _with_text("[" * 100_000),
    "technique of a wrong type": _with_header(technique=["saliency_maps"]),
    "moment of a wrong type": _with_header(moment={"step": "now"}),
    "endless step": _with_header(moment={"step": 10**30}),
    "notes of a wrong type": _with_header(notes=[{}]),
    "parts of a wrong type": _with_header(parts={}),
    "prediction without scores": _with_header(predictions=[{"classes": [1, 2]}]),
    "input that is not there": _with_header(inputs=[{"name": "x", "picture": True}] * 9),
    "kind that does not exist": _with_part(kind="\x1b]0;hologram\x07"),
    "shape of a wrong type": _with_part(shape="large"),
    "shape of too many axes": _with_part(shape=[1, 2, 3, 4, 5]),
    "negative shape": _with_part(shape=[-1, 2]),
    "name of a wrong type": _with_part(name=7),
    "no values": _without("values/0"),
    "values of another shape": _with_values(lambda file: file.create_dataset("values/0", data=np.zeros((3, 5)))),
    "values that are texts": _with_values(_of_objects),
    "values that are a group": _with_values(lambda file: file.create_group("values/0")),
    "values in another file": _with_values(_link(h5py.ExternalLink("/etc/hostname", "x"))),
    "values behind a soft link": _with_values(_link(h5py.SoftLink("/inputs/0"))),
    "values of a raw file": _with_values(_elsewhere),
    "values that take a terabyte": _huge,
    "values put together of files": _with_values(_virtual),
}
