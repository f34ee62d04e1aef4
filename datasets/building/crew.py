"""The workers of a build, and the chunks that they make, in the order of the plan."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from socket import socketpair
from typing import Any, Self

from ..errors import BlobError
from .chunk import Chunk
from .outline import Outline
from .slot import Slot
from .worker import Task

SLOTS = 3  # of a worker: one that it fills, one on the way, one that is written
AHEAD = 3  # ranges that a worker has before it


class _Hand:
    """A worker as the builder sees it."""

    def __init__(self, slots: list[Slot]) -> None:
        mine, other = socketpair()
        descriptors = [slot.descriptor for slot in slots]
        with other:
            self.process = subprocess.Popen(
                # -P: a file in the current folder may be called like a module.
                [sys.executable, "-P", "-m", f"{__package__}.worker", str(other.fileno())],
                pass_fds=(other.fileno(), *descriptors),
                process_group=0,  # Ctrl-C is for the builder
                env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )
        self.connection = Connection(mine.detach())
        self.slots = slots
        self.descriptors = tuple(descriptors)
        self.ahead: deque[int] = deque()
        self.marks: deque[Mark] = deque()

    def send(self, message: object) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # its death is heard where it is listened to
            self.connection.send(message)

    def close(self) -> None:
        self.connection.close()
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:  # in the middle of a large image
            self.process.kill()
            self.process.wait()
        for slot in self.slots:
            slot.close()


@dataclass(slots=True)
class Mark:
    """A place between ranges: what the workers counted since the one before it."""

    counted: list[dict[str, Any]] = field(default_factory=list)


class Crew:
    """Makes chunks of ranges of the plan; each range by one worker, given back in order."""

    def __init__(self, workers: int) -> None:
        """They wait for their task. Raises OSError."""
        self._hands: list[_Hand] = []
        self._order: deque[tuple[int, _Hand] | Mark] = deque()
        self._come: dict[int, deque[Chunk]] = {}
        self.start(workers)

    def start(self, workers: int) -> None:
        """More of them, until there are so many; each takes a moment. Before `begin`. Raises OSError."""
        try:
            while len(self._hands) < workers:
                self._hands.append(_Hand([Slot.made() for _ in range(SLOTS)]))
        except BaseException:
            self.close()
            raise

    def begin(self, folder: Path, outline: Outline, *, packed: bool) -> None:
        """What is to be done, with the listing in `folder`."""
        for hand in self._hands:
            hand.send(Task(folder, outline, packed, hand.descriptors))

    @property
    def pids(self) -> list[int]:
        return [hand.process.pid for hand in self._hands]

    def chunks(self, ranges: Iterator[tuple[int, int] | None]) -> Iterator[tuple[Chunk, memoryview] | Mark]:
        """Of each range, in order, with the memory that its values lie in until the next one is asked for; a mark for
        each None between them.

        Raises BlobError where a worker died.
        """
        while True:
            self._hand_out(ranges)
            if not self._order:
                return
            next_one = self._order[0]
            if isinstance(next_one, Mark):
                while len(next_one.counted) < len(self._hands):
                    self._listen()
                self._order.popleft()
                yield next_one
                continue
            first, hand = next_one
            while not self._come[first]:
                self._listen()
            chunk = self._come[first].popleft()
            slot = hand.slots[chunk.slot]
            slot.fit(chunk.size)
            if chunk.last:
                self._order.popleft()
                hand.ahead.remove(first)
                del self._come[first]
            yield chunk, slot.view
            hand.send(("free", chunk.slot))

    def close(self) -> None:
        for hand in self._hands:
            hand.close()
        self._hands = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hand_out(self, ranges: Iterator[tuple[int, int] | None]) -> None:
        while True:
            hand = min(self._hands, key=lambda each: len(each.ahead))
            if len(hand.ahead) >= AHEAD:
                return
            try:
                found = next(ranges)
            except StopIteration:
                return
            if found is None:
                mark = Mark()
                self._order.append(mark)
                for each in self._hands:
                    each.marks.append(mark)
                    each.send(("flush",))
                continue
            hand.ahead.append(found[0])
            self._order.append((found[0], hand))
            self._come[found[0]] = deque()
            hand.send(("range", *found))

    def _listen(self) -> None:
        """What is said next, by whom ever."""
        for connection in wait([hand.connection for hand in self._hands]):
            hand = next(each for each in self._hands if each.connection is connection)
            try:
                message = hand.connection.recv()
            except (EOFError, ConnectionResetError) as error:
                raise BlobError(_death(hand.process)) from error
            match message:
                case ("chunk", chunk):
                    self._come[chunk.first].append(chunk)
                case ("counted", counted):
                    hand.marks.popleft().counted.append(counted)
                case (_, why):
                    raise BlobError(f"a worker of the build failed: {why}")


def _death(process: subprocess.Popen[bytes]) -> str:
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    code = process.returncode
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in {*signal.Signals} else str(-code)
        memory = ": perhaps the memory was used up" if -code == signal.SIGKILL else ""
        return f"a worker of the build was killed ({name}{memory})"
    return f"a worker of the build ended (exit code {code})"
