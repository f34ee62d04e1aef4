"""What is told of a build: how far it is, what it made, what it would make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from ..sample import Problems
from ..schema import Schema


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is. `stage`: "listing" (`total` is None where nobody knows it), "planning", "building",
    "finishing". `done` and `total` are records, `size` bytes written, `rate` records a second, `eta` seconds.
    """

    stage: str
    done: int
    total: int | None
    size: int = 0
    rate: float = 0.0
    eta: float | None = None
    left_out: int = 0


Report: TypeAlias = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Built:
    """A finished blob: its files (more than one where it has shards), and the digest of its content."""

    paths: tuple[Path, ...]
    records: int
    digest: str
    schema: Schema
    left_out: Problems
    size: int
    seconds: float
    resumed: int = 0  # records that an earlier, interrupted build had written
    notes: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """What `open_blob` takes."""
        return self.paths[0]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build would do. `counts`: class field → class → part ("" without a split) → records; `lost`: class field →
    class → samples that were chosen and cannot be used. `size` is what the file takes, in bytes, `exact` where that is
    no estimate; `sizes` the heights and widths of some images, looked at.
    """

    layout: str
    schema: Schema
    samples: int
    records: int
    counts: Mapping[str, Mapping[str, Mapping[str, int]]]
    parts: Mapping[str, int]
    left_out: Problems
    size: int
    exact: bool
    sizes: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = field(default=())
    lost: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
