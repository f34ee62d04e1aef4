from __future__ import annotations

import os
import subprocess
import sys

import pytest

from trainvis.engine import process, wishes
from trainvis.engine.files import write_json
from trainvis.engine.rundir import RunDir


@pytest.fixture
def run(runs) -> RunDir:
    return RunDir.create(runs, "train")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_wish_is_taken_once_and_answered(run):
    listener = wishes.Listener(run, clock=Clock())
    listener.start()
    asked = wishes.ask(run, "picture", "ann", image="a.png")
    assert listener.take() == [asked]
    listener.answer(asked, "refused", "there is no image a.png")
    assert [(a.id, a.outcome, a.why) for a in wishes.answers(run)] == [(asked.id, "refused", "there is no image a.png")]


def test_a_listener_looks_every_fifth_of_a_second_at_most(run):
    clock = Clock()
    listener = wishes.Listener(run, clock=clock)
    assert listener.take() == []
    asked = wishes.ask(run, "stop", "ann")
    clock.now = 0.19
    assert listener.take() == []
    clock.now = 0.2
    assert listener.take() == [asked]
    clock.now = 0.4
    assert listener.take() == []


def test_a_wish_that_nobody_understands_stays_where_it_is(run):
    listener = wishes.Listener(run, understands=("stop",), clock=Clock())
    wishes.ask(run, "picture", "ann")
    assert listener.take() == []
    assert wishes.asked(run, "picture").by == "ann"


def test_a_wish_can_be_read_before_and_after_it_was_taken(run):
    assert wishes.asked(run, "stop") is None
    asked = wishes.ask(run, "stop", "ann")
    assert wishes.asked(run, "stop") == asked
    wishes.Listener(run).take()
    assert wishes.asked(run, "stop") == asked


def test_a_damaged_wish_is_still_a_wish(run):
    run.wish_file("stop").write_text('{"id": "12", "by": ')
    [wish] = wishes.Listener(run).take()
    assert (wish.wish, wish.by) == ("stop", "")


def test_listening_lasts_from_start_to_close(run):
    listener = wishes.Listener(run, understands=("stop",))
    assert not wishes.listening(run)
    listener.start()
    assert wishes.listening(run)
    assert not wishes.listening(run, "picture")
    listener.close()
    assert not wishes.listening(run)


def test_a_listener_that_died_does_not_listen(run):
    program = (
        "import sys; from trainvis.engine import rundir, wishes; wishes.Listener(rundir.RunDir(sys.argv[1])).start()"
    )
    subprocess.run([sys.executable, "-c", program, run.path], check=True)
    assert run.listening_file.exists()
    assert not wishes.listening(run)


def test_a_reused_pid_does_not_listen(run):
    write_json(
        run.listening_file,
        {"pid": os.getpid(), "start": "1", "host": process.host(), "understands": ["stop"]},
    )
    assert not wishes.listening(run)


def test_on_another_host_the_file_is_believed(run):
    write_json(run.listening_file, {"pid": 1, "start": "1", "host": "far-away", "understands": ["stop"]})
    assert wishes.listening(run)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"understands": 3}', '{"understands": ["stop"], "pid": "x"}'])
def test_a_damaged_listening_file_means_nobody_listens(run, text):
    run.listening_file.write_text(text)
    assert not wishes.listening(run)


def test_closing_leaves_the_listener_that_took_over(run):
    listener = wishes.Listener(run)
    listener.start()
    write_json(run.listening_file, {"pid": os.getppid(), "understands": ["stop"]})
    listener.close()
    assert run.listening_file.exists()


def test_damaged_answers_are_passed_over(run):
    run.answers_file.write_text('{"wish": "stop"\nnonsense\n[]\n')
    wishes.Listener(run).answer(wishes.Wish("stop", "1"), "done")
    assert [answer.id for answer in wishes.answers(run)] == ["1"]
