from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from wait import wait_for

from trainvis.engine.memory import OomWatch, oom_kills
from trainvis.engine.status import Failed, OutOfMemory

LIMIT = 60 * 2**20
EATS = """
import sys
with open(sys.argv[1], "w") as group:
    group.write("0")
eaten = bytearray()
while True:
    eaten += b"x" * 1_000_000
"""


@pytest.fixture
def cage() -> Iterator[Path]:
    """The procs file of a memory cgroup of 60 MB."""
    found = None
    for base, limit in (("memory", "memory.limit_in_bytes"), ("", "memory.max")):
        group = Path("/sys/fs/cgroup", base, f"trainvis-test-{os.getpid()}")
        with contextlib.suppress(OSError):
            group.mkdir()
            found = group
            (group / limit).write_text(str(LIMIT))
            break
    else:
        if found:
            found.rmdir()
        pytest.skip("no memory cgroup can be made here")
    # Without this a machine with swap would swap instead of killing.
    for swap, value in (("memory.memsw.limit_in_bytes", LIMIT), ("memory.swap.max", 0)):
        with contextlib.suppress(OSError):
            (found / swap).write_text(str(value))
    yield found / "cgroup.procs"
    wait_for(lambda: not (found / "cgroup.procs").read_text(), what="the group to be empty")
    found.rmdir()


@pytest.mark.kills
def test_an_out_of_memory_kill_is_told(go, ended, cage):
    run = go(EATS, str(cage))
    assert ended(run, 60).why == OutOfMemory()
    assert run.state()[0].oom_kills == 1


@pytest.mark.slow
@pytest.mark.kills
def test_a_worker_killed_for_memory_is_counted(go, ended, cage):
    run = go(f"import os, sys\nif os.fork() == 0:\n    exec({EATS!r})\nsys.exit(os.wait()[1] != 0)", str(cage))
    assert ended(run, 60).why == Failed(1)
    assert run.state()[0].oom_kills == 1


def test_the_watch_remembers_between_one_and_two_windows():
    watch = OomWatch(0.0)
    watch._before = watch._latest = oom_kills() - 1
    assert watch.just_now()
    watch.look(OomWatch.WINDOW - 0.1)
    assert watch.just_now()
    watch.look(OomWatch.WINDOW)
    assert watch.just_now(), "the kill may have come just before this look"
    watch.look(2 * OomWatch.WINDOW)
    assert not watch.just_now()
