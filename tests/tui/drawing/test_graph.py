from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.drawing.graph import Box, Layout, Size, layout
from trainvis.tui.drawing.graph_page import Group, Words, graph_page

Edge = tuple[int, int]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Size], list[Edge]]:
    """Up to 14 boxes of any size, and edges between any of them: also twice, to themselves, in cycles."""
    count = draw(st.integers(1, 14))
    sizes = [Size(draw(st.integers(3, 20)), draw(st.integers(3, 4))) for _ in range(count)]
    node = st.integers(0, count - 1)
    return sizes, draw(st.lists(st.tuples(node, node), max_size=30))


def cells(corners: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Every cell of a way."""
    found = [corners[0]]
    for (x0, y0), (x1, y1) in pairwise(corners):
        assert x0 == x1 or y0 == y1, "ways run along rows and columns"
        step = ((x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0))
        while found[-1] != (x1, y1):
            found.append((found[-1][0] + step[0], found[-1][1] + step[1]))
    return found


def inside(cell: tuple[int, int], box: Box) -> bool:
    return box.left <= cell[0] <= box.right and box.top <= cell[1] <= box.bottom


@given(graphs())
def test_no_two_boxes_overlap_and_all_lie_on_the_page(graph: tuple[list[Size], list[Edge]]) -> None:
    lay = layout(*graph)
    for one, other in combinations(lay.boxes, 2):
        apart = one.right < other.left or other.right < one.left or one.bottom < other.top or other.bottom < one.top
        assert apart
    assert all(box.left >= 0 and box.top >= 0 for box in lay.boxes)
    assert all(box.right < lay.width and box.bottom < lay.height for box in lay.boxes)
    assert sorted(node for row in lay.ranks for node in row) == list(range(len(graph[0])))


@given(graphs())
def test_every_edge_leads_from_the_border_of_its_source_to_that_of_its_target_through_no_box(
    graph: tuple[list[Size], list[Edge]],
) -> None:
    sizes, edges = graph
    lay = layout(sizes, edges)
    assert set(lay.paths) | set(lay.broken) == {edge for edge in edges if edge[0] != edge[1]}
    for (source, target), corners in lay.paths.items():
        way = cells(corners)
        assert way[0][1] == lay.boxes[source].bottom
        assert lay.boxes[source].left < way[0][0] < lay.boxes[source].right
        assert way[-1][1] == lay.boxes[target].top
        assert lay.boxes[target].left < way[-1][0] < lay.boxes[target].right
        assert not any(inside(cell, box) for cell in way[1:-1] for box in lay.boxes)


@given(graphs())
def test_edges_of_different_sources_cross_but_never_run_along_each_other(
    graph: tuple[list[Size], list[Edge]],
) -> None:
    lay = layout(*graph)
    users: dict[frozenset[tuple[int, int]], set[int]] = {}
    for (source, _), corners in lay.paths.items():
        for step in pairwise(cells(corners)):
            users.setdefault(frozenset(step), set()).add(source)
    assert all(len(sources) == 1 for sources in users.values())


@given(graphs())
def test_without_cycles_every_edge_is_drawn_downwards(graph: tuple[list[Size], list[Edge]]) -> None:
    sizes, edges = graph
    lay = layout(sizes, [edge for edge in edges if edge[0] < edge[1]])
    assert not lay.broken
    assert all(lay.boxes[source].bottom < lay.boxes[target].top for source, target in lay.paths)


def drawn(names: str, edges: list[Edge], width: int, height: int, groups: list[Group] | None = None) -> str:
    words = [Words(name, "") for name in names]
    lay = layout([Size(5, 3) for _ in names], edges)
    return str(graph_page(words, lay, width, height, 0, groups or []))


def test_a_line_of_layers_is_drawn_as_boxes_below_each_other() -> None:
    assert drawn("ab", [(0, 1)], 5, 7).splitlines() == [
        "┏━━━┓",
        "┃ a ┃",
        "┗━┯━┛",
        "  │",
        "╭─┴─╮",
        "│ b │",
        "╰───╯",
    ]


def test_branches_part_and_join_and_a_skip_runs_down_at_the_side() -> None:
    assert drawn("abcd", [(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)], 17, 12).splitlines() == [
        "     ┏━━━┓",
        "     ┃ a ┃",
        "     ┗━┯━┛",
        "   ┌───┴───┬───┐",
        " ╭─┴─╮   ╭─┴─╮ │",
        " │ b │   │ c │ │",
        " ╰─┬─╯   ╰─┬─╯ │",
        "   └─┐ ┌───┘   │",
        "     │ │ ┌─────┘",
        "   ╭─┴─┴─┴─╮",
        "   │   d   │",
        "   ╰───────╯",
    ]


def test_a_group_is_told_by_a_bracket_with_its_name() -> None:
    page = drawn("abc", [(0, 1), (1, 2)], 9, 11, [Group("model/tail", [1, 2])])
    assert [line[:3].rstrip() for line in page.splitlines()] == [
        "",
        "",
        "",
        "",
        " ╭",
        " t",
        " a",
        " i",
        " l",
        " │",
        " ╰",
    ]


def test_a_graph_of_thousands_of_layers_in_a_line_is_laid_out_at_once() -> None:
    lay: Layout = layout([Size(9, 3)] * 2000, [(at, at + 1) for at in range(1999)])
    assert lay.height == 2000 * 4 - 1
    assert {box.left for box in lay.boxes} == {0}
