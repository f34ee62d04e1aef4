"""Where an axis is labelled, and how: numbers at 1-2-5, decades at 1-2-5, durations at what a clock shows."""

from __future__ import annotations

import math
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 5.0, 10.0)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_CLOCK = (
    *(1, 2, 5, 10, 15, 30),
    *(minutes * _MINUTE for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * _HOUR for hours in (1, 2, 3, 6, 12)),
)


@dataclass(frozen=True, slots=True)
class Ticks:
    """Ascending positions and their labels, of equal length."""

    at: tuple[float, ...]
    labels: tuple[str, ...]


def linear(low: float, high: float, most: int, *, whole: bool = False) -> Ticks:
    """At most `most` (≥ 1) multiples of 1, 2 or 5 times a power of ten in [low, high]; `whole`: integers only.

    From `most` = 5 on there are at least two, unless `whole` or the resolution of doubles forbids it.
    """
    rough = high / (most + 1) - low / (most + 1)  # the whole span may be more than a double holds
    step = _nice_step(rough, 1)
    while True:
        if not whole or step >= 1:
            at = _multiples(low, high, step)
            if len(at) <= most:
                return Ticks(at, labels(at, step))
        step = _nice_step(step * 1.5, 1)


def logarithmic(low: float, high: float, most: int) -> Ticks:
    """At most `most` ticks in [low, high], 0 < low < high: 1-2-5 in each decade, decades, or every n-th decade."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for digits in ((1, 2, 5), (1, 3), (1,)):
        at = tuple(v for n in range(first, last + 1) for d in digits if low <= (v := d * 10.0**n) <= high)
        if len(at) <= most:
            # Less than one decade: powers alone say too little.
            return Ticks(at, tuple(short(v, 3) for v in at)) if len(at) >= 2 else linear(low, high, most)
    every = -(-len(at) // most)
    at = tuple(v for n in range(first, last + 1) if n % every == 0 and low <= (v := 10.0**n) <= high)[:most]
    return Ticks(at, tuple(short(v, 3) for v in at))


def durations(low: float, high: float, most: int) -> Ticks:
    """At most `most` ticks in seconds, at whole seconds, minutes, hours or days where the range allows."""
    step = next((step for step in _CLOCK if high // step - -(-low // step) < most), None)
    if high - low < 1.5:
        plain = linear(low, high, most)
        return Ticks(plain.at, tuple(label + "s" for label in plain.labels))
    step = float(step) if step else max(_nice_step((high - low) / _DAY, most), 1.0) * _DAY
    at = _multiples(low, high, step)
    return Ticks(at[:most], tuple(duration(value, step) for value in at[:most]))


def duration(seconds: float, step: float = 1.0) -> str:
    """1h30m, 45s, 2d: parts finer than `step` are left out."""
    sign, left = ("−" if seconds < 0 else ""), round(abs(seconds))
    parts = []
    for unit, size in (("d", _DAY), ("h", _HOUR), ("m", _MINUTE), ("s", 1)):
        amount, left = divmod(left, size)
        if amount and (size >= step or not parts or size * amount >= step):
            parts.append(f"{amount}{unit}")
    return sign + "".join(parts[:2]) if parts else "0"


def _multiples(low: float, high: float, step: float) -> tuple[float, ...]:
    first, last = math.floor(low / step), math.ceil(high / step)
    # n / 10 is the double nearest to 0.3 where n · 0.1 is its neighbour: ends of a range are hit exactly.
    parts = round(1 / step) if 1e-15 < step < 1 else 0
    found = (n / parts if parts else n * step for n in range(first, min(last, first + 1000) + 1))
    return tuple(value for value in found if low <= value <= high)


def _nice_step(span: float, most: int) -> float:
    if not span > 0 or not math.isfinite(span):
        return 1.0
    rough = max(span / max(most, 1), 5e-308)
    power = 10.0 ** math.floor(math.log10(rough))
    return next((power * step for step in _STEPS if power * step >= rough * (1 - 1e-9)), power * 10)


_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def labels(at: tuple[float, ...], step: float) -> tuple[str, ...]:
    """Labels of one axis: the same unit and number of decimals for all, as many as the step needs."""
    largest = max((abs(value) for value in at), default=0.0)
    if largest >= 1e15 or 0 < largest < 1e-4:
        return tuple(exponent(value, step) for value in at)
    size, letter = next(
        ((s, unit) for s, unit in _PREFIXES if largest >= 10 * s or (s > 1e3 and largest >= s)), (1.0, "")
    )
    decimals = max(0, -math.floor(math.log10(step / size) + 1e-9))
    if decimals > 6:
        size, letter, decimals = 1.0, "", min(max(0, -math.floor(math.log10(step) + 1e-9)), 12)
    return tuple(_minus(f"{value / size:.{decimals}f}{letter}") if value else "0" for value in at)


def exponent(value: float, step: float) -> str:
    """2e-5, with as many digits as tell `value` from `value + step`."""
    if value == 0:
        return "0"
    digits = max(0, math.floor(math.log10(abs(value))) - math.floor(math.log10(step) + 1e-9))
    return _exponent(f"{value:.{min(digits, 15)}e}")


def short(value: float, digits: int = 4) -> str:
    """A value in few characters: `digits` significant ones, 12.3k, 2.1e-5, nan."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "−inf"
    size = abs(value)
    if size and (size < 1e-4 or size >= 1e15):
        return _exponent(_trimmed(f"{value:.{max(digits - 2, 0)}e}"))
    for scale, letter in _PREFIXES:
        if size >= 10 * scale or (scale > 1e3 and size >= scale):
            return _minus(f"{value / scale:.{digits}g}{letter}")
    return _minus(f"{value:.{digits}g}") if size < 10**digits else _minus(f"{value:.0f}")


def whole(value: float) -> str:
    """A step: all its digits, in groups of three; other values as `short` does."""
    return _minus(f"{value:,.0f}") if value == round(value) and abs(value) < 1e15 else short(value, 6)


def _trimmed(text: str) -> str:
    mantissa, _, power = text.partition("e")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{power}"


def _exponent(text: str) -> str:
    mantissa, _, power = text.partition("e")
    return _minus(f"{mantissa}e{int(power)}")


def _minus(text: str) -> str:
    return text.replace("-", "−") if text.startswith("-") else text
