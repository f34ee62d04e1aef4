"""`trainvis run`: a script is archived, started and left to its supervisor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options, starting, words

if TYPE_CHECKING:
    from concurrent.futures import Future

    from ...engine.interpreters import Interpreter
    from ...engine.rundir import RunDir

_EPILOG = """\b
Examples
  trainvis run train.py
  trainvis run train.py --tag 'mnist baseline' --name first -- --lr 0.01
  trainvis run train.py --python ~/envs/jax --env KERAS_BACKEND=jax
  trainvis run --wait train.py && trainvis get last network best.keras

The id of the run is printed on standard output. What stands behind -- goes to the script. With
--wait, Ctrl-C asks the script to stop, a second Ctrl-C kills it, and the exit code is the script's
own: 128 + the signal's number where one ended it, 126 where it could not be started."""


class ForAScript(click.Command):
    """An option that is none of ours was most likely meant for the script: say where those stand."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            more = f"What is meant for the script stands behind --, as in -- {error.option_name} …"
            raise click.UsageError(f"{error.format_message()} {more}", ctx) from None


@click.command(cls=ForAScript, epilog=_EPILOG)
@click.argument("script", type=click.Path(path_type=Path))
@click.argument("arguments", metavar="[-- ARGS]...", nargs=-1, type=click.UNPROCESSED)
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag; 'a b' gives two. May be repeated.")
@click.option("--image", "images", multiple=True, type=click.Path(path_type=Path), help="An image for visualisations.")
@click.option("--python", metavar="PATH", default="", help="The interpreter: a path, a name on $PATH, an environment.")
@click.option("--name", default="", help="What you call it; may be changed at any time.")
@click.option("--note", default="", help="A note; may be changed at any time.")
@click.option("--cwd", metavar="FOLDER", default="", help="The working folder, instead of the script's own.")
@click.option("--env", "additions", multiple=True, metavar="NAME=VALUE", help="An environment variable to add.")
@click.option("--grace", type=click.FloatRange(min=0), metavar="SECONDS", help="From a stop to SIGTERM; 60 by default.")
@click.option("--wait", is_flag=True, help="Wait for its end; the exit code is the script's own.")
@options.json_option
@options.runs_option
def run(
    script: Path,
    arguments: tuple[str, ...],
    tags: tuple[str, ...],
    images: tuple[Path, ...],
    python: str,
    name: str,
    note: str,
    cwd: str,
    additions: tuple[str, ...],
    grace: float | None,
    wait: bool,
    as_json: bool,
) -> int | None:
    """Start SCRIPT, any Python file, unmodified.

    It runs in place, with its sources archived, detached from this terminal: it goes on when you log out.
    """
    from ...engine import launch
    from ...engine.rundir import GRACE

    interpreter = interpreter_of(python)
    request = launch.Request(
        script=str(script),
        argv=arguments,
        python=interpreter,
        cwd=cwd,
        env=dict(_addition(text) for text in additions),
        tags=tags,
        name=name,
        note=note,
        images=tuple(str(image) for image in images),
        grace=GRACE if grace is None else grace,
    )
    root = options.root()

    if interpreter == sys.executable:
        return starting.started(lambda: launch.launch(root, request), wait=wait, as_json=as_json)

    def launched() -> RunDir:
        from concurrent.futures import ThreadPoolExecutor

        # Asked while the run starts: the script does not wait for the answer.
        with ThreadPoolExecutor(1) as pool:
            look = pool.submit(_look, interpreter)
            started = launch.launch(root, request)
            _tell(look)
        return started

    return starting.started(launched, wait=wait, as_json=as_json)


def interpreter_of(python: str) -> str:
    """The interpreter that an option means: a path, a name on $PATH, the folder of an environment; "" is ours."""
    if not python:
        return sys.executable
    from ...engine import interpreters
    from ...engine.places import expanded

    inside = expanded(python) / "bin" / "python"
    return interpreters.find(str(inside) if inside.exists() else python)


def _look(python: str) -> Interpreter:
    from ...engine import interpreters

    return interpreters.inspect(python, really=False, timeout=20.0)


def _tell(look: Future[Interpreter]) -> None:
    if problem := look.result().problem:
        words.hint(problem)


def _addition(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not name or not sign or "\0" in text:
        raise click.BadParameter(f"{text!r} is no NAME=VALUE", param_hint="--env")
    return name, value
