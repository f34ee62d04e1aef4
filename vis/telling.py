"""What a program that works for long says meanwhile."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

_TELL_EVERY = 0.5  # seconds between two lines of progress, and before the first


def progress() -> Callable[[int, int], None]:
    """Says how far something long is, a line written over and wiped at its end, and when it may end."""
    began = told = 0.0
    first = before = of = shown = 0

    def tell(done: int, total: int) -> None:
        nonlocal began, told, first, before, of, shown
        now = time.monotonic()
        if total != of or done < before:  # something else: what was done at once, or compiled, tells nothing
            began, told, first, of = now, now, done, total
        before = done
        if now - told < _TELL_EVERY and done < total:
            return
        told, left = now, (now - began) / max(done - first, 1) * (total - done)
        text = f"{done:,} of {total:,} ({done / max(total, 1):.0%}), {_duration(left)} left" if done < total else ""
        if text or shown:
            sys.stdout.write(f"\r{text:{shown}}" + ("" if text else "\r"))
            sys.stdout.flush()
        shown = len(text)

    return tell


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
