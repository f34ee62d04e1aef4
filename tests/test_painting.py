"""What the pictures of the manual are painted with, and the script that paints a network of photographs."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def painting():
    spec = importlib.util.spec_from_file_location("painting", DOCS / "painting.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["painting"] = module  # its dataclasses look there
    spec.loader.exec_module(module)
    yield module
    del sys.modules["painting"]


def test_zero_is_white_between_blue_and_red_and_the_middle_of_what_is_stretched(painting) -> None:
    below, zero, above = painting.diverging(np.array([[-2.0, 0.0, 1.0]]))[0]
    assert zero.tolist() == [255, 255, 255]
    assert below[2] > below[0]
    assert above[0] > above[2]
    assert painting.stretched(np.array([[[-1.0, 0.0, 0.5]]]))[0, 0].tolist() == [0, 128, 191]


def test_viridis_goes_from_its_darkest_to_its_brightest_and_numbers_all_alike_are_dark(painting) -> None:
    first, last = painting.viridis(np.array([[0.0, 3.0]]))[0].tolist()
    assert (first, last) == ([0x44, 0x01, 0x54], [0xFD, 0xE7, 0x25])
    assert (painting.viridis(np.zeros((2, 2))) == [0x44, 0x01, 0x54]).all()
    assert (painting.grey(np.full((2, 2), np.nan)) == 0).all()


def test_a_sheet_has_room_for_what_stands_in_it(painting) -> None:
    cell = painting.Cell(np.zeros((7, 7, 1), np.uint8), ("a caption that is too long for seventy pixels",))
    image = painting.sheet(
        [[cell, None], [painting.Cell(np.zeros((7, 7, 3), np.uint8))]], columns=("one", "two"), size=70
    )
    assert image.size == (6 + 2 * 76, 6 + 17 + 70 + 17 + 6 + 70 + 6)
    pixels = np.asarray(image)
    assert (pixels[23:93, 6:76] == 0).all()
    assert (pixels[23:110, 82:152] == 255).all(), "the caption ends with its cell"


def test_a_frame_lies_on_the_border_of_its_box(painting) -> None:
    found = painting.boxed(np.zeros((4, 4, 1), np.uint8), (1, 1, 3, 4), 2, (255, 0, 0))
    red = (found == [255, 0, 0]).all(axis=-1)
    assert found.shape == (8, 8, 3)
    assert np.argwhere(red).min(axis=0).tolist() == [2, 2]
    assert np.argwhere(red).max(axis=0).tolist() == [5, 7]


def test_a_picture_has_fewer_colours_rather_than_more_bytes_and_is_refused_where_that_does_not_help(
    painting, tmp_path
) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (30, 30, 3), dtype=np.uint8))
    file = painting.save(noise, tmp_path / "pictures" / "noise.png", most=1_600)
    assert file.stat().st_size <= 1_600
    with Image.open(file) as image:
        assert image.size == (30, 30)
    with pytest.raises(ValueError, match="32 colours"):
        painting.save(noise, tmp_path / "noise.png", most=500)


NETWORK = """
import keras, sys
from keras import layers
keras.utils.set_random_seed(0)
image = keras.Input((48, 48, 3))
x = layers.Rescaling(1 / 255)(image)
x = layers.Conv2D(8, 3, activation="relu", name="conv_1")(x)
x = layers.MaxPooling2D(name="pool")(x)
x = layers.Conv2D(8, 3, activation="relu", name="conv_2")(x)
x = layers.Dense(5, activation="softmax", name="class")(layers.GlobalAveragePooling2D()(x))
keras.Model(image, x).save(sys.argv[1])
"""


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("skimage") is None, reason="the photos are scikit-image's")
def test_the_pictures_of_a_network_are_made_of_any_classifier(tmp_path: Path) -> None:
    def run(*argv: object) -> str:
        done = subprocess.run(
            [sys.executable, *map(str, argv)],
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    run("-c", NETWORK, tmp_path / "small.keras")
    said = run(
        DOCS / "network_pictures.py", "--model", tmp_path / "small.keras", "--preprocess", "0..255",
        "--classes", 0, 1, "--layers", "pool", "--grown", "conv_1", "--dreams", "conv_2",
        "--iterations", 2, "--shift", 1, "--docs", tmp_path,
    )  # fmt: skip
    assert " of 9 shifts by up to ±1 pixels" in said
    page = (tmp_path / "inside.md").read_text(encoding="utf-8")
    shown = {line.partition("(pictures/")[2].rstrip(")") for line in page.splitlines() if line.startswith("![")}
    assert shown == {file.name for file in (tmp_path / "pictures").iterdir()}
