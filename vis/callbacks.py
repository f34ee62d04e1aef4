"""`Callbacks`: one Keras callback that writes how a training goes into its run directory.

    model.fit(x, y, callbacks=Callbacks().progress().network_saver())

Whatever fails in here (a full disk, a metric that is broken) becomes a sentence in results/problems.jsonl and
one line on stderr; training goes on, bit for bit as without it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import keras

from ..engine.errors import TrainvisError
from ..engine.rundir import RunDir
from ..engine.wishes import Wish
from . import ending, keras_state, recording
from .picture_set import PictureSet, Subject, labels_of, registered
from .pictures import Pictures, granted
from .progress import Progress
from .rank import rank
from .recording import Recording
from .rest import Rest
from .resume import Resume
from .saver import NetworkSaver
from .sentences import sentence
from .training import Part, Training


class Callbacks(keras.callbacks.Callback):
    """Writes a training into its run: choose what with the methods, each of which returns the object.

    `run`: None is the run of this process (the one it was started as, else one made for it). A run directory
    (RunDir, Path, or text with a slash) is opened; another text is the name of a new run, linked to that of the
    process, for several trainings side by side. `params` are settings to filter and compare runs by; `tags`
    (text or several) are added to those of the run. In a distributed training only rank 0 writes.

    Raises RunError for tags that cannot be ones. What goes wrong later never raises.
    """

    def __init__(
        self,
        run: RunDir | os.PathLike[str] | str | None = None,
        *,
        params: Mapping[str, object] | None = None,
        tags: str | tuple[str, ...] | list[str] = (),
    ) -> None:
        super().__init__()
        self.parameters = dict(params or {})
        self.tags = recording.tags_of(tags)
        self._wanted = run
        self._recording: Recording | None = None
        self._listened: tuple[Recording, ...] = ()
        self._training: Training | None = None
        self._thread = 0
        self._parts: list[_Guarded] = []
        self._validating = False

    def progress(self, *, exact: bool = True) -> Self:
        """Record the value of each batch for every metric, validation, learning rate and the time of a step.

        `exact=False` computes values from the running means in `logs` instead of reading the metrics' state:
        less to do at each batch, some digits fewer.
        """
        return self._add(Progress(exact=exact))

    def network_saver(
        self,
        monitor: str | None = None,
        mode: Literal["auto", "min", "max"] = "auto",
        keep: int | None = 2,
        *,
        classes: Sequence[str] = (),
        preprocess: str = "",
        about: Mapping[str, object] | None = None,
    ) -> Self:
        """Save the network at the start, after each epoch (the last `keep` stay, None: all) and at its best.

        Best is by the metric `monitor` (default `val_loss`, else `loss`), the end of it by `mode`. The names of the
        `classes` and of the `preprocess` (vis.preprocessing) are kept beside it, for whoever looks at it later, and
        what else JSON can hold `about` it.
        Raises ValueError for a mode or number that does not exist.
        """
        return self._add(
            NetworkSaver(monitor=monitor, mode=mode, keep=keep, classes=classes, preprocess=preprocess, about=about)
        )

    def pictures(
        self,
        technique: str,
        every: int | str | None = "epoch",
        *,
        images: Any = None,
        target: int | Sequence[int | None] | None = None,
        preprocess: Callable[..., Any] | str | None = None,
        postprocess: Callable[..., Any] | str | None = None,
        output: str | int | None = None,
        labels: Sequence[str] = (),
        sample: Any = None,
        data: Any = None,
        records: Any = None,
        name: str = "",
        budget: float | None = None,
        disk: int | None = None,
        **options: Any,
    ) -> Self:
        """Make pictures of the network with a technique of the catalogue, with these `options` of it.

        `every`: a number of batches, "epoch", "0.5 epochs", "30 s", "5 min"; None for none in between. There is one
        before training (of a network without weights after its first batch), one at the end, and one when somebody
        wishes for it. `images`, `target`, `preprocess`, `postprocess`, `output`, `labels`, `sample`, `data` and
        `records` are those of `vis.probe.Probe`; without `images` those chosen when the run was started, else the
        first of `data`. `name` is the folder in results/; a second set of the same name gets -2.

        `budget` is the part of the training's time that the pictures of a run may take between the first and the
        last (0.05 unless told otherwise), `disk` the bytes that its figures may take (2 GB): both are one for all
        sets, the last one given holds.

        Raises TechniqueError for a technique or option that does not exist (with the nearest), ScheduleError,
        BudgetError and ImageError for what can be told to be wrong before the network is known.
        """
        subject = Subject(
            images=images,
            target=target,
            preprocess=preprocess,
            postprocess=postprocess,
            output=output,
            labels=labels_of(labels),
            sample=sample,
            data=data,
            records=records,
        )
        return self._picture(registered(technique, every, subject, name, options), budget, disk)

    @property
    def run(self) -> RunDir | None:
        """The run written to, None before training begins and on every rank but 0."""
        return self._recording.run if self._recording else None

    @property
    def stop(self) -> Wish | None:
        """The wish that ended the training, of this run or that of the process; None where nobody wished so."""
        return next((each.stop for each in self._listened if each.stop is not None), None)

    def record(self, values: Mapping[str, float]) -> None:
        """Write values of your own at the step where the training stands, beside those of the batches.

        From a callback of your own that comes before this one in `callbacks=[…]`, up to its `on_train_end`: how the
        network does on a test set, say. Without effect while no training is recorded.
        """
        training = self._training
        if training is None:
            return
        try:
            named = {name: float(value) for name, value in values.items()}
            training.recording.metrics.line(training.step, training.position, named)
        except Exception as error:  # noqa: BLE001 - it must never kill a training
            training.problem("record", sentence(error))

    def set_model(self, model: Any) -> None:
        """Called by Keras before training."""
        super().set_model(model)
        keras_state.call_in_order()

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002 - Keras' signature
        self._training = None
        resume = Resume.wanted()
        if resume:
            self._parts.insert(0, _Guarded(resume))
        if rank(keras_state.bare_model(self)) != 0:
            return
        try:
            self._recording = self._opened()
        except (TrainvisError, OSError) as error:
            recording.complain(f"nothing of this training is recorded: {error}")
            return
        ending.goes_on()
        self._thread = threading.get_ident()
        params = self.params or {}
        self._training = Training(
            recording=self._recording,
            callback=self,
            epochs=params.get("epochs"),
            steps=params.get("steps"),
            fit=(self._recording.metrics.summary.fit or 0) + 1,
            step=self._recording.step,
            parameters=keras_state.optimizer_parameters(keras_state.bare_model(self)),
        )
        own = recording.open_own()
        # A stop of the process stops each of its trainings, also one with a run of its own.
        self._listened = tuple(dict.fromkeys((self._recording, own or self._recording)))
        pictures = self._pictures()
        if pictures is not None:
            pictures.join(self._training)
        for each in self._listened:
            each.listen()
        self._each("begin")
        if self.stop is not None:
            # Keras looks after each batch: every later fit of a stopped script ends at its first.
            self._training.stopped_before = True
            self._stop_model()

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        training = self._training
        if training is None:
            return
        training.epoch, training.batch, training.batches = epoch, 0, 0
        training.broken_off = training.validation_cut = False
        self._each("begin_epoch")

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        if self._training is not None:
            self._each("begin_batch")

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        training = self._training
        if training is None:
            return
        if threading.get_ident() != self._thread:
            training.problem("callbacks", "Keras calls them out of order here: give fit a list, callbacks=[…]")
            return
        self._count(training, batch + 1)
        if not training.fit_written:
            self._first_batch(training)
        self._each("end_batch", logs or {})
        self._look()
        if training.stopped_before:
            training.broken_off = training.batch != training.steps

    def on_test_begin(self, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        if self._training is None:
            return
        self._validating = True
        if self.stop is not None:
            self._stop_model()

    def on_test_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        if self._training is not None:
            self._look()

    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        self._validating = False

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        training = self._training
        if training is None:
            return
        if training.steps is None and not training.broken_off:
            training.steps = training.batch  # a generator shows its length once
        self._each("end_epoch", logs or {})
        self._look()

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        training, self._training = self._training, None
        if training is None:
            return
        for part in self._parts:
            part.run("end", training)
        for each in self._listened:
            each.hush()
        if training.fit_written:
            training.recording.metrics.step = training.step
            training.recording.metrics.end("done" if self.stop is None else "stopped")
        if training.recording.by_hand and training.recording is not recording.open_own():
            training.recording.leave()

    def _add(self, part: Part) -> Self:
        self._parts = [other for other in self._parts if other.part.name != part.name]
        self._parts.append(_Guarded(part))
        # The time that pictures take is none of the training's: whatever measures that comes before.
        self._parts.sort(key=lambda guarded: isinstance(guarded.part, Pictures))
        return self

    def _picture(self, each: PictureSet, budget: float | None = None, disk: int | None = None) -> Self:
        found = self._pictures()
        part = found or Pictures()
        part.add(each, budget, disk)
        return self if found else self._add(part)

    def _pictures(self) -> Pictures | None:
        return next((guarded.part for guarded in self._parts if isinstance(guarded.part, Pictures)), None)

    def _each(self, hook: str, *arguments: Any) -> None:
        for part in self._parts:
            part.run(hook, self._training, *arguments)

    def _opened(self) -> Recording:
        if self._recording is not None and self._recording.is_open():
            found = self._recording
        elif self._wanted is None:
            found = recording.own()
        elif self._recording is not None and self._recording.pid == os.getpid():
            found = recording.existing(self._recording.run.path)  # closed after its last fit
        elif isinstance(self._wanted, str) and os.sep not in self._wanted:
            found = recording.child(self._wanted)
        else:
            path = self._wanted.path if isinstance(self._wanted, RunDir) else Path(self._wanted)
            found = recording.existing(path)
        if self.tags:
            recording.tag(found, self.tags)
        return found

    def _count(self, training: Training, done: int) -> None:
        if training.steps is not None:
            done = min(done, training.steps)  # the last execution of `steps_per_execution` counts too far
        training.batches = max(done - training.batch, 1)
        training.batch += training.batches
        training.step += training.batches
        training.recording.step = training.step

    def _first_batch(self, training: Training) -> None:
        # Not before: now the first epoch is known, and by what the loss has seen, the size of a batch.
        training.recording.metrics.fit(
            epochs=training.epochs,
            steps_per_epoch=training.steps,
            batch_size=keras_state.batch_size(training.bare_model, training.batches),
            optimizer=training.parameters,
            params=self.parameters,
            initial_epoch=training.epoch,
        )
        training.fit_written = True

    def _look(self) -> None:
        for each in self._listened:
            for wish in each.wishes():
                self._grant(each, wish)

    def _grant(self, asked: Recording, wish: Wish) -> None:
        if wish.wish != "stop":
            asked.answer(wish, *granted(asked.resources.makers, wish))
            return
        asked.stop = wish
        training = self._training
        if training and not self._validating:
            training.broken_off = training.batch != training.steps
        self._stop_model()

    def _stop_model(self) -> None:
        model = keras_state.bare_model(self)
        # Keras runs the whole validation after `stop_training`; it looks at this one too.
        model.stop_training = model.stop_evaluating = True
        if self._training and self._validating:
            self._training.validation_cut = True


class _Guarded:
    """A part that cannot stop the training: its errors become sentences, and it rests longer after each."""

    __slots__ = ("part", "rest")

    def __init__(self, part: Part) -> None:
        self.part = part
        self.rest = Rest()

    def run(self, hook: str, training: Training | None, *arguments: Any) -> None:
        resting = hook != "end" and self.rest.failures and not self.rest.over(time.monotonic())
        if training is None or resting:
            return
        try:
            getattr(self.part, hook)(training, *arguments)
        except Exception as error:  # noqa: BLE001 - a callback ends here: it must never kill a training
            self.rest.failed(time.monotonic())
            training.problem(self.part.name, sentence(error))
        else:
            if self.rest.failures and hook == "end_batch":
                self.rest.worked()
