"""The workers of a study as it sees them: processes that it starts, feeds through a pipe, and hears."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

from .plan import Kind, kind_of
from .scores import Head

MODULE = "trainvis.face_exp.head"
Inbox: TypeAlias = "queue.SimpleQueue[tuple[Worker, Mapping[str, Any] | None]]"


class Worker:
    """A process. What it says comes into `inbox` with itself, None once it is gone; `head` is the one it trains,
    `begun` when (time.monotonic), `kinds` what it has compiled.
    """

    def __init__(self, inbox: Inbox, threads: int) -> None:
        self.head: Head | None = None
        self.begun = 0.0
        self.kinds: set[Kind] = set()
        self.ready = False
        self._inbox = inbox
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, **_threads(threads)},
        )
        threading.Thread(target=self._hear, daemon=True).start()

    def prepare(self, settings: Mapping[str, Any], results: Path, tags: tuple[str, ...], *, first: bool) -> None:
        """Let it open the data and load what heads are made of; the `first` one says what it does."""
        self._send(do="prepare", settings=dict(settings), results=str(results), tags=list(tags), first=first)

    def train(self, head: Head) -> None:
        """Let it train a head; it is to have none."""
        self.head, self.begun = head, time.monotonic()
        self.kinds.add(kind_of(head))
        self._send(do="head", head=asdict(head))

    def stop(self, by: str) -> None:
        """Let it end soon; a head it trains is then unfinished."""
        self._send(do="stop", by=by)

    def close(self) -> None:
        """It has nothing more to do."""
        with suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]

    def kill(self) -> None:
        """End it at once."""
        with suppress(OSError):
            self._process.kill()

    def end(self) -> str:
        """How it ended, in words, once it is gone."""
        code = self._process.wait()
        if code >= 0:
            return f"its worker ended with exit code {code}"
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"its worker was ended by {name}" + (" (was the memory full?)" if code == -signal.SIGKILL else "")

    def _send(self, **message: Any) -> None:
        with suppress(OSError, ValueError):  # it is gone, which the inbox tells
            self._process.stdin.write(json.dumps(message) + "\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]

    def _hear(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                with suppress(ValueError):  # a line that was cut with its worker
                    message = json.loads(line)
                    if isinstance(message, dict):
                        self._inbox.put((self, message))
        self._process.wait()
        self._inbox.put((self, None))


def usual(heads: int) -> int:
    """How many workers are fastest: heads are small, and one core a head beats several for one after another by a
    quarter (measured). A GPU is shared by nobody.
    """
    if Path("/dev/nvidia0").exists() and os.environ.get("CUDA_VISIBLE_DEVICES", "0") not in ("", "-1"):
        return 1
    return max(min(cores(), heads, _room()), 1)


def cores() -> int:
    """Processors that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_WORKER_BYTES = 1 << 30


def _room() -> int:
    """How many workers the memory holds beside all else."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return max(int(line.split()[1]) * 1024 * 3 // 4 // _WORKER_BYTES, 1)
    return 8


def _threads(count: int) -> dict[str, str]:
    """What keeps the libraries of all three backends to so many threads; 0: what is usual."""
    if not count:
        return {}
    text = str(count)
    said = {
        "OMP_NUM_THREADS": text, "OPENBLAS_NUM_THREADS": text, "MKL_NUM_THREADS": text,
        "TF_NUM_INTRAOP_THREADS": text, "TF_NUM_INTEROP_THREADS": text,
    }  # fmt: skip
    if count == 1:
        flags = os.environ.get("XLA_FLAGS", "")
        said["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
    return said
