from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.drawing import ticks

Most = st.integers(1, 15)


@st.composite
def ranges(draw: st.DrawFn, low: float = -1e12, high: float = 1e12) -> tuple[float, float]:
    start = draw(st.floats(low, high, allow_subnormal=False))
    size = draw(st.floats(1e-7, 1.0)) * max(abs(start), 1e-3) * draw(st.sampled_from([1e-3, 1.0, 1e3]))
    return start, start + size


def check(made: ticks.Ticks, low: float, high: float, most: int) -> None:
    assert len(made.at) == len(made.labels) <= most
    assert list(made.at) == sorted(set(made.at))
    assert all(low <= value <= high for value in made.at)


@given(ranges(), Most)
def test_linear_ticks_lie_inside_evenly_at_multiples_of_one_two_or_five(span: tuple[float, float], most: int) -> None:
    low, high = span
    made = ticks.linear(low, high, most)
    check(made, low, high, most)
    if len(made.at) >= 3:
        step = (made.at[-1] - made.at[0]) / (len(made.at) - 1)
        # Each tick is exact to the spacing of doubles there, so the step is to a few of those.
        slack = 1e-6 + 8 * math.ulp(max(abs(low), abs(high))) / step
        assert all(b - a == pytest.approx(step, rel=slack) for a, b in zip(made.at, made.at[1:], strict=False))
        if slack < 1e-3:
            digit = step / 10 ** math.floor(math.log10(step * 1.001))
            assert min(abs(digit - nice) for nice in (1, 2, 5, 10)) < 0.02


@given(ranges(), st.integers(5, 15))
def test_a_chart_never_stands_without_two_ticks(span: tuple[float, float], most: int) -> None:
    if span[1] - span[0] > 1e-6 * max(map(abs, span)):
        assert len(ticks.linear(*span, most).at) >= 2


@given(ranges(0, 1e6), Most)
def test_steps_are_labelled_at_whole_numbers_only(span: tuple[float, float], most: int) -> None:
    assert all(value == int(value) for value in ticks.linear(*span, most, whole=True).at)


@given(st.floats(1e-12, 1e9), st.floats(1.0001, 1e12), st.integers(2, 15))
def test_logarithmic_ticks_lie_inside(low: float, ratio: float, most: int) -> None:
    check(ticks.logarithmic(low, low * ratio, most), low, low * ratio, most)


def test_logarithmic_ticks_are_one_two_five_then_decades_then_every_few_decades() -> None:
    assert ticks.logarithmic(0.1, 10, 9).labels == ("0.1", "0.2", "0.5", "1", "2", "5", "10")
    assert ticks.logarithmic(0.001, 10, 5).labels == ("0.001", "0.01", "0.1", "1", "10")
    assert ticks.logarithmic(1e-12, 1, 4).at == pytest.approx((1e-12, 1e-8, 1e-4, 1))


@given(st.floats(0, 1e8), st.floats(0.01, 1e8), Most)
def test_durations_lie_inside(low: float, size: float, most: int) -> None:
    check(ticks.durations(low, low + size, most), low, low + size, most)


@pytest.mark.parametrize(
    ("high", "labels"),
    [
        (100, ("0", "30s", "1m", "1m30s")),
        (4000, ("0", "15m", "30m", "45m", "1h")),
        (20 * 3600, ("0", "6h", "12h", "18h")),
        (9.5 * 86400, ("0", "2d", "4d", "6d", "8d")),
    ],
)
def test_durations_stand_where_a_clock_is_read(high: float, labels: tuple[str, ...]) -> None:
    assert ticks.durations(0, high, 5).labels == labels


@given(ranges(), st.integers(2, 12))
def test_no_two_labels_of_an_axis_are_the_same(span: tuple[float, float], most: int) -> None:
    low, high = span
    if high - low > 1e-9 * max(abs(low), abs(high)):
        labels = ticks.linear(low, high, most).labels
        assert len(set(labels)) == len(labels)


def test_labels_of_one_axis_have_the_same_number_of_decimals() -> None:
    assert ticks.linear(0.05, 0.21, 6).labels == ("0.05", "0.10", "0.15", "0.20")
    assert ticks.linear(0, 100_000, 6).labels == ("0", "20k", "40k", "60k", "80k", "100k")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.08123, "0.08123"), (12345678, "12.35M"), (float("nan"), "nan"), (float("-inf"), "−inf"), (2.1e-5, "2.1e−5"),
        (-0.5, "−0.5"), (0, "0"), (1500, "1500"), (1e300, "1e300"),
    ],
)  # fmt: skip
def test_a_value_is_said_in_few_characters(value: float, text: str) -> None:
    assert ticks.short(value) == text.replace("e−", "e-")


def test_a_step_is_said_with_all_its_digits() -> None:
    assert ticks.whole(1234567) == "1,234,567"
