from __future__ import annotations

import io

import numpy as np
import pytest
from built_sets import drawn
from PIL import Image

from trainvis.datasets.building.checking import CUT_OFF, DAMAGED, EMPTY, NO_PICTURE, checked

KINDS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM")


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_picture_is_whole(kind):
    assert checked(drawn(3, kind=kind)) == ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_picture_that_is_cut_off_is_seen(kind, share):
    data = drawn(3, 64, kind)
    assert checked(data[: int(len(data) * share)]) in (CUT_OFF, DAMAGED)


def test_an_empty_file_and_a_text_are_no_pictures():
    assert checked(b"") == EMPTY
    assert checked(b"<html>not found</html>") == NO_PICTURE


def test_what_cameras_append_to_a_jpeg_is_no_fault():
    assert checked(drawn(1) + b"\0" * 99) == ""
    assert checked(drawn(1) + b"a film" * 99) == ""


def test_the_small_picture_in_the_exif_of_a_cut_jpeg_is_not_taken_for_its_end():
    thumbnail = drawn(1)
    whole = drawn(3, 64, "JPEG")
    inside = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    data = whole[:2] + inside + whole[2:]
    assert checked(data) == ""
    assert checked(data[:-40]) == CUT_OFF


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_pictures_of_other_colours_are_whole(mode):
    target = io.BytesIO()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).convert(mode).save(target, "JPEG")
    assert checked(memoryview(target.getvalue())) == ""
