"""`trainvis rerun` and `resume`: a run again, linked to its parent."""

from __future__ import annotations

import click

from . import options, starting

_RERUN = """\b
Examples
  trainvis rerun last
  trainvis rerun digits-20261122 --wait"""

_RESUME = """\b
Examples
  trainvis resume last

The path of the network is in $TRAINVIS_RESUME of the script, which has to load it:
  model = keras.models.load_model(os.environ["TRAINVIS_RESUME"])"""


@click.command(epilog=_RERUN)
@options.run_argument()
@click.option("--wait", is_flag=True, help="Wait for its end; the exit code is the script's own.")
@options.json_option
@options.runs_option
def rerun(name: str, wait: bool, as_json: bool) -> int | None:
    """Start RUN again: the same script as it is now, arguments, interpreter and tags, as a new run."""
    from ...engine import launch

    run, root = options.run_of(name), options.root()
    return starting.started(lambda: launch.rerun(run, root), wait=wait, as_json=as_json)


@click.command(epilog=_RESUME)
@options.run_argument()
@click.option("--wait", is_flag=True, help="Wait for its end; the exit code is the script's own.")
@options.json_option
@options.runs_option
def resume(name: str, wait: bool, as_json: bool) -> int | None:
    """Start RUN again from the last network it saved, as a new run."""
    from ...engine import launch

    run, root = options.run_of(name), options.root()
    return starting.started(lambda: launch.resume(run, root), wait=wait, as_json=as_json)
