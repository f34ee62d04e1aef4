"""What a report has to know of the faces of a study: who, which expression, which film; no picture, no feature.

A study writes it beside its scores (`results/faces.npz`), so that a report can be made again where the data is not.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np

from ...engine.files import write_aside
from ...engine.text import printable
from ..errors import FacesError
from ..npz import read_npz

Array: TypeAlias = np.ndarray

SCHEMA = 1


class ExpressionsLike(Protocol):
    """A set of expressions, as `expressions.ExpressionSet` is one."""

    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def of(self) -> Array: ...


@dataclass(frozen=True, slots=True, eq=False)
class SetFacts:
    """A set of expressions: the names of its classes, and the class number of each face (int64)."""

    classes: tuple[str, ...]
    of: Array


@dataclass(frozen=True, slots=True, eq=False)
class FacesFacts:
    """N faces of a study: numbers into names, in the order that `Predictions.record` counts.

    `sets` are the sets of expressions by the name that `Head.expressions` has. `settings` is what the study was asked,
    as JSON can hold it; a report looks for these and does without:

    - "heads": ids of all heads that were planned (`Head.id`), so that it can say which are missing;
    - "nets": name → {"title": …, "layers": …, "changed": […]}, the networks as they were trained, and what of it is
      otherwise than usual, in words;
    - "control": name → what a network is a control for ("expression only", "no first dropout", …);
    - "split", "extractor", "width", "expressions_from" (the set the predicted expressions were learned from): words;
    - "films_apart": whether no pair of faces out of one film was verified;
    - "notes": sentences about what was left out of the data.
    """

    name: str
    identity: Array
    identities: tuple[str, ...]
    expression: Array
    expressions: tuple[str, ...]
    group: Array
    groups: tuple[str, ...] = ()
    sets: Mapping[str, ExpressionsLike] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.identity)

    @property
    def grouped(self) -> bool:
        """Whether several faces share a film, sequence or session."""
        return len(np.unique(self.group)) < len(self.group)

    def write(self, folder: Path) -> None:
        """Put it into the results folder of a study, aside and renamed. Raises OSError."""
        about = {
            "schema": SCHEMA, "name": self.name, "identities": self.identities, "expressions": self.expressions,
            "groups": self.groups if self.grouped else (), "settings": dict(self.settings),
            "sets": {name: each.classes for name, each in self.sets.items()},
        }  # fmt: skip
        arrays: dict[str, Any] = {
            "about": np.frombuffer(json.dumps(about, default=str).encode(), np.uint8),
            "identity": self.identity.astype(np.int32),
            "expression": self.expression.astype(np.int32),
            "group": self.group.astype(np.int64),
        }
        arrays |= {f"set{number}": each.of.astype(np.int32) for number, each in enumerate(self.sets.values())}
        data = io.BytesIO()
        np.savez_compressed(data, **arrays)
        folder.mkdir(parents=True, exist_ok=True)
        write_aside(facts_file(folder), data.getvalue())

    @classmethod
    def read(cls, folder: Path) -> FacesFacts:
        """What `write` put there. Raises FacesError where it is missing, cut or damaged."""
        path = facts_file(folder)
        try:
            about, arrays = read_npz(path)
            made = cls(
                str(about["name"]),
                arrays["identity"].astype(np.int64), tuple(map(str, about["identities"])),
                arrays["expression"].astype(np.int64), tuple(map(str, about["expressions"])),
                arrays["group"].astype(np.int64), tuple(map(str, about["groups"])),
                {
                    name: SetFacts(tuple(map(str, classes)), arrays[f"set{number}"].astype(np.int64))
                    for number, (name, classes) in enumerate(about["sets"].items())
                },
                dict(about["settings"]),
            )  # fmt: skip
        except FileNotFoundError:
            raise FacesError(f"{printable(folder, 200)} is no study: it has no {path.name}") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise FacesError(f"{printable(path, 200)} cannot be read: {printable(error, 200)}") from None
        made._check(path)
        return made

    def _check(self, path: Path) -> None:
        columns = [("identity", self.identity, self.identities), ("expression", self.expression, self.expressions)]
        columns += [(f"set {name}", each.of, each.classes) for name, each in self.sets.items()]
        for name, values, names in columns:
            if values.shape != self.identity.shape or self.identity.ndim != 1:
                raise FacesError(f"{printable(path, 200)} is damaged: its {printable(name, 60)} is no column")
            if len(values) != len(self) or (len(values) and not 0 <= values.min() <= values.max() < len(names)):
                raise FacesError(f"{printable(path, 200)} is damaged: its {printable(name, 60)} does not fit its names")
        if self.group.shape != self.identity.shape:
            raise FacesError(f"{printable(path, 200)} is damaged: its groups are not those of its faces")


def facts_file(folder: Path) -> Path:
    return folder / "faces.npz"
