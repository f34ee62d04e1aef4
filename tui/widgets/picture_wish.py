"""Pictures asked of a running script, and what became of it: in a thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from textual.worker import get_current_worker

from ...engine import process, wishes
from ...engine.rundir import RunDir
from ...engine.text import printable

_LOOK_EVERY = 0.2  # seconds
_PATIENCE = 600.0  # seconds until nobody waits any more: dear techniques take minutes


def granted(path: Path, name: str, said: Callable[[str, bool], object]) -> None:
    """Ask for all pictures, or for those of one figure; `said(words, ended)` is told of every change.

    Ends with the answer, with the script, or when the worker that it runs in is cancelled.
    """
    run = RunDir(path)
    if not wishes.listening(run, "picture"):
        why = "its script makes none now" if wishes.listening(run) else "no script is training here"
        said(f"nobody can be asked for pictures: {why}", True)
        return
    try:
        wish = wishes.ask(run, "picture", process.user(), **({"name": name} if name else {}))
    except OSError as error:
        said(f"the wish for pictures cannot be left in the run: {error.strerror}", True)
        return
    said("pictures asked for", False)
    worker, until, taken = get_current_worker(), time.monotonic() + _PATIENCE, False
    while not worker.is_cancelled and time.monotonic() < until:
        answer = next((each for each in reversed(wishes.answers(run)) if each.id == wish.id), None)
        if answer is not None:
            made = f"the script made the pictures{': ' if answer.why else ''}{printable(answer.why, 300)}"
            said(made if answer.outcome == "done" else f"no pictures: {printable(answer.why, 300)}", True)
            return
        if (
            not taken
            and run.wish_file("picture").with_suffix(".taken").exists()
            and not run.wish_file("picture").exists()
        ):
            taken = True
            said("making pictures …", False)
        if not wishes.listening(run, "picture"):
            said("the script ended before it made the pictures", True)
            return
        time.sleep(_LOOK_EVERY)
    if not worker.is_cancelled:
        said("the script has not answered the wish for pictures", True)
