"""What is said of an error to the person whose training goes on in spite of it."""

from __future__ import annotations

import re

from ..engine.errors import TrainvisError

_COLOURS = re.compile("\x1b\\[[0-9;]*m")  # Keras prints reasons in bold


def sentence(error: Exception) -> str:
    """One line: what we say of our own errors, what the system says of a file, else the error with its kind."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({error.filename})" if error.filename else error.strerror
    text = reason(error)
    return text if isinstance(error, TrainvisError) else f"{type(error).__name__}: {text}".removesuffix(": ")


def reason(error: Exception) -> str:
    """The line that says why. Mostly it is the first; Keras begins with the layer and has it below, and a compiled
    function of TensorFlow has it behind all the places that led there.
    """
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - an error of somebody's own that cannot even be shown
        said = ""
    lines = [line.strip() for line in _COLOURS.sub("", said).splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("Graph execution error"):
        return [line for line in lines if not line.startswith(("[[", "File "))][-1]
    return " ".join(lines[: 2 if lines and lines[0].startswith("Exception encountered") else 1])
