"""A source becomes a blob: `build(recognise("faces"), "faces.h5")`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from ..sample import Found, Problems
from ..schema import Schema
from .options import BuildOptions, Split

__all__ = ["BuildOptions", "Built", "Plan", "Progress", "Split", "build", "dry_run"]


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
    """What a build would do. `counts`: class field → class → part ("" without a split) → records. `size` is what the
    file takes, in bytes, `exact` where that is no estimate; `sizes` the heights and widths of some images, looked at.
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


def build(
    found: Found,
    out: str | PathLike[str],
    options: BuildOptions | None = None,
    *,
    progress: Report | None = None,
    fresh: bool = False,
    replace: bool = False,
) -> Built:
    """Make the blob `out` (.h5 or .lmdb) of a source. `out` is there once it is whole, and not before.

    An interrupted build leaves `OUT.part`: the same source, options and `out` go on with it; `fresh` begins anew, as
    `replace` does with a finished `out`. Raises BlobError, SourceError; KeyboardInterrupt leaves the part as well.
    """
    raise NotImplementedError


def dry_run(found: Found, options: BuildOptions | None = None, *, progress: Report | None = None) -> Plan:
    """What `build` would make of it; every file is looked at, none decoded but some for the estimate.

    Raises BlobError, SourceError.
    """
    raise NotImplementedError
