"""What a trained head said of the faces it was not trained on: one file a head, written when the head is finished.

All figures of a report are made of these files; nothing else of a head has to be kept.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from ..engine.files import write_aside
from ..engine.text import printable
from .errors import FacesError

Array: TypeAlias = np.ndarray

PARTS = ("validation", "test")
TARGETS = ("identity", "expression")
_COLUMNS = {
    "record": np.int32, "truth": np.int32, "predicted": np.int32, "rank": np.int32,
    "confidence": np.float32, "loss": np.float32,
}  # fmt: skip
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
        # A file that numpy opens by itself stays open where it is damaged.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        about = json.loads(arrays.pop("about").tobytes())
        head = Head(**about["head"])
        predictions: dict[str, dict[str, dict[str, Array]]] = {}
        verification: dict[str, Array] = {}
        for name, values in arrays.items():
            part, _, rest = name.partition("/")
            if part == "verification":
                verification[rest] = values
            else:
                target, _, column = rest.partition("/")
                predictions.setdefault(part, {}).setdefault(target, {})[column] = values
        return Scores(
            head,
            {part: {name: Predictions(**each) for name, each in found.items()} for part, found in predictions.items()},
            about["classes"], about["train_faces"], about["run"], about["seconds"], about["epochs"],
            about["parameters"], about["train_accuracy"], verification,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise FacesError(f"the scores {printable(path, 200)} cannot be read: {printable(error, 200)}") from None


def read_all(folder: Path) -> tuple[list[Scores], list[str]]:
    """All finished heads of a folder, by their names, and the sentences about files that cannot be read."""
    found: list[Scores] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.npz")) if folder.is_dir() else ():
        try:
            found.append(read(path))
        except FacesError as error:
            problems.append(str(error))
    return found, problems
