"""What a layout finds and a build takes: one sample of a source, before it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..engine.text import printable
from .schema import Kind

EXAMPLES = 20  # of a reason, that are listed by name


@dataclass(frozen=True, slots=True)
class FileImage:
    """An image in a file: all of it, or the `size` bytes at `offset` (of an archive, an IDX file); an array where
    `shape` and `dtype` are given, else a picture file.
    """

    path: Path
    offset: int = 0
    size: int | None = None
    shape: tuple[int, ...] = ()
    dtype: str = "uint8"


@dataclass(frozen=True, slots=True)
class Sample:
    """`key` is its name in the source, one of its own. `values` by field: an image as FileImage, bytes (a picture
    file) or array; a class as its name (str) or number; numbers, arrays and texts as they are; None where it is not
    known. `group` is what must not be torn apart by a split (a film, a sequence, a person), `split` the part that the
    source itself puts it in: train, validation, test.
    """

    key: str
    values: Mapping[str, Any]
    group: str = ""
    split: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A field of the samples of a source. `classes` in their order where the source tells it, else by name."""

    name: str
    kind: Kind
    classes: tuple[str, ...] = ()


@dataclass(slots=True)
class Problems:
    """What was left out, by reason: how often, and the first that it happened to."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, where: object) -> None:
        """Count one; `reason` is the same sentence for all that it happens to."""
        self.counts[reason] += 1
        named = self.examples.setdefault(reason, [])
        if len(named) < EXAMPLES:
            named.append(printable(where, 200))

    @property
    def total(self) -> int:
        return self.counts.total()


@dataclass(frozen=True, slots=True)
class Found:
    """A source that was recognised. `samples` may be walked more than once, always in the same order, and lists
    millions without holding them; what cannot be used is counted in `problems` while they are walked. `total` is how
    many there are where that is known before. `notes` say what was guessed. `parts` are those that the samples'
    `split` names, in their order, where the source tells it; else in that of the samples.
    """

    layout: str
    fields: tuple[Planned, ...]
    samples: Iterable[Sample]
    problems: Problems = field(default_factory=Problems)
    total: int | None = None
    notes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
