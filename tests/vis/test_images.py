"""Input images: read from what people have, fitted to a network with a note, refused where that would lie."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from trainvis.engine.text import printable
from trainvis.vis.images import ImageError, Images, as_images, preparation, range_note, spread
from trainvis.vis.picture_files import in_order, read

COLOUR = np.arange(5 * 6 * 3, dtype=np.uint8).reshape(5, 6, 3) * 2
GREY = COLOUR[..., :1]
NETWORK = (5, 6, 3)


@pytest.fixture
def saved(tmp_path: Path):
    """Writes pixels, or a PIL image, into a file: `saved("cat.png")`."""

    def save(name: str, image: np.ndarray | Image.Image = COLOUR, **settings) -> Path:
        made = image if isinstance(image, Image.Image) else Image.fromarray(image.squeeze())
        made.save(tmp_path / name, **settings)
        return tmp_path / name

    return save


def only(path: Path):
    (found,) = read(path)
    return found


# Files


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.TIFF", "a.ppm"])
def test_a_lossless_file_gives_the_pixels_that_were_written(saved, name: str) -> None:
    found = only(saved(name))
    assert np.array_equal(found.values, COLOUR)
    assert (found.name, found.note, found.pixels) == (name, "", True)


def test_a_jpeg_gives_about_the_pixels_that_were_written(saved) -> None:
    smooth = np.repeat(np.arange(0, 160, 10, dtype=np.uint8).reshape(4, 4, 1).repeat(8, 0).repeat(8, 1), 3, 2)
    assert np.abs(only(saved("a.jpg", smooth, quality=95)).values.astype(int) - smooth).max() < 12


def test_grey_and_black_and_white_have_one_channel(saved) -> None:
    assert np.array_equal(only(saved("grey.png", GREY)).values, GREY)
    assert np.array_equal(only(saved("mask.png", GREY[..., 0] > 50)).values, np.where(GREY > 50, 255, 0))


def test_a_palette_becomes_its_colours(saved) -> None:
    assert np.array_equal(only(saved("p.png", Image.fromarray(COLOUR).quantize(64))).values, COLOUR)


def test_of_an_animation_the_first_frame_is_taken_and_said(saved) -> None:
    frames = [Image.fromarray(GREY[..., 0]), Image.fromarray(255 - GREY[..., 0])]
    found = only(saved("a.gif", frames[0], save_all=True, append_images=frames[1:]))
    assert np.array_equal(found.values[..., 0], GREY[..., 0])
    assert "first of its frames" in found.note


@pytest.mark.parametrize("name", ["deep.png", "deep.tif"])
def test_sixteen_bits_are_rounded_to_eight(saved, name: str) -> None:
    deep = np.array([[0, 257, 256 * 257 - 257], [128, 129, 65535 - 257]], np.uint16)
    found = only(saved(name, deep))
    assert found.values[..., 0].tolist() == [[0, 1, 255], [0, 1, 254]]
    assert found.note == "16 bits a value rounded to 8"


def test_transparency_lies_on_black(saved) -> None:
    alpha = np.full((5, 6, 1), 255, np.uint8)
    opaque = np.concatenate([COLOUR, alpha], 2)
    assert np.array_equal(only(saved("opaque.png", opaque)).values, COLOUR)
    alpha[0], alpha[1] = 0, 51
    found = only(saved("a.png", np.concatenate([COLOUR, alpha], 2)))
    assert np.array_equal(found.values, np.rint(COLOUR * (alpha / 255)))
    assert "transparency" in found.note
    grey = only(saved("grey.png", Image.fromarray(np.concatenate([GREY, alpha], 2), "LA")))
    assert np.array_equal(grey.values, np.rint(GREY * (alpha / 255)))


def test_a_float_picture_stays_in_its_units(saved) -> None:
    found = only(saved("f.tif", GREY[..., 0].astype(np.float32) / 7))
    assert not found.pixels
    assert np.array_equal(found.values, GREY.astype(np.float32) / 7)


UPRIGHT = Image.fromarray(COLOUR)
TURNED = {
    1: UPRIGHT,
    2: UPRIGHT.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: UPRIGHT.transpose(Image.Transpose.ROTATE_180),
    4: UPRIGHT.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: UPRIGHT.transpose(Image.Transpose.TRANSPOSE),
    6: UPRIGHT.transpose(Image.Transpose.ROTATE_90),
    7: UPRIGHT.transpose(Image.Transpose.TRANSVERSE),
    8: UPRIGHT.transpose(Image.Transpose.ROTATE_270),
}


@pytest.mark.parametrize("orientation", TURNED)
def test_a_photo_stands_upright_however_the_camera_was_held(saved, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = only(saved("photo.png", TURNED[orientation], exif=exif))
    assert np.array_equal(found.values, COLOUR)
    assert ("EXIF" in found.note) == (orientation > 1)


def test_arrays_are_read_from_their_files(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", COLOUR)
    np.save(tmp_path / "many.npy", np.stack([COLOUR, 255 - COLOUR]))
    assert np.array_equal(only(tmp_path / "one.npy").values, COLOUR)
    assert [each.name for each in read(tmp_path / "many.npy")] == ["many.npy[0]", "many.npy[1]"]


def test_a_link_to_itself_or_to_nothing_is_no_picture_of_a_folder(saved, tmp_path: Path) -> None:
    saved("a.png")
    (tmp_path / "loop.png").symlink_to("loop.png")
    (tmp_path / "gone.png").symlink_to("nowhere.png")
    assert [each.name for each in as_images(tmp_path).pictures] == ["a.png"]


# Files that are none


def damaged(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(ImageError) as refused:
        read(path)
    assert printable(path.name) in str(refused.value)
    assert str(refused.value) == printable(str(refused.value))
    return str(refused.value)


def test_a_file_that_is_cut_off_says_so(saved, tmp_path: Path) -> None:
    for name in ("a.png", "a.jpg", "a.bmp", "a.tif", "a.gif"):
        data = saved(name, np.random.default_rng(0).integers(0, 255, (40, 40, 3), np.uint8)).read_bytes()
        assert "damaged or cut off" in damaged(tmp_path / f"cut-{name}", data[: len(data) // 2]), name


def test_a_file_that_is_no_picture_says_what_it_is(tmp_path: Path) -> None:
    assert "it holds text" in damaged(tmp_path / "notes.png", b"no picture at all\n" * 9)
    assert "it is empty" in damaged(tmp_path / "empty.jpg", b"")
    assert "of no kind that can be read" in damaged(tmp_path / "rest.png", bytes(range(256)))


def test_postscript_is_no_picture_for_it_starts_another_program(tmp_path: Path) -> None:
    assert "no picture" in damaged(tmp_path / "a.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n")


def test_a_picture_that_says_to_be_vast_is_not_opened(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def png(width: int, height: int) -> bytes:
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b""))

    assert "more pixels than any picture" in damaged(tmp_path / "bomb.png", png(60_000, 60_000))
    assert "8000×10000 pixels are too many" in damaged(tmp_path / "large.png", png(8_000, 10_000))


def test_a_file_of_arrays_that_holds_something_else_says_so(tmp_path: Path) -> None:
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    assert "objects.npy" in damaged(tmp_path / "objects.npy", (tmp_path / "objects.npy").read_bytes())
    np.save(tmp_path / "vast.npy", np.zeros((2, 2)))
    vast = (tmp_path / "vast.npy").read_bytes().replace(b"(2, 2), }", b"(99999999999999,2)}")
    damaged(tmp_path / "vast.npy", vast)
    np.save(tmp_path / "vector.npy", np.zeros(7))
    assert "float64, 7, is no image" in damaged(tmp_path / "vector.npy", (tmp_path / "vector.npy").read_bytes())


def test_a_missing_file_is_named_with_the_nearest_there_is(saved, tmp_path: Path) -> None:
    saved("tabby-cat.png")
    with pytest.raises(ImageError, match=r"taby-cat.png: there is no such file \(did you mean 'tabby-cat.png'\?\)"):
        read(tmp_path / "taby-cat.png")
    with pytest.raises(ImageError, match="it is a folder"):
        read(tmp_path)


def test_a_name_reaches_no_terminal_as_a_command(tmp_path: Path) -> None:
    assert "␛" in damaged(tmp_path / "\x1b[2J.png", b"nothing")


@given(st.binary(max_size=40), st.integers(0, 200), st.booleans())
def test_damage_is_said_or_harmless(tmp_path_factory, noise: bytes, place: int, png: bool) -> None:
    path = tmp_path_factory.getbasetemp() / ("damaged.png" if png else "damaged.npy")
    Image.fromarray(COLOUR).save(path) if png else np.save(path, COLOUR)
    data = bytearray(path.read_bytes())
    data[place : place + len(noise)] = noise
    path.write_bytes(data)
    said = path.name
    try:
        assert all(each.values.ndim == 3 for each in read(path))
    except ImageError as error:
        said = str(error)
    assert path.name in said


# Sources


def test_folders_are_read_by_name_with_numbers_in_their_order(saved, tmp_path: Path) -> None:
    for name in ("10.png", "2.png", "b.png", ".hidden.png"):
        saved(name)
    (tmp_path / "notes.txt").write_text("no picture")
    assert [each.name for each in as_images(tmp_path).pictures] == ["2.png", "10.png", "b.png"]


def test_what_cannot_be_read_in_a_folder_is_counted(saved, tmp_path: Path) -> None:
    saved("a.png")
    (tmp_path / "b.png").write_bytes(b"")
    images = as_images(tmp_path)
    assert len(images) == 1
    assert "1 of its files cannot be read" in images.notes[0]
    assert "b.png" in images.notes[0]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="holds no picture that can be read"):
        as_images(tmp_path)


def test_of_many_images_some_are_taken_evenly_spread(saved, tmp_path: Path) -> None:
    assert spread(10, 4) == [0, 2, 5, 7]
    assert spread(3, 4) == spread(3, None) == [0, 1, 2]
    images = as_images(np.zeros((10, 5, 6, 3), np.uint8), limit=4)
    assert [each.name for each in images.pictures] == ["image 0", "image 2", "image 5", "image 7"]
    assert images.notes == ("4 of 10 images, evenly spread",)


def test_a_list_may_hold_anything_that_is_an_image(saved) -> None:
    images = as_images([saved("a.png"), str(saved("b.png")), COLOUR, Image.fromarray(COLOUR)])
    assert [each.name for each in images.pictures] == ["a.png", "b.png", "image 2", "image 3"]
    assert all(np.array_equal(each.values, COLOUR) for each in images.pictures)


@pytest.mark.parametrize(
    ("shape", "channels", "first", "count"),
    [
        ((5, 6), None, False, 1),
        ((5, 6, 3), None, False, 1),
        ((5, 6, 3), 1, False, 1),
        ((2, 5, 6), None, False, 2),
        ((2, 5, 6), 1, False, 2),
        ((5, 6, 7), 7, False, 1),
        ((2, 5, 6, 3), None, False, 2),
        ((3, 5, 6), 3, True, 1),
        ((2, 3, 5, 6), 3, True, 2),
        ((5, 6), 1, True, 1),
    ],
)
def test_arrays_of_every_layout_are_images(shape, channels, first, count: int) -> None:
    images = as_images(np.zeros(shape, np.float32), channels=channels, channels_first=first)
    assert len(images) == count
    assert all(each.values.shape[:2] == (5, 6) for each in images.pictures)


def test_validation_data_are_their_images() -> None:
    x, y = np.zeros((4, 5, 6, 3), np.uint8), np.arange(4)
    assert len(as_images((x, y))) == len(as_images((x, y, np.ones(4)))) == 4
    assert len(as_images((x[0], x[1]))) == 2


def test_a_set_of_records_is_its_images() -> None:
    images = as_images([{"image": COLOUR, "key": "cat"}, {"image": GREY[..., 0]}])
    assert [(each.name, each.values.shape) for each in images.pictures] == [("cat", (5, 6, 3)), ("image 1", (5, 6, 1))]


def test_whole_numbers_are_pixels_and_floats_are_not() -> None:
    (pixels,) = as_images(COLOUR.astype(np.int64)).pictures
    assert np.array_equal(pixels.values, COLOUR)
    assert pixels.pixels
    (wide,) = as_images(COLOUR.astype(np.float16)).pictures
    assert (wide.values.dtype, wide.pixels) == (np.float32, False)
    assert as_images(COLOUR.astype(np.float64)).pictures[0].values.dtype == np.float64


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ([], "the list is empty"),
        (np.zeros((0, 5, 6, 3)), "an axis is empty"),
        (np.zeros(5), "is no image"),
        (np.zeros((2, 2, 2, 2, 2)), "is no image"),
        (np.array(["cat"]), "is no image"),
        (np.full((5, 6), np.nan), "no finite numbers"),
        (np.full((5, 6), 300), "whole numbers from 300 to 300 are no pixels"),
        (np.full((5, 6), -1), "are no pixels"),
        (object(), "object is no image: give files, arrays"),
        ("/nowhere/cat.png", "there is no such file"),
    ],
)
def test_what_is_no_image_is_refused_in_words(source: object, said: str) -> None:
    with pytest.raises(ImageError, match=said):
        as_images(source)


# Fitting


def test_what_fits_is_left_as_it_is() -> None:
    prepared = as_images(COLOUR).prepared(NETWORK)
    assert np.array_equal(prepared.values, COLOUR[None])
    assert prepared.values.dtype == np.float32
    assert prepared.inputs[0].note == ""
    assert np.array_equal(prepared.inputs[0].picture, COLOUR)


def test_pixels_of_another_size_are_resized_and_it_is_said() -> None:
    (shown,) = as_images(COLOUR).prepared((10, 12, 3)).inputs
    assert shown.picture is not None
    assert shown.picture.shape == (10, 12, 3)
    assert shown.note == "5×6 resized to 10×12"
    (shown,) = as_images(COLOUR).prepared((6, 6, 3)).inputs
    assert shown.note == "5×6 resized to 6×6, its sides no longer in proportion"


@given(st.integers(0, 255), st.integers(1, 9), st.integers(1, 9))
def test_a_resized_picture_of_one_colour_is_of_that_colour(value: int, height: int, width: int) -> None:
    prepared = as_images(np.full((4, 5, 3), value, np.uint8)).prepared((height, width, 3))
    assert prepared.values.shape == (1, height, width, 3)
    assert (prepared.values == value).all()


def test_grey_is_repeated_for_a_network_of_colours() -> None:
    prepared = as_images(GREY).prepared(NETWORK)
    assert np.array_equal(prepared.values[0], np.repeat(GREY, 3, 2))
    assert prepared.inputs[0].note == "grey as colour"


def test_colour_becomes_its_luminance_for_a_grey_network() -> None:
    prepared = as_images(COLOUR).prepared((5, 6, 1))
    assert np.abs(prepared.values[0, ..., 0] - COLOUR @ np.array([0.299, 0.587, 0.114])).max() <= 0.51
    assert "luminance" in prepared.inputs[0].note


def test_a_network_without_an_axis_of_channels_takes_grey() -> None:
    assert as_images(COLOUR).prepared((5, 6)).values.shape == (1, 5, 6)


def test_channels_first_is_the_networks_layout_and_not_the_pictures() -> None:
    prepared = as_images(COLOUR).prepared((3, 5, 6), channels_first=True)
    assert np.array_equal(prepared.values[0], COLOUR.transpose(2, 0, 1))
    assert np.array_equal(prepared.inputs[0].picture, COLOUR)
    again = as_images(prepared.values, channels=3, channels_first=True).prepared((3, 5, 6), channels_first=True)
    assert np.array_equal(again.values, prepared.values)


def test_transparency_of_an_array_lies_on_black_where_the_network_takes_none() -> None:
    half = np.concatenate([COLOUR, np.full((5, 6, 1), 51, np.uint8)], 2)
    assert np.array_equal(as_images(half).prepared(NETWORK).values[0], np.rint(COLOUR * 0.2))
    assert as_images(half).prepared((5, 6, 4)).values.shape == (1, 5, 6, 4)


def test_images_of_several_sizes_become_those_of_the_first_where_the_network_takes_any() -> None:
    prepared = as_images([GREY, np.zeros((9, 9, 3), np.uint8)]).prepared((None, None, None))
    assert prepared.values.shape == (2, 5, 6, 3)
    assert [each.note for each in prepared.inputs] == [
        "grey as colour",
        "9×9 resized to 5×6, its sides no longer in proportion",
    ]


@pytest.mark.parametrize(
    ("array", "shape", "said"),
    [
        (COLOUR / 255, (9, 9, 3), r"5×6×3, the network takes 9×9×3: an array of floats .* left as it is"),
        (COLOUR / 255, (5, 6, 1), "left as it is"),
        (np.zeros((1, 5, 6, 2), np.uint8), NETWORK, "has 2 channels, the network takes 3"),
        (np.zeros((1, 5, 6, 7), np.uint8), NETWORK, "has 7 channels, the network takes 3"),
        (COLOUR, (7,), "the network takes 7 and no image"),
        (COLOUR, (5, 6, 3, 2), "no image"),
    ],
)
def test_what_would_lie_is_refused(array: np.ndarray, shape: tuple[int, ...], said: str) -> None:
    with pytest.raises(ImageError, match=said):
        as_images(array).prepared(shape)


def test_no_image_at_all_is_refused() -> None:
    with pytest.raises(ImageError, match="there is no image"):
        Images(()).prepared(NETWORK)


@given(arrays.arrays(np.float64, (2, 5, 6, 3), elements=st.floats(-1e6, 1e6)))
def test_arrays_in_network_units_go_in_bit_for_bit_and_can_be_shown(array: np.ndarray) -> None:
    prepared = as_images(array).prepared(NETWORK)
    assert np.array_equal(prepared.values, array)
    assert all(each.picture is not None and each.picture.shape == NETWORK for each in prepared.inputs)


def test_floats_are_shown_over_the_range_they_seem_to_have() -> None:
    def shown(array: np.ndarray) -> list[int]:
        (found,) = as_images(array).inputs()
        assert found.picture is not None
        return found.picture.ravel().tolist()

    assert shown(np.array([[0.0, 0.5, 0.8]])) == [0, 128, 204]
    assert shown(np.array([[0.0, 20.0, 40.0]])) == [0, 20, 40]
    assert shown(np.array([[-2.0, 0.0, 2.0]])) == [0, 128, 255]
    assert shown(np.array([[-2.0, -2.0]])) == [0, 0]


def test_a_preparation_makes_of_records_what_prepared_makes_of_images() -> None:
    prepare = preparation((10, 12, 3), "0..1")
    made = prepare([COLOUR, GREY, GREY[..., 0]])
    assert np.array_equal(made, as_images([COLOUR, GREY, GREY[..., 0]]).prepared((10, 12, 3), "0..1").values)


def test_names_are_sorted_with_their_numbers() -> None:
    assert sorted(["b", "a10", "a9", "a", "10", "9x1", "9"], key=in_order) == ["9", "9x1", "10", "a", "a9", "a10", "b"]


# Ranges


def test_without_a_sample_the_range_is_said_to_be_unknown() -> None:
    assert "training range unknown" in range_note(np.zeros(3), None)
    assert "training range unknown" in range_note(np.zeros(3), np.zeros((0, 5)))


@pytest.mark.parametrize(
    ("image", "sample", "said"),
    [
        ((0, 255), (0, 1), "scaled differently"),
        ((0, 1), (0, 255), "scaled differently"),
        ((0, 255), (-120, 150), "shifted"),
        ((0, 1), (-1, 1), "shifted"),
        ((0, 1), (0, 1), ""),
        ((0, 60), (0, 255), ""),
        ((-110, 130), (-120, 150), ""),
        ((0, 0), (0, 1), ""),
    ],
)
def test_a_picture_scaled_unlike_the_training_data_is_warned_of(image, sample, said: str) -> None:
    note = range_note(np.array(image), np.array(sample, np.float32))
    assert (said in note) if said else note == ""
