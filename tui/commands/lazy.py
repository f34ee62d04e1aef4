"""A group of commands that knows them by name, and loads one when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, ClassVar

import click


class LazyGroup(click.Group):
    """`table`: heading → command → the sentence in the list. The module of a command is `tui/commands/<modules[name]>`,
    its name there `attributes[name]`; both are the name itself where nothing else is said.
    """

    table: ClassVar[Mapping[str, Mapping[str, str]]]
    modules: ClassVar[Mapping[str, str]] = {}
    attributes: ClassVar[Mapping[str, str]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [name for commands in self.table.values() for name in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f".{self.modules.get(cmd_name, cmd_name)}", __package__)
        return getattr(module, self.attributes.get(cmd_name, cmd_name))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        known = self.list_commands(ctx)
        if args[0] in known:
            return super().resolve_command(ctx, args)
        from difflib import get_close_matches

        near = " or ".join(get_close_matches(args[0][:40], known)[:2])
        raise click.UsageError(f"there is no command {args[0]!r}" + (f"; did you mean {near}?" if near else ""), ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for heading, commands in self.table.items():
            with formatter.section(heading):
                formatter.write_dl(list(commands.items()), col_max=10)
