"""Files that others wrote are blobs: here by h5py, NumPy, lmdb, and an encoder of Caffe's messages of its own."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import lmdb
import numpy as np
import pytest
from own_files import settled
from PIL import Image
from wait import wait_for

from trainvis.datasets.blob import Blob, open_blob
from trainvis.datasets.errors import BlobError, IndexingError
from trainvis.datasets.formats import key_index
from trainvis.datasets.formats.datum import parse

COUNT = 20
# Smooth, as pictures are: neighbours are alike.
COLOUR = np.cumsum(np.random.default_rng(0).integers(0, 4, (COUNT, 32, 32, 3)), axis=1).astype(np.uint8)
LABELS = np.arange(COUNT) % 4


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def png(pixels: np.ndarray, form: str = "PNG") -> bytes:
    found = io.BytesIO()
    Image.fromarray(pixels).save(found, form, **({"lossless": True} if form == "WEBP" else {}))
    return found.getvalue()


def check(blob: Blob, pixels: np.ndarray = COLOUR, labels: np.ndarray | None = LABELS) -> None:
    assert len(blob) == len(pixels)
    places = [7, 3, len(pixels) - 1, 3, 0]
    images = blob.read(places, ["image"])["image"]
    assert all(np.array_equal(image, pixels[place]) for image, place in zip(images, places, strict=True))
    assert blob[4]["image"].dtype == np.uint8
    if labels is not None:
        assert blob.labels().tolist() == labels.tolist()
        assert blob[5].text("label") == str(labels[5])


# HDF5

HDF5: dict[str, Callable[[h5py.File], object]] = {
    "keras": lambda file: file.update({"x": COLOUR, "y": LABELS}),
    "chunked": lambda file: (
        file.create_dataset("images", data=COLOUR, chunks=(3, 16, 32, 3), compression="gzip", shuffle=True),
        file.create_dataset("labels", data=LABELS, chunks=(7,), compression="lzf"),
    ),
    "column of labels": lambda file: file.update({"a/data": COLOUR, "a/label": LABELS[:, None].astype(">i4")}),
    "one hot": lambda file: file.update({"data": COLOUR, "targets": np.eye(4, dtype="f4")[LABELS]}),
    "channels first": lambda file: file.update({"X": COLOUR.transpose(0, 3, 1, 2), "Y": LABELS.astype("f8")}),
    "records last": lambda file: file.update({"X": np.moveaxis(COLOUR, 0, -1), "y": LABELS}),
    "CIFAR": lambda file: file.update({"data": COLOUR.transpose(0, 3, 1, 2).reshape(COUNT, -1), "fine_labels": LABELS}),
    "rows": lambda file: file.update({"data": COLOUR.reshape(COUNT, -1), "labels": LABELS}),
    "floats": lambda file: file.update({"data": COLOUR / 255, "labels": LABELS}),
    "centred": lambda file: file.update({"data": (COLOUR / 127.5 - 1).astype("f4"), "labels": LABELS}),
    "deep": lambda file: file.update({"data": COLOUR.astype("u2") * 257, "labels": LABELS}),
    "beside others": lambda file: file.update({"images": COLOUR, "label": LABELS, "embedding": np.zeros((COUNT, 9))}),
}


@pytest.mark.parametrize("kind", HDF5)
def test_arrays_of_pictures_and_labels_are_found_whatever_they_are_called(tmp_path: Path, kind: str) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        HDF5[kind](file)
    if kind == "centred":
        blob = open_blob(settled(tmp_path / "a.h5"))
        assert np.abs(blob[3]["image"].astype(int) - COLOUR[3]).max() <= 1
        return
    check(open_blob(settled(tmp_path / "a.h5")))


def test_svhn_as_matlab_wrote_it(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "train_32x32.mat", "w", userblock_size=512) as file:
        file["X"] = COLOUR.transpose(0, 3, 2, 1)
        file["X"].attrs["MATLAB_class"] = np.bytes_("uint8")
        file["y"] = LABELS[None].astype("f8")
    blob = open_blob(tmp_path / "train_32x32.mat")
    check(blob)
    assert any("MATLAB" in note for note in blob.notes)


def test_picture_files_in_values_of_any_length(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        stored = file.create_dataset("train/images", (COUNT,), h5py.vlen_dtype(np.uint8))
        for place, pixels in enumerate(COLOUR):
            stored[place] = np.frombuffer(png(pixels), np.uint8)
        file["train/labels"] = LABELS
        file["train/names"] = [f"é{place}" for place in range(COUNT)]
    blob = open_blob(settled(tmp_path / "a.h5"))
    check(blob)
    assert blob[3]["names"] == "é3"
    assert blob.raw(3, "image") == png(COLOUR[3])


def test_parts_are_one_blob_with_a_field_that_tells_them(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["test_set_x"], file["test_set_y"] = COLOUR[15:], LABELS[15:]
        file["train_set_x"], file["train_set_y"] = COLOUR[:15], LABELS[:15]
        file["list_classes"] = [b"cat", b"dog", b"fox", b"owl"]
    blob = open_blob(settled(tmp_path / "a.h5"))
    check(blob, labels=None)
    assert blob.groups == ("train", "test")
    assert [record["label"] for record in blob.part("test")] == LABELS[15:].tolist()
    assert blob.classes == ("cat", "dog", "fox", "owl")
    assert blob[2].text("label") == "fox"


def test_arrays_without_pictures_are_records_too(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["features"], file["target"] = np.arange(60.0).reshape(20, 3), LABELS
    blob = open_blob(settled(tmp_path / "a.h5"))
    assert blob.schema.names == ("features", "label")
    assert blob[2]["features"].tolist() == [6, 7, 8]


def test_a_network_is_no_data_set(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["model_config"] = "{}"
        file["model_weights/dense/kernel"] = np.zeros((4, 4))
    with pytest.raises(BlobError, match="a network of Keras"):
        open_blob(settled(tmp_path / "a.h5"))


# NumPy


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_npz_is_read_and_its_parts_are_told(tmp_path: Path, save: Callable[..., None]) -> None:
    parts = {"x_train": COLOUR[:15], "y_train": LABELS[:15], "x_test": COLOUR[15:], "y_test": LABELS[15:]}
    save(tmp_path / "mnist.npz", **parts, names=np.array(["a", "b"]))
    blob = open_blob(tmp_path / "mnist.npz")
    check(blob)
    assert len(blob.part("test")) == 5


def test_an_npy_is_read_in_either_order(tmp_path: Path) -> None:
    np.save(tmp_path / "c.npy", COLOUR)
    np.save(tmp_path / "fortran.npy", np.asfortranarray(COLOUR))
    check(open_blob(tmp_path / "c.npy"), labels=None)
    check(open_blob(tmp_path / "fortran.npy"), labels=None)


class Trap:
    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (Path("/tmp/a-trap-was-sprung"),)


def test_pickled_objects_are_left_alone(tmp_path: Path) -> None:
    objects = np.array([Trap()] * COUNT, object)
    np.save(tmp_path / "a.npy", objects)
    np.savez(tmp_path / "a.npz", x=COLOUR, y=objects)
    with pytest.raises(BlobError, match="not unpickled"):
        open_blob(tmp_path / "a.npy")
    blob = open_blob(tmp_path / "a.npz")
    assert blob.schema.names == ("image",)
    assert "not unpickled" in blob.notes[0]
    assert not Path("/tmp/a-trap-was-sprung").exists()


# LMDB


def number(value: int) -> bytes:
    """A varint of protocol buffers; negative ones take ten bytes."""
    value &= 2**64 - 1
    found = b""
    while value > 127:
        found, value = found + bytes([value % 128 + 128]), value // 128
    return found + bytes([value])


def datum(pixels: bytes, shape: tuple[int, int, int], label: int, encoded: bool = False) -> bytes:
    """Caffe's Datum as caffe.proto describes it."""
    sizes = b"".join(bytes([8 * field]) + number(size) for field, size in enumerate(shape, start=1))
    last = bytes([7 * 8, 1]) if encoded else b""
    return sizes + bytes([4 * 8 + 2]) + number(len(pixels)) + pixels + bytes([5 * 8]) + number(label) + last


def write_lmdb(path: Path, values: dict[bytes, bytes]) -> Path:
    with lmdb.open(str(path), map_size=1 << 28, sync=False) as env, env.begin(write=True) as change:
        for key, value in values.items():
            change.put(key, value)
    return path


def test_a_caffe_lmdb_of_raw_pictures_is_turned_to_red_green_blue(tmp_path: Path) -> None:
    raw = [pixels[..., ::-1].transpose(2, 0, 1).tobytes() for pixels in COLOUR]
    values = {
        b"%08d_%d.jpg" % (place, place): datum(raw[place], (3, 32, 32), int(LABELS[place])) for place in range(COUNT)
    }
    blob = open_blob(write_lmdb(tmp_path / "train_lmdb", values))
    check(blob)
    assert blob.format == "Caffe LMDB"
    assert any("blue, green, red" in note for note in blob.notes)
    assert blob[3].key == "00000003_3.jpg"
    assert blob.find("00000003_3.jpg") == 3
    assert blob.find("00000003") is None


def test_a_caffe_lmdb_of_grey_and_of_encoded_pictures(tmp_path: Path) -> None:
    grey = {b"%05d" % place: datum(COLOUR[place, ..., 0].tobytes(), (1, 32, 32), 9) for place in range(COUNT)}
    check(open_blob(write_lmdb(tmp_path / "grey", grey)), COLOUR[..., :1], None)
    files = {b"%05d" % place: datum(png(COLOUR[place]), (3, 32, 32), place - 1, True) for place in range(COUNT)}
    (tmp_path / "labels.txt").write_text("cat\ndog\n")
    blob = open_blob(write_lmdb(tmp_path / "encoded", files))
    check(blob, labels=None)
    assert blob.labels()[:3].tolist() == [-1, 0, 1]
    assert (blob[0].text("label"), blob[2].text("label")) == ("", "dog")


def test_a_datum_of_floats_and_of_unknown_fields(tmp_path: Path) -> None:
    floats = np.arange(6, dtype="<f4")
    packed = bytes([8, 1, 16, 2, 24, 3, 6 * 8 + 2, 24]) + floats.tobytes()
    single = bytes([8, 1, 16, 2, 24, 3]) + b"".join(bytes([6 * 8 + 5]) + value.tobytes() for value in floats)
    unknown = bytes([9 * 8 + 2, 2, 1, 1, 10 * 8, 5, 11 * 8 + 5, 0, 0, 0, 0, 12 * 8 + 1, *range(8)])
    for message in (packed, single + unknown, unknown + packed):
        assert np.array_equal(parse(message).pixels, floats.reshape(1, 2, 3))


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_an_lmdb_of_picture_files_as_lsun_has_them(tmp_path: Path, form: str) -> None:
    blob = open_blob(
        write_lmdb(tmp_path / "bedroom", {b"%040x" % place: png(COLOUR[place], form) for place in range(COUNT)})
    )
    check(blob, labels=None)
    assert blob.find(f"{5:040x}") == 5


def test_an_lmdb_of_anything_else_shows_its_bytes(tmp_path: Path) -> None:
    blob = open_blob(write_lmdb(tmp_path / "a", {b"a": b"text", b"b": b"\xff" * 9, b"__len__": b"2"}))
    assert [record.key for record in blob] == ["a", "b"]
    assert bytes(blob[0]["value"]) == b"text"


@pytest.mark.slow
def test_places_of_many_keys_are_counted_in_the_background_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_index, "PIECE", 500)
    monkeypatch.setattr(key_index, "AT_ONCE", 0)
    picture = png(COLOUR[0, :4, :4])
    path = write_lmdb(tmp_path / "a", {b"%06d" % (3 * place): picture for place in range(2000)})
    blob = open_blob(path)
    assert [blob.key(place) for place in (0, 127, 128, 129, 1999)] == ["000000", "000381", "000384", "000387", "005997"]
    assert [blob.find(key) for key in ("000381", "000384", "005997", "000001")] == [127, 128, 1999, None]
    assert list(blob.keys(range(2000))) == [f"{3 * place:06d}" for place in range(2000)]
    cache = tmp_path / "cache" / "trainvis" / "blobs"
    wait_for(lambda: list(cache.glob("*.keys.json")), what="the places that are kept")
    blob.close()
    monkeypatch.setattr(key_index.KeyIndex, "_walk", lambda self: pytest.fail("they are known"))
    assert open_blob(path).key(1999) == "005997"


@pytest.mark.slow
def test_while_places_are_counted_a_record_is_found_by_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_index.KeyIndex, "start", lambda self: None)
    monkeypatch.setattr(key_index, "PATIENCE", 0.01)
    blob = open_blob(write_lmdb(tmp_path / "a", {b"%04d" % place: png(COLOUR[place]) for place in range(COUNT)}))
    with pytest.raises(IndexingError, match="still counted"):
        blob.find("0007")
    record = blob.by_key("0007")
    assert record is not None
    assert (record.place, record.key) == (-1, "0007")
    assert np.array_equal(record["image"], COLOUR[7])
    assert blob.by_key("nobody") is None


@pytest.mark.slow
def test_records_that_a_writer_adds_behind_are_followed_others_are_counted_anew(tmp_path: Path) -> None:
    path = write_lmdb(tmp_path / "a", {b"%04d" % place: png(COLOUR[place]) for place in range(10)})
    program = (
        "import lmdb, sys\nwith lmdb.open(sys.argv[1], map_size=1 << 28) as env, env.begin(write=True) as change:\n"
    )
    program += "    change.put(sys.argv[2].encode(), open(sys.argv[3], 'rb').read())\n"
    (tmp_path / "b.png").write_bytes(png(COLOUR[11]))
    blob = open_blob(path)

    def add(key: str) -> None:
        subprocess.run([sys.executable, "-c", program, str(path), key, str(tmp_path / "b.png")], check=True)

    add("9999")
    assert len(blob) == 10
    assert blob.refresh()
    assert (len(blob), blob.key(10)) == (11, "9999")
    assert np.array_equal(blob[10]["image"], COLOUR[11])
    add("0000-a")
    wait_for(lambda: _first_two(blob) == ["0000", "0000-a"])


def _first_two(blob: Blob) -> list[str]:
    try:
        blob.refresh()
        return list(blob.keys([0, 1]))
    except IndexingError:
        return []
