"""Sheets read from real files: what is there, what is missing, what is damaged; and the thread that follows a run."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.wait import wait_for
from trainvis.engine.rundir import RunDir
from trainvis.tui.figures.rasters import caption, rasters
from trainvis.tui.figures.reader import FigureReader, SheetRead, ShelfSeen
from trainvis.tui.figures.sheet import Ask, read_sheet, with_whole
from trainvis.tui.figures.shots import painted
from trainvis.tui.pixels.tone import PLAIN
from trainvis.vis.figures import Figure, Input, Item, Items, Maps, Moment, Vectors
from trainvis.vis.results import Results


def figure(step: int, size: int = 8, count: int = 4) -> Figure:
    values = np.arange(count * size * size, dtype=np.float32).reshape(count, size, size) + step
    maps = Maps(values, Items(count, Item(image=0, layer="conv"), unit=np.arange(count)), "conv", "layer")
    vectors = Vectors(np.ones((1, 5), np.float32), [Item(image=0, layer="dense")], "dense")
    given = Input(np.zeros((size, size, 1), np.uint8), "six.png")
    return Figure("layer_activations", (maps, vectors), (given,), moment=Moment(step, step / 10))


def saved(root: Path, *steps: int, **more: int) -> Path:
    run = RunDir(root / "run")
    for step in steps:
        Results(run).save("layer_activations", figure(step, **more))
    return run.path


def test_a_sheet_is_the_latest_figure_or_the_one_asked_for(tmp_path: Path) -> None:
    run = saved(tmp_path, 10, 20)
    assert read_sheet(Ask(run, "layer_activations")).moment.step == 20
    sheet = read_sheet(Ask(run, "layer_activations", 10, "conv"))
    assert not sheet.problem
    assert [facts.name for facts in sheet.parts] == ["conv", "dense"]
    assert [raster.size for raster in rasters(sheet)] == [(8, 8)] * 4
    assert rasters(sheet)[1].numbers(0, 0) == (74.0,)
    assert sheet.items is not None
    assert caption(sheet.items[1], sheet) == "map 1"


def test_of_large_maps_thumbnails_are_read_and_whole_the_ones_asked_for(tmp_path: Path) -> None:
    run = saved(tmp_path, 10, size=300)
    sheet = read_sheet(Ask(run, "layer_activations", 10, "conv", full=(2,)))
    assert sheet.reduced
    assert list(sheet.full) == [2]
    found = rasters(sheet)
    assert [raster.size for raster in found] == [(300, 300)] * 4
    np.testing.assert_allclose(found[2].numbers(299, 299), 3 * 300 * 300 - 1 + 10, rtol=1e-3)


def test_maps_are_read_whole_beside_thumbnails_that_were_read_before(tmp_path: Path) -> None:
    run = saved(tmp_path, 10, size=300)
    before = read_sheet(Ask(run, "layer_activations", 10, "conv"))
    sheet = with_whole(before, Ask(run, "layer_activations", 10, "conv", full=(2, 99)))
    assert sheet.part is before.part
    assert list(sheet.full) == [2]
    np.testing.assert_array_equal(sheet.full[2], read_sheet(sheet.ask).full[2])
    first, second = painted(before, PLAIN), painted(sheet, PLAIN)
    assert (first[1] is second[1], first[2] is second[2]) == (True, False), "what did not change is not drawn again"
    RunDir(run).figure_file("layer_activations", 10).unlink()
    assert "does not exist" in with_whole(before, Ask(run, "layer_activations", 10, "conv", full=(1,))).problem


def test_what_is_not_there_or_damaged_is_said(tmp_path: Path) -> None:
    run = saved(tmp_path, 10, 20)
    assert "no figure" in read_sheet(Ask(run, "saliency_maps")).problem
    assert "step 15" in read_sheet(Ask(run, "layer_activations", 15)).problem
    assert "no part" in read_sheet(Ask(run, "layer_activations", 10, "pool")).problem
    RunDir(run).figure_file("layer_activations", 20).write_bytes(b"not HDF5")
    problem = read_sheet(Ask(run, "layer_activations")).problem
    assert problem
    assert "\n" not in problem


class Posted:
    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.lock = threading.Lock()

    def __call__(self, message: Any) -> None:
        with self.lock:
            self.messages.append(message)

    def of(self, kind: type) -> list[Any]:
        with self.lock:
            return [each for each in self.messages if isinstance(each, kind)]


@pytest.mark.slow
def test_the_thread_tells_of_new_figures_and_reads_only_the_newest_wish_of_a_key(tmp_path: Path) -> None:
    run = saved(tmp_path, 10)
    posted = Posted()
    reader = FigureReader(posted)
    for step in (30, 20, 10):  # before it starts: the first two are never read
        reader.want("main", Ask(run, "layer_activations", step))
    reader.start()
    try:
        wait_for(lambda: posted.of(SheetRead))
        assert [each.sheet.ask.step for each in posted.of(SheetRead)] == [10]
        reader.follow({run: True})
        wait_for(lambda: posted.of(ShelfSeen))
        saved(tmp_path, 40)
        wait_for(lambda: len(posted.of(ShelfSeen)) == 2)
        entries = posted.of(ShelfSeen)[-1].shelf.figures["layer_activations"]
        assert [entry.step for entry in entries] == [10, 40]
    finally:
        reader.stop()


def test_problems_of_a_run_are_told_as_sentences(tmp_path: Path) -> None:
    run = RunDir(saved(tmp_path, 10))
    run.problems_file.write_text('{"time": 1, "part": "grad_cam", "text": "no\\u001b[2J convolution"}\nhalf a li')
    posted = Posted()
    reader = FigureReader(posted)
    reader.follow({run.path: False})
    reader.start()
    try:
        wait_for(lambda: posted.of(ShelfSeen))
        shelf = posted.of(ShelfSeen)[0].shelf
        ((part, said),) = shelf.problems
        assert (part, said[:2]) == ("grad_cam", "no")
        assert "\x1b" not in said
        assert shelf.failed == ("grad_cam",), "a technique that made no figure has its place in the list"
    finally:
        reader.stop()
