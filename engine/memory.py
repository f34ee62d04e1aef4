"""Kills by the kernel's out-of-memory killer, counted.

The kernel tells nobody whom it killed, but counts: in /proc/vmstat for the machine (since Linux 4.13),
in the memory cgroup for a container (cgroup v2 memory.events, v1 memory.oom_control). Elsewhere, 0.
"""

from __future__ import annotations

import re
from pathlib import Path

_COUNT = re.compile(rb"^oom_kill (\d+)$", re.MULTILINE)


def oom_kills() -> int:
    """How often it has killed so far, on the machine, else in our own cgroup: only the change means something."""
    counts = (_count(path) for path in (Path("/proc/vmstat"), *_cgroup_files()))
    return next((count for count in counts if count is not None), 0)


def _cgroup_files() -> list[Path]:
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    files = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            files.append(Path("/sys/fs/cgroup" + path, "memory.events"))
        elif "memory" in controllers.split(","):
            files.append(Path("/sys/fs/cgroup/memory" + path, "memory.oom_control"))
    return files


def _count(path: Path) -> int | None:
    try:
        match = _COUNT.search(path.read_bytes())
    except OSError:
        return None
    return int(match[1]) if match else None


class OomWatch:
    """Whether the killer was at work just now: `look` every few seconds, with the time as an argument."""

    WINDOW = 5.0

    def __init__(self, now: float) -> None:
        self.at_start = self._before = self._latest = oom_kills()
        self._rotated = now

    def look(self, now: float) -> None:
        """Keep a count that is between one and two windows old."""
        if now - self._rotated >= self.WINDOW:
            self._before, self._latest, self._rotated = self._latest, oom_kills(), now

    def just_now(self) -> bool:
        """Whether the count rose within the last window or two."""
        return oom_kills() > self._before

    def since_start(self) -> int:
        """Kills since the watch began."""
        return oom_kills() - self.at_start
