"""A screen as a file: each cell has the ink that its character means, in its colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFont
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import DEFAULT_TERMINAL_THEME as THEME

from trainvis.engine.errors import PictureError
from trainvis.tui.drawing import screenshot
from trainvis.tui.drawing.glyphs import ink
from trainvis.tui.drawing.screenshot import Font, Shot, painted, save

W, H = 8, 16


@pytest.fixture
def font() -> Font:
    """Cells of 8×16 with the letters that Pillow brings."""
    letters = ImageFont.load_default(12)
    assert isinstance(letters, ImageFont.FreeTypeFont)
    return Font((letters,) * 4, W, H, 12)


def filled(char: str) -> list[tuple[int, int, int, int]]:
    """The rectangle of full ink as left, top, right, bottom; several where there are corners."""
    found = ink(char, W, H)
    assert found is not None
    ys, xs = np.nonzero(found == 1)
    return [(int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)]


@pytest.mark.parametrize(
    ("char", "box"),
    [
        ("▀", (0, 0, 8, 8)), ("▄", (0, 8, 8, 16)), ("█", (0, 0, 8, 16)), ("▌", (0, 0, 4, 16)), ("▐", (4, 0, 8, 16)),
        ("▁", (0, 14, 8, 16)), ("▇", (0, 2, 8, 16)), ("▏", (0, 0, 1, 16)), ("▔", (0, 0, 8, 2)), ("▕", (7, 0, 8, 16)),
        ("▘", (0, 0, 4, 8)), ("▗", (4, 8, 8, 16)), ("\U0001fb87", (6, 0, 8, 16)), ("\U0001fb82", (0, 0, 8, 4)),
    ],
)  # fmt: skip
def test_a_block_is_its_rectangle_to_the_pixel(char: str, box: tuple[int, int, int, int]) -> None:
    assert filled(char) == [box]
    left, top, right, bottom = box
    found = ink(char, W, H)
    assert found is not None
    assert found.sum() == (right - left) * (bottom - top)


def test_quadrants_and_shades() -> None:
    diagonal = ink("▚", 4, 4)
    assert diagonal is not None
    assert diagonal.tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]
    shade = ink("▒", 4, 4)
    assert shade is not None
    assert (shade == 0.5).all()
    union = np.maximum(*(np.asarray(ink(char, W, H)) for char in "▙▝"))
    np.testing.assert_array_equal(union, ink("█", W, H))


def test_braille_dots_lie_in_eight_places() -> None:
    for pattern in range(256):
        found = ink(chr(0x2800 + pattern), W, H)
        assert found is not None
        # Dots 1 2 3 7 stand at the left, 4 5 6 8 at the right, each in a quarter of the height.
        for bit, (column, row) in enumerate([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]):
            part = found[row * 4 : row * 4 + 4, column * 4 : column * 4 + 4]
            assert bool(part.max() > 0.5) == bool(pattern >> bit & 1), (pattern, bit)


def test_lines_of_boxes_reach_the_edges_they_name() -> None:
    import unicodedata

    for code in range(0x2500, 0x2580):
        name = unicodedata.name(chr(code))
        found = ink(chr(code), W, H)
        assert found is not None
        if "DIAGONAL" in name or "DASH" in name:
            assert found.any(), name
            continue
        words = name.split()
        arms = {
            "UP": found[0], "DOWN": found[-1], "LEFT": found[:, 0], "RIGHT": found[:, -1],
        }  # fmt: skip
        for arm, edge in arms.items():
            named = arm in words or ("VERTICAL" if arm in ("UP", "DOWN") else "HORIZONTAL") in words
            assert bool(edge.max() > 0.3) == named, (name, arm)


def test_neighbouring_lines_meet_without_a_gap() -> None:
    line = np.concatenate([np.asarray(ink(char, W, H)) for char in "╭─┬╌"[:3]], axis=1)
    row = H // 2
    assert (line[row, W // 2 + 4 :] > 0).all()


def test_cells_have_their_colours_and_widths(font: Font) -> None:
    red_on_blue = Style.parse("#ff0000 on #0000ff")
    row = [
        Segment("▀ ", red_on_blue),
        Segment("世", Style.parse("#ffffff on #000000")),
        Segment("█", Style.parse("reverse #00ff00 on #112233")),
    ]
    found = painted([row, [Segment("a")]], THEME, font)
    assert found.shape == (2 * H, 5 * W, 3)
    assert (found[:8, :W] == (255, 0, 0)).all()
    assert (found[8:H, :W] == (0, 0, 255)).all()
    assert (found[:H, W : 2 * W] == (0, 0, 255)).all()
    assert (found[:H, 4 * W :] == (0x11, 0x22, 0x33)).all()
    assert (found[H:, W:] == tuple(THEME.background_color)).all()
    assert (found[H:, :W] != tuple(THEME.background_color)).any()


def test_underlined_dim_and_struck_text_is_seen(font: Font) -> None:
    def of(style: str) -> np.ndarray:
        return painted([[Segment("x", Style.parse(f"#ffffff on #000000 {style}"))]], THEME, font)

    assert of("underline").sum() > of("").sum()
    assert of("strike").sum() > of("").sum()
    assert of("dim").max() < 140


def shot(*rows: str) -> Shot:
    return Shot(tuple((Segment(row, Style.parse("#ffffff on #101010")),) for row in rows), "<svg/>", THEME)


def test_the_suffix_says_what_is_written(tmp_path: Path) -> None:
    taken = shot("loss ▇▅▃  ", "⣿ done    ")
    assert save(taken, tmp_path / "a.txt").read_text() == "loss ▇▅▃\n⣿ done\n"
    assert save(taken, tmp_path / "new" / "a.SVG").read_text() == "<svg/>"
    with Image.open(save(taken, tmp_path / "a.png")) as image:
        assert image.format == "PNG"
        assert image.size[0] % 10 == 0
    with pytest.raises(PictureError, match="must end in"):
        save(taken, tmp_path / "a.bmp")
    (tmp_path / "file").write_text("")
    with pytest.raises(PictureError, match="cannot be written"):
        save(taken, tmp_path / "file" / "a.txt")


def test_without_a_font_only_svg_and_text_are_written_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screenshot, "FONTS", (("NoSuchFont.ttf", "", "", ""),))
    screenshot.font.cache_clear()
    with pytest.raises(PictureError, match=r"a name in \.svg or \.txt works"):
        save(shot("a"), tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()
    assert save(shot("a"), tmp_path / "a.svg").exists()
    screenshot.font.cache_clear()
