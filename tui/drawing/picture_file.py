"""Writing a picture into a file."""

from __future__ import annotations

from pathlib import Path

from ...engine.errors import PictureError
from ...engine.files import write_aside
from ...engine.text import printable


def write(path: Path, data: bytes | memoryview, *, replace: bool = False) -> None:
    """Write a file whole or not at all; one that stands there only with `replace`. Raises PictureError."""
    if not replace and path.exists():
        raise PictureError(f"{printable(path)} is there already")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_aside(path, data)
    except OSError as error:
        raise PictureError(f"{printable(path)} cannot be written: {error.strerror}; choose another place") from None
