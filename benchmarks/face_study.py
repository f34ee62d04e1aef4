"""`trainvis faces study --demo` from nothing: wall time, processor time, and the memory of all its processes together.

    python benchmarks/face_study.py [--cache FOLDER] [--workers N]

Wanted: at most 15 minutes and 4 GB on two cores. Data and embedding are made anew in a folder of their own unless
`--cache` names one. Memory is the sum of the shares of all processes (PSS: what is shared counts once), looked at twice
a second.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> int:
    made = argparse.ArgumentParser()
    made.add_argument("--cache", default="")
    made.add_argument("--workers", type=int, default=0)
    given, _ = made.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), given.cache or f"{folder}/cache", given.workers)
    print(json.dumps({"benchmark": "face_study", **found}))
    return 0 if found["exit_code"] == 0 else 1


def measured(folder: Path, cache: str, workers: int) -> dict[str, object]:
    environment = {**os.environ, "TRAINVIS_RUNS": str(folder / "runs"), "XDG_CACHE_HOME": str(Path(cache).absolute())}
    environment.pop("TRAINVIS_RUN", None)
    command = [sys.executable, "-P", "-m", "trainvis.face_exp.study", "--demo"]
    command += [f"--workers={workers}"] if workers else []
    log = folder / "output.log"
    began = time.monotonic()
    with log.open("wb") as out:
        study = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
    most_rss = most_pss = 0
    used: dict[int, float] = {}
    while study.poll() is None:
        rss = pss = 0
        for pid, seconds in tree(study.pid):
            used[pid] = seconds
            one, other = memory(pid)
            rss, pss = rss + one, pss + other
        most_rss, most_pss = max(most_rss, rss), max(most_pss, pss)
        time.sleep(0.5)
    wall = time.monotonic() - began
    text = log.read_text(encoding="utf-8", errors="replace")
    first = re.search(r"about (.+) in all", text)
    return {
        "exit_code": study.returncode, "seconds": round(wall, 1), "cpu_seconds": round(sum(used.values()), 1),
        "heads": len(list((folder / "runs").glob("study-*/results/heads/*.npz"))),
        "said_at_first": first[1] if first else "",
        "memory_mb": round(most_pss / 1e6), "resident_mb": round(most_rss / 1e6), "workers": workers or "usual",
        "cores": os.cpu_count(), "load": round(os.getloadavg()[2], 2),
    }  # fmt: skip


def tree(root: int) -> list[tuple[int, float]]:
    """A process and all below it, with the processor seconds of each."""
    ticks = os.sysconf("SC_CLK_TCK")
    children: dict[int, list[int]] = {}
    seconds: dict[int, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            facts = (folder / "stat").read_text(errors="replace")
        except OSError:
            continue
        fields = facts[facts.rindex(")") + 2 :].split()
        children.setdefault(int(fields[1]), []).append(int(folder.name))
        seconds[int(folder.name)] = (int(fields[11]) + int(fields[12])) / ticks
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append((pid, seconds.get(pid, 0.0)))
        todo += children.get(pid, [])
    return found


def memory(pid: int) -> tuple[int, int]:
    """Bytes that are resident, and this process's share of them."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(errors="replace")
    except OSError:
        return 0, 0
    sizes = dict(re.findall(r"^(Rss|Pss): +(\d+) kB", text, re.MULTILINE))
    return int(sizes.get("Rss", 0)) * 1024, int(sizes.get("Pss", 0)) * 1024


if __name__ == "__main__":
    raise SystemExit(main())
