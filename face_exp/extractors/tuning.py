"""A network cut in two: what stays as it is, and what is trained with a head on it."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ...engine.text import printable
from ...vis import telling
from ..errors import FacesError
from ..faces import Faces
from .keeping import computed
from .kind import Extractor, digest_of
from .pictures import batches, whole

if TYPE_CHECKING:
    import keras

    from .networks import KerasExtractor
    from .steps import Step, Symbol

Array: TypeAlias = np.ndarray

MOST = 1 << 30  # bytes of what is kept of all faces in single floats; beyond it halves are kept
_NEAREST = 6
_SOME = 64  # faces that tell of what size vectors are
_HALF = 65504.0  # the largest number in half precision


def trunk(extractor: Extractor, tune: str) -> Trunk:
    """The network of an extractor, cut as `tune` says: `from:LAYER` (this layer and all after it are trained), `whole`
    (all of it, from its weights), `scratch` (all of it, from new weights).

    Raises FacesError: the extractor is no network that can be trained, or there is no such layer, or the part after it
    reads more than its input (the nearest layers where it can be cut are named).
    """
    word, _, layer = tune.strip().partition(":")
    if word not in ("from", "whole", "scratch") or (word == "from") != bool(layer):
        raise FacesError(f"{printable(tune, 80)!r} is no way to tune: from:LAYER, whole and scratch are")
    if not hasattr(extractor, "network"):
        raise FacesError(f"{extractor.name} is no network that can be trained: only features can be made with it")
    from .networks import KerasExtractor

    assert isinstance(extractor, KerasExtractor)
    return Trunk(extractor, layer, scratch=word == "scratch")


class Trunk:
    """The two parts. `name` says it to a person; `width` is the length of the vector that the tail makes; `shape` is
    that of what the tail takes for one face; `digest` tells the frozen part from all others; `scratch` whether the
    tail begins with new weights; `layers` are the paths of the layers of the tail; what it makes is multiplied by
    `scale`.
    """

    scale = 1.0

    def __init__(self, extractor: KerasExtractor, layer: str = "", *, scratch: bool = False) -> None:
        from .steps import steps_of

        self.extractor, self.scratch, self.width = extractor, scratch, extractor.width
        steps = steps_of(extractor.model)
        self._end: Symbol = steps.made_by(extractor.site.maker)
        self._cut: Symbol = self._found(steps, layer) if layer else steps.taken
        way = steps.after(self._cut, self._end)
        assert way is not None
        self._steps: tuple[Step, ...] = way
        if not any(getattr(step.operation, "weights", None) for step in way):
            raise FacesError(f"nothing is left to train: from {layer} to {extractor.site.path} no layer has weights")
        self.layers = tuple(step.path for step in way)
        self.frozen = steps.maker(self._cut)  # the path of the layer whose output is kept, "" for the pictures
        if self.frozen:
            self.shape: tuple[int, ...] = tuple(int(each) for each in self._cut.shape[1:])
            self.name = f"{extractor.name} from {printable(layer, 60)}"
        else:
            self.shape = (*extractor.size, extractor.channels)
            self.name = f"{extractor.name}, {'from scratch' if scratch else 'all of it'}"
        self.digest = digest_of("trunk", extractor.digest, self.frozen)

    def inputs(self, faces: Faces, cache: Path | None = None, say: Callable[[str], None] = print) -> Array:
        """What the tail takes of all faces, N×…, kept like features; the pictures (uint8) where nothing is frozen.

        Raises FacesError (memory does not hold them), BlobError.
        """
        extractor, path = self.extractor, self.frozen
        for note in extractor.notes:
            say(f"  {note}")
        if not path:
            return whole(faces, extractor.size, extractor.channels, telling.progress())
        halves = len(faces) * float(np.prod(self.shape)) * 4 > MOST
        if halves:
            say(f"  what {path} gives is kept in half precision: it is large")

        def compute(images: Array) -> Array:
            found = extractor.layer_outputs(images, path, average=False)
            return np.clip(found, -_HALF, _HALF) if halves else found

        return computed(
            faces, extractor, compute, self.shape, "float16" if halves else "float32", self.digest, cache, say
        )

    def some(self, faces: Faces) -> Array:
        """The vectors of a few of these faces as the network makes them now, unscaled. Raises FacesError, BlobError."""
        numbers = np.unique(np.linspace(0, len(faces) - 1, _SOME).astype(int))
        taken = batches(faces, numbers, self.extractor.size, self.extractor.channels, self.extractor.batch)
        return np.concatenate([self.extractor.features(each) for each in taken])

    def tail(self, seed: int, scratch: bool | None = None) -> keras.Model:
        """A copy of its own of the part that is trained, `inputs` → N×width: with the weights of the network, or new
        ones that the seed determines (`scratch`; None: as the trunk says).
        """
        import keras

        from .networks import averaged
        from .steps import rebuilt

        taken = keras.Input(self.shape, name="frozen" if self.frozen else "pixels")
        value: Any = taken if self.frozen else self._network_units(taken)
        begin = self.scratch if scratch is None else scratch
        found = rebuilt(self._steps, {id(self._cut): value}, self._end, seed, scratch=begin)
        vector: Any = averaged(found, self.extractor.site)
        if self.scale != 1:
            vector = keras.layers.Rescaling(self.scale, name="usual_size")(vector)
        return keras.Model(taken, vector, name="tail")

    def _network_units(self, pixels: Any) -> Any:
        """The preprocessing as layers, so that pictures are kept as bytes."""
        import keras

        prepared = self.extractor.preprocess
        value = keras.ops.flip(pixels, axis=-1) if prepared.bgr else pixels
        scale, shift = (list(each) for each in (prepared.scale, prepared.shift))
        value = keras.layers.Rescaling(scale, shift, name="pixels_to_units")(value)  # type: ignore[arg-type]
        return keras.layers.Permute((3, 1, 2), name="channels_first")(value) if self.extractor.channels_first else value

    def _found(self, steps: Any, layer: str) -> Symbol:
        """What a layer reads. Raises FacesError, NetworkError."""
        site = self.extractor.network.sites.find(layer)
        paths = {step.path for step in steps.after(steps.taken, self._end) or ()}
        within = site.path in paths or any(each.startswith(f"{site.path}/") for each in paths)
        symbol = steps.read_by(site.path) if within else None
        if symbol is not None and steps.after(symbol, self._end):
            return symbol
        why = "it reads what skips other layers, or is skipped itself" if within else "the features are made without it"
        raise FacesError(
            f"the network cannot be cut before {printable(site.path, 80)}: {why}. The nearest layers where it can be: "
            f"{_nearest(site.path, steps.cuts(self._end), steps)}"
        )


def _nearest(path: str, cuts: list[str], steps: Any) -> str:
    order = {step.path: at for at, step in enumerate(steps.steps)}
    place = order.get(path)
    if place is None:
        near = difflib.get_close_matches(path, cuts, _NEAREST, 0.0)
    else:
        near = sorted(cuts, key=lambda each: abs(order[each] - place))[:_NEAREST]
    return ", ".join(printable(each, 60) for each in sorted(near, key=lambda each: order[each])) or "none"
