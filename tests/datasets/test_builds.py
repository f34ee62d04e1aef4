from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from built_sets import drawn, folder, found, in_files, labelled
from PIL import Image

from trainvis.datasets.blob import open_blob
from trainvis.datasets.building import lmdb_writer
from trainvis.datasets.building.build import BuildOptions, Split, build, dry_run
from trainvis.datasets.errors import BlobError, SourceError
from trainvis.datasets.labels import Labels
from trainvis.datasets.layouts.table import recognise
from trainvis.datasets.sample import FileImage, Planned, Sample

FORMATS = ("h5", "lmdb")


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    return folder(tmp_path_factory.mktemp("source"), 300)


def few(out: Path, source, **options):
    return build(source, out, BuildOptions(workers=1, **options))


@pytest.mark.slow
@pytest.mark.parametrize("ending", FORMATS)
def test_what_is_built_without_encoding_is_what_the_files_hold(tmp_path, source, ending):
    built = few(tmp_path / f"out.{ending}", recognise(source))
    assert [path.name for path in tmp_path.iterdir()] == [f"out.{ending}"]
    with open_blob(built.path) as blob:
        assert len(blob) == built.records == 300
        assert blob.classes == ("class0", "class1", "class2")
        for place in range(300):
            assert blob.raw(place, "image") == (source / blob.key(place)).read_bytes()
            assert blob.find(blob.key(place)) == place
            assert blob[place].text("label") == blob.key(place).split("/")[0]
        assert blob.statistics["labels"] == {"label": [100, 100, 100]}


@pytest.mark.slow
def test_the_digest_is_that_of_the_content_whatever_the_format_the_workers_and_the_shards(tmp_path, source):
    digests = {
        build(recognise(source), tmp_path / name, BuildOptions(workers=workers, shards=shards, shuffle=True)).digest
        for name, workers, shards in (("a.h5", 1, 1), ("b.lmdb", 2, 1), ("c.h5", 2, 3), ("d.lmdb", 1, 4))
    }
    assert len(digests) == 1
    other = build(recognise(source), tmp_path / "e.h5", BuildOptions(workers=1, shuffle=True, seed=1))
    assert other.digest not in digests


@pytest.mark.slow
@pytest.mark.parametrize("ending", FORMATS)
def test_shards_are_one_blob(tmp_path, source, ending):
    built = few(tmp_path / f"out.{ending}", recognise(source), shards=3)
    assert [path.name for path in built.paths] == [f"out-0000{n}-of-00003.{ending}" for n in range(3)]
    with open_blob(built.path) as blob:
        assert [blob.raw(n, "image") for n in (0, 100, 299)] == [
            (source / blob.key(n)).read_bytes() for n in (0, 100, 299)
        ]


@pytest.mark.slow
@pytest.mark.parametrize("ending", FORMATS)
def test_raw_arrays_of_one_size_are_one_array(tmp_path, source, ending):
    built = few(tmp_path / f"out.{ending}", recognise(source), size=(8, 12), encoding="raw")
    with open_blob(built.path) as blob:
        assert blob.schema["image"].shape == (8, 12, 3)
        assert blob.read(range(300))["image"].shape == (300, 8, 12, 3)
        assert blob.statistics["images"] == 300


@pytest.mark.slow
@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("encoding", ["png", "raw"])
def test_arrays_of_any_shape_come_back(tmp_path, ending, encoding):
    random = np.random.default_rng(0)
    shapes = [(3, 4, 3), (5, 2, 1), (7, 7, 3)]
    images = [random.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]
    samples = [Sample(str(n), {"image": image}) for n, image in enumerate(images)]
    built = few(tmp_path / f"out.{ending}", found(samples, Planned("image", "image")), encoding=encoding)
    with open_blob(built.path) as blob:
        for record, image in zip(blob, images, strict=True):
            assert np.array_equal(record["image"], image)


@pytest.mark.slow
def test_compressed_arrays_have_the_same_content(tmp_path, source):
    plain = few(tmp_path / "a.h5", recognise(source), size=(16, 16), encoding="raw", colour="grey")
    packed = few(tmp_path / "b.h5", recognise(source), size=(16, 16), encoding="raw", colour="grey", compression=4)
    assert packed.digest == plain.digest
    with open_blob(plain.path) as one, open_blob(packed.path) as other:
        assert np.array_equal(one.read(range(300))["image"], other.read(range(300))["image"])


@pytest.mark.slow
@pytest.mark.parametrize("ending", FORMATS)
def test_fields_of_every_kind_come_back(tmp_path, ending):
    random = np.random.default_rng(0)
    points = [random.normal(size=(5, 2)).astype(np.float32) for _ in range(20)]
    wide = [random.normal(size=(n % 3 + 1, 2000)) for n in range(20)]
    samples = [
        Sample(
            f"ключ/{n}",
            {"image": drawn(n), "who": f"p{n % 4}", "age": None if n == 3 else n, "weight": n / 4, "points": points[n],
             "wide": wide[n], "note": "ü" * n, "label": None if n == 5 else "happy" if n % 2 else "sad"},
            f"film{n % 3}", "train" if n < 15 else "test",
        )
        for n in range(20)
    ]  # fmt: skip
    kinds = {"who": "class", "age": "number", "weight": "number", "points": "array", "wide": "array", "note": "text"}
    fields = [Planned("image", "image"), *(Planned(n, k) for n, k in kinds.items()), Planned("label", "class")]  # type: ignore[arg-type]
    with open_blob(few(tmp_path / f"out.{ending}", found(samples, *fields)).path) as blob:
        assert blob.key(7) == "ключ/7"
        for n in range(20):
            record = blob[n]
            assert blob.raw(n, "image") == drawn(n)
            assert record.text("who") == f"p{n % 4}"
            assert record["weight"] == n / 4
            assert np.array_equal(record["points"], points[n])
            assert np.array_equal(record["wide"], wide[n])
            assert record["note"] == "ü" * n
            assert record["group"] == f"film{n % 3}"
            assert record.text("split") == ("train" if n < 15 else "test")
        assert np.isnan(blob[3]["age"])
        assert blob[5].text("label") == ""
        assert len(blob.part("test")) == 5


@pytest.mark.slow
def test_bad_images_are_left_out_counted_by_reason_and_listed(tmp_path):
    def saved(name: str, image: Image.Image, **options) -> None:
        image.save(tmp_path / "in" / name, **options)

    (tmp_path / "in").mkdir()
    colours = Image.fromarray(np.zeros((8, 8, 3), np.uint8))
    saved("cmyk.jpg", colours.convert("CMYK"))
    saved("sixteen.png", Image.fromarray(np.zeros((8, 8), np.uint16)))
    saved("palette.png", colours.convert("P"))
    saved("moves.gif", colours.convert("P"), save_all=True, append_images=[Image.new("P", (8, 8), 3)])
    exif = Image.Exif()
    exif[0x0112] = 6
    saved("turned.jpg", Image.new("RGB", (8, 4)), exif=exif)
    (tmp_path / "in" / "empty.jpg").touch()
    (tmp_path / "in" / "cut.jpg").write_bytes(drawn(1)[:-40])
    (tmp_path / "in" / "cut.png").write_bytes(drawn(2)[:-40])
    (tmp_path / "in" / "words.png").write_text("no picture at all")
    (tmp_path / "in" / "folder.jpg").mkdir()
    (tmp_path / "in" / "endless.jpg").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "in" / "pipe.jpg")
    paths = [*sorted((tmp_path / "in").iterdir()), tmp_path / "in" / "gone.jpg"]
    built = few(tmp_path / "out.h5", in_files(paths))
    reasons = dict(built.left_out.counts)
    assert built.records == 5
    assert reasons == {
        "an empty file": 2, "a picture that is cut off: its end is missing": 2, "a file that is not there": 1,
        "no picture: its first bytes are of no kind that can be read": 1,
        "a file that cannot be read: is a directory": 1, "no ordinary file": 1,
    }  # fmt: skip
    assert built.left_out.examples["an empty file"] == ["empty.jpg", "pipe.jpg"]
    encoded = few(tmp_path / "small.h5", in_files(paths), size=(4, 4), encoding="png")
    assert encoded.left_out.total == built.left_out.total
    with open_blob(built.path) as blob, open_blob(encoded.path) as small:
        assert [blob.key(n) for n in range(5)] == [small.key(n) for n in range(5)]
        for name, shape in {"cmyk.jpg": (8, 8, 3), "sixteen.png": (8, 8, 1), "turned.jpg": (8, 4, 3)}.items():
            place = blob.find(name)
            assert place is not None
            assert blob[place]["image"].shape == shape


@pytest.mark.slow
@pytest.mark.parametrize("ending", FORMATS)
def test_a_picture_larger_than_what_workers_and_builder_share_goes_through(tmp_path, ending):
    pixels = np.random.default_rng(0).integers(0, 256, (2000, 2000, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "large.bmp")
    (tmp_path / "small.png").write_bytes(drawn(0))
    paths = [tmp_path / "small.png", tmp_path / "large.bmp", tmp_path / "small2.png"]
    paths[2].write_bytes(drawn(2))
    with open_blob(few(tmp_path / f"out.{ending}", in_files(paths)).path) as blob:
        assert [blob.raw(n, "image") for n in range(3)] == [path.read_bytes() for path in paths]


@pytest.mark.slow
def test_a_map_that_is_too_small_grows(tmp_path, monkeypatch):
    monkeypatch.setattr(lmdb_writer, "FIRST_MAP", 1 << 16)
    monkeypatch.setattr(lmdb_writer, "_BATCH", 1 << 17)
    monkeypatch.setattr(lmdb_writer, "_TREE", 1 << 16)
    source = labelled({"a": 40})
    samples = [
        Sample(each.key, {"image": np.full((200, 200, 3), n, np.uint8)}) for n, each in enumerate(source.samples)
    ]
    built = few(tmp_path / "out.lmdb", found(samples, Planned("image", "image")))
    assert built.size > 40 * 120_000
    with open_blob(built.path) as blob:
        assert [int(image.max()) for image in blob.read(range(40))["image"]] == list(range(40))


@pytest.mark.slow
def test_one_file_with_many_images_in_it_is_read_in_place(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (50, 9, 7), dtype=np.uint8)
    (tmp_path / "images").write_bytes(b"head" + images.tobytes())
    samples = [Sample(str(n), {"image": FileImage(tmp_path / "images", 4 + 63 * n, 63, (9, 7))}) for n in range(51)]
    built = few(tmp_path / "out.h5", found(samples, Planned("image", "image")))
    assert built.left_out.counts == {"a file that ends before the image in it does": 1}
    with open_blob(built.path) as blob:
        assert np.array_equal(blob.read(range(50))["image"][..., 0], images)
        assert blob.schema["image"].shape == (9, 7, 1)


@pytest.mark.slow
def test_side_labels_are_merged(tmp_path):
    side = Labels(tmp_path / "side.jsonl")
    side.append("a/0", "label", "b", by="me")
    side.append("a/1", "expression", "happy", by="me")
    built = few(tmp_path / "out.h5", labelled({"a": 3, "b": 1}), labels=tmp_path / "side.jsonl")
    with open_blob(built.path, labels=False) as blob:
        assert [blob[n].text("label") for n in range(4)] == ["b", "a", "a", "b"]
        assert [blob[n].text("expression") for n in range(4)] == ["", "happy", "", ""]


@pytest.mark.slow
def test_repetitions_have_keys_of_their_own(tmp_path):
    built = few(tmp_path / "out.lmdb", labelled({"a": 4, "b#": 1}), balance="over")
    with open_blob(built.path) as blob:
        assert [blob.key(n) for n in range(8)] == [
            "a/0", "a/1", "a/2", "a/3", "b#/0", "b#/0##1", "b#/0##2", "b#/0##3",
        ]  # fmt: skip


@pytest.mark.slow
def test_a_blob_becomes_one_of_the_other_format_and_back(tmp_path, source):
    first = few(tmp_path / "a.h5", recognise(source))
    second = few(tmp_path / "b.lmdb", recognise(first.path))
    third = few(tmp_path / "c.h5", recognise(second.path))
    assert third.digest == second.digest == first.digest


@pytest.mark.slow
def test_a_finished_blob_is_replaced_only_where_that_is_said(tmp_path):
    out = tmp_path / "out.h5"
    few(out, labelled({"a": 2}))
    with pytest.raises(BlobError, match=r"out\.h5 is there already"):
        few(out, labelled({"a": 3}))
    assert [path.name for path in tmp_path.iterdir()] == ["out.h5"]
    build(labelled({"a": 3}), out, BuildOptions(workers=1), replace=True)
    with open_blob(out) as blob:
        assert len(blob) == 3


@pytest.mark.parametrize("name", ["out", "out.txt"])
def test_the_name_says_the_format(tmp_path, name):
    with pytest.raises(BlobError, match=r"\.h5 \(HDF5\) or \.lmdb \(LMDB\)"):
        build(labelled({"a": 1}), tmp_path / name)


@pytest.mark.slow
def test_nothing_is_left_where_there_is_nothing_to_build(tmp_path):
    with pytest.raises(SourceError, match="nothing to build from"):
        few(tmp_path / "out.h5", found([]))
    with pytest.raises(SourceError, match=r"all 2 images were left out, 2: a file that is not there"):
        few(tmp_path / "out.h5", in_files([tmp_path / "a.jpg", tmp_path / "b.jpg"]))
    assert not any(tmp_path.iterdir())


def test_a_dry_run_counts_and_estimates(tmp_path):
    root = folder(tmp_path / "in", 60)
    (root / "class0" / "bad.jpg").touch()
    plan = dry_run(recognise(root), BuildOptions(split=Split(shares={"train": 0.5, "test": 0.5}), seed=3))
    assert (plan.samples, plan.records, dict(plan.left_out.counts)) == (61, 60, {"an empty file": 1})
    assert sum(plan.parts.values()) == 60
    assert {name: sum(parts.values()) for name, parts in plan.counts["label"].items()} == {
        "class0": 20, "class1": 20, "class2": 20,
    }  # fmt: skip
    assert plan.lost == {"label": {"class0": 1}}
    stored = sum(path.stat().st_size for path in root.rglob("*.*g"))
    assert plan.exact
    assert stored < plan.size < stored + 61 * 100
    assert set(plan.sizes) == {(24, 24)}
    small = dry_run(recognise(root), BuildOptions(size=(8, 8), encoding="raw"))
    assert 60 * 192 < small.size < 60 * 320


def test_a_dry_run_of_one_class_says_so_and_of_none_is_an_error(tmp_path):
    with pytest.raises(SourceError):
        dry_run(found([]))
    assert list(dry_run(labelled({"a": 2})).counts["label"]) == ["a"]
