"""The header of a figure file: what of a figure is text, as JSON, and the way back from a file nobody vouches for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import PurePath
from typing import Any, TypeAlias

from ..engine.metrics import number, spelled
from .figures import Cost, Figure, FigureError, Item, Moment, Node, Prediction

Json: TypeAlias = dict[str, Any]

SCHEMA = 1
_LARGEST = 2**63

# What the header says of a part besides its name, kind and shape.
SAID: Mapping[str, tuple[str, ...]] = {
    "maps": ("space", "signed"),
    "pictures": ("space",),
    "vectors": ("signed",),
    "points": ("axes", "shares"),
    "matrix": ("rows", "columns", "axes"),
    "histograms": (),
    "series": ("axes",),
    "graph": (),
    "table": (),
}


@dataclass(frozen=True, slots=True)
class Header:
    """What a figure file says before any of its numbers is read. `parts` are checked when they are looked at."""

    technique: str
    moment: Moment
    cost: Cost
    notes: tuple[str, ...]
    recipe: Mapping[str, Any]
    predictions: tuple[Prediction, ...]
    inputs: tuple[Fields, ...]
    parts: tuple[Fields, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping from a file, whose values are taken for what they should be. Raises FigureError where they are not.

    `where` says which mapping it is. What is missing is empty, or None where it is a number.
    """

    value: Mapping[str, Any] = field(default_factory=dict)
    where: str = "header"

    def text(self, name: str) -> str:
        return self._of(name, str, "")

    def flag(self, name: str) -> bool:
        return self._of(name, bool, False)

    def whole(self, name: str) -> int | None:
        value = self.value.get(name)
        return None if value is None else _whole(value, f"{self.where}.{name}")

    def real(self, name: str) -> float | None:
        value = self.value.get(name)
        found = number(value)
        if value is not None and found is None:
            raise FigureError(f"{self.where}.{name} is no number")
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        return self._each(name, str)

    def wholes(self, name: str) -> tuple[int, ...]:
        return tuple(_whole(value, f"{self.where}.{name}") for value in self._of(name, list, []))

    def reals(self, name: str) -> tuple[float, ...]:
        found = [number(value) for value in self._of(name, list, [])]
        if any(value is None for value in found):
            raise FigureError(f"{self.where}.{name} holds something that is no number")
        return tuple(value for value in found if value is not None)

    def mapping(self, name: str) -> Fields:
        return Fields(self._of(name, dict, {}), f"{self.where}.{name}")

    def mappings(self, name: str) -> tuple[Fields, ...]:
        return tuple(Fields(value, f"{self.where}.{name}[{at}]") for at, value in enumerate(self._each(name, dict)))

    def _each(self, name: str, kind: type) -> tuple[Any, ...]:
        values = self._of(name, list, [])
        if not all(isinstance(value, kind) for value in values):
            raise FigureError(f"{self.where}.{name} holds something else than {kind.__name__}")
        return tuple(values)

    def _of(self, name: str, kind: type, default: Any) -> Any:
        value = self.value.get(name, default)
        if not isinstance(value, kind):
            raise FigureError(f"{self.where}.{name} is no {kind.__name__}")
        return value


def _whole(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -_LARGEST <= value < _LARGEST:
        raise FigureError(f"{where} is no whole number of 64 bits")
    return value


def header_of(figure: Figure, parts: list[Json], texts: list[str]) -> Json:
    """The header of a figure, whose parts and texts are described already."""
    return {
        "technique": figure.technique,
        "moment": {
            "step": int(figure.moment.step),
            "epoch": spelled(float(figure.moment.epoch)),
            "fit": int(figure.moment.fit),
            "time": spelled(float(figure.moment.time)),
        },
        "cost": {
            "seconds": spelled(float(figure.cost.seconds)),
            "compile_seconds": spelled(float(figure.cost.compile_seconds)),
        },
        "notes": list(figure.notes),
        "recipe": plain(figure.recipe),
        "inputs": [
            {"name": each.name, "note": each.note, "picture": each.picture is not None} for each in figure.inputs
        ],
        "predictions": [_prediction(each) for each in figure.predictions],
        "parts": parts,
        "texts": texts,
    }


def read_header(text: bytes) -> Header:
    """The header from its JSON. Raises FigureError where it is damaged."""
    whole = Fields(parse(text))
    moment, cost = whole.mapping("moment"), whole.mapping("cost")
    return Header(
        technique=whole.text("technique"),
        moment=Moment(
            step=moment.whole("step") or 0,
            epoch=moment.real("epoch") or 0.0,
            fit=moment.whole("fit") or 0,
            time=moment.real("time") or 0.0,
        ),
        cost=Cost(cost.real("seconds") or 0.0, cost.real("compile_seconds") or 0.0),
        notes=whole.texts("notes"),
        recipe=whole.mapping("recipe").value,
        predictions=tuple(map(_predicted, whole.mappings("predictions"))),
        inputs=whole.mappings("inputs"),
        parts=whole.mappings("parts"),
        texts=whole.texts("texts"),
    )


def parse(text: bytes) -> Json:
    """The mapping of a JSON text. Raises FigureError."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise FigureError("a text in it is no JSON") from None
    if not isinstance(value, dict):
        raise FigureError("a text in it is no mapping")
    return value


def _prediction(each: Prediction) -> Json:
    return {
        "classes": [int(number) for number in each.classes],
        "scores": [spelled(float(score)) for score in each.scores],
        "labels": list(each.labels),
        "confidence": bool(each.confidence),
        "output": each.output,
    }


def _predicted(said: Fields) -> Prediction:
    prediction = Prediction(
        classes=said.wholes("classes"),
        scores=said.reals("scores"),
        labels=said.texts("labels"),
        confidence=said.flag("confidence"),
        output=said.text("output"),
    )
    if len(prediction.scores) != len(prediction.classes) or len(prediction.labels) not in (0, len(prediction.classes)):
        raise FigureError(f"{said.where} has not one score and label for each class")
    return prediction


def item_fields(item: Item) -> Json:
    """The fields of an item that say something."""
    found: Json = {}
    for name in ("layer", "aspect", "record", "note"):
        if text := getattr(item, name):
            found[name] = text
    for name in ("image", "rank", "target"):
        if (value := getattr(item, name)) is not None:
            found[name] = int(value)
    for name in ("unit", "box"):
        if values := getattr(item, name):
            found[name] = [int(value) for value in values]
    if item.score is not None:
        found["score"] = spelled(float(item.score))
    return found


def read_item(said: Fields) -> Item:
    """The item of these said. Raises FigureError."""
    box = said.wholes("box")
    if len(box) not in (0, 4):
        raise FigureError(f"{said.where}.box has {len(box)} sides")
    return Item(
        image=said.whole("image"),
        layer=said.text("layer"),
        unit=said.wholes("unit") or None,
        rank=said.whole("rank"),
        score=said.real("score"),
        target=said.whole("target"),
        aspect=said.text("aspect"),
        record=said.text("record"),
        box=(box[0], box[1], box[2], box[3]) if len(box) == 4 else None,
        note=said.text("note"),
    )


def node_fields(node: Node) -> Json:
    """A node of a graph as a mapping."""
    return {each.name: plain(getattr(node, each.name)) for each in fields(node)}


def plain(value: Any) -> Any:
    """A recipe as JSON takes it: numbers, texts, lists and mappings. A path is its last name: a file may travel."""
    match value:
        case None | bool() | str():
            return value
        case float():
            return spelled(value)
        case int():
            return int(value)
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case set() | frozenset():
            return sorted(map(plain, value), key=str)
        case PurePath():
            return value.name
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if tolist := getattr(value, "tolist", None):  # NumPy's numbers and arrays
        return plain(tolist())
    return getattr(value, "__qualname__", type(value).__name__)
