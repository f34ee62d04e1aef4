"""What commands print: lines for people, JSON for programs. Nothing from data reaches the terminal as it is."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

import click

from ...engine.text import printable

if TYPE_CHECKING:
    from ...engine.rundir import RunDir


def say(text: str) -> None:
    """A line on standard output."""
    click.echo(printable(text))


def hint(text: str) -> None:
    """A line on standard error for a person; a program that reads only the output is not disturbed."""
    click.echo(printable(text), err=True)


def title(run: RunDir) -> str:
    """The name given and the id, harmless."""
    name = run.notes()[0].name
    return printable(f"{name} ({run.id})" if name else run.id, 200)


def width() -> int | None:
    """The columns of the terminal that standard output is, None where it is a file or a pipe."""
    return _columns(sys.stdout)


def error_width() -> int | None:
    """The columns of the terminal that standard error is, None where it is none."""
    return _columns(sys.stderr)


def _columns(stream: TextIO) -> int | None:
    # The terminal itself is asked, not $COLUMNS, which a resize leaves as it was.
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def print_json(value: Any) -> None:
    """One JSON document; numbers that are not finite are spelled "nan", "inf", "-inf" as in metrics.jsonl."""
    click.echo(json_text(value, indent=2))


def json_text(value: Any, indent: int | None = None) -> str:
    """ASCII only, so that no control character of any name is left in it."""
    return json.dumps(_finite(value), indent=indent, default=str).replace("\x7f", "\\u007f")


def _finite(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
        case Mapping():
            return {str(key): _finite(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_finite(item) for item in value]
        case _:
            return value
