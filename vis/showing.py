"""What a model is called with, what of it a person is shown, and what must be said of that.

Pictures (files, PIL images) are made to fit the model's picture input; arrays are taken as the model is called.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import tree
from PIL import Image

from ..engine.text import printable
from .figures import Input
from .images import Images, as_images, is_labelled, is_set
from .network import NetworkError
from .picture_files import numbers
from .preprocessing import applied

Array: TypeAlias = np.ndarray
Process: TypeAlias = Callable[[Array], Array]
Shape: TypeAlias = tuple[int | None, ...]
Shown: TypeAlias = tuple[Any, tuple[Input, ...], list[str]]

_COLOURS = (1, 3, 4)  # channels that a picture can have
_SIZE = 32  # of an input that may have any, where nobody gave one


def shown(model: keras.Model, images: Any, preprocess: Process | str | None) -> Shown:
    """Arrays in the structure that the model is called with, the inputs as a person sees them, and notes.

    Raises NetworkError or ImageError where `images` are none that this model takes.
    """
    if images is None:
        return blank(model), (), []
    if _are_pictures(images):
        return _of_pictures(model, images, preprocess)
    shapes = _declared(model)
    if len(shapes) > 1 or isinstance(images, Mapping):
        return _of_several(model, images, len(shapes))
    if takes_pictures(shapes) and (len(shapes[0]) == 3 or not _may_be_series(images)):
        return _fitted(model, images, shapes[0], preprocess)
    array = _array(images[0] if is_labelled(images) else images)
    array = array[None] if shapes and array.ndim == len(shapes[0]) else array
    ready = applied(preprocess, array) if preprocess is not None and array.ndim == 4 else array
    return ready, _pictures(array, len(array)), []


def shapes_of(model: keras.Model) -> list[Shape]:
    """Those of its inputs, without the batch axis: as it declares them, else as it was built; none where it says
    nothing. Of a subclassed model the sizes are those of the first batch that it saw.
    """
    if found := _declared(model):
        return found
    built = (model.get_build_config() or {}) if model.built else {}
    shapes = built.get("input_shape")
    if shapes is None:
        return []
    if _is_shape(shapes):
        return [tuple(shapes[1:])]
    inside = shapes.values() if isinstance(shapes, Mapping) else shapes
    return [tuple(each[1:]) for each in inside if _is_shape(each)]


def takes_pictures(shapes: Sequence[Shape]) -> bool:
    """Whether the only input has a height and a width: H×W×C, or H×W, which may as well be a series."""
    return len(shapes) == 1 and len(shapes[0]) in (2, 3)


def blank(model: keras.Model) -> Any:
    """One input of zeros, for what looks at weights and needs no image."""
    inputs = getattr(model, "inputs", None)
    if inputs:
        made = [_zeros(tuple(one.shape[1:]), str(one.dtype)) for one in inputs]
        # A Sequential model has one; loaded from a file it does not know its `input`.
        return made[0] if isinstance(model, keras.Sequential) else tree.pack_sequence_as(model.input, made)
    shapes = shapes_of(model)
    if len(shapes) != 1:
        raise NetworkError(f"the network {model.name!r} does not say what it takes: give images, or a sample of inputs")
    return _zeros(shapes[0], "float32")


def built(model: keras.Model, example: Any) -> str:
    """Give a model its weights, as its first call would; what must be said of that. Raises NetworkError."""
    shapes = [each.shape[1:] for each in tree.flatten(example)]
    said = ", ".join("×".join(map(str, shape)) for shape in shapes)
    try:
        if isinstance(model, keras.Sequential):
            model.build((None, *shapes[0]))
        else:
            model(tree.map_structure(lambda each: each[:1], example))
    except (ValueError, TypeError, RuntimeError) as error:
        reason = printable(str(error).strip().partition("\n")[0], 300)
        raise NetworkError(f"the network {model.name!r} cannot be built for inputs of {said}: {reason}") from error
    return f"the network had no weights yet: it was built for inputs of {said}, with those that it starts from"


def typed(model: keras.Model, array: Array) -> Array:
    """An input in the numbers that the model computes in: floats, or int32 for numbers of words. Refuses text."""
    if array.dtype.kind in "OUS":
        raise NetworkError("text cannot be looked at as it is: give the numbers that the network was trained on")
    if array.dtype.kind in "biu" and not _takes_floats(model, array):
        return array.astype(np.int32)
    return array.astype("float64" if str(model.variable_dtype) == "float64" else "float32")


def sample_of(model: keras.Model, sample: Any) -> tuple[Array, ...] | None:
    """Some inputs of the training data, one array for each input of the model."""
    if sample is None:
        return None
    arrays = tuple(typed(model, np.asarray(each)) for each in tree.flatten(sample))
    if not arrays or any(each.size == 0 for each in arrays):
        raise NetworkError("the sample of the training data is empty: give some of its inputs, or none")
    return arrays


def _declared(model: keras.Model) -> list[Shape]:
    return [tuple(one.shape[1:]) for one in getattr(model, "inputs", None) or []]


def _is_shape(shape: Any) -> bool:
    return isinstance(shape, list | tuple) and all(each is None or isinstance(each, int) for each in shape)


def _zeros(shape: Shape, dtype: str, count: int = 1) -> Array:
    return np.zeros([count, *(_SIZE if each is None else each for each in shape)], dtype)


def _are_pictures(images: Any) -> bool:
    """Files, folders, PIL images, lists of them, and data sets: they do not say how the model is called."""
    if is_set(images):
        return True
    if isinstance(images, list | tuple):
        return bool(images) and all(_are_pictures(each) for each in images)
    return isinstance(images, str | os.PathLike | Image.Image | Images)


def _may_be_series(images: Any) -> bool:
    """Whether an array for a network without channels may be something else than a picture."""
    return isinstance(images, np.ndarray) and images.dtype != np.uint8


def _array(given: Any) -> Array:
    try:
        array = np.asarray(given)
    except (ValueError, TypeError, RuntimeError) as error:
        raise NetworkError(f"{type(given).__name__} is no input: {printable(error, 120)}") from error
    if not array.ndim:
        raise NetworkError(f"{printable(repr(given), 60)} is no input: arrays, pictures and files of them are")
    return array


def _of_pictures(model: keras.Model, images: Any, preprocess: Process | str | None) -> Shown:
    shapes = shapes_of(model)
    if len(shapes) > 1:
        return _beside_others(model, images, preprocess)
    if not shapes:
        return _fitted(model, images, (None, None, None), preprocess)
    if not takes_pictures(shapes) and isinstance(images, str | os.PathLike) and Path(images).suffix.lower() == ".npy":
        return shown(model, numbers(images), preprocess)
    return _fitted(model, images, shapes[0], preprocess)


def _beside_others(model: keras.Model, images: Any, preprocess: Process | str | None) -> Shown:
    """For a network with several inputs: the pictures for the first that takes some, zeros for the rest."""
    symbols = list(getattr(model, "inputs", None) or [])
    place = next((at for at, one in enumerate(symbols) if len(one.shape) == 4), None)
    if place is None:
        names = ", ".join(printable(one.name, 40) for one in symbols) or "not declared"
        raise NetworkError(f"none of the inputs ({names}) is known to take pictures: give an array for each of them")
    values, inputs, notes = _fitted(model, images, tuple(symbols[place].shape[1:]), preprocess)
    made = [_zeros(tuple(one.shape[1:]), str(one.dtype), len(values)) for one in symbols]
    made[place] = values
    rest = ", ".join(printable(one.name, 40) for at, one in enumerate(symbols) if at != place)
    return (
        tree.pack_sequence_as(model.input, made),
        inputs,
        [*notes, f"pictures are given for {printable(symbols[place].name, 40)} alone: {rest} is 0"],
    )


def _of_several(model: keras.Model, images: Any, count: int) -> Shown:
    structure = tree.map_structure(_array, images)
    arrays = tree.flatten(structure)
    if count and len(arrays) != count:
        names = ", ".join(printable(one.name, 40) for one in model.inputs)
        raise NetworkError(f"the network has {count} inputs ({names}), {len(arrays)} are given")
    picture = next((each for each in arrays if each.ndim == 4 and each.dtype.kind == "f"), None)
    return structure, _pictures(picture, len(arrays[0])), []


def _fitted(model: keras.Model, images: Any, shape: Shape, preprocess: Process | str | None) -> Shown:
    first = _channels_first(model, shape)
    channels = 1 if len(shape) == 2 else shape[0 if first else -1] if shape else None
    found = as_images(images, channels=channels, channels_first=first)
    prepared = found.prepared(shape, preprocess, channels_first=first)
    return prepared.values, prepared.inputs, list(prepared.notes)


def _channels_first(model: keras.Model, shape: Shape) -> bool:
    if len(shape) != 3:
        return False
    if (shape[0] in _COLOURS) != (shape[2] in _COLOURS):
        return shape[0] in _COLOURS
    found = (getattr(layer, "data_format", None) for layer in model.layers)
    return next((each for each in found if each), "channels_last") == "channels_first"


def _pictures(array: Array | None, count: int) -> tuple[Input, ...]:
    if array is None or array.ndim != 4 or array.dtype.kind not in "fui":
        return tuple(Input(None, f"input {place}") for place in range(count))
    first = array.shape[1] in _COLOURS and array.shape[-1] not in _COLOURS
    return as_images(array, channels_first=first, limit=None).inputs()


def _takes_floats(model: keras.Model, array: Array) -> bool:
    symbols = [one for one in getattr(model, "inputs", None) or [] if len(one.shape) == array.ndim]
    return array.ndim == 4 or any(str(one.dtype).startswith(("float", "bfloat")) for one in symbols)
