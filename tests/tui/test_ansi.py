from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.drawing.ansi import LENGTH, last_frame, parse

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
PIECES = st.sampled_from(
    [
        *(
            b"\x1b[",
            b"\x1b]",
            b"\x1bP",
            b"\x9b",
            b"\xc2\x9b",
            b"\xc2\x9d",
            b"31",
            b"38;5;",
            b"38:2::1:2:3",
            b"m",
            b"2J",
        ),
        *(
            b"2J",
            b"\x07",
            b"\x1b\\",
            b"\r",
            b"\b",
            b"\t",
            b"\x00",
            b"\xff",
            "é漢\u202e".encode(),
            b"loss 0.1",
            b"9" * 5000,
        ),
    ]
)


@given(st.one_of(st.binary(), st.lists(PIECES).map(b"".join)))
def test_no_control_character_survives_whatever_the_bytes(data: bytes) -> None:
    line = parse(data)
    assert CONTROL.search(line.text) is None
    assert len(line.text) <= LENGTH


@given(st.lists(PIECES).map(b"".join))
def test_spans_lie_within_the_text_in_order(data: bytes) -> None:
    line = parse(data)
    end = 0
    for start, stop, _ in line.spans:
        assert end <= start < stop <= len(line.text)
        end = stop


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_is_shown_as_it_is(text: str) -> None:
    assert parse(text.encode()).text == text


def test_a_progress_bar_leaves_its_last_frame() -> None:
    assert parse(b"\r 1/3 loss 0.9\x08\x08\r 2/3 loss 0.5\x08\x08\r 3/3 loss 0.2").text == " 3/3 loss 0.2"


def test_carriage_returns_at_the_end_overwrite_nothing() -> None:
    assert parse(b"10 %\r20 %\r").text == "20 %"
    assert last_frame(b"windows line\r") == b"windows line"
    assert parse(b"bar\r\x1b[0m\r").text == "bar"


def test_a_cleared_line_is_empty() -> None:
    assert parse(b"100 %|#####|\r\x1b[2K").text == ""


def test_backspaces_write_over_what_stood_there() -> None:
    assert parse(b"12%\b\b\b13%").text == "13%"
    assert parse(b"abc\b\bX").text == "aXc"
    assert parse(b"\b\b\bx").text == "x"


def test_colours_become_styles_and_end_with_their_reset() -> None:
    line = parse(b"\x1b[1;31mError\x1b[0m: no \x1b[38;5;208mdata\x1b[39m here")
    assert line.text == "Error: no data here"
    (first, second) = line.spans
    assert first[:2] == (0, 5)
    assert first[2].bold
    assert first[2].color is not None
    assert first[2].color.number == 1
    assert second[:2] == (10, 14)
    assert second[2].color is not None
    assert second[2].color.number == 208


def test_true_colours_are_understood_with_semicolons_and_colons() -> None:
    for code in (b"38;2;10;20;30", b"38:2::10:20:30", b"38:2:10:20:30"):
        color = parse(b"\x1b[" + code + b"mx").spans[0][2].color
        assert color is not None
        assert color.triplet == (10, 20, 30)


def test_concealed_and_blinking_text_is_shown_plainly() -> None:
    assert parse(b"\x1b[8mhidden\x1b[5m!").spans == ()


def test_window_titles_clipboard_writes_and_device_strings_are_dropped() -> None:
    assert (
        parse(b"a\x1b]0;title\x07b\x1b]52;c;aGk=\x1b\\c\x1bP1$r0m\x1b\\d\x1b[2Je\x1b[6nf\x1b(Bg\x1bch").text
        == "abcdefgh"
    )


def test_a_string_without_an_end_does_not_hide_what_follows() -> None:
    assert parse(b"before \x1b]0;never ended, ValueError: bad").text == "before 0;never ended, ValueError: bad"


def test_tabs_reach_the_next_stop_of_eight() -> None:
    assert parse(b"a\tb\x1b[1m\tc").text == "a       b       c"


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    assert parse(b"caf\xe9 ok").text == "caf\ufffd ok"


def test_a_long_line_is_cut_and_says_so() -> None:
    assert parse(b"x" * 50_000).text == "x" * (LENGTH - 1) + "…"
    assert parse(b"\x1b[31m" + b"x" * 50_000).text == "x" * (LENGTH - 1) + "…"
