from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.thrift import DONE, thrifty

COLORS = st.sampled_from(["", "31", "97", "38;5;17", "38;2;1;2;3"])
GROUNDS = st.sampled_from(["", "41", "107", "48;5;16", "48;2;9;8;7"])
FLAGS = st.sampled_from(["", "1", "3", "4", "7", "9", "1;4"])
TEXTS = st.sampled_from(["a", "⣿⠁", " ", "   ", "word", "\r\n", "\x1b[2;3H", "\x1b[1;1H", ""])


@st.composite
def runs(draw: st.DrawFn) -> str:
    """One run of cells as rich writes it: its whole style, the text, a reset."""
    codes = ";".join(filter(None, (draw(FLAGS), draw(COLORS), draw(GROUNDS))))
    text = draw(TEXTS)
    return f"\x1b[{codes}m{text}\x1b[0m" if codes else text


def drawn(sequence: str) -> list[list[tuple[object, ...]]]:
    """All cells of a terminal, as they look: a blank has no foreground unless something shows it."""
    screen = pyte.Screen(20, 4)
    pyte.Stream(screen).feed(sequence)
    return [[_look(screen.buffer[row][column]) for column in range(20)] for row in range(4)]


def _look(cell: pyte.screens.Char) -> tuple[object, ...]:
    if cell.data == " " and not (cell.underscore or cell.reverse or cell.strikethrough):
        return (cell.data, cell.bg)
    return tuple(cell)


@given(st.lists(runs(), max_size=30).map("".join))
def test_the_picture_is_the_same(sequence: str) -> None:
    assert drawn(thrifty(sequence)) == drawn(sequence)


@given(st.lists(runs(), max_size=30).map("".join))
def test_it_is_never_longer_and_ends_plain(sequence: str) -> None:
    thin = thrifty(sequence)
    assert len(thin) <= len(sequence)
    # What comes after is drawn in no style.
    assert drawn(thin + "x") == drawn(sequence + "x")


def test_a_style_is_said_once() -> None:
    cell = "\x1b[38;2;1;2;3;48;2;4;5;6m⣿\x1b[0m"
    assert thrifty(cell * 3) == "\x1b[38;2;1;2;3;48;2;4;5;6m⣿⣿⣿\x1b[0m"


def test_only_what_changes_is_said() -> None:
    first, second = "\x1b[31;48;2;4;5;6ma\x1b[0m", "\x1b[32;48;2;4;5;6mb\x1b[0m"
    assert thrifty(first + second) == "\x1b[31;48;2;4;5;6ma\x1b[32mb\x1b[0m"


def test_what_is_no_picture_stays() -> None:
    for sequence in ("", "\x1b[?1049h", "\x1b[6n", "\x1b[38;2;1;2;3m\x1bP$qm\x1b\\\x1b[m"):
        assert thrifty(sequence) == sequence


def test_what_is_as_short_as_can_be_is_let_through_as_it_is() -> None:
    picture = f"{DONE}\x1b[38;5;1;48;5;2m▀\x1b[48;5;3m▀{DONE}"
    around = "\x1b[31ma\x1b[0m\x1b[31mb\x1b[0m"
    assert thrifty(around + picture + around) == thrifty(around) + picture.removeprefix(DONE) + thrifty(around)
