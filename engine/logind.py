"""Whether systemd-logind ends a user's processes at logout: a session of one's own does not protect from it."""

from __future__ import annotations

import subprocess
from pathlib import Path

_ASK_LOGIND = (
    *("busctl", "get-property", "org.freedesktop.login1", "/org/freedesktop/login1"),
    *("org.freedesktop.login1.Manager", "KillUserProcesses"),
)


def ends_runs_at_logout(user: str) -> str:
    """The sentence that warns of it and says what to do, "" where runs survive a logout.

    logind.conf(5): KillUserProcesses=, from which lingering users (loginctl(1)) are spared.
    """
    if _output(*_ASK_LOGIND) != "b true" or Path("/var/lib/systemd/linger", user).exists():
        return ""
    return (
        "this machine ends all processes of a user at logout (KillUserProcesses=yes in logind.conf), running trainings "
        f"too; `loginctl enable-linger {user}` keeps them"
    )


def _output(*command: str) -> str:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=2.0)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip()
