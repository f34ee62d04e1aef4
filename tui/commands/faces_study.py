"""`trainvis faces study`: networks × seeds × sets of expressions, in a run of their own, and a report."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ...engine.errors import PlaceError
from ...engine.places import expanded
from ...engine.text import printable
from .. import look_request
from . import exits, faces_by_name, options, run

if TYPE_CHECKING:
    from ...engine.rundir import RunDir

MODULE = "trainvis.face_exp.study"

_EPILOG = """\b
Examples
  trainvis faces study --demo                   drawn faces, all of it in minutes
  trainvis faces study faces.h5 --extractor keras:VGG16:vgg16.h5
  trainvis faces study IMFDB_final/ --extractor vggface:vgg_face.h5 \\
      --nets A-I,controls --expressions 7,5,3,2,1 --split group
  trainvis faces study faces.h5 --nets B,E --source label,predicted,shuffled \\
      --expression-from fer.keras
  trainvis faces study faces.h5 --dry-run       what it would train, how long
  trainvis faces study --resume                 only what is unfinished

\b
Each head (a network, a seed, a set of expressions) is a run of its own, below
the study: `trainvis stop` ends that one, or with the study's name all of
them; what is finished stays, the report says what is missing, and --resume
trains the rest. docs/faces.md explains what is asked and what it answers."""

_SETTINGS = (  # what decides which heads there are: none of it changes when a study is gone on with
    "demo", "nets", "sweep", "seeds", "expressions", "sources", "expression_from", "config", "split", "layout",
    "labels", "identity", "expression", "group", "least", "people", "limit", "extractor", "preprocess", "layer", "tune",
)  # fmt: skip
# What the program trains where nobody says, and what of a demo.
_NETS, _SEEDS, _EXPRESSIONS = "A-I", 10, "7"
_DEMO_SEEDS, _DEMO_EXPRESSIONS = 3, "7,3"
_FIELDS = {"identity": "identity-field", "expression": "expression-field", "group": "group-field"}


@click.command("study", epilog=_EPILOG)
@click.argument("data", metavar="[DATA]", required=False, type=click.Path(path_type=Path))
@click.option("--demo", is_flag=True, help="60 drawn people, a network trained for them: nothing is downloaded.")
@click.option("--resume", is_flag=False, flag_value="last", metavar="[RUN]", help="Train what a study left unfinished.")
@click.option("--nets", metavar="NAMES", help="A-I, A,B,E, controls, all (`trainvis faces nets`).  [default: A-I]")
@click.option(
    "--sweep", is_flag=False, flag_value="", metavar="[AXES]", help="inject=no,0,1 depth=1,2 width=… outputs=…"
)
@click.option("--seeds", type=click.IntRange(1, 1000), metavar="N", help="Trainings of each network.  [default: 10]")
@click.option("--expressions", metavar="SETS", help="7,5,3,2,1, fine, sadness+anger,…  [default: 7]")
@click.option(
    "--source", "sources", metavar="WORDS", help="What is put in: label, predicted, shuffled.  [default: label]"
)
@click.option("--expression-from", metavar="NET", help="The network of the predicted ones: a file, or a run.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Networks changed or added (TOML).")
@click.option(
    "--split", type=click.Choice(["image", "group", "stratified"]), help="What is kept together.  [default: image]"
)
@click.option("--layout", metavar="NAME", help="How DATA is laid out, where that is not recognised.")
@click.option("--labels", type=click.Path(path_type=Path), metavar="FILE", help="Labels that DATA lacks.")
@click.option("--identity", metavar="FIELD", help="The field that says who it is.  [default: identity]")
@click.option("--expression", metavar="FIELD", help="The field that says the expression.  [default: expression]")
@click.option("--group", metavar="FIELD", help="The field of the film, sequence or session.")
@click.option("--least", type=click.IntRange(min=1), metavar="N", help="Leave people out that have fewer faces.")
@click.option("--people", type=click.IntRange(min=2), metavar="N", help="At most so many people.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many faces.")
@click.option("--extractor", metavar="NET", help="FILE.keras, keras:NAME[:FILE], vggface:FILE, pca:N, pixels, a run.")
@click.option("--preprocess", metavar="WORDS", help="What the extractor was trained on: 0..1, caffe, and so on.")
@click.option("--layer", metavar="NAME", help="The layer of the extractor whose output is taken.")
@click.option("--tune", metavar="HOW", help="Train the extractor too: from:LAYER, whole, scratch.")
@click.option("--workers", type=click.IntRange(1, 64), metavar="N", help="Heads at once, instead of one a core.")
@click.option("--dry-run", is_flag=True, help="Say what would be trained, and how long, and end.")
@faces_by_name.start_options
@click.pass_context
def study_command(
    ctx: click.Context,
    data: Path | None,
    resume: str | None,
    workers: int | None,
    dry_run: bool,
    python: str,
    tags: tuple[str, ...],
    detach: bool,
    as_json: bool,
    **given: Any,
) -> int | None:
    """Ask whether the expression helps to recognise faces.

    Trains nine networks, with and without the expression, over seeds; the report says what differs, and how sure it is.
    """
    more = [f"--workers={workers}"] if workers else []
    if resume is not None:
        study = _resumed(ctx, resume, data, dry_run=dry_run)
        argv, name, parent = [f"--resume={study.path}", *more], _title(study), study.id
    else:
        argv, name, parent = [*_arguments(data, given), *more], called(data, given), ""
    if dry_run:
        argv += ["--dry-run", *(["--json"] if as_json else [])]
        return _in_place(run.interpreter_of(python), argv)
    return faces_by_name.start(
        MODULE, argv, name, python=python, tags=tags, detach=detach, as_json=as_json, parent=parent
    )


def called(data: Path | None, given: Mapping[str, Any]) -> str:
    """The name of a study's run, `study faces A-I ×10`: the data, the networks and the seeds, then expressions, split,
    source, extractor and tuning that are asked otherwise than usual, so that studies of the same faces are told apart.
    """
    said = {**_of_config(given.get("config")), **{name: value for name, value in given.items() if value is not None}}
    demo = said.get("demo")
    nets, seeds = said.get("nets"), said.get("seeds") or (_DEMO_SEEDS if demo else _SEEDS)
    usual = _DEMO_EXPRESSIONS if demo else _EXPRESSIONS
    swept = "sweep" if said.get("sweep") is not None else ""
    expressions, split = (str(said.get(each) or "") for each in ("expressions", "split"))
    sources = _joined(said.get("sources") or "") or ("predicted" if said.get("expression_from") else "")
    words = (
        "study", data.stem if data else "demo", str(nets or "" if swept else nets or _NETS), swept, f"×{seeds}",
        expressions if expressions != usual else "", split if split != "image" else "",
        sources if sources != "label" else "", _short(str(said.get("extractor") or "")), str(said.get("tune") or ""),
    )  # fmt: skip
    return printable(" ".join(filter(None, words)), 80)


def _joined(sources: object) -> str:
    """`label,shuffled`, however a command line or a file lists them."""
    listed = sources if isinstance(sources, list) else str(sources).split(",")
    return ",".join(str(each).strip() for each in listed)


def _short(extractor: str) -> str:
    """`pca:64`, `VGG16`, the name of a file or run without its folder."""
    kind, _, rest = extractor.partition(":")
    if kind in ("keras", "vggface"):
        return rest.partition(":")[0] if kind == "keras" else kind
    return Path(extractor).stem if os.sep in extractor or "." in extractor else extractor


def _of_config(path: Path | None) -> Mapping[str, Any]:
    """What a configuration file says of the study; the program refuses one that is none."""
    if path is None:
        return {}
    import tomllib

    try:
        said = tomllib.loads(expanded(path).read_text(encoding="utf-8")).get("study")
    except (OSError, ValueError, RecursionError, PlaceError):
        return {}
    return said if isinstance(said, dict) else {}


def _arguments(data: Path | None, given: dict[str, Any]) -> list[str]:
    if data is None and not given["demo"]:
        raise click.UsageError("which faces? Give a blob or a folder of pictures, or --demo for drawn ones")
    if data is not None and given["demo"]:
        raise click.UsageError("--demo draws its own faces: leave DATA away, or leave --demo away")
    try:
        for option, path in (("DATA", data), ("--config", given["config"]), ("--labels", given["labels"])):
            look_request.check_there(option, path)
    except look_request.LookError as error:
        raise click.BadParameter(str(error), param_hint=error.option) from None
    argv = [look_request.absolute(data)] if data else []
    for name, value in given.items():
        if name == "demo":
            argv += ["--demo"] if value else []
        elif value is not None:
            text = look_request.absolute(value) if isinstance(value, Path) else str(value)
            if name in ("extractor", "expression_from"):
                text = _network(name, text)
            argv.append(f"--{_option(name)}={text}")
    return argv


def _network(option: str, text: str) -> str:
    """A network as the program takes it, wherever that is started: a run as the file of its network."""
    from .faces_features import extractor_of
    from .look import networks_of

    try:
        if option == "extractor":
            return extractor_of(text)
        found = networks_of(text)
    except look_request.LookError as error:
        raise click.BadParameter(str(error), param_hint=f"--{_option(option)}") from None
    if len(found) != 1:
        raise click.BadParameter(f"{text} are {len(found)} networks: one predicts", param_hint=f"--{_option(option)}")
    return found[0]


def _resumed(ctx: click.Context, name: str, data: Path | None, *, dry_run: bool) -> RunDir:
    """The study that is gone on with. Raises UsageError where something else is asked with it."""
    changed = ["DATA"] if data else []
    changed += [
        f"--{_option(each, shown=True)}"
        for each in _SETTINGS
        if ctx.get_parameter_source(each) is ParameterSource.COMMANDLINE
    ]
    if changed or dry_run:
        raise click.UsageError(
            f"a study goes on with the settings it was begun with: leave {', '.join(changed or ['--dry-run'])} away, "
            "or begin a new study"
        )
    found = _last() if name == "last" else options.run_of(name)
    if found.spec()[0].module != MODULE:
        raise exits.Failure(f"{found.id} is no study: `trainvis ls` shows what is one, by its tag study")
    from ...engine import status

    if status.alive(found.status()):
        raise exits.Failure(f"{found.id} is still running: stop it before it is gone on with")
    return found


def _last() -> RunDir:
    """The newest study: its heads are runs too, and newer."""
    from ...engine.index import load_index
    from ...engine.rundir import RunDir
    from ...engine.runs import snapshot

    root = options.root()
    for row in snapshot(root, load_index(root)).rows:
        found = RunDir(row.path)
        if row.script == MODULE and (found.results / "study.json").is_file():  # else it was refused before it began
            return found
    raise exits.NoSuchRun(f"there is no study in {root}: `trainvis faces study DATA` begins one")


def _title(study: RunDir) -> str:
    return study.notes()[0].name or "study"


def _in_place(python: str, argv: list[str]) -> int:
    """A look ahead is no run: it leaves nothing but its words."""
    sys.stdout.flush()
    command = [python, "-P", "-m", MODULE, *argv]
    environment = {name: value for name, value in os.environ.items() if name != "TRAINVIS_RUN"}
    return subprocess.run(command, env=environment, check=False).returncode


def _option(name: str, *, shown: bool = False) -> str:
    """How an option is called: of this command (`shown`), or of the program it starts."""
    if name == "sources":
        return "source"
    return name.replace("_", "-") if shown else _FIELDS.get(name, name.replace("_", "-"))
