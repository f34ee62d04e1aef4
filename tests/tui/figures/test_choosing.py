"""Which figure and which item: nearest steps, same epochs, the same thing elsewhere, what settings differ."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.figures import choosing
from trainvis.vis.figures import Item
from trainvis.vis.results import Entry

steps = st.lists(st.integers(0, 60), max_size=8, unique=True).map(sorted)


def entries(every: Sequence[int], per_epoch: float = 10) -> list[Entry]:
    return [Entry("a", step, "saliency_maps", epoch=step / per_epoch) for step in every]


@given(every=steps, step=st.integers(-1, 61))
def test_a_step_shows_the_last_figure_that_is_not_later(every: list[int], step: int) -> None:
    found = choosing.at_step(entries(every), step)
    assert (found.step if found else None) == max((each for each in every if each <= step), default=None)


def test_without_a_step_the_latest_is_shown() -> None:
    assert choosing.at_step(entries([3, 7]), None) == entries([7])[0]
    assert choosing.at_step([], None) is None


def test_runs_are_laid_side_by_side_at_the_same_epoch_however_many_steps_it_has() -> None:
    assert [choosing.at_epoch(entries([0, 10, 20], each), 1.0).step for each in (10, 20)] == [10, 20]  # type: ignore[union-attr]
    assert choosing.at_epoch(entries([10, 20]), 0.9999999).step == 10  # type: ignore[union-attr]
    assert choosing.at_epoch(entries([10, 20]), 0.5) is None
    assert choosing.at_epoch([Entry("a", 5), *entries([10])], 3.0).step == 10  # type: ignore[union-attr]


@given(every=steps.filter(bool), now=st.integers(0, 60), by=st.integers(-4, 4).filter(bool))
def test_steps_are_walked_one_by_one_and_the_ends_hold(every: list[int], now: int, by: int) -> None:
    there = choosing.moved(every, now, by)
    assert there in every
    passed = [each for each in every if (now < each <= there if by > 0 else there <= each < now)]
    if passed:
        assert len(passed) == min(abs(by), len([each for each in every if (each > now if by > 0 else each < now)]))
    else:
        assert there == (every[-1] if by > 0 else every[0])


@given(every=steps, count=st.integers(1, 6))
def test_steps_that_are_spread_evenly_hold_both_ends(every: list[int], count: int) -> None:
    found = choosing.evenly(every, count)
    assert len(found) == min(count, len(every)) == len(set(found))
    assert set(found) <= set(every)
    if count > 1 and every:
        assert {every[0], every[-1]} <= set(found)


@given(every=steps, data=st.data())
def test_a_step_that_is_added_lies_farthest_from_those_that_are_shown(every: list[int], data: st.DataObject) -> None:
    shown = data.draw(st.lists(st.sampled_from(every or [0]), unique=True, min_size=1))
    found = choosing.between(every, shown)
    free = [each for each in every if each not in shown]
    if not free:
        assert found is None
    else:
        assert found in free
        far = [min(abs(each - other) for other in shown) for each in (found, *free)]
        assert far[0] == max(far)


def test_the_same_item_is_found_where_items_lie_in_another_order() -> None:
    like = Item(image=1, layer="conv", unit=(3,), score=0.5)
    items = [
        Item(image=0, layer="conv", unit=(3,)),
        Item(image=1, layer="conv", unit=(2,)),
        Item(image=1, layer="conv", unit=(3,)),
    ]
    assert choosing.same(items, like) == 2
    assert choosing.same(items[:2], like) is None
    assert choosing.same(items[:2], like, varies=("image",)) == 0


def test_the_place_of_a_maximum_and_its_record_may_change_from_step_to_step() -> None:
    like = Item(layer="conv", unit=(4, 5, 7), rank=0, record="12", box=(0, 0, 5, 5))
    moved = [Item(layer="conv", unit=(1, 1, 8), rank=0), Item(layer="conv", unit=(2, 9, 7), rank=0, record="40")]
    assert choosing.same(moved, like) == 1
    # Of two that are as good, the one that agrees in what need not.
    assert choosing.same([*moved, Item(layer="conv", unit=(4, 5, 7), rank=0)], like) == 2


def test_another_class_may_be_explained_and_another_aspect_may_not() -> None:
    like = Item(image=0, target=6, aspect="positive")
    assert choosing.same([Item(image=0, target=3, aspect="positive")], like) == 0
    assert choosing.same([Item(image=0, target=6, aspect="negative")], like) is None


def test_only_options_that_differ_are_told() -> None:
    recipes = [
        {"network": {"digest": name}, "options": {"regularisers": name, "iterations": 30, "units": [name], "l2": l2}}
        for name, l2 in (("sparse", None), ("dense", 0.25))
    ]
    assert choosing.differences(recipes) == (
        {"regularisers": "sparse", "l2": "none"},
        {"regularisers": "dense", "l2": "0.2500"},
    )
    assert choosing.differences([recipes[0], {"options": {}}])[1] == {"regularisers": "–", "iterations": "–", "l2": "–"}
    assert choosing.differences(recipes[:1]) == ({},)


@given(options=st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 2)), min_size=1, max_size=4))
def test_what_is_told_of_settings_parts_those_that_differ(options: list[dict[str, int]]) -> None:
    told = choosing.differences([{"options": each} for each in options])
    for one, said in zip(options, told, strict=True):
        for other, also in zip(options, told, strict=True):
            assert (one == other) == (said == also)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"), (True, "yes"), (0.04, "0.0400"), (30, "30"), (["a", 1], "a, 1"), ("x\x1b[2J", "x␛[2J"),
        (list(range(9)), "0, 1, 2, 3 …"),
    ],
)  # fmt: skip
def test_options_in_words(value: object, text: str) -> None:
    assert choosing.worded(value) == text
