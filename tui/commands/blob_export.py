"""`trainvis blob export`: records as files for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from . import options, words
from .blob_options import FILTERS, Bar, Filtering, choosing_options, chosen, file_argument, labels_options, opened

_EPILOG = f"""\b
Examples
  trainvis blob export faces.h5 faces/               a folder for each class
  trainvis blob export faces.h5 sad/ label:sad --part test
  trainvis blob export faces.h5 by-person/ --by person
  trainvis blob export faces.h5 labels.csv           without pictures
  trainvis blob export faces.h5 faces.npz -n 1000

\b
A folder has an image file for each record, as it is stored where it is a
file, else as PNG, and records.csv with all fields. What ends in .csv gets the
fields alone, what ends in .npz an array of each field. Nothing is written
over without --replace, and nothing is there before it is whole.
`trainvis blob build faces.h5 faces.lmdb` makes another blob of one.

{FILTERS}"""

_NAMED = 10


@click.command("export", cls=Filtering, epilog=_EPILOG)
@file_argument
@click.argument("out", type=click.Path(path_type=Path), metavar="FOLDER|OUT.csv|OUT.npz")
@choosing_options
@click.option("-n", "--limit", type=click.IntRange(min=1), metavar="N", help="At most N records.")
@click.option("--by", metavar="FIELD", help="Folders of the classes of this field, not of the label.")
@click.option("--replace", is_flag=True, help="Write over what stands there.")
@labels_options
@options.json_option
def export_command(
    path: Path,
    out: Path,
    query: tuple[str, ...],
    where: tuple[str, ...],
    part: str | None,
    limit: int | None,
    by: str | None,
    replace: bool,
    labels: Path | None,
    stored: bool,
    as_json: bool,
) -> None:
    """Write the records of FILE that fit as image files with a CSV, or as CSV or npz."""
    from ...datasets.looking import exporting

    with opened(path, labels, stored=stored) as blob:
        places = chosen(blob, query, where, part)[:limit]
        if by is not None and out.suffix in (".csv", ".npz"):
            raise click.UsageError("--by is for folders")
        with Bar("exporting") as bar:
            match out.suffix.lower():
                case ".csv":
                    made = exporting.to_csv(blob, places, out, replace=replace, progress=bar)
                case ".npz":
                    made = exporting.to_npz(blob, places, out, replace=replace, progress=bar)
                case _:
                    made = exporting.to_folder(blob, places, out, by=by, replace=replace, progress=bar)
    if as_json:
        words.print_json(
            {
                "path": str(made.path),
                "records": made.records,
                "left_out": [{"record": at, "problem": why} for at, why in made.left_out],
                "notes": made.notes,
            }
        )
        return
    words.say(f"{made.records:,} record{'' if made.records == 1 else 's'} in {out}")
    for note in made.notes:
        words.hint(note)
    for at, why in made.left_out[:_NAMED]:
        words.hint(f"record {at:,} is left out: {why}")
    if len(made.left_out) > _NAMED:
        words.hint(f"… {len(made.left_out) - _NAMED:,} more are left out")
