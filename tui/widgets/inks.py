"""From what a cell shows to how it looks: the styles of a chart in the theme of the moment."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color, ColorParseError
from textual.theme import Theme

from ..drawing import palette
from ..drawing.canvas import Ink


def styles(theme: Theme, variables: Mapping[str, str], background: Color) -> dict[int, Style]:
    """A style for every ink: in the theme's own colours, faint ones mixed with the background."""
    if theme.name.startswith("ansi"):
        return _ansi(theme.dark)
    dark = background.brightness < 0.5
    plain = Color.parse("#ffffff" if dark else "#000000")
    text = _parsed(variables.get("foreground"), plain)
    accent = _parsed(variables.get("accent"), text)
    error = _parsed(variables.get("error"), accent)

    def style(colour: Color, share: float = 1.0, *, bold: bool = False) -> Style:
        mixed = background.blend(colour, share, 1.0)
        return Style(color=mixed.rich_color, bgcolor=background.rich_color, bold=bold)

    table = {
        int(Ink.BLANK): style(text),
        int(Ink.TEXT): style(text, 0.85),
        int(Ink.DIM): style(text, 0.6),
        int(Ink.TITLE): style(text, bold=True),
        int(Ink.GRID): style(text, 0.22),
        int(Ink.CURSOR): style(accent, 0.6),
        int(Ink.MARK): style(error, bold=True),
        int(Ink.SELECTED): style(accent, bold=True),
    }
    for index, name in enumerate(palette.DARK if dark else palette.LIGHT):
        table[Ink.bright(index)] = style(Color.parse(name))
        table[Ink.faint(index)] = style(Color.parse(name), 0.38 if dark else 0.32)
    return table


def _parsed(text: str | None, default: Color) -> Color:
    try:
        colour = Color.parse(text or "")
    except ColorParseError:
        return default
    return default if colour.ansi is not None else colour


def _ansi(dark: bool) -> dict[int, Style]:
    """Only the terminal's own sixteen colours, for themes that promise to use no others."""
    table = {
        int(Ink.BLANK): Style(),
        int(Ink.TEXT): Style(),
        int(Ink.DIM): Style(color="bright_black"),
        int(Ink.TITLE): Style(bold=True),
        int(Ink.GRID): Style(color="bright_black", dim=True),
        int(Ink.CURSOR): Style(color="bright_black"),
        int(Ink.MARK): Style(color="red", bold=True),
        int(Ink.SELECTED): Style(color="cyan", bold=True),
    }
    for index, name in enumerate(palette.ANSI):
        shade = name if dark else name.removeprefix("bright_")
        table[Ink.bright(index)] = Style(color=shade)
        table[Ink.faint(index)] = Style(color=shade.removeprefix("bright_"), dim=True)
    return table
