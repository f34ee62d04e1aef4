"""Gradient ascent against closed forms, and against a plain loop that follows the papers line by line."""

from __future__ import annotations

import numpy as np
import pytest

from trainvis.vis.ascent import Adam, Ascent, AscentError, Rate, Rescue
from trainvis.vis.regularisers import Regularisers, blurred, contributions

RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(size=(3, 5, 6, 2))
START = RNG.normal(size=(3, 5, 6, 2))


class Linear:
    """A linear unit for each picture, and what it was asked."""

    def __init__(self, weights: np.ndarray = WEIGHTS) -> None:
        self.weights = weights
        self.asked: list[np.ndarray] = []

    def __call__(self, pictures: np.ndarray, past_dead: bool) -> tuple[np.ndarray, np.ndarray]:
        self.asked.append(pictures.copy())
        return np.sum(self.weights * pictures, axis=(1, 2, 3)), self.weights


def curved(pictures: np.ndarray, past_dead: bool) -> tuple[np.ndarray, np.ndarray]:
    """A unit whose gradient changes with the picture."""
    return np.sum(np.sin(pictures) * WEIGHTS, axis=(1, 2, 3)), np.cos(pictures) * WEIGHTS


@pytest.mark.parametrize(("convention", "updates"), [("thesis", 20), ("yosinski", 19)])
def test_a_linear_unit_under_decay_follows_the_geometric_series(convention: str, updates: int) -> None:
    rate, decay = 0.3, 0.05
    settings = Ascent(20, Rate(size=rate), Regularisers(l2_decay=decay), convention, "last")
    found = settings(Linear(), START)
    q = 1 - decay
    expected = START * q**updates + rate * WEIGHTS * q * (1 - q**updates) / (1 - q)
    assert np.max(np.abs(found.pictures - expected)) < 4e-14
    assert np.allclose(found.scores, np.sum(WEIGHTS * expected, axis=(1, 2, 3)), rtol=1e-13)


@pytest.mark.parametrize(("convention", "blurs"), [("thesis", {4, 8}), ("yosinski", {1, 5, 9})])
def test_the_blur_comes_when_the_convention_says(convention: str, blurs: set[int]) -> None:
    unit = Linear(np.zeros_like(WEIGHTS) + 1e-30)  # so small that between two blurs nothing changes
    Ascent(10, Rate(), Regularisers(blur_interval=4, blur_std=1.0), convention, rescue=0)(unit, START)
    changed = {step for step in range(1, len(unit.asked)) if not np.allclose(unit.asked[step - 1], unit.asked[step])}
    assert changed == blurs


def step_by_step(convention: str, start: np.ndarray, steps: int, s: Regularisers, clip=None) -> np.ndarray:
    """One picture after the other, as the two programs have it: the slow way."""
    found = []
    for place, picture in enumerate(start):
        x = picture[None]
        for step in range(steps):
            if clip:
                x = np.minimum(clip[1], np.maximum(clip[0], x))
            if convention == "yosinski" and step == steps - 1:
                break
            g = (np.cos(x) * WEIGHTS[place])[0][None]
            x = x + 0.7 * g
            x = x * (1 - s.l2_decay)
            if (step if convention == "yosinski" else step + 1) % s.blur_interval == 0:
                x = blurred(x, s.blur_std)
            x = x * (np.abs(x) >= np.percentile(np.abs(x), s.value_percentile))
            norms = np.linalg.norm(x, axis=3, keepdims=True)
            x = x * (norms >= np.percentile(norms, s.norm_percentile))
            gain = contributions(x, g)
            x = x * (gain >= np.percentile(gain, s.contribution_percentile))
            gain = np.abs(contributions(x, g))
            x = x * (gain >= np.percentile(gain, s.abs_contribution_percentile))
        if clip:
            x = np.minimum(clip[1], np.maximum(clip[0], x))
        found.append(x[0])
    return np.stack(found)


@pytest.mark.parametrize("convention", ["thesis", "yosinski"])
@pytest.mark.parametrize("clip", [None, (-0.6, 0.9)])
def test_all_regularisers_in_their_order_as_in_a_plain_loop(convention: str, clip: tuple[float, float] | None) -> None:
    strengths = Regularisers(0.02, 3, 0.8, 20, 15, 10, 12)
    ends = None if clip is None else (np.full(2, clip[0]), np.full(2, clip[1]))
    found = Ascent(11, Rate(size=0.7), strengths, convention, "last", ends)(curved, START)
    expected = step_by_step(convention, START, 11, strengths, clip)
    assert np.allclose(found.pictures, expected, atol=1e-12)
    assert np.allclose(found.scores, curved(expected, False)[0], atol=1e-12)


@pytest.mark.parametrize("keep", ["best", "last"])
@pytest.mark.parametrize("convention", ["thesis", "yosinski"])
def test_the_score_is_that_of_the_picture(keep: str, convention: str) -> None:
    found = Ascent(9, Rate(size=5.0), convention=convention, keep=keep)(curved, START)
    assert np.allclose(found.scores, curved(found.pictures, False)[0], rtol=1e-13)


def test_best_is_the_best_of_all_pictures_but_the_start() -> None:
    scores: list[np.ndarray] = []

    def seen(pictures: np.ndarray, past_dead: bool) -> tuple[np.ndarray, np.ndarray]:
        scores.append(curved(pictures, past_dead)[0])
        return curved(pictures, past_dead)

    found = Ascent(9, Rate(size=5.0))(seen, START)
    assert np.array_equal(found.scores, np.max(scores[1:], axis=0))
    assert (found.scores > scores[-1]).any()


def test_a_picture_that_only_gets_worse_is_not_left_at_the_noise() -> None:
    found = Ascent(5, Rate(size=1e-3), Regularisers(l2_decay=0.5))(Linear(), 10 * np.sign(WEIGHTS))
    assert np.allclose(found.pictures, (10 * np.sign(WEIGHTS) + 1e-3 * WEIGHTS) / 2)


def test_pictures_that_climb_together_do_not_know_of_each_other() -> None:
    settings = Ascent(6, Rate("relative", 0.1), Regularisers(0.01, 2, 1.0, 0, 20))
    together = settings(curved, START)
    for place in range(3):
        part = slice(place, place + 1)

        def alone(pictures: np.ndarray, past_dead: bool, part: slice = part) -> tuple[np.ndarray, np.ndarray]:
            return np.sum(np.sin(pictures) * WEIGHTS[part], axis=(1, 2, 3)), np.cos(pictures) * WEIGHTS[part]

        assert np.allclose(settings(alone, START[part]).pictures, together.pictures[part], atol=1e-13)


def test_a_clipped_picture_stays_inside() -> None:
    low, high = np.array([-1.0, -2.0]), np.array([0.5, 2.0])
    found = Ascent(5, Rate(size=1e4), clip=(low, high))(Linear(), START)
    assert (found.pictures >= low).all()
    assert (found.pictures <= high).all()
    assert np.allclose(found.pictures, np.where(WEIGHTS > 0, high, low))


class Buried:
    """A unit below zero: it has a gradient only once `lifts` steps past its rectifier have lifted it."""

    def __init__(self, lifts: float) -> None:
        self.lifts, self.past = lifts, 0

    def __call__(self, pictures: np.ndarray, past_dead: bool) -> tuple[np.ndarray, np.ndarray]:
        self.past += past_dead
        open_ = pictures.mean((1, 2, 3)) - START.mean((1, 2, 3)) > self.lifts - 0.5
        gradient = np.ones_like(pictures) * (open_[:, None, None, None] | past_dead)
        return np.where(open_, pictures.sum((1, 2, 3)), 0.0), gradient


def test_a_start_without_a_gradient_is_led_past_the_dead_rectifiers() -> None:
    unit = Buried(5)
    found = Ascent(12, Rate(size=1.0))(unit, START)
    assert unit.past == 5
    assert found.lived.all()
    assert np.allclose(found.pictures, START + 12)


@pytest.mark.parametrize("convention", ["thesis", "yosinski"])
def test_what_sixteen_steps_do_not_wake_is_told_as_dead(convention: str) -> None:
    unit = Buried(17)
    found = Ascent(30, Rate(size=1.0), convention=convention)(unit, START)
    assert unit.past == 16
    assert not found.lived.any()
    assert np.allclose(found.pictures[0] - START[0], 1)  # of equal scores the first


def test_a_unit_that_nothing_reaches_is_not_asked_again() -> None:
    asked: list[bool] = []

    def dead(pictures: np.ndarray, past_dead: bool) -> tuple[np.ndarray, np.ndarray]:
        asked.append(past_dead)
        return np.zeros(len(pictures)), np.zeros_like(pictures)

    found = Ascent(30)(dead, START)
    assert sum(asked) == 1
    assert not found.lived.any()


@pytest.mark.parametrize(("convention", "moved"), [("thesis", True), ("yosinski", False)])
def test_without_a_gradient_a_picture_goes_on_or_stays_as_the_convention_has_it(convention: str, moved: bool) -> None:
    unit = Linear(np.zeros_like(WEIGHTS))
    found = Ascent(5, Rate(), Regularisers(l2_decay=0.5), convention, "last", rescue=0)(unit, START)
    assert np.array_equal(found.pictures, START) != moved


def test_a_rate_by_progress_makes_a_linear_unit_rise_by_it() -> None:
    unit = Linear()
    before, after = (Ascent(n, Rate("progress", 1e9, 2.0), keep="last")(unit, START).scores for n in (1, 4))
    assert np.allclose(after - before, 6.0)


def test_a_rate_by_progress_is_capped() -> None:
    rate = Rate("progress", 0.01, 1e9)
    assert np.array_equal(rate(np.zeros(3), WEIGHTS), np.full(3, 0.01))


def test_a_rate_for_probabilities_slows_down_at_one() -> None:
    rate = Rate("progress01", 1e9, 0.1, late=0.1)
    squares = np.sum(WEIGHTS**2, axis=(1, 2, 3))
    found = rate(np.array([-3.0, 0.5, 1.0]), WEIGHTS)
    assert np.allclose(found * squares, [0.1, 0.05, 0.0])


def test_a_relative_rate_changes_every_picture_by_the_same_amount() -> None:
    gradients = WEIGHTS * np.array([1e-6, 1.0, 1e6])[:, None, None, None]
    steps = Rate("relative", 0.25)(np.zeros(3), gradients)[:, None, None, None] * gradients
    assert np.allclose(np.sqrt(np.mean(steps**2, axis=(1, 2, 3))), 0.25)


@pytest.mark.parametrize("policy", ["relative", "progress", "progress01"])
def test_no_gradient_is_no_step(policy: str) -> None:
    assert np.array_equal(Rate(policy)(np.zeros(2), np.zeros((2, 3, 3, 1))), np.zeros(2))


def test_the_first_step_of_adam_has_the_size_of_its_rate_whatever_the_gradient() -> None:
    gradients = np.sign(WEIGHTS) * np.array([1e-3, 1.0, 1e3])[:, None, None, None]
    assert np.allclose(Adam(0.05)(START, gradients) - START, 0.05 * np.sign(gradients), rtol=1e-3)


def test_adam_follows_its_recurrence() -> None:
    adam, parameters = Adam(0.1), np.zeros(1)
    gradients = [1.0, -2.0, 0.5]
    for gradient in gradients:
        parameters = adam(parameters, np.array([gradient]))
    expected, mean, square = 0.0, 0.0, 0.0
    for step, gradient in enumerate(gradients, start=1):
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        expected += 0.1 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    assert np.allclose(parameters, expected, rtol=1e-12)


def test_only_what_is_stuck_is_led_and_only_for_its_steps() -> None:
    rescue, gradients = Rescue(3, steps=2), WEIGHTS * np.array([1, 0, 0])[:, None, None, None]
    others = np.ones_like(WEIGHTS) * np.array([5, 5, 0])[:, None, None, None]
    for _ in range(2):
        found = rescue(gradients, lambda: others)
        assert np.array_equal(found[0], WEIGHTS[0])
        assert (found[1] == 5).all()
        assert not found[2].any()
    assert not rescue(gradients, lambda: others)[1].any()


def test_an_ascent_of_no_steps_is_refused() -> None:
    with pytest.raises(AscentError, match="iterations is 0"):
        Ascent(0)
