"""Layer activations: what each layer puts out for an image, map by map, from one forward pass.

Yosinski et al. 2015, "Understanding Neural Networks Through Deep Visualization", arXiv:1506.06579. A map is *dark*
on an image where nothing in it is active; it is *dead* if it is so on every input of a sample of the training data.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from math import prod
from typing import Any, Literal, TypeAlias

import keras
import numpy as np
from keras import ops

from ..distribution import NAMES
from ..figures import Figure, Histograms, Items, Part, Points, Table
from ..items import NOTHING
from ..layer_maps import SAMPLED, LayerMaps, Shown
from ..network import Network, NetworkError, Site
from ..probe import Probe

Array: TypeAlias = np.ndarray
Address: TypeAlias = str | int

EXCLUDED = ("InputLayer", "Dropout", "Flatten")  # as ever: they show nothing of their own

_AT_ONCE = 1 << 25  # values of all layers that are kept for some images before any is put aside: 128 MB
_LARGE = 1 << 20  # values of an image from which on threads are worth their making

_COLUMNS = ("layer", "image", "kind", "shape", "units", *NAMES, "dark", "dead")


@dataclass(frozen=True, slots=True)
class Options:
    """`layers`: paths, names or numbers (None: all of them but what `exclude` names: classes of layers, or layers).

    `most`: maps of a layer that are stored at most (−1: all); `by` says which: "order" the first ones, which are
    the same in every figure, "max" those with the largest values. `bins` of a layer's histogram.
    """

    layers: tuple[Address, ...] | None = None
    exclude: tuple[Any, ...] = EXCLUDED
    most: int = 64
    by: Literal["order", "max"] = "order"
    bins: int = 20

    def __post_init__(self) -> None:
        if self.most < -1 or self.most == 0:
            raise ValueError(f"most is {self.most}: a number of maps is needed, or -1 for all")
        if self.by not in ("order", "max"):
            raise ValueError(f"by is {self.by!r}: it is 'order' or 'max'")
        if self.bins < 1:
            raise ValueError(f"bins is {self.bins}: a histogram has at least one")


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """A part for each layer, named by its path: maps N·K×H×W, or N×T×C of steps, or vectors N×C, as they are.

    With them "statistics" (points: mean, std, min, max, share of zeros of each map), "histograms" of
    each layer and image, and the table "layers".
    """
    hows, left_out = _chosen(probe.network, options)
    layers = [
        _Layer(shown, never)
        for shown, never in zip(_shown(probe, hows, options.bins), _never(probe, hows), strict=True)
    ]
    parts: list[Part] = [each.part(options) for each in layers]
    parts += [*_statistics(layers), _bars(layers), _table(layers)]
    return probe.figure("layer_activations", parts, _remarks(probe, layers, options, left_out), options)


@dataclass(frozen=True, eq=False)
class _Layer:
    """A layer, what it put out, and which of its units no input of the sample woke (None: nobody knows)."""

    shown: Shown
    never: Array | None

    @property
    def path(self) -> str:
        return self.shown.how.site.path

    @cached_property
    def dead(self) -> Array | None:
        return None if self.never is None else self.never & ~self.shown.alive.any(axis=0)

    @cached_property
    def notes(self) -> list[str]:
        """Of each unit on each image what there is to say of it, N·C."""
        dark = ~self.shown.alive
        if not dark.any():
            return [""] * dark.size
        why = "nothing above 0" if self.shown.how.open_below else "all zeros"
        said = ("", f"dark on this image: {why}", "dead: active on no input of the sample, on none of these images")
        codes = dark.astype(int) if self.dead is None else np.where(self.dead, 2, dark)
        return [said[code] for code in codes.ravel().tolist()]

    def part(self, options: Options) -> Part:
        how = self.shown.how
        if options.by == "max" and how.form == "maps" and 0 < options.most < how.units:
            return self.shown.part(self.shown.largest(max(1, options.most // how.films)), self.notes)
        return self.shown.part(None, self.notes)


def _chosen(network: Network, options: Options) -> tuple[list[LayerMaps], Counter[str]]:
    """The calls that are shown, in their order, and the classes of those that are left out. Raises NetworkError."""
    sites, left_out = _sites(network, options)
    most = options.most if options.by == "order" else -1  # which are the largest is known when all are there
    return [LayerMaps(site, most) for site in sites], left_out


def _sites(network: Network, options: Options) -> tuple[list[Site], Counter[str]]:
    floats = [site for site in network.sites.leaves if "float" in site.dtype]
    if options.layers is not None:
        found = {network.sites.find(each).path for each in options.layers}
        return [site for path, site in network.sites.items() if path in found], Counter()
    names = {getattr(each, "__name__", each) for each in options.exclude}
    classes = {name for name in names if isinstance(name, str) and hasattr(keras.layers, name)}
    classes |= names & {site.kind for site in floats}
    paths = {network.sites.find(name).path for name in names - classes}
    found = [site for site in floats if site.kind not in classes and site.path not in paths]
    if not found:
        raise NetworkError(f"no layer is left to be shown: all of {', '.join(sorted(network.sites))} are excluded")
    return found, Counter(site.kind for site in floats if site not in found)


def _shown(probe: Probe, hows: Sequence[LayerMaps], bins: int) -> list[Shown]:
    """What each layer put out: all layers in one pass, for as many images at once as memory is cheap for."""
    _keep_freed_memory()
    network, paths = probe.network, [how.site.path for how in hows]
    plain = len(network.heads[probe.output].shape) == 1

    def forward(*inputs: Any) -> Any:
        run = network.run(inputs, taps=paths)
        taken = [how.taken(run.values[path]) for how, path in zip(hows, paths, strict=True)]
        return run.outputs[probe.output] if plain else (), taken

    key = ("layer activations", probe.output, tuple((how.site.path, how.most) for how in hows))
    scores, parts = [], []
    at_once = max(1, min(probe.batch, _AT_ONCE // sum(prod(how.site.shape) for how in hows)))
    for part in probe.batches(size=at_once):
        score, taken = network.call(key, forward, *part)
        scores.append(score)
        parts.append(_shared(lambda how, each: Shown.of(how, each, bins), hows, taken))
    if plain:
        probe.predicted(np.concatenate(scores))
    return [Shown.joined(each) for each in zip(*parts, strict=True)]


def _shared(work: Callable[[LayerMaps, Any], Shown], hows: Sequence[LayerMaps], values: list[Any]) -> list[Shown]:
    """`work` for each layer. NumPy lets go of the interpreter, so that cores share what is large."""
    if sum(prod(how.site.shape) for how in hows) < _LARGE:
        return list(map(work, hows, values))
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as threads:
        return list(threads.map(work, hows, values))


def _never(probe: Probe, hows: Sequence[LayerMaps]) -> list[Array | None]:
    """For each layer, which units are active on no input of the sample; None without a sample."""
    if probe.sample is None:
        return [None] * len(hows)
    network, paths = probe.network, [how.site.path for how in hows]

    def extremes(*inputs: Any) -> list[tuple[Any, Any]]:
        values = network.run(inputs, taps=paths).values
        return [_extremes(how, values[path]) for how, path in zip(hows, paths, strict=True)]

    alive = [np.zeros(how.units, bool) for how in hows]
    for at in range(0, len(probe.sample[0]), probe.batch):
        part = [each[at : at + probe.batch] for each in probe.sample]
        found = network.call(("layer extremes", *paths), extremes, *part)
        alive = [each | how.active(*two) for each, how, two in zip(alive, hows, found, strict=True)]
    return [~each for each in alive]


def _extremes(how: LayerMaps, value: Any) -> tuple[Any, Any]:
    """The smallest and the largest value of each unit over a batch (tensors)."""
    rank = len(value.shape)
    channel = 1 if how.site.channels_first and rank > 2 else rank - 1
    axes = tuple(axis for axis in range(rank) if axis != channel or rank == 1)
    low, high = ops.min(value, axis=axes), ops.max(value, axis=axes)
    return ops.reshape(low, (-1,)), ops.reshape(high, (-1,))


def _statistics(layers: Sequence[_Layer]) -> list[Points]:
    """Mean, std, extremes and zeros of each map (of each unit over the steps), one point each; none of vectors."""
    layers = [each for each in layers if each.shown.how.form != "vector"]
    if not layers:
        return []
    wide = any(each.shown.how.films > 1 for each in layers)
    images, units, names, notes = [], [], [], []
    for each in layers:
        films = each.shown.how.films
        image, frame, unit = (axis.ravel() for axis in np.indices(each.shown.numbers.mean.shape))
        images.append(image)
        units.append(np.stack([frame, unit] if films > 1 else [unit, np.full_like(unit, NOTHING)], 1) if wide else unit)
        names += [each.path] * len(image)
        notes += (
            [each.notes[place] for place in (image * each.shown.how.units + unit).tolist()]
            if films == 1
            else [""] * len(image)
        )
    more: dict[str, Any] = {"note": notes} if any(notes) else {}
    items = Items(len(names), layer=names, image=np.concatenate(images), unit=np.concatenate(units), **more)
    numbers = np.concatenate([each.shown.numbers.columns().reshape(-1, len(NAMES)) for each in layers])
    return [Points(numbers.astype(np.float32), items, "statistics", axes=NAMES)]


def _bars(layers: Sequence[_Layer]) -> Histograms:
    """A histogram of each layer and image."""
    found = [bars for each in layers for bars in each.shown.bars]
    images = np.concatenate([np.arange(each.shown.images) for each in layers])
    items = Items(len(found), layer=[each.path for each in layers for _ in each.shown.bars], image=images)
    counts, edges = (np.stack(column) for column in zip(*found, strict=True))
    mean, std = (np.concatenate([getattr(each.shown.whole, name) for each in layers]) for name in ("mean", "std"))
    return Histograms(counts, edges, items, "histograms", mean=mean, std=std)


def _table(layers: Sequence[_Layer]) -> Table:
    """A row for each layer and image."""
    rows = []
    for each in layers:
        site, shown = each.shown.how.site, each.shown
        shape = "×".join(map(str, site.shape)) or "1"
        dead = None if each.dead is None else int(each.dead.sum())
        dark = (~shown.alive).sum(axis=1).tolist()
        for image, numbers in enumerate(shown.whole.columns().tolist()):
            rows.append((site.path, image, site.kind, shape, shown.how.units, *numbers, dark[image], dead))
    return Table(_COLUMNS, tuple(rows), "layers")


def _remarks(probe: Probe, layers: Sequence[_Layer], options: Options, left_out: Counter[str]) -> list[str]:
    """What a reader must know."""
    said, hows = [], [each.shown.how for each in layers]
    if left_out:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(left_out.items()))
        said.append(f"layers that are left out: {kinds}")
    many = sum(how.form == "maps" and how.units * how.films > options.most > 0 for how in hows)
    if many:
        which = "the first" if options.by == "order" else "those with the largest values"
        said.append(f"{many} layers have more than {options.most} maps: {which} are stored, `most` says how many")
    if any(how.stride > 1 for how in hows):
        said.append(f"histograms of layers with more than {SAMPLED:,} values are of every k-th, from all maps")
    if any(how.hides for how in hows):
        said.append("mean, std and zeros of layers of which not all maps are stored are of the values of the histogram")
    if probe.sample is None:
        said.append("no sample of the training data was given: which maps are dead, on whatever input, is unknown")
    else:
        said.append(f"dead maps are active on none of the {len(probe.sample[0])} inputs of the sample")
    broken = [each.path for each in layers if not np.isfinite(each.shown.whole.columns()).all()]
    if broken:
        more = f" and {len(broken) - 1} more" if len(broken) > 1 else ""
        said.append(f"layer {broken[0]}{more}: there are values that are no finite numbers (NaN or infinity)")
    return said


@cache
def _keep_freed_memory() -> None:
    """Let the allocator keep what a snapshot frees for the next one.

    The C library gives freed memory back to the system from a size on that follows the largest block that was freed.
    Without this, half the time of a pass that returns all activations goes into getting the same pages anew.
    """
    np.empty(31 << 20, np.uint8)
