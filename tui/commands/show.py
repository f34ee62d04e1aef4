"""`trainvis show`: what is known of one run."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from dataclasses import asdict, replace

import click

from ...engine import archive, facts
from ...engine.facts import Facts, Repository
from ...engine.rows import Row
from ...engine.rundir import RunDir, Spec
from ..drawing import cells
from ..drawing.cells import Align
from ..drawing.sparkline import sparkline
from . import options, run_table, waiting, words

_EPILOG = """\b
Examples
  trainvis show                             the newest run
  trainvis show 'digits baseline' --json
  trainvis show last --source               the script as it was archived
  trainvis show last --diff                 what differed from the commit"""

_NAMED = ("keras", "tensorflow", "jax", "torch", "scikit-learn", "numpy")


@click.command(epilog=_EPILOG)
@options.run_argument(default="last")
@click.option("--source", is_flag=True, help="Print the archived script instead.")
@click.option("--diff", is_flag=True, help="Print the difference to the commit instead.")
@options.json_option
@options.runs_option
def show(name: str, source: bool, diff: bool, as_json: bool) -> None:
    """Show status, settings, metrics, commit and versions of RUN."""
    run = options.run_of(name)
    now = time.time()
    if source or diff:
        _print_text(run, diff=diff)
    elif as_json:
        _print_json(run, now)
    else:
        _print_words(run, now)


def _print_text(run: RunDir, *, diff: bool) -> None:
    path = run.diff_file if diff else run.source_files / archive.read(run).script
    if not path.is_file():
        words.hint(f"{run.id} has {'no difference to a commit' if diff else 'no archived script'}")
        return
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        for line in file:
            words.say(line.rstrip("\r\n").expandtabs())


def _print_json(run: RunDir, now: float) -> None:
    spec, _ = run.spec()
    value = run_table.as_json(run_table.row_of(run, now), now)
    value["spec"] = asdict(spec)
    value["facts"] = asdict(facts.read(run))
    value["source"] = [asdict(file) for file in archive.read(run).files]
    words.print_json(value)


def _print_words(run: RunDir, now: float) -> None:
    row = run_table.row_of(run, now)
    spec, _ = run.spec()
    found = facts.read(run)
    pairs = [*_head(row, now), *_settings(spec, found), *_sources(run, found), ("folder", str(run.path))]
    pairs += [("problem", problem) for problem in (*row.problems, *found.problems) if problem != facts.NOT_YET]
    for title, text in pairs:
        if text:
            first, *others = text.splitlines()
            words.say(f"{title:<9} {first}")
            for line in others:
                words.say(f"{'':<9} {line}")
    if row.metrics:
        click.echo()
        for line in run_table.lines(_metrics(row), words.width()):
            click.echo(line)


def _head(row: Row, now: float) -> Iterator[tuple[str, str]]:
    yield "run", row.id
    yield "name", row.name
    said = cells.status_words(row.status, now)
    yield "status", f"{cells.glyph(row.status)} {said if said == 'done' else waiting.ending(row.status) or said}"
    yield "tags", " ".join(row.tags)
    yield "note", row.note
    if row.started is not None:
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row.started))
        yield "started", f"{moment}, {cells.age(now - row.started)} ago; length {cells.duration(row.length(now))}"
    if row.epoch is not None:
        step = "" if row.step is None else f", step {row.step}"
        left = "" if row.eta is None else f", {cells.duration(row.eta)} to go"
        yield "epoch", cells.epochs(row.epoch, row.epochs) + step + left
    yield "owner", "" if row.mine else row.owner
    yield "parent", row.parent
    values = ", ".join(f"{key}={value}" for key, value in list(row.parameters.items())[:20])
    yield "params", values


def _settings(spec: Spec, found: Facts) -> Iterator[tuple[str, str]]:
    started = [spec.script] if spec.script else ["-m", spec.module] if spec.module else []
    yield "script", shlex.join([*started, *spec.argv])
    yield "cwd", spec.cwd
    versions = ", ".join(f"{name} {found.versions[name]}" for name in _NAMED if name in found.versions)
    known = "; ".join(part for part in (found.python_version, versions) if part)
    yield "python", spec.python + (f" ({known})" if known else "")
    yield "env", "\n".join(f"{name}={value}" for name, value in spec.env.items())
    yield "resumes", spec.resumes


def _sources(run: RunDir, found: Facts) -> Iterator[tuple[str, str]]:
    yield "commit", "not gathered yet" if facts.NOT_YET in found.problems else _commit(found.repository)
    manifest = archive.read(run)
    if manifest.files:
        count = len(manifest.files)
        yield "source", f"{count} file{'s' if count > 1 else ''} archived, digest {manifest.digest[:12]}"
    yield "left out", "\n".join(f"{item.path}: {item.why}" for item in manifest.left_out)


def _commit(repository: Repository) -> str:
    if repository.problem or not repository.commit:
        return repository.problem
    branch = f" on {repository.branch}" if repository.branch else ""
    dirty = ", with uncommitted changes (--diff)" if repository.dirty else ""
    return f"{repository.commit[:12]}{branch}{dirty}"


def _metrics(row: Row) -> list[run_table.Column]:
    metrics = list(row.metrics.items())

    def column(title: str, texts: list[str], priority: int, align: Align = "right") -> run_table.Column:
        made = run_table.Column(title, tuple(texts), priority, align)
        return replace(made, least=made.most)

    return [
        column("metric", [cells.steady(name, 40) for name, _ in metrics], 9, "left"),
        column("last", [cells.number(metric.last) for _, metric in metrics], 8),
        column("best", [cells.number(run_table.best(name, metric)) for name, metric in metrics], 7),
        column("min", [cells.number(metric.min) for _, metric in metrics], 4),
        column("max", [cells.number(metric.max) for _, metric in metrics], 3),
        column("curve", [sparkline(metric.sparkline, 24) for _, metric in metrics], 6, "left"),
    ]
