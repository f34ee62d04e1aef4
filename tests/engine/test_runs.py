from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.engine import process
from trainvis.engine.errors import RunError
from trainvis.engine.files import LIMIT
from trainvis.engine.index import index_file
from trainvis.engine.metrics import MetricWriter
from trainvis.engine.parameters import parameters
from trainvis.engine.rows import READ_WHOLE, Row
from trainvis.engine.rundir import Notes, RunDir, Spec, State
from trainvis.engine.runs import find, load_index, save_index, size, snapshot
from trainvis.engine.status import Done, Finished, Lost, Running

NOW = 1_800_000_000.0


def _finished(root: Path, stem: str = "train", created: float = NOW) -> RunDir:
    run = RunDir.create(root, stem, created)
    run.write_spec(Spec(f"/home/me/{stem}.py", argv=("--lr", "0.1", "--fast"), created=created, parent="before"))
    run.write_state(State("finished", "done", exit_code=0, started=created, ended=created + 60))
    run.write_notes(Notes(f"name of {stem}", ("mnist", "demo")))
    return run


def _running(root: Path, stem: str = "live") -> RunDir:
    run = RunDir.create(root, stem)
    me = process.identity(os.getpid())
    run.write_spec(Spec(f"/home/me/{stem}.py", created=time.time()))
    run.write_state(
        State("running", host=process.host(), boot=process.boot_id(), process=me, supervisor=me, started=time.time())
    )
    return run


def _trained(run: RunDir, epochs: int = 2, seconds: float = 10.0) -> None:
    writer = MetricWriter(run)
    writer.fit(4, 10, params={"seed": 3, "data": {"name": "digits"}}, optimizer={"name": "adam", "learning_rate": 0.5})
    begin = time.time()
    for step in range(1, 10 * epochs + 1):
        writer.line(step, step / 10, {"loss": 1 / step}, time=begin + step * seconds)
    writer.close()


def _only(root: Path, **options: object) -> Row:
    (row,) = snapshot(root, **options).rows  # type: ignore[arg-type]
    return row


def test_a_row_knows_what_a_table_shows(tmp_path: Path) -> None:
    run = _finished(tmp_path)
    _trained(run)
    row = _only(tmp_path)
    assert (row.id, row.name, row.title, row.tags) == (run.id, "name of train", "name of train", ("mnist", "demo"))
    assert row.status == Finished(Done(), NOW, NOW + 60)
    assert (row.script, row.parent, row.created, row.length(NOW + 999)) == ("/home/me/train.py", "before", NOW, 60.0)
    assert (row.fit, row.epoch, row.epochs, row.step, row.steps) == (1, 2.0, 4, 20, 40)
    assert (row.metrics["loss"].last, row.metrics["loss"].min, row.metrics["loss"].max) == (1 / 20, 1 / 20, 1.0)
    assert len(row.metrics["loss"].sparkline) == 20
    assert row.parameters == {
        "lr": 0.1,
        "fast": True,
        "seed": 3,
        "data.name": "digits",
        "optimizer": "adam",
        "optimizer.learning_rate": 0.5,
    }
    assert row.mine
    assert row.owner == process.user()
    assert row.problems == ()
    assert row.eta is None


def test_a_running_run_says_when_it_will_end(tmp_path: Path) -> None:
    run = _running(tmp_path)
    _trained(run, epochs=2, seconds=1.0)
    now = time.time() + 20
    row = _only(tmp_path, now=now)
    assert isinstance(row.status, Running)
    assert row.eta == pytest.approx(20.0, abs=2.0)


def test_newest_runs_come_first(tmp_path: Path) -> None:
    made = [_finished(tmp_path, name, NOW + at) for at, name in enumerate(("b", "c", "a"))]
    assert [row.id for row in snapshot(tmp_path).rows] == [run.id for run in reversed(made)]


def test_rows_that_have_not_changed_are_the_same_objects(tmp_path: Path) -> None:
    run, other = _finished(tmp_path, "one"), _finished(tmp_path, "two")
    first = snapshot(tmp_path, now=NOW)
    assert all(a is b for a, b in zip(first.rows, snapshot(tmp_path, first, now=NOW + 9).rows, strict=True))
    run.write_notes(Notes("changed"))
    second = {row.id: row for row in snapshot(tmp_path, first).rows}
    assert second[run.id].name == "changed"
    assert any(row is second[other.id] for row in first.rows)


def test_a_run_whose_state_is_unchanged_but_whose_process_died_is_noticed(tmp_path: Path) -> None:
    run = _running(tmp_path)
    child = os.fork()
    if not child:
        time.sleep(60)
        os._exit(0)
    known = process.identity(child)
    state = State("running", host=process.host(), boot=process.boot_id(), process=known, supervisor=known, started=NOW)
    run.write_state(state)
    first = snapshot(tmp_path)
    assert isinstance(first.rows[0].status, Running)
    os.kill(child, 9)
    os.waitpid(child, 0)
    assert isinstance(snapshot(tmp_path, first).rows[0].status, Lost)


def test_told_what_changed_it_looks_at_nothing_else_that_is_over(tmp_path: Path) -> None:
    one, two = _finished(tmp_path, "one"), _finished(tmp_path, "two")
    first = snapshot(tmp_path)
    one.write_notes(Notes("first"))
    two.write_notes(Notes("second"))
    names = {row.id: row.name for row in snapshot(tmp_path, first, changed=frozenset({one.path})).rows}
    assert names == {one.id: "first", two.id: "name of two"}


def test_sizes_are_measured_when_asked_for_and_kept(tmp_path: Path) -> None:
    run = _finished(tmp_path)
    assert _only(tmp_path).size is None
    measured = snapshot(tmp_path, sizes=True)
    assert measured.rows[0].size == size(run) > 100
    assert snapshot(tmp_path, measured).rows[0].size == size(run)


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_text("")], ids=["missing", "a file"])
def test_a_folder_that_is_none_is_said(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "runs")
    found = snapshot(tmp_path / "runs")
    assert found.rows == ()
    assert "does not exist yet" in (found.problem or "") or "is no folder" in (found.problem or "")


def test_foreign_folders_files_and_the_trash_are_no_runs(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / ".trash" / "old-20260101-000000-abcd").mkdir(parents=True)
    assert snapshot(tmp_path).rows == ()


def test_a_folder_with_the_files_of_a_run_is_one_whatever_its_name(tmp_path: Path) -> None:
    _finished(tmp_path).path.rename(tmp_path / "my best run")
    assert _only(tmp_path).id == "my best run"


def test_empty_and_half_written_runs_are_rows_with_a_problem(tmp_path: Path) -> None:
    (tmp_path / "empty-20260101-000000-abcd").mkdir()
    half = _finished(tmp_path)
    half.spec_file.write_text('{"script": "/x.p')
    half.state_file.write_bytes(b"")
    found = {row.id: row for row in snapshot(tmp_path).rows}
    assert any("spec.json is missing" in problem for problem in found["empty-20260101-000000-abcd"].problems)
    assert {"spec.json is damaged: it is not JSON", "state.json is empty"} <= set(found[half.id].problems)


def _hostile(run: RunDir) -> Iterator[tuple[str, bytes]]:
    deep = b"[" * 100_000 + b"]" * 100_000
    yield "deep", deep
    yield "deep mapping", b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    yield "deep inside", b'{"metrics":{"loss":' + deep + b'},"script":' + deep + b"}"
    yield "no text", bytes(range(256)) * 40
    yield "long number", b'{"created":' + b"9" * 10_000 + b"}"
    yield (
        "huge float",
        b'{"created":1e999,"started":-1e999,"ended":NaN,"status":"finished","epoch":Infinity,"metrics":{}}',
    )
    yield (
        "control characters",
        json.dumps({"name": "\x1b]0;x\x07[red]", "script": "\ud800../\x00", "tags": ["\x9b"]}).encode(),
    )
    yield "many names", json.dumps({"metrics": {str(at): {} for at in range(20_000)}, "params": {}}).encode()
    yield "ten thousand characters", json.dumps({"name": "x" * 10_000, "tags": ["y" * 10_000] * 100}).encode()


@pytest.mark.parametrize(
    "which",
    [
        "state_file",
        *(pytest.param(f"{name}_file", marks=pytest.mark.slow) for name in ("notes", "spec", "summary", "metrics")),
    ],
)
def test_no_content_of_a_file_stops_a_snapshot(tmp_path: Path, which: str) -> None:
    for name, content in _hostile(_finished(tmp_path)):
        run = _finished(tmp_path, "hostile")
        getattr(run, which).write_bytes(content)
        found = snapshot(tmp_path)
        assert run.id in {row.id for row in found.rows}, name
        save_index(found)
        assert load_index(tmp_path) == found, name


def test_names_stay_as_they_are(tmp_path: Path) -> None:
    run = _finished(tmp_path)
    run.notes_file.write_text(json.dumps({"name": "\x1b[31mred"}))
    assert _only(tmp_path).name == "\x1b[31mred"


def test_files_that_are_no_files_are_never_waited_for(tmp_path: Path) -> None:
    for which in ("spec_file", "state_file", "notes_file", "summary_file", "metrics_file"):
        run = _finished(tmp_path, "pipe")
        getattr(run, which).unlink(missing_ok=True)
        os.mkfifo(getattr(run, which))
    folders = _finished(tmp_path, "folders")
    folders.state_file.unlink()
    folders.state_file.mkdir()
    assert len(snapshot(tmp_path).rows) == 6


def test_a_summary_of_a_hundred_megabytes_is_not_read(tmp_path: Path) -> None:
    run = _finished(tmp_path)
    _trained(run)
    with run.summary_file.open("wb") as file:
        file.truncate(100 << 20)
    row = _only(tmp_path)
    assert row.metrics["loss"].last == 1 / 20, "rebuilt from the lines"
    assert LIMIT < 100 << 20


def test_a_summary_that_its_writer_had_no_time_for_is_completed(tmp_path: Path) -> None:
    run = _finished(tmp_path)
    _trained(run)
    old = run.summary_file.read_bytes()
    with run.metrics_file.open("a") as file:
        file.write('{"fit":1,"step":21,"epoch":2.1,"time":1,"loss":"nan"}\n{"fit":1,"st')
    run.summary_file.write_bytes(old)
    row = _only(tmp_path)
    assert row.step == 21
    assert row.metrics["loss"].last != row.metrics["loss"].last


@pytest.mark.slow
def test_a_huge_file_without_summary_is_read_at_both_ends(tmp_path: Path) -> None:
    run = _finished(tmp_path)
    with run.metrics_file.open("w") as file:
        line = '{{"fit":1,"step":{at},"epoch":1.5,"time":1,"loss":{at}}}\n'
        file.write(line.format(at=-1))
        file.writelines(line.format(at=at) for at in range(READ_WHOLE // 45))
    row = _only(tmp_path)
    assert (row.metrics["loss"].min, row.metrics["loss"].last) == (-1.0, float(READ_WHOLE // 45 - 1))
    assert "a part of the metrics" in row.problems[0]


def test_runs_deleted_while_a_snapshot_reads_are_no_error(tmp_path: Path) -> None:
    ended = threading.Event()

    def churn() -> None:
        while not ended.is_set():
            shutil.rmtree(_finished(tmp_path, "gone").path)

    _finished(tmp_path, "stays")
    thread = threading.Thread(target=churn)
    thread.start()
    try:
        before = None
        for _ in range(60):
            before = snapshot(tmp_path, before, sizes=True)
            assert before.problem is None
            assert any("stays" in row.id for row in before.rows)
    finally:
        ended.set()
        thread.join()


def test_folders_that_may_not_be_read_are_said(tmp_path: Path) -> None:
    shared = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        shared.chmod(0o755)
        locked = _finished(shared, "locked")
        locked.path.chmod(0)
        secret = shared / "secret"
        secret.mkdir(mode=0)
        found = _as_nobody(lambda: (snapshot(shared), snapshot(secret)))
        assert found == [["spec.json cannot be read: Permission denied", False], "cannot be read: Permission denied"]
    finally:
        locked.path.chmod(0o700)
        shutil.rmtree(shared)


def _as_nobody(look: Callable[[], tuple]) -> list:
    """What a user who may not read everything sees; asked in a child, for root may read everything."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        if os.geteuid() == 0:
            os.seteuid(65534)
        runs, folder = look()
        row = runs.rows[0]
        answer = [[row.problems[0], row.mine and os.geteuid() == 65534], (folder.problem or "").split(" ", 4)[-1]]
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        answer = json.load(file)
    os.waitpid(child, 0)
    return answer


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = st.sampled_from(
    [
        *asdict(Spec()),
        *asdict(State()),
        *asdict(Notes()),
        "metrics",
        "pace",
        "offset",
        "time",
        "epoch",
        "running",
        "schema",
    ]
)
_WORDS = st.sampled_from(["finished", "running", "waiting", "done", "failed", "killed", "terminating"])


@pytest.mark.slow
@given(st.dictionaries(_FIELDS, _JSON | _WORDS, max_size=8))
def test_no_value_in_a_file_stops_a_snapshot(tmp_path_factory: pytest.TempPathFactory, content: dict) -> None:
    root = tmp_path_factory.mktemp("runs")
    run = RunDir.create(root, "any")
    for path in (run.spec_file, run.state_file, run.notes_file, run.summary_file, run.metrics_file):
        path.write_text(json.dumps(content) + "\n")
    row = _only(root, sizes=True)
    assert row.id == run.id
    save_index(snapshot(root))
    assert load_index(root) is not None


def test_the_index_brings_back_the_same_rows_and_spares_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        _trained(_finished(tmp_path, name))
    _running(tmp_path)
    first = snapshot(tmp_path, sizes=True)
    save_index(first)
    kept = load_index(tmp_path)
    assert kept is not None
    assert [row.id for row in kept.rows] == [row.id for row in first.rows]
    for old, new in zip(first.rows, kept.rows, strict=True):
        assert (new.status, new.parameters, new.created, new.size) == (
            old.status,
            old.parameters,
            old.created,
            old.size,
        )
        for name, metric in old.metrics.items():
            assert new.metrics[name].sparkline == pytest.approx(metric.sparkline, rel=1e-6)
    again = snapshot(tmp_path, kept)
    assert sum(row in kept.rows and any(row is known for known in kept.rows) for row in again.rows) >= 2


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"index":1}', b"\xff" * 100, b"[" * 100_000])
def test_a_damaged_index_is_none(tmp_path: Path, content: bytes) -> None:
    index_file(tmp_path).parent.mkdir(parents=True, exist_ok=True)
    index_file(tmp_path).write_bytes(content)
    assert load_index(tmp_path) is None


def test_an_index_with_odd_rows_is_none(tmp_path: Path) -> None:
    _finished(tmp_path)
    save_index(snapshot(tmp_path))
    good = json.loads(index_file(tmp_path).read_text())
    for at in range(len(good["rows"][0])):
        for odd in (None, 3, "x", [1], {"a": 1}):
            bad = json.loads(json.dumps(good))
            bad["rows"][0][at] = odd
            index_file(tmp_path).write_text(json.dumps(bad))
            load_index(tmp_path)  # rows or None, never an error


def test_an_index_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cache").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "runs").mkdir()
    save_index(snapshot(tmp_path / "runs"))
    assert load_index(tmp_path / "runs") is None


def test_a_run_is_found_by_id_beginning_name_last_tags_and_filter(tmp_path: Path) -> None:
    one, two = _finished(tmp_path, "one"), _finished(tmp_path, "two", NOW + 1)
    two.write_notes(Notes("best so far", ("faces",)))
    assert find(tmp_path, one.id) == one
    assert find(tmp_path, "one-") == one
    assert find(tmp_path, "best so far") == two
    assert find(tmp_path, "last") == two
    assert find(tmp_path, "demo mnist") == one
    assert find(tmp_path, "faces") == two
    assert find(tmp_path, "tag:faces or name:nothing") == two


def test_what_is_to_end_is_of_several_runs_the_one_that_has_not(tmp_path: Path) -> None:
    for made in (_finished(tmp_path), _finished(tmp_path), running := _running(tmp_path)):
        made.write_notes(Notes("study faces.h5"))
    assert find(tmp_path, "study faces.h5", living=True) == running
    with pytest.raises(RunError, match="means 3 runs"):
        find(tmp_path, "study faces.h5")
    _running(tmp_path).write_notes(Notes("study faces.h5"))
    with pytest.raises(RunError, match="means 4 runs"):
        find(tmp_path, "study faces.h5", living=True)


def test_what_is_to_end_is_not_the_newest_part_of_a_run_but_that_run(tmp_path: Path) -> None:
    study = _running(tmp_path)
    head = _finished(tmp_path, "head", NOW + 60)

    def made_by(parent: str, launcher: str) -> None:
        head.write_spec(Spec(module="head", launcher=launcher, parent=parent, created=NOW + 60))

    made_by(study.id, "hand")
    assert find(tmp_path, "last") == head
    assert find(tmp_path, "last", living=True) == study
    for parent, launcher in ((study.id, "local"), ("gone-20261122-120000-abcd", "hand"), (head.id, "hand")):
        made_by(parent, launcher)  # one that repeats or resumes another is none of its parts
        assert find(tmp_path, "last", living=True) == head
    made_by(_finished(tmp_path).id, "hand")  # whose script has ended
    assert find(tmp_path, "last", living=True) == head
    made_by(study.id, "hand")
    later = _finished(tmp_path, "later", NOW + 30)  # begun after the study, before its newest head
    assert find(tmp_path, "last", living=True) == later


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no run is called"),
        ("missing", "no run is called 'missing'"),
        ("../runs", "no run is called"),
        (".", "no run is called"),
        ("x" * 10_000, "no run is called"),
        ("\x00\x1b", "no run is called"),
        ("\ud800", "no run is called"),
        ("tag:", "no run is called"),
        ("home", "no run is called"),
        ("train-", "means 2 runs: train-"),
    ],
)
def test_what_means_no_run_or_several_is_said(tmp_path: Path, text: str, words: str) -> None:
    _finished(tmp_path)
    _finished(tmp_path)
    with pytest.raises(RunError, match=words) as caught:
        find(tmp_path, text)
    assert str(caught.value).isprintable()


def test_in_an_empty_or_missing_folder_nothing_is_found(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no run"):
        find(tmp_path, "last")
    with pytest.raises(RunError, match="does not exist yet"):
        find(tmp_path / "missing", "last")


@pytest.mark.parametrize(
    ("argv", "found"),
    [
        (("--lr", "1e-3"), {"lr": 1e-3}),
        (("--lr=1e-3", "--name=a=b"), {"lr": 1e-3, "name": "a=b"}),
        (("--offset", "-3", "--fast"), {"offset": -3, "fast": True}),
        (("data.csv", "-n", "7", "--", "--no", "1"), {"n": 7}),
        (("--debug", "False", "--x", "--y"), {"debug": False, "x": True, "y": True}),
        (("-", "--=", "---", "--", "--a"), {}),
    ],
)
def test_arguments_become_parameters(argv: tuple[str, ...], found: dict[str, object]) -> None:
    assert parameters(argv, {}, {}) == found
