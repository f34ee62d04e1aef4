"""Run directories as a year of work leaves them, for the benchmarks."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path

from trainvis.engine.metrics import MetricWriter
from trainvis.engine.rundir import Notes, RunDir, Spec, State
from trainvis.engine.summary import Summary

METRICS = ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "step_time")


def make(root: Path, count: int) -> list[RunDir]:
    """`count` finished runs of 10 epochs and six metrics, the newest of an hour ago, made fast."""
    now = time.time() - 3600
    summary = _summary(now)
    runs = []
    for at in range(count):
        run = RunDir.create(root, f"digits-{at % 7}", now - at * 3600)
        spec = Spec(f"/home/me/digits-{at % 7}.py", argv=("--lr", str(1e-3 * (at + 1))), created=now - at * 3600)
        state = State("finished", "done", exit_code=0, host="box", started=now - at * 3600, ended=now - at * 3600 + 60)
        for path, value in ((run.spec_file, spec), (run.state_file, state)):
            path.write_text(json.dumps({"schema": 1, **asdict(value)}))
        run.write_notes(Notes(f"run {at}", ("mnist", f"t{at % 20}"), "as before"))
        run.summary_file.write_text(json.dumps(summary))
        runs.append(run)
    return runs


def _summary(now: float) -> dict:
    summary = Summary()
    summary.add({"event": "fit", "fit": 1, "step": 0, "epochs": 10, "steps_per_epoch": 300, "time": now})
    for step in range(1, 3001):
        values = {name: 1 / (step + at) for at, name in enumerate(METRICS)}
        summary.add({"fit": 1, "step": step, "epoch": step / 300, "time": now + step * 0.02, **values})
    return {**summary.as_json(), "offset": 0}


def write_lines(run: RunDir, count: int) -> None:
    """`count` metric lines as our writer writes them."""
    writer = MetricWriter(run)
    writer.fit(100, count // 100, 32, {"name": "adam", "learning_rate": 1e-3})
    begin = time.time() - count * 0.01
    for step in range(1, count + 1):
        values = {"loss": 1.0 / step + 0.01, "accuracy": 1.0 - 1.0 / (step + 1)}
        if step % 1000 == 0:
            values |= {"val_loss": 1.1 / step, "val_accuracy": 1 - 1.2 / step}
        writer.line(step, step / (count // 100), values, time=begin + step * 0.01)
        if step % 20_000 == 0:
            writer.flush()
    writer.end("done")
    writer.close()
