"""Writes commands.md from the commands themselves: `python docs/make_commands.py`. A test holds the two together."""

from __future__ import annotations

import inspect
from pathlib import Path

import click

from trainvis.tui.commands.exits import MEANING
from trainvis.tui.commands.main import TABLE, cli

HEAD = """# Commands

`trainvis` and `trainvis-tui` are one program. Without a command it opens the application; with one it does one thing
and ends, also without a terminal. `trainvis COMMAND --help` prints what stands here.

A **RUN** is an id, the beginning of one, a name, a filter that fits one run, or `last`. The runs folder is `--runs
FOLDER` (before or after the command), else `$TRAINVIS_RUNS`, else `runs` in the settings file, else
`~/.local/share/trainvis/runs`. Where a command prints a table, `--json` prints the same for programs.
"""

WAITING = """
`run --wait`, `rerun --wait`, `resume --wait` and `demo` end with the exit code of the script instead: its own, 128 +
the number of the signal that ended it, 137 where memory ran out, 124 at a time limit, 126 where it could not be
started.
"""

COMPLETION = """
## Completion

`eval "$(_TRAINVIS_COMPLETE=bash_source trainvis)"` in `~/.bashrc` completes commands, options and the ids of runs
(`zsh_source` and `fish_source` for the other shells).
"""

MADE = "\n*This page is made from the commands: `python docs/make_commands.py`.*\n"


def page() -> str:
    """The whole page as Markdown."""
    parts = [HEAD, _exit_codes()]
    ctx = click.Context(cli, info_name="trainvis")
    for heading, names in TABLE.items():
        parts.append(f"\n## {heading}\n")
        parts.extend(_commands(ctx, cli, name) for name in names)
    parts.append("\n## Without a command\n")
    parts.append(f"\n{_options(cli)}\n")
    return "".join(parts) + COMPLETION + MADE


def _exit_codes() -> str:
    rows = "".join(f"| {code.value} | {_cell(meaning)} |\n" for code, meaning in MEANING.items())
    return f"\n## Exit codes\n\n| code | meaning |\n|---:|---|\n{rows}{WAITING}"


def _commands(above: click.Context, group: click.Group, name: str) -> str:
    """A command; of a group, those in it too."""
    command = group.get_command(above, name)
    assert command is not None
    ctx = click.Context(command, info_name=name, parent=above)
    inner = command.list_commands(ctx) if isinstance(command, click.Group) else []
    return _command(ctx) + "".join(_commands(ctx, command, each) for each in inner)  # type: ignore[arg-type]


def _command(ctx: click.Context) -> str:
    command = ctx.command
    path = ctx.command_path.removeprefix("trainvis ")
    usage = " ".join(command.collect_usage_pieces(ctx))
    text = inspect.cleandoc(command.help or "")
    return f"\n### {path}\n\n```\ntrainvis {path} {usage}\n```\n\n{text}\n\n{_options(command)}\n{_epilog(command)}"


def _options(command: click.Command) -> str:
    rows = ["| option | |", "|---|---|"]
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            record = parameter.get_help_record(click.Context(command))
            if record:
                rows.append(f"| `{_cell(record[0])}` | {_cell(record[1])} |")
    return "\n".join(rows) + "\n" if rows[2:] else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _epilog(command: click.Command) -> str:
    """Blocks marked by backspace keep their lines; the others are paragraphs."""
    blocks = inspect.cleandoc(command.epilog or "").split("\n\n")
    parts = []
    for block in blocks:
        lines = block.replace("\b\n", "").replace("\b", "").strip().splitlines()
        if lines and lines[0] in ("Examples", "Example", "Filters", "Slices"):
            parts.append("\n```\n" + "\n".join(line.removeprefix("  ") for line in lines[1:]) + "\n```\n")
        elif lines:
            parts.append("\n" + "\n".join(lines) + "\n")
    return "".join(parts)


if __name__ == "__main__":
    (Path(__file__).parent / "commands.md").write_text(page(), encoding="utf-8")
