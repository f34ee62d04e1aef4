"""`trainvis` and `trainvis-tui`: one group of lazy commands; without a subcommand it opens the application.

Naming a command here imports nothing; `--help` costs what click costs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from . import exits, options
from .lazy import LazyGroup

# Heading → command → the sentence in the list. The module is `tui/commands/<MODULES.get(name, name)>.py`.
TABLE: dict[str, dict[str, str]] = {
    "Start": {
        "run": "Start a training script, detached from this terminal.",
        "rerun": "Start a run again with the same settings, as a new run.",
        "resume": "Start a run again from the network it saved.",
        "demo": "Train a small network on handwritten digits and show it.",
    },
    "Look": {
        "ls": "List runs; a filter chooses among them.",
        "show": "Show what is known of one run.",
        "logs": "Print the output of a run; -f follows it.",
        "pictures": "Print what was seen inside a network: maps, saliency, classes.",
        "look": "Look inside a saved network, with pictures of what it does.",
    },
    "Data": {
        "blob": "Data sets in one file: build, look into, check, take out.",
    },
    "Experiments": {
        "faces": "Faces and expressions: draw, train, compare, report.",
    },
    "Stop": {
        "stop": "Ask runs to stop: wish, after its grace SIGTERM, then SIGKILL.",
        "kill": "Kill runs at once, with all their processes.",
    },
    "Tidy": {
        "name": "Give a run a name.",
        "tag": "Show or change the tags of a run: +add -remove.",
        "note": "Show or write the note of a run.",
        "rm": "Move runs to the trash, or delete them for good.",
        "undo": "Take the last delete back.",
        "restore": "Take a run out of the trash.",
        "trash": "List the trash, or empty it.",
    },
    "Take out": {
        "get": "Copy a run's network, output, results or source.",
        "export": "Write metrics as CSV or JSON, pictures as PNG, npz, WebP.",
    },
    "This machine": {
        "doctor": "Check terminal, runs folder, limits and interpreter.",
    },
}
MODULES = {
    "kill": "stop",
    "resume": "rerun",
    "tag": "notes",
    "note": "notes",
    "name": "notes",
    "rm": "trash",
    "undo": "trash",
    "restore": "trash",
}
_ATTRIBUTES = {"get": "get_command", "export": "export_command"}

WSL = (
    "trainvis runs on Linux and macOS; on Windows use it inside WSL "
    "(https://learn.microsoft.com/windows/wsl/install), where everything works as on Linux."
)


def _is_there(path: Path) -> bool:
    """Whether there is such a file, or the shards of one."""
    if path.exists() or not path.suffix:
        return path.exists()
    from ...datasets.formats.own import first_shard

    return first_shard(path) != path


class Commands(LazyGroup):
    """All commands; what goes wrong in one is a sentence and an exit code."""

    table = TABLE
    modules = MODULES
    attributes = _ATTRIBUTES

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args[0] not in self.list_commands(ctx):
            if args[0].endswith(".py"):
                raise click.UsageError(f"a script is started with: {ctx.command_path} run {args[0]}", ctx)
            if _is_there(Path(args[0])):
                from .open_file import open_file

                return "open", open_file, args
            if "/" in args[0] or "." in args[0]:  # no command has such a name
                from ...engine.text import printable

                raise click.UsageError(f"there is no file {printable(args[0], 200)}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # caught here, as click's own main would make an exit code of 1 of it
            exits.silence()
            return exits.Exit.BROKEN_PIPE

    def main(self, args: Sequence[str] | None = None, *rest: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """As click's, but a command's return value is the exit code and every error is one harmless sentence."""
        if not standalone_mode:
            return super().main(args, *rest, standalone_mode=False, **extra)
        sys.exit(_ended(lambda: super(Commands, self).main(args, *rest, standalone_mode=False, **extra)))


def _ended(body: Callable[[], object]) -> int:
    from ...engine.errors import TrainvisError

    try:
        code = body()
        sys.stdout.flush()
        return code if isinstance(code, int) else exits.Exit.OK
    except TrainvisError as error:
        exits.show(exits.Failure(str(error)))
        return exits.Exit.FAILED
    except click.ClickException as error:
        exits.show(error)
        return error.exit_code
    except click.Abort:
        return exits.Exit.INTERRUPTED
    except BrokenPipeError:
        exits.silence()
        return exits.Exit.BROKEN_PIPE
    except OSError as error:  # a full disk behind standard output, a file that may not be read
        exits.show(exits.Failure(f"{error.filename or 'standard output'}: {error.strerror or error}"))
        exits.silence()
        return exits.Exit.FAILED


_EPILOG = """\b
Examples
  trainvis                                  open the application
  trainvis faces.h5                         look into a data set, or any file of arrays
  trainvis run train.py --tag mnist -- --epochs 5
  trainvis ls 'tag:mnist best(val_accuracy)>0.97'
  trainvis logs -f last                     follow the newest run
  trainvis stop last

A RUN is an id, the beginning of one, a name, a filter that fits one run, or `last`.
Every command explains itself: trainvis COMMAND --help."""


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
)
@options.runs_option
@click.option("--open", "run", metavar="RUN", default="", help="Open this run at once.")
@click.option("--filter", "line", metavar="FILTER", default="", help="Begin with this filter line.")
@click.option(
    "--color",
    type=click.Choice(["auto", "truecolor", "256", "16", "none"]),
    default="auto",
    help="Overrule what is found out of the terminal's colours.",
)
@click.option(
    "--images",
    type=click.Choice(["auto", "kitty", "sixel", "iterm", "quadrant", "half", "ascii", "off"]),
    default=None,
    help="How pictures are shown; `doctor` says what auto chooses.",
)
@click.version_option(package_name="trainvis", message="trainvis %(version)s")
@click.pass_context
def cli(ctx: click.Context, run: str, line: str, color: str, images: str | None) -> int | None:
    """Train networks, watch them learn and look inside them, in one terminal.

    Without a command the application opens. Runs go on without it, and after the terminal is closed.
    """
    if ctx.invoked_subcommand is not None:
        return None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise exits.Failure(
            "the application needs a terminal; without one use commands: `trainvis ls`, `trainvis --help`"
        )
    from ..start import run_app

    opened = str(options.run_of(run).path) if run else ""
    return run_app(options.root(), open_run=opened, filter=line, color=color, images=images or "")


def main() -> NoReturn:
    """The entry point of both commands."""
    if os.name == "nt":
        sys.exit(WSL)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # it was closed by whoever called, as `>&-` does
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 (for as long as the process lives)
    for stream in (sys.stdout, sys.stderr):
        # A name in a script no terminal of this locale can show must not end a command.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    called = Path(sys.argv[0]).name
    cli(prog_name=called if called in ("trainvis", "trainvis-tui") else "trainvis")
    raise AssertionError("click has ended the program")


if __name__ == "__main__":
    main()
