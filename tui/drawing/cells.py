"""Values in few terminal cells: numbers, durations, ages, sizes, statuses; text cut and padded by its width.

Everything here takes a value and gives a plain string without control characters. `NONE` stands for
what is not known.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Literal, assert_never

from rich.cells import cell_len, chop_cells

from ...engine.status import (
    CouldNotStart,
    Done,
    Failed,
    Finished,
    Killed,
    Lost,
    OutOfMemory,
    Running,
    Status,
    Stopped,
    TimeLimit,
    Waiting,
    Why,
    word,
)
from ...engine.text import printable

NONE = "–"
Align = Literal["left", "right"]

# Characters that terminals disagree about: joiners, selectors and skin tones that make several emoji one,
# format characters without a width. Without them every terminal counts the same cells.
_UNSTEADY = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200d\u2060-\u2064\ufe00-\ufe0f\ufeff\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff]"
)
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_MARKS = re.compile(f"({_MARK}{{2}}){_MARK}+")


def number(value: float | None, width: int = 6) -> str:
    """A number with up to four significant digits in at most `width` (≥ 6) cells: `0.0812`, `12.3`, `1.2e-07`.

    NaN and infinities are said: `nan`, `inf`, `-inf`.
    """
    if value is None:
        return NONE
    if isinstance(value, int) and value.bit_length() > 1000:  # more than a float holds
        return "huge"
    if isinstance(value, int) or (math.isfinite(value) and value == int(value) and abs(value) < 10 ** (width - 1)):
        text = str(int(value))
        if len(text) <= width:
            return text
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    for digits in (4, 3, 2, 1):
        text = _exponent(value, digits) if _is_extreme(value) else _plain(value, digits)
        if len(text) <= width:
            return text
    return text


def _is_extreme(value: float) -> bool:
    return abs(value) < 1e-3 or abs(value) >= 1e5


def _plain(value: float, digits: int) -> str:
    rounded = float(f"{value:.{digits}g}")  # 9.9999 has two digits before the point once rounded
    before = max(math.floor(math.log10(abs(rounded))) + 1, 0)
    return f"{value:.{max(digits - before, 0)}f}"


def _exponent(value: float, digits: int) -> str:
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{short}e{int(power)}"


def duration(seconds: float | None) -> str:
    """A length of time in at most six cells: `0.4s`, `12s`, `1m12s`, `2h05m`, `3d04h`, `120d`."""
    if seconds is None or not math.isfinite(seconds):
        return NONE
    if seconds < 0:
        return "0s"
    if seconds < 9.95:
        return f"{seconds:.1f}s".replace(".0s", "s")
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
    days = whole // 86400
    if days > 99999:  # what a damaged file says
        return NONE
    return f"{days}d{whole % 86400 // 3600:02d}h" if days < 100 else f"{days}d"


def age(seconds: float | None) -> str:
    """How long ago, in at most four cells: `now`, `40s`, `2m`, `5h`, `3d`, `9w`, `2y`; `now` if a clock ran ahead."""
    if seconds is None or not math.isfinite(seconds):
        return NONE
    if seconds < 1:
        return "now"
    for unit, length, limit in (("s", 1, 60), ("m", 60, 60), ("h", 3600, 24), ("d", 86400, 21), ("w", 604800, 104)):
        if seconds < length * limit:
            return f"{int(seconds / length)}{unit}"
    years = int(seconds / 31556952)
    return f"{years}y" if years < 1000 else NONE


def size(count: int | None) -> str:
    """Bytes in at most five cells, powers of 1024: `512B`, `1.2K`, `61M`, `1.2G`."""
    if count is None:
        return NONE
    if count < 1024:
        return f"{count}B"
    value = float(count)
    for unit in "KMGTP":
        value /= 1024
        if value < 9.95:
            return f"{value:.1f}{unit}"
        if value < 999.5 or unit == "P":
            return f"{value:.0f}{unit}"
    raise AssertionError("unreachable")


def epochs(epoch: float | None, of: int | None) -> str:
    """Whole epochs completed of those asked for: `3/10`, `3` where the end is not known."""
    if epoch is None or not math.isfinite(epoch):
        return NONE if of is None else f"0/{of}"
    # A fraction of 2.9999999 is the third epoch's end, not the second's.
    done = math.floor(epoch + 1e-6)
    return f"{done}" if of is None else f"{done}/{of}"


def value(content: object) -> str:
    """A parameter's value as a cell: numbers short, everything else as it is written."""
    if isinstance(content, bool) or content is None:
        return NONE if content is None else str(content)
    if isinstance(content, float):
        return f"{content:.4g}"
    return number(content, 8) if isinstance(content, int) else steady(content, 200)


def glyph(status: Status) -> str:
    """One cell that shows the kind of status; always beside its word, never alone."""
    match status:
        case Waiting():
            return "○"
        case Running(stage=None):
            return "▶"
        case Running():
            return "■"
        case Finished(why=why):
            return _end_glyph(why)
        case Lost():
            return "?"
        case _:
            assert_never(status)


def _end_glyph(why: Why) -> str:
    match why:
        case Done():
            return "✔"
        case Stopped():
            return "■"
        case Failed() | Killed() | OutOfMemory() | TimeLimit() | CouldNotStart():
            return "✘"
        case _:
            assert_never(why)


def status_words(status: Status, now: float) -> str:
    """The status with what is pressing in it: `terminating 8s` counts down to the next stage of a stop.

    A process without its supervisor is `unsupervised`, one of another machine `on HOST`.
    """
    match status:
        case Running(stage=stage, stage_until=until) if stage is not None:
            left = "" if until is None else f" {max(math.ceil(until - now), 0)}s"
            return f"{stage.value}{left}"
        case Running(host=host) if host:
            return f"on {steady(host, 40)}"
        case Running(supervised=False):
            return "unsupervised"
        case _:
            return word(status)


def steady(text: object, limit: int = 500) -> str:
    """Text from data on one line, whose width all terminals count alike: no controls, joiners or heaps of accents."""
    plain = str(text)[: limit * 4]
    if plain.isascii() and plain.isprintable():
        return plain[:limit]
    clean = _MARKS.sub(r"\1", _UNSTEADY.sub("", printable(plain)))
    return clean[:limit]


@lru_cache(maxsize=16384)
def fit(text: str, width: int, align: Align = "left") -> str:
    """`text` in exactly `width` cells: padded with blanks, or cut with `…`; wide characters are never halved."""
    if width <= 0:
        return ""
    length = len(text) if text.isascii() else cell_len(text)
    if length > width:
        text, length = cut(text, width)
    blank = " " * (width - length)
    return blank + text if align == "right" else text + blank


def cut(text: str, width: int) -> tuple[str, int]:
    """`text` in at most `width` ≥ 1 cells, `…` where something is missing; and the cells it takes."""
    if text.isascii():
        return (text, len(text)) if len(text) <= width else (text[: width - 1] + "…", width)
    text = text[: width * 4 + 4]
    if (length := cell_len(text)) <= width:
        return text, length
    head = chop_cells(text, width - 1)[0] if width > 1 else ""
    return head + "…", cell_len(head) + 1
