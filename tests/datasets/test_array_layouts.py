"""CIFAR batches, IDX and NumPy archives: streamed, in part where they are damaged, without running anything."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from array_files import cifar, idx, mnist
from hypothesis import given
from hypothesis import strategies as st

from trainvis.datasets.errors import SourceError
from trainvis.datasets.layouts import idx as idx_layout
from trainvis.datasets.layouts import npz as npz_layout
from trainvis.datasets.layouts.table import recognise
from trainvis.datasets.sample import FileImage, Found
from trainvis.engine.text import printable


def pixels(image: object) -> np.ndarray:
    if isinstance(image, FileImage):
        data = image.path.read_bytes()[image.offset : image.offset + (image.size or 0)]
        return np.frombuffer(data, image.dtype).reshape(image.shape)
    assert isinstance(image, np.ndarray)
    assert image.dtype == np.uint8
    return image


def images(found: Found) -> np.ndarray:
    return np.array([pixels(sample.values["image"]) for sample in found.samples])


@contextmanager
def in_words() -> Iterator[None]:
    try:
        yield
    except SourceError as error:
        said = str(error)
        assert said == printable(said)


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_cifar_planes_become_pictures_with_names(tmp_path: Path, protocol: int):
    found = recognise(cifar(tmp_path, protocol=protocol))
    assert found.layout == "cifar"
    samples = list(found.samples)
    assert [(s.key, s.values["label"], s.split) for s in samples[4:6]] == [
        ("data_batch_1/00004", "class 4", "train"), ("data_batch_2/00000", "class 0", "train"),
    ]  # fmt: skip
    assert samples[-1].split == "test"
    np.testing.assert_array_equal(
        samples[1].values["image"], (np.arange(3072) + 3072).astype("u1").reshape(3, 32, 32).transpose(1, 2, 0)
    )
    assert recognise(tmp_path / "test_batch").layout == "cifar"


def test_cifar_100_has_two_labels(tmp_path: Path):
    batch = {"data": np.zeros((2, 3072), "u1"), "fine_labels": [0, 1], "coarse_labels": np.array([1, 0])}
    for name in ("train", "test"):
        (tmp_path / name).write_bytes(pickle.dumps(batch))
    meta = {"fine_label_names": ["apple", "bear"], "coarse_label_names": ["fruit", "animal"]}
    (tmp_path / "meta").write_bytes(pickle.dumps(meta))
    found = recognise(tmp_path)
    assert [(s.values["fine"], s.values["coarse"], s.split) for s in found.samples][:2] == [
        ("apple", "animal", "train"), ("bear", "fruit", "train"),
    ]  # fmt: skip


def test_damaged_cifar_batches_and_labels_are_counted(tmp_path: Path):
    cifar(tmp_path)
    whole = (tmp_path / "data_batch_1").read_bytes()
    (tmp_path / "data_batch_1").write_bytes(whole[:-100])
    few = {b"data": np.zeros((3, 3072), "u1"), b"labels": [1, 99]}
    (tmp_path / "data_batch_2").write_bytes(pickle.dumps(few))
    (tmp_path / "batches.meta").write_bytes(b"")
    found = recognise(tmp_path)
    assert "names of the classes are not known" in found.notes[0]
    assert len(list(found.samples)) == 5 + 2
    assert found.problems.counts == {
        "a batch that cannot be read": 1, "an image without a label, or with one that is none": 1,
    }  # fmt: skip


@pytest.mark.slow
@given(place=st.integers(0, 20_000), byte=st.integers(0, 255), cut=st.booleans())
def test_cifar_with_any_byte_changed_is_read_or_counted(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int, cut: bool
):
    root = cifar(tmp_path_factory.mktemp("cifar"), 2)
    for name in ("data_batch_1", "batches.meta"):
        data = bytearray((root / name).read_bytes())
        place %= len(data)
        data[place] = byte
        (root / name).write_bytes(data[:place] if cut else data)
    with in_words():
        assert len(list(recognise(root).samples)) >= 4


@pytest.mark.parametrize("packed", [False, True])
def test_idx_pairs_are_split_and_labelled(tmp_path: Path, packed: bool):
    found = recognise(mnist(tmp_path, packed=packed))
    assert (found.layout, found.total, found.fields[1].classes) == ("idx", 10, tuple("01234"))
    samples = list(found.samples)
    assert [(s.key, s.values["label"], s.split) for s in samples[4:6]] == [
        ("train/0000004", "4", "train"), ("t10k/0000000", "0", "test"),
    ]  # fmt: skip
    assert isinstance(samples[0].values["image"], FileImage) is not packed
    np.testing.assert_array_equal(images(found)[:5], np.arange(60).astype("u1").reshape(5, 3, 4, 1))
    assert not found.problems.total


def test_an_idx_file_may_be_named_alone_and_have_colour_or_wide_numbers(tmp_path: Path):
    colour = np.arange(2 * 4 * 5 * 3).astype("u1").reshape(2, 4, 5, 3)
    (tmp_path / "x-images-idx4-ubyte").write_bytes(idx(colour))
    found = recognise(tmp_path / "x-images-idx4-ubyte")
    assert [field.name for field in found.fields] == ["image"]
    np.testing.assert_array_equal(images(found), colour)
    (tmp_path / "y-images-idx3-int").write_bytes(idx(np.full((1, 2, 2), 300, np.int32)))
    assert images(recognise(tmp_path / "y-images-idx3-int")).max() == 255


@pytest.mark.parametrize("packed", [False, True])
def test_what_a_cut_idx_file_does_not_hold_is_counted(tmp_path: Path, packed: bool):
    mnist(tmp_path, 200, packed)
    for name, cut in (("train-images-idx3-ubyte", 30), ("t10k-labels-idx1-ubyte", 10)):
        path = tmp_path / (name + ".gz" * packed)
        path.write_bytes(path.read_bytes()[:-cut])
    found = recognise(tmp_path)
    kept = list(found.samples)
    assert 0 < len(kept) < 400
    assert found.problems.total == 400 - len(kept)
    assert idx_layout.CUT in found.problems.counts


def test_an_idx_file_that_promises_too_much_costs_nothing(tmp_path: Path):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(
        b"\0\0\x08\x03" + b"\xff\xff\xff\xff" + b"\0\0\0\x02" * 2 + b"abcdefg"
    )
    found = recognise(tmp_path)
    assert len(list(found.samples)) == 1
    assert found.problems.total == 2**32 - 2
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03" + b"\xff" * 12)
    with pytest.raises(SourceError, match="which is none"):
        recognise(tmp_path)


@given(head=st.binary(max_size=40), tail=st.binary(max_size=40))
def test_any_bytes_are_an_idx_file_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, head: bytes, tail: bytes):
    root = tmp_path_factory.mktemp("idx")
    for start in (b"", b"\0\0\x08\x03\0\0\0\3\0\0\0\2\0\0\0\2"):
        (root / "train-images-idx3-ubyte").write_bytes(start + head)
        (root / "train-labels-idx1-ubyte").write_bytes(start[:3] * 0 + b"\0\0\x08\x01" + tail)
        (root / "t10k-images-idx3-ubyte.gz").write_bytes(b"\x1f\x8b" + tail)
        for path in (root, root / "train-images-idx3-ubyte"):
            with in_words():
                list(recognise(path).samples)


X, Y = np.arange(6 * 4 * 5).astype("u1").reshape(6, 4, 5), np.array([0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_archive_of_keras_is_split_and_labelled(tmp_path: Path, save):
    save(tmp_path / "mnist.npz", x_train=X, y_train=Y, x_test=X[:2], y_test=Y[:2])
    found = recognise(tmp_path / "mnist.npz")
    assert (found.layout, found.total, found.fields[1].classes) == ("npz", 8, ("0", "1", "2"))
    samples = list(found.samples)
    assert [(s.key, s.values["label"], s.split) for s in samples[5:7]] == [
        ("x_train/0000005", "2", "train"), ("x_test/0000000", "0", "test"),
    ]  # fmt: skip
    np.testing.assert_array_equal(images(found)[:6], X[..., None])


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (Y[:, None], ["0", "1", "2"]), (np.eye(3)[Y], ["0", "1", "2"]), (Y.astype("f4"), ["0", "1", "2"]),
        (np.array(["a", "b", "c"] * 2), ["a", "b", "c"]), (np.array([b"a", b"b", b"c"] * 2), ["a", "b", "c"]),
        (Y - 1, ["0", "1"]), (Y > 0, ["0", "1", "1"]),
    ],
)  # fmt: skip
def test_labels_may_be_columns_one_hot_or_texts(tmp_path: Path, labels: np.ndarray, expected: list[str]):
    np.savez(tmp_path / "set.npz", images=X, labels=labels)
    found = recognise(tmp_path / "set.npz")
    assert [sample.values["label"] for sample in found.samples][: len(expected)] == expected


def test_arrays_of_other_shapes_and_numbers_become_pictures(tmp_path: Path):
    planes = np.arange(2 * 3 * 8 * 9).astype("u1").reshape(2, 3, 8, 9)
    unit = np.linspace(0, 1, 2 * 25, dtype="f4").reshape(2, 5, 5)
    cases = {
        "planes": (planes, planes.transpose(0, 2, 3, 1)),
        "rows": (np.arange(50).astype("u1").reshape(2, 25), np.arange(50).astype("u1").reshape(2, 5, 5, 1)),
        "unit": (unit, np.rint(unit * 255).astype("u1")[..., None]),
        "wide": (np.full((2, 4, 4), 300.0), np.full((2, 4, 4, 1), 255)),
        "nan": (np.full((2, 4, 4), np.nan), np.zeros((2, 4, 4, 1))),
        "bool": (np.ones((2, 4, 4), bool), np.full((2, 4, 4, 1), 255)),
    }
    for name, (stored, expected) in cases.items():
        np.savez(tmp_path / f"{name}.npz", mine=stored)
        np.testing.assert_array_equal(images(recognise(tmp_path / f"{name}.npz", image="mine")), expected, name)


def test_what_no_archive_may_hold_is_a_sentence(tmp_path: Path):
    objects = np.array([{}, []], dtype=object)
    for name, arrays, said in (
        ("objects", {"x": objects}, "only numbers and texts"), ("none", {"weights": X}, "no images by a usual name"),
        ("table", {"x": np.zeros((3, 10))}, "holds no images"),
        ("columns", {"x": np.asfortranarray(X)}, "column by column"),
        ("one", {"x": np.float64(3)}, "of one number"), ("labels", {"x": X, "y": X}, "no labels"),
    ):  # fmt: skip
        np.savez(tmp_path / f"{name}.npz", **arrays)
        with pytest.raises(SourceError, match=said):
            recognise(tmp_path / f"{name}.npz")
    with pytest.raises(SourceError, match="has no array 'zebra'"):
        recognise(tmp_path / "table.npz", image="zebra")


def test_a_shape_that_is_a_lie_costs_nothing(tmp_path: Path):
    for shape in ((2**62, 4, 4), (2**30, 4, 4), (2, 2**31, 2**31)):
        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(head, {"descr": "|u1", "fortran_order": False, "shape": shape})
        with zipfile.ZipFile(tmp_path / "set.npz", "w") as archive:
            archive.writestr("x.npy", head.getvalue() + b"abcd" * 8)
        with in_words():
            found = recognise(tmp_path / "set.npz")
            assert len(list(found.samples)) == 2
            assert found.problems.counts == {npz_layout.CUT: 2**30 - 2}


@given(place=st.integers(0, 2000), byte=st.integers(0, 255), cut=st.booleans(), packed=st.booleans())
def test_an_archive_with_any_byte_changed_is_read_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int, cut: bool, packed: bool
):
    path = tmp_path_factory.mktemp("npz") / "set.npz"
    (np.savez_compressed if packed else np.savez)(path, x=X, y=Y)
    data = bytearray(path.read_bytes())
    place %= len(data)
    data[place] = byte
    path.write_bytes(data[:place] if cut else data)
    with in_words():
        found = recognise(path)
        assert len(list(found.samples)) + found.problems.total == found.total
