"""Trains heads of a study one after another: `python -m trainvis.face_exp.head`, which a study starts and feeds.

One JSON object a line: jobs come through standard input, answers go out through standard output, all that a framework
writes goes to standard error, which is the output of the study. It ends when its study does, for then the pipe closes;
a head it trains at that moment is stopped, and has no scores.
"""

from __future__ import annotations

import argparse
import atexit
import errno
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING, Any, NoReturn

from ..engine.errors import TrainvisError
from ..engine.text import printable
from ..vis import by_name

if TYPE_CHECKING:
    from .preparing import Material
    from .scores import Head, Scores

_LOOK_EVERY = 0.3  # seconds between two wishes to a head that is to stop: it may just be beginning
_PATIENCE = 30.0  # seconds that it may take
_INTERRUPT = signal.SIGUSR1  # of ourselves to ourselves: SIGTERM stays what it is


def main(arguments: Sequence[str] | None = None) -> int:
    """Do the jobs that come; the exit code is 0 where they came to an end."""
    argparse.ArgumentParser(
        prog="python -m trainvis.face_exp.head", description="A part of a study: `trainvis faces study` starts it"
    ).parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches it with its study, which says what is to be done
    # Where a study was killed, what was not said yet can be said to nobody.
    with suppress(BrokenPipeError), os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        by_name.prepare()
        return _Worker(out).work()
    return 0


class _Worker:
    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._telling = threading.Lock()
        self._jobs: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self._stopped = ""  # by whom
        self._doing = ""
        self._lost = False  # an interrupt, where Python can raise nothing
        self._material: Material | None = None
        self._results = Path()
        self._tags: tuple[str, ...] = ()
        self._done = False

    def work(self) -> int:
        signal.signal(_INTERRUPT, self._interrupted)
        sys.unraisablehook = self._unraised
        threading.Thread(target=self._hear, daemon=True).start()
        while (job := self._jobs.get()) is not None and not self._stopped:
            self._done = True
            self._tell(self._answer(job))
        if self._done or self._stopped:
            return 0
        return by_name.refused("this is a part of a study, and no study speaks to it: start `trainvis faces study`")

    def _answer(self, job: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._did(job)
        except KeyboardInterrupt:
            self._doing = ""
            return {"refused": f"stopped by {self._stopped}"}
        except ModuleNotFoundError as error:
            return {"refused": by_name.lacks(error)}
        except TrainvisError as error:
            return {"refused": str(error)}
        except OSError as error:
            return {"refused": _sentence(error)}
        except (MemoryError, ValueError, TypeError, RuntimeError, ArithmeticError, LookupError) as error:
            from ..vis.framework import plain

            return {"refused": f"the data cannot be prepared: {plain(error)}"}

    def _did(self, job: Mapping[str, Any]) -> dict[str, Any]:
        self._doing = str(job["do"])
        try:
            if self._stopped:  # just now, when nothing was done that it could end
                raise KeyboardInterrupt
            return self._prepare(job) if self._doing == "prepare" else self._head(job)
        finally:
            # Before the answer is told: a study that has it may let us go, which interrupts nothing.
            self._doing = ""

    def _prepare(self, job: Mapping[str, Any]) -> dict[str, Any]:
        from ..vis import framework
        from . import preparing
        from .nets import training
        from .plan import heads_of
        from .settings import of_json

        first = bool(job["first"])
        self._results, self._tags = Path(job["results"]), tuple(job["tags"])
        say, stage = (self._say, self._stage) if first else (_unsaid, _unsaid)
        opened = preparing.opened(of_json(job["settings"]), say, stage)
        faces = opened.faces
        heads = heads_of(opened.nets, opened.settings.seeds, tuple(opened.sets), opened.settings.sources)
        about = {
            "faces": len(faces), "people": len(faces.identities), "learned": len(opened.split(0).train),
            "groups": len(set(faces.group.tolist())), "expressions": len(faces.expressions),
            "classes": {name: len(each) for name, each in opened.sets.items()}, "name": faces.name,
            "digest": faces.digest, "notes": [*opened.notes, *faces.notes], "heads": len(heads),
            "expressions_by": preparing.expressions_by(opened), "expressions_from": opened.settings.expression_from,
            "nets": {net.name: training(net) for net in opened.nets}, "films_apart": preparing.in_films(faces),
        }  # fmt: skip
        if first:
            self._tell({"opened": about})
        if told := framework.wake():
            say(told)
        material = preparing.material(opened, say, stage)
        if first:
            facts = preparing.facts_of(
                opened, heads, extractor=material.extractor, width=material.width, notes=material.notes
            )
            facts.write(self._results)
        self._material = material
        made = {"width": material.width, "extractor": material.extractor, "made_by": material.made_by}
        return {"prepared": {**about, **made}}

    def _head(self, job: Mapping[str, Any]) -> dict[str, Any]:
        from .scores import Head, write
        from .training import Stopped

        head = Head(**job["head"])
        try:
            scores = self._trained(head)
            write(self._results / "heads", scores)
        except Stopped as error:
            return {"stopped": head.id, "by": error.by or self._stopped}
        except OSError as error:
            return {"failed": head.id, "why": _sentence(error), "full": error.errno in (errno.ENOSPC, errno.EDQUOT)}
        except TrainvisError as error:
            return {"failed": head.id, "why": str(error)}
        except Exception as error:  # noqa: BLE001 - a framework raises anything: it ends a head, not the study
            from ..vis.framework import plain

            return {"failed": head.id, "why": plain(error)}
        target = "identity" if "identity" in scores.classes else "expression"
        return {
            "finished": head.id, "seconds": scores.seconds, "run": scores.run,
            **{part: scores.accuracy(part, target) for part in scores.predictions},
        }  # fmt: skip

    def _trained(self, head: Head) -> Scores:
        from .training import train

        assert self._material is not None  # a study prepares each worker first
        material = self._material
        settings = material.opened.settings
        net = next(each for each in material.opened.nets if each.name == head.net)
        tail = material.trunk
        return train(
            net,
            material.data(head),
            head,
            run_name=head.id,
            params={"split": settings.split, "extractor": material.extractor},
            tags=self._tags,
            trunk=tail.tail if tail else None,
            pairs=settings.pairs,
        )

    def _hear(self) -> None:
        """Take what the study says while a job is done; where it says no more, it is gone."""
        for line in sys.stdin:
            message = json.loads(line)
            if message["do"] == "stop":
                self._stop(message["by"])
            else:
                self._jobs.put(message)
        if self._done:
            self._stop("the end of its study")
        self._jobs.put(None)

    def _stop(self, by: str) -> None:
        self._stopped = self._stopped or by
        self._jobs.put(None)
        if self._doing:
            threading.Thread(target=self._pursue, daemon=True).start()

    def _pursue(self) -> None:
        """End what is being done: a training by a wish, anything else as by Ctrl-C, which leaves nothing half made."""
        from ..vis import recording

        deadline = time.monotonic() + _PATIENCE
        if self._doing != "head":
            os.kill(os.getpid(), _INTERRUPT)
        while self._doing and time.monotonic() < deadline:
            if self._lost:
                self._lost = False
                os.kill(os.getpid(), _INTERRUPT)
            recording.wish_stop(self._stopped)
            time.sleep(_LOOK_EVERY)
        if self._doing:
            os.kill(os.getpid(), signal.SIGTERM)

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        if self._doing:  # else it is done with, and came too late
            raise KeyboardInterrupt

    def _unraised(self, unraisable: sys.UnraisableHookArgs) -> None:
        """What a callback or a `__del__` raised, which Python drops: an interrupt that came in one is sent again."""
        if self._stopped and issubclass(unraisable.exc_type, KeyboardInterrupt):
            self._lost = True
        else:
            sys.__unraisablehook__(unraisable)

    def _say(self, text: object) -> None:
        self._tell({"said": str(text)})

    def _stage(self, name: object) -> None:
        self._tell({"stage": str(name)})

    def _tell(self, message: Mapping[str, Any]) -> None:
        try:
            with self._telling:
                self._out.write(json.dumps(message) + "\n")
                self._out.flush()
        except (OSError, ValueError):  # nobody reads it any more: the end of standard input says the same
            pass


def _sentence(error: OSError) -> str:
    where = f"{printable(error.filename, 200)}: " if error.filename else ""
    return f"{where}{error.strerror or printable(error, 200)}"


def _unsaid(_text: object) -> None:
    """The first worker has said it."""


def _leave(code: int) -> NoReturn:
    """End at once, after all that waits for the end has had its turn: to take down what a framework built takes it
    seconds, in which a study would wait.
    """
    atexit._run_exitfuncs()  # noqa: SLF001
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _leave(main())
