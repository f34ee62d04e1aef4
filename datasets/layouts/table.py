"""The table of layouts: in this order each is asked whether a source is its own."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...engine.text import printable
from ..errors import SourceError
from ..sample import Found
from .entries import ENTRIES
from .layout import Layout, Option
from .walking import glance, readable

__all__ = ["LAYOUTS", "Layout", "Option", "recognise"]

LAYOUTS: Mapping[str, Layout] = MappingProxyType({each.name: each for each in ENTRIES})


def recognise(path: str | PathLike[str], layout: str | None = None, **options: Any) -> Found:
    """The samples of a source, of the layout that is named or of the first that knows it.

    `options` are those of the layout (`LAYOUTS[name].options`); one that is None is not given. Where a folder holds
    nothing but one folder, as archives unpack, that one is looked at too. Raises SourceError: there is no such source,
    no layout knows it, nothing in it can be used, or a name or an option is none.
    """
    from ..formats.own import first_shard

    path = readable(first_shard(Path(path)))
    options = {name: value for name, value in options.items() if value is not None}
    asked = [_named(layout)] if layout is not None else list(LAYOUTS.values())
    _check(options, asked)
    asked = [each for each in asked if options.keys() <= {option.name for option in each.options}]
    inner = _inner(path)
    for each in asked:
        for place in [path] if each.general and layout is None else [path, *inner]:
            found = each.look(place, options)
            if found is not None:
                return found
    raise SourceError(_unknown(path, asked, layout))


def _named(name: str) -> Layout:
    if name in LAYOUTS:
        return LAYOUTS[name]
    near = difflib.get_close_matches(name, list(LAYOUTS), n=1, cutoff=0.5)
    hint = f" (did you mean {near[0]!r}?)" if near else f": there are {', '.join(LAYOUTS)}"
    raise SourceError(f"no layout is called {printable(name, 60)!r}{hint}")


def _check(options: Mapping[str, Any], asked: list[Layout]) -> None:
    for name in options:
        if not any(option.name == name for each in asked for option in each.options):
            known = sorted({option.name for each in asked for option in each.options})
            whose = f"the layout {asked[0].name}" if len(asked) == 1 else "a layout"
            raise SourceError(f"{printable(name, 60)!r} is no option of {whose}: {', '.join(known) or 'it has none'}")


def _inner(path: Path) -> list[Path]:
    """The folders in `path` that are all that the one above them holds."""
    found: list[Path] = []
    while len(found) < 3:
        folders, files = glance(path, 3)
        if len(folders) != 1 or files:
            break
        path = path / folders[0]
        found.append(path)
    return found


def _unknown(path: Path, asked: list[Layout], layout: str | None) -> str:
    said = printable(path, 300)
    if layout is not None:
        return (
            f"{said} is not laid out as {asked[0].title}: {asked[0].tree.strip().splitlines()[0].strip()} is expected"
        )
    if not path.is_dir():
        return f"no layout knows the file {said}: name one (--layout), of {', '.join(LAYOUTS)}"
    return f"no layout knows the folder {said}: name one (--layout), of {', '.join(LAYOUTS)}"
