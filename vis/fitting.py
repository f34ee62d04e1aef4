"""One picture in the shape of another: what may be done to pixels, each time with a note, and what would be a lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from PIL import Image

from .picture_files import ImageError, Picture, of_image

Array: TypeAlias = np.ndarray
Shape: TypeAlias = Sequence[int | None]


def common(pictures: Sequence[Picture], shape: Shape) -> tuple[int, int, int]:
    """The shape for all of them: the network's, where it says nothing the first image's, in colour if any is."""
    height, width, channels = shape
    first = pictures[0].values.shape
    if channels is None:
        channels = max(3 if each.pixels and each.values.shape[2] == 4 else each.values.shape[2] for each in pictures)
    return height or first[0], width or first[1], channels


def fitted(picture: Picture, wanted: tuple[int, int, int]) -> Picture:
    if picture.values.shape == wanted:
        return picture
    name = picture.name or "the image"
    if not picture.pixels:
        raise ImageError(
            f"{name} has shape {picture.size}, the network takes {said(wanted)}: an array of floats is taken to be "
            "in the network's own units and left as it is. Give it in the right shape, or as pixels (uint8)"
        )
    return resized(_in_channels(picture, wanted[2]), wanted[:2])


def _in_channels(picture: Picture, wanted: int) -> Picture:
    has = picture.values.shape[2]
    if has == wanted:
        return picture
    if has == 4 and wanted in (1, 3):
        made = of_image(Image.fromarray(picture.values, "RGBA"))
        return _in_channels(replace(picture, values=made.values, note=_noted(picture, made.note)), wanted)
    if has == 1 and wanted == 3:
        return replace(picture, values=np.repeat(picture.values, 3, axis=2), note=_noted(picture, "grey as colour"))
    if has == 3 and wanted == 1:
        grey = np.asarray(Image.fromarray(picture.values).convert("L"))[..., None]
        return replace(picture, values=grey, note=_noted(picture, "its colours as grey (luminance)"))
    raise ImageError(
        f"{picture.name or 'the image'} has {has} channels, the network takes {wanted}: only grey, colour and "
        "transparency can be made into each other"
    )


def resized(picture: Picture, size: tuple[int, int], note: str = "") -> Picture:
    height, width = picture.values.shape[:2]
    if (height, width) == size:
        return picture
    to = (size[1], size[0])
    mode = Image.Resampling.BILINEAR
    layers = [np.asarray(Image.fromarray(np.ascontiguousarray(each)).resize(to, mode)) for each in _layers(picture)]
    told = note or f"{height}×{width} resized to {size[0]}×{size[1]}"
    if not note and abs(height * size[1] / (width * size[0]) - 1) > 0.02:
        told += ", its sides no longer in proportion"
    return replace(picture, values=np.stack(layers, axis=-1), note=_noted(picture, told))


def _layers(picture: Picture) -> list[Array]:
    values = picture.values if picture.pixels else picture.values.astype(np.float32)
    return [values[..., channel] for channel in range(values.shape[2])]


def _noted(picture: Picture, note: str) -> str:
    return "; ".join(each for each in (picture.note, note) if each)


def shown(values: Array) -> Array:
    """H×W×1 or H×W×3 bytes: pixels as they are, floats over 0…1, 0…255 or their own range."""
    if values.shape[2] not in (1, 3):
        values = (
            values[..., :3] if values.dtype == np.uint8 and values.shape[2] == 4 else values.mean(-1, keepdims=True)
        )
    if values.dtype == np.uint8:
        return values
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 255:
        low, high = 0.0, 1.0 if high <= 1 else 255.0
    # Divided first: 255 / (high - low) overflows for the smallest differences there are.
    share = (values.astype(np.float64) - low) / (high - low) if high > low else np.zeros_like(values)
    return np.clip(np.rint(share * 255), 0, 255).astype(np.uint8)


def said(shape: Shape) -> str:
    return "×".join("any" if each is None else str(each) for each in shape) or "single values"
