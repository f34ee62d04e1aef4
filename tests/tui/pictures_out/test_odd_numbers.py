"""What a network gone wrong leaves behind, NaN and endless numbers, is written as words and as charts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainvis.tui.figures.sheet import Ask, Sheet
from trainvis.tui.pictures_out.charts import chart
from trainvis.tui.pictures_out.words import lines
from trainvis.vis.figures import Histograms, Item, Matrix, Part, Points, Series

NAN, INF = float("nan"), float("inf")
ITEM = (Item(layer="conv"),)


def sheet(part: Part) -> Sheet:
    return Sheet(Ask(Path("run"), "figure"), part=part)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (Histograms(np.array([[NAN, 2.0, INF]]), np.array([[0.0, 1, 2, 3]]), ITEM), "2 values from 0 to 3"),
        (Histograms(np.zeros((1, 0)), np.zeros((1, 1)), ITEM), "0 values from 0 to 0"),
        (Matrix(np.array([[-1.0, INF], [NAN, 2.0]]), ("a", "b"), ("c", "d")), "inf"),
    ],
)
def test_in_words(part: Part, said: str) -> None:
    assert said in "\n".join(lines(sheet(part), 60))


@pytest.mark.parametrize(
    "part",
    [
        Histograms(np.zeros((1, 0)), np.zeros((1, 1)), ITEM),
        Histograms(np.array([[NAN, 1.0]]), np.array([[0.0, INF, INF]]), ITEM),
        Histograms(np.array([[1.0, 1.0]]), np.array([[-1.7e308, 0, 1.7e308]]), ITEM),
        Points(np.array([[1e300, 2.0]]), ITEM, axes=("a", "b")),
        Series(np.array([[[0.0, 1.0], [1e300, 1e300]]]), ITEM),
    ],
)
def test_as_charts(part: Part) -> None:
    png = chart(sheet(part))
    assert png is not None
    assert png.startswith(b"\x89PNG")
