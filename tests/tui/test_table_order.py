from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.widgets.table_order import Filter, Order, Sorting


@dataclass(frozen=True)
class Item:
    name: str
    value: float | str | None = None


def order_of(*items: Item) -> Order[Item]:
    order = Order[Item](lambda item: item.name, lambda item: item.name.casefold())
    order.replace(items)
    return order


def names(order: Order[Item]) -> str:
    return "".join(order.at(position).name for position in range(len(order)))


def by_value(item: Item) -> float | str | None:
    return item.value


def test_what_is_not_known_sorts_last_in_both_directions() -> None:
    order = order_of(Item("a", None), Item("b", math.nan), Item("c", 2.0), Item("d", 1.0))
    order.sort(Sorting(by_value))
    assert names(order) == "dcba"
    order.sort(Sorting(by_value, descending=True))
    assert names(order) == "cdba"
    order.sort(None)
    assert names(order) == "abcd"


def test_numbers_and_texts_in_one_column_sort_beside_each_other() -> None:
    order = order_of(Item("a", "adam"), Item("b", 2.0), Item("c", 10))
    order.sort(Sorting(by_value))
    assert names(order) == "bca"


def test_equal_rows_keep_the_order_they_came_in() -> None:
    items = [Item("a", 1.0), Item("b", 1.0), Item("c", 0.0)]
    order = order_of(*items)
    order.sort(Sorting(by_value))
    order.replace([Item("a", 1.0), *items[1:]])
    assert names(order) == "cab"


def test_a_row_that_changed_finds_its_new_place_and_verdict() -> None:
    items = [Item("a", 1.0), Item("b", 2.0), Item("c", 3.0)]
    order = order_of(*items)
    order.sort(Sorting(by_value))
    order.filter(Filter(test=lambda item: item.value is not None and item.value < 10))
    order.replace([items[0], replace(items[1], value=9.0), replace(items[2], value=20.0)])
    assert names(order) == "ab"
    assert order.find("c") is None
    assert order.item("c") == Item("c", 20.0)


def test_what_a_filter_keeps_of_the_rows_is_gone_with_them() -> None:
    def large(items: Sequence[Item], kept: dict[Hashable, list[object]]) -> list[bool]:
        column = kept.setdefault("value", [item.value for item in items])
        return [value == 9.0 for value in column]

    chosen = Filter(test=lambda item: item.value == 9.0, verdicts=large)
    order = order_of(Item("a", 9.0), Item("b", 1.0))
    order.filter(chosen)
    assert names(order) == "a"
    order.replace([Item("a", 9.0), Item("b", 9.0)])
    assert names(order) == "ab"
    order.filter(chosen)
    assert names(order) == "ab"
    order.replace([Item("c", 1.0), Item("a", 9.0)])
    assert names(order) == "a"


def test_rows_that_come_and_go_keep_their_identity() -> None:
    order = order_of(Item("a"), Item("b"))
    order.replace([Item("c"), Item("a"), Item("b")])
    assert [order.find(name) for name in "abcx"] == [1, 2, 0, None]
    order.replace([])
    assert len(order) == 0


def test_every_word_must_be_in_the_text_whatever_its_case() -> None:
    order = order_of(Item("digits CNN"), Item("digits"), Item("cnn"))
    order.filter(Filter(words=("cnn", "digits")))
    assert order.shown == [0]
    order.filter(Filter(words=("cnn",), test=lambda item: item.name != "cnn"))
    assert order.shown == [0]
    order.filter(Filter())
    assert order.shown == [0, 1, 2]


VALUES = st.one_of(st.none(), st.floats(), st.text(max_size=3))


@given(st.lists(VALUES, max_size=20), st.data())
def test_changing_rows_one_by_one_gives_what_a_fresh_table_gives(
    values: list[float | str | None], data: st.DataObject
) -> None:
    def passes(item: Item) -> bool:
        return item.value is not None

    items = [Item(str(index), value) for index, value in enumerate(values)]
    chosen = Filter(words=("1",), test=passes)
    order = order_of(*items)
    order.sort(Sorting(by_value))
    order.filter(chosen)
    for index in data.draw(st.lists(st.integers(0, max(len(items) - 1, 0)), max_size=5)) if items else []:
        items = [*items[:index], Item(str(index), data.draw(VALUES)), *items[index + 1 :]]
        order.replace(items)
    fresh = order_of(*items)
    fresh.filter(chosen)
    fresh.sort(Sorting(by_value))
    assert order.shown == fresh.shown
