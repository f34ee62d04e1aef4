"""The supervisor's start: one per run, detached, it outlives the program that started it.

`python -P -m trainvis.engine.supervise RUNDIR` reads `{"environment": {…}}` from its standard input (so
secrets touch no disk), takes the run's lock, detaches, starts the script and answers one JSON line,
a problem or none (see `detached.answer`). `--adopt RUNDIR` ends a run whose supervisor died (see `adopt`).

What it needs to watch over the script is loaded after the script has started (see `supervisor`).
Standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from . import process
from .alarm import Alarm
from .detached import answer, detach, take_lock
from .errors import LaunchError
from .rundir import Process, RunDir, Spec, State
from .text import printable


def main(arguments: list[str]) -> int:
    """The entry point of `python -m trainvis.engine.supervise`."""
    match arguments:
        case ["--adopt", path]:
            from .adopt import adopt

            return _ends_in_words(RunDir(path), adopt)
        case [path] if not path.startswith("-"):
            return _ends_in_words(RunDir(path), supervise)
        case _:
            sys.stderr.write("usage: python -m trainvis.engine.supervise [--adopt] RUNDIR\n")
            return 2


def supervise(run: RunDir) -> None:
    """Start the script of a prepared run and stay with it until it and all it left behind have ended."""
    said = sys.stdin.buffer.read()
    if not said:
        return  # called up in vain: nothing was touched
    try:
        lock = take_lock(run, first=True)
    except FileExistsError:
        answer(f"the run {run.id} was already started; run it again to have a second one")
        return
    except OSError as error:
        answer(f"the run directory cannot be written: {error.strerror}", nothing_runs=True)
        return
    detach()
    alarm = Alarm()
    state = _first_state(run)
    try:
        # Recorded before anything can fail: from here on every failure has a state and a sentence.
        run.write_state(state)
        child = _start_script(run, run.spec()[0], _environment(said))
    except (LaunchError, OSError) as error:
        _say_why_not(run, state, error)
        return
    _become_subreaper()  # while the interpreter starts: nothing can be orphaned yet
    # Nobody has waited for it yet, so it is there to be identified even if it has ended already.
    main = process.identity(child.pid) or Process(child.pid, "")
    state = replace(state, status="running", text="", process=main, started=time.time())

    from .supervisor import Supervisor

    supervisor = Supervisor(run, state, child, alarm)
    supervisor.save()
    answer()
    supervisor.watch()
    os.close(lock)


def _first_state(run: RunDir) -> State:
    return replace(
        run.state()[0],
        status="waiting",
        text="starting",
        host=process.host(),
        boot=process.boot_id(),
        user=process.user(),
        supervisor=process.identity(os.getpid()),
    )


def _environment(said: bytes) -> dict[str, str]:
    try:
        value = json.loads(said)["environment"]
        return {str(name): str(text) for name, text in value.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise LaunchError("the program that was starting it ended before it had said all") from None


def _start_script(run: RunDir, spec: Spec, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """The script writes output.log itself: no pipe ties it to a reader's life."""
    target = ["-m", spec.module] if spec.module else [spec.script]
    log = os.open(run.output_log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        return subprocess.Popen(
            [spec.python, *target, *spec.argv],
            cwd=spec.cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise LaunchError(_why_not(spec.python, spec.cwd, error)) from None
    finally:
        os.close(log)


def _become_subreaper() -> None:
    """Orphans below us, setsid'ed or not, become our children: prctl(2), PR_SET_CHILD_SUBREAPER.

    Linux only; elsewhere the session alone holds the tree together.
    """
    set_child_subreaper = 36
    try:
        import ctypes

        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return


def _why_not(python: str, cwd: str, error: Exception) -> str:
    if not os.path.isdir(cwd):  # noqa: PTH112 - pathlib stops at characters that no path may hold
        return f"the working directory {printable(cwd)} is not there any more; choose another"
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{printable(python)} cannot be started: {reason}; choose another interpreter"


def _say_why_not(run: RunDir, state: State, error: Exception) -> None:
    problem = str(error)
    if isinstance(error, OSError):
        problem = f"the run directory cannot be written: {error.strerror}; nothing was started"
    with contextlib.suppress(OSError):  # the launcher then says so in our place
        run.write_state(replace(state, status="finished", why="could_not_start", text=problem, ended=time.time()))
    answer(problem, nothing_runs=True)


def _ends_in_words(run: RunDir, work: Callable[[RunDir], None]) -> int:
    try:
        work(run)
    except Exception as error:  # noqa: BLE001 - the process ends here, and nobody sees its standard error
        import traceback

        with contextlib.suppress(OSError):
            run.supervisor_log.write_text(traceback.format_exc(), encoding="utf-8")
        answer(f"the supervisor failed: {type(error).__name__}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
