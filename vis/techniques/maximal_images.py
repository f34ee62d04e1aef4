"""The images of a set that excite each feature map most, with the part of them that does, and its deconvolution.

Zeiler and Fergus 2014, arXiv:1311.2901, figure 2; the unit view of the Deep Visualization Toolbox (Yosinski et al.
2015, arXiv:1506.06579). One pass over the set finds the records, a second one over those found projects them back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..attribution import of_rectifiers
from ..figures import Figure, Item, Items, Maps, Part, Pictures, Table
from ..maxima import Largest, maxima, reading_of
from ..network import NetworkError, Site
from ..probe import Probe
from ..projection import Projection, projected
from ..receptive import Field, receptive_field
from ..sets import RecordSet
from ..technique import TechniqueError
from .deconvolutional_network import boxes, indices, remark

_AGREE = 1e-3  # how far a maximum that is computed again may be from the recorded one, relative


@dataclass(frozen=True, slots=True)
class Options:
    """`layers`: paths, names or numbers (None: all that convolve or are dense). Of each layer `maps` by number, else
    `count` of them (−1: all): by "max" those with the largest maximum, by "random" (with `seed`), by "order" the first.
    `top` images of each, of at most `limit` records of the set. `deconvolution`: project each of them back.
    """

    layers: tuple[str | int, ...] | None = None
    maps: tuple[int, ...] | None = None
    count: int = 16
    by: Literal["max", "random", "order"] = "max"
    top: int = 9
    limit: int | None = None
    deconvolution: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if self.top < 1 or self.count < -1 or self.count == 0:
            raise TechniqueError(f"top {self.top}, count {self.count}: at least one image, and one map or -1 for all")
        if self.by not in ("max", "random", "order"):
            raise TechniqueError(f"by is {self.by!r}: there are max, random, order")


@dataclass(frozen=True, slots=True, eq=False)
class Winners:
    """Of one layer: the numbers of M maps, and for M·T pairs of a map and a rank the records and their values."""

    site: Site
    maps: np.ndarray
    ranks: np.ndarray
    records: np.ndarray
    values: np.ndarray


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """For each layer crops of the images (as large as its receptive field, grey where this hangs over the border) and,
    in the same frame, their deconvolutions; a table of the largest value of every map.

    An item has the record, the unit (row, column, map), its rank, the activation as score, and the box of the crop in
    the image. Raises NetworkError without a set, ImageError where it cannot be read.
    """
    sites = _sites(probe, options)
    largest, reading = maxima(probe, sites, options.top, options.limit)
    records, _ = reading_of(probe, options.limit)
    notes = [*reading.notes, *of_rectifiers(probe)] if options.deconvolution else list(reading.notes)
    chosen = [_winners(site, largest[site.path], options, notes) for site in sites]
    total = sum(len(each.records) for each in chosen)
    parts: list[Part] = []
    done = 0
    for winners in chosen:
        parts.extend(_shown(probe, records, winners, options, notes))
        done += len(winners.records)
        probe.progress(done, total)
    parts.append(_table(largest))
    return probe.figure("maximal_images", parts, notes, options)


def _sites(probe: Probe, options: Options) -> list[Site]:
    sites = probe.network.sites
    if options.layers is not None:
        return list({site.path: site for site in map(sites.find, options.layers)}.values())
    found = [site for site in sites.leaves if "Conv" in site.kind or "Dense" in site.kind]
    if not found:
        raise NetworkError("maximal_images looks at convolutional and dense layers: this network has none, name others")
    return found


def _winners(site: Site, largest: Largest, options: Options, notes: list[str]) -> Winners:
    maps = _maps(site, largest, options)
    reached = largest.records[maps] >= 0
    live = reached & (largest.values[maps] > 0)
    dark = int((~live.any(axis=1)).sum())
    if dark:
        notes.append(f"{dark} of {len(maps)} maps of {site.path} are active on none of the images of this set")
    rows, ranks = np.nonzero(live)
    values, records = largest.values[maps], largest.records[maps]
    return Winners(site, maps[rows], ranks, records[rows, ranks], values[rows, ranks])


def _maps(site: Site, largest: Largest, options: Options) -> np.ndarray:
    if options.maps is not None:
        odd = [each for each in options.maps if not 0 <= each < site.units]
        if odd:
            raise NetworkError(f"layer {site.path!r} has no map {odd[0]}: it has {site.units}, counted from 0")
        return np.array(options.maps, int)
    count = site.units if options.count == -1 else min(options.count, site.units)
    match options.by:
        case "max":
            return np.argsort(-largest.values[:, 0], kind="stable")[:count]
        case "random":
            return np.sort(np.random.default_rng(options.seed).choice(site.units, count, replace=False))
        case _:
            return np.arange(count)


def _shown(
    probe: Probe, records: RecordSet, winners: Winners, options: Options, notes: list[str]
) -> Iterator[Maps | Pictures]:
    """The crops of one layer, and their deconvolutions."""
    if not len(winners.records):
        return
    site = winners.site
    field = receptive_field(probe.network, site.path, probe.image_input)
    whole = field.whole or _sees_all(field, probe)
    units, crops, projections, again = [], [], [], []
    for at in range(0, len(winners.records), probe.batch):
        rows = slice(at, at + probe.batch)
        images = [np.asarray(records[int(place)]["image"]) for place in winners.records[rows]]
        values = probe.prepared(images)
        inputs = _even(probe.filled(values), probe.batch)
        numbers = _even((winners.maps[rows, None].astype(np.int32),), probe.batch)[0]
        found = _cut(projected(probe, inputs, site, numbers, signal="activation"), len(images))
        where = indices(site, found)
        around = None if whole else boxes(field, where)
        units.append(where)
        again.append(found.scores[:, 0])
        shown = _pictures(probe, images, values)
        crops += [_crop(each, box, 128) for each, box in zip(shown, _boxes(around, shown), strict=True)]
        if options.deconvolution:
            back = probe.channels_last(found.values[:, 0])
            projections += [_crop(each, box, 0) for each, box in zip(back, _boxes(around, back), strict=True)]
    _recheck(winners, np.concatenate(again), notes)
    unit = np.concatenate(units)
    around = None if whole else boxes(field, unit)
    more: dict[str, Any] = {} if around is None else {"box": around}
    keys = [str(records[int(place)].get("key", place)) for place in winners.records]
    items = Items(
        len(keys), Item(layer=site.path), unit=unit, rank=winners.ranks, score=winners.values, record=keys, **more
    )
    if crops[0].ndim == 3:
        yield Pictures(np.stack(crops), items, site.path, space="input")
    if options.deconvolution:
        reached = [remark(value, bool(each.any())) for value, each in zip(winners.values, projections, strict=True)]
        back_items = Items(
            len(keys), Item(layer=site.path, aspect="deconvolution"), unit=unit, rank=winners.ranks,
            score=winners.values, record=keys, note=reached, **more,
        )  # fmt: skip
        stacked = np.stack(projections)
        if stacked.ndim == 4:
            yield Maps(stacked, back_items, f"{site.path} deconvolution", space="input", signed=True)


def _sees_all(field: Field, probe: Probe) -> bool:
    """Whether the field of a unit is as large as the image: then there is nothing to cut out."""
    extents = probe.channels_last(probe.image[:1]).shape[1:3]
    return len(field.size) != 2 or all(size >= extent for size, extent in zip(field.size, extents, strict=True))


def _even(arrays: tuple[np.ndarray, ...], size: int) -> tuple[np.ndarray, ...]:
    lacking = size - len(arrays[0])
    if lacking <= 0:
        return arrays
    return tuple(np.concatenate([each, np.repeat(each[-1:], lacking, axis=0)]) for each in arrays)


def _cut(found: Projection, count: int) -> Projection:
    return Projection(found.maps[:count], found.places[:count], found.scores[:count], found.values[:count])


def _boxes(around: np.ndarray | None, images: Any) -> list[tuple[int, int, int, int] | None]:
    if around is None:
        return [None] * len(images)
    return [tuple(int(each) for each in box) for box in around]  # type: ignore[misc]


def _pictures(probe: Probe, images: list[np.ndarray], values: np.ndarray) -> list[np.ndarray]:
    """The images in the size of the network's input, as a person sees them."""
    last = probe.channels_last(values)
    if last.ndim != 4:
        return list(last)
    return probe.shown(images)


def _crop(image: np.ndarray, box: tuple[int, int, int, int] | None, fill: int) -> np.ndarray:
    """The box of an image, what hangs over its border filled; the whole image without a box."""
    if box is None or image.ndim != 3:
        return image
    top, left, bottom, right = box
    height, width = image.shape[:2]
    made = np.full((bottom - top, right - left, image.shape[2]), fill, image.dtype)
    rows, columns = slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width))
    if rows.start < rows.stop and columns.start < columns.stop:
        cut = image[rows, columns]
        y, x = rows.start - top, columns.start - left
        made[y : y + cut.shape[0], x : x + cut.shape[1]] = cut
    return made


def _recheck(winners: Winners, again: np.ndarray, notes: list[str]) -> None:
    """What the toolbox does too: the maximum that is computed again has to be the recorded one."""
    far = np.abs(again - winners.values) > _AGREE * np.maximum(np.abs(winners.values), 1e-6)
    if far.any():
        notes.append(
            f"{int(far.sum())} of {len(far)} maxima of {winners.site.path} are not what they were: the set gives other "
            "images when it is asked again (augmentation?), or the network changed meanwhile"
        )


def _table(largest: dict[str, Largest]) -> Table:
    rows = tuple(
        (path, number, float(value) if record >= 0 else None, str(record) if record >= 0 else "")
        for path, each in largest.items()
        for number, (value, record) in enumerate(zip(each.values[:, 0], each.records[:, 0], strict=True))
    )
    return Table(("layer", "map", "largest activation", "record number"), rows, "largest")
