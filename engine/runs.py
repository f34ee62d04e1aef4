"""All runs below a folder, as one frozen snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .status import Lost, Status


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """One metric of one run: `sparkline` holds at most 64 values, oldest first."""

    last: float
    min: float
    max: float
    sparkline: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One run as a table row knows it. Times are seconds of Unix time, `eta` and `length` seconds.

    `parameters`: `--key value` of the argv, `params=` of the callbacks, the optimiser's configuration.
    `problems`: sentences about damaged or missing files, () where all is well.
    """

    path: Path
    id: str
    name: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    status: Status = field(default_factory=lambda: Lost(None))
    script: str = ""
    argv: tuple[str, ...] = ()
    launcher: str = "local"
    parent: str = ""
    owner: str = ""
    mine: bool = True
    created: float | None = None
    started: float | None = None
    ended: float | None = None
    fit: int | None = None
    epoch: float | None = None
    epochs: int | None = None
    step: int | None = None
    steps: int | None = None
    eta: float | None = None
    metrics: Mapping[str, MetricSummary] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    size: int | None = None
    problems: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What a person calls it: the name given, else the id."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All runs of a folder at one moment, newest first; `problem` says why there is none to read."""

    root: Path
    taken: float
    rows: tuple[Row, ...] = ()
    problem: str | None = None
