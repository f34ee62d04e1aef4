"""The configuration file of a study (TOML): networks changed or added in one place, and the study's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .nets import Net


@dataclass(frozen=True, slots=True)
class Config:
    """What a file says. `nets` are the changed and the new ones by name; `study` settings by the names of `STUDY`."""

    nets: Mapping[str, Net] = field(default_factory=dict)
    study: Mapping[str, Any] = field(default_factory=dict)


def read(path: Path) -> Config:
    """A configuration file. Raises FacesError for what it does not know (with the nearest) and for what cannot be."""
    raise NotImplementedError


def written() -> str:
    """The present networks and settings as such a file, with comments: reading it back changes nothing."""
    raise NotImplementedError
