"""How pictures are shown is chosen by what the terminal says of itself, and said in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trainvis.tui.pixels.modes import WORDS, choose
from trainvis.tui.terminal import Terminal, named, of_tmux, understood

DA1 = b"\x1b[?62;22c"
SIXEL = b"\x1b[?62;4;22c"
KITTY = b"\x1b_Gi=1;OK\x1b\\"
TRUE = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


def says(version: str, rest: bytes = DA1, environment: dict[str, str] = TRUE) -> Terminal:
    reply = (f"\x1bP>|{version}\x1b\\".encode() if version else b"") + rest
    return understood(named(environment), reply, environment, 0.01)


@pytest.mark.parametrize(
    ("terminal", "name"),
    [
        (says("kitty(0.31.0)", KITTY + DA1), "kitty"),
        (says("kitty(0.28.0)", KITTY + DA1), "kitty"),
        (says("kitty(1.0.0)", KITTY + DA1), "kitty"),
        (says("kitty(0.26.5)", KITTY + DA1), "quadrant"),  # Debian 12's: boxes would be shown
        (says("kitty(0.27.1)", KITTY + DA1), "quadrant"),
        (says("kitty(0.31.0)"), "quadrant"),  # its graphics are switched off
        (says("ghostty 1.1.3", KITTY + DA1), "kitty"),
        (says("WezTerm 20240203", KITTY + SIXEL), "iterm"),
        (says("iTerm2 3.5.0", SIXEL), "iterm"),
        (says("XTerm(379)", SIXEL), "sixel"),
        (says("", SIXEL), "sixel"),
        (says("XTerm(379)"), "quadrant"),
        (says("Konsole 22.12", KITTY + DA1), "quadrant"),  # answers for kitty, has no placeholders
        (named({"TERM": "screen-256color", "STY": "1"}), "quadrant"),
        (named({"TERM": "linux"}), "ascii"),
        (named({"TERM": "xterm", "NO_COLOR": "1"}), "ascii"),
        (Terminal(silent=True), "quadrant"),
    ],
)
def test_what_the_terminal_can_is_chosen(terminal: Terminal, name: str) -> None:
    mode = choose(terminal)
    assert mode.name == name
    assert mode.why
    assert not mode.forced


TMUX = named({"TERM": "tmux-256color", "TMUX": "x"})


@pytest.mark.parametrize(
    ("answer", "name", "why"),
    [
        ("256,RGB|xterm-kitty|8x16|3.3a|kitty(0.31.0)|1", "kitty", "hands pictures on"),
        ("256,RGB|xterm-kitty|8x16|3.4|kitty(0.31.0)|on", "kitty", "hands pictures on"),
        ("256,RGB|xterm-kitty|8x16|3.3a|kitty(0.31.0)|0", "quadrant", "allow-passthrough on"),
        ("256,RGB|xterm-kitty|8x16|3.3a|kitty(0.26.5)|1", "quadrant", "since 0.28"),
        ("256,RGB,sixel|xterm|8x16|3.4|XTerm(379)|1", "quadrant", "--images sixel shows them"),
        ("256|xterm|8x16|3.3a", "quadrant", "in tmux"),
        ("", "quadrant", "in tmux"),
    ],
)
def test_in_tmux_the_terminal_around_it_counts(answer: str, name: str, why: str) -> None:
    mode = choose(of_tmux(TMUX, answer, 0.01))
    assert (mode.name, mode.tmux) == (name, True)
    assert why in mode.why


def test_debians_kitty_is_told_why_it_gets_blocks() -> None:
    why = choose(says("kitty(0.26.5)", KITTY + DA1)).why
    assert why == "kitty(0.26.5) cannot place pictures by characters, which kitty does since 0.28"


@pytest.mark.parametrize("wanted", [word for word in WORDS if word != "auto"])
def test_what_is_asked_for_is_obeyed(wanted: str) -> None:
    for terminal in (Terminal(), replace(Terminal(), colors="none"), TMUX):
        mode = choose(terminal, wanted)
        assert (mode.name, mode.forced, mode.why) == (wanted, True, "asked for")


def test_without_unicode_there_are_letters() -> None:
    assert choose(Terminal(), unicode=False).name == "ascii"


def test_blocks_have_no_more_colours_than_the_terminal() -> None:
    assert choose(Terminal(colors="256")).colors == "256"
    assert choose(Terminal()).colors == "truecolor"
