"""Keras and its backend, started for a person: on a backend that is there, quietly, and refused in one sentence."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from ..engine.errors import TrainvisError
from ..engine.text import printable

_BACKENDS = ("tensorflow", "jax", "torch")


class FrameworkError(TrainvisError):
    """Keras that cannot be loaded here."""


def wake() -> str:
    """Load Keras and let its backend compute something. What must be said of that; nothing mostly.

    Nobody chooses a backend to look with: where Keras would take one that is not installed, another one is taken.
    Raises FrameworkError.
    """
    asked = os.environ.get("KERAS_BACKEND")
    backend, told = asked or _configured(), ""
    if not asked and find_spec(backend) is None:
        there = next((each for each in _BACKENDS if find_spec(each)), None)
        if there:
            os.environ["KERAS_BACKEND"] = there
            backend, told = there, f"on {there}, as {backend} is not installed here (KERAS_BACKEND chooses)"
    try:
        with hushed():
            import keras

            keras.ops.zeros(1)
    except Exception as error:
        raise FrameworkError(
            f"Keras does not load on {printable(backend, 40)} in {sys.executable} ({plain(error)}): install "
            "trainvis[tensorflow], [jax] or [torch] there, name another interpreter with --python, or choose a "
            "backend with KERAS_BACKEND"
        ) from error
    return told


def plain(error: BaseException) -> str:
    """What a backend, or code of the user's own, raised: one harmless line."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return printable(f"{type(error).__name__}: {first}" if first else type(error).__name__, 300)


@contextmanager
def hushed() -> Iterator[None]:
    """Keep what a framework writes to standard error while it starts or loads; shown only where that fails."""
    try:
        place = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
    except OSError:  # a full disk: there is nowhere to keep it
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with place as aside:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        except TrainvisError:
            raise
        except BaseException:
            aside.seek(0)
            os.write(kept, aside.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _configured() -> str:
    """What Keras takes where the environment says nothing: it writes this file itself, with TensorFlow in it."""
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    try:
        said = json.loads((home / "keras.json").read_text(encoding="utf-8"))
        backend = said.get("backend") if isinstance(said, dict) else None
    except (OSError, ValueError):
        backend = None
    return backend if backend in _BACKENDS else "tensorflow"
