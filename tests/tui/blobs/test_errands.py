"""The thread that reads for a screen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from wait import wait_for

from trainvis.datasets.errors import BlobError
from trainvis.tui.blobs.errands import Answer, Errand, Errands, LastOne


class Asker:
    """Keeps what it is posted."""

    def __init__(self) -> None:
        self.got: list[Answer] = []

    def post_message(self, message: Any) -> bool:
        self.got.append(message)
        return True

    @property
    def values(self) -> list[Any]:
        return [each.value for each in self.got if not each.late]


@pytest.fixture
def errands() -> Iterator[Errands]:
    made = Errands("test")
    made.start()
    yield made
    made.stop()


def test_of_one_kind_the_newest_wish_wins_and_others_are_dropped(errands: Errands) -> None:
    asker: Any = Asker()
    begun, go = threading.Event(), threading.Event()

    def slow(errand: Errand) -> str:
        begun.set()
        assert go.wait(10)
        errand.go_on()
        raise AssertionError("nobody wants it any more")

    errands.ask(asker, "page", slow)
    assert begun.wait(10)
    for page in range(5):
        errands.ask(asker, "page", lambda _, page=page: page)
    errands.ask(asker, "other", lambda _: "other")
    go.set()
    wait_for(lambda: "other" in asker.values)
    assert asker.values == [4, "other"]


def test_what_was_told_before_a_newer_wish_is_late() -> None:
    asker: Any = Asker()
    made = Errands("test")
    made.start()
    go = threading.Event()

    def parts(errand: Errand) -> str:
        errand.tell("half")
        assert go.wait(10)
        return "whole"

    made.ask(asker, "page", parts)
    wait_for(lambda: asker.got)
    assert not asker.got[0].last
    made.drop(asker, "page")
    go.set()
    assert asker.got[0].late
    made.stop()


def test_an_error_is_a_sentence_and_the_thread_goes_on(errands: Errands) -> None:
    asker: Any = Asker()

    def fails(_: Errand) -> None:
        raise BlobError("the file is \x1b[31m damaged")

    def breaks(_: Errand) -> None:
        raise ZeroDivisionError

    errands.ask(asker, "a", fails)
    errands.ask(asker, "b", breaks)
    errands.ask(asker, "c", lambda _: 3)
    wait_for(lambda: len(asker.got) == 3)
    assert asker.got[0].problem == "the file is ␛[31m damaged"
    assert "ZeroDivisionError" in asker.got[1].problem
    assert asker.got[2].value == 3


def test_the_thread_ends_with_what_it_was_given_to_do_last() -> None:
    made, ended = Errands("test"), threading.Event()
    made.start()
    made.stop(ended.set)
    assert ended.wait(10)


def test_what_several_threads_read_is_closed_by_the_last_of_them() -> None:
    closed, go = threading.Event(), threading.Event()
    threads = [Errands("test"), Errands("test")]
    last = LastOne(2, closed.set)
    for each in threads:
        each.start()
    asker: Any = Asker()
    begun = threading.Event()

    def slow(_: Errand) -> None:
        begun.set()
        assert go.wait(10)

    threads[0].ask(asker, "slow", slow)
    assert begun.wait(10)
    for each in threads:
        each.stop(last)
    threads[1]._thread.join(10)
    assert not closed.is_set()
    go.set()
    assert closed.wait(10)
