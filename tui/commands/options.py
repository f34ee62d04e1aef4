"""Arguments and options that several commands share, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from . import exits

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ...engine.rundir import RunDir

F = TypeVar("F", bound=Callable[..., Any])
_RUNS = "trainvis.runs"


def _remember(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:  # noqa: ARG001
    if value:
        ctx.meta[_RUNS] = value  # shared by the group's context and the command's


def runs_option(command: F) -> F:
    """`--runs FOLDER`, before the command or after it."""
    return click.option(
        "--runs",
        metavar="FOLDER",
        expose_value=False,
        is_eager=True,
        callback=_remember,
        help="The runs folder, instead of $TRAINVIS_RUNS or the settings file.",
    )(command)


def json_option(command: F) -> F:
    """`--json` in place of words."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)


def run_argument(*, default: str | None = None, many: bool = False) -> Callable[[F], F]:
    """RUN, or RUN... with `many`; `default` is what it means where it is left away."""
    if many:
        return click.argument("names", metavar="RUN...", nargs=-1, required=True, shell_complete=_complete)
    shown = "RUN" if default is None else "[RUN]"
    return click.argument("name", metavar=shown, default=default, required=default is None, shell_complete=_complete)


def _complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    from click.shell_completion import CompletionItem

    from ...engine.rundir import RunDir

    try:
        names = [path.name for path in root(ctx).iterdir()]
    except (OSError, click.ClickException):
        return []
    return [
        CompletionItem(name) for name in sorted(names) if name.startswith(incomplete) and RunDir.looks_like_id(name)
    ]


def root(ctx: click.Context | None = None) -> Path:
    """The runs folder of this command line."""
    from ...engine.errors import TrainvisError
    from ...engine.places import runs_folder

    try:
        return runs_folder((ctx or click.get_current_context()).meta.get(_RUNS))
    except TrainvisError as error:
        raise exits.Failure(str(error)) from None


def run_of(text: str, *, living: bool = False) -> RunDir:
    """The run that `text` means; with `living`, of several the one that lives.

    Raises NoSuchRun (exit code 3), naming the candidates where there are several.
    """
    from ...engine.errors import TrainvisError
    from ...engine.runs import find

    try:
        return find(root(), text, living=living)
    except TrainvisError as error:
        raise exits.NoSuchRun(str(error)) from None
