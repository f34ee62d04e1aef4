"""`trainvis faces nets`: the networks of the study, what they are made of, and a file to change them in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from . import exits

MODULE = "trainvis.face_exp.netlist"

_EPILOG = """\b
Examples
  trainvis faces nets                           A to I and their controls
  trainvis faces nets A-I --width 128 --identities 60
  trainvis faces nets --write nets.toml         then change it, and
  trainvis faces nets --config nets.toml        see what came of it
  trainvis faces nets --sweep "inject=no,all depth=1,2,3 width=256,1024"

\b
The notation: drop, drop 0.3, 1024 (a dense layer), concat(expression), id,
expression (outputs), {id; 1024 → drop → expression} (branches); -> is →.
docs/faces-networks.md explains it, the configuration file and the sweep."""


@click.command("nets", epilog=_EPILOG)
@click.argument("names", metavar="[NAMES]", default="", required=False)
@click.option("--sweep", is_flag=False, flag_value="", metavar="[AXES]", help="Those of a sweep instead.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Networks changed or added (TOML).")
@click.option("--write", type=click.Path(path_type=Path), metavar="FILE", help="Write them into a file, to be changed.")
@click.option("--width", type=click.IntRange(min=1), default=4096, show_default=True, help="Numbers of a face.")
@click.option("--identities", type=click.IntRange(min=1), default=98, show_default=True, help="People told apart.")
@click.option("--expressions", type=click.IntRange(min=1), default=7, show_default=True, help="Expressions.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def nets_command(
    names: str,
    sweep: str | None,
    config: Path | None,
    write: Path | None,
    width: int,
    identities: int,
    expressions: int,
    as_json: bool,
) -> int:
    """List the networks of the study, with layers, epochs and parameters.

    NAMES are A-I, A,B,E, controls or all; all where nothing is said.
    """
    given = {
        "nets": names or None, "sweep": sweep, "config": config, "write": write, "width": width,
        "identities": identities, "expressions": expressions,
    }  # fmt: skip
    argv = [f"--{name}={value}" for name, value in given.items() if value is not None]
    argv += ["--json"] if as_json else []
    done = subprocess.run(
        [sys.executable, "-P", "-m", MODULE, *argv],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise exits.Failure(done.stderr.strip().removeprefix("trainvis: ") or f"{MODULE} ended by {done.returncode}")
    click.echo(done.stdout, nl=False)
    return 0
