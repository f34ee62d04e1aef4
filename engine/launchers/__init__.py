"""Where a run is started: a table of names, a file behind each name.

Each file has `begin(run)`, `stop(run, by)` and `kill(run, by)`, which raise LaunchError.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

from ..errors import LaunchError
from ..rundir import RunDir
from ..text import printable

_FILES = {
    "local": "local",
    "hand": "local",  # a script started without us is stopped like one of ours
}


class Starting(Protocol):
    """A start under way, which needs nothing but the word."""

    def go(self, environment: Mapping[str, str]) -> None:
        """Start the script of the run, which is prepared by now, with this whole environment."""
        ...

    def cancel(self) -> None:
        """Start nothing after all."""
        ...


class Launcher(Protocol):
    """A place where runs are started."""

    def begin(self, run: RunDir) -> Starting:
        """Get ready, while the directory of the run is still being filled."""
        ...

    def stop(self, run: RunDir, by: str) -> None:
        """Let the script end: by itself within its grace, else by SIGTERM, at last by SIGKILL."""
        ...

    def kill(self, run: RunDir, by: str) -> None:
        """End the script and all it started, at once."""
        ...


def load(name: str) -> Launcher:
    """The launcher of this name. Raises LaunchError for one that there is not."""
    if name not in _FILES:
        raise LaunchError(f"there is no launcher {printable(name, 40)!r}; there are: local")
    return cast("Launcher", import_module(f".{_FILES[name]}", __name__))
