"""Inside the network: `from trainvis.vis import Callbacks, log`. Nothing is loaded before it is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .callbacks import Callbacks
    from .feed import BlobDataset
    from .loop import log
    from .thesis import (
        CustomCallbacks,
        DeconvolutionalNetwork,
        DeepVisualization,
        LayerActivations,
        NetworkSaver,
        SaliencyMaps,
        TrainingProgress,
    )

__all__ = [
    "BlobDataset", "Callbacks", "CustomCallbacks", "DeconvolutionalNetwork", "DeepVisualization", "LayerActivations",
    "NetworkSaver", "SaliencyMaps", "TrainingProgress", "log",
]  # fmt: skip

_HOME = dict.fromkeys(__all__, ".thesis") | {"BlobDataset": ".feed", "Callbacks": ".callbacks", "log": ".loop"}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name], __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
