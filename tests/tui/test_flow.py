from __future__ import annotations

import pytest

from trainvis.tui.flow import DEAF, PATIENCE, QUESTION, Flow


class Line:
    """What was asked, and a clock that stands until it is moved."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.now = 100.0
        self.flow = Flow(self.asked.append, lambda: self.now)


@pytest.fixture
def line() -> Line:
    return Line()


def test_nothing_waits_before_anything_was_drawn(line: Line) -> None:
    assert not line.flow.waiting()


def test_a_frame_waits_for_its_answer(line: Line) -> None:
    line.flow.drawn()
    assert line.flow.waiting()
    line.flow.answered()
    assert not line.flow.waiting()
    assert line.asked == [QUESTION]


def test_many_frames_are_one_question_and_one_more_for_those_drawn_since(line: Line) -> None:
    for _ in range(9):
        line.flow.drawn()
    assert line.asked == [QUESTION]
    line.flow.answered()
    assert line.asked == [QUESTION] * 2
    assert line.flow.waiting()
    line.flow.answered()
    assert not line.flow.waiting()
    assert line.asked == [QUESTION] * 2


def test_a_terminal_that_never_answers_is_asked_once(line: Line) -> None:
    line.flow.drawn()
    line.now += DEAF
    assert not line.flow.waiting()
    line.flow.drawn()
    assert not line.flow.waiting()
    assert line.asked == [QUESTION]


def test_one_lost_answer_costs_its_time_only(line: Line) -> None:
    line.flow.drawn()
    line.flow.answered()
    line.flow.drawn()
    line.now += DEAF
    assert line.flow.waiting()
    line.now += PATIENCE
    assert not line.flow.waiting()
    line.flow.drawn()
    assert line.flow.waiting()
    assert len(line.asked) == 3


def test_an_answer_to_no_question_of_ours_changes_nothing(line: Line) -> None:
    line.flow.answered()
    assert not line.flow.waiting()
    assert line.asked == []
