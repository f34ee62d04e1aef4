"""The layers of a network as they are connected, drawn from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ....vis.figures import Graph, Node
from ...drawing import ticks
from ...drawing.canvas import Ink
from ...drawing.cells import steady
from ...drawing.graph import Layout, layout
from ...drawing.graph_page import Group, Words, graph_page
from ...drawing.page import Page
from .base import SheetView

_KINDS = (("Conv", 0), ("Dense", 1), ("Pool", 2), ("Add", 3), ("Concat", 3), ("Mult", 3), ("Attention", 5), ("LSTM", 5))


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A graph that is laid out: its nodes, what stands in their boxes, and what lies inside of what."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]
    words: tuple[Words, ...]
    lay: Layout
    groups: tuple[Group, ...]


class GraphView(SheetView):
    """Up and down follow edges, left and right go to the neighbours; the other way shows nested models as one box."""

    def __init__(self, **named: str) -> None:
        super().__init__(**named)
        self._drawings: dict[int, Drawing] = {}
        self._shown: Graph | None = None

    @property
    def graph(self) -> Graph | None:
        """The part that is shown."""
        part = self.sheet.part if self.sheet else None
        return part if isinstance(part, Graph) else None

    def taken(self) -> None:
        graph, before = self.graph, self._shown
        if graph is None or (
            before and graph.nodes == before.nodes and (graph.edges.tolist() == before.edges.tolist())
        ):
            return
        self._shown = graph
        self._drawings.clear()

    @property
    def drawing(self) -> Drawing | None:
        """What is drawn, None where there is no graph."""
        if self.graph is None:
            return None
        if self.way not in self._drawings:
            nodes, edges = self.graph.nodes, [(int(a), int(b)) for a, b in self.graph.edges]
            self._drawings[self.way] = drawn(*(folded(nodes, edges) if self.way else (nodes, edges)))
        return self._drawings[self.way]

    @property
    def ways(self) -> int:
        return 2 if self.graph is not None and any(node.inside for node in self.graph.nodes) else 1

    @property
    def count(self) -> int:
        return len(self.drawing.nodes) if self.drawing else 0

    @property
    def node(self) -> Node | None:
        """The layer under the cursor."""
        return self.drawing.nodes[self.cursor] if self.drawing and self.cursor < self.count else None

    def find(self, path: str) -> bool:
        """The cursor to a layer; False where there is none of this path."""
        nodes = self.drawing.nodes if self.drawing else ()
        at = next((at for at, node in enumerate(nodes) if node.path == path), None)
        if at is not None:
            self.go(at)
        return at is not None

    def paint(self, width: int, height: int) -> Page:
        drawing = self.drawing
        if drawing is None or not drawing.nodes:
            page = Page(width, height)
            page.text(1, height // 2, "the graph has no layers", Ink.DIM)
            return page
        return graph_page(drawing.words, drawing.lay, width, height, self.cursor, drawing.groups)

    def said(self) -> str:
        node, drawing = self.node, self.drawing
        if node is None or drawing is None:
            return ""
        found = [f"{node.path}: {facts(node, ', ')}"]
        reads = [drawing.nodes[a].path for a, b in drawing.edges if b == self.cursor]
        feeds = [drawing.nodes[b].path for a, b in drawing.edges if a == self.cursor]
        if reads:
            found.append("reads " + ", ".join(reads))
        if feeds:
            found.append("read by " + ", ".join(feeds))
        return steady("; ".join(found), 400)

    def moved(self, right: int, down: int) -> int:
        drawing = self.drawing
        if drawing is None or not drawing.nodes:
            return 0
        if abs(down) > 1:
            at = self.cursor
            for _ in range(abs(down)):
                at = step(drawing, at, 0, 1 if down > 0 else -1)
            return at
        return step(drawing, self.cursor, right, down)

    @property
    def page_rows(self) -> int:
        return max(self.size.height // 4, 2)

    def action_way(self, by: int) -> None:
        """Nested models as one box, or open; the cursor stays with the layer or what it lies in."""
        node = self.node
        self.way = (self.way + by) % max(self.ways, 1)
        paths = [each.path for each in self.drawing.nodes] if self.drawing and node else []
        self.cursor = next((at for at, path in enumerate(paths) if node and _within(node.path, path)), 0)
        self.redraw()


def _within(path: str, other: str) -> bool:
    return path == other or path.startswith(other + "/") or other.startswith(path + "/")


def facts(node: Node, between: str = " ") -> str:
    """What there is to say of a layer in short: its class, activation, shape, parameters."""
    parameters = f"{ticks.short(node.parameters)} parameters" if between != " " else ticks.short(node.parameters)
    found = [node.layer, node.activation if node.activation not in ("linear", "") else "", node.shape]
    found += [parameters if node.parameters else "", "" if node.trainable else "frozen"]
    return between.join(steady(each, 60) for each in found if each)


def drawn(nodes: Sequence[Node], edges: Sequence[tuple[int, int]]) -> Drawing:
    """Lay a graph out. A layer alone in its rank stands in one line."""
    words = tuple(Words(node.path, facts(node), _ink(node)) for node in nodes)
    first = layout([each.size(alone=False) for each in words], edges)
    alone = {row[0] for row in first.ranks if len(row) == 1}
    lay = layout([each.size(alone=at in alone) for at, each in enumerate(words)], edges)
    inside: dict[str, list[int]] = {}
    for at, node in enumerate(nodes):
        parts = node.inside.split("/") if node.inside else []
        for end in range(1, len(parts) + 1):
            inside.setdefault("/".join(parts[:end]), []).append(at)
    groups = tuple(Group(name, tuple(found)) for name, found in inside.items())
    return Drawing(tuple(nodes), tuple(edges), words, lay, groups)


def folded(nodes: Sequence[Node], edges: Sequence[tuple[int, int]]) -> tuple[list[Node], list[tuple[int, int]]]:
    """The same with one box for all that lies inside of one outermost model."""
    made: list[Node] = []
    place: list[int] = []
    outer: dict[str, int] = {}
    for node in nodes:
        name = node.inside.split("/")[0] if node.inside else ""
        if not name:
            place.append(len(made))
            made.append(node)
        elif name in outer:
            place.append(outer[name])
            before = made[outer[name]]
            count = int(before.layer.split()[0]) + 1
            whole = before.parameters + node.parameters
            made[outer[name]] = replace(before, layer=f"{count} layers", shape=node.shape, parameters=whole)
        else:
            outer[name] = len(made)
            place.append(len(made))
            made.append(Node(name, "1 layers", node.shape, node.parameters, node.trainable))
    return made, sorted({(place[a], place[b]) for a, b in edges if place[a] != place[b]})


def step(drawing: Drawing, at: int, right: int, down: int) -> int:
    """The node that lies next: along an edge up or down (the nearest of several), or beside it in its rank."""
    lay = drawing.lay
    if right:
        row = next(row for row in lay.ranks if at in row)
        return row[min(max(row.index(at) + right, 0), len(row) - 1)]
    near = [b if down > 0 else a for a, b in drawing.edges if (a if down > 0 else b) == at]
    rank = {node: number for number, row in enumerate(lay.ranks) for node in row}

    def far(node: int) -> tuple[int, int]:
        return abs(rank[node] - rank[at]), abs(lay.boxes[node].middle - lay.boxes[at].middle)

    ahead = [node for node in near if (rank[node] - rank[at]) * down > 0]
    if ahead:
        return min(ahead, key=far)
    beyond = rank[at] + down  # an end: on to the next rank, that all of a graph in several pieces is reached
    return min(lay.ranks[beyond], key=far) if 0 <= beyond < len(lay.ranks) else at


def _ink(node: Node) -> int:
    return next((Ink.bright(colour) for word, colour in _KINDS if word in node.layer), int(Ink.DIM))
