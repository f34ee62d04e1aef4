"""`trainvis look`: pictures of what a saved network does, made in a run of their own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import exits, options, run, words

if TYPE_CHECKING:
    from ...engine.rundir import RunDir
    from ...vis.catalogue import Need

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
    "--set", "records", type=click.Path(path_type=Path), help="A data set: a folder of (class folders of) pictures."
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
    techniques = techniques or ("saliency_maps",)
    _check_places(techniques, layer, units, _check(techniques, settings))
    files = [("--image", each) for each in images]
    for option, path in (*files, ("--set", records), ("--labels", labels), ("--code", code)):
        _check_there(option, path)
    named = [model for text in models for model in _models(text)]
    _check_needs(techniques, {"image": images, "set": records, "labels": records, "history": named[1:]})
    argv = [*named]
    for option, values in (
        ("technique", techniques), ("image", tuple(map(_absolute, images))), ("unit", units), ("option", settings),
        ("set", (_absolute(records),)), ("layer", (layer,)), ("target", (target,)), ("output", (output,)),
        ("preprocess", (preprocess,)), ("labels", (_absolute(labels),)), ("code", (_absolute(code),)),
        ("batch", (str(batch),)),
    ):  # fmt: skip
        argv += [f"--{option}={value}" for value in values if value]
    return _started(argv, named[0], images, run.interpreter_of(python), tags, detach=detach, as_json=as_json)


def _started(
    argv: list[str],
    model: str,
    images: tuple[Path, ...],
    python: str,
    tags: tuple[str, ...],
    *,
    detach: bool,
    as_json: bool,
) -> int | None:
    from ...engine import launch
    from . import logs, starting, waiting

    request = launch.Request(
        module="trainvis.vis.look",
        argv=tuple(argv),
        python=python,
        tags=tags,
        name=f"look {_name(model)}",
        images=tuple(str(image) for image in images if image.is_file()),
    )
    if detach or as_json:
        return starting.started(lambda: launch.launch(options.root(), request), wait=not detach, as_json=as_json)
    with starting.Interrupts() as interrupts:
        started = launch.launch(options.root(), request)
        end = logs.follow(started, interrupts)
    sys.stdout.flush()
    words.hint(f"{waiting.sentence(started, end)}: {started.path}")
    if sys.stdout.isatty():
        words.hint(f"see the pictures with `trainvis --open {started.id}`")
    return waiting.exit_code(started, end)


def _name(model: str) -> str:
    """What a network is called: one of a run with that run, for many runs have a best one."""
    path = Path(model)
    if model.startswith("keras:"):
        return model
    return f"{path.parent.parent.name} {path.stem}" if path.parent.name == "networks" else path.stem


def _check(techniques: tuple[str, ...], settings: tuple[str, ...]) -> set[str]:
    """Refuse what no technique is called and no option of any, before a process is started for it. Returns the names
    of the options that there are.
    """
    from ...engine.errors import TrainvisError
    from ...vis import names

    try:
        known = {name for each in techniques for name in names.option_names(names.parse(each))}
    except TrainvisError as error:
        raise click.BadParameter(str(error), param_hint="--technique") from None
    for text in settings:
        name, sign, _ = text.partition("=")
        if not sign:
            raise click.BadParameter(f"{text!r} is no NAME=VALUE", param_hint="--option")
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, known, 1, 0.5)
            hint = f"; did you mean {near[0]}?" if near else f": there are {', '.join(sorted(known)) or 'none'}"
            raise click.BadParameter(f"{' and '.join(techniques)} have no option {name!r}{hint}", param_hint="--option")
    return known


def _check_places(techniques: tuple[str, ...], layer: str, units: tuple[str, ...], known: set[str]) -> None:
    """Refuse a layer or a unit that nobody would look at."""
    named = " and ".join(techniques)
    if layer and not known & {"layer", "layers"} and not (units and "units" in known):
        told = "it shows units, as --unit LAYER:INDEX" if "units" in known else "nothing of it is of one layer alone"
        raise click.BadParameter(f"{named}: {told}", param_hint="--layer")
    if units and not known & {"units", "maps"}:
        raise click.BadParameter(f"{named}: nothing of it is of single units", param_hint="--unit")


def _check_needs(techniques: tuple[str, ...], given: Mapping[Need, object]) -> None:
    """Refuse a technique that lacks an image or a data set, before a process is started for it."""
    from ...vis import names

    there: list[Need] = [need for need, value in given.items() if value]
    for each in techniques:
        if lacking := names.lacking(names.parse(each), there):
            raise click.UsageError(lacking)


def _check_there(option: str, path: Path | None) -> None:
    """Refuse a file that is not there, with the nearest name."""
    if path is None or (path.name and path.expanduser().exists()):
        return
    from difflib import get_close_matches

    try:
        near = get_close_matches(path.name, [each.name for each in path.expanduser().parent.iterdir()], 1, 0.6)
    except OSError:
        near = []
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise click.BadParameter(f"there is no file or folder {str(path)!r}{hint}", param_hint=option)


def _models(text: str) -> list[str]:
    """The networks that a MODEL means, as files or keras:NAME[:FILE]."""
    if text.startswith("keras:"):
        name, sign, weights = text.removeprefix("keras:").partition(":")
        is_file = sign and weights not in ("", "imagenet", "random")
        if is_file:
            _check_there("MODEL", Path(weights))
        return [f"keras:{name}:{_absolute(Path(weights))}" if is_file else text]
    path = Path(text).expanduser()
    if path.exists() or path.suffix.lower() in (".keras", ".h5", ".hdf5"):
        _check_there("MODEL", Path(text))
        return [str(path.absolute())]
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


def _absolute(path: Path | None) -> str:
    return "" if path is None else str(path.expanduser().absolute())
