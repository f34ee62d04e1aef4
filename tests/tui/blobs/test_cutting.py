"""Slices of arrays: which axes are seen, which is stepped."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trainvis.datasets.looking.node import Node
from trainvis.tui.blobs.cutting import View, table_of


def view(*shape: int, dtype: str = "float32") -> View:
    return View.first(Node("x", "array", "/x", shape, dtype))


def test_images_are_seen_as_pictures_and_short_rows_as_tables() -> None:
    assert view(60000, 28, 28, dtype="uint8").words == "[▸0, rows, columns] of 60000×28×28"
    assert view(60000, 28, 28).way == "picture"
    assert view(10, 32, 32, 3).words == "[▸0, rows, columns, colours] of 10×32×32×3"
    assert view(100).way == "table"
    assert view(100, 2).way == "table"
    assert view(8, 8, dtype="text").way == "table"
    assert view().words == ""


def test_any_axis_can_be_rows_columns_or_colours() -> None:
    seen = view(5, 4, 16, 3)
    assert seen.turned("channels").words == "[▸0, rows, columns, 0] of 5×4×16×3"
    assert seen.turned("channels").turned("channels").words == seen.words
    assert seen.turned("rows").words == "[▸0, columns, rows, colours] of 5×4×16×3"
    assert seen.turned("columns").words == "[▸0, rows, 0, columns] of 5×4×16×3"  # sixteen colours there are not


def test_steps_go_on_into_the_next_axis_as_a_counter_does() -> None:
    seen = view(2, 3, 8, 8).next_axis(1)
    assert seen.words == "[0, ▸0, rows, columns] of 2×3×8×8"
    words = []
    for _ in range(6):
        seen = seen.stepped(1)
        words.append(seen.words[:6])
    assert words == ["[0, ▸1", "[0, ▸2", "[1, ▸0", "[1, ▸1", "[1, ▸2", "[1, ▸2"]
    assert seen.stepped(-1).stepped(-1).stepped(-1).words.startswith("[0, ▸2")
    assert seen.edge(0).words.startswith("[1, ▸0")
    assert seen.stepped(-10).words.startswith("[1, ▸0")


@given(
    st.lists(st.integers(0, 6), max_size=5), st.lists(st.sampled_from(["rows", "columns", "channels", "a", "+", "-"]))
)
def test_whatever_is_turned_and_stepped_stays_inside(shape: list[int], keys: list[str]) -> None:
    seen = view(*shape)
    for key in keys:
        if key in "+-":
            seen = seen.stepped(1 if key == "+" else -1)
        else:
            seen = seen.next_axis(1) if key == "a" else seen.turned(key)
    assert len(set(seen.cut.axes)) == len(seen.cut.axes) <= 3
    assert all(at == 0 or at < length for at, length in zip(seen.cut.at, shape, strict=True))
    assert seen.step is None or seen.step not in seen.cut.axes
    assert [chosen.stop >= chosen.start for chosen in seen.cut.selection] == [True] * len(shape)


def test_a_table_has_the_numbers_of_its_rows_and_columns() -> None:
    titles, cells = table_of(np.array([[0.5, np.nan], [1e9, -2]]), (100, 7))
    assert titles == ["", "7", "8"]
    assert cells == [["100", "0.5", "nan"], ["101", "1e+09", "-2"]]
    assert table_of(np.array([b"a\x1b", b"b"]), (0, 0))[1] == [["0", "a␛"], ["1", "b"]]
    parts = np.zeros(2, [("x", "i4"), ("name", "S3")])
    assert table_of(parts, (5, 0)) == (["", "x", "name"], [["5", "0", ""], ["6", "0", ""]])
    assert table_of(np.array(3), (0, 0))[1] == [["0", "3"]]
