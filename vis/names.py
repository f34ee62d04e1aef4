"""One table of names for callbacks, command line and folders: `saliency_maps`, `smoothgrad(saliency_maps)`.

A name imports nothing; its options or its figure import the one module that makes it.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..engine.errors import TrainvisError
from ..engine.text import printable
from .catalogue import TECHNIQUES, Need, Option, Technique, TechniqueError, nearest, technique
from .values import value_of

if TYPE_CHECKING:
    from types import ModuleType

    from .figures import Figure

__all__ = ["Named", "Wrapped", "compute", "folder", "lacking", "option_names", "options_of", "parse"]

_LACKING: Mapping[Need, str] = {
    "image": "looks at an image and none is given: --image FILE",
    "set": "looks at a data set and none is given: --set FOLDER",
    "labels": "looks at a data set with labels and none is given: --set FOLDER, with a folder for each class",
    "data": "needs inputs with their labels, as a training has: Callbacks().pictures(…, data=(x, y)) makes it there",
    "history": "compares two moments of one training: give several networks of it, as RUN:all",
}
_NAME = re.compile(r"([^()]+?)(?:\(([^()]+)\))?")


@dataclass(frozen=True, slots=True)
class Named:
    """A technique, alone or wrapped in another."""

    technique: str
    wrapper: str | None = None

    def __str__(self) -> str:
        return f"{self.wrapper}({self.technique})" if self.wrapper else self.technique

    @property
    def entry(self) -> Technique:
        """The technique in the catalogue."""
        return technique(self.technique)

    @property
    def title(self) -> str:
        """What a person reads: "SmoothGrad of saliency" as "SmoothGrad: Saliency"."""
        return f"{technique(self.wrapper).title}: {self.entry.title}" if self.wrapper else self.entry.title


@dataclass(frozen=True, slots=True)
class Wrapped:
    """The options of a wrapper (`outer`) and of the technique in it (`inner`)."""

    outer: Any
    inner: Any


def parse(text: str) -> Named:
    """The technique in a text. Raises TechniqueError, which says what was probably meant.

    Case and surrounding space do not matter, and a hyphen is as good as an underscore.
    """
    if not isinstance(text, str):
        raise TechniqueError(f"{printable(repr(text), 80)} is no name of a technique: 'saliency_maps' is one")
    plain = text.strip().lower().replace("-", "_")
    found = _NAME.fullmatch(plain)
    if found is None:
        raise TechniqueError(
            f"{printable(text, 80)!r} is no name of a technique: saliency_maps is one, or a wrapper around one, "
            "smoothgrad(saliency_maps)"
        )
    first, inner = found[1].strip(), found[2]
    outer = technique(first)
    if inner is None:
        if outer.wraps:
            raise TechniqueError(f"{first} is made of another technique: write {first}(saliency_maps)")
        return Named(first)
    if not outer.wraps:
        raise TechniqueError(f"{first} wraps no other technique: {_listed(wraps=True)} do")
    within = technique(inner.strip())
    if not within.wrappable:
        raise TechniqueError(f"{first} cannot be made of {within.name}: it can of {_listed(wrappable=True)}")
    return Named(within.name, first)


def option_names(named: Named) -> tuple[str, ...]:
    """The names of its options, those of the wrapper first."""
    return tuple(_options(named))


def options_of(named: Named, given: Mapping[str, object] | None = None, *, text: bool = False) -> Any:
    """The `Options` of the technique's module with these values; a `Wrapped` of two where it is wrapped.

    A name that wrapper and technique share is the wrapper's. With `text` values are what a person typed on a command
    line. Raises TechniqueError for an option that it has not, and a value that the option cannot take.
    """
    known = _options(named)
    for name in given or {}:
        if name not in known:
            said = f"it takes {', '.join(known)}" if known else "it takes none"
            raise TechniqueError(f"{named} has no option {printable(name, 60)!r}{nearest(name, tuple(known))}: {said}")
    parts: dict[str, dict[str, object]] = {}
    for name, value in (given or {}).items():
        owner, option = known[name]
        try:
            parts.setdefault(owner, {})[name] = value_of(option, value, text=text)
        except TechniqueError as error:
            raise TechniqueError(f"{named}: {error}") from error
    inner = _made(named.technique, parts.get(named.technique, {}))
    return Wrapped(_made(named.wrapper, parts.get(named.wrapper, {})), inner) if named.wrapper else inner


def lacking(named: Named, given: Collection[Need]) -> str:
    """What a technique needs that `trainvis look` is not given, in a sentence; "" where it has all."""
    needs = {*named.entry.needs, *(technique(named.wrapper).needs if named.wrapper else ())}
    return next((f"{named} {sentence}" for need, sentence in _LACKING.items() if need in needs - set(given)), "")


def compute(named: Named, probe: Any, options: Any = None) -> Figure:
    """The figure of a technique with the options of `options_of` (None: its own). `probe` is a `vis.probe.Probe`.

    A wrapper gets the module that it wraps and that one's options besides its own.
    """
    chosen = options_of(named) if options is None else options
    if named.wrapper is None:
        return module(named.technique).compute(probe, chosen)
    return module(named.wrapper).compute(probe, chosen.outer, module(named.technique), chosen.inner)


def folder(named: Named) -> str:
    """Its name as that of a folder: `smoothgrad-saliency_maps`."""
    return f"{named.wrapper}-{named.technique}" if named.wrapper else named.technique


def module(name: str) -> ModuleType:
    """The module of a technique. Raises TechniqueError where what it needs is not installed."""
    try:
        return importlib.import_module(f".techniques.{technique(name).name}", __package__)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("trainvis"):
            raise  # a fault of ours, and no package to install
        raise TechniqueError(
            f"{name} cannot be loaded here, {error.name} is missing: install trainvis[tensorflow], [jax] or [torch]"
        ) from error


def _options(named: Named) -> dict[str, tuple[str, Option]]:
    """Each option by its name, with the technique that it belongs to."""
    found: dict[str, tuple[str, Option]] = {}
    for owner in (named.wrapper, named.technique):
        for option in technique(owner).options if owner else ():
            found.setdefault(option.name, (owner or "", option))
    return found


def _made(name: str | None, values: Mapping[str, object]) -> Any:
    try:
        return module(name or "").Options(**values)
    except (TypeError, ValueError) as error:
        raise TechniqueError(f"{name} does not take these options: {printable(error, 200)}") from error
    except TrainvisError as error:
        raise TechniqueError(f"{name}: {str(error).removeprefix(f'{name}: ')}") from error


def _listed(*, wraps: bool = False, wrappable: bool = False) -> str:
    return ", ".join(
        each.name for each in TECHNIQUES.values() if (wraps and each.wraps) or (wrappable and each.wrappable)
    )
