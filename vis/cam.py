"""Class activation maps: where in the image a layer's maps speak for the class, after Selvaraju et al. 2017
(arXiv:1610.02391) and what followed. Each technique is one way to combine maps and gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from keras import ops, tree

from ..engine.text import printable
from .attribution import Attributed, chosen, figure, in_parts, joined, picked
from .figures import Figure, Maps, Part
from .gradients import gradient_within
from .network import NetworkError, Site
from .probe import Probe
from .resampling import stretched

Array: TypeAlias = np.ndarray
Tensor: TypeAlias = Any
Layer: TypeAlias = str | int | None

# (maps A, gradients ∂z/∂A), both N×h×w×K → N×h×w
Combination: TypeAlias = Callable[[Tensor, Tensor], Tensor]

_AT_REST = (
    "ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "Identity", "InputLayer",
    "SpatialDropout2D",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """`layer`: a layer with height and width, by path, name or number; None: the last one that has them."""

    layer: Layer = None


@dataclass(frozen=True, slots=True)
class Method:
    """A way to make one map of the maps of a layer: its name in the catalogue, and the combination."""

    name: str
    combine: Combination

    def attribute(
        self, probe: Probe, inputs: Sequence[Array], wanted: Array, options: Options = Options()
    ) -> Attributed:
        """N×H×W over the picture input, bilinear. Raises NetworkError where that is no picture."""
        found = self.at_layer(probe, self.site(probe, options), inputs, wanted)
        over = over_input(probe, found.values)
        if over is None:
            raise NetworkError(f"{self.name} lies over a picture, and the input that is explained is none")
        return found.attributed(over)

    def parts(self, probe: Probe, found: Attributed, options: Options = Options()) -> list[Part]:
        """What `attribute` gave for the inputs of the probe."""
        items = found.items(layer=self.site(probe, options).path)
        return [Maps(found.values, items, "input", space="input")]

    def remarks(self, probe: Probe, options: Options = Options()) -> list[str]:
        """Which maps it was made of."""
        site = self.site(probe, options)
        height, width = site.shape[1:] if site.channels_first else site.shape[:2]
        return [f"Made of the {site.units} maps of {printable(site.path, 80)}, {height}×{width}."]

    def compute(self, probe: Probe, options: Options = Options()) -> Figure:
        """Two parts: "input", stretched over the input (where that is a picture), and "layer", as it was computed."""
        site = self.site(probe, options)
        found = self.at_layer(probe, site, probe.inputs, probe.wanted)
        items = found.items(layer=site.path)
        over = over_input(probe, found.values)
        made = [] if over is None else [Maps(over, items, "input", space="input")]
        made.append(Maps(found.values, items, "layer", space="layer"))
        zeros = "nothing in these maps speaks for the class"
        return figure(probe, self.name, found, made, self.remarks(probe, options), zeros=zeros, options=options)

    def at_layer(self, probe: Probe, site: Site, inputs: Sequence[Array], wanted: Array) -> Attributed:
        """What was explained, and N×h×w in the layer's own size: one pass forward, and one back as far as the layer."""
        network = probe.network

        def function(*tensors: Tensor) -> Any:
            *given, classes = tensors

            def score(mark: Callable[[Tensor], Tensor]) -> Any:
                maps: list[Tensor] = []

                def marked(found: Any) -> Any:
                    first, *others = tree.flatten(found)
                    self.check(site, first, classes.shape[0])
                    maps.append(mark(first))
                    return tree.pack_sequence_as(found, [*maps, *others])

                logits = probe.logits_of(network.run(given, logits=True, change={site.path: marked}))
                target = chosen(logits, classes)
                return ops.sum(picked(logits, target)), (probe.probabilities_of(logits), logits, target, *maps)

            (*aside, maps), gradient = gradient_within(score, network.scale)
            maps = ops.cast(maps, gradient.dtype)
            if site.channels_first:
                maps, gradient = (ops.moveaxis(each, 1, -1) for each in (maps, gradient))
            return (*aside, self.combine(maps, gradient))

        key = (self.name, site.path, probe.output)
        parts = in_parts(probe.batch, inputs, wanted)
        return Attributed(*joined(network.call(key, function, *part) for part in parts))

    def check(self, site: Site, maps: Tensor, count: int) -> None:
        """Raises NetworkError where these are not the maps of `count` images."""
        if len(maps.shape) != 4 or maps.shape[0] not in (None, count):
            raise NetworkError(
                f"{self.name} needs one set of maps for each image: {printable(site.path, 80)} gives "
                f"{'×'.join(map(str, maps.shape))} for {count}"
            )

    def site(self, probe: Probe, options: Options) -> Site:
        """The layer that is meant. Raises NetworkError for one without height and width."""
        sites = probe.network.sites
        if options.layer is None:
            found = last_maps(probe)
            if found is None:
                raise NetworkError(
                    f"{self.name} needs a layer with height and width: the network "
                    f"{printable(probe.network.model.name, 60)!r} has none"
                )
            return found
        found = sites.find(options.layer)
        if not found.is_maps:
            last = last_maps(probe)
            better = f": {printable(last.path, 80)} is one that has" if last else ""
            raise NetworkError(
                f"{self.name} needs a layer with height and width, {printable(found.path, 80)} has none{better}"
            )
        return found


def last_maps(probe: Probe) -> Site | None:
    """The last layer with height and width on the way to the explained output, None without one.

    Layers that do nothing at inference are passed by, and maps of a single pixel where there are larger ones.
    """
    sites = probe.network.sites
    head = probe.network.heads[probe.output].site
    leaves = [site for site in sites.leaves if site.is_maps and site.kind not in _AT_REST]
    if head is not None:
        below, complete = _below(probe, head)
        leaves = [site for site in leaves if site.path in below] if complete else leaves
    large = [site for site in leaves if np.prod(site.shape) > site.units]
    return next(reversed(large or leaves), None)


def _below(probe: Probe, head: Site) -> tuple[set[str], bool]:
    """The paths of all that an output reads, and whether no operation in somebody's own code hides more."""
    sites = probe.network.sites
    found: set[str] = set()
    left = [head.path]
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            left.extend(sites[path].inputs)
    return found, not any(sites[path].unseen for path in found)


def over_input(probe: Probe, values: Array) -> Array | None:
    """N×h×w maps stretched over the picture input, None where that has no height and width."""
    shape = probe.image.shape
    if len(shape) not in (3, 4):
        return None
    height, width = shape[2:] if len(shape) == 4 and probe.channels_first else shape[1:3]
    return stretched(values, height, width)
