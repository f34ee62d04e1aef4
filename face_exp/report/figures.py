"""Numbers as a report writes them: shares in percent, differences in points, p as it is read."""

from __future__ import annotations

import math

from ...engine.text import printable
from ..judging.estimate import Estimate
from ..judging.paired import Paired

NOTHING = "–"
SOURCES = {"label": "True", "predicted": "Predicted", "shuffled": "Shuffled"}  # of expressions that are put in


def name(text: object, limit: int = 24) -> str:
    """A name from data: harmless, and not too long for a table."""
    return printable(text, limit)


def percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f}" if math.isfinite(share) else NOTHING


def points(share: float) -> str:
    """A difference with its sign: +1.2, −0.4."""
    return signed(100 * share)


def signed(value: float, digits: int = 1) -> str:
    if not math.isfinite(value):
        return NOTHING
    text = f"{abs(value):.{digits}f}"
    return ("" if not float(text) else "+" if value > 0 else "−") + text


def number(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else NOTHING


def probability(p: float) -> str:
    """0.034, <0.001, 1."""
    if not math.isfinite(p):
        return NOTHING
    return "<0.001" if p < 0.001 else ">0.99" if p > 0.99 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def of_p(p: float) -> str:
    """The same in a sentence: p = 0.034, p < 0.001."""
    text = probability(p)
    return f"p {text[0]} {text[1:]}" if text[0] in "<>" else f"p = {text}"


def seen_from(smallest: float) -> str:
    """The smallest difference that would have been shown, in points; more than a hundred there cannot be."""
    return ">100" if smallest > 1 else percent(smallest)


def interval(low: float, high: float, scale: float = 100, digits: int = 1) -> str:
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return f"[{low * scale:.{digits}f}, {high * scale:.{digits}f}]".replace("-", "−")


def share(estimate: Estimate) -> str:
    """78.3 [75.1, 81.2], in percent."""
    return f"{percent(estimate.mean)} {interval(estimate.low, estimate.high)}".strip()


def plain(estimate: Estimate, digits: int = 3) -> str:
    """0.842 [0.801, 0.880], as it is."""
    return f"{number(estimate.mean, digits)} {interval(estimate.low, estimate.high, 1, digits)}".strip()


def difference(found: Paired) -> str:
    """+5.3 [+1.5, +9.2], in percentage points."""
    if not math.isfinite(found.low):
        return points(found.mean)
    return f"{points(found.mean)} [{points(found.low)}, {points(found.high)}]"


def listed(words: list[str], last: str = "and") -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""
