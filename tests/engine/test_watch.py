from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from wait import wait_for

from trainvis.engine.kernel_events import remote_file_system
from trainvis.engine.rundir import Notes, RunDir, State
from trainvis.engine.watch import Watcher

pytestmark = pytest.mark.kills  # real files, real kernel events


class _Heard:
    """What a watcher called with, in order."""

    def __init__(self) -> None:
        self.calls: list[frozenset[Path]] = []

    def __call__(self, paths: frozenset[Path]) -> None:
        self.calls.append(paths)

    def of(self, path: Path) -> int:
        return sum(path in call for call in self.calls)


@pytest.fixture
def follow(tmp_path: Path) -> Iterator[Callable[..., _Heard]]:
    started: list[Watcher] = []

    def begin(root: Path = tmp_path, **options: object) -> _Heard:
        heard = _Heard()
        started.append(Watcher(root, heard, **{"interval": 0.05, "reconcile": 60.0, **options}))  # type: ignore[arg-type]
        started[-1].start()
        wait_for(lambda: heard.calls, what="the first call")
        return heard

    yield begin
    for watcher in started:
        watcher.stop()
        assert watcher.problem is None or "looking" in watcher.problem


def _running(root: Path) -> RunDir:
    run = RunDir.create(root, "train")
    run.write_state(State("running"))
    return run


def _finished(root: Path) -> RunDir:
    run = RunDir.create(root, "train")
    run.write_state(State("finished", "done"))
    return run


@pytest.mark.slow
def test_a_summary_that_is_replaced_is_told_of(tmp_path: Path, follow: Callable[..., _Heard]) -> None:
    run = _running(tmp_path)
    heard = follow()
    wait_for(lambda: heard.of(run.path), what="the watch itself")
    before = heard.of(run.path)
    run.summary_file.with_suffix(".tmp").write_text("{}")
    os.replace(run.summary_file.with_suffix(".tmp"), run.summary_file)
    wait_for(lambda: heard.of(run.path) > before, what="the summary")


def test_runs_that_come_and_go_are_told_of(tmp_path: Path, follow: Callable[..., _Heard]) -> None:
    heard = follow()
    run = _running(tmp_path)
    wait_for(lambda: heard.of(run.path), what="the new run")
    before = heard.of(run.path)
    shutil.rmtree(run.path)
    wait_for(lambda: heard.of(run.path) > before, what="its end")


@pytest.mark.slow
def test_a_run_that_is_made_after_the_start_is_followed(tmp_path: Path, follow: Callable[..., _Heard]) -> None:
    heard = follow()
    run = _running(tmp_path)
    wait_for(lambda: heard.of(run.path) >= 2, what="the watch of the new run")
    before = heard.of(run.path)
    run.metrics_file.write_text("{}\n")
    wait_for(lambda: heard.of(run.path) > before, what="its metrics")


@pytest.mark.slow
def test_changed_notes_of_a_finished_run_are_found_by_the_pass(tmp_path: Path, follow: Callable[..., _Heard]) -> None:
    run, other = _finished(tmp_path), _finished(tmp_path)
    heard = follow(reconcile=0.1)
    run.write_notes(Notes("a name"))
    wait_for(lambda: heard.of(run.path), what="the notes")
    assert heard.of(other.path) == 0


@pytest.mark.slow
def test_where_the_kernel_tells_nothing_changes_are_found_by_looking(
    tmp_path: Path, follow: Callable[..., _Heard]
) -> None:
    run = _running(tmp_path)
    heard = follow(kernel=False)
    with run.metrics_file.open("a") as file:
        file.write("{}\n")
    wait_for(lambda: heard.of(run.path), what="the line")


@pytest.mark.slow
def test_a_thousand_writes_are_few_calls(tmp_path: Path, follow: Callable[..., _Heard]) -> None:
    run = _running(tmp_path)
    heard = follow(interval=0.2)
    wait_for(lambda: heard.of(run.path), what="the watch itself")
    begin = time.monotonic()
    with run.metrics_file.open("a", buffering=1) as file:
        for _ in range(1000):
            file.write("{}\n")
    run.write_state(State("finished", "done"))
    took = time.monotonic() - begin
    wait_for(lambda: time.monotonic() - begin > took + 0.5, what="the last call")
    assert 1 <= len(heard.calls) <= 5 + took / 0.2


def test_output_alone_is_not_told_of(tmp_path: Path, follow: Callable[..., _Heard]) -> None:
    run, other = _running(tmp_path), _running(tmp_path)
    heard = follow()
    wait_for(lambda: heard.of(run.path) and heard.of(other.path), what="the watches")
    before = heard.of(run.path)
    run.output_log.write_text("much output\n")
    told = heard.of(other.path)
    other.summary_file.write_text("{}")
    wait_for(lambda: heard.of(other.path) > told, what="what came after it")
    assert heard.of(run.path) == before


@pytest.mark.slow
def test_a_folder_that_comes_later_is_watched_then(tmp_path: Path, follow: Callable[..., _Heard]) -> None:
    heard = follow(tmp_path / "later", reconcile=0.1)
    run = _running(tmp_path / "later")
    wait_for(lambda: heard.of(run.path), what="the first run of a folder that was missing")


_FEW = """
import sys, time
from pathlib import Path
from trainvis.engine.rundir import RunDir, State
from trainvis.engine.watch import Watcher

runs = [RunDir.create(Path(sys.argv[1]), "train") for _ in range(8)]
for run in runs:
    run.write_state(State("running"))
seen = set()
watcher = Watcher(sys.argv[1], seen.update, reconcile=0.1)
watcher.start()
deadline = time.monotonic() + 10
while watcher.problem is None and time.monotonic() < deadline:
    time.sleep(0.01)
seen.clear()
for run in runs:
    run.summary_file.write_text("{}")
while len(seen) < 8 and time.monotonic() < deadline:
    time.sleep(0.01)
print(len(seen), watcher.live, watcher.problem)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("allowed", "live"), [(8, True), (0, False)])
def test_beyond_the_kernels_limit_changes_are_found_by_looking_and_it_is_said(
    tmp_path: Path, allowed: int, live: bool
) -> None:
    # A user namespace has limits of its own, so that nobody else's are touched.
    limit = f"echo {allowed} > /proc/sys/user/max_inotify_watches"
    namespace = ["unshare", "-Ur", "sh", "-c"]
    possible = (
        shutil.which("unshare") and not subprocess.run([*namespace, limit], check=False, capture_output=True).returncode
    )
    if not possible:
        pytest.skip("user namespaces are not allowed here")
    command = [*namespace, f'{limit}; exec "$0" -c "$1" "$2"', sys.executable, _FEW, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    assert said.startswith(f"8 {live} ")
    assert "inotify" in said


def test_a_watcher_that_never_started_can_be_stopped(tmp_path: Path) -> None:
    Watcher(tmp_path, lambda _: None).stop()


@pytest.mark.parametrize(
    ("kind", "remote"), [("nfs4", True), ("fuse.sshfs", True), ("ext4", False), ("overlay", False)]
)
def test_network_file_systems_are_known_by_their_mount(tmp_path: Path, kind: str, remote: bool) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        f"1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 0:1 / {tmp_path} rw,relatime shared:1 - {kind} box:/x rw\n"
    )
    assert (remote_file_system(tmp_path / "runs", mounts) is not None) is remote
    assert remote_file_system(Path("/usr"), mounts) is None
