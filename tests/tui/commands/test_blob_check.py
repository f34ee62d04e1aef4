"""`trainvis blob verify`, `stats` and `export`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from blob_files import DIGITS, HOSTILE, PETS, digits, pets
from own_files import write_own
from PIL import Image

from trainvis.datasets.blob import open_blob
from trainvis.engine.text import printable


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    return digits(tmp_path / "digits.h5")


@pytest.mark.parametrize("ending", ["h5", "lmdb"])
def test_verify_compares_the_digest(trainvis, tmp_path: Path, ending: str) -> None:
    path = digits(tmp_path / f"x.{ending}")
    result = trainvis("blob", "verify", path)
    assert result.exit_code == 0
    assert "is whole: 12 records can be read, digest" in result.stdout
    found = json.loads(trainvis("blob", "verify", path, "--json").stdout)
    assert found["sound"]
    assert found["digest"] == found["stored_digest"]


def test_verify_finds_a_byte_that_is_another_one(trainvis, numbers: Path) -> None:
    with open_blob(numbers) as blob:
        pixels = blob[3]["image"].tobytes()
    data = bytearray(numbers.read_bytes())
    place = data.index(pixels)
    data[place] ^= 1
    numbers.write_bytes(data)
    result = trainvis("blob", "verify", numbers)
    assert result.exit_code == 1
    assert "it was built with" in result.stdout
    assert "is not whole" in result.stderr


def test_verify_names_records_that_cannot_be_read(trainvis, tmp_path: Path) -> None:
    path = pets(tmp_path / "pets.h5", broken=3)
    result = trainvis("blob", "verify", path)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"record 3 {printable(f'pets{HOSTILE}/3.jpg')}: ")
    assert "1 of 5 records cannot be read" in result.stderr
    found = json.loads(trainvis("blob", "verify", path, "--json").stdout)
    assert [each["record"] for each in found["broken"]] == [3]


def test_verify_finds_keys_that_are_there_twice_and_counts_that_are_others(trainvis, tmp_path: Path) -> None:
    image = np.zeros((8, 8, 1), np.uint8)
    values = {"image": image, "label": 0, "split": 0, "ink": 1.0, "note": ""}
    statistics = {"records": 2, "labels": {"label": [1, 1, 0]}}
    path = write_own(tmp_path / "x.h5", DIGITS, [("a", values), ("a", values)], statistics=statistics)
    result = trainvis("blob", "verify", path)
    assert "1 keys are there more than once" in result.stdout
    assert "the classes of label are not as often as its statistics say" in result.stdout


def test_stats_count_classes_sizes_pixels_and_numbers(trainvis, numbers: Path) -> None:
    said = trainvis("blob", "stats", numbers).stdout
    assert "nought 4 33.3 % ██" in said
    assert "all 12 images are 8×8 pixels" in said
    assert ["ink", "0", "5.500", "11"] in [line.split() for line in said.splitlines()]
    assert "pixel values, grey: mean" in said
    with open_blob(numbers) as blob:
        images = np.stack(list(blob.read(range(12), ["image"])["image"]))
    found = json.loads(trainvis("blob", "stats", numbers, "--json").stdout)
    assert found["mean"] == pytest.approx([images.mean()])
    assert found["labels"]["label"] == {"nought": 4, "one": 4, "two": 4}
    assert found["sizes"] == [[8, 8, 12]]


def test_stats_draw_the_mean_image_and_that_of_each_class(trainvis, numbers: Path) -> None:
    said = trainvis("blob", "stats", numbers, "--images", "half", "--width", "90").stdout
    lines = [line.split() for line in said.splitlines()]
    assert ["mean", "image", "mean", "of", "nought", "mean", "of", "one", "mean", "of", "two"] in lines


@pytest.mark.slow
def test_stats_list_duplicates_and_those_across_parts(trainvis, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (8, 8, 1), dtype=np.uint8) for _ in range(3)]
    rows = [
        (f"k{at}", {"image": images[at % 3], "label": 0, "split": int(at == 3), "ink": 0.0, "note": ""})
        for at in range(4)
    ]
    path = write_own(tmp_path / "x.h5", DIGITS, rows)
    said = trainvis("blob", "stats", path, "--duplicates").stdout
    assert "1 group of records that are the same bytes:\n  0 k0 = 3 k3  in train and test" in said
    found = json.loads(trainvis("blob", "stats", path, "--duplicates", "--json").stdout)
    assert found["duplicates"] == [{"how": "same bytes", "records": [0, 3], "keys": ["k0", "k3"]}]
    other = digits(tmp_path / "y.h5")
    assert "no record is there twice" in trainvis("blob", "stats", other, "--duplicates").stdout


def test_export_writes_images_into_folders_of_their_classes_and_a_csv(trainvis, numbers: Path, tmp_path: Path) -> None:
    result = trainvis("blob", "export", numbers, tmp_path / "out", "-label:two")
    assert result.exit_code == 0
    assert "8 records in" in result.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["nought", "one", "records.csv"]
    with (tmp_path / "out" / "records.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[1] == {
        "file": "one/digit-001.png", "record": "1", "key": "set/digit-001.png", "label": "one", "split": "train",
        "ink": "1.0", "note": "n1",
    }  # fmt: skip
    with open_blob(numbers) as blob, Image.open(tmp_path / "out" / rows[1]["file"]) as image:
        assert np.array_equal(np.asarray(image), blob[1]["image"][:, :, 0])


def test_export_keeps_stored_files_as_they_are_and_names_harmless(trainvis, tmp_path: Path) -> None:
    path = pets(tmp_path / "pets.h5")
    assert trainvis("blob", "export", path, tmp_path / "in" / "out").exit_code == 0
    written = sorted(
        each.relative_to(tmp_path / "in" / "out") for each in (tmp_path / "in").rglob("*.*") if each.is_file()
    )
    assert all(printable(each) == str(each) for each in written)
    assert len([each for each in written if each.suffix != ".csv"]) == 5
    assert {each.parts[0] for each in written} >= {"cat", "_up"}
    with open_blob(path) as blob:
        assert (tmp_path / "in" / "out" / "cat" / "0.png").read_bytes() == blob.raw(0, "image")
        assert (tmp_path / "in" / "out" / "cat" / "3.jpg").read_bytes() == blob.raw(3, "image")
    assert [each.name for each in (tmp_path / "in").iterdir()] == ["out"]


def test_export_leaves_out_what_is_no_picture_and_says_so(trainvis, tmp_path: Path) -> None:
    good, bad = pets(tmp_path / "pets.h5"), tmp_path / "bad.h5"
    with open_blob(good) as blob:
        values = {"image": b"no picture at all", "label": 0, "points": np.zeros((2, 2), np.float32)}
        kept = {"image": blob.raw(0, "image"), "label": 1, "points": values["points"]}
        write_own(bad, PETS, [("bad", values), ("good", kept)])
    result = trainvis("blob", "export", bad, tmp_path / "out")
    assert result.exit_code == 0
    assert "1 record in" in result.stdout
    assert "record 0 is left out" in result.stderr


def test_export_never_writes_over_without_being_told(trainvis, numbers: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    for name in ("x.csv", "x.npz"):
        (tmp_path / name).write_text("mine")
    for name in ("out", "x.csv", "x.npz"):
        result = trainvis("blob", "export", numbers, tmp_path / name)
        assert result.exit_code == 1
        assert "is there already" in result.stderr
        assert trainvis("blob", "export", numbers, tmp_path / name, "--replace").exit_code == 0
    assert (tmp_path / "out" / "mine").read_text() == "mine"
    assert (tmp_path / "out" / "one" / "digit-001.png").is_file()


def test_export_two_records_of_one_name_are_two_files(trainvis, tmp_path: Path) -> None:
    values = {"image": np.zeros((8, 8, 1), np.uint8), "label": 0, "split": 0, "ink": 1.0, "note": "=1+1"}
    rows = [("a/x.png", values), ("b/X.png", values), ("c/x.jpg", values)]
    path = write_own(tmp_path / "x.h5", DIGITS, rows)
    trainvis("blob", "export", path, tmp_path / "out")
    assert sorted(each.name for each in (tmp_path / "out" / "nought").iterdir()) == ["X-2.png", "x-3.png", "x.png"]
    # No cell is a formula of a spreadsheet.
    assert "'=1+1" in (tmp_path / "out" / "records.csv").read_text()


def test_export_by_another_field_and_as_csv_and_npz(trainvis, numbers: Path, tmp_path: Path) -> None:
    trainvis("blob", "export", numbers, tmp_path / "parts", "--by", "split", "-n", "5")
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == ["records.csv", "test", "train"]
    trainvis("blob", "export", numbers, tmp_path / "x.csv", "--part", "test")
    assert (tmp_path / "x.csv").read_text().splitlines()[1].startswith("3,set/digit-003.png,nought,test,3.0")
    trainvis("blob", "export", numbers, tmp_path / "x.npz", "label:one")
    with np.load(tmp_path / "x.npz") as file, open_blob(numbers) as blob:
        assert file["label"].tolist() == [1] * 4
        assert file["label.classes"].tolist() == ["nought", "one", "two"]
        assert np.array_equal(file["image"], np.stack([blob[at]["image"] for at in (1, 4, 7, 10)]))
        assert file["keys"][0] == "set/digit-001.png"
        assert file["ink"].tolist() == [1, 4, 7, 10]
    assert trainvis("blob", "export", numbers, tmp_path / "x", "--by", "ink").exit_code == 1
    assert trainvis("blob", "export", numbers, tmp_path / "x.csv", "--by", "split").exit_code == 2
    assert not (tmp_path / "x").exists()


def test_export_of_images_of_several_sizes_as_npz_is_refused_with_what_to_do(trainvis, tmp_path: Path) -> None:
    result = trainvis("blob", "export", pets(tmp_path / "pets.h5"), tmp_path / "x.npz")
    assert result.exit_code == 1
    assert "several sizes" in result.stderr
    assert "--size" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pets.h5", "runs"]
