"""What a technique looks with: a network, the inputs it is shown, and what of its output is to be explained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, Self, TypeAlias

import keras
import numpy as np
from keras import tree

from ..engine.text import printable
from .figures import Figure, Part, Prediction
from .history import Earlier
from .images import as_images, preparation, range_note
from .network import Network, NetworkError, as_logits
from .preprocessing import Preprocessing, named
from .showing import built, sample_of, shapes_of, shown, typed

Array: TypeAlias = np.ndarray
Process: TypeAlias = Callable[[Array], Array]

TOP = 5  # classes of a prediction


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
        self.data_said = "the data given"  # what the figure calls them
        self.step = 0  # of the training, where there is one
        self.earlier: Earlier | None = None  # its weights at the figure before, for what compares the two
        self.passes: dict[Any, Any] | None = None  # over the set; kept where several techniques look at one network
        self.progress: Callable[[int, int], None] = _nobody  # called with (done, total) by what takes long
        structure, self.pictures, self.notes = shown(bare, images, preprocess)
        self.inputs: tuple[Array, ...] = tuple(typed(bare, each) for each in tree.flatten(structure))
        if any(len(each) == 0 for each in self.inputs):
            raise NetworkError("there is no image to look at: the batch is empty")
        example = tree.pack_sequence_as(structure, list(self.inputs))
        if not bare.built and images is not None:
            self.notes += [built(bare, example)]
        self.network = model if isinstance(model, Network) else Network(model, example)
        if self.network.changed() or not self.network.takes(example):
            self.network = Network(bare, example)
        self.sample = sample_of(bare, sample)
        if self.sample is not None and len(self.sample) != len(self.inputs):
            said = "an input" if len(self.inputs) == 1 else f"{len(self.inputs)} inputs"
            raise NetworkError(
                f"the sample of the training data is {len(self.sample)} arrays and the network has {said}: give one "
                "array for each, of several records"
            )
        if images is not None and self.floats:
            known = self.sample[self.image_input] if self.sample is not None else None
            self.notes += [note] if (note := range_note(self.image, known)) else []
        self.output = self._output(output)
        self.notes += self._labels_note()
        self.wanted = self._wanted(target)
        self._predictions: tuple[Prediction, ...] | None = None

    @property
    def count(self) -> int:
        """How many inputs are looked at."""
        return len(self.inputs[0])

    @cached_property
    def floats(self) -> tuple[int, ...]:
        """The numbers of the inputs that have a gradient; the others (text, numbers of words) are held fixed."""
        return tuple(
            place for place, each in enumerate(self.inputs) if each.dtype.kind == "f" and not self._are_indices(place)
        )

    def _are_indices(self, place: int) -> bool:
        """Whether an input is looked up in a table and nothing else: `keras.Input` declares floats where it is not told
        otherwise, also for numbers of words.
        """
        readers = [site.kind for site in self.network.sites.leaves if place in site.reads]
        return bool(readers) and set(readers) == {"Embedding"}

    @cached_property
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

    @cached_property
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
        declared = shapes_of(self.network.model)
        shape = declared[self.image_input] if len(declared) == len(self.inputs) else self.image.shape[1:]
        prepare = preparation(shape, self.preprocess, channels_first=self.channels_first)
        return prepare(list(images)).astype(self.image.dtype, copy=False)

    def shown(self, images: Sequence[Array]) -> list[Array]:
        """Images of a set as a person sees them, H×W×1 or H×W×3 bytes in the size of the picture input."""
        shape = self.channels_last(self.image[:1]).shape[1:]
        if len(shape) not in (2, 3):
            raise NetworkError(f"the input has shape {'×'.join(map(str, shape))}: that is no picture to be shown")
        height, width, channels = (*shape, 1)[:3]
        given = as_images(list(images), channels=channels, channels_first=self.channels_first, limit=None)
        found = given.fitted((height, width, None)).inputs()
        return [each.picture for each in found if each.picture is not None]

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
        """The weights have changed: predictions and passes over the set are made anew."""
        self._predictions = None
        self.passes = None if self.passes is None else {}
        return self

    def label(self, class_: int) -> str:
        """The name of a class, its number without one. A score alone is that of the second of two classes."""
        if len(self.labels) == 2 and self.network.heads[self.output].shape[-1:] == (1,):
            class_ += 1
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
        from .input_range import takes_bgr  # which needs a Probe

        known: dict[str, Any] = {"network": printable(self.network.model.name, 80), **recipe}
        if takes_bgr(self):
            known["channels"] = "bgr"  # of every map that lies over the input and has colours
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
        if output in names:
            return names.index(str(output))
        if isinstance(output, str) and output in map(str, range(len(names))):  # of a command line
            return int(output)
        if isinstance(output, int) and -len(names) <= output < len(names):
            return output % len(names)
        ends = [head.site.path if head.site else "" for head in self.network.heads]
        if output in ends:
            return ends.index(str(output))
        said = ", ".join(printable(each, 60) for each in names)
        raise NetworkError(f"the network has no output {printable(str(output), 60)!r}: it has {said}")

    def _wanted(self, target: int | Sequence[int | None] | None) -> Array:
        given = target_classes(target)
        given = given if isinstance(given, list) else [given] * self.count
        if len(given) != self.count:
            raise NetworkError(f"{len(given)} classes are given for {self.count} images: give one, or one for each")
        classes = self._classes
        for each in given:
            if each is not None and not 0 <= each < classes:
                told = f"tells {classes} apart, 0 to {classes - 1}" if classes > 1 else "has one score alone, class 0"
                raise NetworkError(f"class {each} is out of range: the network {told}")
        return np.array([-1 if each is None else each for each in given], np.int32)

    @property
    def _classes(self) -> int:
        """How many classes the explained output tells apart."""
        shape = self.network.heads[self.output].shape
        return int(shape[-1]) if shape else 1

    def _labels_note(self) -> list[str]:
        count, classes = len(self.labels), self._classes
        if count in (0, classes) or (count, classes) == (2, 1):
            return []
        return [f"there are {count} names for {classes} classes: names may stand beside classes that are not theirs"]


def target_classes(target: Any) -> list[int | None] | int | None:
    """The class to explain, or one for each image, as Python's own numbers. Raises NetworkError for what is no number
    of a class.
    """
    several = isinstance(target, Sequence) and not isinstance(target, str | bytes)
    if several or (isinstance(target, np.ndarray) and target.ndim):
        return [_class(each) for each in target]
    return _class(target)


def _class(given: Any) -> int | None:
    with suppress(TypeError, ValueError, OverflowError):
        if given is None or (not isinstance(given, str | bytes) and float(given).is_integer()):
            return None if given is None else int(given)
    raise NetworkError(f"target {printable(repr(given), 60)} is no class: give its number, or None for the predicted")


def _nobody(done: int, total: int) -> None:
    """Nobody waits."""


def _back(preprocess: Process | str | None, postprocess: Process | str | None) -> Process | None:
    if postprocess is None:
        known = named(preprocess) if isinstance(preprocess, str) else preprocess
        return known.back if isinstance(known, Preprocessing) else None
    return named(postprocess).back if isinstance(postprocess, str) else postprocess


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
