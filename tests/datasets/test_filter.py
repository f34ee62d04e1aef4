"""The line that chooses records."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from memory_source import MemorySource

from trainvis.datasets.blob import Blob
from trainvis.datasets.filter import Chooser, complete, parse
from trainvis.datasets.labels import Labels
from trainvis.datasets.schema import Field, Schema
from trainvis.engine.errors import QueryError

SCHEMA = Schema(
    (
        Field("label", "class", "int64", (), ("cat", "dog", "wild cat")),
        Field("split", "class", "int64", (), ("train", "test")),
        Field("age", "number", "float64"),
        Field("group", "text"),
        Field("points", "array", "float32", (2,)),
    )
)


def blob(labels: Labels | None = None) -> Blob:
    columns = {
        "label": np.array([0, 1, 2, -1, 0, 1]),
        "split": np.array([0, 0, 0, 1, 1, 1]),
        "age": np.array([10, 20, 30, 40, np.nan, 60]),
        "group": ["Film A", "film a", "film b", "film b", "", "film c"],
        "points": np.zeros((6, 2), np.float32),
    }
    return Blob(MemorySource(SCHEMA, columns, [f"in/{each}.png" for each in "abcdef"]), labels)


def passing(line: str, of: Blob | None = None) -> list[int]:
    of = of or blob()
    return [int(place) for piece, _ in Chooser(of).passing(parse(line, of.schema)) for place in piece]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", [0, 1, 2, 3, 4, 5]),
        ("label:cat", [0, 4]),
        ("label:wild", [2]),
        ("label:cat,dog", [0, 1, 4, 5]),
        ("label:1", [1, 5]),
        ("label:?", [3]),
        ("-label:cat", [1, 2, 3, 5]),
        ('label:"wild cat"', [2]),
        ("class:dog part:test", [5]),
        ("age>20", [2, 3, 5]),
        ("age<=20", [0, 1]),
        ("record>=4", [4, 5]),
        ("group:a", [0, 1]),
        ("key:d", [3]),
        ("film dog", [1, 5]),
        ("cat", [0, 2, 4]),
        ("film -label:?", [0, 1, 2, 5]),
    ],
)
def test_terms_choose_records_and_all_of_them_must_hold(line: str, found: list[int]) -> None:
    assert passing(line) == found


@pytest.mark.parametrize(
    ("line", "position", "said"),
    [
        ("label:bird", 6, "label is never bird"),
        ("label:cta", 6, "did you mean cat"),
        ("color:red", 0, "no field is called color"),
        ("cat age>old", 8, "old is no number"),
        ("label>cat", 5, "has no order"),
        ("points:1", 0, "nothing can be chosen by it"),
        ("cat -", 4, "nothing stands behind it"),
    ],
)
def test_what_makes_no_sense_is_said_with_its_place(line: str, position: int, said: str) -> None:
    with pytest.raises(QueryError, match=said) as caught:
        parse(line, SCHEMA)
    assert caught.value.position == position


def test_a_field_and_its_classes_are_completed() -> None:
    assert complete("la", 2, SCHEMA) == ["label:"]
    assert complete("age>3 label:w", 13, SCHEMA) == ['age>3 label:"wild cat"']
    assert complete("label:cat,d", 11, SCHEMA) == ["label:cat,dog"]


def test_labels_that_a_person_gave_are_what_counts(tmp_path: Path) -> None:
    side = tmp_path / "x.labels.jsonl"
    side.write_text(json.dumps({"key": "in/a.png", "field": "label", "value": "bird"}) + "\n")
    of = blob(Labels(side))
    assert passing("label:bird", of) == [0]
    assert passing("label:cat -label:wild", of) == [4]


def test_a_search_goes_on_where_it_was() -> None:
    found = list(Chooser(blob()).passing(parse("dog", SCHEMA), start=2))
    assert [piece.tolist() for piece, _ in found] == [[5]]
    assert found[-1][1] == 6
