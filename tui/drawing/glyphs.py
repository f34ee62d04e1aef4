"""Characters that are drawings, as ink by geometry: blocks, quadrants, sextants, shades, braille, lines of boxes.

Fonts draw these with gaps, at heights of their own, or not at all; a picture made of them needs every pixel. Unicode,
blocks U+2500 to U+259F and U+2800 to U+28FF, and the legacy computing ones from U+1FB00.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Ink: TypeAlias = npt.NDArray[np.float32]  # height × width shares of the foreground

_DIRECTIONS = {"UP": "u", "DOWN": "d", "LEFT": "l", "RIGHT": "r", "VERTICAL": "ud", "HORIZONTAL": "lr"}
_WEIGHTS = {"LIGHT": 1, "SINGLE": 1, "HEAVY": 2, "DOUBLE": 3}
_DASHES = {"DOUBLE": 2, "TRIPLE": 3, "QUADRUPLE": 4}
_QUADRANTS = {0x96: 4, 0x97: 8, 0x98: 1, 0x99: 13, 0x9A: 9, 0x9B: 7, 0x9C: 11, 0x9D: 2, 0x9E: 6, 0x9F: 14}
_SHADES = {0x91: 0.25, 0x92: 0.5, 0x93: 0.75}
# Parts of a cell in eighths, counted from the right (U+1FB87 …) and from above (U+1FB82 …).
_RIGHT = {0x1FB87: 2, 0x1FB88: 3, 0x1FB89: 5, 0x1FB8A: 6, 0x1FB8B: 7}
_UPPER = {0x1FB82: 2, 0x1FB83: 3, 0x1FB84: 5, 0x1FB85: 6, 0x1FB86: 7}


@lru_cache(maxsize=4096)
def ink(char: str, width: int, height: int) -> Ink | None:
    """How much of each pixel of a cell is ink; None for a character that a font has to draw. Not to be written to."""
    code = ord(char)
    made: Ink | None = None
    if 0x2580 <= code <= 0x259F:
        made = _block(code - 0x2500, width, height)
    elif 0x2800 <= code <= 0x28FF:
        made = _braille(code - 0x2800, width, height)
    elif 0x2500 <= code <= 0x257F:
        made = _box(unicodedata.name(char).removeprefix("BOX DRAWINGS "), width, height)
    elif code in _RIGHT:
        made = _filled(width, height, left=8 - _RIGHT[code])
    elif code in _UPPER:
        made = _filled(width, height, bottom=_UPPER[code])
    elif 0x1FB00 <= code <= 0x1FB3B:
        pattern = code - 0x1FB00 + 1
        pattern += (pattern >= 0x15) + (pattern >= 0x29)  # the two halves of a cell are block elements
        made = _mosaic(pattern, width, height, 2, 3)
    if made is not None:
        made.flags.writeable = False
    return made


def _nothing(width: int, height: int) -> Ink:
    return np.zeros((height, width), np.float32)


def _filled(width: int, height: int, left: int = 0, top: int = 0, right: int = 8, bottom: int = 8) -> Ink:
    """A rectangle by its edges in eighths of the cell."""
    made = _nothing(width, height)
    made[_eighth(top, height) : _eighth(bottom, height), _eighth(left, width) : _eighth(right, width)] = 1
    return made


def _eighth(count: int, length: int) -> int:
    return int(count * length / 8 + 0.5)


def _block(code: int, width: int, height: int) -> Ink:
    if code == 0x80:
        return _filled(width, height, bottom=4)
    if code <= 0x88:
        return _filled(width, height, top=8 - (code - 0x80))
    if code <= 0x8F:
        return _filled(width, height, right=8 - (code - 0x88))
    if code == 0x90:
        return _filled(width, height, left=4)
    if code in _SHADES:
        return _nothing(width, height) + np.float32(_SHADES[code])
    if code == 0x94:
        return _filled(width, height, bottom=1)
    if code == 0x95:
        return _filled(width, height, left=7)
    return _mosaic(_QUADRANTS[code], width, height, 2, 2)


def _mosaic(pattern: int, width: int, height: int, across: int, down: int) -> Ink:
    """Bits of `pattern` row by row from the upper left."""
    made = _nothing(width, height)
    xs = [round(at * width / across) for at in range(across + 1)]
    ys = [round(at * height / down) for at in range(down + 1)]
    for at in range(across * down):
        if pattern >> at & 1:
            row, column = divmod(at, across)
            made[ys[row] : ys[row + 1], xs[column] : xs[column + 1]] = 1
    return made


def _braille(pattern: int, width: int, height: int) -> Ink:
    made = _nothing(width, height)
    radius = min(width / 2, height / 4) * 0.36
    for bit, (column, row) in enumerate([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]):
        if pattern >> bit & 1:
            x, y = (column + 0.5) * width / 2, (row + 0.5) * height / 4
            made = np.maximum(made, _soft(radius - np.hypot(*_offsets(width, height, x, y))))
    return made


def _offsets(width: int, height: int, x: float, y: float) -> tuple[Any, Any]:
    """How far the middle of each pixel lies from a point."""
    return np.arange(width)[None, :] + 0.5 - x, np.arange(height)[:, None] + 0.5 - y


def _soft(inside: Any) -> Ink:
    """Ink for how far a pixel lies within an edge: a pixel on it is partly inked."""
    return np.clip(inside + 0.5, 0, 1).astype(np.float32)


def _box(name: str, width: int, height: int) -> Ink:
    words = [word for word in name.split() if word != "AND"]
    thin = max(round(width / 8), 1)
    if "DIAGONAL" in words:
        return _diagonal(name, width, height, thin)
    if "ARC" in words:
        return _arc({_DIRECTIONS[word] for word in words if word in _DIRECTIONS}, width, height, thin)
    if "DASH" in words:
        heavy, count = words[0] == "HEAVY", _DASHES[words[1]]
        line = _arms(dict.fromkeys(_DIRECTIONS[words[3]], 2 if heavy else 1), width, height, thin)
        along, axis = (width, 1) if words[3] == "HORIZONTAL" else (height, 0)
        on = ((np.arange(along) + 0.5) * count / along) % 1 < 0.6
        return (line * (on[None, :] if axis else on[:, None])).astype(np.float32)
    return _arms(_weights(words), width, height, thin)


def _weights(words: list[str]) -> dict[str, int]:
    """The weight of each arm. A name says it before its directions ("LIGHT LEFT AND HEAVY RIGHT") or behind them."""
    found: dict[str, int] = {}
    before = words[0] in _WEIGHTS
    weight, waiting = 1, ""
    for word in words:
        if word in _WEIGHTS:
            weight = _WEIGHTS[word]
            if not before:
                found |= dict.fromkeys(waiting, weight)
                waiting = ""
        elif before:
            found |= dict.fromkeys(_DIRECTIONS[word], weight)
        else:
            waiting += _DIRECTIONS[word]
    return found


def _arms(weights: dict[str, int], width: int, height: int, thin: int) -> Ink:
    """Lines from the middle to the edges. A double line is a thick one without its middle."""
    made = _nothing(width, height)
    thick = {arm: (0, thin, 2 * thin, 3 * thin)[weight] for arm, weight in weights.items()}
    for arm in weights:
        met = max((thick[each] for each in _across(arm) if each in thick), default=0)
        _stroke(made, arm, thick[arm], met, thin, 1.0)
    for arm in (each for each, weight in weights.items() if weight == 3):
        beside = [weights[each] for each in _across(arm) if each in weights]
        _stroke(made, arm, thin, thin if 3 in beside else -thin if beside else 0, thin, 0.0)
    for arm in (each for each, weight in weights.items() if weight < 3 and weights.get(_OPPOSITE[each], 0) == weight):
        _stroke(made, arm, thick[arm], 0, thin, 1.0)  # one that goes through is not cut by the gap of the other
    return made


_OPPOSITE = {"u": "d", "d": "u", "l": "r", "r": "l"}


def _across(arm: str) -> str:
    return "lr" if arm in "ud" else "ud"


def _stroke(made: Ink, arm: str, thick: int, met: int, thin: int, value: float) -> None:
    """Ink one arm, from beyond a line of the thickness `met` that it meets (negative: from behind it) to the edge."""
    height, width = made.shape
    middle, length = (width // 2, height) if arm in "ud" else (height // 2, width)
    first = _first(middle, thick, thin)
    centre = length // 2
    near, far = _first(centre, abs(met), thin), _first(centre, abs(met), thin) + abs(met)
    if met <= 0:
        near, far = far, near
    along = slice(0, far if met else centre) if arm in "ul" else slice(near if met else centre, length)
    if arm in "ud":
        made[along, first : first + thick] = value
    else:
        made[first : first + thick, along] = value


def _first(middle: int, thick: int, thin: int) -> int:
    """Where a line of this thickness begins, so that all have one middle."""
    return middle - thin // 2 - (thick - thin) // 2


def _diagonal(name: str, width: int, height: int, thin: int) -> Ink:
    x, y = _offsets(width, height, width / 2, height / 2)
    made = _nothing(width, height)
    for sign, word in ((1, "UPPER RIGHT"), (-1, "UPPER LEFT")):
        if word in name or "CROSS" in name:
            away = np.abs(x * height + sign * y * width) / np.hypot(width, height)
            made = np.maximum(made, _soft(thin / 2 - away))
    return made


def _arc(arms: set[str], width: int, height: int, thin: int) -> Ink:
    """A quarter of a circle between two arms, straight from there to the edge."""
    down, right = "d" in arms, "r" in arms
    across, along = _first(width // 2, thin, thin) + thin / 2, _first(height // 2, thin, thin) + thin / 2
    radius = min(width - across if right else across, height - along if down else along)
    x, y = _offsets(width, height, across + (radius if right else -radius), along + (radius if down else -radius))
    inside = (x <= 0 if right else x >= 0) & (y <= 0 if down else y >= 0)
    made = np.where(inside, _soft(thin / 2 - np.abs(np.hypot(x, y) - radius)), 0).astype(np.float32)
    straight = _arms({"d" if down else "u": 1, "r" if right else "l": 1}, width, height, thin)
    beyond = (y > 0 if down else y < 0) | (x > 0 if right else x < 0)
    return np.maximum(made, np.where(beyond, straight, 0)).astype(np.float32)
