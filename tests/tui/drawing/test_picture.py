from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trainvis.engine.errors import PictureError
from trainvis.tui.drawing.model import Line, Plot
from trainvis.tui.drawing.pens import dashes
from trainvis.tui.drawing.picture import png, save, svg
from trainvis.tui.drawing.reduce import Trace

SVG = "{http://www.w3.org/2000/svg}"


def chart(**more: object) -> Plot:
    y = np.exp(-np.arange(500) / 100)
    y[100:110], y[200] = np.nan, np.inf
    lines = [Line(Trace(np.arange(500), y), "train <&>", 0), Line(Trace([100, 400], [0.5, 0.1]), "val", 1, dashed=True)]
    return Plot(lines, "loss", **more)  # type: ignore[arg-type]


def test_a_png_has_the_size_asked_for_and_the_colours_of_both_lines() -> None:
    picture = Image.open(io.BytesIO(png(chart(), 800, 450)))
    assert picture.size == (800, 450)
    colours = {colour for _, colour in picture.getcolors(1 << 20) or []}
    assert {(0x0B, 0x63, 0xB0), (0xB3, 0x5C, 0x00), (255, 255, 255)} <= colours


def test_the_curve_goes_down_in_the_picture_as_it_does_in_the_numbers() -> None:
    y = np.linspace(1, 0, 200)
    data = np.asarray(Image.open(io.BytesIO(png(Plot([Line(Trace(np.arange(200), y), "")], ""), 800, 450))))
    blue = (data == (0x0B, 0x63, 0xB0)).all(axis=2)
    blue[:, :110] = False  # the swatch of the legend
    rows = [np.flatnonzero(blue[:, column]).mean() for column in range(150, 700, 50) if blue[:, column].any()]
    assert len(rows) > 8
    assert rows == sorted(rows)


@pytest.mark.parametrize("log", [False, True])
def test_an_svg_is_well_formed_and_says_what_the_chart_says(log: bool) -> None:
    root = ET.fromstring(svg(chart(log=log)))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert "loss" in texts
    assert "step" in texts
    assert any("train <&>  10 nan 1 inf" in (text or "") for text in texts)
    assert texts.count("×") >= 1
    assert any("stroke-dasharray" in element.attrib for element in root.iter(f"{SVG}polyline"))


@pytest.mark.parametrize("make", [pytest.param(png, marks=pytest.mark.slow), svg])
@pytest.mark.parametrize(
    "lines", [[], [Line(Trace([3], [1.0]), "one point")], [Line(Trace([0, 1], [np.nan] * 2), "nan")]]
)
def test_nothing_one_point_and_only_nan_make_pictures_too(make: object, lines: list[Line]) -> None:
    assert len(make(Plot(lines, "loss"))) > 200  # type: ignore[operator]


@pytest.mark.slow
def test_the_suffix_says_which_kind_and_png_is_the_default(tmp_path: Path) -> None:
    assert save(chart(), str(tmp_path / "a")).suffix == ".png"
    assert save(chart(), str(tmp_path / "b.SVG")).read_bytes().startswith(b"<svg")


def test_another_suffix_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"must end in \.png or \.svg"):
        save(chart(), str(tmp_path / "a.jpg"))


def test_a_folder_that_is_not_there_is_made_and_one_that_cannot_be_is_said(tmp_path: Path) -> None:
    assert save(chart(), str(tmp_path / "none" / "a.svg")).exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(PictureError, match="choose another place"):
        save(chart(), str(tmp_path / "file" / "a.svg"))


def test_dashes_have_the_lengths_of_the_pattern() -> None:
    pieces = dashes([(0.0, 0.0), (7.0, 0.0), (30.0, 0.0)], 10, 5)
    assert [(piece[0][0], piece[-1][0]) for piece in pieces if len(piece) > 1] == [(0, 10), (15, 25)]
