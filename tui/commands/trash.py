"""`trainvis rm`, `undo`, `restore` and `trash`: deleting is moving, until the trash is emptied."""

from __future__ import annotations

import time

import click

from ...engine import runs
from ...engine import trash as wastebasket
from ...engine.errors import TrainvisError
from ...engine.rundir import RunDir
from ..drawing import cells
from . import exits, options, run_table, words

_RM = """\b
Examples
  trainvis rm digits-20261122-101500-a1b2
  trainvis undo                             take it back
  trainvis rm --purge last                  for good: nothing brings it back

A running run is refused: stop it first."""

_TRASH = """\b
Examples
  trainvis trash                            what lies in it
  trainvis trash --purge                    delete all of it for good
  trainvis trash --purge --older-than 7     what lies there for 7 days

What has lain in the trash for 30 days is deleted when a run is deleted next."""

_DAY = 86_400.0


@click.command(epilog=_RM)
@options.run_argument(many=True)
@click.option("--purge", is_flag=True, help="Delete for good; nothing brings them back.")
@options.runs_option
def rm(names: tuple[str, ...], purge: bool) -> int:
    """Move runs to the trash, from where `undo` and `restore` take them back."""
    found = [options.run_of(name) for name in names]
    code = exits.Exit.OK
    for run in found:
        title = words.title(run)
        try:
            _delete(run, purge=purge)
            words.say(f"{title} is {'deleted for good' if purge else 'in the trash'}")
        except TrainvisError as error:
            exits.show(exits.Failure(str(error)))
            code = exits.Exit.FAILED
    return code


def _delete(run: RunDir, *, purge: bool) -> None:
    wastebasket.delete(run)
    if purge:
        wastebasket.purge(run.path.parent, only={run.id})


@click.command(epilog="\b\nExample\n  trainvis undo")
@options.runs_option
def undo() -> None:
    """Take back the run that was deleted last."""
    words.say(f"{words.title(RunDir(wastebasket.undo(options.root())))} is back")


@click.command(epilog="\b\nExample\n  trainvis restore digits-20261122-101500-a1b2")
@click.argument("run_id", metavar="ID")
@options.runs_option
def restore(run_id: str) -> None:
    """Take the run of that id, or of one that begins so, out of the trash."""
    words.say(f"{words.title(RunDir(wastebasket.restore(options.root(), run_id)))} is back")


@click.command(epilog=_TRASH)
@click.option("--purge", is_flag=True, help="Delete what lies in it for good.")
@click.option("--older-than", type=click.FloatRange(min=0), metavar="DAYS", help="With --purge: only what is older.")
@options.json_option
@options.runs_option
def trash(purge: bool, older_than: float | None, as_json: bool) -> None:
    """List the trash, or empty it."""
    if older_than is not None and not purge:
        raise click.UsageError("--older-than says what --purge deletes; give both")
    root = options.root()
    if purge:
        lying = wastebasket.purge(root, older_than=None if older_than is None else older_than * _DAY)
    else:
        lying = wastebasket.trashed(root)
    if as_json:
        words.print_json([{"id": one.id, "path": str(one.path), "when": one.when, "by": one.by} for one in lying])
    elif purge:
        words.say(f"{len(lying)} run{'' if len(lying) == 1 else 's'} deleted for good")
    elif lying:
        _print(lying)
    else:
        words.hint("the trash is empty")


def _print(lying: tuple[wastebasket.Trashed, ...]) -> None:
    now = time.time()
    table = [
        run_table.Column("run", tuple(cells.steady(one.id) for one in lying), 9, least=12),
        run_table.Column("deleted", tuple(cells.age(now - one.when) for one in lying), 8, "right", 7),
        run_table.Column("by", tuple(cells.steady(one.by) for one in lying), 1, least=2),
        run_table.Column("size", tuple(cells.size(runs.size(RunDir(one.path))) for one in lying), 2, "right", 5),
    ]
    for line in run_table.lines(table, words.width()):
        click.echo(line)
