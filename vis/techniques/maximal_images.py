"""The images of a set that excite each feature map most, with the part of them that does, and its deconvolution.

Zeiler and Fergus 2014, arXiv:1311.2901, figure 2; the unit view of the Deep Visualization Toolbox (Yosinski et al.
2015, arXiv:1506.06579). One pass over the set finds the records, a second one over those found projects them back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ...engine.text import printable
from ..attribution import of_rectifiers
from ..figures import Figure, Item, Items, Maps, Part, Pictures, Table
from ..maxima import Largest, filled_up, maxima
from ..network import NetworkError, Site
from ..probe import Probe
from ..projection import Projection, projected
from ..receptive import Field, receptive_field, receptive_fields
from ..sets import RecordSet
from ..technique import TechniqueError
from .deconvolutional_network import boxes, indices, remark

_EVEN = 8  # fewer winners than a batch are filled up to a multiple of it: few sizes are compiled
_AGREE = 1e-3  # how far a maximum that is computed again may be from the recorded one, relative


@dataclass(frozen=True, slots=True)
class Options:
    """`layers`: paths, names or numbers (None: all that convolve or are dense). Of each layer `maps` by number, else
    `count` of them (−1: all): by "max" those with the largest maximum, by "random" (with `seed`), by "order" the first.
    `top` images of each, of at most `limit` records of the set. `deconvolution`: carry each of them back, by its
    activation or (`signal` "one") by 1 in its place.
    """

    layers: tuple[str | int, ...] | None = None
    maps: tuple[int, ...] | None = None
    count: int = 16
    by: Literal["max", "random", "order"] = "max"
    top: int = 9
    limit: int | None = None
    deconvolution: bool = True
    signal: Literal["activation", "one"] = "activation"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.top < 1 or self.count < -1 or self.count == 0:
            raise TechniqueError(f"top {self.top}, count {self.count}: at least one image, and one map or -1 for all")
        if self.by not in ("max", "random", "order"):
            raise TechniqueError(f"by is {self.by!r}: there are max, random, order")
        if self.signal not in ("activation", "one"):
            raise TechniqueError(f"signal is {self.signal!r}: there are activation and one")


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
    notes = [*reading.notes, *of_rectifiers(probe)] if options.deconvolution else list(reading.notes)
    if len(probe.inputs) > 1:
        notes.append("records are images: all other inputs are held at those of the first example")
    chosen = [_winners(site, largest[site.path], options, notes) for site in sites]
    total, done = sum(len(each.records) for each in chosen), 0
    parts: list[Part] = []
    for winners in chosen:
        found = []
        for each in _traced(probe, reading.records, winners, options):
            found.append(each)
            done += len(each.keys)
            probe.progress(done, total)
        if found:
            parts.extend(_shown(winners, found, notes))
    parts.append(_table(largest))
    return probe.figure("maximal_images", parts, notes, options)


def _sites(probe: Probe, options: Options) -> list[Site]:
    """The layers that are meant. Raises NetworkError now, and not after a pass over the set."""
    sites = probe.network.sites
    seen = receptive_fields(probe.network, probe.image_input)  # of several inputs a layer may see another
    if options.layers is not None:
        found = list({site.path: site for site in map(sites.find, options.layers)}.values())
    else:
        found = [site for site in sites.leaves if site.path in seen and ("Conv" in site.kind or "Dense" in site.kind)]
    if not found:
        raise NetworkError("maximal_images looks at convolutional and dense layers: this network has none, name others")
    for site in found:
        receptive_field(probe.network, site.path, probe.image_input)
        for map_ in options.maps or ():
            if not 0 <= map_ < site.units:
                name = printable(site.path, 80)
                raise NetworkError(f"layer {name!r} has no map {map_}: it has {site.units}, counted from 0")
    return found


def _winners(site: Site, largest: Largest, options: Options, notes: list[str]) -> Winners:
    maps = _maps(site, largest, options)
    active = largest.values > 0
    if dark := int((~active[:, 0]).sum()):
        notes.append(f"{dark} of {site.units} maps of {site.path} are active on none of the images of this set")
    rows, ranks = np.nonzero(active[maps])
    values, records = largest.values[maps], largest.records[maps]
    return Winners(site, maps[rows], ranks, records[rows, ranks], values[rows, ranks])


def _maps(site: Site, largest: Largest, options: Options) -> np.ndarray:
    if options.maps is not None:
        return np.array(options.maps, int)
    count = site.units if options.count == -1 else min(options.count, site.units)
    match options.by:
        case "max":
            return np.argsort(-largest.values[:, 0], kind="stable")[:count]
        case "random":
            return np.sort(np.random.default_rng(options.seed).choice(site.units, count, replace=False))
        case _:
            return np.arange(count)


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """Some winners of a layer followed back into their images: for each the `keys` of the records, `units`, `boxes`
    (None where all of the image is seen), the activations computed again, crops, and deconvolutions or nothing.
    """

    keys: list[str]
    units: np.ndarray
    boxes: np.ndarray | None
    scores: np.ndarray
    crops: list[np.ndarray]
    projections: list[np.ndarray]


def _traced(probe: Probe, records: RecordSet, winners: Winners, options: Options) -> Iterator[Traced]:
    """The winners of a layer, a batch at a time: no more than the crops stay in memory."""
    site = winners.site
    size = min(probe.batch, -(-len(winners.records) // _EVEN) * _EVEN)
    for at in range(0, len(winners.records), max(size, 1)):
        places, maps = winners.records[at : at + size].tolist(), winners.maps[at : at + size]
        read = {place: records[place] for place in dict.fromkeys(places)}
        images = [np.asarray(read[place]["image"]) for place in places]
        values = probe.prepared(images)
        inputs = filled_up(probe.filled(values), size)
        (numbers,) = filled_up((maps[:, None].astype(np.int32),), size)
        signal = options.signal if options.deconvolution else None
        found = _cut(projected(probe, inputs, site, numbers, signal=signal), len(places))
        units = indices(site, found)
        around = _around(probe, site, units)
        keys = [printable(read[place].get("key", place), 200) for place in places]
        crops = _crops(_pictures(probe, images, values), around, 128)
        back = list(probe.channels_last(found.values[:, 0])) if options.deconvolution else []
        yield Traced(keys, units, around, found.scores[:, 0], crops, _crops(back, around, 0))


def _shown(winners: Winners, traced: Sequence[Traced], notes: list[str]) -> Iterator[Maps | Pictures]:
    """The crops of one layer, and their deconvolutions."""
    path = winners.site.path
    _recheck(winners, np.concatenate([each.scores for each in traced]), notes)
    crops = [crop for each in traced for crop in each.crops]
    projections = [one for each in traced for one in each.projections]
    around = [each.boxes for each in traced if each.boxes is not None]
    each: dict[str, Any] = {
        "unit": np.concatenate([each.units for each in traced]),
        "rank": winners.ranks,
        "score": winners.values,
        "record": [key for each in traced for key in each.keys],
    } | ({"box": np.concatenate(around)} if around else {})
    if crops[0].ndim == 3:
        yield Pictures(np.stack(crops), Items(len(crops), Item(layer=path), **each), path, space="input")
    if projections and projections[0].ndim == 3:
        reached = [remark(value, bool(one.any())) for value, one in zip(winners.values, projections, strict=True)]
        items = Items(len(projections), Item(layer=path, aspect="deconvolution"), note=reached, **each)
        yield Maps(np.stack(projections), items, f"{path} deconvolution", space="input", signed=True)


def _around(probe: Probe, site: Site, units: np.ndarray) -> np.ndarray | None:
    """The receptive fields of these units, None where they see all of the image."""
    field = receptive_field(probe.network, site.path, probe.image_input)
    return None if field.whole or _sees_all(field, probe) else boxes(field, units)


def _sees_all(field: Field, probe: Probe) -> bool:
    """Whether the field of a unit is as large as the image: then there is nothing to cut out."""
    extents = probe.channels_last(probe.image[:1]).shape[1:3]
    return len(field.size) != 2 or all(size >= extent for size, extent in zip(field.size, extents, strict=True))


def _cut(found: Projection, count: int) -> Projection:
    return Projection(found.maps[:count], found.places[:count], found.scores[:count], found.values[:count])


def _pictures(probe: Probe, images: list[np.ndarray], values: np.ndarray) -> list[np.ndarray]:
    """The images in the size of the network's input, as a person sees them."""
    last = probe.channels_last(values)
    if last.ndim != 4:
        return list(last)
    return probe.shown(images)


def _crops(images: Sequence[np.ndarray], around: np.ndarray | None, fill: int) -> list[np.ndarray]:
    if around is None or not images or images[0].ndim != 3:
        return list(images)
    return [_crop(image, box, fill) for image, box in zip(images, around.tolist(), strict=True)]


def _crop(image: np.ndarray, box: Sequence[int], fill: int) -> np.ndarray:
    """The box of an image H×W×C, what hangs over its border filled."""
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
