from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.engine.errors import QueryError
from trainvis.engine.query import complete, parse
from trainvis.engine.query_tests import Kept
from trainvis.engine.query_tokens import quote
from trainvis.engine.rows import MetricSummary, Row, Snapshot
from trainvis.engine.status import Done, Failed, Finished, OutOfMemory, Running

NOW = 1_800_000_000.0
DAY = 86_400.0

CNN = Row(
    path=Path("/r/cnn-1"),
    id="cnn-1",
    name="First try",
    tags=("mnist", "t10"),
    note="dropout: 0.5",
    status=Finished(Done(), NOW - 2 * DAY, NOW - 2 * DAY + 7200),
    script="/home/me/cnn.py",
    owner="me",
    created=NOW - 2 * DAY,
    started=NOW - 2 * DAY,
    ended=NOW - 2 * DAY + 7200,
    epoch=10.0,
    metrics={
        "loss": MetricSummary(0.05, 0.04, 2.3),
        "val_accuracy": MetricSummary(0.97, 0.1, 0.98),
        "odd name": MetricSummary(math.nan, 1.0, 2.0),
    },
    parameters={"batch-size": 32, "optimizer": "Adam", "optimizer.learning_rate": 0.0010000000474974513, "fast": True},
    size=2 << 30,
)
VGG = replace(
    CNN,
    id="vgg-2",
    name="",
    tags=("faces", "t1"),
    note="",
    parent="cnn-1",
    script="/home/me/vgg.py",
    status=Finished(Failed(1), NOW - 60, NOW),
    created=NOW - 60,
    started=NOW - 60,
    ended=NOW,
    metrics={"loss": MetricSummary(math.nan, 3.0, 9.0)},
    parameters={},
    size=None,
)
LIVE = replace(VGG, id="live-3", tags=("faces",), status=Running(NOW - 30), started=NOW - 30, ended=None, eta=100.0)
ROWS = (CNN, VGG, LIVE)


def _passing(text: str) -> list[str]:
    return [ROWS[at].id for at in parse(text).passing(ROWS, NOW)]


PASSING: list[tuple[str, list[str]]] = [
    ("", ["cnn-1", "vgg-2", "live-3"]),
    ("FIRST", ["cnn-1"]),
    ('"first try"', ["cnn-1"]),
    ('"dropout: 0.5"', ["cnn-1"]),
    ("tag:mnist", ["cnn-1"]),
    ("tag:t1", ["vgg-2"]),
    ("tag:t*", ["cnn-1", "vgg-2"]),
    ("tag:mnist,faces", ["cnn-1", "vgg-2", "live-3"]),
    ("tag=faces status:running", ["live-3"]),
    ("status:failed", ["vgg-2"]),
    ('status:"failed (1)"', ["vgg-2"]),
    ("status!=done", ["vgg-2", "live-3"]),
    ("name:try", ["cnn-1"]),
    ("script:VGG", ["vgg-2", "live-3"]),
    ("parent:cnn", ["vgg-2", "live-3"]),
    ("owner:me id:vgg", ["vgg-2"]),
    ("since:1d", ["vgg-2", "live-3"]),
    ("before:1d", ["cnn-1"]),
    ("since:2d1h", ["cnn-1", "vgg-2", "live-3"]),
    ("before:2001-01-01T10:30", []),
    ("loss<0.1", ["cnn-1"]),
    ("loss < 0.1", ["cnn-1"]),
    ("loss=nan", ["vgg-2", "live-3"]),
    ("loss!=nan", ["cnn-1"]),
    ("best(loss)<=3", ["cnn-1", "vgg-2", "live-3"]),
    ("max(loss)>=9", ["vgg-2", "live-3"]),
    ("best(val_accuracy)>0.975", ["cnn-1"]),
    ("last(val_accuracy)>97.5%", []),
    ("min(val_accuracy)=0.1", ["cnn-1"]),
    ('"odd name"=nan', ["cnn-1"]),
    ("param.batch_size=32", ["cnn-1"]),
    ("param.batch-size>31", ["cnn-1"]),
    ("param.optimizer=adam", ["cnn-1"]),
    ("param.learning_rate=1e-3", ["cnn-1"]),
    ("param.learning_rate!=1e-3", []),
    ("param.fast=true", ["cnn-1"]),
    ("has:param.fast", ["cnn-1"]),
    ("has:val_accuracy", ["cnn-1"]),
    ("-has:note", ["vgg-2", "live-3"]),
    ("epoch>3 length>1h", ["cnn-1"]),
    ("length<31s", ["live-3"]),
    ("eta<2m", ["live-3"]),
    ("age>1d", ["cnn-1"]),
    ("size>1.5G", ["cnn-1"]),
    ("tag:mnist or status:running", ["cnn-1", "live-3"]),
    ("tag:mnist | status:running", ["cnn-1", "live-3"]),
    ("not tag:faces", ["cnn-1"]),
    ("-tag:faces", ["cnn-1"]),
    ("!tag:faces", ["cnn-1"]),
    ("-(tag:mnist or status:running)", ["vgg-2"]),
    ("faces and not (status:running or tag:t1)", []),
    ("tag:faces tag:t1 or tag:mnist", ["cnn-1", "vgg-2"]),
    ("live-3", ["live-3"]),
    ("oom or status:oom", []),
    ("unknown_metric>0 or unknown_metric!=0", []),
]


@pytest.mark.parametrize(("text", "ids"), PASSING)
def test_a_filter_passes_these_rows(text: str, ids: list[str]) -> None:
    assert _passing(text) == ids


KEPT: Kept = {}  # by one filter for the next, as while somebody types


def test_rows_pass_alone_as_they_pass_together_whatever_was_asked_before() -> None:
    for text, ids in PASSING:
        query = parse(text)
        assert [row.id for row in ROWS if query.matches(row, NOW)] == ids, text
        for _ in range(2):
            assert query.verdicts(ROWS, NOW, KEPT) == [row.id in ids for row in ROWS], text


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("tag:", 4, "must be a value"),
        ("loss<", 5, "must be a value"),
        ("loss<high", 5, "no number"),
        ("loss<<1", 5, "no number"),
        ("<1", 0, "must be a name"),
        ("colour:red", 0, "is no field"),
        ('name:"open', 5, "not closed"),
        ("(a or b", 0, "not closed"),
        ("a)", 1, "closes nothing"),
        ("()", 1, "nothing in them"),
        ("a or", 4, "ends where"),
        ("a and or b", 6, "before 'or'"),
        ("best(loss)", 10, "is compared"),
        ("best()<1", 5, "name of a metric"),
        ("since:soon", 6, "is no time"),
        ("since:99999999999999999999d-", 6, "is no time"),
        ("name<3", 4, "is a text"),
        ("length>1x", 7, "90s"),
        ("size>1x", 5, "1G"),
        ("param.lr<fast", 9, "no number"),
        ("(" * 60, 50, "inside each other"),
        ("-" * 60 + "a", 50, "inside each other"),
        ("x" * 10_001, 10_000, "at most"),
    ],
)
def test_what_cannot_be_understood_is_said_at_its_place(text: str, position: int, words: str) -> None:
    with pytest.raises(QueryError, match=words) as caught:
        parse(text)
    assert caught.value.position == position


def test_out_of_memory_is_also_called_oom() -> None:
    row = replace(CNN, status=Finished(OutOfMemory(), NOW, NOW))
    assert parse("status:oom").matches(row, NOW)
    assert parse('status:"out of memory"').matches(row, NOW)


_SIGNS = "<=()|:\\é\x00\ud800\"'-! "
_WORDS = "tag: loss >= != 0.1 nan or and best( param. since: 7d size> 1G"
_PIECES = st.sampled_from([*_SIGNS, *_WORDS.split(), "not ", "9" * 400])


@given(st.lists(_PIECES, max_size=14).map("".join) | st.text(max_size=30))
def test_any_line_is_a_query_or_an_error_inside_the_line(text: str) -> None:
    assert _outcome(text) in range(-1, len(text) + 1)


def _outcome(text: str) -> int:
    """Where the line is wrong, -1 where it is a query."""
    try:
        query = parse(text)
    except QueryError as error:
        return error.position
    return -1 if all(query.matches(row, NOW) in (True, False) for row in ROWS) else -2


@given(st.text(max_size=20))
def test_a_quoted_word_is_searched_for_as_it_is(word: str) -> None:
    if word.strip():
        assert parse(quote(word)).matches(replace(CNN, name=word), NOW)
        assert parse(f"name:{quote(word)}").matches(replace(CNN, name=word), NOW)


def _completed(text: str, position: int | None = None) -> list[str]:
    return complete(text, len(text) if position is None else position, Snapshot(Path("/r"), NOW, ROWS))


def test_the_word_at_the_cursor_is_completed() -> None:
    assert _completed("ta") == ["tag:"]
    assert _completed("x tag:m") == ["x tag:mnist"]
    assert _completed("(tag:m loss<1", 6) == ["(tag:mnist loss<1"]
    assert _completed("-status:fa") == ["-status:failed"]
    assert _completed("best(val") == ["best(val_accuracy)"]
    assert _completed("param.opt")[0] == "param.optimizer"
    assert 'name:"First try"' in _completed("name:")
    assert _completed("since:7") == ["since:7d"]
    assert _completed("odd") == []
    assert '"odd name"' in _completed('"odd')


def test_names_that_a_terminal_cannot_show_are_not_offered() -> None:
    rows = (replace(CNN, tags=("ok", "ok\x1b]0;evil\x07")),)
    assert complete("tag:", 4, Snapshot(Path("/r"), NOW, rows)) == ["tag:ok"]


@given(st.lists(_PIECES, max_size=8).map("".join), st.integers(0, 40))
def test_completing_any_line_raises_nothing(text: str, position: int) -> None:
    assert all(isinstance(line, str) for line in _completed(text, min(position, len(text))))
