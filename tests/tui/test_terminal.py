from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.pixels.modes import choose
from trainvis.tui.showing import Showing
from trainvis.tui.terminal import Terminal, named, of_tmux, understood

DA1 = b"\x1b[?62;22c"


@pytest.mark.parametrize(
    ("environment", "colors"),
    [
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "xterm-kitty"}, "truecolor"),
        ({"TERM": "xterm-direct"}, "truecolor"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "screen-256color", "COLORTERM": "truecolor", "STY": "1.pts"}, "256"),
        ({"TERM": "screen", "STY": "1.pts"}, "16"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "none"),
    ],
)
def test_the_environment_alone_promises_colours(environment: dict[str, str], colors: str) -> None:
    assert named(environment).colors == colors


@pytest.mark.parametrize("name", ["dumb", ""])
def test_a_terminal_that_can_nothing_is_a_problem_in_a_sentence(name: str) -> None:
    assert named({"TERM": name}).problem == "`trainvis-tui` needs a terminal; use `trainvis ls`"


def test_what_was_asked_for_overrules_everything() -> None:
    assert named({"TERM": "xterm", "COLORTERM": "truecolor"}, "16").colors == "16"
    assert of_tmux(named({"TERM": "tmux-256color", "TMUX": "x"}, "16"), "256,RGB|xterm|8x16|3.3a", 0.0).colors == "16"


@pytest.mark.parametrize(
    ("reply", "colors"),
    [
        (b"\x1bP1$r0;38:2::1:2:3m\x1b\\" + DA1, "truecolor"),  # xterm
        (b"\x1bP1$r38;2;1;2;3m\x1b\\" + DA1, "truecolor"),  # kitty
        (b"\x1bP1$r0;38:5:16m\x1b\\" + DA1, "256"),  # xterm without: the nearest of the palette
        (b"\x1bP0$r\x1b\\" + DA1, "256"),
        (b"\x1bP>|alacritty(0.15)\x1b\\" + DA1, "truecolor"),
        (DA1, "256"),
    ],
)
def test_the_answer_tells_the_colours(reply: bytes, colors: str) -> None:
    environment = {"TERM": "xterm-256color"}
    assert understood(named(environment), reply, environment, 0.1).colors == colors


def test_the_answer_tells_the_rest() -> None:
    reply = b"\x1b_Gi=1;OK\x1b\\\x1b[6;20;10t\x1bP>|XTerm(379)\x1b\\\x1b[?2026;2$y\x1b[?64;4;22c"
    found = understood(Terminal("xterm", colors="16"), reply, {}, 0.2)
    assert (found.kitty, found.sixel, found.cell, found.version) == (True, True, (10, 20), "XTerm(379)")
    assert (found.synchronized, found.round_trip, found.silent) == (True, 0.2, False)


def test_a_first_number_of_4_is_a_terminal_of_that_kind_and_no_sixel() -> None:
    assert not understood(Terminal("vt132"), b"\x1b[?4;6c", {}, 0.0).sixel


def test_silence_leaves_what_the_name_promises() -> None:
    found = understood(Terminal("xterm", colors="16"), b"", {}, 1.5)
    assert found.silent
    assert found.colors == "16"
    assert found.round_trip is None


def test_tmux_answers_for_the_terminal_outside() -> None:
    start = named({"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0"})
    rich = of_tmux(start, "256,RGB,sixel,sync|xterm-kitty|9x18|3.3a", 0.005)
    assert (rich.colors, rich.sixel, rich.cell, rich.synchronized) == ("truecolor", True, (9, 18), True)
    assert of_tmux(start, "256|xterm|0x0|3.3a", 0.005).colors == "256"
    assert of_tmux(start, "", 0.005).silent


def test_in_tmux_a_client_that_is_known_has_all_colours_though_its_features_do_not_tell() -> None:
    start = named({"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0"})
    said = (
        "bpaste,ccolour,clipboard,cstyle,focus,title|xterm-kitty|7x15|3.5a|kitty(0.41.1)|on"  # as tmux 3.5a in it says
    )
    assert of_tmux(start, said, 0.005).colors == "truecolor"
    assert of_tmux(start, "title|xterm-256color|8x16|3.5a|XTerm(379)|on", 0.005).colors == "256"


@given(st.binary(max_size=200))
def test_any_reply_is_understood_somehow(reply: bytes) -> None:
    found = understood(Terminal("xterm", colors="16"), reply + DA1, {}, 0.0)
    assert found.colors in ("16", "truecolor")


@given(st.text(max_size=80))
def test_any_word_of_tmux_is_understood_somehow(answer: str) -> None:
    assert of_tmux(Terminal("tmux", inside="tmux"), answer, 0.0).colors in ("256", "truecolor")


def test_debians_kitty_is_known_by_its_answer_and_shows_no_placeholders() -> None:
    reply = b"\x1b[6;18;9t\x1bP>|kitty(0.26.5)\x1b\\\x1b_Gi=1;OK\x1b\\" + DA1
    found = understood(named({"TERM": "xterm-kitty"}), reply, {}, 0.02)
    assert (found.version, found.kitty, found.cell) == ("kitty(0.26.5)", True, (9, 18))
    assert choose(found).name == "quadrant"


def test_the_colours_of_a_sixel_picture_are_asked_for() -> None:
    found = understood(Terminal(), b"\x1b[?1;0;16S\x1b[?62;4;22c", {}, 0.02)
    assert (found.sixel, found.registers) == (True, 16)
    assert Showing(found).most_colours == 16
    assert Showing(Terminal(registers=1024)).most_colours == 64


def test_tmux_tells_what_is_around_it_and_whether_it_hands_on() -> None:
    inside = named({"TERM": "tmux-256color", "TMUX": "x"})
    found = of_tmux(inside, "256,RGB|xterm-kitty|9x18|3.3a|kitty(0.31.0)|1", 0.01)
    assert (found.client, found.passthrough, found.cell) == ("kitty(0.31.0)", True, (9, 18))
    assert not of_tmux(inside, "256,RGB|xterm-kitty|9x18|3.3a", 0.01).passthrough
