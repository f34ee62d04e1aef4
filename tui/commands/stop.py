"""`trainvis stop` and `kill`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from ...engine.errors import TrainvisError
from ...engine.rundir import RunDir
from . import exits, options, waiting, words

_STOP = """\b
Examples
  trainvis stop last
  trainvis stop E-7-label-s0
  trainvis stop --wait digits-20261122-101500-a1b2

Where several runs have the name, the one that has not ended is meant; `last`
is the newest one, but no head of a study that runs: that study, where nothing
was begun after it.

Callbacks end the training after the running batch and save the network. A script without them gets
SIGTERM at once; what has not ended after its grace gets SIGTERM, 10 s later SIGKILL."""


def _each(names: Sequence[str], do: Callable[[RunDir], None], word: str) -> tuple[list[RunDir], bool]:
    """Do it to every run, also when one refuses; those it was done to, and whether it was all."""
    done: list[RunDir] = []
    runs = [options.run_of(name, living=True) for name in names]
    for run in runs:
        try:
            do(run)
        except TrainvisError as error:
            exits.show(exits.Failure(str(error)))
        else:
            done.append(run)
            words.say(f"{words.title(run)} {word}")
    return done, len(done) == len(runs)


_KILL = """\b
Example
  trainvis kill last

`last` is the newest run, but no head of a study that runs: that study, where nothing was begun after it."""


@click.command(epilog=_STOP)
@options.run_argument(many=True)
@click.option("--wait", is_flag=True, help="Wait until they have ended.")
@options.runs_option
def stop(names: tuple[str, ...], wait: bool) -> int:
    """Ask runs to stop: first the script itself, after its grace SIGTERM to the whole tree, then SIGKILL."""
    from ...engine import launch

    done, all_done = _each(names, launch.stop, "was asked to stop")
    for run in done if wait else ():
        words.say(waiting.sentence(run, waiting.until_end(run)))
    return exits.Exit.OK if all_done else exits.Exit.FAILED


@click.command(epilog=_KILL)
@options.run_argument(many=True)
@options.runs_option
def kill(names: tuple[str, ...]) -> int:
    """Kill runs at once: SIGKILL to every process they have started. Nothing is saved."""
    from ...engine import launch

    _, all_done = _each(names, launch.kill, "was killed")
    return exits.Exit.OK if all_done else exits.Exit.FAILED
