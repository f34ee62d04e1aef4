from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.drawing.columns import GAP, Wish, fit_columns

WISHES = (Wish("name", 10, 20), Wish("a", 5, 0, 1), Wish("b", 5, 0, 3), Wish("c", 5, 0, 2))


def keys(width: int, shift: int = 0) -> list[str]:
    return [slot.key for slot in fit_columns(WISHES, width, shift, 2)]


def test_the_lowest_priority_gives_way_first_and_the_first_column_stays() -> None:
    assert keys(40) == ["name", "a", "b", "c"]
    assert keys(30) == ["name", "b", "c"]
    assert keys(20) == ["name", "b"]
    assert keys(12) == keys(5) == ["name"]
    assert keys(2) == []


def test_scrolled_columns_come_in_their_order() -> None:
    assert keys(30, shift=1) == ["name", "b", "c"]
    assert keys(20, shift=1) == ["name", "b"]
    assert keys(40, shift=3) == ["name"]


def test_spare_cells_go_to_the_column_that_can_use_them() -> None:
    assert fit_columns(WISHES, 100, 0, 2)[0].width == 20
    assert fit_columns(WISHES, 8, 0, 2)[0].width == 6


@given(
    st.lists(
        st.builds(Wish, st.uuids().map(str), st.integers(1, 30), st.integers(0, 60), st.integers(0, 9)), max_size=8
    ),
    st.integers(0, 120),
    st.integers(0, 9),
)
def test_columns_never_leave_the_table_nor_touch(wishes: list[Wish], width: int, shift: int) -> None:
    slots = fit_columns(wishes, width, shift, 2)
    for before, after in pairwise(slots):
        assert before.x + before.width + GAP == after.x
    if slots:
        assert slots[0].x == 2
        assert slots[-1].x + slots[-1].width <= width
