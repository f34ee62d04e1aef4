"""What an entry of the catalogue says about a technique: all that a screen, a command or the manual shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..engine.errors import TrainvisError

Need: TypeAlias = Literal["image", "set", "labels", "data", "history"]
Group: TypeAlias = Literal["layers", "inputs", "units", "sets", "training"]
Kind: TypeAlias = Literal[
    "whole", "number", "switch", "text", "choice", "choices", "layer", "layers", "maps", "units", "range", "numbers",
    "array",
]  # fmt: skip

# A heading for each group, in the order in which they are listed.
GROUPS: dict[Group, str] = {
    "layers": "What the layers do",
    "inputs": "What in the input mattered",
    "units": "What units look for",
    "sets": "Over a data set",
    "training": "While it trains",
}


class TechniqueError(TrainvisError):
    """A technique, an option or a value that does not exist or cannot be used."""


@dataclass(frozen=True, slots=True)
class Paper:
    """Where a technique was published. `where` is "arXiv:…", "doi:…" or an address."""

    authors: str
    year: int
    title: str
    where: str

    @property
    def address(self) -> str:
        """The address to open."""
        scheme, _, rest = self.where.partition(":")
        prefix = {"arXiv": "https://arxiv.org/abs/", "doi": "https://doi.org/"}.get(scheme)
        return prefix + rest if prefix else self.where

    def __str__(self) -> str:
        return f"{self.authors} ({self.year}): {self.title}. {self.where}"


@dataclass(frozen=True, slots=True)
class Option:
    """A setting of a technique; its `kind` says what values it takes.

    whole, number, switch, text   int, float, bool, str
    choice, choices               one of `choices`; a tuple of them
    layer, layers                 the path, name or number of a layer; a tuple of these
    maps                          a tuple of numbers of feature maps
    units                         a tuple of (layer, index), where the index is a number, or row, column, map
    range, numbers, array         (low, high) with low < high; a tuple of float; a NumPy array

    None is a value of its own where it is the default. `minimum` and `maximum` hold for each number, inclusive.
    """

    name: str
    default: object
    kind: Kind
    sentence: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    @property
    def optional(self) -> bool:
        """Whether None is a value of it."""
        return self.default is None


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique as screens, commands and the manual show it.

    `sentence` says what one sees; `caveat` what a reader must not conclude; `kinds` are the kinds of figure parts it
    makes (`figures.KINDS`); `space` is "input" where the result lies over the input pixel by pixel, "layer" or
    "weights" where it has the size of these; `needs` what it cannot do without; `wraps` is true for one that is
    made of another's results, `wrappable` for one that it can be made of; `cost` "cheap" is about one pass forward
    and back for each image, "dear" is many.
    """

    name: str
    group: Group
    title: str
    sentence: str
    kinds: tuple[str, ...]
    options: tuple[Option, ...] = ()
    needs: frozenset[Need] = frozenset()
    space: Literal["input", "layer", "weights", ""] = ""
    paper: Paper | None = None
    caveat: str = ""
    wraps: bool = False
    wrappable: bool = False
    cost: Literal["cheap", "dear"] = "cheap"

    def option(self, name: str) -> Option | None:
        """The option of this name, None where there is none."""
        return next((each for each in self.options if each.name == name), None)
