"""The dialogs that edit a person's words about one run or several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.rundir import RunDir
from .deeds import title
from .screens.dialogs import Ask, Write

if TYPE_CHECKING:
    from .app import TrainvisApp


async def ask_for(app: TrainvisApp, field: str, paths: Sequence[Path]) -> str | None:
    """The new tags, name or note, or None where the person left it as it was."""
    notes = [RunDir(path).notes()[0] for path in paths]
    who = title(RunDir(paths[0])) if len(paths) == 1 else f"{len(paths)} runs"
    if field == "note":
        return await app.push_screen_wait(Write(f"Note of {who}", notes[0].note))
    if field == "name":
        return await app.push_screen_wait(Ask(f"Name of {who}", "empty: it goes by its id", notes[0].name))
    common = [tag for tag in notes[0].tags if all(tag in other.tags for other in notes)]
    text = "words, separated by blanks" if len(paths) == 1 else "the tags all of them have; others of a run stay"
    answer = await app.push_screen_wait(Ask(f"Tags of {who}", text, " ".join(common)))
    return answer if answer is None or len(paths) == 1 else changes(common, answer.split()) or None


def changes(before: Sequence[str], after: Sequence[str]) -> str:
    """How tags were edited, as words `+new -gone`, so that what only some of several runs have stays theirs."""
    return " ".join(
        [f"+{tag}" for tag in after if tag not in before] + [f"-{tag}" for tag in before if tag not in after]
    )
