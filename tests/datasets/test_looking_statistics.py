"""Statistics: exact, and the same for every order and every number of workers."""

from __future__ import annotations

import json
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainvis.datasets.looking.counted import Statistics
from trainvis.datasets.looking.mean_image import from_png
from trainvis.datasets.looking.statistics import Accumulator
from trainvis.datasets.schema import Field, Schema

SCHEMA = Schema(
    (
        Field("image", "image"),
        Field("label", "class", classes=("cat", "dog", "owl")),
        Field("age", "number"),
        Field("note", "text"),
    )
)


def records(seed: int, count: int, *, mixed: bool) -> list[tuple[np.ndarray | None, dict[str, object]]]:
    rng = np.random.default_rng(seed)
    shapes = [(9, 7, 3), (9, 7, 1), (70, 90, 3), (300, 20, 4)] if mixed else [(70, 90, 3)]
    ages = [0.1, 1e300, -1e300, 3, 2**53 + 1, math.nan, None, 5e-324]
    made = []
    for _ in range(count):
        image = rng.integers(0, 256, shapes[rng.integers(len(shapes))], dtype=np.uint8)
        values = {"label": int(rng.integers(-1, 3)), "age": ages[rng.integers(len(ages))], "note": "x"}
        made.append((None if mixed and rng.random() < 0.1 else image, values))
    return made


def counted(wanted: list[tuple[np.ndarray | None, dict[str, object]]]) -> Accumulator:
    made = Accumulator(SCHEMA)
    for image, values in wanted:
        made.add(image, values)
    return made


@pytest.mark.slow
@settings(max_examples=settings().max_examples // 2)
@given(st.integers(0, 99), st.booleans(), st.integers(1, 4))
def test_any_order_and_any_number_of_workers_count_the_same(seed: int, mixed: bool, workers: int) -> None:
    given_ = records(seed, 12, mixed=mixed)
    expected = counted(given_).statistics()
    random.Random(seed).shuffle(given_)
    parts = [counted(given_[at::workers]) for at in range(workers)]
    # A worker that was stopped goes on from what it had written.
    parts = [Accumulator.from_json(SCHEMA, json.loads(json.dumps(each.to_json()))) for each in parts]
    whole = Accumulator(SCHEMA)
    for part in parts:
        whole.merge(part)
    assert json.dumps(whole.statistics()) == json.dumps(expected)


def test_images_of_one_size_have_the_mean_that_numpy_has() -> None:
    given_ = records(3, 10, mixed=False)
    found = Statistics.from_json(counted(given_).statistics())
    images = np.stack([image for image, _ in given_ if image is not None]).astype(np.float64)
    assert found.mean == pytest.approx(images.mean(axis=(0, 1, 2)).tolist(), rel=1e-12)
    assert found.std == pytest.approx(images.std(axis=(0, 1, 2)).tolist(), rel=1e-12)
    mean = from_png(found.mean_image)
    assert mean is not None
    assert np.array_equal(mean, np.floor(images.mean(axis=0) + 0.5).astype(np.uint8))
    assert found.sizes == {(90, 70): 10}
    labels = [values["label"] for _, values in given_]
    assert found.labels["label"] == tuple(labels.count(number) for number in range(3))
    assert found.unknown.get("label", 0) == labels.count(-1)
    for number in range(3):
        small = from_png(found.class_means[number])
        assert small is not None
        assert small.shape == (49, 64, 3)


def test_numbers_have_their_exact_mean() -> None:
    made = Accumulator(SCHEMA)
    for age in (1e300, 1.0, -1e300, 1.0, np.int64(2), np.float32(0.5), None, math.inf):
        made.add(None, {"age": age})
    found = Statistics.from_json(made.statistics()).numbers["age"]
    assert (found.mean, found.least, found.greatest) == (0.75, -1e300, 1e300)
    assert (found.count, found.unknown) == (6, 2)


def test_nothing_has_empty_statistics() -> None:
    found = Statistics.from_json(Accumulator(SCHEMA).statistics())
    assert found.labels == {"label": (0, 0, 0)}
    assert (found.pixels, found.mean_image, found.smallest) == ((), "", None)


@pytest.mark.parametrize(
    "value",
    [
        {"labels": 3},
        {"labels": {"x": [1, -1]}, "pixels": [[1]], "sizes": []},
        {"sizes": {"counts": [[1, 2]]}},
        {
            "mean": ["x", 10**400],
            "class_means": {"-1": "x", "1": 3},
            "mean_image": b"x",
            "numbers": {"a": {"min": "x"}},
        },
    ],
)
def test_statistics_of_a_stranger_are_read_as_far_as_they_are_some(value: dict[str, object]) -> None:
    found = Statistics.from_json(value)
    assert not found.labels
    assert not found.sizes
    assert from_png("no PNG at all") is None
