"""What is sent to terminals that show pixels, read back by decoders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from terminals import PixelTerminal, png_pixels, sixel_pixels

from trainvis.tui.pixels import iterm, kitty, sixel
from trainvis.tui.pixels.few import indexed, sparing
from trainvis.tui.pixels.png import few_png, png
from trainvis.tui.pixels.tone import Rgb, coloured

SIZES = st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))
PIXELS = arrays(np.uint8, SIZES, elements=st.integers(0, 255), fill=st.integers(0, 255))


def shown(sent: str, columns: int, rows: int) -> Rgb:
    terminal = PixelTerminal(columns, rows + 1)
    terminal.feed(f"\x1b[1;1H{sent}".encode())
    return terminal.picture(0, 0, columns, rows)


def mosaic(columns: int = 10, rows: int = 5, colours: int = 200) -> Rgb:
    """Cells of 8×16 pixels of one colour each."""
    generator = np.random.default_rng(3)
    table = generator.integers(0, 256, (colours, 3)).astype(np.uint8)
    return np.repeat(np.repeat(table[generator.integers(0, colours, (rows, columns))], 16, axis=0), 8, axis=1)


def noise(size: int = 96) -> Rgb:
    return np.random.default_rng(4).integers(0, 256, (size, size, 3)).astype(np.uint8)


def placed(number: int, columns: int, rows: int) -> str:
    """The cells of a whole picture."""
    return "".join(
        f"\x1b[{row + 1};1H\x1b[38;5;{number}m{''.join(kitty.placeholders(row, columns))}" for row in range(rows)
    )


@given(PIXELS)
def test_a_png_has_the_pixels(pixels: Rgb) -> None:
    assert (png_pixels(png(pixels)) == pixels).all()


@given(PIXELS)
def test_few_colours_are_exact_and_many_are_near(pixels: Rgb) -> None:
    distinct = len(np.unique(pixels.reshape(-1, 3), axis=0))
    numbers, colours = indexed(pixels)
    assert len(colours) <= 256
    if distinct <= 256:
        assert (colours[numbers] == pixels).all()
    found = png_pixels(few_png(pixels))
    kept, table = sparing(pixels)
    assert (found == table[kept]).all()


def test_many_colours_become_the_few_that_lose_little() -> None:
    pixels = noise()
    for most, off in ((256, 16), (64, 27), (16, 45)):
        numbers, colours = indexed(pixels, most)
        assert len(colours) == most
        assert np.abs(colours[numbers].astype(int) - pixels).mean() < off


def test_a_map_of_256_colours_with_borders_keeps_all_but_a_few() -> None:
    values = np.random.default_rng(5).random((128, 128)).astype(np.float32)
    pixels = coloured(values, (0.0, 1.0))
    pixels[::16] = (24, 26, 30)
    pixels[:, ::16] = (40, 44, 52)
    numbers, colours = indexed(pixels)
    assert np.abs(colours[numbers].astype(int) - pixels).max() <= 4


@pytest.mark.parametrize("tmux", [False, True])
def test_kitty_shows_the_pixels_where_the_placeholders_are(tmux: bool) -> None:
    pixels = mosaic()
    sent = kitty.upload(pixels, 77, 10, 5, tmux=tmux) + placed(77, 10, 5)
    assert (shown(sent, 10, 5) == pixels).all()


def test_a_large_picture_comes_in_pieces_and_an_upload_replaces_the_one_before() -> None:
    terminal = PixelTerminal(12, 7)
    for size in (96, 80):
        pixels = noise(size)
        sent = kitty.upload(pixels, 20, 12, 6)
        assert sent.count("\x1b_G") > 1
        terminal.feed((sent + placed(20, 12, 6)).encode())
    numbers, colours = sparing(noise(80))
    assert (terminal.kept[20].pixels == colours[numbers]).all()
    terminal.feed(kitty.delete(20).encode())
    assert not terminal.kept


def test_a_part_of_the_placeholders_shows_that_part() -> None:
    pixels = mosaic()
    terminal = PixelTerminal(10, 6)
    part = "".join(kitty.placeholders(3, 10)[4:7])
    terminal.feed(f"{kitty.upload(pixels, 255, 10, 5)}\x1b[1;1H\x1b[38;5;255m{part}".encode())
    assert (terminal.picture(0, 0, 3, 1) == pixels[48:64, 32:56]).all()


def test_the_marks_are_those_of_the_protocol() -> None:
    assert kitty.MOST_CELLS == 297
    assert [ord(mark) for mark in kitty.MARKS[:3]] == [0x305, 0x30D, 0x30E]
    assert ord(kitty.MARKS[-1]) == 0x1D244
    assert list(kitty.MARKS) == sorted(set(kitty.MARKS))


@given(PIXELS)
def test_sixels_show_the_pixels_in_hundredths_of_a_colour(pixels: Rgb) -> None:
    sent = sixel.sixels(pixels, 256)
    numbers, colours = indexed(pixels, 256)
    found = sixel_pixels(sent.removeprefix("\x1bP").removesuffix("\x1b\\"))
    assert np.abs(found.astype(int) - colours[numbers]).max() <= 2


@pytest.mark.parametrize("most", [16, 64])
def test_sixels_have_no_more_colours_than_the_terminal(most: int) -> None:
    sent = sixel.sixels(noise(), most)
    assert sent.count(";2;") == most
    assert "\x1b" not in sent[2:-2]


def test_runs_of_any_length_are_counted() -> None:
    pixels = np.zeros((6, 1200, 3), np.uint8)
    pixels[:, [0, 2, 3, 7, 8, 9, 20, 21, 22, 23, 1199]] = 255
    found = sixel_pixels(sixel.sixels(pixels).removeprefix("\x1bP").removesuffix("\x1b\\"))
    assert (found == pixels).all()


def test_iterm_shows_the_pixels() -> None:
    pixels = mosaic()
    assert (shown(iterm.inline(pixels, 10, 5), 10, 5) == pixels).all()


def test_what_goes_through_tmux_ends_with_a_whole_band() -> None:
    pixels = noise()[:20]
    found = sixel_pixels(sixel.sixels(pixels, 256, tmux=True).removeprefix("\x1bP").removesuffix("\x1b\\"))
    assert found.shape[0] == 18


def test_the_first_colour_for_tmux_is_that_of_the_last_row() -> None:
    pixels = np.zeros((12, 4, 3), np.uint8)
    pixels[0], pixels[-1] = (255, 0, 0), (0, 255, 0)
    sent = sixel.sixels(pixels, tmux=True)
    assert "#0;2;0;100;0#" in sent
    assert (sixel_pixels(sent.removeprefix("\x1bP").removesuffix("\x1b\\")) == pixels).all()
