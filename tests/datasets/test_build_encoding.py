from __future__ import annotations

import io
from itertools import product

import numpy as np
import pytest
from PIL import Image

from trainvis.datasets.building.build import BuildOptions, Split
from trainvis.datasets.building.encoding import NO_PIXELS, Pixels, UnusableError, encoder, fitted
from trainvis.datasets.errors import BlobError


def gradient(height: int, width: int) -> np.ndarray:
    """Each column its own shade, 0 at the left, 255 at the right."""
    row = np.linspace(0, 255, width).round().astype(np.uint8)
    return np.repeat(np.tile(row, (height, 1))[:, :, None], 3, axis=2)


def test_cropping_cuts_the_same_from_both_sides():
    found = fitted(gradient(10, 30), (10, 10), "crop")
    assert np.array_equal(found, gradient(10, 30)[:, 10:20])


def test_squashing_keeps_the_whole_width():
    found = fitted(gradient(10, 40), (10, 10), "squash")
    assert found.shape == (10, 10, 3)
    assert found[0, 0, 0] < 30 < 225 < found[0, -1, 0]


def test_padding_puts_black_above_and_below():
    found = fitted(np.full((10, 20, 1), 200, np.uint8), (20, 20), "pad")
    assert (found[:5] == 0).all()
    assert (found[-5:] == 0).all()
    assert (found[5:15] == 200).all()


def test_filling_repeats_the_edge():
    assert (fitted(np.full((10, 20, 3), 200, np.uint8), (20, 20), "fill") == 200).all()


@pytest.mark.parametrize("fit", ["crop", "squash", "pad", "fill"])
def test_any_image_gets_any_size(fit):
    for size, old, channels in product([(1, 1), (7, 13), (64, 3)], [(1, 1), (5, 50), (33, 17)], [1, 3, 5]):
        found = fitted(np.full((*old, channels), 9, np.uint8), size, fit)
        assert found.shape == (*size, channels), old
        assert found.max() == 9, (size, old, channels)


def test_a_square_has_the_shorter_or_the_longer_side():
    assert Pixels(square=True, fit="crop").target(3, 8) == (3, 3)
    assert Pixels(square=True, fit="pad").target(3, 8) == (8, 8)


def test_grey_becomes_three_channels_and_colours_one():
    grey = np.full((2, 2, 1), 7, np.uint8)
    assert Pixels(colour="colour").of_array(grey).shape == (2, 2, 3)
    colours = np.zeros((1, 1, 3), np.uint8)
    colours[..., 1] = 255
    assert Pixels(colour="grey").of_array(colours).tolist() == [[[150]]]  # ITU-R 601: 0.587 of green


def test_numbers_of_other_types_become_pixels():
    pixels = Pixels()
    assert pixels.of_array(np.array([[0.0, 1.0]])).ravel().tolist() == [0, 255]
    assert pixels.of_array(np.array([[0, 65535]], np.uint16)).ravel().tolist() == [0, 255]
    assert pixels.of_array(np.array([[False, True]])).ravel().tolist() == [0, 255]
    for wrong in (np.array([[np.nan]]), np.array([[-1]]), np.array([[300]])):
        with pytest.raises(UnusableError, match=NO_PIXELS):
            pixels.of_array(wrong)


def test_a_photo_is_upright_when_it_is_stored():
    target = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.fromarray(gradient(20, 40))
    image.save(target, "JPEG", exif=exif)
    assert Pixels().of_file(target.getvalue()).shape == (40, 20, 3)


def test_a_large_jpeg_that_becomes_small_is_nearly_what_decoding_all_of_it_gives():
    target = io.BytesIO()
    Image.fromarray(gradient(800, 1200)).save(target, "JPEG", quality=95)
    quick = Pixels((32, 32)).of_file(target.getvalue())
    slow = fitted(gradient(800, 1200), (32, 32), "crop")
    assert np.abs(quick.astype(int) - slow).max() <= 4


def test_png_gives_back_what_it_was_given():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    assert np.array_equal(Image.open(io.BytesIO(encoder("png", 90)(pixels))), pixels)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (lambda: BuildOptions(size=(0, 5)), "1 to 16384 pixels"),
        (lambda: BuildOptions(encoding="keep", size=(5, 5)), "kept as they are"),
        (lambda: BuildOptions(encoding="gif"), "jpeg, png, raw, not 'gif'"),  # type: ignore[arg-type]
        (lambda: BuildOptions(quality=0), "quality of JPEG is 1 to 100"),
        (lambda: BuildOptions(limit=0), "1 or more"),
        (lambda: Split(shares={"train": 0.5, "test": 0.6}), "add up to 1, not to 1.1"),
        (lambda: Split(shares={"train": 1.0}), "two parts or more"),
        (lambda: Split(by="lists"), "a file for each part"),
    ],
)
def test_options_that_cannot_be_are_refused_in_a_sentence(options, sentence):
    with pytest.raises(BlobError, match=sentence):
        options()
