"""The time line: every stored step has its mark, epochs stand where they begin, a person's words find a step."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.figures.sheet import PartFacts
from trainvis.tui.figures.words import bar, histogram, percent, statistics
from trainvis.tui.widgets.figure_list import Row, fitted, next_row, part_keys, rows
from trainvis.tui.widgets.looking import entry_at, entry_named
from trainvis.tui.widgets.time_line import Times, drawn
from trainvis.vis.results import Entry


def entries(*steps: int, wished: tuple[int, ...] = ()) -> tuple[Entry, ...]:
    return tuple(Entry("x", step, epoch=step / 90, why="wish" if step in wished else "interval") for step in steps)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40, unique=True).map(sorted), st.integers(1, 120))
def test_each_step_has_a_mark_and_a_click_on_it_leads_there(steps: list[int], width: int) -> None:
    times = Times.of(entries(*steps))
    columns = times.columns(width)
    cells, labels = drawn(times, None, width)
    assert len(cells) == width >= len(labels)
    assert {at for at, (_, ink) in enumerate(cells) if ink == "step"} == set(columns.tolist())
    for at, column in enumerate(columns.tolist()):
        assert abs(columns[times.at(column, width)] - column) == 0, at


def test_the_line_shows_first_last_wishes_epochs_and_where_one_is() -> None:
    times = Times.of(entries(0, 90, 135, 270, wished=(135,)))
    cells, labels = drawn(times, 1, 31)
    text = "".join(char for char, _ in cells)
    assert text == "•─────────█────◆────┼─────────•"
    assert labels == "0         1         2         3"


def test_ten_thousand_steps_are_drawn_at_once() -> None:
    times = Times.of(entries(*range(10_000)))
    began = time.process_time()
    cells, _ = drawn(times, 5_000, 100)
    assert time.process_time() - began < 0.2
    assert all(ink in ("step", "shown") for _, ink in cells)


def test_without_known_epochs_there_are_steps_alone() -> None:
    times = Times.of([Entry("x", step, epoch=math.nan) for step in (1, 2, 3)])
    assert drawn(times, 0, 9) == (
        [*[("█", "shown")], *[("─", "line")] * 3, ("•", "step"), *[("─", "line")] * 3, ("•", "step")],
        "",
    )
    assert drawn(Times.of([]), None, 3) == ([(" ", "line")] * 3, "")


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("90", 90),
        ("100", 90),
        ("99999999999999999999", 270),
        (" e1.4 ", 135),
        ("epoch 3", 270),
        ("E0", 0),
        ("1,000", 270),
    ],
)
def test_a_step_or_an_epoch_is_found(text: str, step: int) -> None:
    stored = entries(0, 90, 135, 270)
    at = entry_named(stored, text)
    assert at is not None
    assert stored[at].step == step


@pytest.mark.parametrize("text", ["", "x", "e", "enan", "-5", "einf"])
def test_what_is_neither_is_none(text: str) -> None:
    assert entry_named(entries(0, 90), text) is None


def test_a_step_that_is_not_stored_shows_the_one_before() -> None:
    stored = entries(10, 20)
    assert [entry_at(stored, step) for step in (None, 5, 10, 15, 20, 99)] == [1, 0, 0, 0, 1, 1]
    assert entry_at((), 5) is None


def test_the_list_goes_from_part_to_part_and_on_to_the_next_figure() -> None:
    parts = [
        PartFacts("maps", "conv", (4, 5, 5)),
        PartFacts("vectors", "dense", (1, 7)),
        PartFacts("maps", "conv", (2, 3, 3)),
    ]
    assert part_keys(parts) == ("0", "dense", "2")
    found = rows(["activations", "saliency"], "activations", parts, problems=2, failed=["grad_cam"])
    assert [row.text for row in found] == [
        "activations",
        "conv",
        "dense",
        "conv",
        "saliency",
        "✘ grad_cam",
        "2 problems",
    ]
    at, seen = 1, []
    for _ in range(6):
        row = next_row(found, at, 1)
        assert row is not None
        at = found.index(row)
        seen.append(row.text)
    assert seen == ["dense", "conv", "saliency", "✘ grad_cam", "2 problems", "2 problems"]
    before = next_row(found, 1, -1)
    assert before is not None
    assert before.part == "0"


def test_shares_and_counts_as_text() -> None:
    assert [percent(share) for share in (0, 0.0001, 0.5, 0.9999, 1)] == ["0 %", "<0.1 %", "50.0 %", "99.9 %", "100 %"]
    assert [bar(share, 4) for share in (0, 0.5, 1, 2, 0.03)] == ["    ", "██  ", "████", "████", "▏   "]
    assert histogram((100, 0, 1, 10), 4) == "▇ ▂▄"
    found = statistics(np.array([[0.0, np.nan], [2.0, 4.0]]))
    assert found is not None
    assert (found.low, found.high, found.mean, found.odd) == (0, 4, 2, 1)
    assert statistics(np.full(3, np.nan)) is None


@pytest.mark.parametrize(
    ("room", "left", "right"),
    [
        (40, "  fire2_conv3x3_2", "192·55×55"),
        (27, "  fire2_conv3x3_2", "192·55×55"),
        (24, "  fire2_conv3x3_2", "55×55"),
        (18, "  fire2…x3_2", "55×55"),
        (5, "  f…", "55×55"),
    ],
)
def test_a_long_name_is_cut_in_the_middle_after_the_shape(room: int, left: str, right: str) -> None:
    assert fitted(Row("x", "0", "fire2_conv3x3_2", "192·55×55", "maps"), room) == (left, right)
