from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from textual.app import App, ComposeResult

from trainvis.tui import compat, keys
from trainvis.tui.widgets.table import Column, Table
from trainvis.tui.widgets.table_order import Filter


@dataclass(frozen=True)
class Item:
    name: str
    value: float = 0.0


COLUMNS = (
    Column("name", "name", 8, lambda item, _: item.name, lambda item: item.name),
    Column("value", "value", 6, lambda item, _: f"{item.value:g}", lambda item: item.value, align="right", priority=9),
    Column("now", "now", 5, lambda _, now: f"{now:g}", lambda item: None, priority=1),
)


class Stage(App[None]):
    """A table alone on the screen. `painted` counts the lines that were drawn anew."""

    def __init__(self, items: list[Item], columns: tuple[Column, ...] = COLUMNS) -> None:
        super().__init__()
        self.now = 1.0
        self.messages: list[object] = []
        self.table = Table[Item](columns, identity=lambda item: item.name, text=lambda item: item.name, clock=self._now)
        self.first = items

    def _now(self) -> float:
        return self.now

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.set_items(self.first)
        self.table.focus()

    def on_table_header_clicked(self, message: Table.HeaderClicked) -> None:
        self.messages.append(message.key)

    def on_table_opened(self) -> None:
        self.messages.append("opened")

    @property
    def lines(self) -> list[str]:
        return [line for line in compat.screen_text(self.screen).splitlines() if line.strip()]


def items(count: int) -> list[Item]:
    return [Item(f"r{index:03d}", float(count - index)) for index in range(count)]


async def test_rows_columns_and_the_cursor_are_drawn_in_line() -> None:
    app = Stage([Item("a", 1), Item("b", 12.5)])
    async with app.run_test(size=(40, 8)) as pilot:
        await pilot.pause()
        assert app.lines == [
            "  name       value  now",
            "› a              1  1",
            "  b           12.5  1",
        ]


@pytest.mark.slow
async def test_every_key_of_the_table_does_what_the_key_table_says() -> None:
    more = [replace(COLUMNS[2], key=f"more{index}", title=f"m{index}") for index in range(9)]
    app = Stage(items(100), (*COLUMNS, *more))
    steps = {"table.up": -1, "table.down": 1, "table.page_up": -9, "table.page_down": 9, "table.top": -50}
    steps |= {"table.bottom": 49, "table.scroll_left": 0, "table.scroll_right": 0}
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("L")
        for entry in keys.TABLE["table"]:
            for key in entry.keys.split(","):
                app.table.move_to(50)
                await pilot.pause()
                before = app.lines[0]
                await pilot.press(key)
                assert app.table.cursor == 50 + steps[entry.id], key
                assert any(line.startswith(f"› r{app.table.cursor:03d}") for line in app.lines), key
                assert (app.lines[0] != before) == entry.id.startswith("table.scroll"), key
                assert app.lines[0].split()[0] == "name"  # the first column stays
                if entry.id == "table.scroll_left":
                    await pilot.press("L")


@pytest.mark.slow
async def test_the_cursor_stays_within_the_rows() -> None:
    app = Stage(items(3))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("up", "up")
        assert app.table.cursor == 0
        await pilot.press("G", "down", "pagedown")
        assert app.table.cursor == 2
        app.table.set_items([])
        await pilot.press("down", "up", "G", "g", "pagedown")
        assert app.table.current is None


async def test_the_selected_row_stays_selected_when_rows_come_go_and_are_sorted_and_filtered() -> None:
    app = Stage(items(50))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.table.move_to(20)
        app.table.set_items([Item("new", 99), *items(50)])
        assert app.table.current == Item("r020", 30)
        app.table.sort(COLUMNS[1])
        assert app.table.current == Item("r020", 30)
        app.table.filter(Filter(words=("r01",)))
        assert app.table.current != Item("r020", 30)  # it is hidden, another row is under the cursor
        app.table.filter(Filter())
        assert app.table.current == Item("r020", 30)
        await pilot.pause()
        assert any(line.startswith("› r020") for line in app.lines)


async def test_a_run_that_is_gone_leaves_the_cursor_where_it_was() -> None:
    app = Stage(items(5))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.table.move_to(2)
        app.table.set_items([item for item in items(5) if item.name != "r002"])
        assert app.table.current == Item("r003", 2)


async def test_a_new_row_at_the_top_is_seen_while_the_table_stands_at_the_top() -> None:
    app = Stage(items(50))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("down")
        app.table.set_items([Item("new"), *items(50)])
        await pilot.pause()
        assert app.lines[1].startswith("  new")
        assert app.lines[3].startswith("› r001")


async def test_marks_stay_with_their_rows_and_those_of_hidden_rows_do_not_count() -> None:
    app = Stage(items(5))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.table.move_to(3)
        app.table.toggle_mark()
        app.table.move_to(1)
        app.table.toggle_mark()
        await pilot.pause()
        assert [line for line in app.lines if line[1] == "●"] == [
            "  r001"[:1] + "●r001           4  1",
            " ●r003           2  1",
        ]
        assert [item.name for item in app.table.marked()] == ["r003", "r001"]  # in the order of marking
        app.table.filter(Filter(words=("r003",)))
        assert [item.name for item in app.table.marked()] == ["r003"]
        app.table.set_items([item for item in items(5) if item.name != "r001"])
        assert list(app.table.marks) == ["r003"]


async def test_only_rows_that_look_different_are_repainted(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Stage(items(8), COLUMNS[:2])
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        await pilot.press("down")
        drawn: list[int] = []
        render_line = app.table.render_line
        monkeypatch.setattr(app.table, "render_line", lambda y: (drawn.append(y), render_line(y))[1])
        rows = items(8)
        rows[5] = replace(rows[5], value=77.0)
        app.table.set_items(rows)
        await pilot.pause()
        assert set(drawn) == {6}  # the header is line 0
        drawn.clear()
        await pilot.press("down")
        await pilot.pause()
        assert set(drawn) == {2, 3}
        drawn.clear()
        app.table.set_items(list(rows))
        await pilot.pause()
        assert drawn == []


async def test_time_repaints_what_shows_it() -> None:
    app = Stage(items(2))
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        app.now = 5.0
        app.table.repaint_changed()
        await pilot.pause()
        assert [line.split()[-1] for line in app.lines[1:]] == ["5", "5"]


@pytest.mark.slow
async def test_columns_of_low_priority_give_way_and_the_header_says_so() -> None:
    app = Stage(items(2))
    async with app.run_test(size=(24, 6)) as pilot:
        await pilot.pause()
        assert app.lines[0].split() == ["name", "value", "+1", "›"]
        await pilot.resize_terminal(14, 6)
        await pilot.pause()
        assert app.lines[0].split()[0] == "name"
        assert "value" not in app.lines[0]
        await pilot.resize_terminal(3, 2)
        await pilot.pause()
        await pilot.resize_terminal(40, 6)
        await pilot.pause()
        assert app.lines[0].split() == ["name", "value", "now"]


@pytest.mark.slow
async def test_the_mouse_sorts_by_a_header_and_opens_by_a_double_click() -> None:
    app = Stage(items(5))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        await pilot.click(Table, offset=(14, 0))
        await pilot.click(Table, offset=(4, 3))
        assert app.table.cursor == 2
        await pilot.click(Table, offset=(4, 3), times=2)
        await pilot.pause()
        assert app.messages == ["value", "opened"]
        await pilot.click(Table, offset=(4, 9))  # below the rows
        assert app.table.cursor == 2


async def test_the_sorted_column_says_so_in_its_title() -> None:
    app = Stage(items(3))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.table.sort(COLUMNS[1])
        await pilot.pause()
        assert "value▲" in app.lines[0]
        assert app.lines[1].startswith("  r002")
        app.table.sort(COLUMNS[1], descending=True)
        await pilot.pause()
        assert "value▼" in app.lines[0]


@pytest.mark.slow
async def test_a_hundred_thousand_rows_are_drawn_a_screen_at_a_time() -> None:
    asked: list[Item] = []
    column = Column("name", "name", 8, lambda item, _: (asked.append(item), item.name)[1], lambda item: item.name)
    app = Stage([Item(str(index)) for index in range(100_000)], (column,))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("G")
        await pilot.pause()
        assert "› 99999" in app.lines[-1]
        assert len({item.name for item in asked}) < 40


@pytest.mark.slow
async def test_another_theme_repaints_every_row_in_its_colours() -> None:
    app = Stage(items(3))
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.pause()

        def inks() -> list[set[object]]:
            strips = app.screen._compositor.render_strips()[:4]
            return [
                {(segment.style.color, segment.style.bgcolor) for segment in strip if segment.style} for strip in strips
            ]

        before = inks()
        app.theme = "solarized-light"
        await pilot.pause()
        assert all(old.isdisjoint(new) for old, new in zip(before, inks(), strict=True))


@pytest.mark.slow
async def test_a_cursor_that_leaves_the_view_comes_back_in_the_middle() -> None:
    app = Stage(items(100))
    async with app.run_test(size=(40, 11)) as pilot:
        await pilot.press(*["down"] * 10)
        await pilot.pause()
        assert app.lines[6].startswith("› r010")
        await pilot.press(*["down"] * 4)
        assert app.lines[10].startswith("› r014")  # nothing was scrolled meanwhile
        await pilot.press("G", "g")
        assert app.lines[1].startswith("› r000")
