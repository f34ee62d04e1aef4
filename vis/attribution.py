"""How much each value of the picture input counts for the class that is explained: what the techniques share that
say so.

Each of their modules is an `Attribution`, so that a wrapper (SmoothGrad) can be made of any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from keras import ops

from ..engine.text import printable
from .figures import Figure, Item, Items, Maps, Part, Vectors
from .gradients import value_and_gradient
from .probe import Probe
from .rules import Rule
from .technique import TechniqueError

Array: TypeAlias = np.ndarray
Sign: TypeAlias = Literal["absolute", "positive", "negative", "signed", "sum"]
SIGNS: tuple[Sign, ...] = ("absolute", "positive", "negative", "signed", "sum")

PREDICTED = -1  # as a wanted class: the one with the largest logit
AS_FIRST = -2  # the class that is explained of the first input of the same part

_OF_SIGN = {sign: Item(aspect=sign) for sign in SIGNS}
_LISTED = 5  # names in a sentence


class Attribution(Protocol):
    """A module of `techniques` that says how much each value of an input counts."""

    Options: type
    __name__: str

    def attribute(self, probe: Probe, inputs: Sequence[Array], wanted: Array, options: Any) -> Attributed:
        """Raw numbers for N inputs, arrays as of `probe.inputs` of any length, and N wanted classes (`chosen`)."""
        ...

    def parts(self, probe: Probe, found: Attributed, options: Any) -> list[Part]:
        """What `attribute` gave for the inputs of the probe, as parts of a figure."""
        ...

    def remarks(self, probe: Probe, options: Any) -> list[str]:
        """What a reader must know of this technique on this network."""
        ...


@dataclass(frozen=True, slots=True)
class Explained:
    """What is explained of N inputs: `scores` N×C as the head gives them, `logits` N×C, and the `classes`, N."""

    scores: Array
    logits: Array
    classes: Array

    @property
    def targets(self) -> Array:
        """The logit of the explained class, N."""
        return self.logits[np.arange(len(self.classes)), self.classes]

    def items(self, **same: Any) -> Items:
        """One item for each input."""
        count = len(self.classes)
        return Items(count, Item(**same), image=np.arange(count), target=self.classes, score=self.targets)

    def attributed(self, values: Array) -> Attributed:
        """With how much each value of the inputs counts for it."""
        return Attributed(self.scores, self.logits, self.classes, values)


@dataclass(frozen=True, slots=True)
class Attributed(Explained):
    """With `values`, how much each value of the picture input counts: in its shape, or N×H×W, one for a pixel."""

    values: Array


def chosen(logits: Any, wanted: Any) -> Any:
    """The class that is explained for each row of N×C logits: the wanted one, PREDICTED: the largest, or AS_FIRST: that
    of the first row (tensors).
    """
    largest = ops.cast(ops.argmax(logits, axis=-1), "int32")
    found: Any = ops.where(wanted >= 0, wanted, largest)
    return ops.where(wanted == AS_FIRST, found[:1], found)


def picked(logits: Any, classes: Any) -> Any:
    """The logit of one class in each row, N (tensors)."""
    return ops.sum(ops.one_hot(classes, logits.shape[-1], dtype=logits.dtype) * logits, axis=-1)


def explain(probe: Probe, inputs: Sequence[Array], wanted: Array) -> Explained:
    """Scores, logits and wanted classes (`chosen`) of N inputs, from one forward pass in parts of `probe.batch`."""

    def forward(*tensors: Any) -> Any:
        *given, classes = tensors
        logits = probe.logits_of(probe.network.run(given, logits=True))
        return probe.probabilities_of(logits), logits, chosen(logits, classes)

    key = ("explained", probe.output)
    return Explained(*joined(probe.network.call(key, forward, *part) for part in in_parts(probe.batch, inputs, wanted)))


def class_gradient(probe: Probe, inputs: Sequence[Array], wanted: Array, rule: Rule = "plain") -> Attributed:
    """The gradient of the logit of the wanted class (`chosen`) by the picture input.

    `inputs` are arrays of one length, one for each input of the model; they go through the network in parts of
    `probe.batch`. One compiled function gives prediction and gradient in one pass.
    """
    network, place = probe.network, probe.image_input

    def function(*tensors: Any) -> Any:
        *given, classes = tensors

        def score(image: Any) -> Any:
            run = network.run([*given[:place], image, *given[place + 1 :]], rule=rule, logits=True)
            logits = probe.logits_of(run)
            target = chosen(logits, classes)
            return ops.sum(picked(logits, target)), (probe.probabilities_of(logits), logits, target)

        aside, (gradient,) = value_and_gradient(score, [given[place]], network.scale)
        return (*aside, gradient)

    key = ("class gradient", rule, probe.output, place)
    return Attributed(*joined(network.call(key, function, *part) for part in in_parts(probe.batch, inputs, wanted)))


def in_parts(size: int, inputs: Sequence[Array], wanted: Array) -> list[list[Array]]:
    """Arrays of one length and the wanted classes, in parts of at most `size`."""
    return [[each[at : at + size] for each in (*inputs, wanted)] for at in range(0, len(wanted), size)]


def joined(parts: Any) -> list[Array]:
    """Tuples of arrays, each the next part of them, as one array for each place of the tuple."""
    found = list(parts)
    return [np.concatenate(column) for column in zip(*found, strict=True)] if len(found) > 1 else list(found[0])


def figure(
    probe: Probe,
    technique: str,
    found: Attributed,
    parts: Sequence[Part],
    notes: Sequence[str] = (),
    *,
    zeros: str = "nothing in the input changes the score of the class",
    **recipe: Any,
) -> Figure:
    """The figure of an attribution, with what must be said of the network, of its inputs and of the values.

    `zeros` says what it means where all of them are 0.
    """
    probe.predicted(found.scores)
    if len(probe.network.heads) > 1:
        recipe["output"] = probe.network.heads[probe.output].name
    said = (*notes, *_of_head(probe), *_held_fixed(probe), *_strange(probe, found, zeros))
    return probe.figure(technique, parts, said, **recipe)


def check_signs(signs: Sequence[Sign]) -> None:
    """Raises TechniqueError for signs that there are not."""
    if isinstance(signs, str) or not signs or not set(signs) <= set(SIGNS):
        raise TechniqueError(f"signs are {printable(signs, 80)}: a tuple of some of {', '.join(SIGNS)} is needed")


def maps_of(probe: Probe, found: Attributed, signs: Sequence[Sign]) -> list[Part]:
    """An attribution in the shape of the picture input as maps, one part a sign; vectors where it is no picture.

    Nothing is scaled or clipped: the numbers are in units of the logit for one network unit of the input.
    """
    values = probe.channels_last(found.values)
    items = found.items()
    return [_part(_signed(values, sign), items.sharing(_OF_SIGN[sign]), sign) for sign in signs]


def _part(values: Array, items: Items, sign: Sign) -> Part:
    signed = sign in ("signed", "sum")
    if values.ndim in (3, 4):
        return Maps(values, items, sign, space="input", signed=signed)
    return Vectors(values.reshape(len(values), -1), items, sign, signed=signed)


def _signed(values: Array, sign: Sign) -> Array:
    has_channels = values.ndim == 4
    match sign:
        case "absolute":
            return np.abs(values).max(axis=-1) if has_channels else np.abs(values)
        case "positive":
            return np.maximum(values, 0)
        case "negative":
            return np.maximum(-values, 0)
        case "signed":
            return values
        case "sum":
            return values.sum(axis=-1) if has_channels else values


def of_rectifiers(probe: Probe) -> list[str]:
    """What is to be said where a rule holds for rectifiers and nothing else."""
    network = probe.network
    others = ", ".join(f"{printable(name, 40)} {count}×" for name, count in network.others.most_common(_LISTED))
    if not network.rectifiers:
        met = f" (other nonlinearities: {others})" if others else ""
        return [f"No ReLU was found in this network{met}: what is shown is the plain gradient."]
    if others:
        count = network.others.total()
        return [f"The rule holds for {network.rectifiers} ReLUs; not for {count} other nonlinearities: {others}."]
    return []


def _held_fixed(probe: Probe) -> list[str]:
    if len(probe.inputs) == 1:
        return []
    symbols = getattr(probe.network.model, "inputs", None) or []
    names = [printable(symbol.name, 40) for symbol in symbols]
    if len(names) != len(probe.inputs):
        names = [f"input {place}" for place in range(len(probe.inputs))]
    fixed = [
        name + ("" if place in probe.floats else " (whole numbers, without a gradient)")
        for place, name in enumerate(names)
        if place != probe.image_input
    ]
    return [f"Explained by the input {names[probe.image_input]}; held fixed: {', '.join(fixed)}."]


def _of_head(probe: Probe) -> list[str]:
    head = probe.network.heads[probe.output]
    said = []
    if not head.apart:
        said.append("The output could not be told from its logits: it is explained as it is, after its last operation.")
    if len(head.shape) > 1:
        said.append("The output has a value for each place: their mean is explained.")
    return said


def _strange(probe: Probe, found: Attributed, zeros: str) -> list[str]:
    """Numbers that are none, and zeros everywhere, said in words: a grey picture would not."""
    values, axes = found.values, tuple(range(1, found.values.ndim))
    odd = ~(np.isfinite(values).all(axis=axes) & np.isfinite(found.targets))
    dark = ~(odd | values.any(axis=axes))
    said = []
    if odd.any():
        reason = _odd_weights(probe) or "they arise on the way through the network"
        said.append(f"Values that are no finite numbers for {_images(odd)}: {reason}.")
    if dark.any():  # a rectifier may make 0 of NaN
        said.append(f"Zero everywhere for {_images(dark)}: {_odd_weights(probe) or zeros}.")
    return said


def _images(which: Array) -> str:
    places = np.flatnonzero(which)
    listed = ", ".join(str(place) for place in places[:_LISTED])
    more = f" and {len(places) - _LISTED} more" if len(places) > _LISTED else ""
    return f"image{'s' if len(places) > 1 else ''} {listed}{more}"


def _odd_weights(probe: Probe) -> str:
    """Which weights are no finite numbers, "" where all are."""
    odd = [
        each.path
        for each in probe.network.model.weights
        if not np.isfinite(np.asarray(ops.convert_to_numpy(ops.cast(each.value, "float32")))).all()
    ]
    if not odd:
        return ""
    more = f" and {len(odd) - _LISTED} more" if len(odd) > _LISTED else ""
    return f"weights are NaN or infinite, in {', '.join(printable(each, 60) for each in odd[:_LISTED])}{more}"
