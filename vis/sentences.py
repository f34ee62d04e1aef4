"""What is said of an error to the person whose training goes on in spite of it."""

from __future__ import annotations

from ..engine.errors import TrainvisError


def sentence(error: Exception) -> str:
    """One line: what we say of our own errors, what the system says of a file, else the error with its kind."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({error.filename})" if error.filename else error.strerror
    text = reason(error)
    return text if isinstance(error, TrainvisError) else f"{type(error).__name__}: {text}".removesuffix(": ")


def reason(error: Exception) -> str:
    """The first line of what an error says; of ten lines of Keras that begin with the layer, the reason below too."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[: 2 if lines and lines[0].startswith("Exception encountered") else 1])
