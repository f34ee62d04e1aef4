"""A blob is a data set for whatever looks at one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from memory_source import MemorySource

from trainvis.datasets.blob import Blob
from trainvis.datasets.schema import UNKNOWN, Field, Schema
from trainvis.vis.images import ImageError, preparation
from trainvis.vis.sets import as_set, batches

FACES = np.arange(6 * 4 * 5 * 3, dtype=np.uint8).reshape(6, 4, 5, 3)


def faces() -> Blob:
    fields = (
        Field("split", "class", "int64", (), ("train", "test")),
        Field("face", "image", "uint8", (4, 5, 3)),
        Field("mood", "class", "int64", (), ("calm", "glad", "sad")),
    )
    columns = {"split": np.arange(6) % 2, "face": FACES, "mood": np.array([0, 1, 2, UNKNOWN, 1, 0])}
    return Blob(MemorySource(Schema(fields), columns, [f"k{each}" for each in range(6)], Path("faces.h5")))


def labels_of(records: object) -> list[int | None]:
    found = batches(records, 4, preparation((4, 5, 3)), limit=None)  # type: ignore[arg-type]
    return [label for batch in found for label in batch.labels]


def test_the_image_and_the_label_of_a_blob_are_found_whatever_they_are_called() -> None:
    records = as_set(faces())
    assert (len(records), records.name, records.labelled) == (6, "faces.h5", True)
    assert records.classes == ("calm", "glad", "sad")
    assert records[2]["key"] == "k2"
    assert (records[2]["image"] == FACES[2]).all()
    assert labels_of(records) == [0, 1, 2, None, 1, 0]


def test_a_view_of_a_blob_is_a_set_of_its_own() -> None:
    records = as_set(faces().part("test"))
    assert [records[place]["key"] for place in range(len(records))] == ["k1", "k3", "k5"]


def test_classes_of_a_blob_are_numbered_as_the_network_numbers_them() -> None:
    records = as_set(faces(), ["glad", "angry", "sad", "calm"])
    assert records.classes == ("glad", "angry", "sad", "calm")
    assert labels_of(records) == [3, 0, 2, None, 0, 3]
    with pytest.raises(ImageError, match=r"faces\.h5 has a class 'sad', which is none of the classes glad, calm"):
        as_set(faces(), ["glad", "calm"])
    (note,) = as_set(faces(), ["a", "b", "c"]).notes
    assert note.startswith("the classes of the set are called otherwise")


def test_a_blob_without_images_is_refused() -> None:
    blob = Blob(MemorySource(Schema((Field("age", "number", "int64"),)), {"age": np.arange(3)}, list("abc")))
    with pytest.raises(ImageError, match=r"memory\.h5 has no images: its fields are age"):
        as_set(blob)


def test_a_file_that_is_no_blob_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "notes.h5"
    path.write_text("nothing")
    with pytest.raises(ImageError, match=r"notes\.h5"):
        as_set(path)
