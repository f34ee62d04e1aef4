"""`trainvis export --pictures`: what is read back from the files are the colours and numbers of the figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from PIL import Image

from tests.figure_files import figure as stored_figure
from trainvis.engine.rundir import RunDir
from trainvis.tui.commands.export_pictures import progress
from trainvis.tui.pixels.raster import BORDER
from trainvis.tui.pixels.tone import Tone, coloured
from trainvis.vis.figures import KINDS, Figure, Item, Items, Maps, Moment
from trainvis.vis.results import Results

Trainvis = Callable[..., Result]
VALUES = np.arange(2 * 4 * 6, dtype=np.float32).reshape(2, 4, 6)


def figure(step: int) -> Figure:
    maps = Maps(VALUES * (1 + step / 10), Items(2, Item(layer="conv"), unit=np.array([5, 7])), "conv", "layer")
    return Figure("layer_activations", (maps,), moment=Moment(step, step / 10))


@pytest.fixture
def run(made: Callable[..., RunDir]) -> RunDir:
    """A run with three steps of one technique."""
    found = made()
    for step in (0, 10, 20):
        Results(found).save("layer_activations", figure(step))
    return found


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder that is not there yet."""
    return tmp_path / "out"


def pixels(path: Path, frame: int = 0) -> np.ndarray:
    with Image.open(path) as image:
        image.seek(frame)
        return np.asarray(image.convert("RGB"))


def test_a_png_has_the_pixels_of_a_map_as_large_as_was_asked(trainvis: Trainvis, run: RunDir, out: Path) -> None:
    done = trainvis("export", run.id, "--pictures", out, "--map", 7, "--scale", 3, "--no-bar")
    (path,) = map(Path, done.stdout.split())
    assert path.name == "layer_activations-step000020-conv-map7.png"
    expected = coloured(VALUES[1], (24, 47)).repeat(3, axis=0).repeat(3, axis=1)
    np.testing.assert_array_equal(pixels(path), expected)


def test_a_grid_has_its_bar_beside_it(trainvis: Trainvis, run: RunDir, out: Path) -> None:
    trainvis("export", run.id, "--pictures", out, "--range", "layer", "--colors", "grey")
    (path,) = out.iterdir()
    found = pixels(path)
    np.testing.assert_array_equal(found[:4, :6], coloured(VALUES[0], (0, 47), Tone("grey")))
    left = (13 if tuple(found[0, 6]) == BORDER else 6) + 12
    bar = found[6:-6, left, 0].tolist()
    assert bar == sorted(bar, reverse=True)  # the greatest number is above
    assert bar[:1] + bar[-1:] == [255, 0]
    with Image.open(path) as image:
        assert "conv: 2 maps of 6×4; grey, 0 to 141" in image.text["Description"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_an_animation_has_a_frame_a_step_in_one_range(trainvis: Trainvis, run: RunDir, out: Path, kind: str) -> None:
    more = ("--animation", kind, "--range", "training", "--map", 5, "--no-bar", "--pause", 120)
    done = trainvis("export", run.id, "--pictures", out, *more)
    assert done.exit_code == 0, done.output
    (path,) = out.iterdir()
    assert path.name == f"layer_activations-conv-map5.{kind}"
    with Image.open(path) as image:
        assert image.n_frames == 3  # type: ignore[attr-defined]
    for frame, factor in enumerate((1, 2, 3)):
        expected = coloured(VALUES[0] * factor, (0, 23 * 3))
        np.testing.assert_array_equal(pixels(path, frame)[:4, :6], expected)


def test_npz_holds_the_numbers_and_what_they_show(trainvis: Trainvis, run: RunDir, out: Path) -> None:
    trainvis("export", run.id, "--pictures", out, "--npz", "--step", "10")
    with np.load(out / "layer_activations-step000010.npz", allow_pickle=False) as arrays:
        np.testing.assert_allclose(arrays["conv"], VALUES * 2)
        assert arrays["conv.unit"].ravel().tolist() == [5, 7]
        assert arrays["step"] == 10


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_figure_has_its_numbers(
    trainvis: Trainvis, made: Callable[..., RunDir], out: Path, kind: str
) -> None:
    run = made()
    Results(run).save("x", stored_figure(kind))
    done = trainvis("export", run.id, "--pictures", out, "--npz")
    assert done.exit_code == 0, done.output
    with np.load(out / "x-step000930.npz", allow_pickle=False) as arrays:
        assert arrays["input.0"].shape == (28, 28, 1)
        assert len(arrays.files) > 8
    (drawn,) = out.glob("*.png")
    with Image.open(drawn) as image:
        low, high = image.convert("L").getextrema()
    assert low != high


def test_every_step_is_written_where_all_are_wanted(trainvis: Trainvis, run: RunDir, out: Path) -> None:
    done = trainvis("export", run.id, "--pictures", out, "--step", "all", "--json")
    assert [Path(each).name[-15:] for each in json.loads(done.stdout)] == [f"{at:06d}-conv.png" for at in (0, 10, 20)]


def test_nothing_is_written_over_without_being_told(trainvis: Trainvis, run: RunDir, out: Path) -> None:
    trainvis("export", run.id, "--pictures", out, "--step", "first")
    (path,) = out.iterdir()
    path.write_bytes(b"mine")
    refused = trainvis("export", run.id, "--pictures", out, "--step", "all")
    assert refused.exit_code == 1
    assert "--replace" in refused.stderr
    assert [each.read_bytes() for each in out.iterdir()] == [b"mine"]
    assert trainvis("export", run.id, "--pictures", out, "--step", "all", "--replace").exit_code == 0
    assert path.read_bytes()[:4] == b"\x89PNG"
    assert not list(out.glob(".*"))


def test_a_folder_that_cannot_be_written_is_said(trainvis: Trainvis, run: RunDir, out: Path) -> None:
    out.write_text("")
    done = trainvis("export", run.id, "--pictures", out / "below")
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--scale", "2"), "--scale needs --pictures FOLDER"),
        (("--npz",), "--npz needs --pictures FOLDER"),
        (("--pictures", "x", "--metric", "loss"), "--metric and -o are for metrics"),
    ],
)
def test_what_would_be_left_out_without_a_word_is_refused(
    trainvis: Trainvis, run: RunDir, arguments: tuple[str, ...], sentence: str
) -> None:
    done = trainvis("export", run.id, *arguments)
    assert done.exit_code == 2
    assert sentence in done.stderr


def test_a_damaged_step_is_a_gap_that_is_said(trainvis: Trainvis, run: RunDir, out: Path) -> None:
    run.figure_file("layer_activations", 10).write_bytes(b"no figure")
    done = trainvis("export", run.id, "--pictures", out, "--animation", "webp", "--no-bar")
    assert done.exit_code == 0
    assert "10.h5" in done.stderr
    with Image.open(next(out.iterdir())) as image:
        assert image.n_frames == 2  # type: ignore[attr-defined]


def test_progress_says_how_much_is_left() -> None:
    assert progress(0, 40, 0.1, "a.png") == "0 of 40  a.png"
    assert progress(10, 40, 20.0, "a.png") == "10 of 40  1m00s to go  a.png"
