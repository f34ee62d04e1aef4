"""Where the boxes of a layer graph lie, and how its edges run: layers from top to bottom, long edges at the right side.

A layout by layers after Sugiyama, Tagawa, Toda 1981, "Methods for Visual Understanding of Hierarchical System
Structures": each node lies below all that it reads, nodes of one rank are ordered by the mean place of their
neighbours. Edges run in the gaps between ranks; one that skips a rank runs down beside all boxes that it passes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Point = tuple[int, int]
_APART = 3  # cells between boxes of a rank


@dataclass(frozen=True, slots=True)
class Size:
    """Cells of a box, its border with it."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Box:
    """A node's place: left, top, width, height."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The last column."""
        return self.left + self.width - 1

    @property
    def bottom(self) -> int:
        """The last row."""
        return self.top + self.height - 1

    @property
    def middle(self) -> int:
        """The column in which edges leave it."""
        return self.left + self.width // 2


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes by node, and for each edge (source, target) its corners (column, row), from border to border.

    `ranks` are the nodes from top to bottom, each from left to right. `broken` are edges of cycles: they are not drawn.
    """

    boxes: tuple[Box, ...]
    paths: Mapping[tuple[int, int], tuple[Point, ...]]
    ranks: tuple[tuple[int, ...], ...]
    width: int
    height: int
    broken: tuple[tuple[int, int], ...] = ()


def layout(sizes: Sequence[Size], edges: Iterable[tuple[int, int]]) -> Layout:
    """Lay out nodes of these sizes. An edge that is there twice is one."""
    wanted = sorted({(a, b) for a, b in edges if a != b})
    order = _topological(len(sizes), wanted)
    place = {node: at for at, node in enumerate(order)}
    kept = [edge for edge in wanted if place[edge[0]] < place[edge[1]]]
    rank = _ranks(order, kept)
    ranks = _ordered(rank, kept)
    arriving = _neighbours(kept, into=True)
    wide = [_odd(max(size.width, 2 * len(arriving.get(node, ())) + 3)) for node, size in enumerate(sizes)]
    spans = _spans(ranks, wide, kept)
    middle = _middles(ranks, spans, arriving, rank)
    least = min((each - width // 2 for each, width in zip(middle, wide, strict=True)), default=0)
    left = [each - width // 2 - least for each, width in zip(middle, wide, strict=True)]
    broken = tuple(edge for edge in wanted if place[edge[0]] > place[edge[1]])
    return _Router(sizes, wide, left, ranks, rank, kept).layout(broken)


def _odd(width: int) -> int:
    return width + 1 - width % 2


def _neighbours(edges: Iterable[tuple[int, int]], *, into: bool) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for source, target in edges:
        found.setdefault(target if into else source, []).append(source if into else target)
    return found


def _topological(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """All nodes, each after what it reads, as far as there is no cycle; in their own order where that allows it."""
    waiting = [0] * count
    after = _neighbours(edges, into=False)
    for _, target in edges:
        waiting[target] += 1
    ready = deque(node for node in range(count) if not waiting[node])
    order: list[int] = []
    left = dict.fromkeys(range(count))
    while left:
        if not ready:  # a cycle: its first node breaks it
            ready.append(next(iter(left)))
        node = ready.popleft()
        if node not in left:
            continue
        del left[node]
        order.append(node)
        for target in after.get(node, ()):
            waiting[target] -= 1
            if waiting[target] == 0 and target in left:
                ready.append(target)
    return order


def _ranks(order: Sequence[int], edges: Sequence[tuple[int, int]]) -> list[int]:
    """The rank of each node: one below the lowest that it reads; what reads nothing just above what reads it."""
    reads, after = _neighbours(edges, into=True), _neighbours(edges, into=False)
    rank = [0] * len(order)
    for node in order:
        rank[node] = max((rank[source] + 1 for source in reads.get(node, ())), default=0)
    for node in order:
        if node not in reads and node in after:
            rank[node] = min(rank[target] for target in after[node]) - 1
    return rank


def _ordered(rank: Sequence[int], edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The nodes of each rank from left to right, by the mean place of their neighbours: down, up and down again."""
    ranks: list[list[int]] = [[] for _ in range(max(rank, default=-1) + 1)]
    for node, at in enumerate(rank):
        ranks[at].append(node)
    reads, after = _neighbours(edges, into=True), _neighbours(edges, into=False)
    place = {node: at / max(len(each) - 1, 1) for each in ranks for at, node in enumerate(each)}
    for sweep in range(3):
        around = after if sweep % 2 else reads
        for row in reversed(ranks) if sweep % 2 else ranks:
            means = {
                node: sum(place[each] for each in around[node]) / len(around[node]) if node in around else place[node]
                for node in row
            }
            row.sort(key=means.__getitem__)
            place |= {node: at / max(len(row) - 1, 1) for at, node in enumerate(row)}
    return ranks


def _spans(ranks: Sequence[Sequence[int]], wide: Sequence[int], edges: Sequence[tuple[int, int]]) -> list[int]:
    """The width of the widest box from each node on, as long as it goes straight on: what it needs to hang below it."""
    reads, after = _neighbours(edges, into=True), _neighbours(edges, into=False)
    spans = list(wide)
    for row in reversed(ranks):
        for node in row:
            following = after.get(node, ())
            if len(following) == 1 and len(reads[following[0]]) == 1:
                spans[node] = max(wide[node], spans[following[0]])
    return spans


def _middles(
    ranks: Sequence[Sequence[int]], spans: Sequence[int], reads: Mapping[int, Sequence[int]], rank: Sequence[int]
) -> list[int]:
    """The middle of each box: as near as can be below the middle of what it reads."""
    middle = [0] * len(spans)
    for row in ranks:
        wished: dict[int, float] = {}
        end = None  # the first column that is free at the right of the last box
        for node in row:
            near = [each for each in reads.get(node, ()) if rank[each] == rank[node] - 1] or reads.get(node, ())
            if near:
                wished[node] = sum(middle[each] for each in near) / len(near)
            half = spans[node] // 2
            wish = round(wished.get(node, 0 if end is None else end + half))
            middle[node] = wish if end is None else max(wish, end + half)
            end = middle[node] + half + 1 + _APART
        if wished:
            shift = round(sum(wish - middle[node] for node, wish in wished.items()) / len(wished))
        else:
            shift = -(middle[row[0]] + middle[row[-1]]) // 2
        for node in row:
            middle[node] += shift
    return middle


class _Router:
    """Finds the way of each edge. In a gap no two nets (edges of one source) share a row or a column they overlap in:
    rows are tracks, and where an edge arrives no other one leaves above it.
    """

    def __init__(
        self, sizes: Sequence[Size], wide: Sequence[int], left: Sequence[int], ranks: Sequence[Sequence[int]],
        rank: Sequence[int], edges: Sequence[tuple[int, int]],
    ) -> None:  # fmt: skip
        self.sizes, self.wide, self.left, self.ranks, self.rank, self.edges = sizes, wide, left, ranks, rank, edges
        self.middle = [each + width // 2 for each, width in zip(left, wide, strict=True)]
        self.lanes = self._lanes()
        self.ports = self._ports()

    def _is_long(self, edge: tuple[int, int]) -> bool:
        return self.rank[edge[1]] - self.rank[edge[0]] > 1

    def _lanes(self) -> dict[int, int]:
        """For each source of long edges the column in which they run down."""
        lowest: dict[int, int] = {}
        for source, target in filter(self._is_long, self.edges):
            lowest[source] = max(lowest.get(source, 0), self.rank[target])
        ends = [max((self.left[node] + self.wide[node] for node in row), default=0) for row in self.ranks]
        lanes: dict[int, int] = {}
        for source in sorted(lowest, key=lambda node: (lowest[node] - self.rank[node], self.rank[node])):
            first, last = self.rank[source], lowest[source]
            column = max(ends[first : last + 1]) + 1
            taken = {lanes[each] for each in lanes if self.rank[each] <= last and first <= lowest[each]}
            while column in taken or column - 1 in taken:
                column += 1
            lanes[source] = column
        return lanes

    def _ports(self) -> dict[tuple[int, int], int]:
        """The column in which each edge arrives at its target."""
        arriving = _neighbours(self.edges, into=True)
        ports: dict[tuple[int, int], int] = {}
        for target, sources in arriving.items():
            from_where = {source: self._comes_from(source, target) for source in sources}
            sources = sorted(sources, key=from_where.__getitem__)
            step = 2 if self.wide[target] >= 4 * len(sources) + 1 else 1
            used: set[int] = set()
            above = {self.middle[each]: each for each in self.ranks[self.rank[target] - 1]}
            for at, source in enumerate(sources):
                wish = self.middle[target] + step * (2 * at - len(sources) + 1)
                inside = range(self.left[target] + 1, self.left[target] + self.wide[target] - 1)
                free = [each for each in inside if each not in used and above.get(each, source) == source]
                port = min(free or inside, key=lambda each: (abs(each - wish), each))
                used.add(port)
                ports[source, target] = port
        return ports

    def _comes_from(self, source: int, target: int) -> int:
        return self.lanes[source] if self._is_long((source, target)) else self.middle[source]

    def _stretches(self) -> list[dict[int, set[int]]]:
        """For each gap below a rank the columns that the net of a source joins in it."""
        gaps: list[dict[int, set[int]]] = [{} for _ in self.ranks]
        for source, target in self.edges:
            port = self.ports[source, target]
            if self._is_long((source, target)):
                gaps[self.rank[source]].setdefault(source, set()).update((self.middle[source], self.lanes[source]))
                gaps[self.rank[target] - 1].setdefault(source, set()).update((self.lanes[source], port))
            else:
                gaps[self.rank[source]].setdefault(source, set()).update((self.middle[source], port))
        return gaps

    def layout(self, broken: tuple[tuple[int, int], ...]) -> Layout:
        """Boxes and ways, from top to bottom."""
        tracks = [_tracks(gap) for gap in self._stretches()]
        tops, row = [], 0
        for at, nodes in enumerate(self.ranks):
            tops.append(row)
            row += max(self.sizes[node].height for node in nodes)
            if at < len(self.ranks) - 1:
                row += max(max(tracks[at].values(), default=0) + 1, 1)
        boxes = tuple(
            Box(self.left[node], tops[self.rank[node]], self.wide[node], self.sizes[node].height)
            for node in range(len(self.sizes))
        )
        highs = [max(self.sizes[node].height for node in nodes) for nodes in self.ranks]

        def line(source: int, gap: int) -> int:
            return tops[gap] + highs[gap] + tracks[gap].get(source, 0)

        paths = {}
        for source, target in self.edges:
            start, end = (self.middle[source], boxes[source].bottom), (self.ports[source, target], boxes[target].top)
            first = line(source, self.rank[source])
            corners = [start, (start[0], first)]
            if self._is_long((source, target)):
                last = line(source, self.rank[target] - 1)
                corners += [(self.lanes[source], first), (self.lanes[source], last), (end[0], last)]
            else:
                corners += [(end[0], first)]
            paths[source, target] = (*corners, end)
        wide = max([box.right + 1 for box in boxes] + [lane + 1 for lane in self.lanes.values()], default=0)
        return Layout(boxes, paths, tuple(map(tuple, self.ranks)), wide, row, broken)


def _tracks(gap: Mapping[int, set[int]]) -> dict[int, int]:
    """A row of the gap for each net that runs sideways, so that none touches another; those that do not have 0."""
    ends: list[list[tuple[int, int]]] = []
    found: dict[int, int] = {}
    for source, columns in sorted(gap.items(), key=lambda each: (max(each[1]) - min(each[1]), min(each[1]))):
        first, last = min(columns), max(columns)
        if first == last:
            found[source] = 0
            continue
        track = next(
            (at for at, taken in enumerate(ends) if all(last + 1 < low or high + 1 < first for low, high in taken)),
            len(ends),
        )
        if track == len(ends):
            ends.append([])
        ends[track].append((first, last))
        found[source] = track
    return found
