"""What a process does that shall outlive the one that started it: lock, detach, answer once."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import time

from .rundir import RunDir

MODULE = "trainvis.engine.supervise"
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


def take_lock(run: RunDir, *, first: bool) -> int:
    """Hold the run's lock as long as the returned descriptor is open.

    `first` also claims the start: a run is started once, and exclusive creation holds on file systems without
    locks too. Raises FileExistsError where that was done before, BlockingIOError where another holds the lock.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | (os.O_EXCL if first else 0)
    descriptor = os.open(run.lock_file, flags, 0o644)
    deadline = time.monotonic() + 1.0
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # A reader who asks whether the lock is held holds it for an instant itself.
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise
            time.sleep(0.01)
            continue
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                os.close(descriptor)
                raise
        return descriptor


def detach() -> None:
    """Leave the launcher for good: it started us in a session of our own, the fork frees it from a zombie."""
    if os.fork():
        os._exit(0)
    os.chdir("/")


def answer(problem: str = "", *, nothing_runs: bool = False) -> None:
    """Tell the launcher how it went and let go of it; it may be gone already.

    `nothing_runs`: this run never started and never will, and the launcher may say so in its state.
    """
    line = json.dumps({"problem": problem, "nothing_runs": nothing_runs}) + "\n"
    with contextlib.suppress(OSError):
        os.write(1, line.encode())
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
