"""Our two formats say the same, whichever it is: values, keys, digest; in one file or several, in forks and threads."""

from __future__ import annotations

import io
import os
import pickle
import re
import threading
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_files import digest_of, write_own
from PIL import Image

from trainvis.datasets.blob import Blob, open_blob
from trainvis.datasets.errors import BlobError
from trainvis.datasets.formats import own
from trainvis.datasets.schema import UNKNOWN, Field, Schema

SCHEMA = Schema((
    Field("image", "image", "uint8", (None, None, 3), (), "png"),
    Field("label", "class", "int64", (), ("cat", "dog")),
    Field("age", "number", "float32"),
    Field("count", "number", "int64"),
    Field("box", "array", "float64", (4,)),
    Field("points", "array", "int16", (None, 2)),
    Field("caption", "text"),
    Field("raw/100%", "image", "uint8", (5, 6, 3)),
    Field("any", "image", "uint8", (None, None, 1)),
))  # fmt: skip
FORMATS = ["a.h5", "a.lmdb", "folder.lmdb/", "chunked.h5"]


def png(pixels: np.ndarray) -> bytes:
    found = io.BytesIO()
    Image.fromarray(pixels).save(found, "PNG")
    return found.getvalue()


@cache
def picture(place: int) -> np.ndarray:
    return np.random.default_rng(place).integers(0, 255, (8 + place % 3, 9, 3), np.uint8)


def row(place: int) -> tuple[str, dict[str, Any]]:
    return f"k{place:03d}é", {
        "image": png(picture(place)),
        "label": place % 3 - 1,
        "age": place / 2,
        "count": place * 2**40,
        "box": np.arange(4) + place,
        "points": np.full((place % 4, 2), place),
        "caption": f"c{place} 日本\n\x1b[2J" * (place % 2),
        "raw/100%": np.full((5, 6, 3), place, np.uint8),
        "any": np.full((place % 3 + 1, 2, 1), place, np.uint8),
    }


ROWS = [row(place) for place in range(30)]


def written(path: Path, name: str) -> Path:
    if name == "folder.lmdb/":
        return write_own(path / "folder", SCHEMA, ROWS)
    if name != "chunked.h5":
        return write_own(path / name, SCHEMA, ROWS)
    with h5py.File(write_own(path / "flat.h5", SCHEMA, ROWS)) as flat, h5py.File(path / name, "w") as file:
        file.attrs[own.MARK] = own.VERSION

        def copy(where: str, stored: h5py.Group | h5py.Dataset) -> None:
            if isinstance(stored, h5py.Dataset):
                chunks = (1, *stored.shape[1:]) if stored.ndim > 1 else (13,)
                file.create_dataset(where, data=stored[()], chunks=chunks, compression="gzip")

        flat.visititems(copy)
    return path / name


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: written(tmp_path_factory.mktemp("own"), name) for name in FORMATS}


@pytest.fixture(params=FORMATS)
def blob(request: pytest.FixtureRequest, paths: dict[str, Path]):
    with open_blob(paths[request.param]) as found:
        yield found


def check(blob: Blob, place: int) -> None:
    record, (key, values) = blob[place], ROWS[place]
    assert record.key == key
    assert blob.find(key) == place
    assert np.array_equal(record["image"], picture(place))
    for name in ("label", "age", "count", "box", "points", "caption", "raw/100%", "any"):
        assert np.array_equal(record[name], values[name]), name
    assert record.raw("image") == values["image"]
    assert record.raw("caption") == values["caption"].encode()


def test_every_field_of_every_record_is_what_was_written(blob: Blob) -> None:
    assert len(blob) == len(ROWS)
    assert blob.schema == SCHEMA
    for place in range(len(ROWS)):
        check(blob, place)


def test_records_are_read_in_any_order_and_more_than_once(blob: Blob) -> None:
    places = [7, 3, 29, 3, 4, 5, 6, -1]
    found = blob.read(places)
    for at, place in enumerate(places):
        for name, values in found.items():
            assert np.array_equal(values[at], blob[place][name]), name
    assert found["raw/100%"].shape == (8, 5, 6, 3)
    assert found["label"].dtype == np.int64
    assert found["age"].dtype == np.float32
    assert list(blob.read([1], ["age", "label"])) == ["age", "label"]
    assert len(blob.read([], ["image"])["image"]) == 0


def test_what_is_not_there_is_an_index_or_a_key_error(blob: Blob) -> None:
    for place in (30, -31, 2**62):
        with pytest.raises(IndexError):
            blob[place]
        with pytest.raises(IndexError):
            blob.read([0, place], ["label"])
    with pytest.raises(KeyError):
        blob[0]["colour"]
    with pytest.raises(KeyError):
        blob.raw(0, "colour")
    assert blob.find("nobody") is None
    assert blob.find("") is None


def test_labels_of_all_records_are_numbers_of_classes(blob: Blob) -> None:
    assert blob.labels().tolist() == [place % 3 - 1 for place in range(30)]
    assert blob[0].text("label") == ""
    assert blob[2].text("label") == "dog"
    assert blob[0]["label"] == UNKNOWN
    assert [record["label"] for record in blob.where("label", "dog")] == [1] * 10


def test_the_digest_is_that_of_what_was_written(blob: Blob) -> None:
    digest = own.Digest(blob.schema)
    for place in range(len(blob)):
        digest.add(own.record_digest(blob.packed(place)))
    assert digest.hexdigest() == blob.digest == digest_of(SCHEMA, ROWS)


@pytest.mark.parametrize(
    "blob",
    ["a.lmdb", "chunked.h5", *(pytest.param(name, marks=pytest.mark.slow) for name in ("a.h5", "folder.lmdb/"))],
    indirect=True,
)
def test_forks_and_threads_read_what_one_reads(blob: Blob) -> None:
    wrong: list[BaseException] = []

    def read() -> None:
        try:
            for place in range(0, len(ROWS), 7):
                check(blob, place)
        except BaseException as error:  # noqa: BLE001
            wrong.append(error)

    read()
    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    pids = [_forked(read, wrong) for _ in range(2)]
    for thread in threads:
        thread.join()
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0, 0]
    read()
    assert not wrong


def _forked(read: Any, wrong: list[BaseException]) -> int:
    pid = os.fork()
    if pid:
        return pid
    wrong.clear()
    read()
    os._exit(len(wrong))


def test_a_blob_that_is_sent_to_another_process_is_opened_there(blob: Blob) -> None:
    check(pickle.loads(pickle.dumps(blob)), 4)


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".h5", ".lmdb"])
def test_shards_are_one_blob_and_missing_ones_are_said(tmp_path: Path, ending: str) -> None:
    parts = [ROWS[:11], ROWS[11:12], ROWS[12:]]
    paths = [own.shard_path(tmp_path / f"a{ending}", number, 3) for number in range(3)]
    for number, (path, rows) in enumerate(zip(paths, parts, strict=True)):
        write_own(path, SCHEMA, rows, shard=(number, 3))
    with open_blob(paths[1]) as blob:
        assert len(blob) == 30
        assert not blob.notes
        for place in range(30):
            check(blob, place)
        assert blob.read([29, 0, 11], ["count"])["count"].tolist() == [29 * 2**40, 0, 11 * 2**40]
        assert blob.labels().tolist() == [place % 3 - 1 for place in range(30)]
    paths[1].rename(tmp_path / "elsewhere")
    with open_blob(paths[0]) as blob:
        assert len(blob) == 29
        assert "a-00001-of-00003" in blob.notes[0]
        assert blob[11].key == ROWS[12][0]


def test_shards_of_other_fields_do_not_belong_together(tmp_path: Path) -> None:
    write_own(tmp_path / "a-00000-of-00002.h5", SCHEMA, ROWS)
    write_own(tmp_path / "a-00001-of-00002.h5", Schema(SCHEMA.fields[:2]), ROWS)
    with pytest.raises(BlobError, match="its fields are others"):
        open_blob(tmp_path / "a-00000-of-00002.h5")


@pytest.mark.parametrize("name", ["a.h5", "a.lmdb"])
def test_a_blob_without_records_is_one(tmp_path: Path, name: str) -> None:
    with open_blob(write_own(tmp_path / name, SCHEMA, [])) as blob:
        assert len(blob) == 0
        assert list(blob) == []
        assert blob.labels().shape == (0,)
        assert blob.find("k") is None


@pytest.mark.parametrize("name", ["a.h5", "a.lmdb"])
def test_long_and_odd_keys_are_found(tmp_path: Path, name: str) -> None:
    keys = ["é" * 600, "a\udcffb", "\0nul", " ", "10", "9", "日本/x.jpg", "x" * 400, "x" * 401]
    schema = Schema((Field("age", "number", "int64"),))
    with open_blob(write_own(tmp_path / name, schema, [(key, {"age": n}) for n, key in enumerate(keys)])) as blob:
        assert [blob.find(key) for key in keys] == list(range(len(keys)))
        assert [record.key for record in blob] == keys
        assert blob.find("x" * 402) is None


def test_a_file_that_is_replaced_is_the_old_one_until_one_looks_again(tmp_path: Path) -> None:
    for name in ("a.h5", "a.lmdb"):
        blob = open_blob(write_own(tmp_path / name, SCHEMA, ROWS))
        write_own(tmp_path / f"new-{name}", SCHEMA, ROWS[:5])
        os.replace(tmp_path / f"new-{name}", tmp_path / name)
        check(blob, 29)
        assert blob.refresh(), name
        assert len(blob) == 5
        check(blob, 4)
        assert not blob.refresh()
        blob.close()


def test_a_closed_blob_says_so_and_frees_its_file(tmp_path: Path) -> None:
    for name in ("a.h5", "a.lmdb"):
        path = write_own(tmp_path / name, SCHEMA, ROWS)
        first, second = open_blob(path), open_blob(path)
        first.close()
        check(second, 3)
        second.close()
        with pytest.raises(BlobError, match="is closed"):
            _ = second[3].key
        write_own(tmp_path / name, SCHEMA, ROWS) if name == "a.h5" else None


@given(st.lists(st.binary(max_size=9), min_size=1, max_size=4), st.text(max_size=9), st.data())
def test_a_damaged_record_is_refused_or_read(values: list[bytes], key: str, data: st.DataObject) -> None:
    packed = own.pack_record(key, values)
    assert [bytes(each) for each in own.unpack_record(packed, len(values))] == [own.pack_text(key), *values]
    cut = packed[: data.draw(st.integers(0, len(packed) - 1))]
    with pytest.raises(ValueError, match="cut off"):
        own.unpack_record(cut, len(values))


def test_the_examples_of_the_manual_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_own(tmp_path / "faces.h5", SCHEMA, ROWS)
    monkeypatch.chdir(tmp_path)
    page = (Path(__file__).parents[2] / "docs" / "blob-format.md").read_text(encoding="utf-8")
    first, second = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {"print": lambda *_: None}
    exec(first, names)
    assert (names["record"].key, names["stored"]) == (ROWS[7][0], ROWS[7][1]["image"])
    assert names["batch"]["label"].tolist() == [ROWS[place][1]["label"] for place in (3, 1, 2)]
    exec(second, names)
    assert np.array_equal(np.asarray(names["picture"]), picture(7))
