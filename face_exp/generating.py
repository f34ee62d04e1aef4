"""A data set of drawn faces: a blob with identity, expression, pose and the rest of each, made by a few processes."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from os import PathLike
from pathlib import Path
from typing import Any

from PIL import Image

from ..datasets.building.build import BuildOptions, Built, build
from ..datasets.building.part import Part
from ..datasets.errors import BlobError
from ..datasets.layouts.iterable import of_samples
from ..datasets.sample import Planned, Sample
from ..engine.text import printable
from .drawing.face import draw
from .drawing.muscles import EXPRESSIONS
from .drawing.person import GENDERS
from .drawing.population import Shot, faces_of, shots
from .errors import FacesError

SIZES = 16, 1024  # pixels a side
MOST_PEOPLE, MOST_FACES = 2400, 5_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """What is drawn. The same options give the same faces, with any number of `workers` (0: one a core).

    `correlation` 0…1 is how far the expression tells who it is: a face of a person has an expression by
    (1 − correlation) · COMMON + correlation · own, where own is the one expression of that person. `difficulty` 0…1
    makes people more alike and pose, light, hair and noise of their pictures less so. `strength` 0…2 is how far an
    expression moves a face: with 0 nobody moves. `sessions` are the occasions on which a person was taken, each with
    its own light, hair, clothes and background: the field `session` is what a split by group keeps together.
    """

    people: int = 60
    faces: int = 3000
    size: int = 130
    seed: int = 0
    correlation: float = 0.3
    difficulty: float = 0.5
    strength: float = 1.0
    sessions: int = 6
    workers: int = 0

    def __post_init__(self) -> None:
        """Raises FacesError."""
        for what, value, least, most in (
            ("the number of people", self.people, 1, MOST_PEOPLE),
            ("the number of faces", self.faces, 1, MOST_FACES),
            ("the size of a face in pixels", self.size, *SIZES),
            ("the seed", self.seed, 0, 2**63 - 1),
            ("the correlation of person and expression", self.correlation, 0, 1),
            ("the difficulty", self.difficulty, 0, 1),
            ("the strength of expressions", self.strength, 0, 2),
            ("the number of sessions of a person", self.sessions, 1, 1000),
            ("the number of workers", self.workers, 0, 1024),
        ):
            if not least <= value <= most:
                raise FacesError(f"{what} is {least:,} to {most:,}, not {value:,}")
        if self.faces < self.people:
            raise FacesError(
                f"{self.faces:,} faces are too few for {self.people:,} people: each needs one at least; "
                "ask for more faces or fewer people"
            )


def generate(
    out: str | PathLike[str],
    options: Options | None = None,
    say: Callable[[str], None] = print,
    *,
    tell: Callable[[int, int], None] | None = None,
    replace: bool = False,
) -> Path:
    """Draw the faces into the blob `out` (.h5 or .lmdb), which is there once it is whole; its path.

    `say` gets sentences, how far it is among them; `tell(done, of)` gets that instead where it is given. The fields
    are image, identity, expression, intensity, gender, age, glasses, yaw, pitch, roll, light, covered and session.
    Raises FacesError, BlobError; KeyboardInterrupt leaves nothing.
    """
    return drawn(out, options, say, tell=tell, replace=replace).path


def drawn(
    out: str | PathLike[str],
    options: Options | None = None,
    say: Callable[[str], None] = print,
    *,
    tell: Callable[[int, int], None] | None = None,
    replace: bool = False,
) -> Built:
    """The same as `generate`; what was built."""
    options, out = options or Options(), Path(out)
    workers = options.workers or os.cpu_count() or 1
    where = printable(out, 300)
    if out.exists() and not replace:
        raise FacesError(f"{where} is there already: choose another name, or say --replace")
    if not out.parent.is_dir():
        raise FacesError(f"{printable(out.parent, 300)} is no folder: {printable(out.name, 200)} cannot be put there")
    faces = f"{options.faces:,} face{'s' * (options.faces > 1)}"
    people = f"{options.people:,} people" if options.people > 1 else "one person"
    say(f"drawing {faces} of {people}, {options.size}×{options.size} pixels: {where}")
    try:
        source = of_samples(partial(_samples, options, workers, tell or _said(say)), _FIELDS, options.faces)
        built = build(source, out, BuildOptions(workers=1), fresh=True, replace=replace)
    except KeyboardInterrupt:  # what is half built is not gone on with: drawing is quick
        with suppress(BlobError, OSError), Part(out).locked():
            Part(out).remove()
        raise
    say(f"{where}: {faces} in {built.seconds:.0f} s; digest {built.digest[:16]}")
    return built


_FIELDS = (
    Planned("image", "image"),
    Planned("identity", "class"),
    Planned("expression", "class", EXPRESSIONS),
    Planned("intensity", "number"),
    Planned("gender", "class", GENDERS),
    Planned("age", "number"),
    Planned("glasses", "class", ("no", "yes")),
    Planned("yaw", "number"),
    Planned("pitch", "number"),
    Planned("roll", "number"),
    Planned("light", "number"),
    Planned("covered", "class", ("no", "yes")),
    Planned("session", "text"),
)
_TOGETHER = 8  # faces that a worker is given at once
_AHEAD = 4  # of such, a worker
_QUALITY = 92  # of JPEG
_SAY_EVERY = 5.0  # seconds


def _samples(options: Options, workers: int, tell: Callable[[int, int], None]) -> Iterator[Sample]:
    """The faces in their order, drawn by as many processes."""
    parts = _parts(options)
    done = 0
    tell(0, options.faces)
    with ExitStack() as stack:
        for samples in map(_drawn, parts) if workers == 1 else _by_many(parts, workers, stack):
            yield from samples
            done += len(samples)
            tell(done, options.faces)


def _parts(options: Options) -> Iterator[tuple[Options, int, int, int]]:
    for number in range(options.people):
        count = faces_of(number, options.people, options.faces)
        for first in range(0, count, _TOGETHER):
            yield options, number, first, min(first + _TOGETHER, count)


def _by_many(parts: Iterator[Any], workers: int, stack: ExitStack) -> Iterator[list[Sample]]:
    """Raises FacesError where a worker died."""
    # Not forked: whoever calls may have threads, a framework among them.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_alone)
    stack.callback(pool.shutdown, wait=True, cancel_futures=True)
    waiting = deque(pool.submit(_drawn, part) for part in islice(parts, workers * _AHEAD))
    try:
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(_drawn, part) for part in islice(parts, 1))
    except BrokenProcessPool:
        raise FacesError(
            "a process that draws faces has ended before its time. Was the memory used up? Take fewer workers. Does a "
            'program of your own call this? It has to below if __name__ == "__main__":, for each process reads its file'
        ) from None


def _alone() -> None:
    """A worker begins: Ctrl-C is for the process that asked, with which it ends, however that does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None

    def leave() -> None:
        wait([parent.sentinel])
        os._exit(1)  # the pool would wait for work for ever

    threading.Thread(target=leave, daemon=True).start()


def _drawn(part: tuple[Options, int, int, int]) -> list[Sample]:
    """Some faces of one person, as they go into the blob."""
    options, number, first, last = part
    count = faces_of(number, options.people, options.faces)
    taken = shots(
        number, count, options.seed, options.correlation, options.difficulty, options.strength, options.sessions,
        first, last,
    )  # fmt: skip
    return [_sample(shot, options.size) for shot in taken]


def _sample(shot: Shot, size: int) -> Sample:
    who, look = shot.person, shot.look
    file = io.BytesIO()
    Image.fromarray(draw(who, look, size)).save(file, "JPEG", quality=_QUALITY)
    values = {
        "image": file.getvalue(), "identity": who.name, "expression": look.expression,
        "intensity": round(look.intensity, 4), "gender": who.gender,
        "age": round(who.age if look.age is None else look.age, 1), "glasses": "yes" if look.glasses else "no",
        "yaw": round(look.yaw, 2), "pitch": round(look.pitch, 2), "roll": round(look.roll, 2),
        "light": round(look.light, 2), "covered": "yes" if look.cover else "no", "session": shot.session,
    }  # fmt: skip
    return Sample(shot.key, values, group=shot.session)


def _said(say: Callable[[str], None]) -> Callable[[int, int], None]:
    """How far it is, in sentences."""
    told, first, began = time.monotonic(), 0, 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told, first, began
        now = time.monotonic()
        if done and not first:  # until now processes were started, which tells nothing of the rest
            told, first, began = now, done, now
        if now - told >= _SAY_EVERY and done < total:
            told = now
            left = (now - began) / max(done - first, 1) * (total - done)
            say(f"{done:,} of {total:,} faces are drawn, about {left:.0f} s left")

    return tell
