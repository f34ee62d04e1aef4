"""Side labels: laid over the stored ones, never in their place; nothing that was said is lost."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from own_files import write_own

from trainvis.datasets.blob import Blob, open_blob
from trainvis.datasets.errors import BlobError
from trainvis.datasets.labels import Labels
from trainvis.datasets.schema import UNKNOWN, Field, Schema

SCHEMA = Schema((
    Field("label", "class", "int64", (), ("cat", "dog")),
    Field("age", "number", "int32"),
    Field("caption", "text"),
))  # fmt: skip
ROWS = [(f"k{place}", {"label": place % 2, "age": place, "caption": f"c{place}"}) for place in range(40)]


@pytest.fixture(params=["a.h5", "a.lmdb"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return write_own(tmp_path / request.param, SCHEMA, ROWS)


def labels_of(blob: Blob) -> Labels:
    assert blob.side_labels is not None
    return blob.side_labels


def test_a_label_lies_over_the_stored_one_which_stays(path: Path) -> None:
    blob = open_blob(path, labels=True)
    labels_of(blob).append("k3", "label", "cat", by="ann")
    assert blob[3].text("label") == "cat"
    assert blob.labels()[3] == 0
    assert blob.labels(stored=True)[3] == 1
    assert open_blob(path)[3]["label"] == 0
    assert open_blob(path, labels=False)[3]["label"] == 1


def test_a_class_that_the_blob_has_not_is_added_behind_its_own(path: Path) -> None:
    blob = open_blob(path, labels=True)
    labels_of(blob).append("k0", "label", "fox")
    assert blob.classes == ("cat", "dog", "fox")
    assert blob[0]["label"] == 2
    assert [record.key for record in blob.where("label", "fox")] == ["k0"]


def test_a_field_that_the_blob_has_not_is_unknown_elsewhere(path: Path) -> None:
    blob = open_blob(path, labels=True)
    labels_of(blob).append("k7", "expression", "joy")
    labels_of(blob).append("k7", "score", 0.5)
    assert blob.schema["expression"].classes == ("joy",)
    assert (blob[7]["expression"], blob[8]["expression"]) == (0, UNKNOWN)
    assert blob.labels("expression").tolist().count(UNKNOWN) == 39
    assert (blob.labels("expression", stored=True) == UNKNOWN).all()
    assert np.isnan(blob.read([1, 7], ["score"])["score"]).tolist() == [True, False]


def test_null_is_nobody_knows(path: Path) -> None:
    blob = open_blob(path, labels=True)
    for field in ("label", "age", "caption"):
        labels_of(blob).append("k5", field, None)
    assert blob[5]["label"] == UNKNOWN
    assert np.isnan(blob[5]["age"])
    assert blob[5]["caption"] == ""
    assert blob[6]["age"] == 6


def test_undo_takes_one_change_after_the_other_back(path: Path) -> None:
    blob = open_blob(path, labels=True)
    labels = labels_of(blob)
    for value in ("dog", "fox"):
        labels.append("k0", "label", value)
    assert labels.undo("k0", "label")
    assert blob[0].text("label") == "dog"
    assert labels.undo("k0", "label")
    assert blob[0].text("label") == "cat"
    assert not labels.undo("k0", "label")
    assert len(labels) == 0
    assert len(labels.path.read_text().splitlines()) == 4


def test_labels_of_many_records_are_found_as_those_of_one(path: Path) -> None:
    blob = open_blob(path, labels=True)
    for place in range(30):
        labels_of(blob).append(f"k{place}", "label", "fox")
    labels_of(blob).append("nobody", "label", "fox")
    assert blob.labels().tolist() == [2] * 30 + [0, 1] * 5


def test_what_another_writes_is_seen_when_one_looks_again(path: Path) -> None:
    blob = open_blob(path, labels=True)
    assert not blob.refresh()
    Labels(Labels.path_beside(path)).append("k1", "label", "cat")
    assert blob.refresh()
    assert blob[1]["label"] == 0
    labels_of(blob).path.unlink()
    assert blob.refresh()
    assert blob[1]["label"] == 1


def test_the_word_of_a_network_waits_for_a_person_the_least_certain_first(path: Path) -> None:
    labels = Labels(Labels.path_beside(path))
    for place, confidence in enumerate((0.9, 0.4, 0.7)):
        labels.append(f"k{place}", "label", "cat", confidence=confidence, model="m.keras")
    assert [change.key for change in labels.suggestions("label")] == ["k1", "k2", "k0"]
    labels.append("k2", "label", "cat", by="ann")
    assert [change.key for change in Labels(labels.path).suggestions("label")] == ["k1", "k0"]


def test_merged_are_the_changes_that_count(path: Path) -> None:
    labels = Labels(Labels.path_beside(path))
    labels.append("k0", "label", "dog")
    labels.append("k0", "label", "cat")
    labels.append("k1", "age", 9)
    assert {(each.key, each.field, each.value) for each in labels.merged()} == {
        ("k0", "label", "cat"),
        ("k1", "age", 9),
    }


def test_lines_that_say_nothing_are_counted_and_a_torn_one_harms_no_other(path: Path) -> None:
    side = Labels.path_beside(path)
    good = json.dumps({"key": "k0", "field": "label", "value": "dog"})
    noise = [
        "no json",
        "[1]",
        "{}",
        '{"key": "k0", "field": "label", "value": {}}',
        '{"key": 1, "field": "a", "value": 1}',
    ]
    side.write_text("\n".join([*noise, good]) + '\n{"key": "k')
    labels = Labels(side)
    assert labels.problems == len(noise)
    labels.append("k1", "label", "cat")
    assert {each.key for each in Labels(side).merged()} == {"k0", "k1"}


def test_a_value_that_the_field_cannot_take_is_left_out(path: Path) -> None:
    side = Labels.path_beside(path)
    values = [("label", 0.5), ("age", "old"), ("image", "cat")]
    side.write_text("".join(json.dumps({"key": "k1", "field": name, "value": value}) + "\n" for name, value in values))
    record = open_blob(path)[1]
    assert (record["label"], record["age"]) == (1, 1)


def test_keys_of_any_script_are_kept(path: Path) -> None:
    labels = Labels(Labels.path_beside(path))
    for key in ("日本/é.jpg", "a\udcff\n\x1b[2J", ""):
        labels.append(key, "label", "cat")
    assert {each.key for each in Labels(labels.path).merged()} == {"日本/é.jpg", "a\udcff\n\x1b[2J", ""}


def test_a_side_file_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    labels = Labels(tmp_path / "nowhere" / "a.labels.jsonl")
    with pytest.raises(BlobError, match=r"a\.labels\.jsonl cannot be written: No such file"):
        labels.append("k", "label", "cat")
    with pytest.raises(BlobError, match="cannot be read"):
        Labels(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        '{"key":"a","field":["x"],"undo":true}',
        '{"key":"a","field":3,"undo":true}',
        '{"key":"a","field":"","value":"x"}',
        '{"key":"a","field":"\\ud800","value":"x"}',
        '{"key":"a","field":"label","value":1' + "0" * 30 + "}",
        '{"key":"a","field":"label","value":"b","time":1' + "0" * 400 + "}",
        '{"key":"a","field":"label","value":"b","confidence":NaN}',
        '{"key":"a","field":"label","value":"b","confidence":"sure"}',
    ],
)
def test_lines_that_cannot_be_meant_are_counted_and_left_out(tmp_path, line):
    path = tmp_path / "side.jsonl"
    path.write_text(line + '\n{"key":"a","field":"label","value":"good"}\n')
    labels = Labels(path)
    assert labels.problems == 1
    assert labels.of("label")["a"].value == "good"
    assert len(labels) == 1


@pytest.mark.parametrize("value", ["1e999", "NaN", "0.5", "999", "true"])
def test_what_is_no_class_leaves_the_stored_one_or_is_the_number_that_it_says(tmp_path, value):
    path = tmp_path / "side.jsonl"
    path.write_text(f'{{"key":"a","field":"label","value":{value}}}\n')
    field = Field("label", "class", "int64", classes=("x", "y"))
    found = Labels(path).over(field, np.array([0]), 1, {0: Labels(path).of("label")["a"].value})
    assert found.tolist() == [{"999": 999, "true": 1}.get(value, 0)]


def test_a_picture_is_not_labelled(tmp_path):
    pictures = np.zeros((2, 4, 4, 3), np.uint8)
    assert Labels(tmp_path / "side.jsonl").over(Field("image", "image"), pictures, 2, {0: 3}) is pictures


@pytest.mark.parametrize("value", [0.5, 300, -1, None])
def test_a_number_that_the_stored_type_does_not_hold_widens_it(tmp_path, value):
    labels = Labels(tmp_path / "side.jsonl")
    labels.append("a", "age", value)
    field = labels.widened(Schema((Field("age", "number", "uint8"),)))["age"]
    found = labels.over(field, np.array([7, 8], np.uint8), 2, {0: value})
    assert field.dtype == "float64"
    assert np.array_equal(found, [np.nan if value is None else value, 8], equal_nan=True)
