"""What a run was given, as names and values that a table shows and a filter compares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MOST = 256  # a hostile file may hold a million


def parameters(argv: tuple[str, ...], params: Mapping[str, Any], optimizer: Mapping[str, Any]) -> dict[str, object]:
    """What a run was given: its arguments, `params=` and the optimiser's configuration, nested names dotted."""
    found: dict[str, object] = {}
    if optimizer:
        _flatten("optimizer", optimizer, found)
        if name := found.pop("optimizer.name", None):
            found["optimizer"] = name
    _flatten("", params, found)
    found.update(arguments(argv))
    return found


def arguments(argv: tuple[str, ...]) -> dict[str, object]:
    """`--key value`, `--key=value` and `--flag` of a command line; values as numbers where they are."""
    found: dict[str, object] = {}
    words = list(argv[: _MOST * 4])
    for at, word in enumerate(words):
        if word == "--":
            break
        if not _is_option(word):
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if not name:
            continue
        if equals:
            found[name] = as_value(value)
        elif at + 1 < len(words) and not _is_option(words[at + 1]):
            found[name] = as_value(words[at + 1])
        else:
            found[name] = True
    return found


def _is_option(word: str) -> bool:
    return len(word) > 1 and word[0] == "-" and not isinstance(as_value(word), float | int)


def as_value(text: str) -> object:
    """A number or truth value where `text` is one, else the text."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _flatten(prefix: str, value: Mapping[str, Any], found: dict[str, object], depth: int = 4) -> None:
    for name, item in value.items():
        if len(found) >= _MOST:
            return
        key = f"{prefix}.{name}" if prefix else str(name)
        if isinstance(item, Mapping) and depth:
            _flatten(key, item, found, depth - 1)
        elif item is None or isinstance(item, bool | int | float | str):
            found[key] = item
        else:
            found[key] = str(item)[:200]
