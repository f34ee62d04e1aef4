"""A Keras network as an extractor: what one of its layers says of a face."""

from __future__ import annotations

import hashlib
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import ops

from ...engine.files import read_json
from ...engine.places import expanded
from ...engine.rundir import RunDir
from ...engine.text import printable
from ...vis import framework, models
from ...vis.looking import guessed
from ...vis.maxima import filled_up
from ...vis.network import Network, Site
from ...vis.preprocessing import Preprocessing, named
from ...vis.showing import shapes_of
from ..errors import FacesError
from .kind import Extractor, digest_of

Array: TypeAlias = np.ndarray
Tensor: TypeAlias = Any

USUAL = 224  # pixels of a face for a network that takes any size


class KerasExtractor(Extractor):
    """The output of a layer of `model` for pixels that `preprocess` made of pictures.

    `layer` is a path, name or number, "" for the layer before the classifier (`before_classifier`). A layer with
    height and width is averaged over them. `weights` is a digest of the network, made of its weights where it is not
    given. Raises FacesError, NetworkError, ImageError.
    """

    def __init__(
        self,
        model: keras.Model,
        name: str,
        preprocess: str,
        layer: str = "",
        weights: str = "",
        notes: tuple[str, ...] = (),
    ) -> None:
        self.model, self.preprocess = model, named(preprocess)
        shape = _input_shape(model, name)
        self.channels_first = _is_channels_first(shape)
        channels, *side = shape if self.channels_first else (shape[2], shape[0], shape[1])
        said = list(notes)
        if None in side:
            said.append(f"{printable(name, 80)} takes pictures of any size: they are made {USUAL}×{USUAL}")
        self.size = (int(side[0] or USUAL), int(side[1] or USUAL))
        self.channels = int(channels or 3)
        _check(self.preprocess, self.channels, name)
        zeros = np.zeros((1, *self.size, self.channels), np.float32)
        self.network = Network(model, np.moveaxis(zeros, -1, 1) if self.channels_first else zeros)
        self.site = self.network.sites.find(layer) if layer else before_classifier(self.network)
        self.width = int(self.site.units)
        self.spatial = len(self.site.shape) > 1
        self.name = f"{printable(name, 80)} {printable(self.site.path, 80)}"
        said.append(_told(self.network, self.site, chosen=bool(layer)))
        self.notes = tuple(said)
        self.weights = weights or digest_of(model.to_json(), *map(np.asarray, model.get_weights()))
        prepared = self.preprocess
        self.digest = digest_of(
            "keras",
            self.weights,
            self.site.path,
            prepared.bgr,
            prepared.scale,
            prepared.shift,
            self.size,
            self.channels,
        )

    def features(self, images: Array) -> Array:
        found = self.layer_outputs(images, self.site.path)
        return found.reshape(len(images), self.width)

    def layer_outputs(self, images: Array, path: str, average: bool = True) -> Array:
        """What the layer of this path gives for N×H×W×C uint8, averaged over height and width where asked."""
        site = self.network.sites[path]

        def forward(pixels: Tensor) -> Tensor:
            value = self.network.run([self.network_units(pixels)], taps=(path,), stop=True).values[path]
            value = ops.cast(value, "float32")
            return averaged(value, site) if average else value

        (filled,) = filled_up([images], self.batch)
        return self.network.call(("features", path, average), forward, filled)[: len(images)]

    def network_units(self, pixels: Tensor) -> Tensor:
        """Of pixels N×H×W×C uint8, computed where the network is: a byte a value goes there."""
        values = ops.cast(pixels, self.network.dtype)
        if self.preprocess.bgr:
            values = ops.flip(values, axis=-1)
        scale, shift = (np.asarray(each, self.network.dtype) for each in (self.preprocess.scale, self.preprocess.shift))
        values = values * scale + shift
        return ops.moveaxis(values, -1, 1) if self.channels_first else values


def averaged(value: Tensor, site: Site) -> Tensor:
    """N×units of what a layer gives."""
    rank = len(site.shape)
    if rank == 0:
        return ops.reshape(value, (-1, 1))
    axes = tuple(range(2, rank + 1)) if site.channels_first and rank == 3 else tuple(range(1, rank))
    return ops.mean(value, axis=axes) if axes else value


def before_classifier(network: Network) -> Site:
    """What the classifier of a network reads: the input of the last layer with weights, where softmax or sigmoid ends
    it. A network that ends in neither (an embedding, logits) is taken whole: its output.
    """
    head = network.heads[0]
    if head.site is None:
        raise FacesError("nobody can tell which layer makes the output of this network: name one with --layer")
    site = head.site
    if head.activation is None:
        return site
    while not _has_weights(site) and len(site.inputs) == 1:  # Activation, Reshape, Flatten of the logits
        site = network.sites[site.inputs[0]]
    while len(site.inputs) == 1:
        site = network.sites[site.inputs[0]]
        if not isinstance(site.layer, keras.layers.Dropout | keras.layers.SpatialDropout2D):
            return site
    raise FacesError(
        f"the classifier of this network, {printable(site.path, 60)}, reads no single layer: name one with --layer"
    )


def _has_weights(site: Site) -> bool:
    return bool(getattr(site.layer, "weights", None))


def _told(network: Network, site: Site, *, chosen: bool) -> str:
    shape = "×".join(map(str, site.shape)) or "one number"
    head = network.heads[0].site
    which = "its output, for it ends in no classifier" if site is head else "the layer before its classifier"
    which = "" if chosen else f", {which} (--layer names another)"
    how = f", averaged over its {shape} to {site.units:,}" if len(site.shape) > 1 else ""
    return f"features are the {site.units:,} numbers of {printable(site.path, 80)} ({site.kind}){which}{how}"


def _input_shape(model: keras.Model, name: str) -> tuple[Any, ...]:
    shapes = shapes_of(model)
    if len(shapes) != 1 or len(shapes[0]) != 3:
        said = "; ".join("×".join(map(str, each)) for each in shapes) or "nothing that it says"
        raise FacesError(
            f"{printable(name, 80)} takes no picture, but {said}: an extractor takes height×width×channels"
        )
    return tuple(shapes[0])


def _is_channels_first(shape: tuple[Any, ...]) -> bool:
    return shape[0] in (1, 3) and shape[2] not in (1, 3)


def _check(preprocess: Preprocessing, channels: int, name: str) -> None:
    """Raises FacesError, ImageError."""
    if channels not in (1, 3):
        raise FacesError(f"{printable(name, 80)} takes pictures of {channels} channels: faces have 1 or 3")
    preprocess(np.zeros((1, 1, 1, channels), np.float32))


def of_file(text: str, preprocess: str, layer: str) -> Extractor:
    """FILE.keras, FILE.h5, `keras:NAME[:WEIGHTS]`, or the folder of a run. Raises FacesError, ModelError."""
    source = _of_run(text)
    with framework.hushed():
        loaded = models.load(source)
    notes = list(loaded.notes)
    chosen = preprocess or loaded.preprocess or guessed(loaded, notes.append)
    return KerasExtractor(loaded.model, loaded.name, chosen, layer, _weights_digest(source), tuple(notes))


def _weights_digest(source: str) -> str:
    """Of the file, which costs a second where hashing all weights costs several; "" where there is none."""
    name, _, weights = source.removeprefix("keras:").partition(":") if source.startswith("keras:") else ("", "", source)
    path = expanded(weights)
    if not weights or not path.is_file():
        return ""
    with open(path, "rb") as file:
        return f"{name}:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _of_run(text: str) -> str:
    """The best network of a run, else its last. Raises FacesError where it has none."""
    folder = expanded(text)
    if text.startswith("keras:") or not folder.is_dir():
        return text
    run = RunDir(folder)
    best = run.networks / "best.keras"
    steps = ((read_json(path.with_suffix(".json")).value.get("step", 0), path) for path in run.networks.glob("*.keras"))
    saved = sorted(steps, key=lambda each: (each[0] if isinstance(each[0], int) else 0, each[1].name))
    if not saved:
        raise FacesError(
            f"{printable(folder, 200)} holds no network: give a .keras or .h5 file, or the folder of a run"
        )
    return str(best if best.is_file() else saved[-1][1])
