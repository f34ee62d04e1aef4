"""Cells of a picture as lines: what the terminal is sent for them, and styled text where somebody asks for it."""

from __future__ import annotations

from functools import lru_cache, partial

import numpy as np
from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ..compat import Ready, coloured
from ..pixels.blocks import Cells
from ..pixels.kitty import placeholders
from ..pixels.tone import Array
from ..thrift import DONE


def lines(cells: Cells, plain: Style) -> list[Strip]:
    """A line for each row; `plain` is the style of cells without colours."""
    texts = ["".join(row) for row in cells.chars.tolist()]
    if cells.foreground is None or cells.background is None:
        return [Strip([Segment(text, plain)], len(text)) for text in texts]
    front, back = _packed(cells.foreground), _packed(cells.background)
    few = cells.foreground.ndim == 2
    return [
        Ready(sent, len(text), partial(_segments, text, front[row], back[row], few))
        for row, (text, sent) in enumerate(zip(texts, _sent(cells.chars, texts, front, back, few=few), strict=True))
    ]


def places(number: int, columns: int, rows: int) -> list[Strip]:
    """The lines of a picture that the terminal keeps as `number`: each cell says which part of it belongs there."""
    style = coloured(f"38;5;{number}", Color.from_ansi(number))
    made: list[Strip] = []
    for row in range(rows):
        parts = placeholders(row, columns)
        sent = f"{DONE}\x1b[38;5;{number}m{''.join(parts)}{DONE}"
        made.append(Ready(sent, columns, partial(_each, parts, style)))
    return made


def _each(parts: tuple[str, ...], style: Style) -> list[Segment]:
    return [Segment(part, style) for part in parts]


def cost(cells: Cells) -> int:
    """How many bytes the cells are on their way, less the moves of the cursor."""
    return sum(len(str(line.render(None)).encode()) for line in lines(cells, Style()))  # type: ignore[arg-type]


def _sent(chars: Array, texts: list[str], front: Array, back: Array, *, few: bool) -> list[str]:
    """Only what changes from cell to cell is said; a blank has no foreground."""
    columns = np.where(chars == " ", 0, np.arange(chars.shape[1]))
    front = np.take_along_axis(front, np.maximum.accumulate(columns, axis=1), axis=1)
    new_front, new_back = np.ones(front.shape, bool), np.ones(back.shape, bool)
    new_front[:, 1:] = front[:, 1:] != front[:, :-1]
    new_back[:, 1:] = back[:, 1:] != back[:, :-1]
    code = _code_256 if few else _code
    made: list[str] = []
    for row, text in enumerate(texts):
        at = np.flatnonzero(new_front[row] | new_back[row])
        starts = at.tolist()
        said = [DONE]
        for start, stop, first, second, colour, under in zip(
            starts,
            [*starts[1:], len(text)],
            new_front[row][at].tolist(),
            new_back[row][at].tolist(),
            front[row][at].tolist(),
            back[row][at].tolist(),
            strict=True,
        ):
            if first and second:
                said.append(f"\x1b[38;{code(colour)};48;{code(under)}m{text[start:stop]}")
            else:
                said.append(
                    f"\x1b[38;{code(colour)}m{text[start:stop]}"
                    if first
                    else f"\x1b[48;{code(under)}m{text[start:stop]}"
                )
        said.append(DONE)
        made.append("".join(said))
    return made


def _segments(text: str, front: Array, back: Array, few: bool) -> list[Segment]:
    style = _style_256 if few else _style
    changes = np.flatnonzero((front[1:] != front[:-1]) | (back[1:] != back[:-1])) + 1
    starts = [0, *changes.tolist()]
    return [
        Segment(text[start:stop], style(int(front[start]), int(back[start])))
        for start, stop in zip(starts, [*starts[1:], len(text)], strict=True)
    ]


def _packed(colours: Array) -> Array:
    if colours.ndim == 2:
        return colours.astype(np.int32)
    wide = colours.astype(np.int32)
    return wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]


@lru_cache(maxsize=65536)
def _code(colour: int) -> str:
    return f"2;{colour >> 16};{colour >> 8 & 255};{colour & 255}"


@lru_cache(maxsize=256)
def _code_256(colour: int) -> str:
    return f"5;{colour}"


@lru_cache(maxsize=16384)
def _style(front: int, back: int) -> Style:
    return coloured(f"38;{_code(front)};48;{_code(back)}", _rgb(front), _rgb(back))


def _rgb(colour: int) -> Color:
    return Color("", ColorType.TRUECOLOR, None, ColorTriplet(colour >> 16, colour >> 8 & 255, colour & 255))


@lru_cache(maxsize=16384)
def _style_256(front: int, back: int) -> Style:
    return coloured(f"38;5;{front};48;5;{back}", Color.from_ansi(front), Color.from_ansi(back))
