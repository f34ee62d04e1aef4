"""What a trained head said of the faces it was not trained on: one file a head, written when the head is finished.

All figures of a report are made of these files; nothing else of a head has to be kept.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from ..engine.files import write_aside
from ..engine.text import printable
from .errors import FacesError
from .npz import read_npz

Array: TypeAlias = np.ndarray

PARTS = ("validation", "test")
TARGETS = ("identity", "expression")
_COLUMNS = {
    "record": np.int32, "truth": np.int32, "predicted": np.int32, "rank": np.int32,
    "confidence": np.float32, "loss": np.float32,
}  # fmt: skip
_PAIRS = {"similarity": np.float32, "same": np.bool_}
SCHEMA = 1


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """One training of a study: a network, the set of expressions, where they come from, and the seed.

    `expressions` is the name of the set ("7", "3", "sadness+anger", …), "" for a network that knows none. `source` is
    where the expression that is put *in* comes from: label, predicted, shuffled; "" for a network that takes none.
    """

    net: str
    expressions: str = ""
    source: str = ""
    seed: int = 0

    @property
    def id(self) -> str:
        """Its name, for people and files: `E-7-label-s3`, `B-s0`."""
        return "-".join(each for each in (self.net, self.expressions, self.source, f"s{self.seed}") if each)


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What was said of M faces. `record` their numbers in `Faces`, `truth` and `predicted` classes, `rank` how many
    classes were thought likelier than the truth (0: it was right), `confidence` the share given to `predicted`, `loss`
    the cross-entropy of the face (natural logarithm).
    """

    record: Array
    truth: Array
    predicted: Array
    rank: Array
    confidence: Array
    loss: Array

    @classmethod
    def of(cls, record: Array, truth: Array, shares: Array) -> Predictions:
        """Of M×C shares of classes, which need not be normalised exactly."""
        shares = np.asarray(shares, np.float64)
        true = shares[np.arange(len(truth)), truth]
        predicted = shares.argmax(axis=1)
        return cls(
            np.asarray(record, np.int32),
            np.asarray(truth, np.int32),
            predicted.astype(np.int32),
            # Of equals the truth counts as last but for the one that argmax names.
            np.where(predicted == truth, 0, np.maximum((shares >= true[:, None]).sum(axis=1) - 1, 1)).astype(np.int32),
            shares.max(axis=1).astype(np.float32),
            -np.log(np.clip(true, 1e-7, 1)).astype(np.float32),
        )

    def __len__(self) -> int:
        return len(self.record)


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """A finished head. `predictions[part][target]`; a target that the network has no output for is not there.

    `classes[target]` how many classes it has; `run` the id of its run; `seconds` its training took; `epochs` it was
    trained for; `parameters` of the network; `train_faces` it learned from; `verification` the scores of pairs of test
    faces in its last hidden layer where they were asked for: `similarity` (float32) and `same` (bool).
    """

    head: Head
    predictions: Mapping[str, Mapping[str, Predictions]]
    classes: Mapping[str, int]
    train_faces: int
    run: str = ""
    seconds: float = 0.0
    epochs: int = 0
    parameters: int = 0
    train_accuracy: float | None = None
    verification: Mapping[str, Array] = field(default_factory=dict)

    def accuracy(self, part: str = "test", target: str = "identity") -> float:
        """Share of faces named rightly. Raises KeyError for an output that the network has not."""
        found = self.predictions[part][target]
        return float((found.truth == found.predicted).mean())


def scores_file(folder: Path, head: Head) -> Path:
    return folder / f"{head.id}.npz"


def write(folder: Path, scores: Scores) -> None:
    """Put a finished head into the folder, aside and renamed. Raises OSError."""
    about = {
        "schema": SCHEMA, "head": asdict(scores.head), "classes": dict(scores.classes), "run": scores.run,
        "seconds": scores.seconds, "epochs": scores.epochs, "parameters": scores.parameters,
        "train_faces": scores.train_faces, "train_accuracy": scores.train_accuracy,
    }  # fmt: skip
    arrays: dict[str, Any] = {"about": np.frombuffer(json.dumps(about).encode(), np.uint8)}
    for part, targets in scores.predictions.items():
        for target, found in targets.items():
            for column, kind in _COLUMNS.items():
                arrays[f"{part}/{target}/{column}"] = getattr(found, column).astype(kind)
    arrays |= {f"verification/{name}": values for name, values in scores.verification.items()}
    data = io.BytesIO()
    np.savez_compressed(data, **arrays)
    folder.mkdir(parents=True, exist_ok=True)
    write_aside(scores_file(folder, scores.head), data.getvalue())


def read(path: Path) -> Scores:
    """A file that `write` made. Raises FacesError where it is missing, cut or damaged."""
    try:
        about, arrays = read_npz(path)
        head = _head(about["head"])
        classes = {str(target): _whole(count) for target, count in about["classes"].items()}
        pairs = {name: arrays.pop(f"verification/{name}") for name in _PAIRS if f"verification/{name}" in arrays}
        predictions: dict[str, dict[str, dict[str, Array]]] = {}
        for name, values in arrays.items():
            part, target, column = name.split("/")
            predictions.setdefault(part, {}).setdefault(target, {})[column] = values
        made = {
            part: {target: _predictions(part, target, each, classes) for target, each in found.items()}
            for part, found in predictions.items()
        }
        trained = about["train_accuracy"]
        return Scores(
            head, made, classes, _whole(about["train_faces"]), str(about["run"]), float(about["seconds"]),
            _whole(about["epochs"]), _whole(about["parameters"]), None if trained is None else float(trained),
            _pairs(pairs),
        )  # fmt: skip
    except OSError as error:
        why = error.strerror or printable(error, 200)
    except KeyError as error:
        why = f"it has no {printable(error.args[0], 60)}"
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        why = printable(error, 200)
    raise FacesError(f"the scores {printable(path, 200)} cannot be read: {why}")


def _head(about: Mapping[str, Any]) -> Head:
    head = Head(**about)
    if not all(isinstance(each, str) for each in (head.net, head.expressions, head.source)):
        raise ValueError("its head has no names")
    _whole(head.seed)
    return head


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 53:
        raise ValueError(f"{printable(value, 40)} is no number of anything")
    return value


def _predictions(part: str, target: str, found: dict[str, Array], classes: Mapping[str, int]) -> Predictions:
    """Columns of one length, of the kind that was written, whose classes are there: figures count on it."""
    if part not in PARTS or target not in TARGETS or set(found) != set(_COLUMNS):
        raise ValueError(f"{printable(part, 40)}/{printable(target, 40)} has not the columns of predictions")
    rows = found["record"].shape
    for column, kind in _COLUMNS.items():
        values = found[column]
        if values.dtype != kind or values.ndim != 1 or values.shape != rows:
            raise ValueError(f"{part}/{target}/{column} is no column like the others")
        whole = column not in ("confidence", "loss")
        if whole and len(values) and values.min() < 0:
            raise ValueError(f"{part}/{target}/{column} has numbers below 0")
        if column in ("truth", "predicted", "rank") and len(values) and values.max() >= classes[target]:
            raise ValueError(f"{part}/{target}/{column} has more than {classes[target]} classes")
    return Predictions(**found)


def _pairs(found: dict[str, Array]) -> dict[str, Array]:
    if found and (
        set(found) != set(_PAIRS)
        or any(each.ndim != 1 or each.dtype != kind for each, kind in zip(found.values(), _PAIRS.values(), strict=True))
        or len(found["similarity"]) != len(found["same"])
    ):
        raise ValueError("its pairs of faces are none")
    return found


def read_all(folder: Path) -> tuple[list[Scores], list[str]]:
    """All finished heads of a folder, by their names, and the sentences about files that cannot be read."""
    found: list[Scores] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.npz")) if folder.is_dir() else ():
        try:
            scores = read(path)
        except FacesError as error:
            problems.append(str(error))
            continue
        if scores_file(folder, scores.head) == path:
            found.append(scores)
        else:  # a copy would count a seed twice
            problems.append(f"the scores {printable(path, 200)} are those of another head: they are left out")
    return found, problems
