"""Records as they stand on a page, and one with all that is known of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from memory_source import MemorySource

from trainvis.datasets.blob import Blob
from trainvis.datasets.errors import BlobError
from trainvis.datasets.labels import Labels
from trainvis.datasets.schema import Field, Schema
from trainvis.tui.blobs.page import Wanted, drawable, read_page
from trainvis.tui.blobs.whole import read_whole

SCHEMA = Schema(
    (
        Field("image", "image", "uint8", (None, None, 3), (), "jpeg"),
        Field("label", "class", "int64", (), ("cat", "dog")),
        Field("note", "text"),
        Field("heat", "array", "float32", (4, 5)),
    )
)


class Torn(MemorySource):
    """The image of record 2 is damaged."""

    def read(self, places: Any, field: str) -> Any:
        if field == "image" and 2 in list(places):
            raise BlobError("record 2 is no picture: \x1b]0;x\x07")
        return super().read(places, field)


def blob(side: Path | None = None) -> Blob:
    columns = {
        "image": [np.full((4 + at, 6, 3), at, np.uint8) for at in range(4)],
        "label": np.array([0, 1, 1, -1]),
        "note": ["one", '{"a": [1, 2]}', "", "\x1b[2Jgone"],
        "heat": np.arange(80, dtype=np.float32).reshape(4, 4, 5),
    }
    return Blob(Torn(SCHEMA, columns, list("abcd")), None if side is None else Labels(side))


def entries(of: Blob, picture: str = "image") -> list[Any]:
    return [each for some in read_page(of, Wanted((0, 1, 2, 3), picture, (12, 12), ("label", "note"))) for each in some]


def test_a_record_that_cannot_be_read_says_so_in_its_place_and_the_others_are_there() -> None:
    found = entries(blob())
    assert [each.key for each in found] == ["a", "b", "c", "d"]
    assert [each.picture is None for each in found] == [False, False, True, False]
    assert found[2].problem == "record 2 is no picture: ␛]0;x␇"
    assert [each.words["label"] for each in found] == ["cat", "dog", "dog", ""]
    assert found[3].words["note"] == "␛[2Jgone"


def test_arrays_of_numbers_are_pictures_too() -> None:
    assert [field.name for field in SCHEMA if drawable(field)] == ["image", "heat"]
    assert entries(blob(), "heat")[0].picture.shape == (10, 12, 3)


def test_what_a_network_suggests_stands_beside_and_what_a_person_gave_counts(tmp_path: Path) -> None:
    side = tmp_path / "x.labels.jsonl"
    lines = [
        {"key": "a", "field": "label", "value": "dog", "confidence": 0.6, "model": "net", "by": "net"},
        {"key": "b", "field": "label", "value": "cat", "by": "ann"},
    ]
    side.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = entries(blob(side))
    assert (found[0].guess, found[0].confidence, found[0].changed) == ("dog", 0.6, False)
    assert (found[1].words["label"], found[1].changed) == ("cat", True)
    label = read_whole(blob(side), 1, "image").fields[1]
    assert label.text == "cat"
    assert label.note == "class 0 of 2 · stored: dog · by ann"
    assert "a network says dog, 60% (net)" in read_whole(blob(side), 0, "image").fields[1].note


def test_one_record_shows_all_its_fields_and_what_is_wrong_with_one() -> None:
    whole = read_whole(blob(), 1, "image")
    assert whole.values is not None
    assert [each.name for each in whole.fields] == ["image", "label", "note", "heat"]
    assert whole.fields[0].text.startswith("5×6×3 uint8 · 1 to 1")
    assert whole.fields[2].more[0] == "{"  # JSON is laid out
    torn = read_whole(blob(), 2, "image")
    assert torn.values is None
    assert torn.problem.startswith("record 2 is no picture")
    assert torn.fields[0].problem
    assert torn.fields[1].text == "dog"
