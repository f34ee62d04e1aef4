"""Pixels as characters: exact where two colours a cell are enough, else as near as two colours can be."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainvis.tui.pixels.ascii import SHADES, shades
from trainvis.tui.pixels.blocks import Cells, colours_256, half, half_256, margins, nearest_256, padded
from trainvis.tui.pixels.quadrant import GLYPHS, quadrants, quadrants_256
from trainvis.tui.pixels.tone import Rgb

SIDES = st.integers(0, 40)
PIXELS = arrays(np.uint8, (4, 6, 3), elements=st.integers(0, 255))


def seen(cells: Cells) -> Rgb:
    """2R×2C×3: what the cells look like."""
    rows, columns = cells.chars.shape
    made = np.zeros((2 * rows, 2 * columns, 3), np.uint8)
    assert cells.foreground is not None
    assert cells.background is not None
    table = colours_256()
    colours = [each if each.ndim == 3 else table[each] for each in (cells.foreground, cells.background)]
    for row, column in itertools.product(range(rows), range(columns)):
        mask = GLYPHS.index(cells.chars[row, column])
        for bit in range(4):
            colour = colours[0] if mask >> bit & 1 else colours[1]
            made[2 * row + bit // 2, 2 * column + bit % 2] = colour[row, column]
    return made


def loss(pixels: Rgb, other: Rgb) -> float:
    return float(((pixels.astype(float) - other) ** 2).sum())


@given(PIXELS)
def test_half_blocks_show_the_pixels(pixels: Rgb) -> None:
    assert (seen(half(pixels))[:, ::2] == pixels).all()


@given(PIXELS)
def test_half_blocks_in_256_colours_show_the_nearest(pixels: Rgb) -> None:
    assert (seen(half_256(pixels))[:, ::2] == colours_256()[nearest_256(pixels)]).all()


@given(PIXELS)
def test_no_pair_of_colours_in_a_cell_is_nearer_than_the_chosen_one(pixels: Rgb) -> None:
    found = seen(quadrants(pixels))
    for row, column in itertools.product(range(2), range(3)):
        part = (slice(2 * row, 2 * row + 2), slice(2 * column, 2 * column + 2))
        four = pixels[part].reshape(4, 3).astype(float)
        best = min(
            sum(((four[members] - four[members].mean(axis=0)) ** 2).sum() for members in (mask, ~mask) if members.any())
            for mask in (np.array(each, bool) for each in itertools.product((0, 1), repeat=4))
        )
        assert loss(pixels[part], found[part]) <= best + 4 * 3 * 0.5**2 + 12 + 1e-3  # the means are rounded


@given(st.lists(st.booleans(), min_size=4, max_size=4), st.tuples(*[st.integers(0, 255)] * 6))
def test_a_cell_of_two_colours_is_exact_in_every_shape(which: list[bool], colours: tuple[int, ...]) -> None:
    two = np.array(colours, np.uint8).reshape(2, 3)
    pixels = two[np.array(which, int)].reshape(2, 2, 3)
    assert (seen(quadrants(pixels)) == pixels).all()


def test_what_is_of_one_colour_is_a_blank() -> None:
    flat = np.full((4, 4, 3), 95, np.uint8)
    for cells in (half(flat[:, ::2]), half_256(flat[:, ::2]), quadrants(flat), quadrants_256(flat)):
        assert (cells.chars == " ").all()


def test_the_nearest_of_256_is_the_nearest_of_the_cube_and_the_greys() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (200, 3)).astype(np.uint8)
    table = colours_256()
    distance = ((table[None, 16:].astype(int) - pixels[:, None]) ** 2).sum(axis=2)
    found = ((table[nearest_256(pixels)].astype(int) - pixels) ** 2).sum(axis=1)
    # The grey is chosen by the mean of the channels: at a tie of roundings one beside it may be as good.
    assert (found <= distance.min(axis=1) + 75).all()
    assert (nearest_256(table[16:]) != 0).all()
    assert (table[nearest_256(table[16:])] == table[16:]).all()


@pytest.mark.parametrize("light", [False, True])
def test_letters_have_more_ink_the_brighter_and_on_light_ground_the_darker(light: bool) -> None:
    ramp = np.repeat(np.linspace(0, 255, 50).astype(np.uint8)[None, :, None], 3, axis=2)
    ink = [SHADES.index(char) for char in shades(ramp, light=light).chars[0]]
    assert ink == sorted(ink, reverse=light)
    assert {ink[0], ink[-1]} == {0, len(SHADES) - 1}


def test_padding_puts_the_picture_in_the_middle() -> None:
    found = padded(np.full((2, 2, 3), 9, np.uint8), 4, 6, (1, 2, 3))
    assert (found[2:4, 1:3] == 9).all()
    assert (found[0] == (1, 2, 3)).all()


@given(st.tuples(SIDES, SIDES), st.tuples(SIDES, SIDES), st.sampled_from([(1, 1), (1, 2), (2, 2)]))
def test_a_picture_begins_with_a_cell_and_stands_as_near_to_the_middle_as_that_allows(
    shown: tuple[int, int], more: tuple[int, int], cell: tuple[int, int]
) -> None:
    room = (shown[0] + more[0], shown[1] + more[1])
    for margin, left, block in zip(margins(shown, room, cell), more, cell, strict=True):
        assert margin % block == 0
        assert 0 <= left - 2 * margin <= 2 * block - 1
