"""A study is cut in every way there is, and goes on: what was finished stays, and the figures are those of one that was
left alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from small_faces import SIDE, small_faces
from wait import wait_for

from trainvis.engine import launch, process
from trainvis.engine.files import read_json
from trainvis.engine.metrics import read_summary
from trainvis.engine.rundir import Process, RunDir
from trainvis.face_exp.scores import read, read_all

HEADS = {f"{net}-s{seed}" for net in ("A", "D-7-label") for seed in (0, 1)}
LONG = 120.0  # seconds that anything here may take on a loaded machine


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    small_faces(folder / "faces.h5", people=5, each=16)
    return folder


class Begun:
    """A study that was started by hand, as `python -m` starts it, with its runs in a folder of its own."""

    def __init__(self, place: Path, name: str, *arguments: str) -> None:
        self.runs = place / name
        environment = {
            **os.environ, "TRAINVIS_RUNS": str(self.runs), "XDG_CACHE_HOME": str(place / "cache"),
            "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3",
        }  # fmt: skip
        environment.pop("TRAINVIS_RUN", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "trainvis.face_exp.study", *arguments, "--workers=1"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def said(self) -> str:
        said, _ = self.process.communicate(timeout=LONG)
        return said

    @property
    def study(self) -> RunDir:
        return RunDir(max(self.runs.glob("study-*")))

    @property
    def heads(self) -> Path:
        return self.study.results / "heads"

    def finished(self) -> set[str]:
        return {path.stem for path in self.runs.glob("study-*/results/heads/*.npz")}  # none before its run is there

    def runs_of_heads(self) -> list[RunDir]:
        return [RunDir(path) for path in sorted(self.runs.glob("head-*"), key=lambda path: path.stat().st_mtime_ns)]

    def running_head(self) -> RunDir | None:
        """The run of a head that is being trained."""
        for run in self.runs_of_heads():
            if run.listening_file.exists() and run.state()[0].status == "running" and process.alive(self.worker(run)):
                return run
        return None

    def worker(self, head: RunDir) -> Process:
        value = read_json(head.claimed_file).value
        return Process(int(value["pid"]), str(value["start"]))


def study(place: Path, name: str) -> Begun:
    data = str(place / "faces.h5")
    return Begun(place, name, data, "--nets=A,D", "--seeds=2", f"--extractor=pixels:{SIDE}")


@pytest.fixture(scope="module")
def whole(place: Path) -> Iterator[Begun]:
    """One that nobody disturbs."""
    begun = study(place, "whole")
    said = begun.said()
    assert begun.process.returncode == 0, said
    begun.text = said  # type: ignore[attr-defined]
    return begun


pytestmark = [pytest.mark.slow, pytest.mark.kills]


def test_each_head_is_a_run_below_the_study_and_its_scores_are_kept(whole: Begun):
    assert whole.finished() == HEADS
    heads = whole.runs_of_heads()
    assert {run.notes()[0].name for run in heads} == HEADS
    assert {run.spec()[0].parent for run in heads} == {whole.study.id}
    assert {run.state()[0].why for run in heads} == {"done"}
    found, problems = read_all(whole.heads)
    assert not problems
    assert {scores.run for scores in found} == {run.id for run in heads}


def test_a_study_says_a_line_for_each_head_and_its_row_counts_them(whole: Begun):
    said = whole.text  # type: ignore[attr-defined]
    for head in HEADS:
        assert re.search(rf"/4  {head} +val 0\.\d+  test 0\.\d+ +\d+\.\d s  \d+ \w+ left", said), said
    summary = read_summary(whole.study)
    assert summary is not None
    assert (summary.epochs, summary.epoch, summary.metrics["heads"].last) == (4, 4.0, 4)
    assert whole.study.state()[0].why == "done"
    lines = [json.loads(line) for line in whole.study.metrics_file.read_text().splitlines()]
    left = [line["left"] for line in lines if line.get("event") == "left"]
    assert len(left) > 4  # as the heads begin, at each of them, and for the report
    assert 0 < left[-1] < left[0]
    assert summary.due() == pytest.approx(lines[-1]["time"] + left[-1], abs=5)


def test_heads_of_one_seed_have_the_same_faces_and_those_of_another_have_others(whole: Begun):
    found = {scores.head.id: scores.predictions["test"]["identity"].record for scores in read_all(whole.heads)[0]}
    assert np.array_equal(found["A-s0"], found["D-7-label-s0"])
    assert not np.array_equal(found["A-s0"], found["A-s1"])


def test_killed_and_resumed_a_study_trains_the_rest_and_finds_the_same(place: Path, whole: Begun):
    cut = study(place, "cut")
    wait_for(lambda: len(cut.finished()) >= 1, LONG)
    first = cut.finished().pop()
    head = wait_for(cut.running_head, LONG)
    os.kill(cut.worker(head).pid, signal.SIGKILL)
    # The others go on, in a new worker; the study itself is killed in the middle of one.
    wait_for(lambda: len(cut.finished()) >= 2, LONG)
    last = wait_for(cut.running_head, LONG)
    cut.process.kill()
    said = cut.said()
    lost = head.notes()[0].name
    assert f"{lost} is unfinished: its worker was ended by SIGKILL" in said
    wait_for(lambda: not process.alive(cut.worker(last)), LONG)
    finished = cut.finished()
    assert first in finished
    assert lost not in finished
    before = {path.name: path.stat() for path in cut.heads.glob("*.npz")}

    again = Begun(place, "again", f"--resume={cut.study.path}")
    said = again.said()
    assert again.process.returncode == 0, said
    assert f"{len(finished)} of 4 heads are finished already" in said
    assert {run.notes()[0].name for run in again.runs_of_heads()} == HEADS - finished
    for name, facts in before.items():
        taken = (again.heads / name).stat()
        assert (taken.st_mtime_ns, taken.st_ino) == (facts.st_mtime_ns, facts.st_ino)
    for head_id in HEADS:
        one, other = read(whole.heads / f"{head_id}.npz"), read(again.heads / f"{head_id}.npz")
        for part, targets in one.predictions.items():
            for target, said_of in targets.items():
                same = other.predictions[part][target]
                assert np.array_equal(said_of.predicted, same.predicted)
                assert np.array_equal(said_of.loss, same.loss)


def test_a_wish_ends_one_head_and_a_wish_to_the_study_ends_it_with_a_report(place: Path):
    begun = study(place, "wished")
    with suppress(launch.LaunchError):
        launch.stop(wait_for(begun.running_head, LONG), "ada")
    wait_for(lambda: len(begun.finished()) >= 1, LONG)
    launch.stop(begun.study, "grace")
    said = begun.said()
    assert begun.process.returncode == 0, said
    assert "is unfinished: stopped by ada" in said
    assert re.search(r"stopped by grace: [12] of 4 heads are finished", said), said
    state = begun.study.state()[0]
    assert (state.why, state.by) == ("stopped", "grace")
    assert {path.name for path in begun.heads.iterdir()} == {f"{name}.npz" for name in begun.finished()}


def test_other_settings_are_refused_where_a_study_goes_on(place: Path, whole: Begun):
    begun = Begun(place, "whole", f"--resume={whole.study.path}", "--seeds=9")
    assert "--seeds would change them" in begun.said()
    assert begun.process.returncode == 1


def test_a_study_whose_networks_were_trained_otherwise_is_not_gone_on_with(place: Path, whole: Begun):
    before = place / "older" / whole.study.id
    shutil.copytree(whole.study.path, before)
    about = read_json(before / "results" / "study.json").value
    about["data"]["nets"]["A"]["epochs"] = 3
    (before / "results" / "study.json").write_text(json.dumps(about))
    begun = Begun(place, "older", f"--resume={before}")
    assert "A is not trained as when study-" in (said := begun.said())
    assert "(epochs 3 then, 25 now): begin a new study" in said
    assert begun.process.returncode == 1
    assert begun.finished() == HEADS  # those of the one before


def test_a_worker_whose_study_was_killed_has_no_last_words(tmp_path: Path):
    command = [sys.executable, "-P", "-m", "trainvis.face_exp.head"]
    job = {"do": "prepare", "settings": {}, "results": str(tmp_path), "tags": [], "first": True}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as worker:
        assert worker.stdin
        assert worker.stdout
        assert worker.stderr
        worker.stdout.close()
        worker.stdin.write(json.dumps(job).encode() + b"\n")
        worker.stdin.close()
        assert b"Traceback" not in worker.stderr.read()
    assert worker.returncode == 0


DEAF = """
import sys, time

class Deaf:
    def __del__(self):
        print("deaf", file=sys.stderr, flush=True)
        while True:
            time.sleep(0.01)

deaf = Deaf()
del deaf
print("awake", file=sys.stderr, flush=True)
while True:
    time.sleep(0.01)
"""


def test_an_interrupt_that_python_drops_is_sent_again(tmp_path: Path):
    (tmp_path / "numpy.py").write_text(DEAF, encoding="utf-8")  # imported before anything is prepared
    command = [sys.executable, "-P", "-m", "trainvis.face_exp.head"]
    job = {"do": "prepare", "settings": {}, "results": str(tmp_path), "tags": [], "first": True}
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment) as worker:
        assert worker.stdin
        assert worker.stdout
        assert worker.stderr
        worker.stdin.write(json.dumps(job).encode() + b"\n")
        worker.stdin.flush()
        assert worker.stderr.readline() == b"deaf\n"
        worker.stdin.write(json.dumps({"do": "stop", "by": "ada"}).encode() + b"\n")
        worker.stdin.flush()
        assert json.loads(worker.stdout.readline()) == {"refused": "stopped by ada"}
        worker.stdin.close()
        assert worker.stderr.read() == b"awake\n"
    assert worker.returncode == 0


def test_a_worker_that_is_let_go_once_it_has_answered_ends_without_a_word(tmp_path: Path):
    command = [sys.executable, "-P", "-m", "trainvis.face_exp.head"]
    job = {"do": "prepare", "settings": {}, "results": str(tmp_path), "tags": [], "first": True}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as worker:
        assert worker.stdin
        assert worker.stdout
        assert worker.stderr
        worker.stdin.write(json.dumps(job).encode() + b"\n")
        worker.stdin.flush()
        assert "refused" in json.loads(worker.stdout.readline())
        worker.stdin.close()
        assert worker.stderr.read() == b""
    assert worker.returncode == 0


def test_a_worker_that_no_study_feeds_says_what_it_is():
    command = [sys.executable, "-m", "trainvis.face_exp.head"]
    found = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "a part of a study" in found.stderr
