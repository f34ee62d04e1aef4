"""The extractor of the demo: an embedding trained on drawn people whom the study never shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def demo_extractor(say: Callable[[str], None] = print, *, cache: Path | None = None) -> Path:
    """A `.keras` file whose output, the layer `embedding`, is a unit-length vector of at most 128 numbers.

    It takes faces of 64×64×3, pixels 0…255: what it does to them is part of the network. Trained once, in at most four
    minutes on two cores, and kept in the cache folder (or `cache`) under a digest of all that made it. `say` hears how
    far it is. Raises FacesError, OSError.
    """
    raise NotImplementedError
