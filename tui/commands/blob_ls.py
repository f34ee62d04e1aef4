"""`trainvis blob ls`: records as a table of keys and labels, or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options, words
from .blob_options import FILTERS, Filtering, choosing_options, chosen, file_argument, labels_options, opened, table

if TYPE_CHECKING:
    from ...datasets.blob import Blob
    from ...datasets.schema import Field

_EPILOG = f"""\b
Examples
  trainvis blob ls faces.h5                          the first 100 records
  trainvis blob ls faces.h5 label:happy --part test
  trainvis blob ls faces.h5 --where expression=sad -n 10
  trainvis blob ls faces.h5 'age>60 -split:train' --all
  trainvis blob ls faces.h5 --all --json | jq -r '.[].key'

{FILTERS}"""

_AT_ONCE = 1000


@click.command("ls", cls=Filtering, epilog=_EPILOG)
@file_argument
@choosing_options
@click.option("-n", "--limit", type=click.IntRange(min=1), default=100, show_default=True, metavar="N", help="At most.")
@click.option("--start", type=click.IntRange(min=0), default=0, metavar="N", help="Leave the first N out.")
@click.option("--all", "every", is_flag=True, help="All that fit, however many.")
@click.option("--field", "fields", multiple=True, metavar="NAME", help="Only this field; may be repeated.")
@labels_options
@options.json_option
def ls_command(
    path: Path,
    query: tuple[str, ...],
    where: tuple[str, ...],
    part: str | None,
    limit: int,
    start: int,
    every: bool,
    fields: tuple[str, ...],
    labels: Path | None,
    stored: bool,
    as_json: bool,
) -> None:
    """List the records of FILE that fit: number, key, labels and other fields."""
    with opened(path, labels, stored=stored) as blob:
        known = _fields(blob, fields)
        places = chosen(blob, query, where, part)
        seen = places[start:] if every else places[start : start + limit]
        if as_json:
            _print_json(blob, seen, known)
            return
        for first in range(0, len(seen), _AT_ONCE):
            print_table(blob, seen[first : first + _AT_ONCE], known, titles=not first)
        left = len(places) - start - len(seen)
        if not len(seen):
            words.hint(f"none of {len(blob):,} records fits" if len(blob) else f"{blob.name} has no records")
        elif left > 0:
            words.hint(f"{left:,} more of {len(places):,}: --all lists all, --start {start + len(seen)} goes on")


def _fields(blob: Blob, names: Sequence[str]) -> list[Field]:
    """Those that are named, else all whose values are short."""
    for name in names:
        if name not in blob.schema:
            raise click.UsageError(f"{blob.name} has no field {name!r}: it has {', '.join(blob.schema.names)}")
    return [
        field
        for field in blob.schema
        if (field.name in names if names else field.kind in ("class", "number", "text") or field.name in names)
    ]


def print_table(blob: Blob, places: Sequence[int], fields: Sequence[Field], *, titles: bool = True) -> None:
    """A line for each record: number, key, and these fields."""
    from ..blobs.words import said_of
    from ..drawing.cells import steady

    values = blob.read(places, [field.name for field in fields]) if fields else {}
    rows = [
        (f"{place:,}", steady(key, 100), *(said_of(blob, field.name, values[field.name][at]) for field in fields))
        for at, (place, key) in enumerate(zip(places, blob.keys(places), strict=True))
    ]
    names = [steady(field.name, 30) for field in fields]
    numbers = [name for name, field in zip(names, fields, strict=True) if field.kind == "number"]
    lines = table(("record", "key", *names), rows, right=("record", *numbers))
    if not titles:
        next(lines)
    for line in lines:
        click.echo(line)


def _print_json(blob: Blob, places: Sequence[int], fields: Sequence[Field]) -> None:
    """One JSON list, a record a line, written as it is read."""
    before = "["
    for first in range(0, len(places), _AT_ONCE):
        piece = places[first : first + _AT_ONCE]
        values = blob.read(piece, [field.name for field in fields]) if fields else {}
        for at, (place, key) in enumerate(zip(piece, blob.keys(piece), strict=True)):
            said: dict[str, Any] = {"record": int(place), "key": key}
            said |= {field.name: plain(blob, field, values[field.name][at]) for field in fields}
            click.echo(f"{before}\n{words.json_text(said)}", nl=False)
            before = ","
    click.echo("[]" if before == "[" else "\n]")


def plain(blob: Blob, field: Field, value: Any) -> Any:
    """A value as JSON and CSV have it: the name of a class, None where nobody knows."""
    if field.kind == "class":
        return blob.said(field.name, value) or None
    return value if isinstance(value, str) else value.tolist() if hasattr(value, "tolist") else value
