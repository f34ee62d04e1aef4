"""Pictures as sixels (DEC VT340): bands of six rows, one pass for each colour in a band, runs counted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .few import indexed
from .tone import Array, Rgb

MOST = 64  # colours: with more a picture costs far more bytes than it gains
_BAND = 6


def sixels(pixels: Rgb, most: int = MOST, *, tmux: bool = False) -> str:
    """H×W×3 pixels as one sequence. All colours are set before the first pixel: some terminals paint as they read.

    `tmux` makes the last band whole and, after that, the last cells, with rows in the first colour. So that none reach
    into the next line of text a started band is left out for it, and the first colour is that of the last row.
    """
    if tmux:
        pixels = pixels[: max(len(pixels) // _BAND, 1) * _BAND]
    numbers, colours = indexed(pixels, most)
    if tmux:
        order = np.arange(len(colours))
        order[[0, numbers[-1, 0]]] = numbers[-1, 0], 0
        numbers, colours = order.astype(np.uint8)[numbers], colours[order]
    height, width = numbers.shape
    percent = (colours.astype(np.int32) * 100 + 127) // 255
    registers = "".join(f"#{at};2;{r};{g};{b}" for at, (r, g, b) in enumerate(percent.tolist()))
    return f'\x1bP0;1;0q"1;1;{width};{height}{registers}{_bands(numbers, len(colours)).decode("ascii")}\x1b\\'


def _bands(numbers: npt.NDArray[np.uint8], count: int) -> bytes:
    height, width = numbers.shape
    bands = -(-height // _BAND)
    # Which colours are in which band, as passes in order: what no band holds costs nothing.
    y = np.arange(height)
    slot = (y // _BAND)[:, None] * count + numbers
    there = np.zeros(bands * count, bool)
    there[slot] = True
    passes = np.flatnonzero(there)
    of_slot = np.zeros(bands * count, np.intp)
    of_slot[passes] = np.arange(len(passes))
    # One bit of a sixel for each row of the band.
    bits = np.zeros((len(passes), width), np.uint8)
    line = of_slot[slot]
    x = np.broadcast_to(np.arange(width), (1, width))
    for row in range(_BAND):
        rows = line[row::_BAND]
        bits[rows, x] |= np.uint8(1 << row)  # within one row of a band no place comes twice
    last = np.append(passes[1:] // count != passes[:-1] // count, True)
    return _written(bits, passes % count, last)


def _written(bits: npt.NDArray[np.uint8], colour: Array, last: Array) -> bytes:
    """Passes × width sixels as text: `#colour`, runs, then `$` (back to the left) or, after the `last`, `-` (down)."""
    passes, width = bits.shape
    begins = np.ones((passes, width), bool)
    begins[:, 1:] = bits[:, 1:] != bits[:, :-1]
    at = np.flatnonzero(begins.ravel())
    value = bits.ravel()[at]
    of = at // width
    length = np.diff(np.append(at, passes * width))
    trailing = (value == 0) & (at % width + length == width)  # nothing to the right edge need not be said
    kept = ~trailing
    value, of, length = value[kept], of[kept], length[kept]
    per_pass = np.bincount(of, minlength=passes)
    first = np.cumsum(per_pass) - per_pass
    each = np.arange(passes)
    records = np.zeros((len(value) + 2 * passes, 6), np.uint8)  # of at most six characters; 0 for none
    records[first + 2 * each] = _hashes(colour)
    records[np.arange(len(value)) + 2 * of + 1] = _runs(value, length)
    records[first + per_pass + 2 * each + 1, 0] = np.where(last, ord("-"), ord("$"))
    records[-1, 0] = 0  # the cursor stays in the last band: below it the terminal might scroll
    flat = records.ravel()
    return flat[flat != 0].tobytes()


def _runs(value: Array, length: Array) -> Array:
    made = np.zeros((len(value), 6), np.uint8)
    char = (value + 63).astype(np.uint8)
    made[:, 5] = char
    short = length <= 3
    for many in (2, 3):
        made[short & (length >= many), 6 - many] = char[short & (length >= many)]
    long = ~short
    made[long, 0] = ord("!")
    made[long, 1:5] = _digits(length[long], 4)
    return made


def _hashes(colour: Array) -> Array:
    made = np.zeros((len(colour), 6), np.uint8)
    made[:, 0] = ord("#")
    made[:, 1:4] = _digits(colour, 3)
    return made


def _digits(numbers: Array, places: int) -> Array:
    """N numbers as N × `places` characters, 0 (nothing) in front of the first digit."""
    power = 10 ** np.arange(places - 1, -1, -1)
    digits = numbers[:, None] // power % 10 + ord("0")
    hidden = numbers[:, None] < power
    hidden[:, -1] = False
    return np.where(hidden, 0, digits).astype(np.uint8)
