"""What a sheet shows, as rasters."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from trainvis.tui.figures.rasters import rasters
from trainvis.tui.figures.sheet import Ask, PartFacts, Sheet
from trainvis.tui.pixels.viewport import Viewport, window
from trainvis.vis.figures import Item, Items, Maps


def painted(channels: str) -> list[int]:
    """The colour of a map that is nothing but its first channel."""
    maps = Maps(np.array([[[[1.0, -1.0, -1.0]]]], np.float32), Items(1, Item()), "conv", "input", signed=True)
    facts = PartFacts("maps", "conv", (1, 1, 1, 3), "input", signed=True)
    sheet = Sheet(Ask(Path("run"), "x"), recipe={"channels": channels}, parts=(facts,), part=maps)
    (raster,) = rasters(sheet)
    return raster.paint(window(Viewport(), (1, 1), (1, 1)))[0, 0].tolist()


def test_maps_of_a_network_that_takes_blue_first_are_shown_in_the_colours_of_the_photo() -> None:
    assert painted("") == [255, 0, 0]
    assert painted("bgr") == [0, 0, 255]
