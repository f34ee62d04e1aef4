"""Where things lie on this machine: the runs folder, the cache, the settings and the remembered state."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from .errors import PlaceError, SettingsError
from .text import printable


def _xdg(variable: str, default: str) -> Path:
    # The XDG specification: a relative path in these variables is to be ignored.
    value = os.environ.get(variable, "")
    base = Path(value) if value.startswith("/") else Path.home() / default
    return base / "trainvis"


def config_file() -> Path:
    """`$XDG_CONFIG_HOME/trainvis/config.toml`."""
    return _xdg("XDG_CONFIG_HOME", ".config") / "config.toml"


def cache_folder() -> Path:
    """What may be deleted while nothing runs: the index of runs folders, faces that were packed or drawn, what was
    computed of them.
    """
    return _xdg("XDG_CACHE_HOME", ".cache")


def state_folder() -> Path:
    """What the application remembers: chosen columns, sort order, theme, last arguments of a script."""
    return _xdg("XDG_STATE_HOME", ".local/state")


def read_config() -> dict[str, Any]:
    """The settings file as a mapping, empty where there is none. Raises SettingsError where it is damaged."""
    path = config_file()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"the settings file {path} cannot be read: {error}; mend it or move it away") from None


def expanded(path: str | os.PathLike[str]) -> Path:
    """A path as a person wrote it, with the home folder that `~` or `~name` means. Raises PlaceError where none is."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        home = printable(Path(path).parts[0], 60)
        raise PlaceError(f"{printable(path, 200)}: there is no home folder {home}; give the path in full") from None


def runs_folder(given: str | os.PathLike[str] | None = None) -> Path:
    """The runs folder: `given` (--runs), else $TRAINVIS_RUNS, else `runs` in the settings file, else the default.

    The folder need not exist. Raises SettingsError where the settings file is damaged, PlaceError for `~nobody`.
    """
    for value in (given, os.environ.get("TRAINVIS_RUNS")):
        if value:
            return expanded(value).absolute()
    configured = read_config().get("runs")
    if isinstance(configured, str) and configured:
        return expanded(configured).absolute()
    return _xdg("XDG_DATA_HOME", ".local/share") / "runs"
