from __future__ import annotations

import math
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from trainvis.engine.status import Done, Failed, Finished, Killed, Lost, Running, Stage, Stopped, Waiting
from trainvis.tui.drawing import cells


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (3, "3"),
        (0.08123, "0.0812"),
        (0.98123, "0.9812"),
        (9.99999, "10.00"),
        (12.345678, "12.35"),
        (1234.56, "1235"),
        (123456.7, "1.23e5"),
        (1.234e-7, "1.2e-7"),
        (-0.000512, "-5e-4"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (None, "–"),
        (10**400, "huge"),
    ],
)
def test_numbers_keep_their_significant_digits_in_six_cells(value: float | None, text: str) -> None:
    assert cells.number(value) == text


@given(st.one_of(st.floats(), st.integers()))
@example(-9.9996e-300)
@example(99999.95)
def test_every_number_fits_and_stays_close_to_its_value(value: float) -> None:
    text = cells.number(value, 7)
    assert len(text) <= 7
    if text != "huge" and math.isfinite(value) and abs(value) < 1e308:  # beyond, rounding up leaves the floats
        assert math.isclose(float(text), value, rel_tol=0.5, abs_tol=0)


@pytest.mark.parametrize(
    ("seconds", "length", "ago"),
    [
        (0.4, "0.4s", "now"),
        (12, "12s", "12s"),
        (59.6, "1m00s", "59s"),
        (72, "1m12s", "1m"),
        (7500, "2h05m", "2h"),
        (90000, "1d01h", "1d"),
        (86400 * 30, "30d00h", "4w"),
        (86400 * 365 * 3, "1095d", "2y"),
        (86400 * 100_000, "–", "273y"),
        (1e300, "–", "–"),
        (-5, "0s", "now"),
        (None, "–", "–"),
        (math.nan, "–", "–"),
    ],
)
def test_times_are_short(seconds: float | None, length: str, ago: str) -> None:
    assert (cells.duration(seconds), cells.age(seconds)) == (length, ago)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0B"), (1023, "1023B"), (1024, "1.0K"), (61 * 2**20, "61M"), (2**50 * 3, "3.0P"), (None, "–")],
)
def test_sizes_are_short(count: int | None, text: str) -> None:
    assert cells.size(count) == text


def test_epochs_count_whole_ones() -> None:
    assert cells.epochs(2.9999999, 10) == "3/10"
    assert cells.epochs(2.5, None) == "2"
    assert cells.epochs(None, 10) == "0/10"
    assert cells.epochs(None, None) == "–"


@given(st.text(), st.integers(0, 40), st.sampled_from(["left", "right"]))
@example("日本語", 4, "left")
@example("👨‍👩‍👧", 3, "right")
def test_fitted_text_takes_exactly_its_cells(text: str, width: int, align: cells.Align) -> None:
    assert cell_len(cells.fit(cells.steady(text), width, align)) == width


@given(st.text(st.characters()))
def test_nothing_of_a_text_can_steer_a_terminal(text: str) -> None:
    assert not [c for c in cells.steady(text) if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]


def test_ten_thousand_accents_on_one_letter_become_a_few() -> None:
    assert len(cells.steady("e" + "\u0301" * 10_000)) <= 3


def test_a_stop_counts_its_seconds_down() -> None:
    stopping = Running(0, stage=Stage.TERMINATING, stage_since=0, stage_until=108.0)
    assert cells.status_words(stopping, 100.0) == "terminating 8s"
    assert cells.status_words(stopping, 200.0) == "terminating 0s"
    assert cells.status_words(Running(0, stage=Stage.KILLING), 0) == "killing"


def test_what_is_unusual_about_a_running_run_is_its_word() -> None:
    assert cells.status_words(Running(0), 0) == "running"
    assert cells.status_words(Running(0, supervised=False), 0) == "unsupervised"
    assert cells.status_words(Running(0, host="box\x1b-2"), 0) == "on box␛-2"


def test_each_end_has_its_glyph() -> None:
    ends = [Done(), Stopped("me"), Failed(1), Killed(9)]
    assert "".join(cells.glyph(Finished(why, 0, 1)) for why in ends) == "✔■✘✘"
    assert "".join(map(cells.glyph, [Waiting("", 0), Running(0), Lost(None)])) == "○▶?"
