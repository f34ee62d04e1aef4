"""The deconvolutional network: what in an image excites a feature map most, carried back to the pixels through the
switches of the pools.

Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks", arXiv:1311.2901; Zeiler, Taylor, Fergus
2011, "Adaptive deconvolutional networks for mid and high level feature learning", doi:10.1109/ICCV.2011.6126474.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...engine.text import printable
from ..attribution import of_rectifiers
from ..cam import last_maps
from ..figures import Figure, Item, Items, Maps, Vectors
from ..network import NetworkError, Site
from ..probe import Probe
from ..projection import SIGNALS, Projection, Signal, logits_at, projected
from ..receptive import Field, box, receptive_field, receptive_fields
from ..technique import TechniqueError


@dataclass(frozen=True, slots=True)
class Options:
    """`layer`: the layer of the maps, by path, name or number; None: the last one with height and width. `top`: how
    many maps of each image, the largest activation first (−1: all); `maps`: numbers of maps instead. `signal`: what is
    sent back of a map: its largest activation alone ("activation"), 1 in its place ("one"), or all of it ("map").
    """

    layer: str | int | None = None
    top: int = 9
    maps: tuple[int, ...] | None = None
    signal: Signal = "activation"

    def __post_init__(self) -> None:
        if self.top < 1 and self.top != -1:
            raise TechniqueError(f"top is {self.top}: how many maps, 1 or more, or -1 for all of them")
        if self.maps is not None and not self.maps:
            raise TechniqueError("maps is empty: give numbers of feature maps, or none for those of `top`")
        if self.signal not in SIGNALS:
            raise TechniqueError(f"signal is {printable(self.signal, 40)!r}: there are {', '.join(SIGNALS)}")


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """One map in the size of the input, with its channels, for each image and feature map; nothing is scaled.

    A unit is (row, column, map), or (map,) where the whole of it is sent back; its box is its receptive field.
    """
    site = layer_of(probe, options.layer)
    field = receptive_field(probe.network, site.path, probe.image_input)
    numbers = np.array([maps_of(site, options)] * probe.count, np.int32)
    ranked = options.maps is None
    found = projected(probe, probe.inputs, site, numbers, ranked=ranked, signal=options.signal)
    items = _items(probe, site, field, found, options)
    notes = [*of_rectifiers(probe), *_remarks(probe, site, found, options)]
    return probe.figure("deconvolutional_network", [part(probe, found.values, items, site.path)], notes, options)


def layer_of(probe: Probe, wanted: str | int | None) -> Site:
    """The layer that is meant. Raises NetworkError."""
    sites = probe.network.sites
    if wanted is not None:
        return sites.find(wanted)
    seen = receptive_fields(probe.network, probe.image_input)
    found = last_maps(probe)
    if found is not None and found.path not in seen:  # of several inputs it sees another
        found = next((site for site in reversed(sites.leaves) if site.is_maps and site.path in seen), None)
    if found is None:
        raise NetworkError(
            f"deconvolutional_network needs a layer with height and width: the network "
            f"{printable(probe.network.model.name, 60)!r} has none. A layer of units has to be named: "
            f"{', '.join(printable(site.path, 60) for site in sites.leaves[-3:])}"
        )
    return found


def maps_of(site: Site, options: Options) -> list[int]:
    """Numbers of maps, or ranks where `maps` is None. Raises NetworkError for a map that there is not."""
    if options.maps is None:
        return list(range(site.units if options.top == -1 else min(options.top, site.units)))
    odd = [each for each in options.maps if not 0 <= each < site.units]
    if odd:
        raise NetworkError(
            f"layer {printable(site.path, 80)!r} has no map {odd[0]}: it has {site.units}, counted from 0"
        )
    return list(dict.fromkeys(options.maps))


def part(probe: Probe, values: np.ndarray, items: Items, name: str) -> Maps | Vectors:
    """Values N×K×… in the shape of the picture input, as one part with an item for each of N·K."""
    flat = probe.channels_last(values.reshape(-1, *values.shape[2:]))
    if flat.ndim in (3, 4):
        return Maps(flat, items, name, space="input", signed=True)
    return Vectors(flat.reshape(len(flat), -1), items, name, signed=True)


def indices(site: Site, found: Projection) -> np.ndarray:
    """The index of the unit with the largest activation, (row, column, map) where the layer has these: N·K×axes."""
    places = site.shape[1:] if site.channels_first else site.shape[:-1]
    columns = np.unravel_index(found.places.ravel(), places) if places else ()
    return np.stack([*columns, found.maps.ravel()], axis=1)


def boxes(field: Field, units: np.ndarray) -> np.ndarray | None:
    """The receptive fields of units, N×4; None where the input has no height and width."""
    if len(field.size) != 2:
        return None
    if units.shape[1] != 3:
        return np.array([box(field)] * len(units))
    return np.array([box(field, int(row), int(column)) for row, column, _ in units])


def remark(score: float, reached: bool) -> str:
    """What is to be said of one map: `reached` is whether anything arrives at the input."""
    if not np.isfinite(score):
        return "its activation is no finite number"
    if score == 0:
        return "dark on this image: nothing to project"
    if not reached:
        return "nothing of it gets through to the input: all of it is negative at some rectifier"
    return "its activation is negative" if score < 0 else ""


def _items(probe: Probe, site: Site, field: Field, found: Projection, options: Options) -> Items:
    images, maps = found.maps.shape
    scores, units = found.scores.ravel().astype(np.float64), indices(site, found)
    reached = np.any(found.values.reshape(len(scores), -1), axis=1).tolist()
    each = {
        "image": np.repeat(np.arange(images), maps),
        "rank": np.tile(np.arange(maps), images),
        "score": scores,
        "note": [remark(*one) for one in zip(scores.tolist(), reached, strict=True)],
    }
    if options.signal == "map":
        return Items(len(scores), Item(layer=site.path), unit=units[:, -1:], **each)
    around = boxes(field, units)
    return Items(len(scores), Item(layer=site.path), unit=units, **each | ({} if around is None else {"box": around}))


def _remarks(probe: Probe, site: Site, found: Projection, options: Options) -> Sequence[str]:
    name, count = printable(site.path, 80), found.maps.shape[1]
    said = []
    if options.maps is None and count < site.units:
        said.append(f"Of the {site.units} maps of {name} those {count} with the largest activation on each image.")
    if logits_at(probe, site):
        said.append(f"The activations of {name} are its logits, before they are made probabilities.")
    if len(probe.inputs) > 1:
        said.append(f"Carried back to input {probe.image_input} of {len(probe.inputs)}, counted from 0.")
    if not np.isfinite(found.scores).all():
        said.append(f"Activations of {name} are no finite numbers (NaN or infinity): look at the weights.")
    return said
