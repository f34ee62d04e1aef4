"""A line is slow only after frames that agree, and pictures that nobody forced become light then."""

from __future__ import annotations

import pytest

from trainvis.tui.flow import Flow
from trainvis.tui.line import Line
from trainvis.tui.showing import Showing
from trainvis.tui.terminal import Terminal, named


def after(*rates: int, size: int = 60_000, trip: float = 0.05) -> Line:
    """A line that carried frames at these bytes a second, `trip` seconds away."""
    line = Line()
    line.carried(10, trip)
    for rate in rates:
        line.carried(size, trip + size / rate)
    return line


def test_one_slow_frame_says_nothing_two_do() -> None:
    assert not after(100_000).slow
    assert after(100_000, 100_000).slow
    assert not after(100_000, 5_000_000, 100_000).slow


def test_a_slow_line_becomes_fast_again_after_three_fast_frames() -> None:
    assert after(100_000, 100_000, 900_000, 900_000).slow
    assert not after(100_000, 100_000, 900_000, 900_000, 900_000).slow
    assert after(100_000, 100_000, 400_000, 400_000, 400_000, 400_000).slow  # between the two nothing changes


def test_far_away_is_not_slow() -> None:
    assert not after(2_000_000, 2_000_000, 2_000_000, trip=0.6).slow


def test_frames_of_few_bytes_say_nothing() -> None:
    assert not after(1_000, 1_000, 1_000, size=500).slow


@pytest.mark.parametrize(("rate", "slow"), [(100_000, True), (3_000_000, False)])
def test_what_is_measured_is_from_the_question_to_the_answer(rate: int, slow: bool) -> None:
    now = 0.0
    flow = Flow(lambda _: None, lambda: now)
    for size in (10, 50_000, 50_000, 50_000):
        flow.sent(size)
        flow.drawn()
        now += 0.02 + size / rate
        flow.answered()
        now += 1.0
    assert flow.line.slow == slow


def test_it_is_said_once_when_pictures_become_light_and_once_when_they_no_longer_are() -> None:
    line = after(90_000, 90_000)
    showing = Showing(Terminal(), "auto", line)
    assert (showing.mode.name, showing.mode.colors) == ("quadrant", "truecolor")
    assert showing.heed().startswith("the line carries some 90 KB/s: pictures are drawn light")
    assert (showing.mode.name, showing.mode.colors, showing.light) == ("half", "256", True)
    assert showing.heed() == ""
    line.slow = False
    assert showing.heed() == "the line has become faster: pictures are drawn in full again (quadrant)"
    assert showing.mode.name == "quadrant"


@pytest.mark.parametrize("wanted", ["kitty", "quadrant", "half", "ascii", "off"])
def test_what_was_forced_stays_on_a_slow_line(wanted: str) -> None:
    showing = Showing(Terminal(), wanted, after(90_000, 90_000))
    assert showing.heed() == ""
    assert showing.mode.name == wanted
    assert not showing.light


@pytest.mark.parametrize(
    ("more", "light"),
    [
        ({}, True),  # a container, a browser, sudo: nobody knows
        ({"DISPLAY": ":0"}, False),
        ({"WAYLAND_DISPLAY": "wayland-0"}, False),
        ({"TERM_SESSION_ID": "w0t0p0"}, False),
        ({"DISPLAY": "localhost:10.0"}, True),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22"}, True),
    ],
)
def test_on_the_desktop_of_this_machine_no_line_is_slow(more: dict[str, str], light: bool) -> None:
    showing = Showing(named({"TERM": "xterm-256color", **more}), "auto", after(90_000, 90_000))
    assert bool(showing.heed()) == light
    assert showing.light == light


def test_numbers_of_pictures_are_given_once_and_come_back_last() -> None:
    showing = Showing(Terminal())
    numbers = [showing.take_number() for _ in range(240)]
    assert sorted(number for number in numbers if number is not None) == list(range(16, 256))
    assert showing.take_number() is None
    assert not showing.has_number
    showing.give_back(99)
    assert showing.take_number() == 99
