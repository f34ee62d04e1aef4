"""`trainvis doctor`: what of this machine and terminal is well, and how to mend what is not."""

from __future__ import annotations

import locale
import os
import platform
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...engine import checks, places
from ...engine.checks import Check, Level
from ...engine.errors import TrainvisError
from . import exits, options, run, words

if TYPE_CHECKING:
    from ..terminal import Terminal

_EPILOG = """\b
Examples
  trainvis doctor
  trainvis doctor --python ~/envs/torch/bin/python
  trainvis doctor --quick --json

Exit code 1 where a line says bad; a line that says warn is a weakness only."""

_COLOR = "--color truecolor, or `color` in the settings file, says what it can"
_COLORS = {Level.OK: "green", Level.WARN: "yellow", Level.BAD: "red"}


@click.command(epilog=_EPILOG)
@click.option("--python", metavar="PATH", default="", help="The interpreter to look at, instead of this one.")
@click.option("--quick", is_flag=True, help="Do not import the callbacks, which loads a framework.")
@options.json_option
@options.runs_option
def doctor(python: str, quick: bool, as_json: bool) -> int:
    """Check terminal, settings, runs folder, cache, limits and interpreter; say how to mend what is not well."""
    found = []
    for check in _all(options.root(), run.interpreter_of(python), really=not quick):
        found.append(check)
        if not as_json:
            _print(check)
    if as_json:
        words.print_json([asdict(check) for check in found])
    return exits.Exit.FAILED if any(check.level is Level.BAD for check in found) else exits.Exit.OK


def _print(check: Check) -> None:
    level = f"{check.level.value:<4}"
    if "NO_COLOR" not in os.environ:
        level = click.style(level, fg=_COLORS[check.level])
    first, *others = [*_wrapped(check.found), *_wrapped(check.remedy)]
    click.echo(f"{level}  {check.what:<12}  {first}")
    for line in others:
        click.echo(f"{'':<20}{line}")


def _wrapped(text: str) -> list[str]:
    """Lines that fit beside the names; a path or a command is not broken."""
    width = max((words.width() or 200) - 20, 30)
    return textwrap.wrap(words.printable(text), width, break_long_words=False, break_on_hyphens=False)


def _all(root: Path, python: str, *, really: bool) -> Iterator[Check]:
    yield _trainvis()
    found = _looked_at()
    yield _terminal(found)
    if found is not None:
        yield _pictures(found)
    yield _encoding()
    yield _settings()
    yield checks.runs_folder(root)
    yield checks.cache(places.cache_folder())
    yield checks.file_system(root)
    yield checks.locks(root)
    yield checks.inotify()
    yield checks.logout()
    yield checks.git()
    yield from checks.interpreter(python, really=really)


def _trainvis() -> Check:
    from importlib.metadata import version

    return Check(
        "trainvis", Level.OK, f"{version('trainvis')}, Python {platform.python_version()}, {platform.platform()}"
    )


def _looked_at() -> Terminal | None:
    from .. import terminal

    return terminal.look() if sys.stdin.isatty() and sys.stdout.isatty() else None


def _pictures(found: Terminal) -> Check:
    """Which way pictures are shown, why, and whether a real terminal has ever shown them so."""
    from ..pixels.modes import UNSEEN, choose
    from ..settings import read_settings
    from ..start import images_wanted
    from ..terminal import utf8

    try:
        wanted = images_wanted("", read_settings().images)
    except TrainvisError as error:
        return Check("pictures", Level.WARN, str(error))
    mode = choose(found, wanted, unicode=utf8())
    unseen = UNSEEN.get(mode.name, "")
    words = f"{mode.name}: {mode.why}" + (f"; {unseen}" if unseen else "")
    remedy = "--images or $TRAINVIS_IMAGES or `images` in the settings file shows them in another way"
    return Check("pictures", Level.WARN if unseen else Level.OK, words, remedy if unseen else "")


def _terminal(found: Terminal | None) -> Check:
    if found is None:
        return Check("terminal", Level.OK, "none here: commands work, the application needs one")
    if found.problem:
        return Check("terminal", Level.WARN, found.problem)
    facts = [
        f"{found.name or 'unknown'} {found.version}".strip(),
        f"in {found.inside}" if found.inside else "",
        f"colours: {found.colors} ({found.why})",
        "sixel" if found.sixel else "",
        "kitty images" if found.kitty else "",
        f"{found.round_trip * 1000:.0f} ms away" if found.round_trip is not None else "",
    ]
    if found.silent:
        return Check(
            "terminal", Level.WARN, f"{facts[0]} did not answer; colours: {found.colors} ({found.why})", _COLOR
        )
    return Check("terminal", Level.OK, ", ".join(fact for fact in facts if fact))


def _encoding() -> Check:
    encoding = (sys.stdout.encoding or locale.getpreferredencoding()).lower()
    if encoding.replace("-", "") == "utf8":
        return Check("encoding", Level.OK, "UTF-8")
    remedy = "export LANG=C.UTF-8 shows curves and glyphs"
    return Check("encoding", Level.WARN, f"{encoding} has no glyphs for curves", remedy)


def _settings() -> Check:
    from ..settings import read_settings

    path = places.config_file()
    try:
        places.read_config()
    except TrainvisError as error:
        return Check("settings", Level.BAD, str(error))
    if problems := read_settings().problems:
        said = "; ".join(problem.removeprefix(f"{path}: ") for problem in problems)
        return Check("settings", Level.WARN, f"{path}: {said}")
    return Check("settings", Level.OK, str(path) if path.exists() else f"all as they come ({path} is not there)")
