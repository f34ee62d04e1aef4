"""What a sheet shows, as rasters and in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...vis.figures import Array, Input, Item, Maps, Pictures, Prediction
from ..drawing.cells import number, steady
from ..pixels.raster import Photo, Plane, Raster
from ..pixels.tone import PLAIN, Range, Rgb, Tone, range_of
from .sheet import Sheet


def rasters(sheet: Sheet, tone: Tone = PLAIN, reach: Range | None = None) -> tuple[Raster, ...]:
    """A raster for each map or picture of the sheet, () where it has none.

    `reach` overrules the range: linked pictures share one. Otherwise each map has its own or, with `per="layer"`, all
    of them have that of the layer.
    """
    part = sheet.part
    if not isinstance(part, Maps | Pictures) or sheet.facts is None:
        return ()
    whole = (sheet.facts.shape[2], sheet.facts.shape[1])
    if isinstance(part, Pictures):
        return tuple(Photo(sheet.full.get(at, each), whole) for at, each in enumerate(part.values))
    shared = reach
    if shared is None and tone.per == "layer":
        shared = range_of(part.values, tone, signed=part.signed)
    bgr = sheet.facts.bgr
    return tuple(
        _map(sheet.full.get(at, each), part, tone, shared, whole, bgr=bgr) for at, each in enumerate(part.values)
    )


def _map(
    values: Array, part: Maps, tone: Tone, reach: Range | None, whole: tuple[int, int], *, bgr: bool = False
) -> Raster:
    if values.ndim == 3 and values.shape[2] in (3, 4):
        colours = values[..., 2::-1] if bgr else values[..., :3]
        return Photo(as_photo(colours, reach or range_of(values, tone, signed=part.signed)), whole)
    plane = values if values.ndim == 2 else values.mean(axis=2)
    return Plane(plane, tone, reach or range_of(plane, tone, signed=part.signed), part.signed, whole)


def as_photo(values: Array, reach: Range) -> Rgb:
    """H×W×3 numbers as colours: the range becomes 0 to 255."""
    low, high = reach
    with np.errstate(all="ignore"):
        share = np.clip((values.astype(np.float32) - low) / ((high - low) or 1.0), 0.0, 1.0)
        return np.nan_to_num(share * 255 + 0.5).astype(np.uint8)


def photo(given: Input) -> Photo | None:
    """An input image as it was shown to the network; None for an input that is no image."""
    return None if given.picture is None else Photo(given.picture)


def caption(item: Item, sheet: Sheet) -> str:
    """What one map or picture shows, in a few words: `map 12 of image 2, positive, for "six"`."""
    words: list[str] = []
    if item.unit is not None:
        words.append("map " + ", ".join(map(str, item.unit)) if len(item.unit) == 1 else f"unit {item.unit}")
    if item.image is not None and len(sheet.inputs) > 1:
        words.append(f"image {item.image + 1}")
    if item.aspect:
        words.append(steady(item.aspect, 40))
    if item.target is not None:
        words.append(f"for {label(item.target, sheet.predictions)}")
    if item.rank is not None:
        words.append(f"#{item.rank + 1}")
    if item.record:
        words.append(f"record {steady(item.record, 40)}")
    if item.score is not None:
        words.append(f"score {number(item.score)}")
    return ", ".join(words)


def label(which: int, predictions: Sequence[Prediction]) -> str:
    """The name of a class where any prediction knows it, else its number."""
    for each in predictions:
        if which in each.classes and each.labels:
            return steady(each.labels[each.classes.index(which)], 40)
    return f"class {which}"
