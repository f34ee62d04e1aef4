"""What a person does to runs: each verb a message that bubbles up to the application, a function, and a word after it.

The functions run in a thread, raise `TrainvisError` where they cannot, and answer with what they did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from ..engine.errors import TrainvisError
from ..engine.rundir import Notes, RunDir, retagged
from ..engine.text import printable


class Deed(Message):
    """Asks the application to do `verb` (a name in `VERBS`) to the runs at `paths`.

    `value` is the new tags, name or note; None lets the application ask for it.
    """

    def __init__(self, verb: str, paths: Sequence[Path], value: str | None = None) -> None:
        super().__init__()
        self.verb = verb
        self.paths = tuple(paths)
        self.value = value


@dataclass(frozen=True, slots=True)
class Verb:
    """`do(run, root, value)` acts and returns the word after it; `confirm` is the question asked before, "" for none.

    `several` is the question where it is to be done to more than one run.
    `asks` names the field of the notes that a dialog edits first.
    """

    do: Callable[[RunDir, Path, str], str]
    confirm: str = ""
    asks: str = ""
    several: str = ""

    def question(self, runs: int) -> str:
        """What is asked before it is done to so many runs, "" for nothing."""
        return self.confirm or (self.several if runs > 1 else "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The words after a deed, and whether all of it went well."""

    words: tuple[str, ...]
    well: bool


def perform(verb: str, paths: Sequence[Path], root: Path, value: str = "") -> Outcome:
    """Do `verb` to each run and gather the words; a run that refuses does not keep the others from it."""
    words: list[str] = []
    well = True
    for path in paths:
        try:
            words.append(VERBS[verb].do(RunDir(path), root, value))
        except TrainvisError as error:
            words.append(str(error))
            well = False
        except OSError as error:
            words.append(f"{verb} of {printable(path.name)}: {error.strerror or error}")
            well = False
    return Outcome(tuple(words), well)


def title(run: RunDir) -> str:
    """The name given, else the id, harmless to show."""
    return printable(run.notes()[0].name or run.id, 60)


def _stop(run: RunDir, root: Path, value: str) -> str:  # noqa: ARG001 (one signature for all verbs)
    from ..engine.launch import stop

    stop(run)
    return f"{title(run)} was asked to stop"


def _kill(run: RunDir, root: Path, value: str) -> str:  # noqa: ARG001
    from ..engine.launch import kill

    kill(run)
    return f"{title(run)} was killed"


def _again(run: RunDir, root: Path, value: str) -> str:  # noqa: ARG001
    from ..engine.launch import rerun

    return f"{title(run)} runs again as {rerun(run, root).id}"


def _resume(run: RunDir, root: Path, value: str) -> str:  # noqa: ARG001
    from ..engine.launch import resume

    return f"{title(run)} goes on from its network as {resume(run, root).id}"


def _delete(run: RunDir, root: Path, value: str) -> str:  # noqa: ARG001
    from ..engine.trash import delete

    name = title(run)
    delete(run)
    return f"{name} is in the trash; u takes it back"


def _tags(run: RunDir, root: Path, value: str) -> str:  # noqa: ARG001
    tags = run.edit_notes(lambda notes: Notes(notes.name, retagged(notes.tags, value), notes.note)).tags
    return f"{title(run)} is tagged {' '.join(tags)}" if tags else f"{title(run)} has no tags now"


def _name(run: RunDir, root: Path, value: str) -> str:  # noqa: ARG001
    run.edit_notes(lambda notes: Notes(value, notes.tags, notes.note))
    return f"{run.id} is called {title(run)}" if value.strip() else f"{run.id} goes by its id again"


def _note(run: RunDir, root: Path, value: str) -> str:  # noqa: ARG001
    run.edit_notes(lambda notes: Notes(notes.name, notes.tags, value))
    return f"the note of {title(run)} is kept"


VERBS: dict[str, Verb] = {
    "stop": Verb(_stop),
    "kill": Verb(_kill, confirm="Kill {what} at once? The whole process tree gets SIGKILL."),
    "again": Verb(_again, several="Run {what} again, all at the same time?"),
    "resume": Verb(_resume, several="Resume {what}, all at the same time?"),
    "delete": Verb(_delete, several="Move {what} to the trash?"),
    "tags": Verb(_tags, asks="tags"),
    "name": Verb(_name, asks="name"),
    "note": Verb(_note, asks="note"),
}


def undo(root: Path) -> Outcome:
    """Take the last delete back."""
    from ..engine.trash import undo as take_back

    try:
        return Outcome((f"{title(RunDir(take_back(root)))} is back",), well=True)
    except TrainvisError as error:
        return Outcome((str(error),), well=False)
