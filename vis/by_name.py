"""What programs of this room have in common that are started by name: `python -m trainvis.vis.look`."""

from __future__ import annotations

import os
import sys


def prepare() -> None:
    """Before a framework is loaded: it is quiet, and the output of a run is UTF-8, whatever the locale."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for stream in (sys.stdout, sys.stderr):
        if not stream.isatty():
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]


def lacking(error: ModuleNotFoundError) -> int:
    """Say what this interpreter has not; the exit code."""
    return refused(lacks(error))


def lacks(error: ModuleNotFoundError) -> str:
    """What this interpreter has not, and how to mend it."""
    return (
        f"{sys.executable} has no {error.name}: install trainvis[tensorflow], [jax] or [torch] there, or name an "
        "interpreter that has it with --python"
    )


def refused(why: str) -> int:
    """Say why there is nothing, as the last word; the exit code."""
    sys.stdout.flush()
    print(f"trainvis: {why}", file=sys.stderr)  # noqa: T201 - a program's last word
    return 1
