"""Input images: whatever a person gives (files, folders, arrays, PIL), as a network takes it and as a person sees it.

Pixels are fitted to the network's input, and it is said how; arrays of floats are taken to be in the network's own
units and are never stretched, for nobody would see that it happened.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from PIL import Image

from ..engine.text import printable
from .figures import Input
from .fitting import Shape, common, fitted, resized, said, shown
from .picture_files import ImageError, Picture, files_in, of_array, of_image, of_one, read, stacked
from .preprocessing import Preprocessing, Process, applied, named

Array: TypeAlias = np.ndarray

MOST = 64  # images, where not told otherwise: a folder may hold a million

__all__ = ["MOST", "ImageError", "Images", "Prepared", "as_images", "range_note"]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Images as a network takes them (`values`: N×H×W×C, N×C×H×W or N×H×W), as a person sees them (`inputs`, of the
    same height and width), and what must be said of them.
    """

    values: Array
    inputs: tuple[Input, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """Images as they were given, each in a size of its own."""

    pictures: tuple[Picture, ...]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.pictures)

    def fitted(self, shape: Shape) -> Images:
        """All in one shape that fits H×W×C, of which None is any. Raises ImageError where fitting would lie.

        Pixels are resized and grey made colour or colour grey, with a note; arrays of floats have to fit.
        """
        if not self.pictures:
            raise ImageError("there is no image")
        wanted = common(self.pictures, shape)
        return replace(self, pictures=tuple(fitted(each, wanted) for each in self.pictures))

    def prepared(
        self, shape: Shape, preprocess: Process | str | None = None, *, channels_first: bool = False
    ) -> Prepared:
        """Ready for a network whose input has this shape without its batch axis: (H, W, C), (C, H, W) with
        `channels_first`, or (H, W) for grey images without an axis of channels. Raises ImageError.

        `preprocess` is a function of the batch in the network's layout, or a name (`preprocessing.named`).
        """
        ready = self.fitted(_axes(shape, channels_first))
        values = _values(ready.pictures, shape, preprocess, channels_first)
        height, width = values.shape[2:] if channels_first else values.shape[1:3]
        return Prepared(values, _inputs(_beside(ready.pictures, height, width)), self.notes)

    def inputs(self) -> tuple[Input, ...]:
        """The images as they are shown: grey or colour, before any preprocessing."""
        return _inputs(self.pictures)


def as_images(
    source: Any, *, channels: int | None = None, channels_first: bool = False, limit: int | None = MOST
) -> Images:
    """The images in `source`. Raises ImageError.

    A path (picture file, .npy file, folder), a PIL image, an array (H×W, H×W×C, N×H×W, N×H×W×C), inputs and labels
    (x, y) as `fit` takes them for validation, a data set of records with a field `image`, or a sequence of any of
    these but the last two. `channels` is how many the network takes, which tells some arrays apart. Of more than
    `limit` images (None: all) as many are taken, evenly spread.
    """
    if isinstance(source, Images):
        return source
    if isinstance(source, str | os.PathLike):
        return _of_path(Path(source), limit)
    if isinstance(source, Image.Image):
        return Images((of_image(source),))
    if is_labelled(source):
        return _of_array(np.asarray(source[0]), channels, channels_first, limit)
    if is_set(source):
        return _of_set(source, channels, channels_first, limit)
    if isinstance(source, list | tuple):
        if not source:
            raise ImageError("there is no image: the list is empty")
        if not all(isinstance(each, int | float | list | tuple) for each in source):
            return _of_several(source, channels, channels_first, limit)
    try:
        array = np.asarray(source)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ImageError(f"{type(source).__name__} is no image: {printable(error, 120)}") from error
    if array.dtype == object and not array.ndim:  # NumPy keeps what it knows nothing of
        raise ImageError(f"{type(source).__name__} is no image: give files, arrays, or a set of records")
    return _of_array(array, channels, channels_first, limit)


def preparation(
    shape: Shape, preprocess: Process | str | None = None, *, channels_first: bool = False
) -> Callable[[list[Array]], Array]:
    """What makes the values for a network of images as a data set has them (`sets.batches`); as `Images.prepared`."""
    channels = _axes(shape, channels_first)[2]

    def prepare(images: list[Array]) -> Array:
        given = Images(tuple(of_one(each, "", channels, channels_first) for each in images))
        return _values(given.fitted(_axes(shape, channels_first)).pictures, shape, preprocess, channels_first)

    return prepare


def range_note(inputs: Array, sample: Array | None) -> str:
    """A sentence where images (network units) are scaled unlike a sample of the training data, else nothing."""
    if sample is None or np.size(sample) == 0:
        return "training range unknown: nothing says how the training data are scaled"
    low, high = float(np.min(inputs)), float(np.max(inputs))
    least, most = float(np.min(sample)), float(np.max(sample))
    width, known = high - low, most - least
    told = f"the image lies within {low:.4g}…{high:.4g}, the training data within {least:.4g}…{most:.4g}"
    if width > 2 * known or (width > 0 and width * 20 < known):
        return f"{told}: they are scaled differently, which `preprocess` can mend"
    if (least < -0.1 * known and low >= 0 < high) or low < least - 0.5 * known or high > most + 0.5 * known:
        return f"{told}: they seem to be shifted against each other, which `preprocess` can mend"
    return ""


def spread(count: int, limit: int | None) -> list[int]:
    """At most `limit` of `count` numbers, evenly spread, the first among them."""
    if limit is None or count <= limit:
        return list(range(count))
    return [place * count // limit for place in range(limit)]


def _values(pictures: Sequence[Picture], shape: Shape, preprocess: Process | str | None, channels_first: bool) -> Array:
    """What the network takes of pictures of one shape that fits it."""
    values = _preprocessed(pictures, preprocess, channels_first)
    _check(values.shape[1:], shape if len(shape) == 3 else (*shape, 1))
    return values[..., 0] if len(shape) == 2 else values


def _preprocessed(pictures: Sequence[Picture], preprocess: Process | str | None, channels_first: bool) -> Array:
    """N×H×W×C or N×C×H×W in network units. A name speaks of pixels: floats have these units already. A function of
    the user's own gets all that there is.
    """
    process = named(preprocess) if isinstance(preprocess, str) else preprocess
    pixels = [each.pixels for each in pictures]
    if not isinstance(process, Preprocessing) or all(pixels):
        return applied(process, np.stack([each.values for each in pictures]), channels_first)
    rows = [applied(process if each.pixels else None, each.values[None], channels_first) for each in pictures]
    return np.concatenate(rows)


def _inputs(pictures: Sequence[Picture]) -> tuple[Input, ...]:
    return tuple(Input(shown(each.values), each.name, each.note) for each in pictures)


def _beside(pictures: tuple[Picture, ...], height: int, width: int) -> tuple[Picture, ...]:
    """In the size that a preprocessing made of them, for maps lie over the picture pixel by pixel."""
    if pictures[0].values.shape[:2] == (height, width):
        return pictures
    return tuple(resized(each, (height, width), f"the preprocessing made it {height}×{width}") for each in pictures)


def _of_path(path: Path, limit: int | None) -> Images:
    if not path.is_dir():
        return Images(tuple(read(path)))
    try:
        files = list(files_in(path))
    except OSError as error:
        raise ImageError(f"{printable(path, 200)} cannot be listed: {error.strerror}") from error
    pictures: list[Picture] = []
    failed: list[str] = []
    for place in spread(len(files), limit):
        try:
            pictures += read(files[place])
        except ImageError as error:
            failed.append(str(error))
    if not pictures:
        why = f": {failed[0]}" if failed else ""
        raise ImageError(f"{printable(path, 200)} holds no picture that can be read{why}")
    notes = [f"{len(failed)} of its files cannot be read, {failed[0]}"] if failed else []
    return Images(tuple(pictures), tuple(notes + _cut_note(len(files), limit)))


def _of_several(source: Sequence[Any], channels: int | None, channels_first: bool, limit: int | None) -> Images:
    found: list[Picture] = []
    notes: list[str] = []
    for place in spread(len(source), limit):
        more = as_images(source[place], channels=channels, channels_first=channels_first, limit=limit)
        from_file = isinstance(source[place], str | os.PathLike)
        found += [each if from_file else replace(each, name=f"image {place}") for each in more.pictures]
        notes += more.notes
    return Images(tuple(found), tuple(notes + _cut_note(len(source), limit)))


def _of_array(array: Array, channels: int | None, channels_first: bool, limit: int | None) -> Images:
    stack = stacked(array, channels, channels_first)
    places = spread(len(stack), limit)
    names = [f"image {place}" for place in places]
    return Images(tuple(of_array(stack[places], names)), tuple(_cut_note(len(stack), limit)))


def _of_set(source: Any, channels: int | None, channels_first: bool, limit: int | None) -> Images:
    found: list[Picture] = []
    for place in spread(len(source), limit):
        record = source[place]
        found.append(of_one(record["image"], str(record.get("key", f"image {place}")), channels, channels_first))
    return Images(tuple(found), tuple(_cut_note(len(source), limit)))


def _cut_note(count: int, limit: int | None) -> list[str]:
    return [f"{limit} of {count} images, evenly spread"] if limit is not None and count > limit else []


def is_labelled(source: Any) -> bool:
    """Whether it is (x, y) or (x, y, weights)."""
    if not isinstance(source, tuple) or len(source) not in (2, 3):
        return False
    shapes = [getattr(each, "shape", None) for each in source]
    if shapes[0] is None or shapes[1] is None or len(shapes[0]) < 3:
        return False
    return 1 <= len(shapes[1]) <= 2 and shapes[0][0] == shapes[1][0]


def is_set(source: Any) -> bool:
    """Whether it is a data set: len, and [i] → a mapping with a field `image`."""
    if isinstance(source, Mapping | np.ndarray) or not (hasattr(source, "__len__") and hasattr(source, "__getitem__")):
        return False
    return len(source) > 0 and isinstance(source[0], Mapping) and "image" in source[0]


def _axes(shape: Shape, channels_first: bool) -> tuple[int | None, int | None, int | None]:
    if len(shape) == 2:
        return shape[0], shape[1], 1
    if len(shape) == 3:
        return (shape[1], shape[2], shape[0]) if channels_first else (shape[0], shape[1], shape[2])
    raise ImageError(
        f"the network takes {said(shape)} and no image (height, width, channels): give it an array or an .npy file"
    )


def _check(made: Sequence[int], shape: Shape) -> None:
    if any(wanted not in (None, each) for wanted, each in zip(shape, made, strict=True)):
        raise ImageError(f"the preprocessing made images of {said(made)}, the network takes {said(shape)}")
