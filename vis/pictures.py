"""Pictures while a network trains: before it, by interval, on a wish and at the end, within a budget of time.

Each set of pictures fails for itself: what went wrong is a line in results/problems.jsonl, and the set rests longer
after each failure. Nothing that a training computes is touched.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from ..engine.files import write_json
from ..engine.text import printable
from ..engine.wishes import Outcome, Wish
from . import keras_state
from .budget import Reason, checked_disk, checked_share
from .catalogue import nearest
from .figures import Cost, Moment
from .results import Results
from .schedule import Reached
from .sentences import sentence

if TYPE_CHECKING:
    from .network import Network
    from .picture_set import PictureSet
    from .training import Training

_TELL_EVERY = 5.0  # seconds between two writings of what pictures cost
_MATTERS = 0.1  # of an interval: who waits less is as good as on time
_GRACE = 0.6  # the part of the time between a stop and SIGTERM that pictures of the last state may take


class Pictures:
    """The part of the callbacks that makes pictures. `clock` gives seconds that never go back."""

    name = "pictures"

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.sets: list[PictureSet] = []
        self.share: float | None = None
        self.disk: int | None = None
        self._clock = clock
        self._training: Training | None = None
        self._awaited: list[PictureSet] = []  # that have not yet seen the network as this fit found it
        self._began = 0.0
        self._first_batch = (0, 0.0)  # the step after it, and when that was
        self._told = -math.inf
        self._found: Results | None = None

    def add(self, each: PictureSet, share: float | None = None, disk: int | None = None) -> None:
        """Make pictures of this set too. `share` and `disk` hold for all. Raises BudgetError."""
        self.share = self.share if share is None else checked_share(share)
        self.disk = self.disk if disk is None else checked_disk(disk)
        self.sets.append(each)

    def join(self, training: Training) -> None:
        """A training begins in which wishes for pictures are granted."""
        resources = training.recording.resources
        for other in list(resources.makers):
            if other is self or other.fit != training.fit:
                other.leave(training)  # an error ended its training, and nobody told it
        self._training = training
        resources.makers.append(self)

    @property
    def fit(self) -> int:
        """Which fit it makes pictures in, 0 for none."""
        return self._training.fit if self._training is not None else 0

    def begin(self, training: Training) -> None:
        resources = training.recording.resources
        self._began = self._clock()
        self._first_batch = (training.step, self._began)
        if self.share is not None:
            resources.budget.share = self.share
        if self.disk is not None:
            resources.disk = self.disk
        for place, each in enumerate(self.sets):
            before = sum(other.asked_name == each.asked_name for other in self.sets[:place])
            each.name = resources.folder(each.asked_name, each.settings(before))
        resources.budget.resume(self._began)
        self._awaited = list(self.sets)
        self._make_first(training)

    def begin_epoch(self, training: Training) -> None:
        if self._first_batch[1] == self._began:  # only now is it known with which epoch the fit began
            for each in self.sets:
                each.schedule.begin(self._reached(training))

    def begin_batch(self, training: Training) -> None: ...

    def end_batch(self, training: Training, logs: Mapping[str, Any]) -> None:  # noqa: ARG002 - every part alike
        if self._first_batch[1] == self._began:
            self._first_batch = (training.step, self._clock())
        if self._awaited:
            self._make_first(training)
        self._make_due(training)

    def end_epoch(self, training: Training, logs: Mapping[str, Any]) -> None:  # noqa: ARG002
        self._make_due(training)

    def end(self, training: Training) -> None:
        try:
            if not training.stopped_before and keras_state.is_built(training.bare_model):
                self._make_last(training)
        finally:
            self.leave(training)
            self._tell(training)

    def leave(self, training: Training) -> None:
        """No more pictures are made in this training."""
        resources = training.recording.resources
        self._training = None
        for each in self.sets:
            resources.budget.sets.pop(each.name, None)
        if self in resources.makers:
            resources.makers.remove(self)

    def wished(self, each: PictureSet) -> str:
        """Make a picture of this set now, for somebody wished for it. Returns why there is none, else nothing."""
        training = self._training
        if training is None:
            return "the training is over"
        if not keras_state.is_built(training.bare_model):
            return "the network has no weights yet: wish for it again after the first batch"
        if each.shows == training.step and not each.shows_another(training.bare_model):
            return ""
        self._make(training, each, "wish")
        return each.failure

    def _make_first(self, training: Training) -> None:
        if not keras_state.is_built(training.bare_model):
            return  # a network that learns its input shape from the first batch has no weights before
        left = []
        for each in self._awaited:
            if each.shows != training.step:
                self._make(training, each, "first")
            elif each.shows_another(training.bare_model):
                left.append(each)  # the picture of this step shows the network of the fit before
        self._awaited = left

    def _make_due(self, training: Training) -> None:
        now, reached = self._clock(), self._reached(training)
        budget = training.recording.resources.budget
        budget.train(now)
        for each in self.sets:
            if not each.schedule.due(reached):
                continue
            if each.shows != training.step:
                if not each.rest.over(now):
                    continue
                if not budget.affords(each.name, each.cost or 0.0):
                    self._hold(training, each)
                    continue
                self._make(training, each, "interval")
            each.schedule.made(reached)
            each.held_since = None

    def _make_last(self, training: Training) -> None:
        stop = training.recording.stop
        until = math.inf
        if stop is not None:  # whoever asked for the stop sends SIGTERM after its grace
            until = time.time() + self._left_of_grace(training, stop)
        for each in sorted(self.sets, key=lambda each: each.cost or 0.0):
            if each.shows == training.step:
                continue
            if time.time() + (each.cost or 0.0) > until:
                text = f"no picture of the last state: it takes {_seconds(each.cost or 0.0)}, and the run is to stop"
                training.problem(each.name, text)
                continue
            self._make(training, each, "last")

    def _left_of_grace(self, training: Training, stop: Wish) -> float:
        grace = training.recording.run.spec()[0].grace * _GRACE
        return grace - max(time.time() - stop.time, 0.0) if stop.time else grace

    def _make(self, training: Training, each: PictureSet, reason: Reason) -> None:
        """One figure of one set, or a sentence that says why there is none."""
        budget = training.recording.resources.budget
        began = self._clock()
        budget.train(began)
        once = _Once()
        try:
            self._save(training, each, reason, began, once)
        except Exception as error:  # noqa: BLE001 - one set ends here: neither the training nor another set may
            each.failed(sentence(error), self._clock())
            training.problem(each.name, each.failure)
        cost = budget.pay(each.name, reason, self._clock(), once.seconds)
        each.expect(cost)
        if each.interval is not None:
            budget.sets[each.name] = each.cost or 0.0
        if not each.failure:
            each.shown(training.step, training.bare_model)
        if self._clock() >= self._told + _TELL_EVERY:
            self._tell(training)

    def _save(self, training: Training, each: PictureSet, reason: Reason, began: float, once: _Once) -> None:
        recording = training.recording
        anew = each.prepare(training.model, recording.run, recording.resources)
        once.prepared(self._clock() - began if anew else 0.0, each.probe.network)
        figure = each.figure(training)
        if figure is None:
            each.worked()
            return
        moment = Moment(training.step, training.position, training.fit, time.time())
        cost = Cost(self._clock() - began, once.seconds)
        notes = (*figure.notes, *(self._lateness(training, each) if reason == "interval" else ()))
        path = self._results(training).save(each.name, replace(figure, moment=moment, cost=cost, notes=notes), reason)
        each.worked()
        self._thin(training, each, path.stat().st_size)
        try:
            each.keep_images(recording.run)
        except OSError as error:
            training.problem(each.name, f"the images are not kept in the run: {sentence(error)}")

    def _thin(self, training: Training, each: PictureSet, more: int) -> None:
        """Keep the figures of a set within its part of the disk."""
        results = self._results(training)
        if each.bytes is None:
            each.bytes = sum(entry.size for entry in results.steps(each.name))
        else:
            each.bytes += more
        room = training.recording.resources.disk // max(training.recording.resources.sets, 1)
        if each.bytes > room:
            removed = results.thin(each.name, room)
            each.bytes -= sum(entry.size for entry in removed)

    def _results(self, training: Training) -> Results:
        if self._found is None or self._found.run != training.recording.run:
            self._found = Results(training.recording.run)
        return self._found

    def _lateness(self, training: Training, each: PictureSet) -> tuple[str, ...]:
        if each.held_since is None:
            return ()
        share = training.recording.resources.budget.share
        return (f"asked for at step {each.held_since}; pictures may take {share:.3g} of the training's time",)

    def _hold(self, training: Training, each: PictureSet) -> None:
        """A picture is due that cannot be afforded: say so, the first time that it matters."""
        budget = training.recording.resources.budget
        if each.held_since is None:
            each.held_since = training.step
        wait, cost = budget.wait(each.name, each.cost or 0.0), each.cost or 0.0
        pace = self._pace(training)
        if each.said_to_wait or not pace or not math.isfinite(wait) or wait < _MATTERS * self._asked(training, each):
            return
        each.said_to_wait = True
        step = training.step + math.ceil(wait / pace)
        training.problem(
            each.name,
            f"one picture takes {_seconds(cost)}, too much for every {each.interval} with budget={budget.share:g}: "
            f"this one waits until about step {step} ({_seconds(wait)} from now), and later ones will wait too",
        )

    def _pace(self, training: Training) -> float:
        """Seconds of a batch in this fit, without the first: there the training compiles."""
        batches = training.step - self._first_batch[0]
        return (self._clock() - self._first_batch[1]) / batches if batches > 0 else 0.0

    def _asked(self, training: Training, each: PictureSet) -> float:
        """Seconds from one picture to the next as they were asked for, 0 where nobody knows."""
        interval = each.interval
        if interval is None or interval.unit == "seconds":
            return interval.amount if interval else 0.0
        batches = interval.amount * ((training.steps or 0) if interval.unit == "epochs" else 1)
        return batches * self._pace(training)

    def _reached(self, training: Training) -> Reached:
        return Reached(training.step, training.position, self._clock() - self._began)

    def _tell(self, training: Training) -> None:
        """Write what pictures have cost so far into the run."""
        self._told = self._clock()
        budget = training.recording.resources.budget
        told: dict[str, Any] = {
            "share": budget.share,
            "used": round(budget.used, 5),
            "trained": round(budget.trained, 3),
        }
        for reason, spent in budget.spent.items():
            told[reason] = {name: round(value, 4) for name, value in asdict(spent).items()}
        with suppress(OSError):
            write_json(training.recording.run.budget_file, told)


@dataclass(slots=True)
class _Once:
    """Seconds of one attempt that are spent once and not for every picture: reading images, walks, compilation."""

    preparing: float = 0.0
    network: Network | None = None
    before: float = 0.0

    def prepared(self, seconds: float, network: Network) -> None:
        self.preparing, self.network, self.before = seconds, network, network.seconds_compiling

    @property
    def seconds(self) -> float:
        compiling = self.network.seconds_compiling - self.before if self.network is not None else 0.0
        return self.preparing + compiling


def granted(makers: Sequence[Pictures], wish: Wish) -> tuple[Outcome, str]:
    """Make the pictures that somebody wishes for: all, or those of one set or technique. What became of it, and why."""
    sets = [(maker, each) for maker in makers for each in maker.sets]
    if not sets:
        return "refused", "this training makes no pictures"
    wanted = str(wish.options.get("name") or wish.options.get("technique") or "")
    found = [(maker, each) for maker, each in sets if wanted in ("", each.name, str(each.named))]
    if not found:
        known = tuple(dict.fromkeys(name for _, each in sets for name in (each.name, str(each.named))))
        said = f"this training makes no pictures called {printable(wanted, 60)!r}{nearest(wanted, known)}"
        return "refused", f"{said}: there are {', '.join(known)}"
    failures = [f"{each.name}: {why}" for maker, each in found if (why := maker.wished(each))]
    return "refused" if len(failures) == len(found) else "done", "; ".join(failures)


def _seconds(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.2g} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
