from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import ControlType, Segment
from textual.color import Color

from trainvis.tui.safety import ControlsShown

BLACK = Color(0, 0, 0)


@given(st.lists(st.text()))
def test_no_control_character_of_any_text_gets_through(texts: list[str]) -> None:
    drawn = "".join(segment.text for segment in ControlsShown().apply([Segment(text) for text in texts], BLACK))
    controls = {*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
    assert not controls & {ord(character) for character in drawn}


def test_a_control_becomes_one_visible_cell() -> None:
    (segment,) = ControlsShown().apply([Segment("a\x1b[2J")], BLACK)
    assert segment.text == "a\u241b[2J"
    assert cell_len(segment.text) == 5


def test_what_textual_itself_controls_stays() -> None:
    control = Segment("\x1b[?25l", None, [(ControlType.HIDE_CURSOR,)])
    assert ControlsShown().apply([control, Segment("\x1b")], BLACK)[0] is control


def test_a_clean_line_is_the_same_object() -> None:
    segments = [Segment("épée ▁▂▃ 数"), Segment(" ")]
    assert ControlsShown().apply(segments, BLACK) is segments
