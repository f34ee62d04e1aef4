from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from wait import wait_for

from trainvis.engine import process
from trainvis.engine.rundir import Process

WAITS = [sys.executable, "-S", "-c", "import sys; sys.stdin.read()"]


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(WAITS, stdin=subprocess.PIPE) as started:
        yield started
        started.kill()


def test_a_process_is_known_by_pid_and_start_time(other):
    known = process.identity(other.pid)
    assert known is not None
    assert known.pid == other.pid
    assert process.alive(known)
    assert process.identity(other.pid) == known


def test_a_zombie_is_dead_but_still_identified(other):
    known = process.identity(other.pid)
    other.kill()
    wait_for(lambda: not process.alive(known), what="the zombie")
    assert other.returncode is None, "nobody has waited for it: it is a zombie now"
    assert process.identity(other.pid) == known
    assert not process.send(known, signal.SIGTERM), "the kernel would take it, and nobody would hear it"
    other.wait()
    assert process.identity(other.pid) is None


def test_no_process_has_no_identity():
    assert process.identity(2**22 + 1) is None
    assert not process.alive(Process(2**22 + 1, "1"))


def test_a_reused_pid_is_refused(other):
    known = process.identity(other.pid)
    before = Process(known.pid, str(int(known.start) - 1))
    assert not process.alive(before)
    assert not process.send(before, signal.SIGKILL)
    assert other.poll() is None, "the process that has the pid now was not touched"


def test_a_signal_reaches_the_process_that_is_meant(other):
    assert process.send(process.identity(other.pid), signal.SIGTERM)
    assert other.wait(10) == -signal.SIGTERM


def test_a_signal_to_a_process_that_is_gone_says_so(other):
    known = process.identity(other.pid)
    other.kill()
    other.wait()
    assert not process.send(known, signal.SIGTERM)


def test_without_pidfd_a_reused_pid_is_refused_too(other, monkeypatch):
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    known = process.identity(other.pid)
    assert not process.send(Process(known.pid, "1"), signal.SIGKILL)
    assert other.poll() is None
    assert process.send(known, signal.SIGTERM)
    assert other.wait(10) == -signal.SIGTERM


def test_descendants_are_children_and_theirs():
    program = f"import subprocess; subprocess.Popen({WAITS!r}).wait()"
    with subprocess.Popen([sys.executable, "-S", "-c", program], stdin=subprocess.PIPE) as parent:
        below = wait_for(lambda: process.descendants(parent.pid), what="the grandchild")
        assert parent.pid in {item.pid for item in process.descendants(os.getpid())}
        assert below[0].pid in {item.pid for item in process.descendants(os.getpid())}
        assert parent.pid not in {item.pid for item in below}
        parent.stdin.close()
        parent.wait(10)


def test_a_command_name_with_blanks_and_parentheses_is_read_right(tmp_path):
    odd = tmp_path / "a ) R 1 (b"
    odd.symlink_to("/bin/sleep")
    with subprocess.Popen([odd, "60"]) as started:
        known = process.identity(started.pid)
        assert known is not None
        assert int(known.start) > 1
        assert known.pid in {item.pid for item in process.descendants(os.getpid())}
        started.kill()


def test_the_branch_of_another_supervisor_is_left_out():
    def seen(pid: int, parent: int, session: int = 0) -> process.Seen:
        return process.Seen(Process(pid, "1"), parent, session, dead=False)

    table = [seen(2, 1), seen(3, 1), seen(4, 3), seen(5, 4), seen(6, 2), seen(9, 8)]
    assert [item.process.pid for item in process.subtree(table, 1, frozenset({3}))] == [2, 6]


def test_a_session_belongs_to_its_leader_only():
    main = Process(10, "100")
    orphan = process.Seen(Process(11, "101"), parent=1, session=10, dead=False)
    stranger = process.Seen(Process(10, "999"), parent=1, session=10, dead=False)
    assert process.family([orphan], 5, main) == [orphan.process]
    assert process.family([orphan, stranger], 5, main) == [], "the pid is another's by now, and so is the session"


def test_the_environment_a_process_was_started_with_is_read():
    with subprocess.Popen(WAITS, stdin=subprocess.PIPE, env={"MARK": "yes"}) as started:
        wait_for(lambda: process.carries(started.pid, "MARK", "yes"), what="the program's start")
        assert not process.carries(started.pid, "MARK", "ye")
        assert WAITS[0] in process.command(started.pid)
        started.kill()


def test_this_machine_has_a_name_a_boot_and_a_user():
    assert process.host()
    assert process.boot_id() == process.boot_id() != ""
    assert process.user()


@pytest.mark.skipif(shutil.which("ps") is None, reason="needs ps")
def test_ps_tells_the_same_where_there_is_no_proc(other):
    [seen] = process._ps("-p", str(other.pid))
    assert (seen.process.pid, seen.parent, seen.dead) == (other.pid, os.getpid(), False)
    assert seen.session == os.getpgid(other.pid)
    assert seen.process.start.endswith(time.strftime("%Y"))
    other.kill()
    wait_for(lambda: process._ps("-p", str(other.pid))[0].dead, what="the zombie")
