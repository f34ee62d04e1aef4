"""What is known of a layout before any of its code is loaded, and what its module gives."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..sample import Found, Problems, Sample


@dataclass(frozen=True, slots=True)
class Option:
    """What a person may say of a source: `--image COLUMN`."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout. Its module, of the same name, has `look(path, **options) -> Found | None`: None where the source is
    of another layout, SourceError where it is of this one and cannot be used.

    `tree` shows where things lie, `fields` and `faults` say what is read and what real copies have wrong. A `general`
    layout fits nearly anything and is asked last.
    """

    name: str
    title: str
    tree: str
    sentence: str
    fields: tuple[str, ...]
    faults: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    general: bool = False

    def look(self, path: Path, options: Mapping[str, Any]) -> Found | None:
        """Raises SourceError."""
        module = importlib.import_module(f".{self.name}", __package__)
        return module.look(path, **options)


@dataclass(frozen=True, slots=True)
class Walk:
    """The samples that `step` makes, anew for each walk, which also counts its problems anew."""

    step: Callable[[Problems], Iterator[Sample]]
    problems: Problems

    def __iter__(self) -> Iterator[Sample]:
        self.problems.counts.clear()
        self.problems.examples.clear()
        return self.step(self.problems)


def found(layout: str, fields: tuple[Any, ...], step: Callable[[Problems], Iterator[Sample]], **more: Any) -> Found:
    """A source whose samples `step` makes; `more` as those of Found."""
    problems = Problems()
    return Found(layout, fields, Walk(step, problems), problems, **more)
