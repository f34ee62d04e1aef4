from __future__ import annotations

import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.engine.ending import KILL_AFTER, Ending, Verdict, verdict
from trainvis.engine.status import Stage


def test_a_listening_script_has_its_grace_then_sigterm_then_sigkill():
    ending = Ending(grace=60.0)
    ending.stop(100.0, listening=True)
    assert (ending.stage, ending.until, ending.signal) == (Stage.ASKED, 160.0, None)
    ending.pass_time(159.9)
    assert ending.stage is Stage.ASKED
    ending.pass_time(160.0)
    assert (ending.stage, ending.until, ending.signal) == (Stage.TERMINATING, 160.0 + KILL_AFTER, signal.SIGTERM)
    ending.pass_time(170.0)
    assert (ending.stage, ending.signal) == (Stage.KILLING, signal.SIGKILL)


def test_with_nobody_listening_sigterm_comes_at_once():
    ending = Ending(grace=60.0)
    ending.stop(100.0, listening=False)
    assert (ending.stage, ending.since) == (Stage.TERMINATING, 100.0)


def test_asking_twice_does_not_begin_the_grace_anew():
    ending = Ending(grace=60.0)
    ending.stop(100.0, listening=True)
    ending.stop(150.0, listening=True)
    assert ending.until == 160.0


def test_a_kill_overtakes_every_stage_and_nothing_overtakes_a_kill():
    ending = Ending(grace=60.0)
    ending.stop(100.0, listening=True)
    ending.kill(101.0)
    ending.terminate(102.0)
    ending.stop(103.0, listening=True)
    assert (ending.stage, ending.since) == (Stage.KILLING, 101.0)


moves = st.sampled_from(["stop", "listening stop", "terminate", "kill", "pass"])


@given(st.lists(st.tuples(moves, st.floats(0, 100))), st.floats(0, 100))
def test_stages_never_go_back(steps, grace):
    ending, now, order = Ending(grace), 0.0, [None, *Stage]
    for move, wait in steps:
        before = order.index(ending.stage)
        now += wait
        match move:
            case "stop":
                ending.stop(now, listening=False)
            case "listening stop":
                ending.stop(now, listening=True)
            case "terminate":
                ending.terminate(now)
            case "kill":
                ending.kill(now)
            case "pass":
                ending.pass_time(now)
        assert order.index(ending.stage) >= before


@pytest.mark.parametrize(
    ("exit_code", "reached", "out_of_memory", "expected"),
    [
        (0, None, False, Verdict("done", 0)),
        (3, None, False, Verdict("failed", 3)),
        (137, None, False, Verdict("failed", 137)),
        (-11, None, False, Verdict("killed", None, 11)),
        (-9, None, False, Verdict("killed", None, 9)),
        (-9, None, True, Verdict("out_of_memory", None, 9)),
        (-11, None, True, Verdict("killed", None, 11)),
        (1, None, True, Verdict("failed", 1)),
        (0, Stage.ASKED, False, Verdict("stopped", 0)),
        (1, Stage.ASKED, False, Verdict("failed", 1)),
        (0, Stage.TERMINATING, False, Verdict("stopped", 0, None, True)),
        (-15, Stage.TERMINATING, False, Verdict("stopped", None, 15, True)),
        (-9, Stage.KILLING, True, Verdict("stopped", None, 9, True)),
    ],
)
def test_each_end_has_its_reason(exit_code, reached, out_of_memory, expected):
    assert verdict(exit_code, reached, out_of_memory=out_of_memory) == expected
