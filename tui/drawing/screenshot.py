"""What a screen shows, in a file: as text, as SVG, or as a PNG painted cell by cell.

Drawing characters are painted by geometry (`glyphs`), letters in a monospace font that is found on this machine.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme

from ...engine.errors import PictureError
from ...engine.text import printable
from .glyphs import Ink, ink
from .picture_file import write

SUFFIXES = (".png", ".svg", ".txt")
# Families with their four faces: plain, bold, oblique, both.
FONTS = (
    ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSansMono-Oblique.ttf", "DejaVuSansMono-BoldOblique.ttf"),
    (
        "LiberationMono-Regular.ttf",
        "LiberationMono-Bold.ttf",
        "LiberationMono-Italic.ttf",
        "LiberationMono-BoldItalic.ttf",
    ),
    ("NotoSansMono-Regular.ttf", "NotoSansMono-Bold.ttf", "", ""),
    ("UbuntuMono-R.ttf", "UbuntuMono-B.ttf", "UbuntuMono-RI.ttf", "UbuntuMono-BI.ttf"),
    ("FreeMono.ttf", "FreeMonoBold.ttf", "FreeMonoOblique.ttf", "FreeMonoBoldOblique.ttf"),
    ("Menlo.ttc", "", "", ""),
    ("consola.ttf", "consolab.ttf", "consolai.ttf", "consolaz.ttf"),
)
# Where the monospace font has no picture of a character.
_OTHERS = ("DejaVuSans.ttf", "NotoSansSymbols2-Regular.ttf", "NotoSansCJK-Regular.ttc", "unifont.otf", "FreeSerif.ttf")
_SIZE = 20  # pixels of the font

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Shot:
    """The rows of a screen as they were, its SVG, and the colours (`theme`) of what has none."""

    rows: tuple[tuple[Segment, ...], ...]
    svg: str
    theme: TerminalTheme

    @property
    def text(self) -> str:
        """As plain lines."""
        lines = ("".join(segment.text for segment in row).rstrip() for row in self.rows)
        return "\n".join(lines).rstrip("\n") + "\n"


def save(shot: Shot, path: Path) -> Path:
    """Write it as the suffix says. Raises PictureError, with the suffix that works where no font is found."""
    match path.suffix.lower():
        case ".svg":
            data = shot.svg.encode("utf-8", "replace")
        case ".txt":
            data = shot.text.encode("utf-8", "replace")
        case ".png":
            data = png(shot)
        case _:
            raise PictureError(f"{printable(path.name)} must end in .png, .svg or .txt")
    write(path, data, replace=True)
    return path


def png(shot: Shot) -> bytes:
    """The screen as a PNG file. Raises PictureError where this machine has no monospace font."""
    target = io.BytesIO()
    Image.fromarray(painted(shot.rows, shot.theme, font())).save(target, "PNG", optimize=True)
    return target.getvalue()


@dataclass(frozen=True, slots=True)
class Font:
    """The faces of a family, and the size of a cell: twice as high as wide, so that half blocks are square."""

    faces: tuple[ImageFont.FreeTypeFont, ...]
    width: int
    height: int
    baseline: int


@lru_cache(maxsize=4)
def font(size: int = _SIZE) -> Font:
    """The first family that is there. Raises PictureError."""
    for names in FONTS:
        try:
            plain = ImageFont.truetype(names[0], size)
        except OSError:
            continue
        faces = tuple(_face(name, size) or plain for name in names)
        width = round(plain.getlength("M"))
        above, below = plain.getmetrics()
        height = max(2 * width, above + below)
        return Font(faces, width, height, (height - above - below) // 2 + above)
    looked = ", ".join(names[0].partition(".")[0] for names in FONTS[:3])
    raise PictureError(f"a PNG needs a monospace font and none was found ({looked} …); a name in .svg or .txt works")


def _face(name: str, size: int) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(name, size) if name else None
    except OSError:
        return None


def painted(rows: Sequence[Iterable[Segment]], theme: TerminalTheme, font: Font) -> np.ndarray:
    """Rows of segments as height × width × 3 bytes."""
    cells = [list(_cells(row, theme)) for row in rows]
    across = max((sum(cell.wide for cell in row) for row in cells), default=1)
    made = np.empty((len(rows) * font.height, across * font.width, 3), np.uint8)
    made[:] = tuple(theme.background_color)
    for number, row in enumerate(cells):
        top, left = number * font.height, 0
        for cell in row:
            right = left + cell.wide * font.width
            made[top : top + font.height, left:right] = _painted(cell, font)
            left = right
        if row:  # a row that ends early goes on as it was
            made[top : top + font.height, left:] = row[-1].back
    return made


@dataclass(frozen=True, slots=True)
class _Cell:
    char: str
    wide: int
    front: Rgb
    back: Rgb
    face: int = 0
    underline: bool = False
    strike: bool = False


def _cells(row: Iterable[Segment], theme: TerminalTheme) -> Iterable[_Cell]:
    for segment in row:
        if segment.control:
            continue
        front, back, style = _colours(segment.style, theme)
        face = bool(style.bold) + 2 * bool(style.italic)
        lines = bool(style.underline), bool(style.strike)
        for char in segment.text:
            wide = get_character_cell_size(char)
            if wide:
                yield _Cell(char, wide, front, back, face, *lines)


@lru_cache(maxsize=4096)
def _colours(style: Style | None, theme: TerminalTheme) -> tuple[Rgb, Rgb, Style]:
    style = style or Style.null()
    front = _rgb(style.color.get_truecolor(theme) if style.color else theme.foreground_color)
    back = _rgb(style.bgcolor.get_truecolor(theme, foreground=False) if style.bgcolor else theme.background_color)
    if style.reverse:
        front, back = back, front
    if style.dim:
        front = _rgb((one + two) // 2 for one, two in zip(front, back, strict=True))
    return front, back, style


def _rgb(colour: Iterable[int]) -> Rgb:
    red, green, blue = colour
    return (red, green, blue)


@lru_cache(maxsize=8192)
def _painted(cell: _Cell, font: Font) -> np.ndarray:
    width, height = cell.wide * font.width, font.height
    shares = _ink(cell.char, cell.wide, cell.face, font)
    if cell.underline or cell.strike:
        shares = shares.copy()
        thick = max(height // 16, 1)
        for on, at in ((cell.underline, font.baseline + 2), (cell.strike, height // 2)):
            if on:
                shares[min(at, height - thick) : min(at, height - thick) + thick] = 1
    front, back = np.array(cell.front, np.float32), np.array(cell.back, np.float32)
    made = back + (front - back) * shares.reshape(height, width, 1)
    return (made + 0.5).astype(np.uint8)


@lru_cache(maxsize=4096)
def _ink(char: str, wide: int, face: int, font: Font) -> Ink:
    width, height = wide * font.width, font.height
    if char == " ":
        return np.zeros((height, width), np.float32)
    drawn = ink(char, width, height)
    if drawn is not None:
        return drawn
    image = Image.new("L", (width, height))
    found = next((each for each in (font.faces[face], *_others()) if _has(each, char)), font.faces[face])
    # A character of another font may be wider than its cells: it is cut, as a terminal does.
    ImageDraw.Draw(image).text((0, font.baseline), char, fill=255, font=found, anchor="ls")
    return np.asarray(image, np.float32) / np.float32(255)


@lru_cache(maxsize=1)
def _others() -> tuple[ImageFont.FreeTypeFont, ...]:
    return tuple(found for name in _OTHERS if (found := _face(name, _SIZE - 2)))


@lru_cache(maxsize=4096)
def _has(face: ImageFont.FreeTypeFont, char: str) -> bool:
    """Whether a font has a picture of its own for a character; what it has not all looks the same."""
    return _drawn(face, char) != _drawn(face, "\U000ffffe")


def _drawn(face: ImageFont.FreeTypeFont, char: str) -> bytes:
    image = Image.new("L", (3 * _SIZE, 2 * _SIZE))
    ImageDraw.Draw(image).text((_SIZE, _SIZE), char, fill=255, font=face)
    return image.tobytes()
