"""What stands side by side: moments of several runs, settings, columns, and what each picture is called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.engine.rundir import RunDir
from trainvis.tui.figures import beside
from trainvis.tui.figures.beside import Choice
from trainvis.tui.figures.sheet import Ask, Sheet, read_sheet
from trainvis.tui.pixels.raster import Plane
from trainvis.tui.pixels.tone import PLAIN
from trainvis.vis.figures import Figure, Item, Items, Maps, Moment
from trainvis.vis.results import Entry, Results

A, B = Path("a"), Path("b")


def entries(steps: Sequence[int], per_epoch: float = 10.0, technique: str = "saliency_maps") -> tuple[Entry, ...]:
    return tuple(Entry("maps", step, technique, epoch=step / per_epoch) for step in steps)


FIGURES: beside.Figures = {A: {"maps": entries([0, 10, 20, 30])}, B: {"maps": entries([0, 20, 40], 20)}}
RUNS = Choice("runs", (A, B), "maps")


def steps(choice: Choice) -> list[int | None]:
    return [side.entry.step if side.entry else None for side in beside.sides(choice, FIGURES)]


def test_several_runs_stand_at_the_last_epoch_that_all_have_reached() -> None:
    assert beside.moment(RUNS, FIGURES) == 2.0  # the longer run has three
    assert steps(RUNS) == [20, 40]
    assert beside.moments(RUNS, FIGURES) == (0.0, 1.0, 2.0, 3.0)


def test_an_epoch_beyond_the_end_of_a_run_shows_its_last_figure() -> None:
    assert steps(Choice("runs", (A, B), "maps", when=3.0)) == [30, 40]
    assert steps(Choice("runs", (A, B), "maps", when=1.0)) == [10, 20]


def test_runs_may_stand_at_the_same_step_instead() -> None:
    choice = Choice("runs", (A, B), "maps", by_epoch=False)
    assert beside.moment(choice, FIGURES) == 30
    assert steps(choice) == [30, 20]


def test_one_run_goes_by_its_steps() -> None:
    choice = Choice("images", (A,), "maps", images=(0, 2))
    assert beside.moments(choice, FIGURES) == (0, 10, 20, 30)
    assert [(side.entry and side.entry.step, side.image) for side in beside.sides(choice, FIGURES)] == [
        (30, 0),
        (30, 2),
    ]
    assert steps(Choice("images", (A,), "maps", images=(0,), when=15)) == [10]
    assert steps(Choice("steps", (A,), "maps", steps=(0, 19, 30))) == [0, 10, 30]


def test_a_run_without_the_figure_stands_there_without_one() -> None:
    choice = Choice("runs", (A, Path("c")), "maps")
    assert steps(choice) == [30, None]


def test_settings_are_figures_of_the_same_technique_under_other_names() -> None:
    sets = {name: entries([5], technique="deep_visualization") for name in ("first", "sparse", "dense")}
    figures = {A: {**sets, "maps": entries([5])}, B: sets}
    assert beside.of_settings(figures, (A,), "sparse") == ((A, "sparse"), (A, "first"), (A, "dense"))
    assert beside.of_settings(figures, (A, B), "dense")[:2] == ((A, "dense"), (B, "dense"))


def test_what_all_runs_have_is_laid_side_by_side_first() -> None:
    figures = {
        A: {"x": entries([1], technique="confusion_matrix"), "only": entries([1]), "maps": entries([1])},
        B: FIGURES[B],
    }
    assert beside.common(figures, (A, B)) == ("maps",)
    assert beside.common(figures, (A,)) == ("only", "maps")
    assert beside.common({A: {"only": entries([1])}, B: {}}, (A, B)) == ("only",)


@given(
    count=st.integers(1, 6),
    tile=st.tuples(st.integers(1, 99), st.integers(1, 99)),
    room=st.tuples(st.integers(20, 200), st.integers(8, 60)),
)
def test_there_are_as_many_columns_as_show_the_pictures_largest(
    count: int, tile: tuple[int, int], room: tuple[int, int]
) -> None:
    def scale(columns: int) -> float:
        rows = -(-count // columns)
        return min((room[0] - 2 * (columns - 1)) / columns / tile[0], (room[1] / rows - 2) * 2 / tile[1])

    found = beside.columns_of(count, tile, room)
    assert 1 <= found <= count
    assert scale(found) == max(scale(columns) for columns in range(1, count + 1))


def sheet(tmp_path: Path, name: str, values: Sequence[float], **options: object) -> Sheet:
    """A figure with a map for each value, all of that value, one for each unit."""
    maps = np.repeat(np.array(values, np.float32), 4).reshape(-1, 2, 2)
    part = Maps(maps, Items(len(values), Item(image=0, layer="conv"), unit=np.arange(len(values))), "conv", "layer")
    run = RunDir(tmp_path / "run")
    Results(run).save(name, Figure("deep_visualization", (part,), recipe={"options": options}, moment=Moment(7, 0.5)))
    return read_sheet(Ask(run.path, name))


def test_all_share_one_range_or_each_has_its_own(tmp_path: Path) -> None:
    sheets = [sheet(tmp_path, "a", [1, 4]), sheet(tmp_path, "b", [9, 2])]
    choice = Choice(
        "settings", (tmp_path / "run",), "a", settings=tuple((each.ask.run, each.ask.name) for each in sheets)
    )
    stand = [beside.Side(each.ask.run, each.ask.name, each.entry) for each in sheets]
    like = Item(image=0, layer="conv", unit=(1,))

    def ranges(*, shared: bool) -> list[tuple[float, float]]:
        made = beside.panels(choice, stand, sheets, like, PLAIN, str, shared=shared)
        return [raster.range for each in made if isinstance(raster := each.shots[0].raster, Plane)]

    assert ranges(shared=True) == [(0.0, 4.0), (0.0, 4.0)]
    assert ranges(shared=False) == [(0.0, 4.0), (0.0, 2.0)]


def test_settings_are_called_by_what_parts_them(tmp_path: Path) -> None:
    sheets = [sheet(tmp_path, name, [1.0], regularisers=name, iterations=30) for name in ("sparse", "dense")]
    choice = Choice(
        "settings", (tmp_path / "run",), "sparse", settings=tuple((each.ask.run, each.ask.name) for each in sheets)
    )
    stand = [beside.Side(each.ask.run, each.ask.name, each.entry) for each in sheets]
    made = beside.panels(choice, stand, sheets, None, PLAIN, str, shared=True)
    assert [(panel.place, panel.title) for panel in made] == [
        ("regularisers sparse", "sparse"),
        ("regularisers dense", "dense"),
    ]


@pytest.mark.parametrize(
    ("given", "words"), [("no entry", "no figure maps so early"), ("unread", ""), ("no item", "nothing of unit 3")]
)
def test_where_there_is_no_picture_it_is_said(tmp_path: Path, given: str, words: str) -> None:
    read = sheet(tmp_path, "maps", [1.0])
    side = beside.Side(read.ask.run, "maps", None if given == "no entry" else read.entry)
    found = None if given != "no item" else read
    like = Item(image=0, layer="conv", unit=(3,))
    (panel,) = beside.panels(Choice("runs", (A,), "maps"), [side], [found], like, PLAIN, str, shared=True)
    assert not panel.shots
    assert words in panel.words if words else panel.words == ""
