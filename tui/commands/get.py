"""`trainvis get`: what a run has made, copied out of its directory."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from ...engine import networks
from ...engine.rundir import RunDir
from . import exits, options, words

_EPILOG = """\b
Examples
  trainvis get last network best.keras  the best, else the last
  trainvis get last network nets/ --epoch 3
  trainvis get last output - | grep -c WARNING
  trainvis get last results copy/           metrics and figures
  trainvis get last source copy/        script, modules, commit

DEST is a file, a folder, or - for standard output; without it this folder. Nothing is overwritten
without --force."""


@click.command("get", epilog=_EPILOG)
@options.run_argument()
@click.argument("what", type=click.Choice(["network", "output", "results", "source"]))
@click.argument("dest", type=click.Path(), default=".")
@click.option("--epoch", metavar="WHICH", help="Of the networks: best, last, start, or the number of an epoch.")
@click.option("--force", is_flag=True, help="Replace what stands at DEST.")
@options.runs_option
def get_command(name: str, what: str, dest: str, epoch: str | None, force: bool) -> int:
    """Copy the network, output, results or source of RUN to DEST."""
    if epoch is not None and what != "network":
        raise click.UsageError("--epoch chooses among networks; leave it away")
    run = options.run_of(name)
    source = {"output": run.output_log, "results": run.results, "source": run.source}.get(what)
    if source is None:
        source = network(run, epoch)
    if not source.exists():
        raise exits.Failure(f"{run.id} has no {what}: {source} does not exist")
    if dest == "-":
        return _to_standard_output(source)
    is_folder = Path(dest).is_dir() or (dest.endswith("/") and not source.is_dir())
    target = Path(dest, _name(run, what, source)) if is_folder else Path(dest)
    _copy(source, target, force=force)
    words.say(str(target))
    return exits.Exit.OK


def network(run: RunDir, which: str | None) -> Path:
    """The saved network that `which` means; None is the best one, or where none is best the last."""
    saved = networks.saved(run)
    if not saved:
        raise exits.Failure(f"{run.id} has saved no network; save one with Callbacks().network_saver()")
    found = _chosen(saved, which)
    if found is None:
        raise exits.Failure(f"{run.id} has no network {which!r}; it has {', '.join(path.stem for path in saved)}")
    return found


def _chosen(saved: Sequence[Path], which: str | None) -> Path | None:
    named = {path.stem: path for path in saved}
    if which is None:
        return named.get("best", saved[-1])
    if which == "last":
        return saved[-1]
    if which.isdecimal():
        # Of several fits that reached this epoch, the last one.
        matches = [path for path in saved if networks.epoch_of(path) == int(which)]
        return matches[-1] if matches else None
    return named.get(which)


def _name(run: RunDir, what: str, source: Path) -> str:
    return f"{run.id}.log" if what == "output" else f"{run.id}-{source.name}"


def _to_standard_output(source: Path) -> int:
    if source.is_dir():
        raise click.UsageError("a folder cannot go to standard output; give a DEST")
    if sys.stdout.isatty():
        raise click.UsageError(
            "this may hold anything and standard output is a terminal; use a pipe, or `trainvis logs`"
        )
    with source.open("rb") as file:
        shutil.copyfileobj(file, sys.stdout.buffer)
    return exits.Exit.OK


def _copy(source: Path, target: Path, *, force: bool) -> None:
    """Copy aside and rename, so that half a copy never stands at `target`."""
    if target.exists() and not force:
        raise exits.Failure(f"{target} exists already; choose another DEST, or replace it with --force")
    aside = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove(aside)
        if source.is_dir():
            # Links stay links: a foreign directory must not have other files of ours copied.
            shutil.copytree(source, aside, symlinks=True, ignore=shutil.ignore_patterns(".*.tmp"))
        else:
            shutil.copyfile(source, aside)
        if force:
            _remove(target)
        aside.rename(target)
    except shutil.Error as error:
        _remove(aside)
        raise exits.Failure(f"{source} cannot be copied: {error.args[0][0][2]}") from None
    except OSError as error:
        _remove(aside)
        raise exits.Failure(f"{target} cannot be written: {error.strerror}") from None


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):  # what cannot be taken away shows itself in what is tried next
            path.unlink()
