"""`trainvis faces report`: what a study found, in the terminal, as Markdown, as a page, or as CSV."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from ...engine.places import expanded
from ...engine.rundir import RunDir
from . import exits, options, words

MODULE = "trainvis.face_exp.report"

_EPILOG = """\b
Examples
  trainvis faces report                     of the newest study
  trainvis faces report study-20261122 --html
  trainvis faces report --markdown > found.md
  trainvis faces report --csv | head
  trainvis faces report --again --expressions 3   compare with 3 expressions

\b
RUN is the run of a study, also one that is not finished, or a folder with its
results. Beside report.md and report.html stand report.csv (every figure),
report-comparisons.csv and report-heads.csv. docs/faces-report.md tells what
the figures mean."""

_WIDEST = 110  # columns: lines of text that are longer are hard to read


@click.command("report", epilog=_EPILOG)
@options.run_argument(default="last")
@click.option("--html", is_flag=True, help="Print the path of the page; open it where there is a desktop.")
@click.option("--csv", is_flag=True, help="Print every figure as CSV.")
@click.option("--markdown", is_flag=True, help="Print the report as Markdown.")
@click.option("--again", is_flag=True, help="Make the report anew, of the heads that are finished now.")
@click.option("--expressions", metavar="SET", default="", help="Compare with this set of expressions.  [with --again]")
@click.option(
    "--source",
    type=click.Choice(["label", "predicted", "shuffled"]),
    help="Compare with expressions from there.  [with --again]",
)
@options.runs_option
def report_command(
    name: str, html: bool, csv: bool, markdown: bool, again: bool, expressions: str, source: str | None
) -> None:
    """Print what a study found: three answers, each with how sure it is, then all figures."""
    if html + csv + markdown > 1:
        raise click.UsageError("one of --html, --csv and --markdown")
    if (expressions or source) and not again:
        raise click.UsageError("--expressions and --source change the report: say --again, too")
    results = _results(name)
    if again or not (results / "report.md").is_file():
        _make(results, expressions, source)
    if html:
        _show_page(results / "report.html")
        return
    text = _text(results / ("report.csv" if csv else "report.md"))
    if csv or markdown:
        for line in text.splitlines():
            words.say(line)
    else:
        from ..report_text import drawn

        click.echo(drawn(text, min(words.width() or 80, _WIDEST), colored=sys.stdout.isatty()), nl=False)


def _results(name: str) -> Path:
    """The results folder of the study that is meant."""
    folder = expanded(name)
    if os.sep in name and folder.is_dir():
        inside = folder / "results"
        return inside if inside.is_dir() else folder
    if name == "last":
        found = max(_studies(options.root()), default=None, key=lambda study: study[0])
        if found is None:
            raise exits.NoSuchRun(
                "there is no study yet: `trainvis faces study --demo` makes one in a quarter of an hour"
            )
        return found[1]
    run = options.run_of(name)
    parent = run.spec()[0].parent
    if not _is_study(run.results) and parent:  # a head of a study
        run = options.run_of(parent)
    if not _is_study(run.results):
        raise exits.Failure(f"{words.title(run)} is no study: it has no {run.results / 'faces.npz'}")
    return run.results


def _is_study(results: Path) -> bool:
    return (results / "faces.npz").is_file()


def _studies(root: Path) -> Iterator[tuple[float, Path]]:
    try:
        entries = list(root.iterdir())
    except OSError:
        return
    for entry in entries:
        results = RunDir(entry).results
        if RunDir.looks_like_id(entry.name) and _is_study(results):
            yield (results / "faces.npz").stat().st_mtime, results


def _make(results: Path, expressions: str, source: str | None) -> None:
    """Have the report made, by name: this program loads none of what that takes."""
    given = (f"--expressions={expressions}" if expressions else "", f"--source={source}" if source else "")
    words.hint("making the report…")
    made = subprocess.run(
        [sys.executable, "-m", MODULE, *filter(None, given), "--", str(results)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    said = made.stderr.decode(errors="replace").strip().splitlines()
    if made.returncode:
        last = said[-1] if said else "it ended without a word"
        raise exits.Failure(f"the report could not be made: {last.removeprefix('trainvis: ')}")
    for line in said:
        words.hint(line)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise exits.Failure(f"{path}: {error.strerror}") from None


def _show_page(path: Path) -> None:
    if not path.is_file():
        raise exits.Failure(f"there is no {path}: --again makes it")
    words.say(str(path))
    desktop = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if desktop and sys.stdout.isatty() and not os.environ.get("SSH_CONNECTION"):
        click.launch(str(path))
