"""A test for every private part of Textual that the application touches."""

from __future__ import annotations

import queue
import types
from typing import ClassVar

import pytest
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual import constants, events
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from trainvis.tui import compat


class Hello(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("hello")


async def test_the_screen_is_read_as_text() -> None:
    async with Hello().run_test(size=(10, 2)) as pilot:
        assert compat.screen_text(pilot.app.screen) == "hello\n"


async def test_without_a_terminal_nothing_is_ever_busy_or_written() -> None:
    async with Hello().run_test() as pilot:
        assert not compat.busy(pilot.app)
        compat.write(pilot.app, "\x1b]9;hello\x07")


def test_the_writer_of_textual_still_keeps_a_queue() -> None:
    with open("/dev/null", "w") as nowhere:
        writer = WriterThread(nowhere)
        app = types.SimpleNamespace(_driver=types.SimpleNamespace(_writer_thread=writer))
        assert isinstance(writer._queue, queue.Queue)
        assert not compat.busy(app)  # type: ignore[arg-type]
        writer.write("a frame")
        assert compat.busy(app)  # type: ignore[arg-type]
        writer.start()
        writer.stop()


async def test_the_driver_still_calls_it_so() -> None:
    driver = LinuxDriver(Hello(), size=(80, 24))
    assert driver._writer_thread is None
    assert callable(driver.write)


@pytest.mark.parametrize(("colors", "rich"), [("truecolor", "truecolor"), ("256", "256"), ("16", "standard")])
def test_the_next_application_draws_in_the_colours_that_were_found(
    monkeypatch: pytest.MonkeyPatch, colors: str, rich: str
) -> None:
    monkeypatch.setattr(constants, "COLOR_SYSTEM", "auto")
    compat.set_colors(colors)
    assert Hello().console.color_system == rich


def test_no_colours_at_all_are_asked_for_as_textual_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "COLOR_SYSTEM", "auto")
    monkeypatch.setenv("NO_COLOR", "")
    compat.set_colors("none")
    assert Hello().no_color


def test_the_text_of_a_crash_holds_no_values() -> None:
    values = {"password": str(7 * 11 * 13)}
    try:
        values["name"]
    except KeyError as error:
        text = compat.crash_text(error)
    assert 'values["name"]' in text
    assert "1001" not in text


class Dangerous(compat.KeysInOrder, App[None]):
    """A list that deletes with `d`, and a line that `/` opens."""

    BINDINGS: ClassVar[list[BindingType]] = [("d", "delete"), ("slash", "type")]
    deleted = 0

    def compose(self) -> ComposeResult:
        yield OptionList("a run")
        yield Input()

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def action_delete(self) -> None:
        self.deleted += 1

    def action_type(self) -> None:
        self.screen.set_focus(self.query_one(Input))


async def test_letters_that_come_in_one_packet_after_a_slash_go_into_the_line() -> None:
    async with Dangerous().run_test() as pilot:
        app = pilot.app
        assert isinstance(app, Dangerous)
        await pilot.press("d")
        assert app.deleted == 1
        for key, character in (("slash", "/"), ("d", "d"), ("e", "e"), ("d", "d")):
            app.post_message(events.Key(key, character))  # no waiting between them
        await pilot.pause()
        assert (app.query_one(Input).value, app.deleted) == ("ded", 1)


class Stacked(compat.HiddenScreens, Hello):
    pass


async def test_what_changes_below_a_screen_is_drawn_only_where_it_shows_through() -> None:
    async with Stacked().run_test(size=(10, 2)) as pilot:
        lower = pilot.app.screen
        await pilot.app.push_screen(ModalScreen[None]())
        assert lower.is_current
        await pilot.app.push_screen(Screen[None]())
        assert not lower.is_current
        lower.query_one(Static).update("later")
        await pilot.app.pop_screen()
        await pilot.app.pop_screen()
        await pilot.pause()
        assert compat.screen_text(lower) == "later\n"


class Line(Widget):
    """One line of a picture: what is sent, and what it is made of where somebody takes it apart."""

    made = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        def segments() -> list[Segment]:
            Line.made += 1
            return [Segment("ab", Style(color="red")), Segment("cd")]

        return [compat.Ready("as it is", 4, segments)][crop.y : crop.bottom]


async def test_a_line_that_is_ready_is_sent_as_it_is_and_taken_apart_only_for_who_asks() -> None:
    class Ready(App[None]):
        def compose(self) -> ComposeResult:
            yield Line()

    strip = Line().render_lines(Region(0, 0, 4, 1))[0]
    assert strip
    assert (strip.cell_length, strip.cell_count) == (4, 4)
    assert strip.divide([4]) == [strip]
    Line.made = 0
    assert strip.adjust_cell_length(4).render(Hello().console) == "as it is"
    assert Line.made == 0
    assert strip.crop(1, 3).text == "bc"
    assert Strip.join([strip, Strip([Segment("e")])]).text == "abcde"
    async with Ready().run_test(size=(4, 1)) as pilot:
        assert compat.screen_text(pilot.app.screen) == "abcd"


def test_a_style_of_our_own_is_sent_as_it_was_made_in_any_number_of_colours() -> None:
    style = compat.coloured("38;5;34", Color.from_ansi(34))
    for system in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD):
        assert Strip.render_style(style, "x", system) == "\x1b[38;5;34mx\x1b[0m"


async def test_what_lies_over_a_widget_is_known() -> None:
    class Layers(App[None]):
        CSS = "Screen { layers: below above; } #over { layer: above; width: 3; height: 1; offset: 2 0; }"

        def compose(self) -> ComposeResult:
            yield Static("below", id="under")
            yield Static("far", id="far")
            yield Static("!!!", id="over")

    async with Layers().run_test(size=(20, 5)) as pilot:
        assert compat.covered(pilot.app.query_one("#under"))
        assert not compat.covered(pilot.app.query_one("#far"))
        pilot.app.query_one("#over").display = False
        await pilot.pause()
        assert not compat.covered(pilot.app.query_one("#under"))
