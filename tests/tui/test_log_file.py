from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trainvis.tui.widgets.log_file import BLOCK, ENOUGH, LineIndex, LogFile, last_lines, tail_base
from trainvis.tui.widgets.log_search import PIECE, TRACEBACK, Search, needle_of

PIECES = st.lists(st.sampled_from([b"a", b"loss", b"\n", b"\r", b"\r\n", b"\n\n", b"xy\b", b"\x1b[1m"]))
here = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def opened(path: Path, data: bytes) -> LogFile:
    path.write_bytes(data)
    file = LogFile(path)
    assert file.look().problem == ""
    return file


def indexed(file: LogFile, frames: bool = False, base: int = 0) -> LineIndex:
    index = LineIndex(file, base, frames=frames)
    size = file.look().size
    while index.count(size):
        pass
    return index


def searched(file: LogFile, text: str, frames: bool = False) -> list[int]:
    search = Search(file, needle_of(text), frames=frames)
    size = file.look().size
    while not search.done(size):
        search.step(size)
    return list(search.lines)


@here
@given(PIECES.map(b"".join))
def test_lines_are_those_of_splitting_at_newlines(tmp_path: Path, data: bytes) -> None:
    index = indexed(opened(tmp_path / "log", data))
    expected = data.split(b"\n")
    if expected[-1] == b"":
        expected.pop()
    assert [index.bytes_of(line) for line in range(index.lines())] == expected


@here
@given(PIECES.map(b"".join))
def test_with_frames_a_carriage_return_ends_a_line_too(tmp_path: Path, data: bytes) -> None:
    index = indexed(opened(tmp_path / "log", data), frames=True)
    expected = re.split(rb"\n|\r(?!\n)", data.removesuffix(b"\r"))
    if expected[-1] == b"":
        expected.pop()
    assert [index.bytes_of(line) for line in range(index.lines())] == expected


def test_lines_are_found_across_the_borders_of_blocks(tmp_path: Path) -> None:
    lines = [b"%d " % number + b"x" * (number % 700) for number in range(2000)]
    index = indexed(opened(tmp_path / "log", b"\n".join(lines)))
    assert index.lines() == 2000
    for number in (0, 1, 150, 999, 1998, 1999):
        assert index.bytes_of(number) == lines[number]
        assert index.line_at(index.end(number)) == number


def test_a_pair_across_the_border_of_two_blocks_is_one_line_end(tmp_path: Path) -> None:
    index = indexed(opened(tmp_path / "log", b"x" * (BLOCK - 1) + b"\r\nsecond"), frames=True)
    assert index.lines() == 2
    assert index.bytes_of(1) == b"second"


def test_what_is_appended_is_counted_from_where_counting_ended(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = opened(path, b"one\ntwo")
    index = indexed(file)
    assert index.line(1).text == "two"
    with path.open("ab") as log:
        log.write(b" more\nthree\n")
    index.count(file.look().size)
    assert [index.line(line).text for line in range(index.lines())] == ["one", "two more", "three"]


def test_the_tail_begins_with_a_whole_line(tmp_path: Path) -> None:
    file = opened(tmp_path / "log", b"a" * 90 + b"\n" + b"b" * 5 + b"\nlast")
    assert tail_base(file, file.look().size, length=20) == 91
    assert indexed(file, base=91).bytes_of(0) == b"bbbbb"


def test_of_a_long_line_its_last_frame_is_read(tmp_path: Path) -> None:
    bar = b"".join(b"\r%5d/9999 loss 0.5" % step + b"\b" * 20 for step in range(10_000))
    assert len(bar) > 4 * ENOUGH
    index = indexed(opened(tmp_path / "log", b"Epoch 1\n" + bar + b"\nEpoch 2\n"))
    assert [index.line(line).text for line in range(3)] == ["Epoch 1", " 9999/9999 loss 0.5", "Epoch 2"]


def test_of_a_long_line_without_frames_its_beginning_is_shown_and_its_length_said(tmp_path: Path) -> None:
    index = indexed(opened(tmp_path / "log", b"begin " + b"x" * 1_000_000 + b"\nnext"))
    assert index.line(0).text.startswith("begin xxx")
    assert index.line(0).text.endswith("… (1,000,006 bytes in this line)")
    assert index.line(1).text == "next"


def test_a_missing_file_is_said_and_appears_later(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "log")
    assert file.look().problem == "there is no output yet"
    assert file.read(0, 10) == b""
    (tmp_path / "log").write_bytes(b"now")
    assert file.look().size == 3
    assert file.read(0, 10) == b"now"


def test_a_folder_in_place_of_the_file_is_no_output(tmp_path: Path) -> None:
    file = LogFile(tmp_path)
    file.look()
    assert file.read(0, 10) == b""


def test_a_named_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    assert LogFile(tmp_path / "log").look().size == 0


def test_another_file_under_the_same_name_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = opened(path, b"old")
    before = file.look()
    (tmp_path / "new").write_bytes(b"rotated")
    (tmp_path / "new").rename(path)
    assert file.look().inode != before.inode
    assert file.read(0, 20) == b"rotated"


@pytest.mark.slow
def test_last_lines_are_those_of_the_end(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"".join(b"line %d\n" % number for number in range(300_000)))
    assert [line.text for line in last_lines(path, 2)] == ["line 299998", "line 299999"]
    assert last_lines(tmp_path / "none", 2) == []


@here
@given(
    st.lists(
        st.sampled_from([b"loss", b"a", b"Loss 1", b"\x1b[1mlo\x1b[0mss", b"\x1b[0m", b"\x1b[2K", b"\n", b"\r", b" "])
    ).map(b"".join)
)
def test_a_search_finds_the_lines_in_which_the_text_is_seen(tmp_path: Path, data: bytes) -> None:
    file = opened(tmp_path / "log", data)
    index = indexed(file)
    expected = [n for n in range(index.lines()) if "loss" in index.line(n).text.lower()]
    assert searched(file, "loss") == expected


def test_a_search_goes_on_in_what_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = opened(path, b"loss 1\nno\nlo")
    search = Search(file, needle_of("loss"))
    search.step(12)
    search.step(12)
    assert search.done(12)
    with path.open("ab") as log:
        log.write(b"ss 2\nloss 3")
    while not search.done(23):
        search.step(23)
    assert list(search.lines) == [0, 2, 3]


def test_a_search_minds_capitals_only_where_it_has_some(tmp_path: Path) -> None:
    file = opened(tmp_path / "log", b"error\nError\nERROR\n")
    assert searched(file, "error") == [0, 1, 2]
    assert searched(file, "Error") == [1]


def test_a_search_reads_lines_longer_than_any_piece(tmp_path: Path) -> None:
    long = b"x" * (2 * PIECE)
    file = opened(tmp_path / "log", b"first\n" + long + b"needle" + long + b"\nneedle\n" + b"needle " + long)
    assert searched(file, "needle") == [1, 2, 3]


def test_the_first_traceback_ends_its_search(tmp_path: Path) -> None:
    text = b"fine\n" * 10 + b"Traceback (most recent call last):\n  File\nValueError: no\n"
    file = opened(tmp_path / "log", text * 2)
    search = Search(file, TRACEBACK, first=True)
    size = file.look().size
    while not search.done(size):
        search.step(size)
    assert list(search.lines) == [10]
