"""A terminal that shows pictures, made for tests: it reads what was sent and has the pixels that a person would see.

Understood: text with colours, where the cursor goes, kitty's graphics with Unicode placeholders (also handed on by
tmux), sixels, iTerm2's inline images. Text covers pixels, as in terminals.
"""

from __future__ import annotations

import base64
import io
import re
import unicodedata
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PIL import Image

from trainvis.tui.pixels.blocks import colours_256
from trainvis.tui.pixels.kitty import MARKS, PLACEHOLDER
from trainvis.tui.pixels.quadrant import GLYPHS

Pixels = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
_TOKEN = re.compile(
    r"\x1b\[(?P<csi>[\d;?<>=:!$ ]*)(?P<end>[@-~])"
    r"|\x1b_(?P<apc>[^\x1b]*)\x1b\\"
    r"|\x1bPtmux;(?P<tmux>(?:[^\x1b]|\x1b\x1b)*)\x1b\\"
    r"|\x1bP(?P<dcs>[^\x1b]*)\x1b\\"
    r"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b(?P<esc>[()][A-Z0-9]|[^\[_P\]])"
    r"|(?P<text>[^\x1b]+)",
    re.DOTALL,
)
# Shares of a cell that blocks fill: left, top, right, bottom in halves.
_QUARTERS = ((0, 0), (1, 0), (0, 1), (1, 1))


@dataclass
class Cell:
    """What was written last; `marks` are the combining characters after it."""

    text: str = " "
    front: Colour | int = (255, 255, 255)
    back: Colour = (0, 0, 0)
    marks: str = ""


@dataclass
class Kept:
    """A picture in the memory of the terminal, stretched over `columns` × `rows`."""

    pixels: Pixels
    columns: int
    rows: int


@dataclass
class PixelTerminal:
    """`feed` it what was sent; `picture()` is what it shows. `cell`: width and height of a character in pixels."""

    columns: int = 80
    rows: int = 24
    cell: tuple[int, int] = (8, 16)
    sent: int = 0
    uploads: int = 0
    scrolled: bool = False  # a picture ended in the last row: a terminal moves everything up then
    kept: dict[int, Kept] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._table = [tuple(each) for each in colours_256().tolist()]
        self._rest = ""
        self._half: list[str] = []
        self._keys: dict[str, str] = {}
        self.wipe()
        self._x = self._y = 0
        self._saved = (0, 0)
        self._front: Colour | int = (255, 255, 255)
        self._back: Colour = (0, 0, 0)
        self._undecoded = b""

    def wipe(self) -> None:
        self.cells = [[Cell() for _ in range(self.columns)] for _ in range(self.rows)]
        self._over: dict[tuple[int, int], Pixels] = {}

    def feed(self, data: bytes) -> None:
        self.sent += len(data)
        data = self._undecoded + data
        text = data.decode("utf-8", "ignore")
        for cut in range(min(3, len(data)) + 1):
            try:
                text = data[: len(data) - cut].decode("utf-8")
            except UnicodeDecodeError:
                continue
            self._undecoded = data[len(data) - cut :]
            break
        text, at = self._rest + text, 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:  # a sequence whose end has not come yet
                break
            self._take(found)
            at = found.end()
        self._rest = text[at:]

    def _take(self, found: re.Match[str]) -> None:
        kind = found.lastgroup
        if kind == "text":
            self._write(found["text"])
        elif kind == "end":
            self._control(found["csi"], found["end"])
        elif kind == "apc":
            self._kitty(found["apc"])
        elif kind == "tmux":
            inner = _TOKEN.match(found["tmux"].replace("\x1b\x1b", "\x1b"))
            assert inner is not None
            self._take(inner)
        elif kind == "dcs" and re.match(r"[\d;]*q", found["dcs"]):
            self._paint(sixel_pixels(found["dcs"]))
        elif kind == "osc" and found["osc"].startswith("1337;File="):
            self._inline(found["osc"][len("1337;File=") :])
        elif kind == "esc" and found["esc"] == "7":
            self._saved = (self._x, self._y)
        elif kind == "esc" and found["esc"] == "8":
            self._x, self._y = self._saved

    def _write(self, text: str) -> None:
        for char in text:
            if char == "\r":
                self._x = 0
            elif char == "\n":
                self._y = min(self._y + 1, self.rows - 1)
            elif char == "\x08":
                self._x = max(self._x - 1, 0)
            elif unicodedata.combining(char):
                if 0 < self._x <= self.columns:
                    self.cells[self._y][self._x - 1].marks += char
            elif char >= " ":
                if self._x < self.columns and self._y < self.rows:
                    self.cells[self._y][self._x] = Cell(char, self._front, self._back)
                    self._over.pop((self._y, self._x), None)
                self._x += 1

    def _control(self, given: str, end: str) -> None:
        numbers = [int(each) if each.isdigit() else 0 for each in given.split(";")] if given else []
        first = numbers[0] if numbers else 0
        if end == "H":
            self._y = min(max(first, 1), self.rows) - 1
            self._x = (numbers[1] if len(numbers) > 1 else 1) - 1
        elif end == "m":
            self._style([0] if not numbers else [int(each or 0) for each in re.split("[;:]", given)])
        elif (end == "J" and first == 2) or (end == "h" and given == "?1049"):
            self.wipe()
        elif end == "K" and first == 0:
            self._blank(self.columns - self._x)
        elif end == "X":
            self._blank(first or 1)
        elif end == "C":
            self._x += first or 1
        elif end == "G":
            self._x = max(first, 1) - 1
        elif end == "d":
            self._y = min(max(first, 1), self.rows) - 1
        elif end == "A":
            self._y = max(self._y - (first or 1), 0)
        elif end == "B":
            self._y = min(self._y + (first or 1), self.rows - 1)

    def _blank(self, count: int) -> None:
        x = self._x
        self._write(" " * min(count, self.columns - x))
        self._x = x

    def _style(self, codes: list[int]) -> None:
        at = 0
        while at < len(codes):
            code = codes[at]
            if code == 0:
                self._front, self._back = (255, 255, 255), (0, 0, 0)
            elif code in (38, 48):
                colour: Colour | int
                if codes[at + 1] == 2:
                    red, green, blue = codes[at + 2 : at + 5]
                    colour, at = (red, green, blue), at + 4
                else:
                    colour, at = codes[at + 2], at + 2
                if code == 38:
                    self._front = colour
                else:
                    self._back = self._rgb(colour)
            elif code == 39:
                self._front = (255, 255, 255)
            elif code == 49:
                self._back = (0, 0, 0)
            at += 1

    def _rgb(self, colour: Colour | int) -> Colour:
        return self._table[colour] if isinstance(colour, int) else colour  # type: ignore[return-value]

    def _kitty(self, body: str) -> None:
        assert body.startswith("G"), body[:20]
        keys, _, data = body[1:].partition(";")
        given = dict(each.split("=", 1) for each in keys.split(","))
        if given.get("a") == "q":
            return
        if given.get("a") == "d":
            assert given["d"] == "I"
            self.kept.pop(int(given["i"]), None)
            return
        assert len(data) <= 4096
        if "i" in given:
            assert not self._half, "a picture began before the last one had come"
            assert (given["a"], given["U"], given["f"], given["q"]) == ("T", "1", "100", "2")
            self._keys = given
        self._half.append(data)
        if given["m"] == "0":
            pixels = png_pixels(base64.b64decode("".join(self._half), validate=True))
            self.kept[int(self._keys["i"])] = Kept(pixels, int(self._keys["c"]), int(self._keys["r"]))
            self._half = []
            self.uploads += 1

    def _inline(self, body: str) -> None:
        keys, _, data = body.partition(":")
        given = dict(each.split("=", 1) for each in keys.split(";"))
        raw = base64.b64decode(data, validate=True)
        assert len(raw) == int(given["size"])
        columns, rows = int(given["width"]), int(given["height"])
        self._paint(stretched(png_pixels(raw), columns * self.cell[0], rows * self.cell[1]))

    def _paint(self, pixels: Pixels) -> None:
        across, down = self.cell
        self.uploads += 1
        self.scrolled |= self._y * down + pixels.shape[0] > (self.rows - 1) * down
        for row in range(0, pixels.shape[0], down):
            for column in range(0, pixels.shape[1], across):
                part = pixels[row : row + down, column : column + across]
                inside = self._x + column // across < self.columns and self._y + row // down < self.rows
                if part.shape == (down, across, 3) and inside:
                    self._over[self._y + row // down, self._x + column // across] = part

    def picture(self, left: int = 0, top: int = 0, columns: int | None = None, rows: int | None = None) -> Pixels:
        """What is seen on so many cells, as pixels."""
        columns, rows = columns or self.columns - left, rows or self.rows - top
        across, down = self.cell
        made = np.zeros((rows * down, columns * across, 3), np.uint8)
        for y in range(rows):
            for x in range(columns):
                made[y * down : (y + 1) * down, x * across : (x + 1) * across] = self._seen(top + y, left + x)
        return made

    def _seen(self, y: int, x: int) -> Pixels:
        across, down = self.cell
        if (y, x) in self._over:
            return self._over[y, x]
        cell = self.cells[y][x]
        if cell.text == PLACEHOLDER:
            assert isinstance(cell.front, int), "the number of the picture did not arrive as it was sent"
            kept = self.kept.get(cell.front)
            if kept is not None and len(cell.marks) == 2:  # else its marks have not come yet
                row, column = (MARKS.index(mark) for mark in cell.marks)
                whole = stretched(kept.pixels, kept.columns * across, kept.rows * down)
                return whole[row * down : (row + 1) * down, column * across : (column + 1) * across]
        made = np.zeros((down, across, 3), np.uint8)
        made[:] = cell.back
        front = self._rgb(cell.front)
        if cell.text == "▀":
            made[: down // 2] = front
        elif cell.text in GLYPHS:
            mask = GLYPHS.index(cell.text)
            for bit, (right, low) in enumerate(_QUARTERS):
                if mask >> bit & 1:
                    rows = slice(low * down // 2, (low + 1) * down // 2)
                    made[rows, right * across // 2 : (right + 1) * across // 2] = front
        return made

    def pixels_seen(self, left: int = 0, top: int = 0) -> bool:
        """Whether any cell from there to the right and down shows pixels and not characters."""
        kept = any(
            cell.text == PLACEHOLDER and cell.front in self.kept for row in self.cells[top:] for cell in row[left:]
        )
        return kept or any(y >= top and x >= left for y, x in self._over)

    def resize(self, columns: int, rows: int) -> None:
        """As a terminal of another size: what was there is drawn anew by who drew it."""
        self.columns, self.rows = columns, rows
        self.wipe()
        self._x = self._y = 0

    def text(self) -> str:
        return "\n".join("".join(cell.text for cell in row).rstrip() for row in self.cells)


def png_pixels(data: bytes) -> Pixels:
    return np.array(Image.open(io.BytesIO(data)).convert("RGB"))


def stretched(pixels: Pixels, width: int, height: int) -> Pixels:
    rows = np.arange(height) * pixels.shape[0] // height
    columns = np.arange(width) * pixels.shape[1] // width
    return pixels[rows[:, None], columns]


def sixel_pixels(body: str) -> Pixels:
    """What a DCS … q shows; pixels that no colour was given are black. Colours are set before the first pixel."""
    _, _, data = body.partition("q")
    raster = re.match(r'"\d+;\d+;(\d+);(\d+)', data)
    assert raster is not None
    width, height = int(raster[1]), int(raster[2])
    made = np.zeros((height + 6, width, 3), np.uint8)
    table: dict[int, Colour] = {}
    colour, x, y, painted = 0, 0, 0, False
    token = r"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)([?-~])|([?-~])|(\$)|(-)"
    at = raster.end()
    while at < len(data):
        found = re.compile(token).match(data, at)
        assert found is not None, data[at : at + 20]
        at = found.end()
        if found[1]:
            assert not painted, "a colour was set after the first pixel"
            assert all(int(found[each]) <= 100 for each in (2, 3, 4))
            red, green, blue = (round(int(found[each]) * 255 / 100) for each in (2, 3, 4))
            table[int(found[1])] = (red, green, blue)
        elif found[5]:
            colour = int(found[5])
        elif found[9]:
            x = 0
        elif found[10]:
            x, y = 0, y + 6
        else:
            count, bits = int(found[6] or 1), ord(found[7] or found[8]) - 63
            painted = True
            for row in range(6):
                if bits >> row & 1:
                    made[y + row, x : x + count] = table[colour]
            x += count
            assert x <= width
    assert y < height
    return made[:height]
