"""One number over the steps of a training, in a few words."""

from __future__ import annotations

from collections.abc import Sequence

from .cells import number
from .sparkline import sparkline


def over_steps(values: Sequence[float], steps: Sequence[int], width: int = 16) -> str:
    """`▁▃▆ 0.12 → 0.93 since step 0`; nothing where there is only one."""
    if len(values) < 2:
        return ""
    return f"{sparkline(values, width)} {number(values[0])} → {number(values[-1])} since step {steps[0]}"
