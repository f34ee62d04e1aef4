"""`trainvis blob label`: a network labels a data set, in a run of its own; a person confirms what it says."""

from __future__ import annotations

from pathlib import Path

import click

from .. import look_request
from . import exits, options, run, starting

MODULE = "trainvis.vis.suggest"

_EPILOG = """\b
Examples
  trainvis blob label faces.h5 --model emotions.keras --field expression
  trainvis blob label faces.h5 -m last --field expression --only-unknown
  trainvis blob label faces.lmdb -m net.keras -f mood --classes calm,glad,sad

\b
MODEL is a .keras or .h5 file, keras:NAME:WEIGHTS, or a RUN: its best network,
else its last. What its classes are called is read from its run where the
training told it (network_saver(classes=…)), else it is given with --classes,
else they are those of the field where there are as many.

What the network says are suggestions, in FILE.labels.jsonl: they are listed,
least certain first, and are no labels before a person confirms them
(`trainvis-tui FILE`). Ctrl-C keeps what is done; the same command goes on."""


@click.command("label", epilog=_EPILOG)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--model", "-m", required=True, metavar="MODEL", help="The network: a file, keras:NAME, or a run.")
@click.option("--field", "-f", required=True, metavar="NAME", help="What is labelled: a class field, or a new one.")
@click.option("--classes", metavar="A,B,C", default="", help="The classes, in the network's order.")
@click.option("--names", type=click.Path(path_type=Path), help="A file with the name of a class a line, instead.")
@click.option("--labels", type=click.Path(path_type=Path), metavar="SIDE", help="The side file to write to.")
@click.option("--only-unknown", is_flag=True, help="Only records whose field nobody knows.")
@click.option("--again", is_flag=True, help="Also records that this network has labelled before.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many records.")
@click.option("--output", metavar="NAME", default="", help="Which output, of a network with several.")
@click.option("--preprocess", metavar="WORDS", default="", help="What it was trained on: 0..1, caffe, and so on.")
@click.option("--code", type=click.Path(path_type=Path), help="A Python file that defines the network's own layers.")
@click.option(
    "--batch", type=click.IntRange(min=1), default=32, show_default=True, help="Images that go through at once."
)
@click.option("--python", metavar="PATH", default="", help="The interpreter that has the framework.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag of the new run.")
@click.option("--detach", is_flag=True, help="Print the id of the run and leave it working.")
@options.json_option
@options.runs_option
def label_command(
    path: Path,
    model: str,
    field: str,
    classes: str,
    names: Path | None,
    labels: Path | None,
    only_unknown: bool,
    again: bool,
    limit: int | None,
    output: str,
    preprocess: str,
    code: Path | None,
    batch: int,
    python: str,
    tags: tuple[str, ...],
    detach: bool,
    as_json: bool,
) -> int | None:
    """Let a network label the records of a data set.

    Each record gets a suggestion with the network's confidence, for a person to confirm or correct.
    """
    from .look import networks_of

    try:
        for option, file in (("FILE", path), ("--names", names), ("--code", code)):
            look_request.check_there(option, file)
        networks = networks_of(model)
    except look_request.LookError as error:
        option = "--model" if error.option == "MODEL" else error.option
        raise click.BadParameter(str(error), param_hint=option) from None
    if len(networks) != 1:
        raise click.BadParameter(f"{model} are {len(networks)} networks: one labels", param_hint="--model")
    given = {
        "field": field, "classes": classes, "labels": look_request.absolute(names),
        "side": look_request.absolute(labels), "output": output, "preprocess": preprocess,
        "code": look_request.absolute(code), "batch": str(batch), "limit": str(limit or ""),
    }  # fmt: skip
    argv = [networks[0], look_request.absolute(path), *(f"--{name}={value}" for name, value in given.items() if value)]
    argv += [flag for flag, wanted in (("--only-unknown", only_unknown), ("--again", again)) if wanted]
    from ...engine.request import Request

    request = Request(
        module=MODULE,
        argv=tuple(argv),
        python=run.interpreter_of(python),
        tags=tags,
        name=f"label {path.name}",
    )
    return starting.shown(
        request,
        lambda _, code: f"confirm or correct with `trainvis-tui {path}`" if code == exits.Exit.OK else "",
        detach=detach,
        as_json=as_json,
    )
