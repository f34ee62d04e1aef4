"""`trainvis faces embed`: a network learns to tell people apart, in a run of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from .. import look_request
from . import faces_by_name

MODULE = "trainvis.face_exp.embed"

_EPILOG = """\b
Examples
  trainvis faces embed drawn.h5 --out people.keras
  trainvis faces embed IMFDB_final/ --loss cosface --epochs 60
  trainvis faces embed lfw/ --loss arcface --margin 0.3 --batch 64x2
  trainvis faces embed drawn.h5 --joint 0.5 --out both.keras
  trainvis faces embed faces.h5 --base keras:MobileNetV2:weights.h5

\b
The network gives a vector of unit length for a face: near to those of the
same person, far from those of others. A fifth of the people is held out, and
each epoch it is verified with pairs of them: equal error rate, and TAR at a
FAR of 10, 1 and 0.1 %.

\b
It is kept in the run, as embedding.keras, and with --out also there; it takes
pixels 0…255, and needs no code but Keras. The other commands take it:

\b
  trainvis faces features faces.h5 --extractor people.keras
  trainvis faces study faces.h5 --extractor people.keras

\b
docs/faces-embedding.md says what the losses do, and which one was better."""


@click.command("embed", epilog=_EPILOG)
@click.argument("data", metavar="DATA", type=click.Path(path_type=Path))
@click.option(
    "--loss", type=click.Choice(["triplet", "cosface", "arcface"]), default="triplet", show_default=True,
    help="Triplets with semi-hard negatives, or a softmax with a margin.",
)  # fmt: skip
@click.option("--margin", type=float, metavar="X", help="Of the loss.  [default: 0.2, 0.35, 0.5]")
@click.option("--scale", type=float, metavar="X", help="Of the cosines of cosface and arcface.  [default: 30]")
@click.option("--joint", type=float, metavar="WEIGHT", help="Learn the expression too, its loss with this weight.")
@click.option("--width", type=click.IntRange(min=2), metavar="N", help="Numbers that a face becomes.  [default: 128]")
@click.option("--side", type=click.IntRange(16, 1024), metavar="N", help="Height and width of a face.  [default: 64]")
@click.option("--base", metavar="NETWORK", help="Begin with this one: a .keras or .h5 file, keras:NAME[:WEIGHTS].")
@click.option("--preprocess", metavar="WORDS", help="What the base was trained on: 0..1, caffe, and so on.")
@click.option("--epochs", type=click.IntRange(min=1), default=30, show_default=True, help="Rounds of training.")
@click.option(
    "--batch", metavar="PxK", default="32x4", show_default=True, help="People × faces of each; else as many faces."
)
@click.option("--rate", type=float, metavar="X", help="Learning rate at its height (Adam).  [default: 0.002]")
@click.option("--no-augment", is_flag=True, help="Show every face as it is, each time.")
@click.option(
    "--held-out", type=click.Choice(["people", "images", "none"]), default="people", show_default=True,
    help="What is kept for verification: strangers, or new images of people it knows.",
)  # fmt: skip
@click.option("--share", type=float, metavar="X", help="How much of them is held out.  [default: 0.2]")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all that is drawn by lot.")
@click.option("--layout", metavar="NAME", help="How DATA is laid out, where that is not recognised.")
@click.option("--identity", metavar="FIELD", help="The field that says who it is.  [default: identity]")
@click.option("--expression", metavar="FIELD", help="The field that says the expression.  [default: expression]")
@click.option("--labels", type=click.Path(path_type=Path), metavar="FILE", help="Expressions: a side file, or a list.")
@click.option("--least", type=click.IntRange(min=1), metavar="N", help="Leave people out with fewer.  [default: 2]")
@click.option("--people", type=click.IntRange(min=2), metavar="N", help="At most so many people.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many faces.")
@click.option("--out", type=click.Path(path_type=Path), metavar="NET.keras", help="Put the network there too.")
@faces_by_name.start_options
def embed_command(
    data: Path,
    base: str | None,
    labels: Path | None,
    out: Path | None,
    no_augment: bool,
    python: str,
    tags: tuple[str, ...],
    detach: bool,
    as_json: bool,
    **given: Any,
) -> int | None:
    """Train a network that tells people apart by a vector of each face."""
    try:
        for option, path in (("DATA", data), ("--labels", labels)):
            look_request.check_there(option, path)
        given["base"] = _base(base) if base else None
    except look_request.LookError as error:
        raise click.BadParameter(str(error), param_hint=error.option.replace("MODEL", "--base")) from None
    if out is not None and out.suffix != ".keras":
        raise click.BadParameter(f"{out}: the name of a network ends in .keras", param_hint="--out")
    argv = arguments(data, {"labels": labels, "out": out}, {"no_augment": no_augment}, given)
    return faces_by_name.start(
        MODULE, argv, f"embed {data.name}", python=python, tags=tags, detach=detach, as_json=as_json
    )


def arguments(
    data: Path, paths: Mapping[str, Path | None], flags: Mapping[str, bool], given: Mapping[str, Any]
) -> list[str]:
    """As the program takes them: those that nobody gave are left to it."""
    argv = [look_request.absolute(data), *(_option(name) for name, wanted in flags.items() if wanted)]
    argv += [f"{_option(name)}={value}" for name, value in given.items() if value is not None]
    return argv + [f"{_option(name)}={look_request.absolute(path)}" for name, path in paths.items() if path]


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _base(text: str) -> str:
    """As the program takes it: paths absolute, a RUN as the file of its network. Raises LookError."""
    from .look import networks_of

    networks = networks_of(text)
    if len(networks) != 1:
        raise look_request.LookError("--base", f"{text} are {len(networks)} networks: one is begun with")
    return networks[0]
