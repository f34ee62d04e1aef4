"""Output made harmless, however long, and followed to its end."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wait import wait_for

from trainvis.tui.commands.logs import LineCutter

PROGRAM = (sys.executable, "-m", "trainvis")


@given(st.lists(st.binary(max_size=40)))
def test_lines_cut_from_pieces_are_the_lines_of_the_whole(pieces: list[bytes]) -> None:
    cutter = LineCutter()
    lines = [line for piece in pieces for line in cutter.cut(piece)]
    assert [*lines, cutter.take()] == b"".join(pieces).split(b"\n")


def test_of_escape_sequences_and_progress_bars_the_text_is_left(trainvis, made) -> None:
    made(output=b"a\x1b[31mred\x1b[0m\x1b]0;title\x07b\n\r1/9\r9/9\nab\b\bcd\n\xff\x00\x9b2J\nend")
    assert trainvis("logs").stdout.splitlines() == ["aredb", "9/9", "cd", "\ufffd\ufffd2J", "end"]


@pytest.mark.parametrize(("count", "said"), [(0, []), (1, ["3"]), (2, ["2", "3"]), (99, ["1", "2", "3"])])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_last_lines(trainvis, made, count: int, said: list[str], end: bytes) -> None:
    made(output=b"1\n2\n3" + end)
    assert trainvis("logs", "-n", str(count)).stdout.splitlines() == said


def test_the_last_lines_of_a_long_log_are_found_from_its_end(trainvis, made) -> None:
    made(output=b"".join(b"%0200d\n" % number for number in range(4000)))  # more than is read at once
    assert [int(line) for line in trainvis("logs", "-n", "3").stdout.split()] == [3997, 3998, 3999]
    assert [int(line) for line in trainvis("logs", "-n", "3500").stdout.split()] == list(range(500, 4000))


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"x", b"step 1\r"])
def test_a_line_of_many_megabytes_is_shown_cut_and_kept_out_of_memory(content: bytes) -> None:
    cutter = LineCutter()
    piece = content * (100_000 // len(content))
    tracemalloc.start()
    for _ in range(300):
        assert list(cutter.cut(piece)) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000
    assert next(cutter.cut(b"the end\n")).startswith(content[:1])


def test_a_run_without_output_is_said(trainvis, made) -> None:
    run = made()
    run.output_log.unlink()
    result = trainvis("logs", run.id)
    assert result.exit_code == 1
    assert "has no output" in result.stderr


@pytest.mark.slow
@pytest.mark.kills
def test_a_running_run_is_followed_to_its_end(trainvis, script) -> None:
    text = """
        import time
        for i in range(20):
            print('line', i, flush=True)
            time.sleep(0.02)
        print('no newline', end='')
    """
    trainvis("run", script(text))
    result = trainvis("logs", "-f")
    assert result.stdout.splitlines() == [*(f"line {i}" for i in range(20)), "no newline"]
    assert "is done" in result.stderr


@pytest.mark.slow
@pytest.mark.kills
def test_on_a_terminal_colours_stay_and_a_progress_bar_is_written_in_place(trainvis, script, tmp_path) -> None:
    text = """
        import sys, time, pathlib
        print('\\x1b[31mred\\x1b[0m\\x1b[2J\\x1b]52;c;eA==\\x07')
        for i in range(3):
            print(f'\\rbar {i}', end='', flush=True)
            while not pathlib.Path(sys.argv[1], str(i)).exists():
                time.sleep(0.01)
        print()
    """
    trainvis("run", script(text), "--", tmp_path)
    main, secondary = pty.openpty()
    follower = subprocess.Popen(
        [*PROGRAM, "logs", "-f"], stdout=secondary, stdin=secondary, stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    os.close(secondary)
    shown = bytearray()

    def comes(text: bytes) -> bool:
        if text not in shown:
            shown.extend(os.read(main, 65536))
        return text in shown

    for step in range(3):
        wait_for(lambda text=b"bar %d" % step: comes(text), what=f"frame {step}")
        (tmp_path / str(step)).touch()
    assert follower.wait(10) == 0
    os.close(main)
    said = bytes(shown)
    assert re.search(rb"\x1b\[[0-9;]*31mred\x1b\[0m", said)
    assert b"\x1b[2J" not in said
    assert b"\x1b]52" not in said
    assert b"\r\x1b[Kbar 1" in said
