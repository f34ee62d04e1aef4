"""From pixels to network units and back, by names and by functions of people's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.engine.text import printable
from trainvis.vis.images import as_images
from trainvis.vis.picture_files import ImageError
from trainvis.vis.preprocessing import MODES, applied, named, one_by_one

PIXELS = np.arange(2 * 4 * 5 * 3, dtype=np.float32).reshape(2, 4, 5, 3) * 2


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("0..255", PIXELS),
        ("0..1", PIXELS / 255),
        ("-1..1", PIXELS / 127.5 - 1),
        ("bgr", PIXELS[..., ::-1]),
        ("bgr mean 104,117,123", PIXELS[..., ::-1] - [104, 117, 123]),
        ("mean 104,117,123 bgr", (PIXELS - [104, 117, 123])[..., ::-1]),
        ("mean 128 std 2", (PIXELS - 128) / 2),
        ("bgr bgr", PIXELS),
        ("0..1 mean 0.5, 0.4, 0.3 std 0.2", (PIXELS / 255 - [0.5, 0.4, 0.3]) / 0.2),
    ],
)
def test_words_are_done_one_after_the_other(name: str, made: np.ndarray) -> None:
    assert np.allclose(named(name)(PIXELS), made, atol=1e-4)
    assert named(name)(PIXELS).dtype == np.float32


WORDS = st.sampled_from(
    ["0..1", "-1..1", "0..255", "bgr", "mean 1,2,3", "mean 7", "std 2,3,4", "std 0.5", "tf", "torch", "caffe"]
)


@given(st.lists(WORDS, min_size=1, max_size=4).map(" ".join))
def test_back_undoes_what_was_done(name: str) -> None:
    pixels = PIXELS.astype(np.float64)
    preprocessing = named(name)
    assert np.allclose(preprocessing.back(preprocessing(pixels)), pixels, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "has no name"),
        ("cafe", "did you mean 'caffe'"),
        ("0..1 men 3", "did you mean 'mean'"),
        ("bgr mean", "needs numbers after 'mean'"),
        ("mean a,b", "needs numbers after 'mean'"),
        ("std 0", "needs numbers after 'std'"),
        ("mean nan", "needs numbers"),
        ("mean 1,2 std 1,2,3", "lists of different lengths"),
        ("\x1b[2J", "␛"),
    ],
)
def test_what_is_no_preprocessing_is_refused_in_words(name: str, said: str) -> None:
    with pytest.raises(ImageError) as refused:
        named(name)
    assert said in str(refused.value)
    assert str(refused.value) == printable(str(refused.value))


def test_colours_are_needed_for_three_means() -> None:
    with pytest.raises(ImageError, match="is for 3 channels, the images have 1"):
        applied("caffe", PIXELS[..., :1])


def test_a_function_gets_the_batch_in_the_networks_layout_and_a_copy_of_it() -> None:
    seen = []

    def halve(batch: np.ndarray) -> np.ndarray:
        seen.append(batch.shape)
        batch /= 2
        return batch

    before = PIXELS.copy()
    assert np.array_equal(applied(halve, PIXELS), PIXELS / 2)
    assert np.array_equal(applied(halve, PIXELS, channels_first=True), np.moveaxis(PIXELS, -1, 1) / 2)
    assert np.array_equal(before, PIXELS)
    assert seen == [(2, 4, 5, 3), (2, 3, 4, 5)]


def test_a_name_means_the_same_for_channels_first() -> None:
    assert np.array_equal(applied("caffe", PIXELS, channels_first=True), np.moveaxis(applied("caffe", PIXELS), -1, 1))


def test_a_function_of_one_image_can_be_used() -> None:
    def to_bgr(image: np.ndarray) -> np.ndarray:
        assert image.shape == (4, 5, 3)
        return image[:, :, ::-1]

    assert np.array_equal(applied(one_by_one(to_bgr), PIXELS), PIXELS[..., ::-1])


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda batch: batch @ np.zeros((7, 7)), "failed on images of shape 2×4×5×3: ValueError"),
        (lambda batch: batch[0], "it has to return as many images"),
        (lambda batch: batch * np.nan, "no finite numbers"),
        (lambda batch: "cat", "it has to return as many images"),
    ],
)
def test_a_function_that_fails_is_said_to(function, said: str) -> None:
    with pytest.raises(ImageError, match=said):
        applied(function, PIXELS)


def test_the_picture_is_shown_as_large_as_the_preprocessing_made_it() -> None:
    images = as_images(PIXELS.astype(np.uint8))
    prepared = images.prepared((None, None, 3), lambda batch: batch[:, ::2, ::2])
    assert prepared.values.shape == (2, 2, 3, 3)
    assert [each.picture.shape for each in prepared.inputs if each.picture is not None] == [(2, 3, 3)] * 2
    assert "the preprocessing made it 2×3" in prepared.inputs[0].note
    with pytest.raises(ImageError, match="made images of 2×3×3, the network takes 4×5×3"):
        images.prepared((4, 5, 3), lambda batch: batch[:, ::2, ::2])


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_modes_are_those_of_keras(mode: str) -> None:
    from keras.applications.imagenet_utils import preprocess_input

    expected = preprocess_input(PIXELS.copy(), data_format="channels_last", mode=mode)
    assert np.allclose(applied(mode, PIXELS), expected, atol=1e-4)
    first = np.moveaxis(PIXELS, -1, 1)
    expected = preprocess_input(first.copy(), data_format="channels_first", mode=mode)
    assert np.allclose(applied(mode, PIXELS, channels_first=True), expected, atol=1e-4)
