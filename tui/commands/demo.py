"""`trainvis demo`: a network learns handwritten digits, in the application or, without a terminal, as text."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click

from ...engine import interpreters, launch
from ...engine.errors import LaunchError
from ...engine.rundir import RunDir
from ...engine.text import printable
from ..drawing import cells
from . import options, run, run_table, starting, waiting, words

_EPILOG = """\b
Examples
  trainvis demo
  trainvis demo --no-open                   wait here, then print the curves
  trainvis demo --thesis                    look inside five times an epoch
  trainvis demo --thesis --data mnist.npz   the same, of MNIST

The digits are scikit-learn's: nothing is downloaded. With a terminal the application opens on the
run, which goes on when you leave it; without one the exit code is the training's own. The worked
example of the thesis takes a few minutes, and reads Keras' own mnist.npz where there is one."""

_NEEDED = ("keras", "scikit-learn")
_BACKENDS = ("tensorflow", "jax", "torch")
_WIDTH, _HEIGHT = 78, 14


@dataclass(frozen=True, slots=True)
class Example:
    """A script in examples/: its run's name and tags, and what it is in a sentence."""

    script: str
    name: str
    tags: tuple[str, ...]
    sentence: str


DIGITS = Example("digits.py", "digits demo", ("demo",), "a small network learns handwritten digits")
THESIS = Example(
    "thesis_digits.py",
    "thesis digits",
    ("digits", "thesis"),
    "a network learns handwritten digits and is looked into five times an epoch",
)


@click.command(epilog=_EPILOG)
@click.option("--python", metavar="PATH", default="", help="The interpreter to train in, instead of this one.")
@click.option("--thesis", is_flag=True, help="The worked example of the thesis: with pictures of the network's inside.")
@click.option("--data", type=click.Path(path_type=Path), help="With --thesis: digits in a file as mnist.npz.")
@click.option("--open/--no-open", "opens", default=None, help="Open the application, or wait here; by the terminal.")
@options.runs_option
def demo(python: str, thesis: bool, data: Path | None, opens: bool | None) -> int | None:
    """Train a small network on handwritten digits, with all callbacks there are, and show it learning."""
    root, example = options.root(), THESIS if thesis else DIGITS
    argv = _arguments(example, data)
    if opens if opens is not None else sys.stdin.isatty() and sys.stdout.isatty():
        from ..start import run_app

        return run_app(root, open_run=str(start_demo(root, python, example, argv).path))
    with starting.Interrupts() as interrupts:
        started = start_demo(root, python, example, argv)
        words.hint(f"started {started.id}: {example.sentence}")
        end = _watched(started, interrupts)
    words.hint(waiting.sentence(started, end))
    _print(started)
    return waiting.exit_code(started, end)


def start_demo(root: Path, python: str = "", example: Example = DIGITS, argv: tuple[str, ...] = ()) -> RunDir:
    """Start an example in an interpreter, "" for this one. Raises LaunchError where something it needs is missing."""
    interpreter = run.interpreter_of(python)
    _refuse_what_lacks(interpreter)
    script = Path(__file__).parents[2] / "examples" / example.script
    return launch.launch(
        root, launch.Request(script=script, argv=argv, python=interpreter, tags=example.tags, name=example.name)
    )


def _arguments(example: Example, data: Path | None) -> tuple[str, ...]:
    """The file of digits for the script. Raises LaunchError where it is none, or nobody would read it."""
    if data is None:
        return ()
    if example is not THESIS:
        raise LaunchError("--data is for the worked example of the thesis: trainvis demo --thesis --data FILE")
    if not data.is_file():
        raise LaunchError(
            f"there is no file {printable(data)}: give the mnist.npz that Keras loads, or leave --data out"
        )
    return ("--data", str(data.absolute()))


def _refuse_what_lacks(python: str) -> None:
    """Say what is missing before anything starts, rather than let the script die of it."""
    found = interpreters.inspect(python, really=False)
    missing = [name for name in _NEEDED if name not in found.frameworks]
    if found.ok and not any(name in found.frameworks for name in _BACKENDS):
        missing.append("tensorflow, jax or torch")
    if missing or not found.callbacks:
        what = f"{found.path} lacks {', '.join(missing)}" if missing and found.ok else found.problem
        extra = f"{interpreters.ourselves()}[demo]"
        raise LaunchError(f"the demo cannot run: {what}. To mend it: {found.path} -m pip install '{extra}'")


def _watched(started: RunDir, interrupts: starting.Interrupts) -> waiting.Status:
    """Wait for the end; where standard error is no terminal, with a line an epoch instead of one written over."""
    if sys.stderr.isatty():
        return waiting.until_end(started, interrupts)
    epochs = -1

    def tell() -> None:
        nonlocal epochs
        row = run_table.row_of(started)
        if row.epoch is not None and int(row.epoch + 1e-6) > epochs:
            epochs = int(row.epoch + 1e-6)
            words.hint(waiting.progress(started))

    return waiting.until_end(started, interrupts, tell)


def _print(started: RunDir) -> None:
    """The row of the run and its curves, as text."""
    row = run_table.row_of(started)
    for line in run_table.lines(run_table.columns([row], time.time()), words.width()):
        click.echo(line)
    curves = _curves(started)
    if not curves:
        words.hint(f"it wrote no metrics; `trainvis logs {started.id}` says what happened")
        return
    from ..drawing.model import Axis
    from ..drawing.plot import text_plot

    width = min(words.width() or _WIDTH, 120)
    for group in _groups(list(curves)):
        click.echo()
        shown = {cells.steady(name, 30): curves[name] for name in group}
        click.echo(text_plot(shown, width, _HEIGHT, cells.steady(group[0], 30), axis=Axis.EPOCH))


def _curves(started: RunDir) -> dict[str, tuple[list[float], list[float]]]:
    """Epochs and values of each metric."""
    from ...engine.metrics import number
    from .export import PLACE, MetricLines

    curves: dict[str, tuple[list[float], list[float]]] = {}
    if not started.metrics_file.exists():
        return curves
    for line in MetricLines(started.metrics_file):
        epoch = number(line.get("epoch"))
        for name, text in line.items():
            if name not in PLACE and epoch is not None and (value := number(text)) is not None:
                epochs, values = curves.setdefault(name, ([], []))
                epochs.append(epoch)
                values.append(value)
    return curves


def _groups(names: list[str]) -> list[list[str]]:
    """Training and validation of one metric belong on one chart; what is no curve of learning is left out."""
    plain = [name for name in names if not name.startswith("val_")]
    scores = [[name, f"val_{name}"] for name in plain if f"val_{name}" in names]
    return scores or [[name] for name in plain[:2]]
