from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.drawing.braille import ASCII, BRAILLE, QUADRANT, Glyphs, pack, spans, unpack

ALL = pytest.mark.parametrize("glyphs", [BRAILLE, QUADRANT, ASCII])


def test_every_braille_pattern_is_the_unicode_character_of_its_dots() -> None:
    # Unicode numbers the dots 1-8; dot n is bit n-1. Down the left column: 1 2 3 7, down the right one: 4 5 6 8.
    places = {1: (0, 0), 2: (1, 0), 3: (2, 0), 7: (3, 0), 4: (0, 1), 5: (1, 1), 6: (2, 1), 8: (3, 1)}
    for number, (row, column) in places.items():
        dots = np.zeros((4, 2), np.bool_)
        dots[row, column] = True
        assert BRAILLE.table[pack(dots)[0, 0]] == chr(0x2800 + (1 << (number - 1)))


@ALL
def test_a_table_has_one_character_for_each_pattern(glyphs: Glyphs) -> None:
    assert len(glyphs.table) == len(set(glyphs.table)) == 2 ** (glyphs.rows * glyphs.columns)


@ALL
@given(data=st.data())
def test_patterns_decode_to_the_dots_they_were_packed_from(glyphs: Glyphs, data: st.DataObject) -> None:
    high, wide = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 9))
    bits = data.draw(st.integers(0, 2 ** (high * wide * glyphs.rows * glyphs.columns) - 1))
    size = (high * glyphs.rows, wide * glyphs.columns)
    dots = np.array([bits >> at & 1 for at in range(size[0] * size[1])], np.bool_).reshape(size)
    assert (unpack(pack(dots, glyphs), glyphs) == dots).all()


def test_spans_fill_from_top_to_bottom_and_nothing_where_they_are_reversed() -> None:
    dots = spans(np.array([0, 2, 3], np.int32), np.array([3, 2, 1], np.int32), 4)
    assert dots.tolist() == [[True, False, False], [True, False, False], [True, True, False], [True, False, False]]
