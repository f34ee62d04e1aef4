"""What a sheet shows, as rasters."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from trainvis.engine.rundir import RunDir
from trainvis.tui.figures.rasters import rasters
from trainvis.tui.figures.sheet import Ask, read_sheet
from trainvis.tui.pixels.viewport import Viewport, window
from trainvis.vis.figures import Figure, Item, Items, Maps
from trainvis.vis.results import Results


def painted(runs: Path, **recipe: str) -> list[int]:
    """The colour of a map that is nothing but its first channel."""
    maps = Maps(np.array([[[[1.0, -1.0, -1.0]]]], np.float32), Items(1, Item()), "conv", "input", signed=True)
    Results(RunDir(runs / "run")).save("x", Figure("x", (maps,), recipe=recipe))
    (raster,) = rasters(read_sheet(Ask(runs / "run", "x")))
    return raster.paint(window(Viewport(), (1, 1), (1, 1)))[0, 0].tolist()


def test_maps_of_a_network_that_takes_blue_first_are_shown_in_the_colours_of_the_photo(runs: Path) -> None:
    assert painted(runs) == [255, 0, 0]
    assert painted(runs, channels="bgr") == [0, 0, 255]
