"""The saved networks of a run, in the order in which training made them.

`start.keras`, `epoch-0003.keras` (`fit-2-epoch-0003.keras` in a second fit) and `best.keras`, each with a JSON
file of the same name beside it. Standard library only: the network saver in the script uses it too.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from .files import modified, read_json
from .rundir import RunDir

_EPOCH_FILE = re.compile(r"(?:fit-\d+-)?epoch-(\d+)\.keras")


def name_of(fit: int, epoch: int) -> str:
    """The file of a network saved after `epoch` epochs of a fit, both counted from 1."""
    return f"{f'fit-{fit}-' if fit > 1 else ''}epoch-{epoch:04d}.keras"


def epoch_of(network: Path) -> int | None:
    """After how many epochs of its fit a network was saved; None for the start, the best, and foreign ones."""
    match = _EPOCH_FILE.fullmatch(network.name)
    return int(match[1]) if match else None


def saved(run: RunDir) -> list[Path]:
    """All that are whole, oldest first. Raises OSError where the folder cannot be read."""
    return sorted((path for path in run.networks.glob("*.keras") if path.name[0] != "."), key=_place)


def _place(network: Path) -> tuple[float, float, str]:
    # By step, as a clock may jump; a network of the script's own, which tells none, counts as its last word.
    step = read_json(network.with_suffix(".json")).value.get("step")
    known = step if isinstance(step, int | float) and not isinstance(step, bool) else math.inf
    return known, modified(network) or 0.0, network.name
