"""The network saver: the network at the start, after each epoch and at its best, as `.keras` files.

Each file is written aside and renamed, so whoever finds one finds a whole one, and has a JSON file of the same
name beside it: fit, epoch, step, time, the metrics of that epoch, for `best` which metric made it the best, and where
the script tells them the names of the classes and what was done to pixels.
"""

from __future__ import annotations

import math
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..engine import networks
from ..engine.files import read_json, write_json
from ..engine.metrics import better, spelled
from . import keras_state

if TYPE_CHECKING:
    from ..engine.rundir import RunDir
    from .training import Training


class NetworkSaver:
    """Saves `start.keras`, `epoch-0003.keras` (after the third epoch; `fit-2-epoch-0003.keras` in a second
    fit) and `best.keras`.

    `monitor` is the metric that tells the best epoch, by default `val_loss`, or `loss` without validation;
    `mode` which end of it is good. `keep` is how many networks of epochs stay, the last ones, None for all.
    `classes`, the name of the `preprocess` and what is said `about` it are kept with each: who looks at it later need
    not be told.
    """

    name = "network saver"

    def __init__(
        self,
        *,
        monitor: str | None = None,
        mode: Literal["auto", "min", "max"] = "auto",
        keep: int | None = 2,
        classes: Sequence[str] = (),
        preprocess: str = "",
        about: Mapping[str, object] | None = None,
    ) -> None:
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"mode={mode!r}: give 'auto', 'min' or 'max'")
        if keep is not None and keep < 0:
            raise ValueError(f"keep={keep}: give how many networks of epochs are to stay, or None for all")
        self.monitor = monitor
        self.mode = mode
        self.keep = keep
        self._told = dict(about or {})
        self._told |= {"classes": [str(each) for each in classes]} if classes else {}
        self._told |= {"preprocess": preprocess} if isinstance(preprocess, str) and preprocess else {}
        self._started = False

    def begin(self, training: Training) -> None:
        self._started = training.fit > 1 and (training.recording.run.networks / "start.keras").exists()
        self._save_start(training)

    def begin_epoch(self, training: Training) -> None: ...

    def begin_batch(self, training: Training) -> None: ...

    def end_batch(self, training: Training, logs: Mapping[str, Any]) -> None:  # noqa: ARG002 - every part alike
        if not self._started:
            self._save_start(training)

    def end_epoch(self, training: Training, logs: Mapping[str, Any]) -> None:
        if training.stopped_before:
            return  # one batch of a script that is to end, in exchange for a network that was trained
        file = networks.name_of(training.fit, training.epoch + 1)
        metrics = {name: _plain(value) for name, value in logs.items()}
        saved = _save(training, file, {**self._told, "metrics": metrics})
        self._save_best(training, saved, logs)
        self._prune(training.recording.run)

    def end(self, training: Training) -> None: ...

    def _save_start(self, training: Training) -> None:
        # A network that learns its input shape from the first batch has no weights before.
        if keras_state.is_built(training.bare_model):
            self._started = True
            _save(training, "start.keras", self._told)

    def _save_best(self, training: Training, saved: Path, logs: Mapping[str, Any]) -> None:
        monitor = self.monitor or ("val_loss" if "val_loss" in logs else "loss")
        if training.broken_off or (training.validation_cut and monitor.startswith("val_")):
            return  # a value of a part of the data cannot be compared
        value = logs.get(monitor)
        if not isinstance(value, int | float):
            said = ", ".join(logs) or "none"
            training.problem(self.name, f"no best network is kept: {monitor!r} is not among the metrics ({said})")
            return
        mode = self.mode if self.mode != "auto" else better(monitor)
        best = saved.with_name("best.keras")
        if math.isnan(value) or not _beats(float(value), mode, monitor, best):
            return
        with _aside(best) as aside:
            try:
                os.link(saved, aside)  # one network on the disk under two names
            except OSError:
                shutil.copyfile(saved, aside)
        said = read_json(saved.with_suffix(".json")).value
        write_json(best.with_suffix(".json"), {**said, "monitor": monitor, "mode": mode, "value": spelled(value)})

    def _prune(self, run: RunDir) -> None:
        if self.keep is None:
            return
        epochs = [path for path in networks.saved(run) if networks.epoch_of(path) is not None]
        for old in epochs[: max(len(epochs) - self.keep, 0)]:
            old.unlink(missing_ok=True)
            old.with_suffix(".json").unlink(missing_ok=True)


def _save(training: Training, file: str, more: Mapping[str, object]) -> Path:
    """Save the network as it is now. Raises OSError, and whatever Keras says of a network it cannot save."""
    path = training.recording.run.networks / file
    with _aside(path) as aside:
        training.model.save(aside)
    facts = {
        "fit": training.fit,
        "epoch": training.position,
        "step": training.step,
        "time": round(time.time(), 3),
        "complete": not training.broken_off,
    }
    write_json(path.with_suffix(".json"), {**more, **facts})
    return path


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """Where to write a network that is to stand at `path` once it is whole."""
    # Keras insists on the ending, and no reader of `*.keras` may meet half a network: hence a folder.
    folder = path.parent / ".saving"
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{os.getpid()}-{path.name}"
    try:
        yield aside
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
        with suppress(OSError):  # another thread may be saving there
            folder.rmdir()


def _beats(value: float, mode: str, monitor: str, best: Path) -> bool:
    said = read_json(best.with_suffix(".json")).value
    if said.get("monitor") != monitor or not best.exists():
        return True
    try:
        before = float(said["value"])
    except (KeyError, TypeError, ValueError):
        return True
    return value > before if mode == "max" else value < before


def _plain(value: object) -> object:
    return spelled(float(value)) if isinstance(value, int | float) else str(value)[:200]
