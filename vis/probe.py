"""What a technique looks with: a network, the inputs it is shown, and what of its output is to be explained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypeAlias

import keras
import numpy as np
from keras import ops, tree

from ..engine.text import printable
from .figures import Figure, Input, Part, Prediction
from .history import Earlier
from .images import as_images, range_note
from .network import Network, NetworkError, as_logits
from .preprocessing import Preprocessing, applied, named

Array: TypeAlias = np.ndarray
Process: TypeAlias = Callable[[Array], Array]

TOP = 5  # classes of a prediction
_COLOURS = (1, 3, 4)  # channels that a picture can have
_SIZE = 32  # of an input that may have any, where nobody gave one


class Probe:
    """A network and what it is shown.

    `model`: a built Keras 3 model, or the Network of one (which keeps compiled functions; a Probe made again and
    again in a training shares it). `images`: whatever `vis.images.as_images` takes (files, folders, arrays), or for
    a network with several inputs a list or dict of arrays, as the model is called. `preprocess` makes network units
    of a batch of images, `postprocess` pixels 0…255 of one H×W×C array in network units; both may be the name of one
    (`vis.preprocessing`), and the name of the first gives the second.

    `target`: the class to explain: None for the predicted one, a number, or one for each image. `output`: which
    output, by name or number. `labels` are names of the classes. `sample`: a few inputs of the training data in
    network units, for what needs them (dead units over a batch, the range of the data); `data`: (x, y) with the
    targets, or x, y, weights, for what needs the loss; `records`: a set (vis.sets) for what searches one. `batch`
    is how many inputs go through the network at once.

    Raises NetworkError where the network cannot take these inputs, or has no such output or class, ImageError for
    images that cannot be read or made to fit.
    """

    def __init__(
        self,
        model: keras.Model | Network,
        images: Any = None,
        target: int | Sequence[int | None] | None = None,
        preprocess: Process | str | None = None,
        postprocess: Process | str | None = None,
        *,
        output: str | int | None = None,
        labels: Sequence[str] = (),
        sample: Any = None,
        data: Any = None,
        records: Any = None,
        batch: int = 32,
    ) -> None:
        bare = model.model if isinstance(model, Network) else model
        self.preprocess, self.postprocess = preprocess, _back(preprocess, postprocess)
        self.labels = tuple(labels)
        self.data, self.records, self.batch = data, records, batch
        self.step = 0  # of the training, where there is one
        self.earlier: Earlier | None = None  # its weights at the figure before, for what compares the two
        self.progress: Callable[[int, int], None] = _nobody  # called with (done, total) by what takes long
        structure, self.pictures, self.notes = _shown(bare, images, preprocess)
        self.inputs: tuple[Array, ...] = tuple(_typed(bare, each) for each in tree.flatten(structure))
        if any(len(each) == 0 for each in self.inputs):
            raise NetworkError("there is no image to look at: the batch is empty")
        example = tree.pack_sequence_as(structure, list(self.inputs))
        if not bare.built and images is not None:
            self.notes += [_built(bare, example)]
        self.network = model if isinstance(model, Network) else Network(model, example)
        if self.network.changed() or not self.network.takes(example):
            self.network = Network(bare, example)
        self.sample = _sample(bare, sample)
        if images is not None and self.floats:
            known = self.sample[self.image_input] if self.sample is not None else None
            self.notes += [note] if (note := range_note(self.image, known)) else []
        self.output = self._output(output)
        self.wanted = self._wanted(target)
        self._predictions: tuple[Prediction, ...] | None = None

    @property
    def count(self) -> int:
        """How many inputs are looked at."""
        return len(self.inputs[0])

    @property
    def floats(self) -> tuple[int, ...]:
        """The numbers of the inputs that have a gradient; the others (text, numbers of words) are held fixed."""
        return tuple(place for place, each in enumerate(self.inputs) if each.dtype.kind == "f")

    @property
    def image_input(self) -> int:
        """The number of the input that is a picture: the first float one with height and width, else the first
        float one. Raises NetworkError where no input has a gradient.
        """
        if not self.floats:
            raise NetworkError("no input of this network has a gradient: all of them are whole numbers or text")
        return next((place for place in self.floats if self.inputs[place].ndim == 4), self.floats[0])

    @property
    def image(self) -> Array:
        """The picture input in network units, N×H×W×C (or whatever its rank is)."""
        return self.inputs[self.image_input]

    @property
    def channels_first(self) -> bool:
        """Whether the picture input is N×C×H×W."""
        place = self.image_input
        shape = self.inputs[place].shape
        if len(shape) != 4:
            return False
        readers = (site for site in self.network.sites.leaves if not site.inputs and hasattr(site.layer, "data_format"))
        return any(site.channels_first for site in readers) or (shape[1] in (1, 3) and shape[-1] not in (1, 3))

    def with_image(self, image: Array) -> tuple[Array, ...]:
        """The inputs with another picture input. One of its own for each input: the length has to agree."""
        return tuple(image if place == self.image_input else each for place, each in enumerate(self.inputs))

    def filled(self, image: Array) -> tuple[Array, ...]:
        """Inputs with this picture input, of whatever length: further inputs are those of the first example."""
        held = (np.repeat(each[:1], len(image), axis=0) for each in self.inputs)
        return tuple(image if place == self.image_input else each for place, each in enumerate(held))

    def prepared(self, images: Sequence[Array]) -> Array:
        """Images of a set (H×W×C each) as the picture input takes them. Raises ImageError for those it cannot."""
        symbols = getattr(self.network.model, "inputs", None)
        known = symbols[self.image_input].shape if symbols else self.image.shape
        found = as_images(list(images), limit=None).prepared(
            tuple(known[1:]), self.preprocess, channels_first=self.channels_first
        )
        return found.values.astype(self.image.dtype, copy=False)

    def channels_last(self, array: Array) -> Array:
        """N×H×W×C of an array of the picture input's layout."""
        return np.moveaxis(array, 1, -1) if self.channels_first and array.ndim == 4 else array

    def logits_of(self, run: Any) -> Any:
        """The N×C logits of the explained output, from a run with `logits=True` (tensors)."""
        return as_logits(run.outputs[self.output])

    def probabilities_of(self, logits: Any) -> Any:
        """What the head makes of N×C logits, themselves where it makes nothing of them (tensors)."""
        made = self.network.probabilities(self.output, logits)
        return logits if made is None else made

    def predictions(self) -> tuple[Prediction, ...]:
        """The top-5 of each input, from one forward pass; kept until `forget`."""
        if self._predictions is None:

            def forward(*inputs: Any) -> Any:
                logits = self.logits_of(self.network.run(inputs, logits=True))
                return self.probabilities_of(logits)

            key = ("predictions", self.output)
            scores = [self.network.call(key, forward, *part) for part in self.batches()]
            self.predicted(np.concatenate(scores))
        assert self._predictions is not None
        return self._predictions

    def predicted(self, scores: Array) -> None:
        """Take the N×C scores that a technique came by, which saves `predictions` a pass of its own."""
        head = self.network.heads[self.output]
        name = head.name if len(self.network.heads) > 1 else ""
        found = []
        for row in np.asarray(scores, np.float64):
            best = [int(each) for each in np.argsort(-row, kind="stable")[:TOP]]
            said = tuple(self.label(each) for each in best) if self.labels else ()
            sure = head.activation is not None
            found.append(Prediction(tuple(best), tuple(float(row[each]) for each in best), said, sure, name))
        self._predictions = tuple(found)

    def forget(self) -> Self:
        """The weights have changed: predictions are made anew."""
        self._predictions = None
        return self

    def label(self, class_: int) -> str:
        """The name of a class, its number without one."""
        return printable(self.labels[class_], 80) if 0 <= class_ < len(self.labels) else str(class_)

    def batches(self, *more: Array, size: int | None = None) -> list[tuple[Array, ...]]:
        """The inputs (and more arrays of their length) in parts of at most `batch`."""
        size = size or self.batch
        arrays = (*self.inputs, *more)
        return [tuple(each[at : at + size] for each in arrays) for at in range(0, self.count, size)]

    def pixels(self, array: Array) -> Array:
        """One H×W×C array in network units as bytes 0…255: by `postprocess`, else stretched over its own range."""
        found = np.asarray(array, np.float64)
        if self.postprocess is not None:
            found = np.asarray(self.postprocess(found), np.float64)
        else:
            low, high = np.nanmin(found), np.nanmax(found)
            found = (found - low) * (255.0 / (high - low)) if high > low else np.zeros_like(found)
        found = np.clip(np.nan_to_num(found), 0, 255).astype(np.uint8)
        if found.ndim == 2:
            found = found[..., None]
        return found if found.shape[-1] in (1, 3) else found.mean(axis=-1, keepdims=True).astype(np.uint8)

    def figure(
        self, technique: str, parts: Sequence[Part], notes: Sequence[str] = (), options: Any = None, **recipe: Any
    ) -> Figure:
        """A figure of these parts, with the inputs, their predictions and what is needed to make it again."""
        known: dict[str, Any] = {"network": printable(self.network.model.name, 80), **recipe}
        if options is not None:
            known["options"] = as_recipe(options)
        if (self.wanted >= 0).any():
            known["target"] = self.wanted.tolist()
        all_notes = tuple(dict.fromkeys((*self.notes, *notes)))
        shown = self.predictions() if self.pictures else ()  # nobody gave an image: there is nothing to predict
        return Figure(technique, tuple(parts), self.pictures, shown, all_notes, known)

    def _output(self, output: str | int | None) -> int:
        names = [head.name for head in self.network.heads]
        if output is None:
            return 0
        if isinstance(output, int) and -len(names) <= output < len(names):
            return output % len(names)
        if output in names:
            return names.index(str(output))
        ends = [head.site.path if head.site else "" for head in self.network.heads]
        if output in ends:
            return ends.index(str(output))
        said = ", ".join(printable(each, 60) for each in names)
        raise NetworkError(f"the network has no output {printable(str(output), 60)!r}: it has {said}")

    def _wanted(self, target: int | Sequence[int | None] | None) -> Array:
        given = list(target) if isinstance(target, Sequence | np.ndarray) else [target] * self.count
        if len(given) != self.count:
            raise NetworkError(f"{len(given)} classes are given for {self.count} images: give one, or one for each")
        shape = self.network.heads[self.output].shape
        classes = int(shape[-1]) if shape else 1
        for each in given:
            if each is not None and not 0 <= int(each) < classes:
                raise NetworkError(
                    f"class {each} is out of range: the network tells {classes} apart, 0 to {classes - 1}"
                )
        return np.array([-1 if each is None else int(each) for each in given], np.int32)


def _nobody(done: int, total: int) -> None:
    """Nobody waits."""


def _back(preprocess: Process | str | None, postprocess: Process | str | None) -> Process | None:
    if postprocess is None:
        known = named(preprocess) if isinstance(preprocess, str) else preprocess
        return known.back if isinstance(known, Preprocessing) else None
    return named(postprocess).back if isinstance(postprocess, str) else postprocess


def chosen(logits: Any, wanted: Any) -> Any:
    """The class explained for each row of N×C logits: the wanted one, the largest where that is −1 (tensors)."""
    return ops.where(wanted >= 0, wanted, ops.cast(ops.argmax(logits, axis=-1), "int32"))


def picked(logits: Any, classes: Any) -> Any:
    """The logit of one class in each row, N (tensors)."""
    return ops.sum(ops.one_hot(classes, logits.shape[-1], dtype=logits.dtype) * logits, axis=-1)


def _shown(
    model: keras.Model, images: Any, preprocess: Process | str | None
) -> tuple[Any, tuple[Input, ...], list[str]]:
    """What the model is called with, what of it a person is shown, and what must be said of it."""
    if images is None:
        return _blank(model), (), []
    shapes = [tuple(one.shape[1:]) for one in getattr(model, "inputs", None) or []]
    if len(shapes) > 1 or isinstance(images, Mapping):
        structure = tree.map_structure(np.asarray, images)
        arrays = tree.flatten(structure)
        if shapes and len(arrays) != len(shapes):
            names = ", ".join(printable(one.name, 40) for one in model.inputs)
            raise NetworkError(f"the network has {len(shapes)} inputs ({names}), {len(arrays)} are given")
        picture = next((each for each in arrays if each.ndim == 4 and each.dtype.kind == "f"), None)
        return structure, _pictures(picture, len(arrays[0])), []
    if not shapes or len(shapes[0]) not in (2, 3) or (len(shapes[0]) == 2 and not _is_image(images)):
        array = np.asarray(images)
        array = array[None] if shapes and array.ndim == len(shapes[0]) else array
        ready = applied(preprocess, array) if preprocess is not None and array.ndim == 4 else array
        return ready, _pictures(array, len(array)), []
    first = _channels_first(model, shapes[0])
    channels = 1 if len(shapes[0]) == 2 else shapes[0][0 if first else -1]
    prepared = as_images(images, channels=channels, channels_first=first).prepared(
        shapes[0], preprocess, channels_first=first
    )
    return prepared.values, prepared.inputs, list(prepared.notes)


def _is_image(images: Any) -> bool:
    """Whether it can be but a picture: an array for a network without channels may as well be a series."""
    return not isinstance(images, np.ndarray) or images.dtype == np.uint8


def _channels_first(model: keras.Model, shape: Sequence[int | None]) -> bool:
    if len(shape) != 3:
        return False
    if (shape[0] in _COLOURS) != (shape[2] in _COLOURS):
        return shape[0] in _COLOURS
    found = (getattr(layer, "data_format", None) for layer in model.layers)
    return next((each for each in found if each), "channels_last") == "channels_first"


def _built(model: keras.Model, example: Any) -> str:
    """Give a model its weights, as its first call would; what must be said of that."""
    shapes = [each.shape[1:] for each in tree.flatten(example)]
    said = ", ".join("×".join(map(str, shape)) for shape in shapes)
    try:
        if isinstance(model, keras.Sequential):
            model.build((None, *shapes[0]))
        else:
            model(tree.map_structure(lambda each: each[:1], example))
    except (ValueError, TypeError, RuntimeError) as error:
        reason = printable(str(error).strip().partition("\n")[0], 300)
        raise NetworkError(f"the network {model.name!r} cannot be built for inputs of {said}: {reason}") from error
    return f"the network had no weights yet: it was built for inputs of {said}, with those that it starts from"


def _blank(model: keras.Model) -> Any:
    """One input of zeros, for what looks at weights and needs no image."""
    inputs = getattr(model, "inputs", None)
    if not inputs:
        raise NetworkError(f"the network {model.name!r} does not say what it takes: give images, or a sample of inputs")
    made = [
        np.zeros([1, *(_SIZE if each is None else each for each in one.shape[1:])], str(one.dtype)) for one in inputs
    ]
    return made if len(made) > 1 else made[0]


def _pictures(array: Array | None, count: int) -> tuple[Input, ...]:
    if array is None or array.ndim != 4 or array.dtype.kind not in "fui":
        return tuple(Input(None, f"input {place}") for place in range(count))
    first = array.shape[1] in _COLOURS and array.shape[-1] not in _COLOURS
    return as_images(array, channels_first=first, limit=None).inputs()


def _typed(model: keras.Model, array: Array) -> Array:
    if array.dtype.kind in "OUS":
        raise NetworkError("text cannot be looked at as it is: give the numbers that the network was trained on")
    if array.dtype.kind in "biu" and not _takes_floats(model, array):
        return array.astype(np.int32)
    return array.astype("float64" if str(model.variable_dtype) == "float64" else "float32")


def _takes_floats(model: keras.Model, array: Array) -> bool:
    symbols = [one for one in getattr(model, "inputs", None) or [] if len(one.shape) == array.ndim]
    return array.ndim == 4 or any(str(one.dtype).startswith(("float", "bfloat")) for one in symbols)


def _sample(model: keras.Model, sample: Any) -> tuple[Array, ...] | None:
    return None if sample is None else tuple(_typed(model, np.asarray(each)) for each in tree.flatten(sample))


def as_recipe(options: Any) -> dict[str, Any]:
    """The options of a technique as JSON takes them."""
    return {name: _plain(getattr(options, name)) for name in options.__dataclass_fields__}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list | frozenset | set):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, str | int | float | bool | None) else printable(str(value), 200)
