"""Data sets: folders and arrays as records, and batches that are read ahead."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from trainvis.vis.images import ImageError, preparation
from trainvis.vis.sets import Batch, RecordSet, as_set, batches, class_number

X = np.arange(10 * 4 * 5 * 3, dtype=np.uint8).reshape(10, 4, 5, 3)
Y = np.arange(10) % 3


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    """A folder of three classes, the last one empty; each picture is grey of its own value."""
    for place, name in enumerate(("cat/2.png", "cat/10.png", "dog/1.png")):
        path = tmp_path / "pets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 5, 3), place * 10, np.uint8)).save(path)
    (tmp_path / "pets" / "fox").mkdir()
    return tmp_path / "pets"


def plain(images: list[np.ndarray]) -> np.ndarray:
    return np.stack(images).astype(np.float32)


# Sources


def test_class_folders_are_classes_by_name_the_empty_ones_too(classes: Path) -> None:
    records = as_set(classes)
    assert (records.classes, records.name, records.labelled) == (("cat", "dog", "fox"), "pets", True)
    assert [records[place]["key"] for place in range(len(records))] == ["cat/2.png", "cat/10.png", "dog/1.png"]
    assert [records[place]["label"] for place in range(len(records))] == [0, 0, 1]
    assert records[1]["image"].shape == (4, 5, 3)
    assert (records[1]["image"] == 10).all()


def test_classes_can_be_numbered_otherwise(classes: Path) -> None:
    records = as_set(classes, ["fox", "dog", "cat"])
    assert [records[place]["label"] for place in range(3)] == [2, 2, 1]


def test_folders_called_like_no_class_are_numbered_by_name_and_it_is_said(classes: Path) -> None:
    records = as_set(classes, ["tabby", "terrier", "red fox"])
    assert (records.classes, records[2]["label"]) == (("cat", "dog", "fox"), 1)
    assert "numbered in the order of their names" in batches(records, 2, plain).notes[0]


def test_a_folder_that_is_one_class_too_many_is_refused(classes: Path) -> None:
    with pytest.raises(ImageError, match="has a folder 'fox', which is none of the classes cat, dog"):
        as_set(classes, ["cat", "dog"])


def test_a_plain_folder_has_no_labels(classes: Path) -> None:
    records = as_set(classes / "cat")
    assert [record["key"] for record in (records[0], records[1])] == ["2.png", "10.png"]
    assert "label" not in records[0]
    assert not records.labelled


@pytest.mark.parametrize("y", [Y, Y[:, None], np.eye(3)[Y], np.array(["cat", "dog", "fox"])[Y]])
def test_arrays_with_labels_of_any_form_are_a_set(y: np.ndarray) -> None:
    records = as_set((X, y), ["cat", "dog", "fox"])
    assert len(records) == 10
    assert np.array_equal(records[3]["image"], X[3])
    assert [class_number(records[place]["label"], records.classes) for place in range(10)] == Y.tolist()


def test_names_of_classes_are_found_in_the_labels() -> None:
    assert as_set((X, np.array(["dog", "cat"])[Y % 2])).classes == ("cat", "dog")


def test_images_without_channels_are_grey_and_never_one_image() -> None:
    records = as_set(np.zeros((4, 5, 3)))
    assert len(records) == 4
    assert records[0]["image"].shape == (5, 3, 1)


def test_a_mapping_of_arrays_keeps_all_its_fields() -> None:
    record = as_set({"image": X, "label": Y, "age": Y * 10})[4]
    assert (record["label"], record["age"], record["key"]) == (1, 10, "4")


class Blob:
    """Somebody else's set."""

    classes = ("cat", "dog")

    def __len__(self) -> int:
        return 3

    def __getitem__(self, place: int) -> dict[str, object]:
        if place == 1:
            raise RuntimeError("\x1b[2Jbad block")
        return {"image": X[place], "label": np.int64(place % 2)}


def test_a_set_of_somebody_elses_is_taken_as_it_is() -> None:
    records = as_set(Blob())
    assert (records.classes, records.labelled, len(records)) == (("cat", "dog"), True, 3)
    assert as_set(records) is records


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("/nowhere", "is no folder of pictures"),
        ({"x": X}, "needs one called 'image': there are x"),
        ((X, Y[:-1]), "these are not: image 10, label 9"),
        (object(), r"needs len\(\) and \[i\]"),
        ([1, 2], "its \\[0\\] is no mapping with a field 'image'"),
        (np.zeros(5), "is no image"),
        ((np.zeros((10, 7)), Y), "a set is of images, N×H×W×C: 10×7 numbers are none"),
        (([X, np.zeros((10, 7))], Y), "the images of a set are one array, and these are several"),
        ((X, {"kind": Y, "age": Y}), "the labels of a set are one array"),
    ],
)
def test_what_is_no_set_is_refused_in_words(source: object, said: str) -> None:
    with pytest.raises(ImageError, match=said):
        as_set(source)


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none")
    with pytest.raises(ImageError, match="holds no picture, nor folders of them"):
        as_set(tmp_path)


@pytest.mark.parametrize(
    ("label", "number"),
    [
        (3, 3), (np.uint8(3), 3), ([3], 3), (3.0, 3), ([0, 1, 0], 1), ([0.2, 0.1, 0.7], 2), ("dog", 1), (b"dog", 1),
        (np.str_("dog"), 1), (True, 1), (None, None), ("cow", None), (0.5, None), (-1, None), ([], None),
        ({"a": 1}, None), (np.nan, None), ([1, 0, 1], None), ([0, 0], None), ([np.nan, 1.0], None),
    ],
)  # fmt: skip
def test_labels_of_every_form_are_numbers_of_classes(label: object, number: int | None) -> None:
    assert class_number(label, ("cat", "dog")) == number


# Batches


@given(st.integers(1, 12), st.none() | st.integers(1, 12))
def test_batches_are_the_set_in_its_order(size: int, limit: int | None) -> None:
    found = list(batches(as_set((X, Y)), size, plain, limit=limit))
    places = [place for batch in found for place in batch.places]
    assert places == sorted(set(places))
    assert len(places) == min(limit or 10, 10)
    assert all(len(batch.places) == size for batch in found[:-1])
    assert np.array_equal(np.concatenate([batch.values for batch in found]), X[places])
    assert [label for batch in found for label in batch.labels] == Y[places].tolist()
    assert [key for batch in found for key in batch.keys] == [str(place) for place in places]


def test_a_limit_is_spread_over_the_set_and_said() -> None:
    reading = batches(as_set(X), 4, plain, limit=3)
    assert [place for batch in reading for place in batch.places] == [0, 3, 6]
    assert reading.notes == ("3 of the 10 images of the set, evenly spread",)


def test_a_picture_that_cannot_be_read_is_skipped_and_counted(classes: Path) -> None:
    (classes / "cat" / "3.png").write_bytes(b"")
    (classes / "dog" / "2.png").write_bytes(b"nothing")
    reading = batches(as_set(classes), 2, preparation((4, 5, 3)))
    found = list(reading)
    assert [key for batch in found for key in batch.keys] == ["cat/2.png", "cat/10.png", "dog/1.png"]
    assert [label for batch in found for label in batch.labels] == [0, 0, 1]
    assert (reading.skipped, "3.png is no picture: it is empty" in reading.reason) == (2, True)
    assert reading.notes[0].startswith("2 of 5 images left out: ")


def test_a_record_that_raises_is_skipped_and_counted() -> None:
    reading = batches(as_set(Blob()), 2, plain)
    assert [batch.places for batch in reading] == [(0,), (2,)]
    assert reading.reason == "record 1: RuntimeError: ␛[2Jbad block"


def test_images_that_the_network_cannot_take_are_found_one_by_one() -> None:
    images = [np.zeros((4, 5, 3), np.uint8), np.zeros((4, 5, 7), np.uint8), np.zeros((9, 9), np.uint8)]
    reading = batches(as_set([{"image": each} for each in images]), 3, preparation((4, 5, 3)))
    (batch,) = reading
    assert batch.places == (0, 2)
    assert batch.values.shape == (2, 4, 5, 3)
    assert "has 7 channels" in reading.reason


def test_a_set_of_which_nothing_can_be_read_is_an_error_and_no_empty_figure(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(ImageError, match=r"not one of 2 images .* can be used: .*a.png is no picture: it is empty"):
        list(batches(as_set(tmp_path), 1, plain))


def test_an_empty_set_is_an_error() -> None:
    with pytest.raises(ImageError, match="the set is empty"):
        batches(RecordSet([]), 4, plain)


def test_a_reading_can_be_repeated() -> None:
    reading = batches(as_set(Blob()), 2, plain)
    assert [batch.places for batch in reading] == [batch.places for batch in reading]
    assert reading.skipped == 1


def test_reading_is_ahead_of_who_reads_and_never_far() -> None:
    read: list[int] = []
    second = threading.Event()

    def prepare(images: list[np.ndarray]) -> np.ndarray:
        read.append(len(images))
        if len(read) == 2:
            second.set()
        return plain(images)

    reader = iter(batches(as_set(np.zeros((100, 4, 5, 3), np.uint8)), 1, prepare))
    assert isinstance(next(reader), Batch)
    assert second.wait(10), "the next batch is read while the first is looked at"
    reader.close()  # type: ignore[attr-defined]
    assert len(read) <= 5
    assert not [each for each in threading.enumerate() if each.name.startswith("trainvis-read")]


def test_what_fails_in_the_thread_is_raised_where_it_is_read() -> None:
    def prepare(images: list[np.ndarray]) -> np.ndarray:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(batches(as_set(X), 4, prepare))
