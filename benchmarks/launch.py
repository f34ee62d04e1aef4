"""From `trainvis run SCRIPT` to the script's first line, beside the same script under bare Python. One JSON line.

`python benchmarks/launch.py [--repeat N]`. `beyond_ms` is what the command costs above one bare start of
Python: its own start, checks, archive, supervisor. The calibration is that bare start, measured in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from trainvis.engine.launch import Request, launch, wait
from trainvis.engine.rundir import RunDir

# The first line it executes says when it did; argv tells where, as a script's output is known only to its run.
SCRIPT = "import sys, time; now = time.time()\nopen(sys.argv[1], 'w').write(repr(now))\n"


def until_first_line(begin: Callable[[Path], object], mark: Path) -> float:
    """Seconds from `begin` to the first line of the script, which writes the moment into `mark`."""
    before = time.time()
    begin(mark)
    while not (mark.exists() and mark.read_text()):
        time.sleep(0.002)
    return float(mark.read_text()) - before


def bare(script: Path) -> Callable[[Path], object]:
    return lambda mark: subprocess.run([sys.executable, script, mark], check=True)


def command(script: Path) -> Callable[[Path], object]:
    # As the entry point `trainvis` does it, so that it is measured without one being installed.
    program = "import sys; from trainvis.tui.commands.main import main; sys.exit(main())"
    return lambda mark: subprocess.run(
        [sys.executable, "-c", program, "run", script, "--", mark], check=True, stdout=subprocess.DEVNULL
    )


def function(root: Path, script: Path) -> Callable[[Path], object]:
    return lambda mark: launch(root, Request(script, argv=(str(mark),)))


def settle(root: Path) -> None:
    """Nothing of an earlier run, nor its facts, may compete with the next."""
    for folder in root.iterdir():
        wait(RunDir(folder), 0.01)
        facts = RunDir(folder).facts_file
        deadline = time.monotonic() + 10
        while not facts.exists() and time.monotonic() < deadline:
            time.sleep(0.01)


def measure(base: Path, repeat: int) -> dict[str, object]:
    root, script = base / "runs", base / "train.py"
    root.mkdir()
    script.write_text(SCRIPT)
    os.environ["TRAINVIS_RUNS"] = str(root)
    ways = {"bare": bare(script), "command": command(script), "function": function(root, script)}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(repeat + 1):
        for name, begin in ways.items():
            taken = until_first_line(begin, base / f"{name}-{turn}")
            settle(root)
            if turn:  # the first time compiles
                times[name].append(taken * 1e3)
    middle = {name: statistics.median(values) for name, values in times.items()}
    return {
        "benchmark": "launch",
        "repeat": repeat,
        "calibration_bare_python_ms": round(middle["bare"], 1),
        "command_ms": round(middle["command"], 1),
        "function_ms": round(middle["function"], 1),
        "beyond_ms": round(middle["command"] - middle["bare"], 1),
        "beyond_best_ms": round(min(times["command"]) - min(times["bare"]), 1),
        "target_beyond_ms": 150,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=15)
    repeat = parser.parse_args().repeat
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder), repeat)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
