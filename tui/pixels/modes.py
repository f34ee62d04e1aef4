"""How pictures are shown: chosen by what the terminal said of itself, or forced. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..terminal import Terminal

# What can be asked for, with what it is.
WORDS: Mapping[str, str] = {
    "auto": "what the terminal can",
    "kitty": "pixels, in kitty and Ghostty",
    "sixel": "pixels, in xterm, foot, mlterm, Konsole and others",
    "iterm": "pixels, in iTerm2 and WezTerm",
    "quadrant": "four blocks a character in two colours",
    "half": "two blocks a character",
    "ascii": "shades of letters",
    "off": "no pictures",
}
PIXELS = ("kitty", "sixel", "iterm")
# What speaks against a way of sending pixels: that none of the terminals it is chosen for has shown it.
UNSEEN: Mapping[str, str] = {"iterm": "seen in xterm.js only, neither in iTerm2 nor in WezTerm themselves"}
KITTY_SINCE = (0, 28)  # the first with placeholders; older ones show boxes instead


@dataclass(frozen=True, slots=True)
class Mode:
    """`name` is one of WORDS without auto; `why` says how it was chosen; `forced`: a person asked for it.

    `colors` 256: blocks are drawn in no more. `tmux`: what is sent has to be handed on by tmux.
    """

    name: str
    why: str
    forced: bool = False
    colors: str = "truecolor"
    tmux: bool = False

    @property
    def pixels(self) -> bool:
        """Whether the terminal is sent pixels, not characters."""
        return self.name in PIXELS


def choose(terminal: Terminal, wanted: str = "auto", *, unicode: bool = True) -> Mode:
    """How `terminal` shows pictures; `wanted` other than auto is obeyed. `unicode`: its characters are UTF-8."""
    colors = "256" if terminal.colors == "256" else "truecolor"
    tmux = terminal.inside == "tmux"
    if wanted != "auto":
        return Mode(wanted, "asked for", forced=True, colors=colors, tmux=tmux)
    found = _pixels(terminal) if unicode else None
    if found is not None:
        return Mode(*found, colors=colors, tmux=tmux)
    if terminal.colors not in ("truecolor", "256"):
        few = "no colours" if terminal.colors == "none" else f"{terminal.colors} colours are too few for blocks"
        return Mode("ascii", few, tmux=tmux)
    if not unicode:
        return Mode("ascii", "the characters are not UTF-8", tmux=tmux)
    return Mode("quadrant", _why_not(terminal), colors=colors, tmux=tmux)


def _pixels(terminal: Terminal) -> tuple[str, str] | None:
    if terminal.inside == "screen":
        return None
    if terminal.inside == "tmux":
        outside = terminal.client
        if terminal.passthrough and places_by_characters(outside):
            return "kitty", f"{outside} around tmux, which hands pictures on"
        return None
    if terminal.kitty and places_by_characters(terminal.version):
        return "kitty", f"{terminal.version} places pictures by characters"
    if re.match(r"iterm2|wezterm", terminal.version, re.IGNORECASE):
        return "iterm", f"{terminal.version} shows inline images"
    if terminal.sixel:
        return "sixel", "the terminal says it draws sixels"
    return None


def places_by_characters(version: str) -> bool:
    """Whether a terminal that calls itself so has kitty's Unicode placeholders."""
    if version.lower().startswith("ghostty"):
        return True
    number = kitty_number(version)
    return number is not None and number >= KITTY_SINCE


def kitty_number(version: str) -> tuple[int, int] | None:
    """0.26 of what kitty answers, `kitty(0.26.5)`; None for other terminals."""
    found = re.match(r"kitty\((\d+)\.(\d+)", version)
    return (int(found.group(1)), int(found.group(2))) if found else None


def _why_not(terminal: Terminal) -> str:
    """Why there are no pixels."""
    if terminal.inside == "screen":
        return "screen hands no pictures on"
    outside = terminal.client if terminal.inside else terminal.version
    number = kitty_number(outside)
    if number is not None and number < KITTY_SINCE:
        since = ".".join(map(str, KITTY_SINCE))
        return f"{outside} cannot place pictures by characters, which kitty does since {since}"
    if terminal.inside == "tmux":
        if places_by_characters(outside):
            return f"tmux hands nothing on to {outside}: `tmux set -g allow-passthrough on` (tmux 3.3 and later)"
        if terminal.sixel:
            return "in tmux, which takes sixels: --images sixel shows them (seen in xterm, with tmux 3.5a)"
        return "in tmux, and the terminal around it is known for no pictures that tmux hands on"
    if terminal.silent:
        return "the terminal did not answer"
    return "the terminal told of no pixels"
