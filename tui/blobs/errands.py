"""The threads that read for a screen: the newest wish of a kind wins, what is late is dropped."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.message import Message
from textual.message_pump import MessagePump

from ...engine.errors import TrainvisError
from ...engine.text import printable


class Left(Exception):  # noqa: N818 (no error: nobody wants the answer any more)
    """Raised in an errand that was overtaken by a newer one of its kind."""


class Answer(Message, bubble=False):
    """What an errand brought: `value`, or the sentence `problem`. `last`: nothing follows."""

    def __init__(self, errand: Errand, value: Any, problem: str = "", *, last: bool = True) -> None:
        super().__init__()
        self.errand, self.value, self.problem, self.last = errand, value, problem, last

    @property
    def kind(self) -> str:
        return self.errand.kind

    @property
    def late(self) -> bool:
        """Whether somebody has asked for something else since."""
        return self.errand.left


@dataclass(slots=True, eq=False)
class Errand:
    """`do` is called in a thread with the errand, to which it may tell what it has found so far."""

    who: MessagePump
    kind: str
    do: Callable[[Errand], Any]
    left: bool = False

    def tell(self, value: Any) -> None:
        """Hand over a part. Raises Left where nobody wants the rest."""
        self.go_on()
        self.who.post_message(Answer(self, value, last=False))

    def go_on(self) -> None:
        """Raises Left where nobody wants the answer any more."""
        if self.left:
            raise Left


class Errands:
    """One thread that does errands, in the order in which they were asked for, but the newest of each kind only."""

    def __init__(self, name: str) -> None:
        self._lock = threading.Condition()
        self._waiting: OrderedDict[tuple[int, str], Errand] = OrderedDict()
        self._newest: dict[tuple[int, str], Errand] = {}
        self._stopped = False
        self._end: Callable[[], object] | None = None
        self._thread = threading.Thread(target=self._work, name=f"trainvis-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, end: Callable[[], object] | None = None) -> None:
        """End the thread, which is not waited for; it calls `end` last."""
        with self._lock:
            self._stopped, self._end = True, end
            for errand in self._newest.values():
                errand.left = True
            self._lock.notify()

    def ask(self, who: MessagePump, kind: str, do: Callable[[Errand], Any]) -> None:
        """Have something done; `who` gets an Answer. What was asked before under this kind is wanted no more."""
        errand, key = Errand(who, kind, do), (id(who), kind)
        with self._lock:
            before = self._newest.get(key)
            if before is not None:
                before.left = True
            self._newest[key] = errand
            self._waiting.pop(key, None)
            self._waiting[key] = errand
            self._lock.notify()

    def drop(self, who: MessagePump, kind: str) -> None:
        """Nobody wants the answer any more."""
        with self._lock:
            self._waiting.pop((id(who), kind), None)
            errand = self._newest.pop((id(who), kind), None)
            if errand is not None:
                errand.left = True

    def _work(self) -> None:
        while True:
            with self._lock:
                while not (self._waiting or self._stopped):
                    self._lock.wait()
                if self._stopped:
                    break
                _, errand = self._waiting.popitem(last=False)
            self._do(errand)
        if self._end is not None:
            self._end()

    def _do(self, errand: Errand) -> None:
        try:
            answer = Answer(errand, errand.do(errand))
        except Left:
            return
        except TrainvisError as error:
            answer = Answer(errand, None, printable(error, 400))
        except MemoryError:
            answer = Answer(errand, None, "there is not enough memory for it")
        except Exception as error:  # noqa: BLE001 (the end of a thread: it becomes a sentence on the screen)
            answer = Answer(errand, None, f"it cannot be read: {printable(error, 200) or type(error).__name__}")
        if not errand.left:
            errand.who.post_message(answer)


class LastOne:
    """Called by each of `count` threads at its end: the last one does `what`. No file is closed while another reads."""

    def __init__(self, count: int, what: Callable[[], object]) -> None:
        self._left, self._what, self._lock = count, what, threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            self._left -= 1
            last = self._left == 0
        if last:
            self._what()
