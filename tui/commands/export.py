"""`trainvis export`: the metrics of a run for other programs, streamed; with --pictures its figures as files."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click
from click.core import ParameterSource

from ...engine.rundir import RunDir
from . import exits, options, words
from .figure_options import Step, figure_options

_EPILOG = """\b
Examples
  trainvis export last > metrics.csv
  trainvis export last --json | jq '.[-1].loss'
  trainvis export last --metric loss --metric val_loss -o losses.csv

One row a line of metrics.jsonl: fit, step, epoch, time, batches, then the metrics. Values that are
not finite are nan, inf and -inf.

\b
Pictures
  trainvis export last --pictures out                    the latest of all
  trainvis export last --pictures out -t saliency_maps --scale 8
  trainvis export last --pictures out -t layer_activations -l conv_1 --map 12
  trainvis export last --pictures out --step all --npz   and all numbers
  trainvis export last --pictures out -t layer_activations -l conv_1 \\
      --animation webp --range training --scale 4        a frame a step

\b
A PNG has the figure's own pixels, N times as large with --scale N, and a
colour bar; several maps are a grid. Histograms, curves and points are charts.
Nothing that stands there is written over without --replace."""

PLACE = ("fit", "step", "epoch", "time", "batches")


class MetricLines:
    """The data lines of a metrics file as it stood when it was opened: a writer may go on meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = path.stat().st_size
        self.damaged = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self.damaged = 0
        left = self._size
        with self._path.open("rb") as file:
            for raw in file:
                if len(raw) > left or not raw.endswith(b"\n"):
                    return  # a half line: its writer is at it
                left -= len(raw)
                line = self._parse(raw)
                if line is not None and "event" not in line:
                    yield line

    def _parse(self, raw: bytes) -> dict[str, Any] | None:
        try:
            line = json.loads(raw)
        except (ValueError, RecursionError):
            line = None
        if isinstance(line, dict):
            return line
        self.damaged += bool(raw.strip())
        return None


@click.command("export", epilog=_EPILOG)
@options.run_argument(default="last")
@click.option(
    "--csv", "kind", flag_value="csv", default="csv", help="Comma-separated values with a header (as without)."
)
@click.option("--json", "kind", flag_value="json", help="One JSON list of objects.")
@click.option("--metric", "chosen", multiple=True, metavar="NAME", help="Only this metric; may be repeated.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Instead of standard output; replaces FILE."
)
@click.option(
    "--pictures",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write the figures as pictures into FOLDER instead.",
)
@figure_options
@click.option(
    "--step", type=Step("latest", "first", "all"), default="latest", metavar="N", help="A step, latest, first or all."
)
@click.option(
    "--scale", type=click.IntRange(1, 64), default=1, show_default=True, metavar="N", help="Each pixel is N wide."
)
@click.option("--bar/--no-bar", default=True, help="A colour bar with its numbers beside a picture (as without).")
@click.option("--dark", is_flag=True, help="A dark ground around pictures.")
@click.option("--npz", is_flag=True, help="The numbers of each figure too, as a .npz file.")
@click.option(
    "--animation",
    type=click.Choice(("webp", "gif")),
    help="One moving picture of each part, a frame a step, instead of PNG.",
)
@click.option(
    "--pause",
    type=click.IntRange(20, 10_000),
    default=400,
    show_default=True,
    metavar="MS",
    help="How long a frame is seen.",
)
@click.option("--replace", is_flag=True, help="Write over pictures that stand there.")
@options.runs_option
def export_command(
    name: str, kind: str, chosen: tuple[str, ...], output: Path | None, folder: Path | None, **asked: Any
) -> None:
    """Print the metrics of RUN, one row for each line the training wrote.

    With --pictures FOLDER its figures are written there, those of the latest step unless --step says otherwise.
    """
    if folder is not None:
        if chosen or output is not None:
            raise click.UsageError("--metric and -o are for metrics; --pictures writes into its FOLDER")
        from . import export_pictures

        export_pictures.write(name, folder, export_pictures.Wish(**asked), as_json=kind == "json")
        return
    _no_pictures()
    run = options.run_of(name)
    if not run.metrics_file.exists():
        raise exits.Failure(f"{run.id} has no metrics: its script wrote none through Callbacks or log()")
    lines = MetricLines(run.metrics_file)
    with _sink(output) as sink:
        (_write_json if kind == "json" else _write_csv)(lines, chosen, sink, run)
    if lines.damaged:
        words.hint(f"{lines.damaged} damaged line{'s' if lines.damaged > 1 else ''} of {run.metrics_file} left out")


def _no_pictures() -> None:
    """Refuse what is only for pictures, which would be left out without a word."""
    ctx = click.get_current_context()
    metrics = {"name", "kind", "chosen", "output", "folder"}
    for parameter in ctx.command.params:
        told = ctx.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
        if told and parameter.expose_value and parameter.name not in metrics:
            raise click.UsageError(f"{parameter.opts[0]} needs --pictures FOLDER")


@contextmanager
def _sink(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    aside = output.with_name(f".{output.name}.part")
    try:
        with aside.open("w", encoding="utf-8", newline="") as file:
            yield file
        aside.replace(output)
    except OSError as error:
        raise exits.Failure(f"{output} cannot be written: {error.strerror}") from None
    finally:
        aside.unlink(missing_ok=True)


def _names(lines: MetricLines, chosen: Sequence[str], run: RunDir) -> list[str]:
    """The columns: the place of a line, then every metric of the file in the order it first appears."""
    found: dict[str, None] = {}
    for line in lines:
        if line.keys() - found.keys():
            found |= dict.fromkeys(line)
    missing = [name for name in chosen if name not in found]
    if missing:
        raise exits.Failure(
            f"{run.id} has no metric {missing[0]!r}; it has {', '.join(k for k in found if k not in PLACE)}"
        )
    return [*(name for name in PLACE if name in found), *(chosen or (name for name in found if name not in PLACE))]


def _write_csv(lines: MetricLines, chosen: Sequence[str], sink: TextIO, run: RunDir) -> None:
    names = _names(lines, chosen, run)
    # A spreadsheet breaks a line at "\r\n" as well as at "\n"; other programs want the latter.
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([_text(name) for name in names])
    for line in lines:
        if _holds(line, chosen):
            writer.writerow([_cell(line.get(name, "")) for name in names])


def _write_json(lines: MetricLines, chosen: Sequence[str], sink: TextIO, run: RunDir) -> None:
    names = set(_names(lines, chosen, run)) if chosen else set()
    before = "["
    for line in lines:
        if _holds(line, chosen):
            kept = {name: value for name, value in line.items() if not names or name in names}
            sink.write(f"{before}\n{words.json_text(kept)}")
            before = ","
    sink.write("[]\n" if before == "[" else "\n]\n")


def _holds(line: Mapping[str, Any], chosen: Sequence[str]) -> bool:
    return not chosen or any(name in line for name in chosen)


def _cell(value: Any) -> Any:
    """Numbers as they are; text of a foreign file harmless and never a formula of a spreadsheet."""
    return _text(value) if isinstance(value, str) and value not in ("nan", "inf", "-inf") else value


def _text(value: str) -> str:
    text = words.printable(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
