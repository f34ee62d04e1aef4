"""What the commands of `trainvis faces` share: each starts its program by name, as a run, and shows what it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from . import options, run, starting

F = TypeVar("F", bound=Callable[..., Any])


def start_options(command: F) -> F:
    """`--python`, `--tag`, `--detach`, `--json`, `--runs`."""
    for option in reversed(
        (
            click.option("--python", metavar="PATH", default="", help="The interpreter that has the framework."),
            click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag of the new run."),
            click.option("--detach", is_flag=True, help="Print the id of the run and leave it working."),
            options.json_option,
            options.runs_option,
        )
    ):
        command = option(command)
    return command


def start(
    module: str,
    argv: Sequence[str],
    name: str,
    *,
    python: str = "",
    tags: tuple[str, ...] = (),
    detach: bool = False,
    as_json: bool = False,
    parent: str = "",
) -> int | None:
    """Start `python -m MODULE ARGV` as a run called `name`, show its output until it ends; the exit code.

    `parent` is the id of the run that it goes on with.
    """
    from ...engine.request import Request

    request = Request(
        module=module, argv=tuple(argv), python=run.interpreter_of(python), tags=tags, name=name, parent=parent
    )
    return starting.shown(request, detach=detach, as_json=as_json)
