"""Keys faster than a person's: Textual's pilot sleeps 40 ms a key, which is most of what such tests take."""

from __future__ import annotations

from typing import Any

from textual import _wait, screen
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

# The pilot takes an application for idle that used no processor for one look; two frames must fit into a look.
_wait.SLEEP_GRANULARITY = 0.008
_wait.SLEEP_IDLE = _wait.SLEEP_GRANULARITY / 20
screen.UPDATE_PERIOD = 0.004  # type: ignore[misc]

# The applications of the tests read the same style sheets: their rules are worth reading once a process.
_parse = Stylesheet._parse_rules
_parsed: dict[tuple[Any, ...], list[RuleSet]] = {}


def _parsed_once(self: Stylesheet, css: str, **place: Any) -> list[RuleSet]:
    key = (css, *place.values(), *self._variables.values())
    if key not in _parsed:
        _parsed[key] = _parse(self, css, **place)
    return _parsed[key]


Stylesheet._parse_rules = _parsed_once  # type: ignore[method-assign]
