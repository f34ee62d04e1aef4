"""Images that are never twice the same: layers of Keras with plain words for what they do, and by what chance."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import layers

from ..datasets.errors import BlobError

Array: TypeAlias = np.ndarray

_FLIPS = {"horizontal": "horizontal", "vertical": "vertical", "both": "horizontal_and_vertical"}
_LARGEST = np.uint32(2**31 - 1)  # seed that every backend takes
_FILLS = ("nearest", "reflect", "wrap", "constant")


def augmentation(
    *,
    flip: str = "",
    rotation: float = 0.0,
    zoom: float = 0.0,
    translation: float = 0.0,
    light: float = 0.0,
    contrast: float = 0.0,
    fill: str = "nearest",
    value_range: tuple[float, float] = (0.0, 255.0),
    seed: int | None = None,
) -> keras.Sequential:
    """Layers that change N×H×W×C images by chance in training, and not at all otherwise: to be put in front of a
    network, or given to `BlobDataset(augment=…)`. Each image of each batch is drawn for anew.

    `flip`: "horizontal", "vertical" or "both": each image with probability ½ (each of both). The rest is done to every
    image, by an amount that is drawn evenly between minus and plus what is given: `rotation` in degrees, `zoom` and
    `translation` as shares of the side (0.1: a tenth larger or smaller, a tenth of the height up or down and, drawn
    apart, of the width left or right), `light` as a share of `value_range` that is added, `contrast` as a share of the
    distance from the mean. What comes in from outside is filled by `fill`: "nearest", "reflect", "wrap", "constant"
    (black). `value_range` is that of the images (0…255; (0, 1) behind a normalisation), within which they stay.

    Raises BlobError.
    """
    _check(flip, fill, value_range, rotation=(rotation, 180), zoom=(zoom, 1), translation=(translation, 1),
           light=(light, 1), contrast=(contrast, 1))  # fmt: skip
    drawn = [None] * 6 if seed is None else (np.random.SeedSequence(seed).generate_state(6) & _LARGEST).tolist()
    flip_seed, turn_seed, zoom_seed, shift_seed, light_seed, contrast_seed = drawn
    made: list[Any] = []
    if flip:
        made.append(layers.RandomFlip(_FLIPS[flip], seed=flip_seed, name="flip"))
    if rotation:
        made.append(layers.RandomRotation(rotation / 360, fill_mode=fill, seed=turn_seed, name="rotation"))
    if zoom:
        made.append(layers.RandomZoom((-zoom, zoom), fill_mode=fill, seed=zoom_seed, name="zoom"))
    if translation:
        shift = layers.RandomTranslation(translation, translation, fill_mode=fill, seed=shift_seed, name="translation")
        made.append(shift)
    if light:
        made.append(layers.RandomBrightness(light, value_range, seed=light_seed, name="light"))
    if contrast:
        made.append(layers.RandomContrast(contrast, value_range, seed=contrast_seed, name="contrast"))
    return keras.Sequential(made, name="augmentation")


class Augmenter:
    """Augmentation of batches outside of a network: what is drawn depends on the numbers it is called with alone,
    whatever thread it runs in.
    """

    def __init__(self, chosen: Mapping[str, Any] | keras.Sequential) -> None:
        """`chosen` are options of `augmentation`, or layers. Raises BlobError."""
        if not isinstance(chosen, keras.Sequential):
            try:
                chosen = augmentation(**chosen)
            except TypeError as error:
                raise BlobError(
                    f"augment={dict(chosen)}: flip, rotation, zoom, translation, light, contrast and fill are possible"
                ) from error
        self._config = chosen.get_config()
        self._local = threading.local()

    def __call__(self, images: Array, *numbers: int) -> Array:
        """N×H×W×C float32 of images 0…255."""
        found = getattr(self._local, "layers", None)
        with keras.device("cpu"):
            if found is None:
                found = self._local.layers = keras.Sequential.from_config(self._config)
                found.build(images.shape)
            for place, layer in enumerate(found.layers):
                if (generator := getattr(layer, "generator", None)) is not None:
                    state = np.random.SeedSequence((*numbers, place)).generate_state(2) & _LARGEST
                    generator.state.assign(state.astype(generator.state.dtype))
            made = found(images.astype(np.float32), training=True)
        return np.asarray(keras.ops.convert_to_numpy(made), dtype=np.float32)

    def __getstate__(self) -> dict[str, Any]:
        return {"_config": self._config}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._config = state["_config"]
        self._local = threading.local()


def _check(flip: str, fill: str, value_range: Any, **amounts: tuple[float, float]) -> None:
    if flip and flip not in _FLIPS:
        raise BlobError(f"flip={flip!r}: it is one of {', '.join(_FLIPS)}")
    if fill not in _FILLS:
        raise BlobError(f"fill={fill!r}: it is one of {', '.join(_FILLS)}")
    if len(value_range) != 2 or not value_range[0] < value_range[1]:
        raise BlobError(f"value_range={value_range}: give the least and the greatest value of the images")
    for name, (amount, most) in amounts.items():
        if not 0 <= amount <= most:
            raise BlobError(f"{name}={amount:g}: it lies between 0 and {most}")
