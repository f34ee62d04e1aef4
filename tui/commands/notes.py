"""`trainvis name`, `tag` and `note`: a person's own words about a run, changed at any time."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from ...engine.rundir import Notes, RunDir, retagged
from . import exits, options, words

_TAG = """\b
Examples
  trainvis tag last                         show the tags
  trainvis tag last +baseline -draft        add one, take one away
  trainvis tag last mnist final             replace them all"""

_NOTE = """\b
Examples
  trainvis note last                        show the note
  trainvis note last 'diverged: lr too high'
  trainvis note last - < notes.txt          from standard input
  trainvis note last --edit                 in $EDITOR"""


def _notes(run: RunDir) -> Notes:
    notes, problem = run.notes()
    if problem:
        words.hint(problem)
    return notes


def _edited(run: RunDir, **changes: object) -> Notes:
    """The other words stay as they are now: an editor may have been open for an hour."""
    return run.edit_notes(lambda notes: replace(notes, **changes))  # type: ignore[arg-type]


@click.command(
    epilog="\b\nExamples\n  trainvis name last 'first that learns'\n  trainvis name last ''           take it away"
)
@options.run_argument()
@click.argument("text")
@options.runs_option
def name(name: str, text: str) -> None:
    """Give RUN the name TEXT; commands accept it in place of the id."""
    run = options.run_of(name)
    called = _edited(run, name=text).name
    words.say(f"{run.id} is now called {called}" if called else f"{run.id} has no name now")


# Unknown options are arguments here: `-draft` takes the tag draft away.
@click.command(epilog=_TAG, context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@options.run_argument()
@click.argument("edits", metavar="[+TAG | -TAG | TAG]...", nargs=-1, type=click.UNPROCESSED)
@options.json_option
@options.runs_option
def tag(name: str, edits: tuple[str, ...], as_json: bool) -> None:
    """Show or change the tags of RUN; a tag has letters, digits and . _ / - and is lower case."""
    run = options.run_of(name)
    notes = _notes(run)
    if edits:
        notes = run.edit_notes(lambda now: replace(now, tags=retagged(now.tags, edits)))
    if as_json:
        words.print_json({"id": run.id, "tags": notes.tags})
    else:
        words.say(" ".join(notes.tags) or f"{run.id} has no tags")


@click.command(epilog=_NOTE)
@options.run_argument()
@click.argument("text", required=False)
@click.option("--edit", is_flag=True, help="Write it in $EDITOR.")
@options.runs_option
def note(name: str, text: str | None, edit: bool) -> None:
    """Show the note of RUN, or write TEXT as its note; an empty one takes it away."""
    run = options.run_of(name)
    notes = _notes(run)
    if edit:
        text = click.edit(notes.note)
        if text is None:
            raise exits.Failure("the editor was left without saving; the note is as it was")
    elif text == "-":
        text = sys.stdin.read()
    if text is None:
        for line in (notes.note or f"{run.id} has no note").splitlines():
            words.say(line)
        return
    _edited(run, note=text.strip())
    words.say(f"the note of {run.id} is written" if text.strip() else f"the note of {run.id} is taken away")
