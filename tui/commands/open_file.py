"""`trainvis FILE`: the application, with a file to look into: a data set, a network, arrays."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from . import exits, options


@click.command(hidden=True, add_help_option=False)
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def open_file(ctx: click.Context, file: Path) -> int:
    """Open the application on FILE."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise exits.Failure(f"the application needs a terminal; without one: `trainvis blob info {file}`")
    from ..start import run_app

    given = ctx.parent.params if ctx.parent is not None else {}
    return run_app(
        options.root(),
        color=given.get("color", "auto"),
        images=given.get("images") or "",
        open_file=str(file.absolute()),
    )
