"""Builds that end before they are done: killed, without room, with a worker that dies."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from built_sets import Process, folder, labelled
from wait import wait_for

from trainvis.datasets.blob import open_blob
from trainvis.datasets.building import writing
from trainvis.datasets.building.build import BuildOptions, build
from trainvis.datasets.building.crew import Crew
from trainvis.datasets.errors import BlobError
from trainvis.datasets.layouts.table import recognise

pytestmark = [pytest.mark.slow, pytest.mark.kills]

COUNT = 3000
WAYS = {
    "h5": ("h5", "{}"),
    "lmdb": ("lmdb", "{}"),
    "small.h5": ("h5", "dict(size=(16, 16), encoding='png', shards=3, shuffle=True, limit=1000)"),
    "small.lmdb": ("lmdb", "dict(size=(16, 16), encoding='raw', shards=2, limit=1000)"),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    return folder(tmp_path_factory.mktemp("source"), COUNT)


@pytest.fixture
def small_steps(monkeypatch):
    monkeypatch.setattr(writing, "STEP", 0.02)
    monkeypatch.setattr(writing, "RANGE", 16)


@pytest.mark.parametrize("way", WAYS)
def test_a_build_that_is_killed_twice_has_the_content_of_one_that_was_not(tmp_path, source, way):
    ending, options = WAYS[way]
    out, count = tmp_path / f"out.{ending}", COUNT if options == "{}" else 1000
    for done in (count // 3, count * 2 // 3):
        Process(source, out, options).killed_at(done)
        assert [path.name for path in tmp_path.iterdir()] == [f"out.{ending}.part"]
    options = BuildOptions(**eval(options))
    built = build(recognise(source), out, options)
    assert 0 < built.resumed < count
    whole = build(recognise(source), tmp_path / f"whole.{ending}", options)
    assert built.digest == whole.digest
    assert whole.resumed == 0
    assert not (tmp_path / f"out.{ending}.part").exists()
    with open_blob(built.path) as blob, open_blob(whole.path) as other:
        assert len(blob) == len(other) == count
        for place in range(0, count, 97):
            assert blob.key(place) == other.key(place)
            assert blob.raw(place, "image") == other.raw(place, "image")
            assert blob.find(blob.key(place)) == place
        assert blob.statistics == other.statistics


def test_the_workers_end_with_the_builder(tmp_path, source):
    build_ = Process(source, tmp_path / "out.h5", "dict(size=(16, 16))")
    for line in build_.lines():
        if line.startswith("building"):
            break
    workers = [
        int(pid) for pid in Path(f"/proc/{build_.process.pid}/task/{build_.process.pid}/children").read_text().split()
    ]
    assert workers
    build_.process.kill()
    build_.end()
    wait_for(lambda: not any(_lives(pid) for pid in workers), what="the workers to end")


def test_ctrl_c_leaves_the_part_and_no_worker(tmp_path, source):
    build_ = Process(source, tmp_path / "out.lmdb", "dict(size=(16, 16))")
    for line in build_.lines():
        if line.startswith("building") and int(line.split()[1]) > 500:
            break
    os.kill(build_.process.pid, signal.SIGINT)
    assert build_.end() == -signal.SIGINT
    assert [path.name for path in tmp_path.iterdir()] == ["out.lmdb.part"]


def test_a_worker_that_is_killed_is_said_and_the_build_goes_on_later(tmp_path, source, small_steps, monkeypatch):
    crews: list[Crew] = []
    begin = Crew.begin
    monkeypatch.setattr(Crew, "begin", lambda crew, *a, **k: (crews.append(crew), begin(crew, *a, **k))[1])

    def kill(progress) -> None:
        if progress.stage == "building" and progress.done > 500:
            os.kill(crews[0].pids[0], signal.SIGKILL)

    monkeypatch.setattr(writing, "_TOLD", 0.0)
    with pytest.raises(BlobError, match=r"a worker of the build was killed \(SIGKILL"):
        build(recognise(source), tmp_path / "out.h5", BuildOptions(workers=2), progress=kill)
    built = build(recognise(source), tmp_path / "out.h5", BuildOptions(workers=2))
    assert built.records == COUNT


@pytest.mark.parametrize("ending", ["h5", "lmdb"])
def test_a_disk_that_is_full_is_a_sentence_and_the_build_goes_on_when_there_is_room(
    tmp_path, source, small_steps, ending
):
    out, before = tmp_path / f"out.{ending}", resource.getrlimit(resource.RLIMIT_FSIZE)
    options = BuildOptions(workers=2, size=(96, 96), encoding="raw", limit=800)  # 22 MB
    resource.setrlimit(resource.RLIMIT_FSIZE, (12 << 20, before[1]))
    try:
        with pytest.raises(BlobError, match=rf"the disk is full: out\.{ending} is not finished.*out\.{ending}\.part"):
            build(recognise(source), out, options)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not out.exists()
    built = build(recognise(source), out, options)
    assert built.resumed > 0
    assert built.digest == build(recognise(source), tmp_path / f"whole.{ending}", options).digest


def test_a_disk_that_is_full_in_the_beginning_leaves_nothing_and_says_so(tmp_path, source):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(BlobError, match=r"the disk is full: out\.h5 is not finished\. Nothing of it is left"):
            build(recognise(source), tmp_path / "out.h5", BuildOptions(workers=1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not [*tmp_path.iterdir()]


def test_other_options_do_not_go_on_with_a_part(tmp_path, source):
    Process(source, tmp_path / "out.h5").killed_at(500)
    with pytest.raises(BlobError, match=r"out\.h5\.part was begun with other options \(seed was 0\)"):
        build(recognise(source), tmp_path / "out.h5", BuildOptions(seed=1))
    with pytest.raises(BlobError, match="was begun from another source"):
        build(labelled({"a": 3}), tmp_path / "out.h5")
    built = build(labelled({"a": 3}), tmp_path / "out.h5", fresh=True)
    assert built.records == 3


def test_two_builds_of_one_file_do_not_mix(tmp_path, source):
    first = Process(source, tmp_path / "out.h5", "dict(size=(16, 16))")
    for line in first.lines():
        if line.startswith("building"):
            break
    with pytest.raises(BlobError, match=r"another process is building out\.h5"):
        build(recognise(source), tmp_path / "out.h5", BuildOptions(size=(16, 16)))
    first.process.kill()
    first.end()


@pytest.mark.parametrize("moment", ["ready", "done", "renamed"])
def test_a_build_that_is_killed_at_its_very_end_is_finished_by_the_next(tmp_path, moment):
    """The moments between a file that is whole and a folder that is gone."""
    after = {"ready": "os.replace", "done": "Part.finish", "renamed": "build._rename"}[moment]
    script = f"""
import os, sys
from trainvis.datasets.building import build as build_module, writing, part
from trainvis.datasets.layouts.table import recognise
real = {{"os.replace": os.replace, "Part.finish": part.Part.finish, "build._rename": build_module._rename}}[{after!r}]
def last(*given):
    real(*given)
    if {after!r} != "os.replace" or "ready" in str(given[1]):
        os.kill(os.getpid(), 9)
match {after!r}:
    case "os.replace": os.replace = last
    case "Part.finish": part.Part.finish = last
    case _: build_module._rename = last
build_module.build(recognise(sys.argv[1]), sys.argv[2], build_module.BuildOptions(workers=1, shards=2))
"""
    root = folder(tmp_path / "in", 40)
    out = tmp_path / "out" / "out.h5"
    out.parent.mkdir()
    ended = subprocess.run([sys.executable, "-c", script, str(root), str(out)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / "out" / "out.h5.part").exists()
    built = build(recognise(root), out, BuildOptions(workers=1, shards=2))
    assert built.records == 40
    assert sorted(path.name for path in out.parent.iterdir()) == ["out-00000-of-00002.h5", "out-00001-of-00002.h5"]
    with open_blob(built.path) as blob:
        assert blob.raw(39, "image") == (root / blob.key(39)).read_bytes()


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
