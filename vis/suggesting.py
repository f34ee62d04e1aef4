"""A network labels a blob: what `trainvis blob label` does once it knows what is wanted."""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..datasets.blob import Blob, View, open_blob
from ..datasets.labels import Labels
from ..datasets.schema import UNKNOWN
from ..engine.errors import TrainvisError
from ..engine.places import expanded
from ..engine.text import printable
from . import framework, telling
from .looking import guessed, labels_in
from .sets import OfBlob, RecordSet, batches

if TYPE_CHECKING:
    from .models import Loaded
    from .probe import Probe

Array: TypeAlias = np.ndarray

EXIT_STOPPED = 130


class SuggestError(TrainvisError):
    """A network that cannot label this blob."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be labelled, and with what."""

    network: str
    blob: str
    field: str
    classes: tuple[str, ...] = ()
    side: str = ""
    only_unknown: bool = False
    again: bool = False
    limit: int = 0
    output: str = ""
    preprocess: str = ""
    code: str = ""
    batch: int = 32


def wanted(given: argparse.Namespace) -> Wanted:
    """What a command line asks for. Raises TrainvisError."""
    classes = tuple(each.strip() for each in given.classes.split(",")) if given.classes else labels_in(given.labels)
    if not all(classes) or len(set(classes)) < len(classes):
        raise SuggestError("a class has no name, or two have one: write --classes angry,calm,glad")
    if not given.field.strip():
        raise SuggestError("the field has no name: --field expression")
    return Wanted(
        given.network, given.blob, given.field.strip(), classes, given.side, given.only_unknown, given.again,
        max(given.limit, 0), given.output, given.preprocess, given.code, max(given.batch, 1),
    )  # fmt: skip


def suggest(wanted: Wanted, say: Callable[[str], None] | None = None) -> int:
    """Label; returns the exit code. What is done is kept when it is interrupted. Raises TrainvisError."""
    say = say or _say
    # All that can be refused is refused before a network is loaded, which may take minutes.
    blob = open_blob(wanted.blob, wanted.side or True)
    labels = _labels_of(blob)
    _check_field(blob, wanted.field)
    if told := framework.wake():
        say(told)
    from . import models

    if wanted.code:
        models.run_code(Path(wanted.code))
    with framework.hushed():
        loaded = models.load(wanted.network)
    for note in loaded.notes:
        say(f"  {note}")
    model = name_of(wanted.network, loaded)
    view = _chosen(blob, labels, wanted, model, say)
    if not len(view):
        say("nothing is left to label")
        return 0
    probe = _probe(loaded, wanted, view, say)
    classes = _classes(blob, loaded, wanted, probe, say)
    return _Labelling(blob, labels, wanted.field, classes, model, say).label(probe, view)


def name_of(source: str, loaded: Loaded) -> str:
    """What a network is called in the side file: of a run with that run, and with what tells it from one that was
    written over it.
    """
    path = expanded(source)
    if not path.is_file():
        return loaded.name
    name = f"{path.parent.parent.name} {path.stem}" if path.parent.name == "networks" else path.stem
    with open(path, "rb") as file:
        return f"{printable(name, 120)} {hashlib.file_digest(file, 'sha256').hexdigest()[:8]}"


class _Labelling:
    """The pass over the records: suggestions into the side file, batch by batch."""

    def __init__(
        self, blob: Blob, labels: Labels, field: str, classes: tuple[str, ...], model: str, say: Callable[[str], None]
    ) -> None:
        self._blob, self._labels, self._field, self._classes = blob, labels, field, classes
        self._model, self._say = model, say
        self._counts: Counter[str] = Counter()
        self._sum = 0.0

    def label(self, probe: Probe, view: View) -> int:
        reading = batches(RecordSet(OfBlob(view, _image_of(view), ""), name=view.name), probe.batch, probe.prepared)
        scores_of, began, code, seen = scorer(probe), time.monotonic(), 0, 0
        tell = telling.progress()
        try:
            for batch in reading:
                scores = scores_of(batch.values)
                places = [int(view.places[place]) for place in batch.places]
                self._add(places, scores)
                seen = max(batch.places) + 1
                tell(seen, len(view))
        except KeyboardInterrupt:
            code = EXIT_STOPPED
            tell(len(view), len(view))  # which wipes its line
        done = self._counts.total()
        seconds = max(time.monotonic() - began, 1e-9)
        self._say(f"{done:,} of {len(view):,} records in {seconds:.1f} s ({done / seconds:,.0f} a second)")
        if done:
            said = ", ".join(f"{name} {count:,}" for name, count in self._counts.most_common(12))
            self._say(f"{self._field}: {printable(said, 400)}; confidence {self._sum / done:.0%} in the mean")
        if reading.skipped:
            self._say(f"{reading.skipped} left out: {reading.reason}")
        if code:
            self._say("stopped: what is done is kept, and the same command goes on with the rest")
        self._say(f"suggestions of {self._model} → {printable(self._labels.path, 200)}")
        return code

    def _add(self, places: Sequence[int], scores: Array) -> None:
        best = scores.argmax(axis=1)
        found = []
        for place, number, row in zip(places, best.tolist(), scores, strict=True):
            confidence = float(row[number])
            if np.isfinite(confidence):
                found.append((self._blob.key(place), self._classes[number], confidence))
                self._counts[self._classes[number]] += 1
                self._sum += confidence
        self._labels.suggest(self._field, found, model=self._model)


def probabilities(scores: Array, *, sure: bool) -> Array:
    """N×C shares of N×1 or N×C scores: as they are where they are shares (`sure`: the network makes them), else what a
    sigmoid or softmax makes of them. One score alone is that of the second of two classes.
    """
    scores = np.asarray(scores, np.float64)
    if scores.shape[1] == 1:
        high = scores if sure else 1 / (1 + np.exp(-np.clip(scores, -500, 500)))
        return np.concatenate([1 - high, high], axis=1)
    if sure and ((scores >= 0).all() and (scores <= 1).all()):
        return scores
    made = np.exp(scores - scores.max(axis=1, keepdims=True))
    return made / made.sum(axis=1, keepdims=True)


def scorer(probe: Probe) -> Callable[[Array], Array]:
    """What makes N×C shares of the classes of prepared images (`Probe.prepared`)."""
    from .maxima import filled_up

    network = probe.network
    sure = network.heads[probe.output].activation is not None

    def forward(*inputs: Any) -> Any:
        return probe.probabilities_of(probe.logits_of(network.run(inputs, logits=True)))

    def scores(values: Array) -> Array:
        inputs = filled_up(probe.filled(values), probe.batch)
        found = network.call(("suggest", probe.output), forward, *inputs)[: len(values)]
        return probabilities(found, sure=sure)

    return scores


def _probe(loaded: Loaded, wanted: Wanted, view: View, say: Callable[[str], None]) -> Probe:
    from .probe import Probe

    preprocess = wanted.preprocess or loaded.preprocess or guessed(loaded, say)
    records = RecordSet(OfBlob(view, _image_of(view), ""), name=view.name)
    probe = Probe(
        loaded.model, None, None, preprocess, output=wanted.output or None, records=records, batch=wanted.batch
    )
    shape = probe.network.heads[probe.output].shape
    if len(shape) != 1:
        said = "×".join(map(str, shape)) or "one number"
        raise SuggestError(
            f"{printable(loaded.name, 80)} gives {said} for an image, and not one score for each class: "
            "--output names another output"
        )
    # One image that does not fit is skipped, as one that cannot be read; where the first does not, none will.
    probe.prepared([np.asarray(records[0]["image"])])
    return probe


def _classes(blob: Blob, loaded: Loaded, wanted: Wanted, probe: Probe, say: Callable[[str], None]) -> tuple[str, ...]:
    """The names of the network's classes. Raises SuggestError where they cannot be told."""
    count = max(2, int(probe.network.heads[probe.output].shape[-1]))
    known = blob.schema[wanted.field].classes if wanted.field in blob.schema else ()
    for names, whose in ((wanted.classes, "--classes names"), (loaded.classes, "its run names")):
        if names and len(names) == count:
            added = [each for each in names if each not in known]
            if known and len(added) == len(names):
                say(f"none of its classes is one of {wanted.field} so far: {printable(', '.join(known), 200)}")
            elif known and added:
                say(f"{wanted.field} gets classes it did not have: {printable(', '.join(added), 200)}")
            return names
        if names and (names is wanted.classes or len(known) != count):
            raise SuggestError(
                f"{printable(loaded.name, 80)} tells {count} classes apart, and {whose} {len(names)}: "
                f"{printable(', '.join(names), 200)}"
            )
    if len(known) == count:
        say(f"nobody says what its classes are called: taken to be {printable(', '.join(known), 200)}, in this order")
        return known
    has = f"{wanted.field} of {blob.name} has {len(known)} classes" if known else f"{wanted.field} has no classes yet"
    raise SuggestError(
        f"{printable(loaded.name, 80)} tells {count} classes apart, and {has}: "
        "name them in the network's order with --classes a,b,c"
    )


def _chosen(blob: Blob, labels: Labels, wanted: Wanted, model: str, say: Callable[[str], None]) -> View:
    """The records that are to be labelled."""
    places = np.arange(len(blob))
    if wanted.only_unknown and wanted.field in blob.schema:
        places = np.flatnonzero(blob.labels(wanted.field) == UNKNOWN)
        say(f"{len(places):,} of {len(blob):,} records, of which nobody knows {wanted.field}")
    before = {key for key, change in labels.suggested(wanted.field).items() if change.model == model}
    if before and not wanted.again:
        left = np.array([place for place in places.tolist() if blob.key(place) not in before], dtype=np.int64)
        say(f"{len(places) - len(left):,} have a suggestion of this network and keep it (--again makes new ones)")
        places = left
    return View(blob, places[: wanted.limit or None])


def _check_field(blob: Blob, field: str) -> None:
    _image_of(blob[:])
    if field in blob.schema and blob.schema[field].kind != "class":
        raise SuggestError(f"{field} of {blob.name} is no field of classes but of kind {blob.schema[field].kind}")
    if field == "split":
        raise SuggestError(f"split of {blob.name} says which part a record is in: no network tells that")


def _image_of(view: View) -> str:
    image = view.schema.image
    if image is None:
        raise SuggestError(f"{view.name} has no images: its fields are {', '.join(view.schema.names)}")
    return image.name


def _labels_of(blob: Blob) -> Labels:
    assert blob.side_labels is not None  # it was opened with them
    return blob.side_labels


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
