"""`trainvis look`: pictures of what a saved network does, made in a run of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import look_request
from ..look_request import Wanted
from . import exits, options, run, starting

if TYPE_CHECKING:
    from ...engine.rundir import RunDir

_EPILOG = """\b
Examples
  trainvis look best.keras --image cat.png --technique saliency_maps
  trainvis look last --image photos/ -t layer_activations -t grad_cam
  trainvis look last:all --image seven.png     each network of the newest run
  trainvis look net.keras --set faces/ -t maximal_images --layer conv_3
  trainvis look keras:VGG16:vgg16.h5 -t deep_visualization \\
      --unit predictions:281 --option iterations=200
  trainvis look --list                         all techniques
  trainvis look --list -t occlusion            the options of one

\b
A MODEL is a .keras or .h5 file, keras:NAME[:WEIGHTS] of keras.applications,
or a RUN: its best network, else its last; RUN:FILE is another one, RUN:all
all of them. Here `last` is the newest run that has networks. The pictures lie
in a run directory of their own, which the application shows."""


@click.command(epilog=_EPILOG)
@click.argument("models", metavar="MODEL...", nargs=-1)
@click.option(
    "--technique", "-t", "techniques", multiple=True, metavar="NAME", help="A technique by its name; may be repeated."
)
@click.option(
    "--image", "-i", "images", multiple=True, type=click.Path(path_type=Path), help="A picture, .npy file, folder."
)
@click.option(
    "--set",
    "records",
    type=click.Path(path_type=Path),
    help="A data set: a blob (HDF5, LMDB), or a folder of (class folders of) pictures.",
)
@click.option("--layer", metavar="L", default="", help="The layer: its path, its name or its number.")
@click.option("--unit", "units", multiple=True, metavar="U", help="LAYER:INDEX, or an index in --layer.")
@click.option("--target", metavar="CLASS", default="", help="The class to explain, instead of the predicted one.")
@click.option("--output", metavar="NAME", default="", help="Which output, of a network with several.")
@click.option(
    "--preprocess",
    metavar="WORDS",
    default="",
    help="What it was trained on: 0..1, caffe, or bgr mean 104,117,123.",
)
@click.option("--labels", type=click.Path(path_type=Path), help="A text file with the name of a class in each line.")
@click.option(
    "--code", type=click.Path(path_type=Path), help="A Python file of yours that defines the network's own layers."
)
@click.option("--option", "-o", "settings", multiple=True, metavar="NAME=VALUE", help="An option of the technique.")
@click.option(
    "--batch", type=click.IntRange(min=1), default=32, show_default=True, help="Images that go through at once."
)
@click.option("--python", metavar="PATH", default="", help="The interpreter that has the framework.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag of the new run.")
@click.option("--detach", is_flag=True, help="Print the id of the run and leave it working.")
@click.option("--list", "lists", is_flag=True, help="List the techniques with their options, and end.")
@options.json_option
@options.runs_option
def look(
    models: tuple[str, ...],
    techniques: tuple[str, ...],
    images: tuple[Path, ...],
    records: Path | None,
    layer: str,
    units: tuple[str, ...],
    target: str,
    output: str,
    preprocess: str,
    labels: Path | None,
    code: Path | None,
    settings: tuple[str, ...],
    batch: int,
    python: str,
    tags: tuple[str, ...],
    detach: bool,
    lists: bool,
    as_json: bool,
) -> int | None:
    """Look into a saved network: what it predicts, and pictures of why.

    Without --technique it makes saliency maps. What is written stands on the screen and in the output of the run.
    """
    if lists:
        from . import techniques as catalogued

        return catalogued.listed(techniques, as_json=as_json)
    if not models:
        raise click.UsageError("give a network: a .keras or .h5 file, keras:NAME, or a run")
    wanted = Wanted(
        techniques=techniques or ("saliency_maps",),
        images=images,
        records=records,
        layer=layer,
        units=units,
        target=target,
        output=output,
        preprocess=preprocess,
        labels=labels,
        code=code,
        settings=settings,
        batch=batch,
    )
    try:
        look_request.check(wanted)
        wanted = replace(wanted, networks=tuple(model for text in models for model in networks_of(text)))
        look_request.check_needs(wanted)
    except look_request.LookError as error:
        if not error.option:
            raise click.UsageError(str(error)) from None
        raise click.BadParameter(str(error), param_hint=error.option) from None
    return starting.shown(
        look_request.request(wanted, run.interpreter_of(python), tags),
        lambda started, _: f"see the pictures with `trainvis --open {started.id}`",
        detach=detach,
        as_json=as_json,
    )


def networks_of(text: str) -> list[str]:
    """The networks that a MODEL means, as files or keras:NAME[:FILE]."""
    named = look_request.network(text)
    if named is not None:
        return [named]
    from ...engine import networks

    name, _, which = text.partition(":")
    found = _newest() if name == "last" else options.run_of(name)
    saved = networks.saved(found)
    if not saved:
        raise exits.Failure(f"{found.id} has saved no network: Callbacks().network_saver() does in a training script")
    if which == "all":
        return [str(each) for each in saved if each.name != "best.keras"] or [str(each) for each in saved]
    wanted = which or "best"
    chosen = [each for each in saved if wanted in (each.name, each.stem)] or ([] if which else saved[-1:])
    if not chosen:
        raise exits.Failure(f"{found.id} has no network {which!r}: it has {', '.join(each.stem for each in saved)}")
    return [str(chosen[0])]


def _newest() -> RunDir:
    """The newest run that has a network: the last look has none, and is a run too."""
    from ...engine import networks
    from ...engine.index import load_index
    from ...engine.rundir import RunDir
    from ...engine.runs import snapshot

    root = options.root()
    found = (RunDir(row.path) for row in snapshot(root, load_index(root)).rows)
    return next((each for each in found if networks.saved(each)), None) or options.run_of("last")
