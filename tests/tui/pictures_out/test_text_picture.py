"""Tables and layer graphs as pictures: the text that is printed, cell by cell, as many rows as a picture can have."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trainvis.tui.drawing.screenshot import font
from trainvis.tui.figures.sheet import Ask, PartFacts, Sheet
from trainvis.tui.pictures_out.text_picture import text_picture
from trainvis.vis.figures import Table


def rows_of_text(count: int, scale: int = 1) -> int:
    """How many rows of a picture have any ink."""
    table = Table(("map", "share"), tuple((number, 0.5) for number in range(count)), "shares")
    facts = PartFacts("table", "shares", (count, 2))
    data = text_picture(Sheet(Ask(Path("run"), "x"), parts=(facts,), part=table), scale)
    assert data is not None
    with Image.open(io.BytesIO(data)) as image:
        pixels = np.asarray(image.convert("L")).astype(int)
    cells = pixels.reshape(-1, font(15 * scale).height, pixels.shape[1])
    return int((np.ptp(cells, axis=(1, 2)) > 100).sum())


def test_each_row_of_a_table_is_a_row_of_the_picture() -> None:
    assert rows_of_text(0) == 3  # the name, when it was made, the titles
    assert rows_of_text(7) == 10
    assert rows_of_text(7, 2) == 10


@pytest.mark.slow
def test_of_a_table_that_no_picture_holds_the_first_rows_are_drawn() -> None:
    assert rows_of_text(5000) == 3 + 400 + 1
