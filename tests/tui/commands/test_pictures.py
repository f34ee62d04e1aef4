"""`trainvis pictures`: the colours that a terminal shows are those of the numbers; a pipe gets words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from tests.figure_files import figure as stored_figure
from tests.terminals import PixelTerminal
from trainvis.engine.rundir import RunDir
from trainvis.tui.pixels.tone import coloured
from trainvis.vis.figures import KINDS, Figure, Input, Item, Items, Maps, Matrix, Moment, Prediction
from trainvis.vis.results import Results

Trainvis = Callable[..., Result]
_PIECE = re.compile(r"\x1b\[38;2;(\d+);(\d+);(\d+);48;2;(\d+);(\d+);(\d+)m([▀ ]+)")

VALUES = np.arange(2 * 4 * 6, dtype=np.float32).reshape(2, 4, 6)


def figure(step: int, layer: str = "conv") -> Figure:
    maps = Maps(VALUES + step, Items(2, Item(image=0, layer=layer), unit=np.array([5, 7])), layer, "layer")
    given = Input(np.zeros((4, 6, 1), np.uint8), "six.png", "resized")
    return Figure(
        "layer_activations",
        (maps,),
        (given,),
        (Prediction((6, 1), (0.9, 0.1), ("six", "one")),),
        moment=Moment(step, step / 10),
    )


@pytest.fixture
def run(made: Callable[..., RunDir]) -> RunDir:
    """A run with two steps of one technique."""
    found = made()
    for step in (10, 20):
        Results(found).save("layer_activations", figure(step))
    return found


def shown(text: str) -> np.ndarray:
    """The pixels that half blocks of 24-bit colours show: 2 rows a line."""
    rows = []
    for line in text.splitlines():
        pieces = _PIECE.findall(line)
        if pieces:
            for first in (0, 3):
                rows += [[tuple(map(int, piece[first : first + 3])) for piece in pieces for _ in piece[6]]]
    return np.array(rows, np.uint8)


def test_a_terminal_shows_the_colours_of_the_numbers(
    trainvis: Trainvis, run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-direct")
    done = trainvis("pictures", run.id, "--images", "half", "--width", "12", "--map", "7", "--step", "10")
    expected = coloured(VALUES[1], (24, 47)).repeat(2, axis=0).repeat(2, axis=1)
    np.testing.assert_array_equal(shown(done.stdout), expected)
    assert "colours viridis, from 34 to 57" in done.stdout


@pytest.mark.parametrize("way", ["half", "quadrant", "kitty", "sixel", "iterm"])
def test_every_way_shows_the_same_pixels(
    trainvis: Trainvis, run: RunDir, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv("TERM", "xterm-direct")
    done = trainvis("pictures", run.id, "--images", way, "--width", "12", "--map", "5", "--step", "10")
    terminal = PixelTerminal(80, 24)
    before, _, _ = done.stdout.partition("conv: 2 maps of 6×4\n")
    terminal.feed(done.stdout.replace("\n", "\r\n").encode())
    found = terminal.picture(0, before.count("\n") + 1, 12, 4).astype(int)
    expected = coloured(VALUES[0], (0, 23)).repeat(16, axis=0).repeat(16, axis=1)
    assert np.abs(found - expected).max() <= (3 if way == "sixel" else 0)  # sixels have colours in percent


def test_in_256_colours_each_is_the_nearest_there_is(
    trainvis: Trainvis, run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    done = trainvis("pictures", run.id, "--images", "half", "--width", "12", "--colors", "grey", "--map", "5")
    numbers = {int(each) for each in re.findall(r"[34]8;5;(\d+)", done.stdout)}
    assert {16, 231} <= numbers  # black and white
    assert numbers <= {16, 231, *range(232, 256), *(16 + 43 * step for step in range(6))}


def test_a_pipe_gets_words_and_numbers_and_no_control_character(trainvis: Trainvis, run: RunDir) -> None:
    done = trainvis("pictures", run.id)
    assert done.exit_code == 0
    assert "\x1b" not in done.stdout
    assert "layer_activations, step 20, epoch 2" in done.stdout
    assert "input six.png: predicted six 90.0 %, one 10.0 % (resized)" in done.stdout
    assert "conv: 2 maps of 6×4" in done.stdout
    row = next(line for line in done.stdout.splitlines() if line.startswith("map 7"))
    assert row.split() == ["map", "7", "44", "55.50", "67", "0", "%"]


def test_the_step_is_a_number_the_first_or_the_latest(trainvis: Trainvis, run: RunDir) -> None:
    assert "step 10" in trainvis("pictures", run.id, "--step", "first").stdout
    assert "step 20" in trainvis("pictures", run.id, "--step", "latest").stdout
    missed = trainvis("pictures", run.id, "--step", "15")
    assert missed.exit_code == 1
    assert "the nearest are at 10, 20" in missed.stderr
    assert trainvis("pictures", run.id, "--step", "soon").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("-t", "layer_activation"), "did you mean layer_activations?"),
        (("-l", "convv"), "did you mean conv?"),
        (("--map", "9"), "there is no map 9: there are 2"),
    ],
)
def test_what_is_not_there_is_said(trainvis: Trainvis, run: RunDir, arguments: tuple[str, ...], sentence: str) -> None:
    done = trainvis("pictures", run.id, *arguments)
    assert done.exit_code == 1
    assert sentence in done.stderr


def test_a_run_without_figures_says_how_there_would_be_some(trainvis: Trainvis, made: Callable[..., RunDir]) -> None:
    done = trainvis("pictures", made().id)
    assert done.exit_code == 1
    assert "trainvis look" in done.stderr


def test_last_is_the_newest_run_that_has_figures(trainvis: Trainvis, run: RunDir, made: Callable[..., RunDir]) -> None:
    made("newer")
    assert "layer_activations" in trainvis("pictures", "last").stdout


def test_the_list_names_parts_and_steps_also_for_programs(trainvis: Trainvis, run: RunDir) -> None:
    assert "layer_activations: 2 steps (10, 20)\n  conv: 2 maps of 6×4" in trainvis("pictures", "--list").stdout
    (listed,) = json.loads(trainvis("pictures", "--json").stdout)
    assert [each["step"] for each in listed["steps"]] == [10, 20]
    assert listed["parts"][0]["part"] == "conv"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_figure_is_said_in_words(trainvis: Trainvis, made: Callable[..., RunDir], kind: str) -> None:
    run = made()
    Results(run).save(f"{kind}_technique", stored_figure(kind))
    done = trainvis("pictures", run.id)
    assert done.exit_code == 0, done.output
    assert "input seven.png: predicted seven 90.0 %, one 10.0 %" in done.stdout
    expected = {
        "maps": "map 11", "pictures": "map 11, #1", "vectors": "the 20 largest of 50 values", "points": "PC 3",
        "matrix": "rows true, columns predicted", "histograms": "conv2d, kernel", "series": "precision over recall",
        "graph": "conv2d", "table": "share of zeros",
    }  # fmt: skip
    assert expected[kind] in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 120


def test_a_damaged_file_is_said_and_the_others_are_printed(trainvis: Trainvis, run: RunDir) -> None:
    Results(run).save("saliency_maps", figure(20, "input"))
    run.figure_file("saliency_maps", 20).write_bytes(b"no figure")
    done = trainvis("pictures", run.id)
    assert "layer_activations, step 20" in done.stdout
    assert "saliency_maps" in done.stderr or "20.h5" in done.stderr


def test_no_escape_sequence_of_a_layer_or_a_label_comes_through(
    trainvis: Trainvis, made: Callable[..., RunDir]
) -> None:
    run = made()
    evil = "\x1b]0;owned\x07\x1b[2J"
    maps = Maps(VALUES, Items(2, Item(layer=evil, aspect=evil, record=evil)), evil)
    given = Input(np.zeros((4, 6, 1), np.uint8), evil, evil)
    Results(run).save("x", Figure("x", (maps,), (given,), (Prediction((1,), (0.5,), (evil,)),), (evil,)))
    for arguments in ((), ("--list",), ("--images", "off"), ("--layer", evil)):
        done = trainvis("pictures", run.id, *arguments)
        assert "\x1b" not in done.output
        assert "\x07" not in done.output


def test_many_maps_are_cut_and_said(trainvis: Trainvis, made: Callable[..., RunDir]) -> None:
    run = made()
    maps = Maps(np.zeros((100, 4, 4), np.float32), Items(100, Item(layer="conv"), unit=np.arange(100)), "conv")
    Results(run).save("x", Figure("x", (maps,)))
    assert "maps 1 to 64 of 100: --first 65 goes on" in trainvis("pictures", run.id).stdout
    assert "map 99" in trainvis("pictures", run.id, "--all").stdout
    some = trainvis("pictures", run.id, "--first", "97", "--limit", "2").stdout
    assert [line.split()[1] for line in some.splitlines() if line.startswith("map ")] == ["96", "97"]
    assert "it has 100 maps, so none from 101 on" in trainvis("pictures", run.id, "--first", "101").stdout


def test_a_matrix_of_a_thousand_rows_is_cut_and_said(trainvis: Trainvis, made: Callable[..., RunDir]) -> None:
    run = made()
    names = tuple(f"class {number}" for number in range(1000))
    Results(run).save("x", Figure("x", (Matrix(np.zeros((1000, 2), int), names, ("a", "b"), axes=("true", "said")),)))
    done = trainvis("pictures", run.id, "--limit", "20").stdout
    assert done.count("\nclass ") == 20
    assert "rows true, columns said" in done
    assert "rows 1 to 20 of 1,000: --first 21 goes on" in done
    assert trainvis("pictures", run.id, "--all").stdout.count("\nclass ") == 1000


def test_the_file_of_a_run_stays_as_it_was(trainvis: Trainvis, run: RunDir, tmp_path: Path) -> None:
    before = run.figure_file("layer_activations", 10).read_bytes()
    trainvis("pictures", run.id, "--images", "half")
    assert run.figure_file("layer_activations", 10).read_bytes() == before


def test_maps_that_are_very_high_fill_a_screen_not_hundreds(trainvis: Trainvis, run: RunDir) -> None:
    high = Maps(np.zeros((2, 1000, 2), np.float32), Items(2, Item(layer="conv")), "conv", "layer")
    Results(run).save("high", Figure("layer_activations", (high,)))
    done = trainvis("pictures", run.id, "-t", "high", "--images", "half", "--width", "80")
    assert done.exit_code == 0
    assert done.stdout.count("\n") < 60


def test_scores_of_a_network_gone_wrong_are_said_as_they_are(trainvis: Trainvis, run: RunDir) -> None:
    nan = float("nan")
    wrong = Figure("layer_activations", figure(30).parts, figure(30).inputs, (Prediction((6, 1), (nan, nan)),))
    Results(run).save("wrong", wrong)
    assert "class 6 nan" in trainvis("pictures", run.id, "-t", "wrong").stdout
