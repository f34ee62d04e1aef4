"""`trainvis blob build`: a data set, laid out in any known way, becomes one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import exits, options, words
from .blob_build_options import build_options, layout_options
from .blob_build_words import Told, plan_lines, told

_EPILOG = """\b
Examples
  trainvis blob build faces/ faces.h5                a folder for each class
  trainvis blob build faces/ faces.h5 --dry-run      what it would make of it
  trainvis blob build faces/ faces.lmdb --size 128 --fit crop --encoding jpeg
  trainvis blob build list.csv faces.h5 --image path --label emotion,person
  trainvis blob build fer2013.csv fer.h5 --split source
  trainvis blob build imfdb/ imfdb.h5 --split train=0.8,test=0.2 \\
      --split-by group                               no film in two parts
  trainvis blob build celeba/ men.h5 --only Male=yes --limit 20000 --shuffle
  trainvis blob build faces.h5 faces.lmdb            one format to the other
  trainvis blob build --layouts                      the layouts it knows

\b
What SOURCE is, is recognised; --layout NAME says it. Images are stored as
they are unless an option changes them; then as JPEG, --encoding says
otherwise. What cannot be used is left out, counted by reason and listed.

\b
The same source and options give the same content, with any number of
workers: `trainvis blob verify` compares its digest. OUT is there once it is
whole. Ctrl-C, a kill or a full disk leave OUT.part: the same command goes on
with it, --fresh begins anew."""


def _print_layouts(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:  # noqa: ARG001
    if not value or ctx.resilient_parsing:
        return
    from ...datasets.layouts.table import LAYOUTS

    for layout in LAYOUTS.values():
        words.say(f"{layout.name}: {layout.title}")
        for line in layout.tree.strip("\n").splitlines():
            words.say(f"    {line}")
        for option in layout.options:
            words.say(f"  --{option.name.replace('split', 'split-column')}: {option.sentence}")
    ctx.exit()


@click.command("build", epilog=_EPILOG)
@click.argument("source", type=click.Path(path_type=Path), metavar="SOURCE")
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT.h5|OUT.lmdb", required=False)
@click.option("--layout", metavar="NAME", help="How SOURCE is laid out, where that is not recognised.")
@click.option(
    "--layouts",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_layouts,
    help="Print the layouts that are known, and end.",
)
@layout_options
@build_options
@click.option("--dry-run", is_flag=True, help="Say what would be built: classes, parts, sizes, bad files.")
@click.option("--fresh", is_flag=True, help="Begin anew, whatever an interrupted build left.")
@click.option("--replace", is_flag=True, help="Put the new file in the place of OUT.")
@options.json_option
def build_command(
    source: Path,
    out: Path | None,
    layout: str | None,
    layout_said: dict[str, Any],
    chosen: Any,
    dry_run: bool,
    fresh: bool,
    replace: bool,
    as_json: bool,
) -> int:
    """Pack the data set SOURCE into one file, HDF5 or LMDB by its ending."""
    if out is None and not dry_run:
        raise click.UsageError("OUT.h5 or OUT.lmdb is missing; with --dry-run it may be")
    from ...datasets.building import build as building
    from ...datasets.layouts.table import recognise

    found = recognise(source, layout, **layout_said)
    for note in found.notes:
        words.hint(note)
    with Told() as line:
        try:
            if dry_run or out is None:
                plan = building.dry_run(found, chosen, progress=line)
                line.clear()
                _print_plan(plan, as_json=as_json)
                return exits.Exit.OK
            built = building.build(found, out, chosen, progress=line, fresh=fresh, replace=replace)
        except KeyboardInterrupt:
            line.clear()
            words.hint(_interrupted(out, line))
            return exits.Exit.INTERRUPTED
    if as_json:
        words.print_json(
            {
                "paths": [str(path) for path in built.paths],
                "records": built.records,
                "digest": built.digest,
                "size": built.size,
                "seconds": round(built.seconds, 3),
                "resumed": built.resumed,
                "left_out": dict(built.left_out.counts),
                "examples": built.left_out.examples,
                "notes": built.notes,
            }
        )
        return exits.Exit.OK
    for sentence in told(built, found.notes):
        words.say(sentence)
    return exits.Exit.OK


def _print_plan(plan: Any, *, as_json: bool) -> None:
    if as_json:
        words.print_json(
            {
                "layout": plan.layout,
                "schema": plan.schema.to_json(),
                "samples": plan.samples,
                "records": plan.records,
                "counts": plan.counts,
                "lost": plan.lost,
                "parts": dict(plan.parts),
                "left_out": dict(plan.left_out.counts),
                "examples": plan.left_out.examples,
                "size": plan.size,
                "exact": plan.exact,
                "sizes": plan.sizes,
                "notes": plan.notes,
            }
        )
        return
    for line in plan_lines(plan):
        click.echo(line)


def _interrupted(out: Path | None, line: Told) -> str:
    if out is None:
        return "interrupted"
    part = out.with_name(out.name + ".part")
    if not part.exists():
        return f"interrupted: nothing of {out.name} is left"
    done = f"{line.done:,} records are" if line.stage == "building" and line.done else "what was listed is"
    return f"interrupted: {done} in {part.name}; the same command goes on with it, --fresh begins anew"
