"""Histograms in cells: bars of block characters, and how a distribution changes as a heat map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..pixels.tone import Array, coloured

EIGHTHS = " ▁▂▃▄▅▆▇█"


def bars(counts: Array, width: int, height: int) -> list[str]:
    """`height` lines of at most `width` cells, top first: each bin as wide as the room allows, the largest fills it.

    More bins than cells are put together. What is there at all is at least an eighth of a cell high.
    """
    if not len(counts) or width < 1 or height < 1:
        return [""] * max(height, 0)
    if len(counts) > width:
        counts = np.add.reduceat(counts, np.arange(width) * len(counts) // width)
    wide = max(width // len(counts), 1)
    most = float(counts.max()) or 1.0
    eighths = np.rint(counts / most * height * 8).astype(int)
    eighths = np.where(counts > 0, np.maximum(eighths, 1), 0)
    return [
        "".join(EIGHTHS[min(max(each - 8 * (height - 1 - row), 0), 8)] * wide for each in eighths.tolist())
        for row in range(height)
    ]


def common(edges: Sequence[Array]) -> tuple[float, float]:
    """From the lowest to the highest finite edge of several histograms."""
    whole = np.concatenate([each.ravel() for each in edges]) if edges else np.zeros(0)
    finite = whole[np.isfinite(whole)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def resampled(counts: Array, edges: Array, low: float, high: float, bins: int) -> Array:
    """The counts in `bins` even bins from `low` to `high`; each old bin counts as even within itself."""
    total = np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])
    if not np.isfinite(edges).all() or edges[-1] <= edges[0]:  # all values are one
        found = np.zeros(bins)
        if np.isfinite(edges[0]) and low <= edges[0] <= high:
            found[min(int((edges[0] - low) / (high - low) * bins), bins - 1)] = total[-1]
        return found
    return np.diff(np.interp(np.linspace(low, high, bins + 1), edges, total))


def density(rows: Array) -> Array:
    """R×B counts as R×B×3 colours; each row reaches to its own largest, as its square root: rare values show too."""
    most = rows.max(axis=1, keepdims=True)
    shares = np.sqrt(np.divide(rows, most, out=np.zeros(rows.shape), where=most > 0))
    return coloured(shares, (0.0, 1.0))
