"""Networks that turn a picture of a face into a vector of numbers. Nothing is loaded before it is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .keeping import features_of
    from .kind import Extractor
    from .table import extractor
    from .tuning import Trunk, trunk

__all__ = ["Extractor", "Trunk", "extractor", "features_of", "trunk"]

_HOME = {
    "Extractor": ".kind", "Trunk": ".tuning", "extractor": ".table", "features_of": ".keeping", "trunk": ".tuning",
}  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name], __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
