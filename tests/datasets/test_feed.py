"""Batches for training: their order, what is in them, where one goes on, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from memory_source import MemorySource

from trainvis.datasets.blob import Blob
from trainvis.datasets.errors import BlobError
from trainvis.datasets.feed import Feed
from trainvis.datasets.schema import UNKNOWN, Field, Schema

RECORDS = 23


def faces(records: int = RECORDS, **columns: Any) -> Blob:
    """Image n is n everywhere; who, mood (unknown of 3 and 4), age (unknown of 4 and 5), split."""
    images = np.broadcast_to(np.arange(records, dtype=np.uint8)[:, None, None, None], (records, 4, 5, 3))
    fields = (
        Field("image", "image", "uint8", (4, 5, 3)),
        Field("who", "class", "int64", (), ("ann", "bob", "cy")),
        Field("mood", "class", "int64", (), ("calm", "glad")),
        Field("age", "number", "float64"),
        Field("said", "text"),
        Field("split", "class", "int64", (), ("train", "test")),
    )
    numbers = np.arange(records)
    mood = numbers % 2
    mood[3:5] = UNKNOWN
    age = numbers.astype(float)
    age[4:6] = np.nan
    values = {
        "image": np.ascontiguousarray(images),
        "who": (numbers > 11) * 1,
        "mood": mood,
        "age": age,
        "said": [str(each) for each in numbers],
        "split": (numbers % 4 == 0) * 1,
    }
    return Blob(MemorySource(Schema(fields), {**values, **columns}, [f"k{each}" for each in numbers]))


def order_of(feed: Feed) -> list[int]:
    return [int(place) for batch in feed for place in batch.places]


def test_every_record_comes_once_an_epoch_in_batches_of_images_and_labels() -> None:
    feed = Feed(faces(), 5)
    batches = list(feed)
    assert len(feed) == len(batches) == 5
    assert [len(batch["image"]) for batch in batches] == [5, 5, 5, 5, 3]
    assert np.concatenate([batch["image"][:, 0, 0, 0] for batch in batches]).tolist() == list(range(RECORDS))
    assert batches[0]["image"].dtype == np.uint8
    assert batches[2]["who"].tolist() == [0, 0, 1, 1, 1]
    assert feed.targets == ("who",)
    assert feed.classes() == ("ann", "bob", "cy")
    assert feed.counts() == {"ann": 12, "bob": 11, "cy": 0}


def test_the_last_smaller_batch_may_be_dropped() -> None:
    feed = Feed(faces(), 5, drop_last=True)
    assert [len(batch["image"]) for batch in feed] == [5] * 4


def test_the_order_is_a_function_of_the_seed_and_the_epoch_alone() -> None:
    one, other = Feed(faces(), 4, shuffle=7, workers=0), Feed(faces(), 4, shuffle=7, workers=3)
    epochs = [order_of(one) for _ in range(3)]
    assert [order_of(other) for _ in range(3)] == epochs
    assert order_of(Feed(faces(), 9, shuffle=7, epoch=2)) == epochs[2]
    assert all(sorted(each) == list(range(RECORDS)) for each in epochs)
    assert len({tuple(each) for each in epochs}) == 3
    assert order_of(Feed(faces(), 4, shuffle=8)) != epochs[0]


def test_the_order_of_a_seed_stays_the_same_for_ever() -> None:
    assert Feed(faces(), 32, shuffle=0).order(0).tolist()[:10] == ORDER


ORDER = [1, 13, 4, 10, 9, 5, 18, 0, 21, 19]  # of 23 records


def test_a_training_goes_on_with_the_batch_that_would_have_come_next() -> None:
    whole = [each for _ in range(2) for each in order_of(feed)] if (feed := Feed(faces(), 4, shuffle=1)) else []
    broken = Feed(faces(), 4, shuffle=1)
    seen: list[int] = []
    for number, batch in enumerate(broken):
        seen += batch.places.tolist()
        if number == 2:
            break
    kept = json.loads(json.dumps(broken.position))
    again = Feed(faces(), 4, shuffle=1).resume(kept)
    assert seen + order_of(again) + order_of(again) == whole
    assert again.position["epoch"] == 2


def test_a_position_of_another_order_is_refused() -> None:
    position = Feed(faces(), 4, shuffle=1).position
    with pytest.raises(BlobError, match=r"of another order \(seed 1 and not 2"):
        Feed(faces(), 4, shuffle=2).resume(position)
    with pytest.raises(BlobError, match="size 4 and not 5"):
        Feed(faces(), 5, shuffle=1).resume(position)
    with pytest.raises(BlobError, match="an epoch has 6 batches"):
        Feed(faces(), 4, shuffle=1).resume({**position, "batch": 6})


def test_a_part_of_the_split_is_fed_alone() -> None:
    assert order_of(Feed(faces(), 4, part="test")) == list(range(0, RECORDS, 4))
    assert order_of(Feed(faces()[:10], 4, part="test")) == [0, 4, 8]
    assert order_of(Feed(faces().part("test")[1:3], 4)) == [4, 8]
    with pytest.raises(BlobError, match="has no part 'training'"):
        Feed(faces(), 4, part="training")


def test_records_with_an_unknown_target_are_left_out_and_it_is_said() -> None:
    feed = Feed(faces(), 8, targets=("mood", "age"))
    assert sorted(set(range(RECORDS)) - set(order_of(feed))) == [3, 4, 5]
    assert feed.notes == ("3 of 23 records left out: nobody knows their mood or age",)


def test_a_record_of_which_one_target_is_known_may_weigh_for_that_alone() -> None:
    feed = Feed(faces(), 8, targets=("mood", "age"), unknown="mask")
    assert 4 not in order_of(feed)  # of which nothing is known
    batch = feed.batch(0)
    assert batch.places.tolist() == [0, 1, 2, 3, 5, 6, 7, 8]
    assert batch.weights["mood"].tolist() == [1, 1, 1, 0, 1, 1, 1, 1]
    assert batch.weights["age"].tolist() == [1, 1, 1, 1, 0, 1, 1, 1]
    assert batch["mood"][3] == 0
    assert batch["age"][4] == 0.0


def test_unknown_targets_may_be_kept_as_they_are() -> None:
    feed = Feed(faces(), 6, targets=("mood", "age"), unknown="keep")
    batch = feed.batch(0)
    assert batch["mood"].tolist() == [0, 1, 0, UNKNOWN, UNKNOWN, 1]
    assert np.isnan(batch["age"][4:]).all()
    hot = Feed(faces(), 6, targets="mood", unknown="keep", one_hot=True).batch(0)["mood"]
    assert hot[2:4].tolist() == [[1, 0], [0, 0]]


def test_balanced_weights_let_all_classes_count_the_same() -> None:
    feed = Feed(faces(), 8, targets=("who", "mood"), balance=True)
    for target in ("who", "mood"):
        sums = {0: 0.0, 1: 0.0}
        for number in range(len(feed)):
            batch = feed.batch(number)
            for value, weight in zip(batch[target], batch.weights[target], strict=True):
                sums[int(value)] += float(weight)
        assert sums[0] == pytest.approx(sums[1])
        assert sum(sums.values()) == pytest.approx(feed.records)


def test_images_of_several_sizes_are_refused_with_what_to_do_or_resized() -> None:
    mixed = [np.full((4, 5, 3), 7, np.uint8), np.full((6, 5, 3), 8, np.uint8), np.full((4, 5, 1), 9, np.uint8)] * 4
    blob = faces(12, image=mixed)
    with pytest.raises(BlobError, match=r"not of one size \(4×5×3 and 6×5×3\): feed them with size="):
        list(Feed(blob, 4))
    found = np.concatenate([batch["image"] for batch in Feed(blob, 4, size=(3, 2), channels=3)])
    assert found.shape == (12, 3, 2, 3)
    assert found[:, 0, 0, 0].tolist() == [7, 8, 9] * 4
    assert Feed(blob, 4, size=8, channels=1).shape == (8, 8, 1)


def test_what_cannot_be_fed_is_refused_in_a_sentence() -> None:
    for options, sentence in (
        ({"targets": "moods"}, "has no field 'moods' to learn: image .image., who .class."),
        ({"targets": "said"}, "said of memory.h5 is text"),
        ({"targets": ("who", "who")}, "named twice"),
        ({"image": "who"}, "has no images called 'who'"),
        ({"unknown": "drop"}, "it is one of leave out"),
        ({"batch": 0}, "batches have a record or more"),
        ({"batch": 100, "drop_last": True}, "nothing to feed"),
    ):
        with pytest.raises(BlobError, match=sentence):
            Feed(faces(), **options)
    with pytest.raises(BlobError, match="nothing to feed: 23 of 23 records left out: nobody knows their who"):
        Feed(faces(who=np.full(RECORDS, UNKNOWN)))


def test_a_feed_without_targets_gives_images_alone() -> None:
    assert list(Feed(faces(), 4, targets=()).batch(0)) == ["image"]


def test_an_image_that_cannot_be_read_ends_the_epoch_with_its_sentence() -> None:
    class Broken(MemorySource):
        def read(self, places: Any, field: str) -> Any:
            if field == "image" and 9 in places:
                raise BlobError("record 9 is damaged")
            return super().read(places, field)

    whole = faces()
    source = whole._source
    blob = Blob(Broken(source.schema, source.columns, source.keys(range(RECORDS))))  # type: ignore[attr-defined]
    with pytest.raises(BlobError, match="record 9 is damaged"):
        list(Feed(blob, 4))


@pytest.mark.parametrize("size", [0, (8, -1)])
def test_a_size_that_no_image_has_is_a_sentence(size) -> None:
    with pytest.raises(BlobError, match="a pixel or more high and wide"):
        Feed(faces(), size=size)
