"""A figure saved under a name: the suffix says what, `@4x` how large; all of its pixels, not those of a thumbnail."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trainvis.engine.errors import PictureError
from trainvis.engine.rundir import RunDir
from trainvis.tui.figures.sheet import Ask, Sheet, read_sheet
from trainvis.tui.pictures_out.animation import indexed, over_time
from trainvis.tui.pictures_out.frame import framed
from trainvis.tui.pictures_out.named import proposed, save_as
from trainvis.tui.pictures_out.painted import Painting, painted
from trainvis.tui.pixels.raster import Overlay, Photo, Plane
from trainvis.tui.pixels.tone import PLAIN, coloured
from trainvis.vis.figures import Figure, Item, Items, Maps, Moment
from trainvis.vis.results import Entry, Results

SIZE = 100
COUNT = 60  # more numbers than what a sheet holds without being asked
VALUES = np.random.default_rng(3).normal(size=(COUNT, SIZE, SIZE)).astype(np.float32)


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    """Thumbnails of sixty maps of 100×100 at the second of two steps."""
    run = RunDir(tmp_path / "run")
    for step in (1, 2):
        items = Items(COUNT, Item(image=0, layer="conv"), unit=np.arange(COUNT) + 4)
        maps = Maps(VALUES * step, items, "conv", "layer", signed=True)
        Results(run).save("layer_activations", Figure("layer_activations", (maps,), moment=Moment(step)))
    found = read_sheet(Ask(run.path, "layer_activations"))
    assert found.reduced
    return found


def test_a_single_map_has_all_its_pixels(sheet: Sheet, tmp_path: Path) -> None:
    path = save_as(tmp_path / "one@2x.png", sheet, (1,), PLAIN)
    with Image.open(path) as image:
        found = np.asarray(image)[: 2 * SIZE : 2, : 2 * SIZE : 2]
    stored = read_sheet(Ask(sheet.ask.run, sheet.ask.name, full=(1,))).full[1]
    most = float(np.abs(stored).max())
    np.testing.assert_array_equal(found, coloured(stored, (-most, most), signed=True))


def test_the_name_proposed_says_what_it_is_and_fits_a_page(sheet: Sheet, tmp_path: Path) -> None:
    assert proposed(sheet, (1,), tmp_path).name == "layer_activations-step000002-conv-map5@5x.png"
    assert proposed(sheet, tuple(range(COUNT)), tmp_path).name == "layer_activations-step000002-conv@1x.png"


def test_of_too_many_steps_an_animation_shows_some_evenly_with_the_first_and_the_last() -> None:
    entries = [Entry("x", step) for step in range(0, 10_000, 10)]
    shown = [entry.step for entry in over_time(entries)]
    assert (len(shown), shown[0], shown[-1]) == (300, 0, 9_990)
    assert {after - before for before, after in pairwise(shown)} <= {30, 40}
    assert over_time(entries[:5]) == entries[:5]


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "frames"), [(".webp", 2), (".gif", 2)])
def test_all_steps_are_an_animation(sheet: Sheet, tmp_path: Path, suffix: str, frames: int) -> None:
    with Image.open(save_as(tmp_path / f"all{suffix}", sheet, (1,), PLAIN)) as image:
        assert image.n_frames == frames  # type: ignore[attr-defined]


@pytest.mark.slow
def test_the_numbers_are_an_npz(sheet: Sheet, tmp_path: Path) -> None:
    with np.load(save_as(tmp_path / "all.npz", sheet, (1,), PLAIN), allow_pickle=False) as arrays:
        np.testing.assert_allclose(arrays["conv"], VALUES * 2, atol=0.02)


def test_a_map_over_its_photo_is_saved_as_it_is_seen(sheet: Sheet, tmp_path: Path) -> None:
    below = Photo(np.full((SIZE, SIZE, 3), 200, np.uint8))
    over = Overlay(below, Plane(np.abs(VALUES[0])), 0.5)
    path = save_as(tmp_path / "over.png", sheet, (0,), PLAIN, over=over)
    with Image.open(path) as image:
        np.testing.assert_array_equal(np.asarray(image), Painting(over, 1).pixels())


def test_another_suffix_is_refused_and_nothing_is_written(sheet: Sheet, tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="must end in"):
        save_as(tmp_path / "a.bmp", sheet, (), PLAIN)
    assert not (tmp_path / "a.bmp").exists()


def test_a_picture_that_would_fill_the_memory_is_refused(sheet: Sheet) -> None:
    painting = painted(sheet)
    assert painting is not None
    with pytest.raises(PictureError, match="too large"):
        framed(painting, PLAIN, 64)


def test_few_colours_stay_exact_where_a_file_has_only_256() -> None:
    image = Image.fromarray(np.arange(3 * 80, dtype=np.uint8).reshape(8, 10, 3))
    np.testing.assert_array_equal(np.asarray(indexed(image).convert("RGB")), np.asarray(image))


def test_the_numbers_of_a_signed_bar_are_its_ends_and_0(sheet: Sheet) -> None:
    painting = painted(sheet, (1,))
    assert painting is not None
    assert painting.reach is not None
    assert painting.reach[0] == -painting.reach[1]
    image = np.asarray(framed(painting, PLAIN, 1))
    middle = image[:SIZE, SIZE + 12]
    zero = coloured(np.zeros(1, np.float32), (-1, 1), signed=True)[0]
    assert np.abs(middle[SIZE // 2].astype(int) - zero).max() <= 4
