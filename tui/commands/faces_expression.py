"""`trainvis faces expression`: a network learns to name expressions, in a run of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .. import look_request
from . import faces_by_name

MODULE = "trainvis.face_exp.expression"

_EPILOG = """\b
Examples
  trainvis faces expression fer2013.csv --out fer.keras
  trainvis faces expression drawn.h5 --net residual --epochs 20
  trainvis faces expression fer2013.csv --evaluate faces.h5
  trainvis faces expression imfdb.h5 --size 64 --no-grey --least 50

\b
DATA is a blob, or a source that a layout knows (`trainvis blob build
--layouts`). Its words for expressions (happy, HA, Angry …) become those of
the seven: neutral, anger, disgust, fear, happiness, sadness, surprise.

\b
Its parts are those of DATA; where it has none, nobody is in two of them
(70 % of the people to learn from, 20 % to choose by, 10 % to test on). The
best network is evaluated on the test part, and with --evaluate on another
set. It is kept in the run, with its classes, so that

\b
  trainvis blob label faces.h5 --model last --field expression

labels another set with it. docs/faces-chain.md has the whole chain."""


@click.command("expression", epilog=_EPILOG)
@click.argument("data", metavar="DATA", type=click.Path(path_type=Path))
@click.option(
    "--net", type=click.Choice(["dexpression", "residual"]), default="dexpression", show_default=True,
    help="After Burkert et al. 2015, or a small residual one.",
)  # fmt: skip
@click.option(
    "--size", type=click.IntRange(16, 512), default=48, show_default=True, help="Height and width of a face, in pixels."
)
@click.option("--grey/--no-grey", default=True, show_default=True, help="Grey, or in colour.")
@click.option(
    "--epochs", type=click.IntRange(min=1), default=30, show_default=True, help="How often it sees each face."
)
@click.option(
    "--batch", type=click.IntRange(min=1), default=32, show_default=True, help="Faces it learns from at once."
)
@click.option("--rate", type=float, default=1e-3, show_default=True, help="Learning rate at the beginning (Adam).")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of parts, weights, order, augmentation."
)
@click.option("--no-balance", is_flag=True, help="Let frequent expressions count more in the loss.")
@click.option("--no-augment", is_flag=True, help="Show every face as it is, each time.")
@click.option("--split", type=click.Choice(["own", "stored"]), help="Make parts anew, or insist on those of DATA.")
@click.option("--expression", metavar="FIELD", help="The field that says the expression.  [default: expression]")
@click.option("--identity", metavar="FIELD", help="The field that says who it is.  [default: identity]")
@click.option("--layout", metavar="NAME", help="How DATA is laid out, where that is not recognised.")
@click.option("--least", type=click.IntRange(min=3), metavar="N", help="Leave expressions out that have fewer faces.")
@click.option("--evaluate", type=click.Path(path_type=Path), metavar="OTHER", help="Try it on this other set too.")
@click.option("--out", type=click.Path(path_type=Path), metavar="NET.keras", help="Put the best network there too.")
@faces_by_name.start_options
def expression_command(
    data: Path,
    evaluate: Path | None,
    out: Path | None,
    python: str,
    tags: tuple[str, ...],
    detach: bool,
    as_json: bool,
    **given: Any,
) -> int | None:
    """Train a network that names the expression of a face, and say how well it does."""
    try:
        for option, path in (("DATA", data), ("--evaluate", evaluate)):
            look_request.check_there(option, path)
    except look_request.LookError as error:
        raise click.BadParameter(str(error), param_hint=error.option) from None
    if out is not None and out.suffix != ".keras":
        raise click.BadParameter(f"{out}: the name of a network ends in .keras", param_hint="--out")
    grey = given.pop("grey")
    argv = [look_request.absolute(data), "--grey" if grey else "--no-grey"]
    argv += [f"--{name}" for name in ("no-balance", "no-augment") if given.pop(name.replace("-", "_"))]
    argv += [f"--{name}={value}" for name, value in given.items() if value is not None]
    argv += [f"--{name}={look_request.absolute(path)}" for name, path in (("evaluate", evaluate), ("out", out)) if path]
    return faces_by_name.start(
        MODULE, argv, f"expression {data.name}", python=python, tags=tags, detach=detach, as_json=as_json
    )
