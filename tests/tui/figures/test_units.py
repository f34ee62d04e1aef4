"""The units of a network as figures tell them: which items show one, and how one walks from unit to unit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.figures import absent, units
from trainvis.tui.figures.sheet import Ask, PartFacts, Sheet
from trainvis.tui.pixels.marked import LINE, Marked
from trainvis.tui.pixels.raster import Grid, Plane
from trainvis.tui.pixels.viewport import Viewport, window
from trainvis.vis.figures import Item, Items, Table
from trainvis.vis.items import NOTHING


def test_a_unit_is_the_last_number_wherever_in_the_map_it_lies() -> None:
    items = Items(4, Item(layer="conv"), unit=[(3,), (1, 2, 7), None, (5, 5, 3)], rank=[1, 0, 0, 0])
    assert units.numbers(items).tolist() == [3, 7, NOTHING, 3]
    assert units.places(items, 3) == (3, 0)  # by rank
    assert units.places(items, 4) == ()


def test_of_activations_the_map_on_one_image_is_chosen() -> None:
    items = Items(6, Item(layer="conv"), unit=np.tile(np.arange(3), 2), image=np.repeat([0, 1], 3))
    assert units.places(items, 2, image=1) == (5,)
    assert units.places(items, 2) == (2, 5)


def test_layers_stand_in_the_order_of_the_network_as_far_as_any_figure_tells() -> None:
    def sheet(table: Table | None = None, *parts: PartFacts) -> Sheet:
        return Sheet(Ask(Path("run"), "figure"), part=table, parts=parts)

    rows = tuple((path, image, "Conv2D", "4×4×8", 8) for path in ("conv_1", "conv_2") for image in (0, 1))
    told = sheet(Table(("layer", "image", "kind", "shape", "units"), rows, "layers"))
    largest = sheet(Table(("layer", "map"), (("conv_2", 0), ("dense", 0), ("dense", 3)), "largest"))
    learned = sheet(
        None,
        PartFacts("pictures", "dense", (9, 8, 8, 1), "input"),
        PartFacts("pictures", "output", (1, 8, 8, 1), "input"),
    )
    found = units.layers(told, largest, [learned])
    assert [(each.path, each.units) for each in found] == [("conv_1", 8), ("conv_2", 8), ("dense", 4), ("output", 0)]
    assert found[0].shape == "4×4×8"
    assert units.layers(None, None) == ()


def test_learned_images_are_of_no_image() -> None:
    items = Items(3, Item(layer="conv", unit=(4,)), rank=np.array([2, 0, 1]))
    assert units.places(items, 4, image=9) == (1, 2, 0)
    assert units.places(items, 4, most=2) == (1, 2)


@given(count=st.integers(1, 40), columns=st.integers(1, 9), data=st.data())
def test_walking_down_a_grid_comes_back_up_and_stays_in_its_column(
    count: int, columns: int, data: st.DataObject
) -> None:
    unit = data.draw(st.integers(0, count - 1))
    there = units.below(unit, 1, columns, count)
    assert 0 <= there < count
    assert there % columns == unit % columns
    assert units.below(there, -1, columns, count) == unit
    assert units.stepped(units.stepped(unit, 10, count), -10, count) == unit


@pytest.mark.parametrize(
    ("before", "digit", "count", "after"),
    [("", "1", 24, "1"), ("1", "2", 24, "12"), ("12", "3", 24, "3"), ("", "9", 5, ""), ("0", "7", 24, "7")],
)
def test_a_number_is_typed_digit_by_digit(before: str, digit: str, count: int, after: str) -> None:
    assert units.typed(before, digit, count) == after


@given(order=st.permutations(list("abcdef")), room=st.integers(-1, 7), focus=st.sampled_from("abcdef"))
def test_the_panel_in_focus_is_always_shown(order: list[str], room: int, focus: str) -> None:
    shown = units.visible(order, room, focus)
    assert focus in shown
    assert len(shown) == min(max(room, 1), 6)
    assert set(order[: max(room, 1) - 1]) <= shown


def test_the_frame_lies_around_its_tile_and_changes_nothing_in_it() -> None:
    tiles = [Plane(np.full((4, 4), float(number)), reach=(0.0, 9.0)) for number in range(9)]
    grid = Grid(tiles, (4, 4), 3)

    def framed(tile: int, zoom: float = 1.0) -> tuple[set[int], set[int]]:
        """The rows and columns of the picture that lie under the frame."""
        seen = window(Viewport(0.5, 0.5, zoom), grid.size, (42, 42))
        plain, marked = grid.paint(seen), Marked(grid, (*grid.place(tile), 4, 4)).paint(seen)
        rows, columns = np.nonzero((plain != marked).any(axis=2))
        assert (marked[rows, columns] == LINE).all()
        return set(seen.y0[rows].tolist()), set(seen.x0[columns].tolist())

    rows, columns = framed(4)
    assert rows == columns == {4, 5, 6, 7, 8, 9}
    assert framed(0) == ({0, 1, 2, 3, 4}, {0, 1, 2, 3, 4})  # no border lies before it: the frame is its edge
    assert framed(4, zoom=12) == (set(), set())  # so near that nothing but the tile is seen
    assert framed(0, zoom=12) == (set(), set())


def test_what_is_missing_is_said_with_how_to_get_it_and_a_shell_can_take_it() -> None:
    said = absent.learned("my run", "block/conv", 7, (0, 1))
    assert "there are some of 0, 1" in said
    assert "trainvis look 'my run' -t deep_visualization --unit block/conv:7 -o tries=9" in said
    assert "units=['block/conv:7'], tries=9" in said
    assert "\x1b" not in absent.maximal("run", "conv\x1b[2J", 3, ())
    assert "step 40" in absent.maximal("run", "conv", 3, (), later=40)
