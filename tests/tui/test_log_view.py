from __future__ import annotations

import os
from pathlib import Path

import pytest
from seen import shows, until
from textual.app import App, ComposeResult
from textual.events import MouseScrollUp

from trainvis.tui import clipboard
from trainvis.tui.compat import screen_text
from trainvis.tui.widgets.log_file import TAIL
from trainvis.tui.widgets.log_view import LogView
from trainvis.tui.widgets.output import LogState, Output, Question, foot, save, whole_text


class Reading(App[None]):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.words: list[str] = []

    def compose(self) -> ComposeResult:
        yield Output(self.path, "digits")

    def on_mount(self) -> None:
        self.query_one(Output).focus_first()

    def notify(self, message: str, **rest: object) -> None:  # type: ignore[override]
        self.words.append(message)


def numbered(count: int) -> bytes:
    return b"".join(b"line %d\n" % number for number in range(count))


async def test_the_tail_is_shown_and_followed(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_bytes(numbered(1000))
    async with Reading(log).run_test(size=(60, 12)) as pilot:
        await shows(pilot, "line 999", "1,000 lines", "following")
        with log.open("ab") as file:
            file.write(b"a new line\n")
        await shows(pilot, "a new line", "1,001 lines")


@pytest.mark.slow
async def test_a_progress_bar_is_one_line_that_changes(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_bytes(b"Epoch 1\n\r1/3 loss 0.9")
    async with Reading(log).run_test(size=(60, 12)) as pilot:
        await shows(pilot, "1/3 loss 0.9", "2 lines")
        with log.open("ab") as file:
            file.write(b"\b\b\b\r2/3 loss 0.5")
        await shows(pilot, "2/3 loss 0.5")
        assert "1/3" not in screen_text(pilot.app.screen)
        await pilot.press("a")
        await shows(pilot, "1/3 loss 0.9", "2/3 loss 0.5", "all frames")
        await pilot.press("a")
        await until(pilot, lambda: "1/3" not in screen_text(pilot.app.screen), "only the last frame")


@pytest.mark.slow
async def test_scrolling_up_stops_following_and_the_end_begins_it_again(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_bytes(numbered(100))
    async with Reading(log).run_test(size=(60, 12)) as pilot:
        await shows(pilot, "line 99")
        await pilot.press("k")
        await shows(pilot, "G follows")
        with log.open("ab") as file:
            file.write(b"appended\n" * 5)
        await shows(pilot, "105 lines")
        assert "appended" not in screen_text(pilot.app.screen)
        await pilot.press("G")
        await shows(pilot, "appended", "following")


@pytest.mark.slow
async def test_the_mouse_wheel_scrolls(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_bytes(numbered(100))
    async with Reading(log).run_test(size=(60, 12)) as pilot:
        await shows(pilot, "line 99")
        await pilot._post_mouse_events([MouseScrollUp], LogView, (3, 3))
        await until(pilot, lambda: "line 99" not in screen_text(pilot.app.screen), "an earlier part")


@pytest.mark.slow
async def test_movement_keys_go_where_they_say(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_bytes(numbered(100) + b"x" * 100 + b"end of a long line\n")
    async with Reading(log).run_test(size=(60, 12)) as pilot:
        await shows(pilot, "line 99")
        for key, seen in (
            ("g", "line 0"),
            ("j", "line 11"),
            ("down", "line 12"),
            ("pagedown", "line 20"),
            ("space", "line 30"),
            ("pageup", "line 14"),
            ("ctrl+b", "line 4"),
            ("ctrl+f", "line 14"),
            ("end", "line 99"),
            ("home", "line 0"),
        ):
            await pilot.press(key)
            await shows(pilot, seen)
        await pilot.press("G", *["l"] * 9)
        await shows(pilot, "end of a long line")
        await pilot.press(*["h"] * 9)
        await shows(pilot, "line 99")


@pytest.mark.slow
async def test_a_search_goes_through_the_matching_lines_and_counts_them(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_bytes(numbered(300) + b"needle one\n" + numbered(300) + b"Needle two\n" + numbered(300))
    async with Reading(log).run_test(size=(60, 12)) as pilot:
        await shows(pilot, "line 299")
        await pilot.press("slash", *"needle", "enter")
        await shows(pilot, "Needle two", "2 of 2 lines")
        await pilot.press("p")
        await shows(pilot, "needle one", "1 of 2 lines")
        await pilot.press("p")
        await shows(pilot, "Needle two")
        await pilot.press("n")
        await shows(pilot, "needle one")
        await pilot.press("slash", "enter")
        await until(pilot, lambda: "of 2 lines" not in screen_text(pilot.app.screen), "the end of the search")


@pytest.mark.slow
async def test_a_search_without_a_match_says_so(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_bytes(numbered(10))
    app = Reading(log)
    async with app.run_test(size=(60, 12)) as pilot:
        await shows(pilot, "line 9")
        await pilot.press("n")
        assert app.query_one(Question).has_focus
        await pilot.press(*"absent", "enter")
        await until(pilot, lambda: app.words, "a word")
        assert app.words == ["“absent” is not in the output"]
        await shows(pilot, "0 lines")


@pytest.mark.slow
async def test_escape_leaves_the_question(tmp_path: Path) -> None:
    (tmp_path / "output.log").write_bytes(numbered(10))
    app = Reading(tmp_path / "output.log")
    async with app.run_test(size=(60, 12)) as pilot:
        await shows(pilot, "line 9")
        await pilot.press("slash", "x", "escape")
        assert app.query_one(LogView).has_focus
        assert not app.query_one(Question).display


async def test_the_first_traceback_is_jumped_to(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    trace = b'Traceback (most recent call last):\n  File "x.py"\nValueError: %d\n'
    log.write_bytes(numbered(200) + trace % 1 + numbered(200) + trace % 2)
    async with Reading(log).run_test(size=(60, 12)) as pilot:
        await shows(pilot, "ValueError: 2")
        await pilot.press("b")
        await shows(pilot, "ValueError: 1")
        assert screen_text(pilot.app.screen).lstrip().startswith("Traceback")


@pytest.mark.slow
async def test_no_traceback_is_said(tmp_path: Path) -> None:
    (tmp_path / "output.log").write_bytes(b"fine\n")
    app = Reading(tmp_path / "output.log")
    async with app.run_test(size=(60, 12)) as pilot:
        await shows(pilot, "fine")
        await pilot.press("b")
        await until(pilot, lambda: app.words, "a word")
        assert app.words == ["there is no traceback in the output"]


@pytest.mark.slow
async def test_a_long_file_keeps_its_place_when_it_has_been_counted(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    count = 3 * TAIL // 12
    log.write_bytes(numbered(count))
    app = Reading(log)
    async with app.run_test(size=(60, 12)) as pilot:
        await shows(pilot, f"line {count - 1}", f"{count:,} lines")
        await pilot.press("k", "k")
        await shows(pilot, f"line {count - 3}")
        await pilot.press("g")
        await shows(pilot, "line 0")


@pytest.mark.slow
async def test_what_is_truncated_or_replaced_is_read_anew(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_bytes(numbered(500))
    async with Reading(log).run_test(size=(60, 12)) as pilot:
        await shows(pilot, "line 499")
        log.write_bytes(b"short\n")
        await shows(pilot, "short", "1 line ·")
        (tmp_path / "other").write_bytes(b"rotated\n")
        (tmp_path / "other").rename(log)
        await shows(pilot, "rotated")
        log.unlink()
        await shows(pilot, "there is no output yet")
        log.write_bytes(b"again\n")
        await shows(pilot, "again")


async def test_hostile_bytes_do_no_harm(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_bytes(bytes(range(256)) * 50 + b"\n\x1b]0;title\x07\x1b[2J\x1b[?1049h[bold]markup[/] \xe2\x80\xaeend\n")
    async with Reading(log).run_test(size=(80, 24)) as pilot:
        await shows(pilot, "[bold]markup[/]", "end")
        text = screen_text(pilot.app.screen)
        assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in text if char != "\n")


@pytest.mark.slow
async def test_a_line_of_a_hundred_megabytes_is_shown_and_left(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    with log.open("wb") as file:
        file.write(b"before\nbegin ")
        os.truncate(log, 100_000_000)  # a hole: zeros, which are controls too
        file.seek(0, os.SEEK_END)
        file.write(b"\nafter\n")
    async with Reading(log).run_test(size=(80, 24)) as pilot:
        await shows(pilot, "before", "begin", "after", "3 lines")


@pytest.mark.slow
@pytest.mark.parametrize("size", [(20, 6), (200, 60)])
async def test_any_size_of_terminal_will_do(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "output.log").write_bytes(numbered(500))
    async with Reading(tmp_path / "output.log").run_test(size=size) as pilot:
        await shows(pilot, "line 499")
        await pilot.resize_terminal(3, 2)
        await pilot.resize_terminal(*size)
        await shows(pilot, "line 499")


@pytest.mark.slow
async def test_the_whole_output_is_copied_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "output.log").write_bytes(b"\x1b[1mraw\x1b[0m\n" * 1000)
    app = Reading(tmp_path / "output.log")
    async with app.run_test(size=(80, 12)) as pilot:
        await shows(pilot, "raw")
        await pilot.press("w", "enter")
        await until(pilot, lambda: app.words, "a word")
    assert (tmp_path / "digits.log").read_bytes() == (tmp_path / "output.log").read_bytes()
    assert "was copied to" in app.words[0]


def test_no_file_is_written_over_and_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    source = tmp_path / "output.log"
    source.write_bytes(b"text")
    (tmp_path / "there").write_bytes(b"mine")
    assert "exists" in save(source, tmp_path / "there")[0]
    assert (tmp_path / "there").read_bytes() == b"mine"
    assert "folder does not exist" in save(source, tmp_path / "no" / "file")[0]
    assert "no output" in save(tmp_path / "none", tmp_path / "copy")[0]
    (tmp_path / "folder").mkdir()
    assert save(source, tmp_path / "folder")[1] == "information"
    assert (tmp_path / "folder" / "output.log").read_bytes() == b"text"


async def test_small_outputs_go_to_the_clipboard_as_they_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    (tmp_path / "output.log").write_bytes(b"\x1b[1mbold\x1b[0m\r\nx\rlast")
    app = Reading(tmp_path / "output.log")
    async with app.run_test(size=(80, 12)) as pilot:
        await shows(pilot, "bold")
        await pilot.press("y")
        await until(pilot, lambda: app.words, "a word")
        assert app.clipboard == "bold\nlast"


def test_large_outputs_do_not_go_to_the_clipboard(tmp_path: Path) -> None:
    (tmp_path / "output.log").write_bytes(b"x" * (clipboard.LARGEST + 1))
    text, problem = whole_text(tmp_path / "output.log")
    assert text == ""
    assert "w copies it into a file" in problem


def test_tmux_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMUX", "/nowhere,1,0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert clipboard.copy("text", lambda _: None).startswith("tmux did not take the text")


def test_the_foot_says_how_far_counting_has_come() -> None:
    assert foot(LogState(lines=9, size=2048, whole=False, counted=0.5), True, -1) == (
        "the last 9 lines · 2.0K · counting 50% · following"
    )
