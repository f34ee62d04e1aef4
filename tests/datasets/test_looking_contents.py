"""What is in a blob as a whole: statistics, kept until it is another one, and records that are there twice."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_source import MemorySource
from own_files import write_own

from trainvis.datasets.blob import Blob, open_blob
from trainvis.datasets.errors import BlobError
from trainvis.datasets.looking import contents, duplicates, kept
from trainvis.datasets.looking.duplicates import Fingerprints, across, among, difference_hash
from trainvis.datasets.schema import Field, Schema

RNG = np.random.default_rng(5)
SCHEMA = Schema(
    (
        Field("image", "image", "uint8", (20, 30, 3)),
        Field("label", "class", "int64", classes=("cat", "dog")),
        Field("split", "class", "int64", classes=("train", "test")),
        Field("age", "number", "float64"),
    )
)


def smooth(seed: int) -> np.ndarray:
    """An image with shapes in it: noise would be alike to nothing, not even to itself with a little noise on it."""
    from PIL import Image

    small = np.random.default_rng(seed).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((30, 20), Image.Resampling.BICUBIC))


def columns(count: int = 6) -> dict[str, Any]:
    images = np.stack([smooth(seed) for seed in range(count)])
    return {
        "image": images,
        "label": np.arange(count) % 2,
        "split": np.arange(count) // (count - 1),
        "age": np.arange(count, dtype=float),
    }


class Broken(MemorySource):
    """Its record 2 cannot be read."""

    def read(self, places, field):
        if 2 in places and field == "image":
            raise BlobError("record 2 is damaged")
        return super().read(places, field)


def blob(kind: type[MemorySource] = MemorySource, **changed: Any) -> Blob:
    found = columns() | changed
    return Blob(kind(SCHEMA, found, [f"key {at}" for at in range(len(found["image"]))]))


def test_statistics_are_counted_over_all_records_that_can_be_read() -> None:
    found = contents.statistics(blob(Broken))
    assert (found.records, found.images) == (5, 5)
    assert found.labels["label"] == (2, 3)
    whole = contents.statistics(blob())
    assert whole.sizes == {(30, 20): 6}
    assert whole.mean == pytest.approx(columns()["image"].mean(axis=(0, 1, 2)).tolist())
    assert whole.numbers["age"].mean == 2.5


def test_progress_is_told_and_what_it_raises_ends_the_work() -> None:
    told: list[tuple[int, int]] = []
    contents.counted(blob(), progress=lambda done, total: told.append((done, total)))
    assert told == [(6, 6)]

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        contents.counted(blob(), progress=stop)


def test_what_was_counted_is_kept_until_the_file_is_another_one(tmp_path: Path) -> None:
    def rows(count: int) -> list[tuple[str, dict[str, Any]]]:
        found = columns(count)
        return [(f"key {at}", {name: found[name][at] for name in found}) for at in range(count)]

    path = write_own(tmp_path / "x.h5", SCHEMA, rows(4))
    with open_blob(path) as first:
        assert contents.known(first) is None
        counted = contents.statistics(first)
        assert contents.known(first) == counted
    with open_blob(path) as again:
        assert contents.known(again) == counted
        told: list[int] = []
        assert duplicates.fingerprints(again, lambda done, _: told.append(done)).there.all()
        duplicates.fingerprints(again, lambda done, _: told.append(done))
        assert told == [4]
    path.unlink()
    with open_blob(write_own(path, SCHEMA, rows(5))) as other:
        assert contents.known(other) is None


def test_what_is_kept_and_damaged_is_found_out_again(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    whose = kept.identity(tmp_path / "x", tmp_path / "missing")
    assert len(whose) == 4
    kept.keep("thing.json", whose, {"a": 1})
    assert kept.found("thing.json", whose) == {"a": 1}
    (file,) = kept.folder().iterdir()
    file.write_bytes(b"{")
    assert kept.found("thing.json", whose) is None


def test_records_that_are_there_twice_and_those_that_look_alike() -> None:
    images = columns(8)["image"].copy()
    images[3] = images[0]
    images[5] = np.clip(images[1].astype(int) + RNG.integers(-3, 4, images[1].shape), 0, 255)
    found = duplicates.duplicates(blob(image=images, label=np.zeros(8), split=np.arange(8) // 4, age=np.zeros(8)))
    assert found.stored == ((0, 3),)
    assert found.pixels == ()
    assert found.alike == ((1, 5),)
    assert [word for word, _ in found.groups] == ["same bytes", "look alike"]


def test_the_same_pixels_in_other_bytes_are_told_apart() -> None:
    class Other(MemorySource):
        def raw(self, place: int, field: str) -> bytes:
            return super().raw(place, field) + bytes([place])

    images = columns()["image"].copy()
    images[4] = images[2]
    found = duplicates.duplicates(blob(Other, image=images))
    assert (found.stored, found.pixels, found.alike) == ((), ((2, 4),), ())


def test_a_group_that_lies_in_two_parts_is_told() -> None:
    assert across(blob(), (0, 5)) == ("train", "test")
    assert across(blob(), (0, 1)) == ("train",)


def test_images_that_cannot_be_read_are_counted_and_no_duplicates() -> None:
    class Two(Broken):
        def read(self, places, field):
            if 3 in places and field == "image":
                raise BlobError("record 3 is damaged")
            return super().read(places, field)

    found = duplicates.duplicates(blob(Two))
    assert (found.groups, found.unread) == ((), 2)


@pytest.mark.slow
@given(st.data(), st.integers(0, 6))
def test_banding_finds_exactly_the_pairs_that_comparing_all_finds(data: st.DataObject, distance: int) -> None:
    seeds = data.draw(st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=6))
    hashes = []
    for seed in seeds:
        flips = data.draw(st.lists(st.integers(0, 63), max_size=8))
        hashes += [seed, seed ^ sum(1 << flip for flip in set(flips))]
    count = len(hashes)
    digests = np.arange(count * 16, dtype=np.uint8).reshape(count, 16)
    small = np.zeros((count, 64), np.uint8)
    there = np.ones(count, bool)
    found = among(Fingerprints(digests, digests, np.array(hashes, np.uint64), small, there), distance).alike
    together = {frozenset(pair) for group in found for pair in itertools.combinations(group, 2)}
    near = {
        frozenset((one, other))
        for one, other in itertools.combinations(range(count), 2)
        if (hashes[one] ^ hashes[other]).bit_count() <= distance
    }
    assert near <= together
    # Whoever is in a group is near to another one in it.
    assert {one for pair in together for one in pair} == {one for pair in near for one in pair}


def test_the_difference_hash_sees_a_step_from_bright_to_dark() -> None:
    ramp = np.tile(np.arange(0, 250, 10, dtype=np.uint8), (9, 1))
    assert difference_hash(ramp[:, :, None]) == 0
    assert difference_hash(np.ascontiguousarray(ramp[:, ::-1, None])) == 2**64 - 1


def test_a_distance_that_says_nothing_is_refused() -> None:
    with pytest.raises(BlobError, match="not in 16"):
        duplicates.duplicates(blob(), 16)
