"""The metrics of a run: `results/metrics.jsonl`, one JSON object a line, appended to for ever.

A data line holds fit, step (never restarts), epoch (a fraction), time (Unix, seconds), `batches` where it
stands for more than one, then names and values; a value that is not finite is "nan", "inf" or "-inf". A line
with `event` is no data: *fit* (a training begins), *kinds* (which metrics are running means), *left* (how long all of
it still takes, where the program knows better than its pace), *end*.
Standard library only: training scripts load this.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from .errors import RunError
from .files import read_json, write_aside
from .rundir import RunDir
from .summary import RESERVED, Summary, Tally, number, spelled
from .tail import Tail
from .text import printable

__all__ = ["MetricWriter", "Summary", "Tail", "Tally", "better", "metric_name", "number", "objects", "spelled"]

FLUSH_EVERY = 0.25
SUMMARY_EVERY = 1.0
_KEPT = 64 << 20  # bytes held in memory while the disk takes none

_BETWEEN = re.compile(r"[^a-z0-9]+")
_RISING = re.compile(
    r"acc|accuracy|auc|auroc|precision|recall|sensitivity|specificity|f1|dice|iou|io_u|miou|map|psnr|ssim|bleu|rouge"
    r"|r2|jaccard|kappa|mcc|cosine_similarity|(f1|r2)?score|reward|return|true_(posi|nega)tives"
)


def better(name: str) -> str:
    """Which end of a metric is good: "max" for accuracy, AUC, F1 and their kind, else "min"."""
    # val_accuracy, valid/acc@1, output2_sparse_categorical_accuracy, auc_1: the kind stands at the end.
    words = [word for word in _BETWEEN.split(name.lower()) if word and not word.isdecimal()]
    tails = ("_".join(words[at:]) for at in range(len(words)))
    return "max" if any(_RISING.fullmatch(tail) for tail in tails) else "min"


def metric_name(name: str) -> str:
    """`name` as a key of a metric line: what collides with a key of the format gets a trailing "_"."""
    return f"{name}_" if name in RESERVED else name


def objects(lines: bytes) -> Iterable[dict[str, Any]]:
    """The JSON objects of whole lines; a damaged or foreign line is passed over."""
    for line in lines.split(b"\n"):
        if line:
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                yield value


def read_summary(run: RunDir) -> Summary | None:
    """`results/summary.json`, None where it is missing or damaged."""
    try:
        return Summary.from_json(read_json(run.summary_file).value)
    except ValueError:
        return None


def complete(summary: Summary, run: RunDir, limit: int | None = None) -> Summary:
    """Add to `summary` the lines of `metrics.jsonl` that are not in it yet, at most `limit` bytes of them.

    A summary of a file that was replaced since is begun anew.
    """
    tail = Tail(run.metrics_file, summary.offset)
    left = limit
    while left is None or left > 0:
        lines = tail.more() if left is None else tail.more(left)
        if tail.restarted:
            summary = Summary()
        if not lines:
            break
        for line in objects(lines):
            summary.add(line)
        summary.offset = tail.offset
        left = None if left is None else left - len(lines)
    return summary


class MetricWriter:
    """Appends to a run's metrics and keeps its summary. Made by the training process, one a run.

    A line is formatted and written by a thread of its own, at most 0.25 s later: the training step pays for
    an append to a queue only. A disk that takes nothing costs no training: lines wait in memory, and `problem`
    says so. `step` is the last step in the file, so a second fit or a resumed run counts on from there.
    Raises RunError where the run directory cannot be written.
    """

    def __init__(self, run: RunDir) -> None:
        self.run = run
        self.problem: str | None = None
        self.dropped = 0
        self._process = os.getpid()
        self._queue: deque[tuple[int, int, float, float, int, list[tuple[str, float]]] | str] = deque()
        self._keys: dict[str, tuple[str, str]] = {}
        self._unwritten = b""
        self._writing = threading.Lock()
        self._waiting = threading.Event()
        self._stop = threading.Event()
        self._next_summary = 0.0
        self._summarized = True
        self._summary = self._open()
        self.step = self._summary.step or 0
        self._fit = self._summary.fit or 0
        self._thread = threading.Thread(target=self._flush_in_turn, name="trainvis-metrics", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    @property
    def summary(self) -> Summary:
        """What is written so far, as the summary file says it. To be read only."""
        return self._summary

    def _open(self) -> Summary:
        path = self.run.metrics_file
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._file = os.open(path, flags, 0o666)
            size = os.fstat(self._file).st_size
            if size and os.pread(self._file, 1, size - 1) != b"\n":
                os.write(self._file, b"\n")  # a writer was killed inside a line: ours begins on its own
        except OSError as error:
            raise RunError(
                f"the metrics of {printable(self.run.id)} cannot be written: {error.strerror}; "
                "is the runs folder yours and on a disk with room?"
            ) from None
        return complete(read_summary(self.run) or Summary(), self.run)

    def fit(
        self,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        batch_size: int | None = None,
        optimizer: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        initial_epoch: int = 0,
    ) -> int:
        """A training begins; its number, 1 for the first. Steps count on from `self.step`."""
        self._fit += 1
        self._event(
            "fit",
            epochs=epochs,
            steps_per_epoch=steps_per_epoch,
            batch_size=batch_size,
            initial_epoch=initial_epoch,
            optimizer=dict(optimizer or {}),
            params=dict(params or {}),
        )
        self.flush()
        return self._fit

    def kinds(self, running: Iterable[str]) -> None:
        """Which metrics are running means of their epoch instead of a batch's own value."""
        self._event("kinds", running=sorted(metric_name(name) for name in running))

    def line(
        self, step: int, epoch: float, values: Mapping[str, float], batches: int = 1, time: float | None = None
    ) -> None:
        """Record `values` at `step` (counted over all fits, see `step`) and `epoch` (1.5: half of the second).

        Raises TypeError or ValueError where a value is no number.
        """
        self.step = step
        moment = _now() if time is None else time
        numbers = [(name, float(value)) for name, value in values.items()]
        self._queue.append((self._fit, step, epoch, moment, batches, numbers))
        if not self._waiting.is_set():
            self._waiting.set()

    def left(self, seconds: float) -> None:
        """All that this run does is over in about so many seconds; said anew whenever that is known better."""
        self._event("left", left=round(seconds, 3))

    def end(self, reason: str = "") -> None:
        """The training of the last `fit` is over, and why."""
        self._event("end", reason=reason)
        self.flush(summarize=True)

    def _event(self, event: str, **content: Any) -> None:
        line = {"event": event, "fit": self._fit, "step": self.step, "time": round(_now(), 3), **content}
        self._queue.append(json.dumps(_plain(line), separators=(",", ":")))
        self._waiting.set()

    def flush(self, *, summarize: bool = False) -> None:
        """Write what waits; the summary too where it is due or `summarize` asks for it."""
        if os.getpid() != self._process:  # a fork inherits the queue, not the right to write it
            return
        with self._writing:
            lines = self._take_lines()
            self._summarized &= not lines
            self._write(lines)
            moment = time.monotonic()
            if summarize or (moment >= self._next_summary and not self._summarized):
                self._next_summary = moment + SUMMARY_EVERY
                self._write_summary()
            if self._unwritten or not self._summarized:
                self._waiting.set()  # there is something left for the next turn

    def close(self) -> None:
        """Write everything and stop. Lines that come later are lost."""
        if self._stop.is_set() or os.getpid() != self._process:
            return
        self._stop.set()
        self._waiting.set()
        self.flush(summarize=True)
        self._thread.join(timeout=2.0)
        atexit.unregister(self.close)
        with self._writing:
            os.close(self._file)
            self._file = -1

    def _flush_in_turn(self) -> None:
        while self._waiting.wait():
            self._waiting.clear()
            if self._stop.wait(FLUSH_EVERY):
                return
            self.flush()

    def _take_lines(self) -> bytes:
        lines: list[str] = []
        while True:
            try:
                item = self._queue.popleft()
            except IndexError:
                return "".join(lines).encode()
            if isinstance(item, str):
                self._summary.add(json.loads(item))
                lines.append(f"{item}\n")
            else:
                lines.append(self._formatted(*item))

    def _formatted(
        self, fit: int, step: int, epoch: float, moment: float, batches: int, values: list[tuple[str, float]]
    ) -> str:
        parts = [f'{{"fit":{fit},"step":{step},"epoch":{epoch:.9g},"time":{moment:.3f}']
        if batches != 1:
            parts.append(f'"batches":{batches}')
        clean: list[tuple[str, float | None]] = []
        for name, value in values:
            name, key = self._keys.get(name) or self._key(name)
            parts.append(f"{key}{value!r}" if value - value == 0.0 else f'{key}"{spelled(value)}"')
            clean.append((name, value))
        self._summary.at(fit, step, epoch, moment)
        self._summary.add_values(clean)
        return ",".join(parts) + "}\n"

    def _key(self, name: str) -> tuple[str, str]:
        clean = metric_name(name)
        self._keys[name] = clean, f"{json.dumps(clean)}:"
        return self._keys[name]

    def _write(self, lines: bytes) -> None:
        if self._file < 0:
            return
        room = _KEPT - len(self._unwritten)
        if len(lines) > room:
            self.dropped += lines.count(b"\n")
            lines = b""
        self._unwritten += lines
        try:
            while self._unwritten:
                written = os.write(self._file, self._unwritten)
                self._unwritten = self._unwritten[written:]
                self._summary.offset += written
            self.problem = None
        except OSError as error:
            self.problem = f"the metrics of {printable(self.run.id)} cannot be written: {error.strerror}"

    def _write_summary(self) -> None:
        text = json.dumps({"schema": 1, **self._summary.as_json()}, default=str)
        self._summarized = True
        with suppress(OSError):  # readers complete an old one from the lines, and rebuild a missing one
            write_aside(self.run.summary_file, text + "\n")


def _now() -> float:
    return time.time()


def _plain(value: Any, depth: int = 8) -> Any:
    """`value` as JSON takes it: NumPy scalars as numbers, what is not finite spelled, the rest as text."""
    if isinstance(value, bool | None | str):
        return value
    if isinstance(value, int | float):
        return spelled(value) if isinstance(value, float) else value
    if depth and isinstance(value, Mapping):
        return {str(key): _plain(item, depth - 1) for key, item in value.items()}
    if depth and isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, depth - 1) for item in value]
    item = getattr(value, "item", None)
    if callable(item):
        with suppress(TypeError, ValueError, RuntimeError):
            found = item()
            return _plain(found, 0) if isinstance(found, bool | int | float | str) else str(value)[:200]
    return str(value)[:200]
