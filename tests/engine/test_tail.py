from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from trainvis.engine.tail import Tail


def test_a_half_line_stays_for_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"one\ntw")
    tail = Tail(path)
    assert tail.more() == b"one\n"
    assert tail.more() == b""
    assert tail.behind == 2
    with path.open("ab") as file:
        file.write(b"o\nthree\n")
    assert tail.more() == b"two\nthree\n"


def test_a_file_that_appears_later_is_read_from_its_beginning(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "lines")
    assert tail.more() == b""
    assert tail.problem is None
    tail.path.write_bytes(b"one\n")
    assert tail.more() == b"one\n"
    assert not tail.restarted


def test_a_truncated_file_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"one\ntwo\n")
    tail = Tail(path)
    tail.more()
    path.write_bytes(b"new\n")
    assert tail.more() == b"new\n"
    assert tail.restarted


def test_a_file_truncated_and_grown_past_the_last_look_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"one\n")
    tail = Tail(path)
    tail.more()
    path.write_bytes(b"another one\nmore\n")
    assert tail.more() == b"another one\nmore\n"
    assert tail.restarted


def test_a_replaced_file_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"one\n")
    tail = Tail(path)
    tail.more()
    (tmp_path / "other").write_bytes(b"one\ntwo\n")
    os.replace(tmp_path / "other", path)
    assert tail.more() == b"one\ntwo\n"
    assert tail.restarted


def test_a_line_longer_than_a_chunk_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"a\n" + b"x" * 100 + b"\nb\n")
    tail = Tail(path)
    assert _all(tail, limit=16) == b"a\nb\n"


def test_what_is_no_ordinary_file_is_said_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    tail = Tail(tmp_path / "pipe")
    assert tail.more() == b""
    assert "no ordinary file" in (tail.problem or "")
    assert Tail(tmp_path).more() == b""


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(min_value=64, max_value=200))
def test_however_a_file_grows_its_whole_lines_are_read_once(tmp_path_factory, pieces: list[bytes], limit: int) -> None:
    path = tmp_path_factory.mktemp("tail") / "lines"
    tail, read = Tail(path), b""
    content = b"\n".join(piece.replace(b"\n", b"") for piece in pieces)
    for at in range(0, len(content) + 1, 7):
        with path.open("ab") as file:
            file.write(content[at : at + 7])
        read += tail.more(limit)
    read += _all(tail, limit)
    assert read == content[: content.rfind(b"\n") + 1]


def _all(tail: Tail, limit: int) -> bytes:
    read, before = b"", -1
    while tail.offset != before:
        before = tail.offset
        read += tail.more(limit)
    return read
