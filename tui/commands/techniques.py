"""`trainvis look --list`: the techniques, and with --technique their options, in words or as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from . import words

if TYPE_CHECKING:
    from ...vis.catalogue import Option, Technique


def listed(chosen: Sequence[str], *, as_json: bool) -> None:
    """Print the techniques of these names (both where one is wrapped in another), all of them where there are none."""
    from ...engine.errors import TrainvisError
    from ...vis import catalogue

    try:
        found = [each for name in chosen for each in _of(name)] or list(catalogue.TECHNIQUES.values())
    except TrainvisError as error:
        raise click.BadParameter(str(error), param_hint="--technique") from None
    if as_json:
        words.print_json([_fields(each) for each in found])
        return
    for group, heading in catalogue.GROUPS.items():
        members = [each for each in found if each.group == group]
        if members:
            words.say(heading)
            words.say("")
        for each in members:
            words.say(f"  {each.name}: {each.sentence}")
            for option in each.options if chosen else ():
                words.say(f"      {option.name}{_default(option)}: {option.sentence}{_choices(option)}")
        if members:
            words.say("")


def _of(name: str) -> list[Technique]:
    from ...vis import catalogue, names

    if "(" not in name:
        return [catalogue.technique(name.strip().lower().replace("-", "_"))]
    named = names.parse(name)
    return [catalogue.technique(each) for each in (named.wrapper, named.technique) if each]


def _default(option: Option) -> str:
    """As a person types it."""
    value = option.default
    if value is None or value == ():
        return ""
    said = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f" [{said.lower() if isinstance(value, bool) else said}]"


def _choices(option: Option) -> str:
    return f" ({', '.join(option.choices)})" if option.choices else ""


def _fields(technique: Technique) -> dict[str, Any]:
    said = dataclasses.asdict(technique)
    return {**said, "needs": sorted(technique.needs), "paper": str(technique.paper) if technique.paper else ""}
