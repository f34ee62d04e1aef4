"""What `pictures` and `export --pictures` share: which figures of which run, in which colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from . import options

if TYPE_CHECKING:
    from ...engine.rundir import RunDir

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--technique", "-t", "techniques", multiple=True, metavar="NAME", help="Only this technique; may be repeated."
    ),
    click.option(
        "--layer", "--part", "-l", "parts", multiple=True, metavar="P", help="Only this layer or part; may be repeated."
    ),
    click.option("--map", "number", type=click.IntRange(min=0), metavar="N", help="Only the map of this number."),
    click.option(
        "--colors",
        type=click.Choice(("auto", "grey", "viridis", "signed", "heat")),
        default="auto",
        help="The colour map; auto is what suits the numbers.",
    ),
    click.option(
        "--range",
        "per",
        type=click.Choice(("map", "layer", "training")),
        default="map",
        show_default=True,
        help="Whose least and greatest number the colours end at.",
    ),
    click.option(
        "--clip",
        type=click.FloatRange(0, 49),
        default=0.0,
        metavar="PERCENT",
        help="As many of the numbers may lie beyond each end of the colours.",
    ),
)


def figure_options(command: F) -> F:
    """`--technique --layer --map --colors --range --clip`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


class Step(click.ParamType):
    """A number or one of some words."""

    name = "step"

    def __init__(self, *named: str) -> None:
        self._words = named

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).strip().lower()
        if text in self._words:
            return text
        if not (text.isdecimal() and len(text) <= 18):
            self.fail(f"{value!r} is no step: a number, {' or '.join(self._words)}", param, ctx)
        return str(int(text))


def run_of(name: str) -> RunDir:
    """The run that is meant; here `last` is the newest that has figures."""
    if name == "last":
        from ...engine.index import load_index
        from ...engine.rundir import RunDir
        from ...engine.runs import snapshot
        from ...vis.results import Results

        root = options.root()
        found = (RunDir(row.path) for row in snapshot(root, load_index(root)).rows)
        newest = next((each for each in found if Results(each).names()), None)
        if newest is not None:
            return newest
    return options.run_of(name)
