from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.engine.errors import TrainvisError
from trainvis.vis.budget import Budget
from trainvis.vis.rest import LONGEST, Rest


class Training:
    """A training in made-up time: batches of one length, sets with a cost and an interval of so many batches."""

    def __init__(self, share: float, batch: float = 0.02) -> None:
        self.budget = Budget(share)
        self.budget.resume(0.0)
        self.batch = batch
        self.now = 0.0
        self.step = 0
        self.made: dict[str, list[float]] = {}
        self.wanted: dict[str, int] = {}

    def run(self, seconds: float, **sets: tuple[float, int]) -> None:
        end = self.now + seconds
        self.budget.sets = {name: cost for name, (cost, _) in sets.items()}
        while self.now < end:
            self.now += self.batch
            self.step += 1
            self.budget.train(self.now)
            for name, (cost, every) in sets.items():
                if self.step // every == self.wanted.get(name, 0):
                    continue
                if self.budget.affords(name, cost):
                    self.now += cost
                    self.budget.pay(name, "interval", self.now)
                    self.wanted[name] = self.step // every
                    self.made.setdefault(name, []).append(self.now)


@given(st.sampled_from([0.01, 0.05, 0.2, 0.5]), st.floats(0.002, 1.0), st.integers(1, 50))
def test_over_three_minutes_the_share_is_kept_where_the_interval_would_exceed_it(
    share: float, cost: float, every: int
) -> None:
    training = Training(share, batch=0.1)
    cost = min(cost, 180 * share / 4)  # four pictures at least
    training.run(180, one=(cost, every))
    asked = cost / (cost + every * training.batch)
    share_of_time = len(training.made["one"]) * cost / training.now
    assert training.budget.used == pytest.approx(share_of_time)
    if asked > share:
        assert 0.7 * share <= share_of_time <= 1.1 * share
    else:
        assert share_of_time == pytest.approx(asked, rel=0.2)


def test_an_interval_within_the_budget_is_kept_to_the_batch() -> None:
    training = Training(0.05)
    training.run(60, one=(0.01, 50))
    assert len(training.made["one"]) in (59, 60)
    gaps = {round(b - a, 6) for a, b in zip(training.made["one"], training.made["one"][1:], strict=False)}
    assert gaps == {round(50 * 0.02 + 0.01, 6)}


@pytest.mark.slow
def test_the_budget_is_one_for_all_and_a_dear_set_comes_to_its_turn_beside_a_cheap_one() -> None:
    training = Training(0.05, batch=0.1)
    training.run(3600, cheap=(0.02, 1), dear=(3.0, 1))
    assert training.budget.used == pytest.approx(0.05, rel=0.05)
    assert len(training.made["cheap"]) * 0.02 == pytest.approx(len(training.made["dear"]) * 3.0, rel=0.3)


@given(st.floats(0.5, 60.0), st.integers(1, 4))
def test_the_share_is_used_while_dear_pictures_are_saved_for(cost: float, dear: int) -> None:
    training = Training(0.05, batch=0.1)
    training.run(180, cheap=(0.02, 1), **{f"dear {number}": (cost, 10) for number in range(dear)})
    assert 0.7 * 0.05 <= training.budget.used <= 1.1 * 0.05


def test_one_picture_dearer_than_the_budget_so_far_waits_until_it_said() -> None:
    training = Training(0.05)
    training.run(1.0, one=(2.0, 1))
    assert "one" not in training.made
    said = training.now + training.budget.wait("one", 2.0)
    training.run(60, one=(2.0, 1))
    assert training.made["one"][0] == pytest.approx(said + 2.0, abs=0.05)
    assert said == pytest.approx(2.0 * 0.95 / 0.05, abs=0.05)


def test_what_was_dearer_than_expected_is_owed() -> None:
    budget = Budget(0.5)
    budget.resume(0.0)
    budget.train(1.0)
    assert budget.affords("one", 1.0)
    assert budget.pay("one", "interval", 4.0) == 3.0
    budget.train(5.0)
    assert not budget.affords("one", 0.1)
    budget.sets["one"] = 0.1
    budget.train(6.2)
    assert budget.affords("one", 0.1)


def test_first_last_wished_and_compilation_are_counted_apart_and_cost_nothing() -> None:
    budget = Budget(0.05)
    budget.resume(0.0)
    budget.train(0.0)
    assert budget.pay("one", "first", 5.0, compiling=4.0) == 1.0
    budget.train(105.0)
    assert budget.pay("one", "wish", 106.0) == 1.0
    assert budget.pay("one", "interval", 116.0, compiling=9.0) == 1.0
    assert budget.pay("one", "last", 118.0) == 2.0
    assert budget.trained == 100.0
    assert {
        reason: (spent.pictures, spent.seconds, spent.compile_seconds) for reason, spent in budget.spent.items()
    } == {
        "first": (1, 1.0, 4.0),
        "interval": (1, 1.0, 9.0),
        "wish": (1, 1.0, 0.0),
        "last": (1, 2.0, 0.0),
    }
    assert budget.used == pytest.approx(1 / 101)


def test_time_between_two_fits_earns_nothing() -> None:
    budget = Budget(0.5)
    budget.resume(0.0)
    budget.train(1.0)
    budget.resume(1000.0)
    budget.train(1001.0)
    assert budget.trained == 2.0
    assert not budget.affords("one", 3.0)


def test_without_a_limit_every_picture_is_made_and_without_a_budget_none() -> None:
    for share, affordable, wait in ((1, True, 0.0), (0, False, math.inf)):
        budget = Budget(share)
        budget.resume(0.0)
        budget.train(10.0)
        assert budget.affords("one", 1e6) is affordable
        assert budget.wait("one", 1e6) == wait
        budget.pay("one", "interval", 1e6)
        assert budget.affords("one", 1e6) is affordable


@pytest.mark.parametrize("share", [-0.1, 1.5, math.nan, True, "5 %", None])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(TrainvisError, match=r"budget=.*0\.05 for 5 %"):
        Budget(share)


def test_a_rest_is_twice_as_long_after_each_failure_up_to_a_minute() -> None:
    rest, lengths = Rest(), []
    assert rest.over(0.0)
    for _ in range(2000):
        rest.failed(100.0)
        lengths.append(rest.until - 100.0)
    assert lengths[:3] == pytest.approx([0.1, 0.2, 0.4])
    assert lengths[-1] == LONGEST
    assert not rest.over(100.0)
    assert rest.over(100.0 + LONGEST)
    rest.worked()
    assert rest.over(0.0)
