"""Blobs and Python objects as sources."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from trees import class_folders, encoded, picture

from trainvis.datasets.blob import open_blob
from trainvis.datasets.building.build import build
from trainvis.datasets.building.options import BuildOptions
from trainvis.datasets.errors import SourceError
from trainvis.datasets.layouts.iterable import of_samples
from trainvis.datasets.layouts.table import recognise
from trainvis.datasets.sample import FileImage, Found, Planned, Sample


def values(found: Found) -> list[tuple[str, bytes, object, str, str]]:
    said = []
    for sample in found.samples:
        image = sample.values["image"]
        data = image.path.read_bytes()[image.offset :] if isinstance(image, FileImage) else bytes(image)
        data = data[: image.size] if isinstance(image, FileImage) else data
        said.append((sample.key, data, sample.values["label"], sample.group, sample.split))
    return said


def pixels(image: object) -> np.ndarray:
    """Of a picture that lies in a file as an array."""
    assert isinstance(image, FileImage)
    data = image.path.read_bytes()[image.offset : image.offset + (image.size or 0)]
    return np.frombuffer(data, image.dtype).reshape(image.shape)


@pytest.mark.slow
def test_shards_and_pixels_are_read_where_they_lie(tmp_path: Path):
    source = recognise(
        class_folders(tmp_path / "set", {"cat": [f"{number}.png" for number in range(7)], "dog": ["1.png"]})
    )
    build(source, tmp_path / "set.h5", BuildOptions(workers=1, shards=3, encoding="raw"))
    found = recognise(tmp_path / "set-00000-of-00003.h5")
    stored = {sample.key: sample.values["image"] for sample in found.samples}
    assert len(stored) == 8
    with open_blob(tmp_path / "set-00000-of-00003.h5") as blob:
        for record in blob:
            np.testing.assert_array_equal(pixels(stored[record.key]), record["image"])


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["h5", "lmdb"])
def test_a_blob_is_a_source_of_what_it_was_built_from(tmp_path: Path, ending: str):
    for part in ("train", "test"):
        class_folders(tmp_path / "set" / part, {"cat": ["1.png", "2.png"], "dog": ["1.png"]})
    source = recognise(tmp_path / "set")
    build(source, tmp_path / f"set.{ending}", BuildOptions(workers=1))
    found = recognise(tmp_path / f"set.{ending}")
    assert (found.layout, found.total) == ("blob", 6)
    assert [field.name for field in found.fields] == ["image", "label"]
    assert found.fields[1].classes == ("cat", "dog")
    assert sorted(values(found)) == sorted(values(source))
    in_place = [isinstance(sample.values["image"], FileImage) for sample in found.samples]
    assert all(in_place) if ending == "h5" else not any(in_place)
    other = tmp_path / ("again.lmdb" if ending == "h5" else "again.h5")
    build(found, other, BuildOptions(workers=1))
    with open_blob(other) as blob:
        assert len(blob) == 6
        assert {record.key: record.text("label") for record in blob}["train/dog/1.png"] == "dog"


def test_arrays_of_others_are_a_source(tmp_path: Path):
    images = np.arange(3 * 8 * 8 * 3).astype("u1").reshape(3, 8, 8, 3)
    with h5py.File(tmp_path / "theirs.h5", "w") as file:
        file["x"], file["y"] = images, np.array([0, 2, 1])
    found = recognise(tmp_path / "theirs.h5")
    kept = [next(field.name for field in found.fields if field.kind == kind) for kind in ("image", "class")]
    for sample, image, label in zip(found.samples, images, [0, 2, 1], strict=True):
        np.testing.assert_array_equal(pixels(sample.values[kept[0]]), image)
        assert sample.values[kept[1]] in (label, str(label))


def test_a_file_that_is_no_blob_is_a_sentence(tmp_path: Path):
    for name in ("x.h5", "x.lmdb"):
        (tmp_path / name).write_bytes(b"not at all" * 100)
        with pytest.raises(SourceError):
            recognise(tmp_path / name)
    with h5py.File(tmp_path / "numbers.h5", "w") as file:
        file["weights"] = np.arange(3.0)
    with pytest.raises(SourceError):
        recognise(tmp_path / "numbers.h5")


def test_python_objects_are_a_source(tmp_path: Path):
    path = picture(tmp_path / "a.png")
    found = of_samples(
        [{"key": "a", "image": path, "label": "cat", "age": 3, "group": "film"}, {"image": encoded(), "label": None}]
    )
    assert [(field.name, field.kind) for field in found.fields] == [
        ("image", "image"), ("label", "class"), ("age", "number"),
    ]  # fmt: skip
    first, second = found.samples
    assert (first.key, first.values["image"], first.group, second.key) == ("a", FileImage(path), "film", "00000001")
    assert found.total == 2
    pairs = of_samples(lambda: ((np.zeros((2, 2, 3), "u1"), number % 2) for number in range(3)))
    assert [sample.values["label"] for sample in pairs.samples] == [0, 1, 0]
    assert [sample.key for sample in pairs.samples] == ["00000000", "00000001", "00000002"]
    twice = of_samples([Sample("a", {"image": b""})] * 2, [Planned("image", "image")])
    assert len(list(twice.samples)) == 1
    assert twice.problems.total == 1


@pytest.mark.parametrize("samples", [iter([]), [], [3], lambda: iter([])])
def test_what_is_no_samples_is_a_sentence(samples):
    with pytest.raises(SourceError):
        of_samples(samples)


def test_the_labels_that_persons_gave_count_unless_the_stored_ones_are_asked_for(tmp_path: Path):
    with h5py.File(tmp_path / "theirs.h5", "w") as file:
        file["x"], file["y"] = np.zeros((2, 8, 8, 3), "u1"), np.array([0, 1])
    with open_blob(tmp_path / "theirs.h5", labels=True) as blob:
        field = blob.schema.label
        assert field is not None
        assert blob.side_labels is not None
        blob.side_labels.append(blob.key(0), field.name, "cat", by="me")
    given = [sample.values[field.name] for sample in recognise(tmp_path / "theirs.h5").samples]
    stored = [sample.values[field.name] for sample in recognise(tmp_path / "theirs.h5", stored="yes").samples]
    assert given != stored
    assert given[0] == "cat"
