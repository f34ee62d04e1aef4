"""A layout of a layer graph in cells: boxes with what stands in them, edges as lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len

from .canvas import Ink
from .cells import cut, steady
from .graph import Layout, Point, Size
from .page import Page

_NORTH, _EAST, _SOUTH, _WEST = 1, 2, 4, 8
_LINES = " ╵╶└╷│┌├╴┘─┴┐┤┬┼"  # by the directions in which a line leaves the cell
_MOST = 32  # cells of a line in a box


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in a box: its name, and facts below it; side by side where it is alone in its rank."""

    name: str
    facts: str
    ink: int = Ink.TEXT

    def size(self, *, alone: bool) -> Size:
        if alone:
            return Size(cell_len(f"{self.clean} {self.facts}".rstrip()) + 4, 3)
        return Size(max(cell_len(self.short), cut(self.facts, _MOST)[1]) + 4, 4)

    @property
    def clean(self) -> str:
        """The name as it can be shown."""
        return steady(self.name, 60)

    @property
    def short(self) -> str:
        """The end of the name, which tells more than its beginning."""
        clean = self.clean
        return clean if len(clean) <= _MOST else "…" + clean[1 - _MOST :]


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes that lie inside of something with a name."""

    name: str
    nodes: Sequence[int]


def graph_page(
    words: Sequence[Words], lay: Layout, width: int, height: int, cursor: int = 0, groups: Sequence[Group] = ()
) -> Page:
    """The part of the graph around a node. Its edges are bright. The hits of the page count nodes."""
    page = Page(width, height)
    if not words or width < 3 or height < 1:
        return page
    gutter = _gutter(lay, groups)
    aside = 2 * (max(gutter.values(), default=-1) + 1)
    box = lay.boxes[cursor]
    left = _scrolled(box.left, box.width, lay.width, width - aside) - aside
    top = _scrolled(box.top, box.height, lay.height, height)
    own = {edge for edge in lay.paths if cursor in edge}
    _lines(page, lay.paths, own, left, top)
    for node, each in enumerate(words):
        _box(page, lay, node, each, left, top, selected=node == cursor)
    _ends(page, lay, own, left, top)
    if aside:
        _brackets(page, lay, groups, {at: max(-left - aside, 0) + 2 * each for at, each in gutter.items()}, top)
    return page


def _scrolled(start: int, length: int, whole: int, room: int) -> int:
    """Where the window begins so that a box lies in its middle; all is in the middle where there is room."""
    if whole <= room:
        return -((room - whole) // 2)
    return max(min(start + length // 2 - room // 2, whole - room), 0)


def _box(page: Page, lay: Layout, node: int, words: Words, left: int, top: int, *, selected: bool) -> None:
    box = lay.boxes[node]
    column, row = box.left - left, box.top - top
    if row >= page.height or row + box.height <= 0 or column >= page.width or column + box.width <= 0:
        return
    ink = Ink.SELECTED if selected else words.ink
    corners, across, down = ("┏┓┗┛", "━", "┃") if selected else ("╭╮╰╯", "─", "│")
    for at in range(column, column + box.width):
        for line, (first, last) in ((row, corners[:2]), (row + box.height - 1, corners[2:])):
            page.put(at, line, first if at == column else last if at == column + box.width - 1 else across, ink)
    inner = box.width - 4
    title = Ink.SELECTED if selected else Ink.TITLE
    for line in range(row + 1, row + box.height - 1):
        page.put(column, line, down, ink)
        page.put(column + box.width - 1, line, down, ink)
    if box.height == 3:
        start = column + 2 + (inner - cell_len(f"{words.clean} {words.facts}".rstrip())) // 2
        page.text(page.text(start, row + 1, words.clean, title, inner) + 1, row + 1, words.facts, Ink.DIM)
    else:
        (facts, long), short = cut(words.facts, _MOST), words.short
        page.text(column + 2 + (inner - cell_len(short)) // 2, row + 1, short, title, inner)
        page.text(column + 2 + (inner - long) // 2, row + 2, facts, Ink.DIM, inner)
    page.hit(column, row, node, box.width, box.height)


def _lines(
    page: Page, paths: Mapping[tuple[int, int], tuple[Point, ...]], own: set[tuple[int, int]], left: int, top: int
) -> None:
    """Edges of one source are one net and join; where two nets cross, the one that goes down lies above."""
    nets: dict[Point, dict[int, int]] = {}
    bright: set[Point] = set()
    for edge, corners in paths.items():
        if max(row for _, row in corners) < top or min(row for _, row in corners) >= top + page.height:
            continue
        for cell, bits in _cells(corners):
            at = nets.setdefault(cell, {})
            at[edge[0]] = at.get(edge[0], 0) | bits
            if edge in own:
                bright.add(cell)
    for cell, found in nets.items():
        bits = next(iter(found.values())) if len(found) == 1 else _NORTH | _SOUTH
        page.put(cell[0] - left, cell[1] - top, _LINES[bits], Ink.SELECTED if cell in bright else Ink.DIM)


def _cells(corners: Sequence[Point]) -> Iterable[tuple[Point, int]]:
    """Every cell of a way, and in which directions it leaves it."""
    places: list[Point] = [corners[0]]
    for (from_x, from_y), (to_x, to_y) in pairwise(corners):
        step_x, step_y = (to_x > from_x) - (to_x < from_x), (to_y > from_y) - (to_y < from_y)
        x, y = from_x, from_y
        while (x, y) != (to_x, to_y):
            x, y = x + step_x, y + step_y
            places.append((x, y))
    bits: dict[Point, int] = {}
    for here, there in pairwise(places):
        out, back = _direction(here, there), _direction(there, here)
        bits[here] = bits.get(here, 0) | out
        bits[there] = bits.get(there, 0) | back
    return bits.items()


def _direction(here: Point, there: Point) -> int:
    if here[0] == there[0]:
        return _SOUTH if there[1] > here[1] else _NORTH
    return _EAST if there[0] > here[0] else _WEST


def _ends(page: Page, lay: Layout, own: set[tuple[int, int]], left: int, top: int) -> None:
    """Where edges leave and enter the borders of boxes."""
    for edge, corners in lay.paths.items():
        for (column, row), light, heavy, node in (
            (corners[0], "┬", "┯", edge[0]),
            (corners[-1], "┴", "┷", edge[1]),
        ):
            x, y = column - left, row - top
            if 0 <= x < page.width and 0 <= y < page.height:
                thick = page.chars[y, x] in "━┯┷"
                ink = Ink.SELECTED if edge in own else int(page.inks[y, x])
                page.put(x, y, heavy if thick else light, ink)
                page.hit(x, y, node)


def _gutter(lay: Layout, groups: Sequence[Group]) -> dict[int, int]:
    """The column of brackets in which each group is told: groups beside each other have columns of their own."""
    found: dict[int, int] = {}
    spans = {at: _span(lay, group) for at, group in enumerate(groups)}
    for at in sorted(spans, key=lambda each: (spans[each][0] - spans[each][1], spans[each][0])):
        first, last = spans[at]
        taken = {found[each] for each in found if spans[each][0] <= last and first <= spans[each][1]}
        found[at] = next(column for column in range(len(groups)) if column not in taken)
    return found


def _span(lay: Layout, group: Group) -> tuple[int, int]:
    boxes = [lay.boxes[node] for node in group.nodes]
    return min(box.top for box in boxes), max(box.bottom for box in boxes)


def _brackets(page: Page, lay: Layout, groups: Sequence[Group], gutter: Mapping[int, int], top: int) -> None:
    for at, group in enumerate(groups):
        first, last = _span(lay, group)
        column = gutter[at]
        name = steady(group.name.rpartition("/")[2], 40)
        for row in range(max(first, top), min(last + 1, top + page.height)):
            char = "╭" if row == first else "╰" if row == last else "│"
            page.put(column, row - top, char, Ink.CURSOR)
            page.put(column + 1, row - top, " ", Ink.BLANK)
        start = max(first, top) + (first >= top)
        for row, char in enumerate(name[: max(last - start, 0)], start):
            page.put(column, row - top, char, Ink.TITLE)
