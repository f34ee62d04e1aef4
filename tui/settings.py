"""What a person set (config.toml, read only) and what the application remembers by itself (a JSON file)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..engine.errors import SettingsError
from ..engine.files import read_json, write_json
from ..engine.places import config_file, read_config, state_folder
from .pixels.modes import WORDS


class Remembered:
    """Small values that outlive the application: theme, columns, sort order, the last arguments of a script.

    Two applications may share the file: each change is read, changed and renamed into place. A file that is damaged
    or cannot be written costs the memory, never the work.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or state_folder() / "remembered.json"
        self._values = read_json(self._file).value

    def get(self, key: str, default: Any = None) -> Any:
        """The value remembered under `key`; the caller checks its type, the file may be anybody's."""
        return self._values.get(key, default)

    def put(self, key: str, value: Any) -> None:
        """Remember a JSON value under `key`, from now on and for the next start."""
        self._values = {**read_json(self._file).value, key: value}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_json(self._file, self._values)
        except OSError:
            # A read-only home forgets at the end; there is nothing to mend and nobody to disturb.
            return


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings file. `keys` maps ids of the key table to keys; `bell` rings when a run ends."""

    keys: Mapping[str, str] = field(default_factory=dict)
    theme: str = ""
    bell: bool = True
    color: str = "auto"
    images: str = "auto"
    python: str = ""
    problems: tuple[str, ...] = ()
    remembered: Remembered = field(default_factory=Remembered)


_TYPES = {"theme": str, "bell": bool, "color": str, "images": str, "python": str}
COLORS = ("auto", "truecolor", "256", "16", "none")


def read_settings() -> Settings:
    """The settings, with a sentence in `problems` for whatever in them cannot be used."""
    try:
        config = read_config()
    except SettingsError as error:
        return Settings(problems=(str(error),))
    taken: dict[str, Any] = {}
    problems: list[str] = []
    for name, kind in _TYPES.items():
        if name not in config:
            continue
        if isinstance(config[name], kind):
            taken[name] = config[name]
        else:
            problems.append(f"{config_file()}: {name} should be {_A[kind]}; it is ignored")
    for name, words in (("color", COLORS), ("images", tuple(WORDS))):
        if taken.get(name, "auto") not in words:
            problems.append(f"{config_file()}: {name} should be one of {', '.join(words)}; it is ignored")
            del taken[name]
    keys, wrong = _keys(config.get("keys", {}))
    return Settings(keys=keys, problems=(*problems, *wrong), **taken)


_A = {str: "a text in quotes", bool: "true or false"}


def _keys(table: Any) -> tuple[dict[str, str], list[str]]:
    """Remapped keys by id. Both `"runs.stop" = "x"` and a nested `[keys.runs] stop = "x"` are understood."""
    from .keys import TABLE

    known = {key.id for place in TABLE.values() for key in place}
    found: dict[str, str] = {}
    problems: list[str] = []
    for name, value in _flat(table):
        if name not in known:
            problems.append(f"{config_file()}: no key has the id {name}; the help shows the ids there are")
        elif not isinstance(value, str) or not value.strip():
            problems.append(f'{config_file()}: the key of {name} should be a text like "x" or "ctrl+x,f2"')
        else:
            found[name] = value
    return found, problems + [f"{config_file()}: {clash}" for clash in _clashes(found)]


def _clashes(remapped: Mapping[str, str]) -> list[str]:
    """A sentence for each remapped key that another action of the same place has too: only one of them would act."""
    from .keys import TABLE

    sentences: dict[str, None] = {}
    for place, keys in TABLE.items():
        taken: dict[str, str] = {}
        for key in keys if place == "everywhere" else (*TABLE["everywhere"], *keys):
            for each in remapped.get(key.id, key.keys).split(","):
                other = taken.setdefault(each.strip(), key.id)
                if other != key.id and (key.id in remapped or other in remapped):
                    sentences[f"{each.strip()} is the key of {other} and of {key.id}; only one of them acts"] = None
    return list(sentences)


def _flat(table: Any, prefix: str = "") -> list[tuple[str, Any]]:
    if not isinstance(table, Mapping):
        return [(prefix or "keys", table)]
    items: list[tuple[str, Any]] = []
    for name, value in table.items():
        items += _flat(value, f"{prefix}.{name}" if prefix else str(name))
    return items
