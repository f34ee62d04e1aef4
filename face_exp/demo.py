"""The demo's data: faces of 60 drawn people, kept in the cache, and how long its parts take."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from ..engine.places import cache_folder
from .generating import Options, generate
from .settings import Settings

OPTIONS = Options(people=60, faces=3000, size=64, seed=0)
SETTINGS = Settings(demo=True, seeds=3, expressions="7,3")
WIDTH = 128  # of the embedding

# Seconds that the parts before the heads take on two cores: what a first run is told.
_EXPECTED = {"drawing": 60.0, "embedding": 90.0, "features": 15.0}


def expected(extractor: str = "") -> dict[str, float]:
    """How long each part before the heads takes; nearly nothing where it was made before. With an `extractor` no
    embedding is trained.
    """
    from .embedding.demo import extractor_file

    made = {"drawing": drawn_file().is_file(), "embedding": extractor_file().is_file()}
    parts = {name: 1.0 if made.get(name) else seconds for name, seconds in _EXPECTED.items()}
    return {name: seconds for name, seconds in parts.items() if name != "embedding" or not extractor}


def drawn(say: Callable[[str], None] = print) -> Path:
    """The drawn faces, found in the cache or made. Raises FacesError, BlobError, OSError."""
    path = drawn_file()
    if path.is_file():
        say(f"the {OPTIONS.faces:,} faces of {OPTIONS.people} drawn people are there already")
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    return generate(path, OPTIONS, say)


def drawn_file() -> Path:
    """Where they are kept, under what tells them from others."""
    told = json.dumps({name: value for name, value in asdict(OPTIONS).items() if name != "workers"}, sort_keys=True)
    return cache_folder() / "faces" / f"drawn-{hashlib.sha256(told.encode()).hexdigest()[:12]}.h5"
