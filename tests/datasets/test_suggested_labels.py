"""What networks say of records, beside what persons say: in the same file, and never taken for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from memory_source import MemorySource

from trainvis.datasets.blob import Blob
from trainvis.datasets.labels import Labels
from trainvis.datasets.schema import UNKNOWN, Field, Schema


@pytest.fixture
def labels(tmp_path: Path) -> Labels:
    return Labels(tmp_path / "faces.h5.labels.jsonl")


def blob(labels: Labels) -> Blob:
    schema = Schema(
        (Field("image", "image", "uint8", (2, 2, 1)), Field("mood", "class", "int64", (), ("calm", "glad")))
    )
    columns = {"image": np.zeros((4, 2, 2, 1), np.uint8), "mood": np.array([0, 1, UNKNOWN, UNKNOWN])}
    return Blob(MemorySource(schema, columns, list("abcd")), labels)


def test_a_suggestion_is_no_label_until_a_person_confirms_it(labels: Labels) -> None:
    labels.suggest("mood", [("a", "glad", 0.9), ("c", "calm", 0.6)], model="net")
    assert blob(labels).labels("mood").tolist() == [0, 1, UNKNOWN, UNKNOWN]
    assert not list(labels.merged())
    labels.append("c", "mood", "calm", by="me")
    assert blob(labels).labels("mood").tolist() == [0, 1, 0, UNKNOWN]
    assert [change.key for change in labels.merged()] == ["c"]


def test_suggestions_are_listed_least_certain_first_until_a_person_has_spoken(labels: Labels) -> None:
    labels.suggest("mood", [("a", "glad", 0.9), ("b", "glad", 0.4), ("c", "calm", 0.6)], model="net")
    assert [(each.key, each.confidence, each.model) for each in labels.suggestions("mood")] == [
        ("b", 0.4, "net"), ("c", 0.6, "net"), ("a", 0.9, "net"),
    ]  # fmt: skip
    labels.append("b", "mood", "calm", by="me")
    assert [each.key for each in labels.suggestions("mood")] == ["c", "a"]


def test_a_later_suggestion_overrides_no_confirmed_label(labels: Labels) -> None:
    labels.append("a", "mood", "glad", by="me")
    labels.suggest("mood", [("a", "calm", 0.99)], model="net")
    again = Labels(labels.path)
    assert blob(again).labels("mood")[0] == 1
    assert not again.suggestions("mood")


def test_undoing_a_confirmation_leaves_the_suggestion_and_undoing_that_rejects_it(labels: Labels) -> None:
    labels.suggest("mood", [("c", "glad", 0.7)], model="net")
    labels.append("c", "mood", "calm", by="me")
    assert labels.undo("c", "mood")
    assert [each.value for each in labels.suggestions("mood")] == ["glad"]
    assert labels.undo("c", "mood")
    assert not labels.suggestions("mood")
    assert not labels.undo("c", "mood")


def test_what_a_network_says_of_a_field_that_is_not_there_makes_the_field_with_nothing_known(labels: Labels) -> None:
    labels.suggest("who", [("a", "ann", 0.7), ("b", "bob", 0.8)], model="net")
    found = blob(labels)
    assert found.schema["who"].classes == ("ann", "bob")
    assert found.labels("who").tolist() == [UNKNOWN] * 4
