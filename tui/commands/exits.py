"""How a command ends: the exit codes that scripts can rely on, and the words on standard error."""

from __future__ import annotations

import contextlib
import os
import sys
from enum import IntEnum

import click


class Exit(IntEnum):
    """Exit codes. `run --wait` and `demo` pass on the script's own instead (128 + signal where one ended it)."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NO_SUCH_RUN = 3
    INTERRUPTED = 130
    BROKEN_PIPE = 141


MEANING = {
    Exit.OK: "it was done",
    Exit.FAILED: "it was tried and failed, or was refused; the sentence on standard error says why",
    Exit.USAGE: "the command line or a filter cannot be understood",
    Exit.NO_SUCH_RUN: "no run of this name, or more than one",
    Exit.INTERRUPTED: "Ctrl-C",
    Exit.BROKEN_PIPE: "the reader of the output went away (`trainvis ls | head`)",
}


class NoSuchRun(click.ClickException):
    exit_code = Exit.NO_SUCH_RUN


class Failure(click.ClickException):
    exit_code = Exit.FAILED


def show(error: click.ClickException) -> None:
    """The sentence of an error on standard error; what it quotes from data or the command line is harmless."""
    from ...engine.text import printable

    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(f"{error.ctx.get_usage()}\nMore: {error.ctx.command_path} --help", err=True)
    message = "\n".join(printable(line, 2000) for line in error.format_message().split("\n"))
    click.echo(f"trainvis: {message}", err=True)


def silence() -> None:
    """Drop what is still to be written: nobody reads standard output any more, or its disk is full."""
    with contextlib.suppress(OSError, ValueError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, sys.stdout.fileno())
        os.close(descriptor)
