"""`trainvis faces generate`: a data set of drawn faces. It needs no framework, and is no run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options

MODULE = "trainvis.face_exp.generate"

_EPILOG = """\b
Examples
  trainvis faces generate faces.h5                        3,000 of 60 people
  trainvis faces generate faces.h5 --people 200 --faces 20000 --size 64
  trainvis faces generate null.h5 --correlation 0 --strength 0
  trainvis faces generate easy.lmdb --difficulty 0.1 --seed 7
  trainvis-tui faces.h5                                   look at them

\b
A face of a person has an expression by (1 - C) x common + C x own: with
--correlation 0 the expression says nothing of who it is, with 1 everybody
always shows the one expression that is his or hers. With --strength 0 no
expression moves a face. The session of a face (same day, light, hair, clothes)
is what a split by group keeps together.

\b
The same options and seed draw the same faces, with any number of workers.
OUT is there once it is whole; Ctrl-C leaves nothing. docs/faces-drawn.md shows
them."""


@click.command("generate", epilog=_EPILOG)
@click.argument("out", metavar="OUT.h5|OUT.lmdb", type=click.Path(path_type=Path))
@click.option("--people", type=int, metavar="N", help="So many people.  [default: 60]")
@click.option("--faces", type=int, metavar="N", help="So many faces of all of them together.  [default: 3000]")
@click.option("--size", type=int, metavar="PIXELS", help="Of a side.  [default: 130]")
@click.option("--seed", type=int, metavar="N", help="The same seed draws the same faces.  [default: 0]")
@click.option("--correlation", type=float, metavar="0..1", help="How far an expression tells who it is. [default: 0.3]")
@click.option("--difficulty", type=float, metavar="0..1", help="How alike people, how unlike pictures. [default: 0.5]")
@click.option("--strength", type=float, metavar="0..2", help="How far an expression moves a face.  [default: 1]")
@click.option("--sessions", type=int, metavar="N", help="Occasions on which a person is taken.  [default: 6]")
@click.option("--workers", type=int, metavar="N", help="Processes that draw.  [default: one a core]")
@click.option("--replace", is_flag=True, help="Put the faces in the place of OUT.")
@options.json_option
def generate_command(out: Path, replace: bool, as_json: bool, **given: Any) -> int:
    """Draw a data set of faces, with identity and expression.

    People, expressions, pose, light, age, glasses and noise are drawn by lot, and written beside each face.
    """
    argv = [f"--{name}={value}" for name, value in given.items() if value is not None]
    argv += [flag for flag, wanted in (("--replace", replace), ("--json", as_json)) if wanted]
    argv += ["--", str(out)]  # whose name may begin with a dash
    import subprocess
    import sys

    from .starting import Interrupts

    with Interrupts():  # Ctrl-C reaches the program too, which says what is left
        return subprocess.Popen([sys.executable, "-P", "-m", MODULE, *argv]).wait()
