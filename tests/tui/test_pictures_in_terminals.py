"""Pictures on the real application's way to a terminal: what was sent is read back as the pixels a person sees."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from picture_stage import COLUMNS, ROWS, TOP, expected
from picture_window import CELL, STAGE, PictureWindow, answer, stage
from terminals import PixelTerminal

pytestmark = [pytest.mark.slow, pytest.mark.kills]
WAYS = ("half", "quadrant", "kitty", "sixel", "iterm")
OVER = ("sixel", "iterm")  # pixels painted over cells; kitty's come with the cells


@pytest.mark.parametrize("way", WAYS)
def test_every_way_shows_the_same_pixels(way: str, runs: Path) -> None:
    off = 2 if way == "sixel" else 0  # sixels know a hundred steps of a colour
    with stage(way, runs) as window:
        window.shows(expected(1), 0, TOP, off)
        window.type("z")
        window.shows(expected(1, zoom=1), 0, TOP, off)
        window.type("n")
        window.shows(expected(2, zoom=1), 0, TOP, off)
        assert not window.shown.scrolled


def test_letters_and_no_picture_are_ways_too(runs: Path) -> None:
    with stage("ascii", runs) as window:
        window.wait_for(lambda terminal: "@" in terminal.text(), "letters")
    with stage("off", runs) as window:
        window.wait_for(lambda terminal: "below" in terminal.text(), "the screen")
        assert not window.shown.picture(0, TOP, COLUMNS, ROWS).std(axis=(0, 1)).any()


@pytest.mark.parametrize("way", ["kitty", *OVER])
def test_under_a_dialog_there_are_no_pixels_and_after_it_they_are_back(way: str, runs: Path) -> None:
    with stage(way, runs) as window:
        window.shows(expected(1), 0, TOP, 2)
        window.type("o")
        window.wait_for(lambda terminal: not terminal.pixels_seen() and not terminal.kept, "no pixels")
        window.type("c")
        window.shows(expected(1), 0, TOP, 2)


@pytest.mark.parametrize("way", ["kitty", *OVER])
def test_what_is_hidden_leaves_nothing_behind(way: str, runs: Path) -> None:
    with stage(way, runs) as window:
        window.shows(expected(1), 0, TOP, 2)
        window.type("h")
        window.wait_for(lambda terminal: not terminal.pixels_seen(COLUMNS, TOP), "nothing right of picture b")
        window.type("h")
        window.shows(expected(1), 0, TOP, 2)
        window.type("q")
        assert window.wait() == 0
        assert not window.see().kept


@pytest.mark.parametrize("way", ["quadrant", "kitty", *OVER])
def test_a_container_shows_the_part_of_a_picture_that_is_scrolled_in(way: str, runs: Path) -> None:
    with stage(way, runs) as window:
        window.shows(expected(1), 0, TOP, 2)
        window.wait_for(lambda terminal: _has(terminal, below=False), "the upper half of b")
        window.type("d")
        window.wait_for(lambda terminal: _has(terminal, below=True), "the lower half of b")
        assert not window.shown.pixels_seen(0, TOP + ROWS), "the picture reaches beyond its container"


def _has(terminal: PixelTerminal, *, below: bool) -> bool:
    """Picture b fills the width; above and below it there is ground. `below`: it is scrolled to its lower half."""
    found = terminal.picture(COLUMNS, TOP, COLUMNS, ROWS).astype(int)
    half = ROWS // 2 * CELL[1]
    whole = expected(2).astype(int)
    wanted, at = (whole[half:], slice(0, half)) if below else (whole[:half], slice(half, 2 * half))
    return bool(np.abs(found[at] - wanted).max() <= 2)


@pytest.mark.parametrize("way", OVER)
def test_under_a_message_blocks_stand_for_pixels(way: str, runs: Path) -> None:
    with stage(way, runs) as window:
        window.shows(expected(1), 0, TOP, 2)
        window.resize_to(40, 16)
        window.type("t")
        window.wait_for(lambda terminal: "said" in terminal.text() and not terminal.pixels_seen(COLUMNS), "blocks")
        window.type("k")
        window.wait_for(lambda terminal: "said" not in terminal.text() and terminal.pixels_seen(COLUMNS), "pixels")


@pytest.mark.parametrize("way", ["kitty", *OVER])
def test_a_storm_of_sizes_ends_in_the_right_picture_and_few_uploads(way: str, runs: Path) -> None:
    with stage(way, runs) as window:
        window.shows(expected(1), 0, TOP, 2)
        before = window.shown.uploads
        for turn in range(30):
            window.resize_to(*((50, 14), (20, 6), (60, 16), (3, 2))[turn % 4])
            window.pump(0.005)
        window.resize_to(60, 16)
        window.shows(expected(1), 0, TOP, 2)
        assert window.shown.uploads - before < 30


@pytest.mark.parametrize("way", ["half", "kitty", *OVER])
@pytest.mark.parametrize(
    "told",
    # All that the application hears: a signal, after which the size is the old one; two sizes, the first of which is
    # over before its screen is laid out for it.
    [lambda window: window.kill(signal.SIGWINCH), lambda window: window.type("r")],
    ids=["unheard", "too short to be drawn"],
)
def test_a_size_that_was_another_for_a_moment_is_drawn_again(
    told: Callable[[PictureWindow], None], way: str, runs: Path
) -> None:
    with stage(way, runs) as window:
        window.shows(expected(1), 0, TOP, 2)
        window.shown.resize(3, 2)
        window.shown.resize(60, 16)
        told(window)
        window.shows(expected(1), 0, TOP, 2)


def test_only_the_last_of_many_pictures_is_sent(runs: Path) -> None:
    with stage("kitty", runs) as window:
        window.shows(expected(1), 0, TOP)
        before = window.shown.uploads
        window.type("w")
        window.shows(expected(41), 0, TOP)
        assert window.shown.uploads - before <= 3


def test_what_the_terminal_says_chooses_the_way(runs: Path) -> None:
    with stage("auto", runs, answer("kitty(0.31.0)", kitty=True)) as window:
        window.wait_for(lambda terminal: terminal.kept, "pictures that the terminal keeps")
    with stage("auto", runs, answer("kitty(0.26.5)", kitty=True)) as window:
        window.shows(expected(1), 0, TOP)
        assert not window.shown.uploads
    with stage("auto", runs, answer(sixel=True)) as window:
        window.wait_for(lambda terminal: terminal.pixels_seen(), "sixels")


def test_a_slow_line_gets_light_pictures_one_at_a_time_and_is_told_so(runs: Path) -> None:
    command = [sys.executable, str(STAGE), "auto", str(runs), "100", "30"]
    with PictureWindow(command, columns=110, rows=40) as window:
        window.wait_for(lambda terminal: "below" in terminal.text(), "the screen")
        deadline = time.monotonic() + 30
        while b"pictures are drawn light" not in window.raw:
            assert time.monotonic() < deadline, "nobody noticed that the line is slow"
            window.type("n")
            carry(window, 0.5)
        carry(window, 2.0)
        before = len(window.raw)
        for _ in range(20):  # far more than the line carries
            window.type("n")
            carry(window, 0.05)
        carry(window, 3.0)
        light = bytes(window.raw[before:])
    assert b"38;5;" in light
    assert b"38;2;" not in light
    frames = light.count(b"\x1b[6n")
    assert frames < 10, "pictures were sent that the terminal had not asked for"
    assert len(light) <= 40_000 * frames


def carry(window: PictureWindow, seconds: float) -> None:
    """Take what a line of 100 KB/s would carry."""
    for _ in range(round(seconds / 0.01)):
        time.sleep(0.01)
        window.pump(most=1000)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[list[str]]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    command = ["tmux", "-u", "-f", "/dev/null", "-S", str(tmp_path / "socket")]
    yield command
    subprocess.run([*command, "kill-server"], capture_output=True, check=False)


@pytest.mark.parametrize("way", ["auto", "kitty", "quadrant"])
def test_the_same_pixels_come_through_tmux(way: str, runs: Path, tmux: list[str]) -> None:
    inside = f"{sys.executable} {STAGE} {way} {runs}; exec sleep 60"
    if way == "auto":  # known to be kitty by what tmux says of it, and allowed by who set tmux up
        ready = "until tmux display -p '#{client_termtype}' | grep -q kitty; do sleep 0.05; done"
        inside = f"{ready}; tmux set -p allow-passthrough on; {inside}"
    environment = {name: "" for name in os.environ if name.startswith("TMUX")}
    with PictureWindow([*tmux, "new-session", inside], environment=environment, version="kitty(0.31.0)") as window:
        window.shows(expected(1), 0, TOP)
        assert bool(window.shown.kept) == (way != "quadrant")
        window.type("z")
        window.shows(expected(1, zoom=1), 0, TOP)
        window.type("q")
        window.wait_for(lambda terminal: not terminal.kept, "the pictures to be forgotten")
