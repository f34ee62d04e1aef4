"""A study as it goes: data prepared, heads trained by workers, a report written, whatever happens in between.

Nothing here computes: the study conducts, hears wishes, and keeps what is finished. So it can be stopped at any moment.
"""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any

from ..engine.text import printable
from ..vis.framework import plain
from ..vis.recording import Recording
from . import demo
from . import settings as kept
from .crew import Crew
from .errors import FacesError
from .nets import Net
from .plan import Pace, Plan, heads_of, next_head, plan, said
from .preparing import nets_of
from .resuming import other_data, other_expressions, other_features, other_training, taken_over
from .scores import Head, scores_file
from .settings import Settings
from .splits import many
from .stages import Stages
from .workers import Worker, cores, usual

_LOOK_EVERY = 0.2  # seconds between two looks for a wish
_TELL_EVERY = 10.0  # seconds between two lines of metrics while no head ends
_STRIKES = 3  # so many workers may end one after another without a finished head
_REPORT = 15.0  # seconds that a report takes
_LAST = 45.0  # seconds that workers have to end in: within the minute that a stop has


@dataclass(slots=True)
class Study:
    """One study. `resumed` is the results folder of the one that it goes on with; `workers` 0 is what is usual."""

    settings: Settings
    recording: Recording
    resumed: Path | None = None
    workers: int = 0
    say: Callable[[str], None] = print
    _crew: Crew = field(default_factory=Crew)
    _nets: Mapping[str, Net] = field(default_factory=dict)
    _about: Mapping[str, Any] = field(default_factory=dict)
    _plan: Plan = field(default_factory=lambda: Plan((), {}))
    _widest: int = 0  # id of a head, in characters
    _pace: Pace | None = None
    _waiting: list[Head] = field(default_factory=list)
    _finished: list[Head] = field(default_factory=list)
    _unfinished: dict[Head, str] = field(default_factory=dict)
    _by: str = ""  # who stopped it
    _signal: int = 0
    _why: str = ""  # nothing more can be done
    _strikes: int = 0
    _told: float = 0.0
    _reached: float = 0.0
    _clock: Stages = field(default_factory=lambda: Stages({}))

    @property
    def results(self) -> Path:
        return self.recording.run.results

    def run(self) -> int:
        """Do it all; the exit code: 0 where all is done or somebody wished for the end, 128 + a signal, else 1."""
        self._nets = {net.name: net for net in nets_of(self.settings)}
        self._clock = self._stages()
        self._keep_settings()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signalled)
        self.recording.listen()
        try:
            self._prepare()
            if self._about and not self._ending:
                self._begin()
                self._train()
        finally:
            self._send_home()
        return self._conclude()

    @property
    def _ending(self) -> bool:
        return bool(self._by or self._why)

    # ---- before the heads

    def _keep_settings(self) -> None:
        """`study.json` at once: a study that is cut while its data is prepared can be taken up as well."""
        if self.settings.config:
            copy = kept.config_copy(self.results)
            shutil.copyfile(self.settings.config, copy)
            self.settings = replace(self.settings, config=str(copy))
        self._write_study()

    def _write_study(self) -> None:
        about = {
            "heads": [head.id for head in self._plan.heads], "data": dict(self._about),
            "resumes": self.resumed.parent.name if self.resumed else "",
        }  # fmt: skip
        kept.write(self.results, self.settings, about)

    def _prepare(self) -> None:
        """One worker with all processors opens the data and computes the features, which the others find then."""
        self.say(f"study: {', '.join(kept.words(self.settings))}")
        if left := self._clock.left():
            self.say(f"about {said(left)} in all")
            self.recording.metrics.left(left)
        worker = self._hire(first=True, threads=0)
        while not self._about and not self._ending:
            for each, message in self._hear():
                if message is None:
                    self._why = f"the data could not be prepared: {each.end()}"
                elif "opened" in message:
                    self._opened(message["opened"])
                elif "prepared" in message:
                    self._about = message["prepared"]
                    each.ready = True
                    if self.resumed is not None:
                        self._why = self._why or other_features(self.resumed, self._about)
        if self._number() > 1 and self._about:  # it may use all processors, and heads are trained with one each
            self._crew.let_go(worker)

    def _opened(self, about: Mapping[str, Any]) -> None:
        if self.resumed is not None:
            others = (other_data, other_expressions, other_training)
            self._why = self._why or next(filter(None, (other(self.resumed, about) for other in others)), "")
        planned = self._planned(about, demo.WIDTH)
        seconds = self._expected(planned)
        self.say(
            f"{many(len(planned), 'head')}: {many(len(self._nets), 'network')}, {many(self.settings.seeds, 'seed')}, "
            f"{many(len(about['classes']), 'set')} of expressions; "
            + ("the first that is finished tells how long they take" if seconds is None else f"about {said(seconds)}")
        )

    def _planned(self, about: Mapping[str, Any], width: int) -> Plan:
        heads = heads_of(
            tuple(self._nets.values()), self.settings.seeds, tuple(about["classes"]), self.settings.sources
        )
        return plan(
            heads, self._nets, faces=about["learned"], width=width, identities=about["people"],
            classes=about["classes"],
        )  # fmt: skip

    def _expected(self, planned: Plan) -> float | None:
        """Seconds of the heads that are to be trained; None where only the first of them can tell."""
        if self.settings.tune:  # what is known of a head is not what the extractor costs
            return None
        done = {head for head in planned.heads if self.resumed and scores_file(self.resumed / "heads", head).exists()}
        return planned.seconds(head for head in planned.heads if head not in done) / self._number(len(planned))

    def _stages(self) -> Stages:
        """Of the demo all is known before its faces are drawn; of other data nothing before it is opened."""
        if not self.settings.demo:
            return Stages({"features": None, "heads": None, "report": _REPORT})
        from .expressions import parse_rules

        options = demo.OPTIONS
        names = parse_rules(self.settings.expressions)
        classes = {name: int(name) if name.isdecimal() else 7 for name in names}
        learned = int(options.faces * 0.7)
        planned = self._planned({"learned": learned, "people": options.people, "classes": classes}, demo.WIDTH)
        before = demo.expected(self.settings.extractor)
        return Stages({**before, "heads": self._expected(planned), "report": _REPORT})

    # ---- the heads

    def _begin(self) -> None:
        self._plan = self._planned(self._about, self._about["width"])
        self._widest = max((len(head.id) for head in self._plan.heads), default=0)
        self._write_study()
        self._finished = [head for head in self._plan.heads if taken_over(head, self.results, self.resumed)]
        self._waiting = [head for head in self._plan.heads if head not in self._finished]
        self._pace = Pace(self._plan, self._number(), guessed=bool(self.settings.tune))
        usual_ones = Settings().as_json()
        asked = {name: value for name, value in self.settings.as_json().items() if value != usual_ones[name]}
        self.recording.metrics.fit(epochs=len(self._plan), steps_per_epoch=1, params=asked)
        if self._finished:
            self.say(f"{len(self._finished)} of {len(self._plan)} heads are finished already, and stay as they are")
        self._clock.expect("heads", self._pace.left(self._waiting, {}))
        self._stage("heads")
        self._record({})

    def _train(self) -> None:
        while not self._ending and (self._waiting or self._crew.running()):
            while len(self._crew.members) < min(self._number(), len(self._waiting)) and not self._ending:
                self._hire(first=False, threads=max(cores() // self._number(), 1))
            for worker in self._crew.members:
                self._feed(worker)
            for worker, message in self._hear():
                if message is None:
                    self._lost(worker)
                elif "prepared" in message:
                    worker.ready = True
                else:
                    self._head_ended(worker, message)
            if time.monotonic() - self._told > _TELL_EVERY:
                self._record({})

    def _feed(self, worker: Worker) -> None:
        if worker.ready and worker.head is None and self._waiting and not self._ending:
            head = next_head(self._waiting, worker.kinds, self._crew.kinds_beside(worker))
            self._waiting.remove(head)
            worker.train(head)

    def _head_ended(self, worker: Worker, message: Mapping[str, Any]) -> None:
        head = worker.head
        if head is None:
            return
        if "finished" in message:
            self._strikes = 0
            self._finished.append(head)
            assert self._pace is not None
            took = time.monotonic() - worker.begun
            self._pace.finished(head, took)
            worker.head = None
            self._tell_of(head, message, took)
        elif "stopped" in message:
            worker.head = None
            self._cut(head, f"stopped by {message['by']}" if message["by"] else "stopped")
        elif "failed" in message:
            worker.head = None
            self._cut(head, message["why"])
            if message.get("full"):
                self._why = f"the scores cannot be written: {message['why']}"
            self._strike()

    def _lost(self, worker: Worker) -> None:
        """A worker is gone: the head it trained is cut, and a new worker takes the rest."""
        if worker.head is not None:
            head, worker.head = worker.head, None
            self._cut(head, f"stopped by {self._by}" if self._by else worker.end())
        else:
            self.say(f"a worker is gone: {worker.end()}")
        self._strike()

    def _strike(self) -> None:
        self._strikes += 1
        if self._strikes >= _STRIKES and not self._ending:
            self._why = f"{self._strikes} heads or workers failed one after another: that is no accident any more"

    def _cut(self, head: Head, why: str) -> None:
        self._unfinished[head] = why
        self.say(f"{self._place()}  {head.id} is unfinished: {printable(why, 300)}")

    def _tell_of(self, head: Head, message: Mapping[str, Any], took: float) -> None:
        names = {"validation": "val", "test": "test"}  # a line fits 80 columns
        parts = "  ".join(f"{short} {message[part]:.3f}" for part, short in names.items() if part in message)
        self._record({"val_accuracy": message.get("validation"), "accuracy": message.get("test"), "seconds": took})
        left = self._left()
        rest = f"  {said(left)} left" if left is not None else ""
        self.say(f"{self._place()}  {head.id:<{self._widest}}  {parts}  {took:5.1f} s{rest}")

    def _place(self) -> str:
        of = len(self._plan)
        return f"{len(self._finished) + len(self._unfinished):>{len(str(of))}}/{of}"

    def _left(self) -> float | None:
        assert self._pace is not None
        left = self._pace.left(self._waiting, self._crew.running())
        return None if left is None else left + self._clock.after()

    def _record(self, values: Mapping[str, float | None]) -> None:
        """A line of metrics: its epoch is the share of the work that is done, in heads, for they differ in length."""
        assert self._pace is not None
        self._told = time.monotonic()
        share = self._pace.share([*self._waiting, *self._unfinished], self._crew.running())
        self._reached = max(self._reached, share * len(self._plan))  # a slow head does not undo what is done
        known = {name: value for name, value in values.items() if value is not None}
        self.recording.metrics.line(len(self._finished), self._reached, {**known, "heads": len(self._finished)})
        if (left := self._left()) is not None:
            self.recording.metrics.left(left)
        self.recording.step = len(self._finished)

    # ---- workers, wishes and the end

    def _number(self, heads: int = 0) -> int:
        return self.workers or usual(heads or len(self._plan) or 1_000)

    def _hire(self, *, first: bool, threads: int) -> Worker:
        worker = self._crew.hire(threads)
        tags = tuple(tag for tag in self.recording.run.notes()[0].tags if tag != "study")
        worker.prepare(self.settings.as_json(), self.results, tags, first=first)
        return worker

    def _hear(self) -> Sequence[tuple[Worker, Mapping[str, Any] | None]]:
        """What workers said since, without what concerns all stages; looks for wishes meanwhile."""
        self._look()
        found = self._crew.hear(_LOOK_EVERY)
        if found is None:
            return ()
        match found[1]:
            case {"said": str(text)}:
                self.say(f"  {printable(text, 500)}")
            case {"stage": str(name)}:
                self._stage(name)
            case {"refused": str(text)}:
                self._why = self._why or ("" if self._by else text)
            case _:
                return (found,)
        return ()

    def _stage(self, name: str) -> None:
        self.say(self._clock.enter(name))
        if left := self._clock.left():
            self.recording.metrics.left(left)

    def _look(self) -> None:
        for wish in self.recording.wishes():
            if wish.wish == "stop":
                self.recording.stop = wish
                self._by = wish.by or "somebody"
            else:
                self.recording.answer(wish, "refused", "a study makes no pictures: its heads are runs of their own")
        if self._signal and not self._by:
            self._by = signal.Signals(self._signal).name

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        self._signal = self._signal or number

    def _send_home(self) -> None:
        """End the workers, and hear what they still have to say: a head may have been finished in between."""
        self._crew.dismiss(self._by or ("its study, which failed" if self._ending else ""))
        deadline = time.monotonic() + _LAST
        while self._crew.members and time.monotonic() < deadline:
            match self._crew.hear(_LOOK_EVERY):
                case (worker, None) if worker.head is not None:
                    self._lost(worker)
                case (worker, dict(message)):
                    self._head_ended(worker, message)
                case _:
                    pass
        self._crew.kill()

    def _conclude(self) -> int:
        if self._why:
            print(f"trainvis: {printable(self._why, 1000)}", file=sys.stderr, flush=True)  # noqa: T201 - a last word
        reported = self._report() if self._finished else True
        open_ = len(self._plan) - len(self._finished)
        if open_ or not self._about:
            stopped = f"stopped by {printable(self._by, 60)}: " if self._by else ""
            done = f"{len(self._finished)} of {len(self._plan)} heads are" if len(self._plan) else "no head is"
            first = "once that is mended, " if self._why else ""
            self.say(f"{stopped}{done} finished; {first}`trainvis faces study --resume` trains the rest")
        self.recording.metrics.end("stopped" if self._by else "failed" if self._why else "done")
        self.recording.hush()
        if self._why:
            return 1
        if self._by:
            return 128 + self._signal if self._signal and self.recording.stop is None else 0
        cut = [why for why in self._unfinished.values() if not why.startswith("stopped by")]
        return 0 if reported and not cut else 1

    def _report(self) -> bool:
        from .report.making import report
        from .report.sentences import QUESTIONS

        self._stage("report")
        try:
            made = report(self.results, say=lambda text: self.say(f"  {text}"))
        except FacesError as error:
            self.say(f"there is no report: {error}")
            return False
        except OSError as error:
            self.say(f"the report cannot be written: {error.strerror or printable(error, 200)}")
            return False
        except Exception as error:  # noqa: BLE001 - a fault of the report is none of the heads, which are kept
            self.say(f"the report failed ({plain(error)}): `trainvis faces report` makes it again")
            return False
        for question, answer in zip(QUESTIONS, made.sentences, strict=False):
            self.say(question)
            for sentence in answer:
                self.say(f"  {sentence}")
        self.say(f"report: {made.markdown}")
        return True
