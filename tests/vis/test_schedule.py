from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.engine.errors import TrainvisError
from trainvis.vis.schedule import Interval, Reached, Schedule, ScheduleError, interval_of


@pytest.mark.parametrize(
    ("every", "amount", "unit"),
    [
        (100, 100, "batches"),
        ("100", 100, "batches"),
        ("100 batches", 100, "batches"),
        ("epoch", 1, "epochs"),
        ("2 epochs", 2, "epochs"),
        ("0.2 epochs", 0.2, "epochs"),
        ("30s", 30, "seconds"),
        ("1.5 min", 90, "seconds"),
        (" 2 Hours ", 7200, "seconds"),
    ],
)
def test_an_interval_is_a_number_of_batches_or_words(every: int | str, amount: float, unit: str) -> None:
    assert interval_of(every) == Interval(amount, unit)


def test_no_interval_is_a_picture_at_the_start_and_at_the_end() -> None:
    assert interval_of(None) is None
    assert interval_of("") is None
    assert not Schedule(None).due(Reached(1000, 1000.0, 1000.0))


@pytest.mark.parametrize("every", [0, -1, True, 2.5, "fortnight", "s 3", "0 s", "1.5 batches", "nan s", "-3", [], "  "])
def test_what_is_no_interval_is_refused_with_examples(every: object) -> None:
    with pytest.raises(ScheduleError) as error:
        interval_of(every)
    assert isinstance(error.value, TrainvisError)
    assert "every=" in str(error.value)


@given(st.text(max_size=12))
def test_any_text_is_an_interval_or_refused_in_words(text: str) -> None:
    try:
        found, said = interval_of(text), ""
    except ScheduleError as error:
        found, said = None, str(error)
    assert said.isprintable()
    assert found is None or found.amount > 0


@given(st.integers(1, 40), st.lists(st.integers(1, 9), max_size=60))
def test_whatever_the_size_of_an_execution_each_passed_mark_is_one_picture(every: int, sizes: list[int]) -> None:
    schedule, step, made = Schedule(Interval(every)), 0, 0
    for size in sizes:
        step += size
        if schedule.due(Reached(step)):
            schedule.made(Reached(step))
            made += 1
    assert made <= step // every
    assert made == step // every or max(sizes) > 1
    assert not schedule.due(Reached(step))


def test_a_fifth_of_an_epoch_comes_five_times_an_epoch_at_its_own_batches() -> None:
    schedule, found = Schedule(Interval(0.2, "epochs")), []
    for step in range(1, 3 * 15 + 1):
        reached = Reached(step, step / 15)
        if schedule.due(reached):
            schedule.made(reached)
            found.append(step)
    assert found == list(range(3, 46, 3))


def test_a_picture_that_came_late_does_not_move_the_marks() -> None:
    schedule = Schedule(Interval(100))
    assert schedule.due(Reached(130))
    schedule.made(Reached(130))
    assert not schedule.due(Reached(199))
    assert schedule.due(Reached(200))


def test_epochs_of_a_second_fit_begin_anew() -> None:
    schedule = Schedule(Interval(1, "epochs"))
    schedule.made(Reached(50, 5.0))
    schedule.begin(Reached(50, 0.0))
    assert not schedule.due(Reached(55, 0.5))
    assert schedule.due(Reached(60, 1.0))


def test_seconds_pass_whatever_the_batches_do() -> None:
    schedule = Schedule(interval_of("30 s"))
    assert not schedule.due(Reached(10_000, 9.0, 29.9))
    assert schedule.due(Reached(10_001, 9.0, 30.0))


@pytest.mark.parametrize(
    ("every", "said"),
    [(1, "batch"), (5, "5 batches"), ("epoch", "epoch"), ("0.5 epochs", "0.5 epochs"), ("2m", "120 s")],
)
def test_an_interval_is_said_as_it_is_read(every: int | str, said: str) -> None:
    interval = interval_of(every)
    assert str(interval) == said
    assert interval_of(str(interval)) == interval
