"""The application's own themes beside those of Textual, and the order in which F9 goes through them."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="trainvis-dark",
    primary="#6fa8dc",
    secondary="#8fa6b8",
    accent="#7fc8f8",
    foreground="#d8dee6",
    background="#12161b",
    surface="#181d24",
    panel="#1f2630",
    success="#8fce8f",
    warning="#e8b75a",
    error="#ef7f7f",
    dark=True,
)
LIGHT = Theme(
    name="trainvis-light",
    primary="#1d5f9e",
    secondary="#51677a",
    accent="#0b63b0",
    foreground="#1d242b",
    background="#fbfbf9",
    surface="#f3f3f0",
    panel="#e7e9ea",
    success="#237a35",
    warning="#8f5f00",
    error="#b3261e",
    dark=False,
)
OWN = (DARK, LIGHT)
# Few enough to come round quickly; the palette offers all there are.
ROUND = (DARK.name, LIGHT.name, "nord", "gruvbox", "tokyo-night", "solarized-light", "textual-dark", "ansi-dark")


def following(name: str) -> str:
    """The theme after `name`; the first where `name` is none of the round."""
    return ROUND[(ROUND.index(name) + 1) % len(ROUND)] if name in ROUND else ROUND[0]
