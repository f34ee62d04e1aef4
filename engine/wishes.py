"""Wishes to a running script, and its answers: files in `control/`, the same for every launcher.

`control/<wish>.json` is written aside and renamed. While a `fit` runs the script keeps
`control/listening.json`; it renames what it takes to `<wish>.taken` and appends one line to
`control/answers.jsonl`: done, or refused and why. Standard library only: scripts import it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from . import process
from .files import append_line, read_json, write_json
from .rundir import Process, RunDir

LOOK_EVERY = 0.2  # seconds between two looks of a listener: a batch may take far less

Outcome = Literal["done", "refused"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a running script: `wish` is stop, kill or picture; `time` is Unix time."""

    wish: str
    id: str
    by: str = ""
    time: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the wish with this `id`; `why` is a sentence where it was refused."""

    wish: str
    id: str
    outcome: str
    why: str = ""
    time: float = 0.0


def ask(run: RunDir, wish: str, by: str, **options: object) -> Wish:
    """Leave a wish in the run directory. Raises OSError where it cannot be written."""
    asked = Wish(wish, os.urandom(4).hex(), by, time.time(), options)
    write_json(run.wish_file(wish), asdict(asked))
    return asked


def asked(run: RunDir, wish: str) -> Wish | None:
    """The latest wish of this kind, whether a script took it yet or not; None where there was none."""
    return _read(run, wish, taken=False) or _read(run, wish, taken=True)


def taken(run: RunDir, wish: Wish) -> bool:
    """Whether a script has this very wish in hand, or had."""
    found = _read(run, wish.wish, taken=True)
    return found is not None and found.id == wish.id


def forget(run: RunDir) -> None:
    """Take away what was wished of a process that is gone, before another begins. Raises OSError."""
    for wish in ("stop", "kill", "picture"):
        run.wish_file(wish).unlink(missing_ok=True)
        run.wish_file(wish).with_suffix(".taken").unlink(missing_ok=True)


def listening(run: RunDir, wish: str = "stop") -> bool:
    """Whether a living script listens for this wish; on another host, whether its file says so."""
    value = read_json(run.listening_file).value
    understands = value.get("understands")
    if not isinstance(understands, list) or wish not in understands:
        return False
    if value.get("host", process.host()) != process.host():
        return True
    try:
        return process.alive(Process(int(value["pid"]), str(value["start"])))
    except (KeyError, TypeError, ValueError):
        return False


def answers(run: RunDir) -> list[Answer]:
    """All answers so far, oldest first; damaged lines are passed over."""
    try:
        lines = run.answers_file.read_bytes().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            value = json.loads(line)
            found.append(Answer(**{name: value[name] for name in ("wish", "id", "outcome", "why", "time")}))
        except (ValueError, TypeError, KeyError):
            continue
    return found


class Listener:
    """The script's side. `take` may be called at every batch: it looks every 0.2 s of `clock` at most.

    `understands` is what the run directory says; `refuses` are wishes that are taken too, so that whoever has them is
    told why nothing comes of them.
    """

    def __init__(
        self,
        run: RunDir,
        understands: tuple[str, ...] = ("stop", "picture"),
        clock: Callable[[], float] = time.monotonic,
        refuses: tuple[str, ...] = (),
    ) -> None:
        self.run = run
        self.understands = understands
        self.refuses = refuses
        self._clock = clock
        self._next_look = float("-inf")

    def start(self) -> None:
        """Say that somebody listens. Raises OSError where the run directory cannot be written."""
        me = process.identity(os.getpid())
        write_json(
            self.run.listening_file,
            {
                "pid": os.getpid(),
                "start": me.start if me else "",
                "host": process.host(),
                "understands": list(self.understands),
                "since": time.time(),
            },
        )
        self._next_look = float("-inf")

    def take(self) -> list[Wish]:
        """The wishes left since the last look, each given out once; [] most of the time."""
        now = self._clock()
        if now < self._next_look:
            return []
        self._next_look = now + LOOK_EVERY
        return [wish for name in (*self.understands, *self.refuses) if (wish := self._take_one(name))]

    def answer(self, wish: Wish, outcome: Outcome, why: str = "") -> None:
        """Say what became of a wish. Raises OSError where the run directory cannot be written."""
        line = asdict(Answer(wish.wish, wish.id, outcome, why, time.time()))
        append_line(self.run.answers_file, json.dumps(line))

    def close(self) -> None:
        """Say that nobody listens any more, unless another process took over meanwhile."""
        if read_json(self.run.listening_file).value.get("pid") == os.getpid():
            self.run.listening_file.unlink(missing_ok=True)

    def _take_one(self, name: str) -> Wish | None:
        path = self.run.wish_file(name)
        try:
            os.replace(path, path.with_suffix(".taken"))
        except OSError:
            return None
        return _read(self.run, name, taken=True)


def _read(run: RunDir, name: str, *, taken: bool) -> Wish | None:
    path = run.wish_file(name)
    reading = read_json(path.with_suffix(".taken") if taken else path)
    if reading.missing:
        return None
    # A damaged wish is still a wish: somebody wanted this, and only its particulars are lost.
    value = reading.value
    options = value.get("options")
    moment = value.get("time")
    return Wish(
        name,
        str(value.get("id", "")),
        str(value.get("by", "")),
        float(moment) if isinstance(moment, int | float) else 0.0,
        options if isinstance(options, dict) else {},
    )
