"""The table of formats: in this order each is asked whether a file is its own."""

from __future__ import annotations

from pathlib import Path

from ..source import Source


def open_source(path: Path) -> Source:
    """The records of a file of any known format. Raises BlobError."""
    raise NotImplementedError
