"""`trainvis faces features`: faces become vectors, in a run of its own; they are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .. import look_request
from . import faces_by_name

MODULE = "trainvis.face_exp.features"

_EPILOG = """\b
Examples
  trainvis faces features faces.h5 --extractor keras:VGG16:vgg16.h5
  trainvis faces features IMFDB_final/ -x vggface:vgg_face_weights.h5
  trainvis faces features faces.h5 -x net.keras --layer gap --out gap.h5
  trainvis faces features faces.h5 -x last --preprocess 0..1
  trainvis faces features faces.h5 -x pca:64

\b
EXTRACTOR is a network (.keras or .h5 file, keras:NAME[:WEIGHTS], a RUN),
vggface:WEIGHTS with a file of the weights of VGG-Face, pixels[:SIDE], pca:N,
or a file of features that --out wrote.

\b
What is computed is kept, and found again by a digest of network, layer,
preprocessing and faces: a study of the same faces reads it. Ctrl-C keeps what
is done; the same command goes on. docs/faces-extractors.md tells the rest."""


@click.command("features", epilog=_EPILOG)
@click.argument("data", metavar="DATA", type=click.Path(path_type=Path))
@click.option("--extractor", "-x", required=True, metavar="EXTRACTOR", help="What makes a vector of a face.")
@click.option("--layer", metavar="NAME", help="The layer whose output is taken: a path, name or number.")
@click.option("--preprocess", metavar="WORDS", help="What the network was trained on: 0..1, caffe, and so on.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE.h5", help="Put the features there too.")
@click.option("--replace", is_flag=True, help="Put them in the place of a file that is there.")
@click.option("--all", "every", is_flag=True, help="Every picture, whoever and whatever it shows.")
@click.option("--layout", metavar="NAME", help="How DATA is laid out, where that is not recognised.")
@click.option("--identity", metavar="FIELD", help="The field that says who it is.  [default: identity]")
@click.option("--expression", metavar="FIELD", help="The field that says the expression.  [default: expression]")
@click.option("--labels", type=click.Path(path_type=Path), metavar="FILE", help="Expressions: a side file, or a list.")
@click.option("--least", type=click.IntRange(min=1), metavar="N", help="Leave people out that have fewer faces.")
@click.option("--people", type=click.IntRange(min=2), metavar="N", help="At most so many people.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many faces.")
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Of the lot by which they are drawn.")
@click.option("--size", type=click.IntRange(8, 2048), metavar="N", help="Square that pictures of a layout are kept on.")
@click.option("--code", type=click.Path(path_type=Path), help="A Python file that defines the network's own layers.")
@click.option("--batch", type=click.IntRange(min=1), metavar="N", help="Faces that go through at once.  [default: 32]")
@faces_by_name.start_options
def features_command(
    data: Path,
    extractor: str,
    out: Path | None,
    labels: Path | None,
    code: Path | None,
    replace: bool,
    every: bool,
    python: str,
    tags: tuple[str, ...],
    detach: bool,
    as_json: bool,
    **given: Any,
) -> int | None:
    """Turn faces into vectors with a network, and keep them.

    The vectors are what the networks of a study are trained on.
    """
    try:
        for option, path in (("DATA", data), ("--labels", labels), ("--code", code)):
            look_request.check_there(option, path)
        chosen = extractor_of(extractor)
    except look_request.LookError as error:
        raise click.BadParameter(str(error), param_hint=error.option.replace("MODEL", "--extractor")) from None
    if out is not None and out.suffix.lower() not in (".h5", ".hdf5"):
        raise click.BadParameter(f"{out}: the name of a file of features ends in .h5", param_hint="--out")
    argv = [look_request.absolute(data), f"--extractor={chosen}"]
    argv += [f"--{name}={value}" for name, value in given.items() if value is not None]
    argv += [
        f"--{name}={look_request.absolute(path)}"
        for name, path in (("out", out), ("labels", labels), ("code", code))
        if path
    ]
    argv += [flag for flag, wanted in (("--replace", replace), ("--all", every)) if wanted]
    return faces_by_name.start(
        MODULE, argv, f"features {data.name}", python=python, tags=tags, detach=detach, as_json=as_json
    )


def extractor_of(text: str) -> str:
    """An extractor as the program takes it: paths absolute, a RUN as the file of its network. Raises LookError."""
    word, sign, rest = text.partition(":")
    if word in ("pixels", "pca"):
        return text
    if word == "vggface":
        look_request.check_there("--extractor", Path(rest) if sign else Path())
        return f"vggface:{look_request.absolute(Path(rest))}"
    from .look import networks_of

    networks = networks_of(text)
    if len(networks) != 1:
        raise look_request.LookError("--extractor", f"{text} are {len(networks)} networks: one makes the features")
    return networks[0]
