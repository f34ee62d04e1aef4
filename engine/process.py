"""Processes asked from the kernel: who lives, who descends from whom, and signals that hit nobody else.

A pid is used again by the kernel, so a process is known by pid *and* start time (`Process`), within one
boot (`boot_id`). Linux answers from /proc (proc(5)) and signals through a pidfd (pidfd_open(2));
macOS answers from `ps`, whose start times have a resolution of one second.
"""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from .rundir import Process

_LINUX = sys.platform.startswith("linux")
_DEAD = frozenset("ZXx")  # zombie, dead


@dataclass(frozen=True, slots=True)
class Seen:
    """A process as one look at the process table found it; on macOS `session` is its process group."""

    process: Process
    parent: int
    session: int
    dead: bool


def host() -> str:
    """The name of this machine."""
    return os.uname().nodename


def user() -> str:
    """The name of the user this process acts for, or the number where there is no name."""
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


@lru_cache(maxsize=1)
def boot_id() -> str:
    """A text that is another after every start of the machine; "" where the kernel tells none."""
    if _LINUX:
        try:
            with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
                return file.read().strip()
        except OSError:
            return ""
    answer = subprocess.run(["sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def identity(pid: int) -> Process | None:
    """The process that has this pid now (a zombie too), None where there is none."""
    seen = _look(pid)
    return seen.process if seen else None


def alive(process: Process) -> bool:
    """Whether this very process still runs; a zombie does not."""
    seen = _look(process.pid)
    return seen is not None and seen.process == process and not seen.dead


def table() -> list[Seen]:
    """Every process that this user may see, zombies included."""
    if _LINUX:
        numbers = (int(name) for name in os.listdir("/proc") if name.isdigit())  # noqa: PTH208 - 10× faster than Path
        return [seen for seen in map(_look, numbers) if seen]
    return _ps("-ax")


def descendants(pid: int) -> list[Process]:
    """The living processes below `pid`, parents before their children, `pid` itself not among them."""
    below = subtree(table(), pid)
    return [seen.process for seen in below if not seen.dead]


def subtree(processes: Iterable[Seen], pid: int, leave: frozenset[int] = frozenset()) -> list[Seen]:
    """What of a process table lies below `pid`, parents first, without the branches that begin at `leave`."""
    children: dict[int, list[Seen]] = {}
    for seen in processes:
        children.setdefault(seen.parent, []).append(seen)
    found: list[Seen] = []
    ahead = [pid]
    while ahead:
        for child in children.pop(ahead.pop(0), ()):
            if child.process.pid not in leave:
                found.append(child)
                ahead.append(child.process.pid)
    return found


def family(processes: Iterable[Seen], pid: int, main: Process, leave: frozenset[int] = frozenset()) -> list[Process]:
    """The living processes below `pid`, and those of the session that `main` leads, wherever they hang now."""
    everything = list(processes)
    leader = next((seen for seen in everything if seen.process.pid == main.pid), None)
    # Once `main` is gone its pid stays taken as long as its session has members.
    ours = leader is None or leader.process == main
    mates = [seen for seen in everything if ours and seen.session == main.pid]
    found = dict.fromkeys([*subtree(everything, pid, leave), *mates])
    return [seen.process for seen in found if not seen.dead and seen.process.pid not in leave]


def send(process: Process, number: int) -> bool:
    """Send a signal to this very process; False where it is dead or its pid belongs to another by now.

    Raises PermissionError for a process of another user.
    """
    try:
        return _send_by_pidfd(process, number)
    except (AttributeError, NotImplementedError):
        # No pidfd (macOS, Linux before 5.3): between the look and the signal lies an instant only.
        if not alive(process):
            return False
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return False
        return True


def _send_by_pidfd(process: Process, number: int) -> bool:
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return False
    except OSError as error:
        raise NotImplementedError from error
    try:
        # The descriptor holds on to one process: if it is the right one now, the signal hits that one.
        if not alive(process):
            return False
        signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)
    return True


def command(pid: int) -> tuple[str, ...]:
    """The command line of a process, () where it is gone or may not be read."""
    if not _LINUX:
        answer = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, errors="replace", check=False
        )
        return tuple(answer.stdout.split())
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return tuple(os.fsdecode(part) for part in file.read().split(b"\0")[:-1])
    except OSError:
        return ()


def carried(pid: int, name: str) -> str:
    """The value of `name` in the environment that a process was started with, "" for none (Linux; elsewhere "")."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            settings = file.read().split(b"\0")
    except OSError:
        return ""
    start = os.fsencode(name) + b"="
    return next((os.fsdecode(setting[len(start) :]) for setting in settings if setting.startswith(start)), "")


def carries(pid: int, name: str, value: str) -> bool:
    """Whether a process was started with `name=value` in its environment."""
    return carried(pid, name) == value


def _look(pid: int) -> Seen | None:
    if not _LINUX:
        return next(iter(_ps("-p", str(pid))), None)
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            data = file.read()
    except OSError:
        return None
    # The second field is the command's name in parentheses and may hold blanks and parentheses itself.
    fields = data[data.rfind(b")") + 2 :].split()
    if len(fields) < 20:
        return None
    return Seen(
        process=Process(pid, fields[19].decode()),
        parent=int(fields[1]),
        session=int(fields[3]),
        dead=chr(fields[0][0]) in _DEAD,
    )


def _ps(*which: str) -> list[Seen]:
    answer = subprocess.run(
        ["ps", *which, "-o", "pid=,ppid=,pgid=,stat=,lstart="],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    found = []
    for line in answer.stdout.splitlines():
        pid, parent, group, state, *start = line.split()
        process = Process(int(pid), " ".join(start))
        found.append(Seen(process, int(parent), int(group), state[0] in _DEAD))
    return found
