"""Arrays of images and labels, one after the other: what shape an image has, and what a label is called."""

from __future__ import annotations

from math import isqrt
from typing import Any

import numpy as np

from ..errors import SourceError

CLASSES = 100_000  # numbers above it are no classes


def image_shape(shape: tuple[int, ...]) -> tuple[tuple[int, ...], bool] | None:
    """Of the shape of one image as it is stored: H×W×C, or C×H×W with True where the channels come first; a row of
    numbers is a square of grey or, as in CIFAR, of three planes. None for what is no image.
    """
    match shape:
        case (height, width):
            return (height, width, 1), False
        case (channels, height, width) if channels in (1, 3, 4) and width not in (1, 3, 4):
            return (channels, height, width), True
        case (height, width, channels) if channels in (1, 2, 3, 4):
            return (height, width, channels), False
        case (count,) if count and isqrt(count) ** 2 == count:
            return (isqrt(count), isqrt(count), 1), False
        case (count,) if count and count % 3 == 0 and isqrt(count // 3) ** 2 == count // 3:
            return (3, isqrt(count // 3), isqrt(count // 3)), True
    return None


def as_image(values: np.ndarray, shape: tuple[int, ...], first: bool, scale: float = 1.0) -> np.ndarray:
    """One stored image as H×W×C; floats times `scale`, rounded to uint8 and cut to 0…255."""
    image = values.reshape(shape)
    image = np.moveaxis(image, 0, -1) if first else image
    if image.dtype == np.bool_:
        image = image * np.uint8(255)
    elif image.dtype != np.uint8:
        image = np.nan_to_num(image.astype(np.float64), nan=0.0, posinf=255.0 / scale, neginf=0.0) * scale
        image = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(image)


def labels_of(array: np.ndarray, what: str) -> np.ndarray:
    """Whole numbers or texts, one a record, of an array N, N×1 or one-hot N×K. Raises SourceError."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and array.shape[1] <= CLASSES and array.dtype.kind in "biuf" and _one_hot(array):
        return array.argmax(axis=1)
    if array.ndim == 1 and array.dtype.kind == "f" and bool((array == np.rint(array)).all()):
        array = array.astype(np.int64)
    if array.ndim != 1 or array.dtype.kind not in "biuUS":
        raise SourceError(f"{what} are no labels: {array.dtype} of shape {'×'.join(map(str, array.shape))}")
    return array.astype(np.int64) if array.dtype.kind in "biu" else array


def class_names(labels: np.ndarray) -> tuple[str, ...]:
    """The names of classes that are numbers: 0, 1 … as far as they go; nothing where they are texts or no classes."""
    if not len(labels) or labels.dtype.kind in "US":
        return ()
    most = int(labels.max())
    return tuple(map(str, range(most + 1))) if most < CLASSES else ()


def named(label: Any, classes: tuple[str, ...]) -> str | None:
    """The class of a label; None where it is none of them."""
    if isinstance(label, bytes):
        return label.decode("utf-8", "backslashreplace")
    if isinstance(label, str):
        return label
    number = int(label)
    if classes:
        return classes[number] if 0 <= number < len(classes) else None
    return str(number)


def _one_hot(array: np.ndarray) -> bool:
    return bool((array.sum(axis=1) == 1).all()) and bool(((array == 0) | (array == 1)).all())
