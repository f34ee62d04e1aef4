"""From a source of every layout to a blob and back: the same samples, in words and pixels."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trees
from array_files import cifar, mnist
from PIL import Image
from test_layouts_of_faces import TREES
from test_matfiles import wiki

from trainvis.datasets.blob import Blob, open_blob
from trainvis.datasets.building.build import build
from trainvis.datasets.building.options import BuildOptions
from trainvis.datasets.layouts.table import LAYOUTS, recognise
from trainvis.datasets.sample import FileImage, Found


def archive(root: Path) -> Path:
    root.mkdir()
    np.savez_compressed(root / "x.npz", x=np.arange(96).astype("u1").reshape(2, 4, 4, 3), y=[1, 0])
    return root / "x.npz"


def listed(root: Path) -> Path:
    trees.picture(root / "a.png")
    return trees.text(root / "list.csv", "image,label,split\na.png,cat,val\n")


SOURCES: dict[str, Callable[[Path], Path]] = {
    **TREES, "cifar": cifar, "idx": mnist, "npz": archive, "imdb_wiki": wiki, "csv_list": listed,
    "image_folder": lambda root: trees.class_folders(root, {"cat": ["1.png"], trees.no_utf8(b"\xff"): ["2.png"]}),
}  # fmt: skip


def pixels(value: object) -> np.ndarray:
    if isinstance(value, FileImage):
        data = value.path.read_bytes()
        data = data[value.offset :][: value.size if value.size is not None else len(data)]
        if value.shape:
            return np.frombuffer(data, value.dtype).reshape(value.shape)
        image = Image.open(io.BytesIO(data))
        found = np.asarray(image.convert("RGB") if image.mode == "P" else image)
        return found[..., None] if found.ndim == 2 else found
    assert isinstance(value, np.ndarray)
    return value


def same(found: Found, blob: Blob) -> None:
    samples = list(found.samples)
    assert len(blob) == len(samples) > 0
    for sample in samples:
        place = blob.find(sample.key)
        assert place is not None
        record = blob[place]
        for field in found.fields:
            given = sample.values[field.name]
            match field.kind:
                case "image":
                    np.testing.assert_array_equal(record["image"].squeeze(), pixels(given).squeeze())
                case "class":
                    assert record.text(field.name) == ("" if given is None else given)
                case "number" if given is not None:
                    assert record[field.name] == given
                case "text":
                    assert record[field.name] == given
        if sample.group:
            assert record["group"] == sample.group


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
def test_a_blob_of_a_layout_holds_its_samples(name: str, tmp_path: Path):
    found = recognise(SOURCES[name](tmp_path / "source"))
    assert found.layout == name
    build(found, tmp_path / "made.h5", BuildOptions(workers=1))
    with open_blob(tmp_path / "made.h5") as blob:
        same(found, blob)


def test_every_layout_but_blobs_themselves_is_built():
    assert SOURCES.keys() | {"blob"} == LAYOUTS.keys()
