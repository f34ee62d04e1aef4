"""One image through convolution, activation and pool, one after the other, with sizes and shares of zeros.

With the network's own kernels (LeCun et al. 1998, doi:10.1109/5.726791), or with kernels that have a meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import keras_private as private
from ..figures import Cell, Figure, Item, Maps, Table
from ..kernels import KernelName, convolved, grey, kernel, pooled
from ..network import Network, NetworkError, Site
from ..probe import Probe

_COLUMNS = ("step", "layer", "what", "height", "width", "maps", "share of zeros", "minimum", "maximum", "mean")


@dataclass(frozen=True, slots=True)
class Options:
    """`layers` None are the first three convolutions with what follows each up to its pool; else these layers.

    `kernels` names kernels to take instead of the network's, of `size` 3 or 5; `given` is an array of some,
    height×width×in×out, in being 1 (grey) or the channels of the image; `seed` is that of random ones. `most` maps of
    a step are kept, −1 is all.
    """

    layers: tuple[str | int, ...] | None = None
    kernels: tuple[KernelName, ...] | None = None
    size: int = 3
    given: np.ndarray | None = None
    seed: int = 0
    most: int = 16

    def __post_init__(self) -> None:
        if self.size not in (3, 5):
            raise NetworkError(f"size {self.size}: the named kernels are 3×3 or 5×5")
        if self.given is not None and np.ndim(self.given) != 4:
            raise NetworkError(f"kernels of shape {np.shape(self.given)}: they are height×width×in×out")


@dataclass(frozen=True, slots=True)
class Step:
    """What one step made of the images: N×H×W×M."""

    layer: str
    what: str
    values: np.ndarray


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """Maps for each step, and a table with a row for each step of the first image. Raises NetworkError."""
    if probe.image.ndim != 4:
        raise NetworkError("step by step needs an image: the input of this network has no height and width")
    own = not options.kernels and options.given is None
    steps = list(_network_steps(probe, options) if own else _kernel_steps(probe, options))
    parts = [_maps(number, step, options.most) for number, step in enumerate(steps)]
    table = Table(_COLUMNS, tuple(_row(number, step) for number, step in enumerate(steps)), "steps")
    left_out = [step for step in steps if 0 <= options.most < step.values.shape[-1]]
    notes = [f"the first {options.most} maps of each step are kept"] if left_out else []
    return probe.figure("step_by_step", [*parts, table], notes, options)


def _network_steps(probe: Probe, options: Options) -> Iterator[Step]:
    """Input, then each layer; one with an activation of its own gives two steps, before and after it."""
    network = probe.network
    sites = [network.sites.find(each) for each in options.layers] if options.layers else _first_blocks(network)
    flat = [site for site in sites if not site.is_maps]
    if flat:
        raise NetworkError(f"step by step needs layers with height and width: {flat[0].path!r} has none")
    fused = {site.path: activation for site in sites if (activation := _activation(site)) is not None}
    wanted = [site.path for site in sites]

    def forward(*inputs: Any) -> Any:
        before: dict[str, Any] = {}

        def activated(path: str) -> Any:
            def change(value: Any) -> Any:
                before[path] = value
                return fused[path](value)

            return change

        run = network.run(
            inputs, taps=wanted, linear=fused, change={path: activated(path) for path in fused}, stop=True
        )
        return [run.values[path] for path in wanted], [before[path] for path in fused]

    values, befores = network.call(("step by step", *wanted), forward, *probe.inputs)
    before = dict(zip(fused, befores, strict=True))
    yield Step("", "input", probe.channels_last(probe.image))
    for site, value in zip(sites, values, strict=True):
        if site.path in before:
            yield Step(site.path, site.kind, _last(site, before[site.path]))
            yield Step(site.path, private.name_of(fused[site.path]), _last(site, value))
        else:
            yield Step(site.path, site.kind, _last(site, value))


def _activation(site: Site) -> Any:
    """The activation that a layer applies at its end, None where it is nothing, or all that the layer does."""
    found = private.activation_of(site.layer)
    if found is None or private.name_of(found) in ("linear", "identity") or site.kind == "Activation":
        return None
    return found


def _first_blocks(network: Network, count: int = 3) -> list[Site]:
    found: list[Site] = []
    convolutions = 0
    for site in network.sites.leaves:
        if not site.is_maps:
            continue
        if "Conv" in site.kind:
            convolutions += 1
            if convolutions > count:
                break
        if convolutions:
            found.append(site)
    if not found:
        raise NetworkError(
            "this network has no convolution to go through step by step: give kernels, as vertical or edge"
        )
    return found


def _kernel_steps(probe: Probe, options: Options) -> Iterator[Step]:
    """Grey image, convolution with the kernels, ReLU, 2×2 max-pool."""
    images = probe.channels_last(probe.image)
    if options.given is not None:
        kernels = np.asarray(options.given, images.dtype)
        names = "given kernels"
    else:
        drawn = [kernel(name, options.size, options.seed) for name in options.kernels or ()]
        kernels = np.stack(drawn, axis=-1)[:, :, None].astype(images.dtype)
        names = ", ".join(options.kernels or ())
    if kernels.shape[2] == 1:
        images = np.stack([grey(each) for each in images])[..., None]
    if kernels.shape[2] != images.shape[3] or any(
        k > i for k, i in zip(kernels.shape, images.shape[1:3], strict=False)
    ):
        raise NetworkError(
            f"kernels of shape {kernels.shape} do not fit images of {images.shape[1:]}: their third axis is 1 or the "
            "channels of the image, and they are no larger than it"
        )
    found = np.stack([convolved(each, kernels) for each in images])
    rectified = np.maximum(found, 0)
    yield Step("", "input", images)
    yield Step(names, "convolution", found)
    yield Step(names, "relu", rectified)
    yield Step(names, "max-pool 2×2", np.stack([pooled(each) for each in rectified]))


def _last(site: Site, value: np.ndarray) -> np.ndarray:
    return np.moveaxis(value, 1, -1) if site.channels_first else value


def _maps(number: int, step: Step, most: int) -> Maps:
    count = step.values.shape[-1]
    if not step.layer:  # the input, in its colours
        items = tuple(Item(image=place, rank=number, aspect=step.what) for place in range(len(step.values)))
        return Maps(step.values, items, f"{number} {step.what}", "layer")
    kept = range(count if most < 0 else min(count, most))
    items = tuple(
        Item(image=place, layer=step.layer, unit=(map_,), rank=number, aspect=step.what)
        for place in range(len(step.values))
        for map_ in kept
    )
    values = np.concatenate([np.moveaxis(each[..., : len(kept)], -1, 0) for each in step.values])
    return Maps(values, items, f"{number} {step.layer} {step.what}", "layer", signed=bool((values < 0).any()))


def _row(number: int, step: Step) -> tuple[Cell, ...]:
    first = step.values[0]
    return (
        number, step.layer, step.what, *map(int, first.shape), float((first == 0).mean()),
        float(first.min()), float(first.max()), float(first.mean(dtype=np.float64)),
    )  # fmt: skip
