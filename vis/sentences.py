"""What is said of an error to the person whose training goes on in spite of it."""

from __future__ import annotations

from ..engine.errors import TrainvisError


def sentence(error: Exception) -> str:
    """One line: what we say of our own errors, what the system says of a file, else the error with its kind."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({error.filename})" if error.filename else error.strerror
    text = str(error).strip().partition("\n")[0]
    return text if isinstance(error, TrainvisError) else f"{type(error).__name__}: {text}"
