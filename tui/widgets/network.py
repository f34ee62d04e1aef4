"""The network pane: the layers of a run's network as a list, and how they went, and as a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from ...engine.runs import Row
from ...engine.status import alive
from ...engine.text import printable
from ..drawing import ticks
from ..drawing.cells import number, steady
from ..drawing.layer_list import layer_list
from ..drawing.page import Page
from ..figures.layers import MISSING, Layer, LayerReader, Layers
from ..figures.reader import FigureReader, Shelf, ShelfSeen
from ..figures.sheet import Ask, Sheet
from ..keys import bindings
from .views.base import SheetView
from .views.graph import GraphView


class LayerList(SheetView):
    """A line for each layer; the cursor goes from one to the next."""

    def __init__(self, **named: str) -> None:
        super().__init__(**named)
        self.told: Sequence[Layer] = ()

    def tell(self, layers: Sequence[Layer], sheet: Sheet) -> None:
        """Show these layers, the cursor on the one it was on."""
        before = self.chosen
        self.told = layers
        if before is not None:
            self.cursor = next((at for at, each in enumerate(layers) if each.path == before.path), self.cursor)
        self.show(sheet)

    def has_part(self, sheet: Sheet) -> bool:  # noqa: ARG002 (what is shown comes from several sheets)
        return bool(self.told)

    @property
    def chosen(self) -> Layer | None:
        """The layer under the cursor."""
        return self.told[self.cursor] if self.cursor < len(self.told) else None

    @property
    def count(self) -> int:
        return len(self.told)

    def paint(self, width: int, height: int) -> Page:
        return layer_list(self.told, width, height, self.cursor)

    def said(self) -> str:
        layer = self.chosen
        if layer is None:
            return ""
        found = [f"{layer.path}: {layer.kind} {layer.shape}".rstrip(": ") + ("" if layer.trainable else ", frozen")]
        first = None
        for name, course in (
            ("dead", layer.dead), ("weights", layer.weights), ("gradient", layer.gradient), ("update", layer.update),
        ):  # fmt: skip
            if course.last is not None:
                before = f"{number(course.values[0])} → " if len(course.values) > 1 else ""
                found.append(f"{name} {before}{number(course.last)}")
                first = course.steps[0] if len(course.steps) > 1 and first is None else first
        return steady(", ".join(found) + ("" if first is None else f" since step {first}"), 400)


class Network(Widget):
    """`row` is the run whose network is shown; every key of the place "network" works here."""

    DEFAULT_CSS = """
    Network { height: 1fr; layout: vertical; }
    Network > #network-head { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Network > #network-said { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    Network > #network-missing { height: auto; max-height: 6; padding: 0 1; color: $text-muted; }
    Network > #network-stage { height: 1fr; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("network")]

    row: reactive[Row | None] = reactive(None, repaint=False)
    drawn: reactive[bool] = reactive(False, repaint=False)
    """Whether the graph is shown instead of the list."""

    class LayerChosen(Message):
        """The pictures of this layer are wanted."""

        def __init__(self, layer: str) -> None:
            super().__init__()
            self.layer = layer

    def __init__(self, row: Row | None = None, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.known = Layers()
        self._reader = FigureReader(self.post_message)
        self._layer_reader = LayerReader()
        self._seen = False
        self.set_reactive(Network.row, row)

    def compose(self) -> ComposeResult:
        yield Static("", id="network-head", markup=False)
        with Container(id="network-stage"):
            yield LayerList(id="network-list")
            yield GraphView(id="network-graph")
        yield Static("", id="network-missing", markup=False)
        yield Static("", id="network-said", markup=False)

    def on_mount(self) -> None:
        self.query_one(GraphView).display = False
        self._reader.start()
        self._follow()

    def on_unmount(self) -> None:
        self._reader.stop()

    def watch_row(self) -> None:
        if self.is_mounted:
            self._follow()

    def _follow(self) -> None:
        if self.row is not None:
            self._reader.follow({self.row.path: alive(self.row.status)})

    def on_shelf_seen(self, message: ShelfSeen) -> None:
        """There are other figures: read what they say of the layers."""
        message.stop()
        shelf = message.shelf
        self.run_worker(lambda: self._read(shelf), thread=True, group="layers", exclusive=True, exit_on_error=False)

    def _read(self, shelf: Shelf) -> None:
        found = self._layer_reader.read(shelf.run, shelf.figures)
        self.app.call_from_thread(self._take, found)

    def _take(self, found: Layers) -> None:
        if not self.is_attached:
            return
        self.known, self._seen = found, True
        self._show()

    # What is shown

    def _show(self) -> None:
        found, row = self.known, self.row
        if row is None or not self._seen:
            return
        self.query_one("#network-head", Static).update(_head(found))
        problem = "" if found.layers else _nothing(found)
        empty = Sheet(Ask(row.path, "layer_graph"), problem=problem)
        self.query_one(LayerList).tell(found.layers, empty)
        graph = self.query_one(GraphView)
        how = f"the graph is not recorded: {MISSING['layer_graph'][1]} in the script makes it"
        graph.show(found.graph or Sheet(Ask(row.path, "layer_graph"), problem=how))
        missing = self.query_one("#network-missing", Static)
        missing.update(_missing(found))
        missing.display = bool(found.layers and found.missing)

    def watch_drawn(self) -> None:
        if not self.is_mounted:
            return
        shown, hidden = self.query_one(LayerList), self.query_one(GraphView)
        if self.drawn:
            if shown.chosen is not None:
                hidden.find(shown.chosen.path)
            shown, hidden = hidden, shown
        elif hidden.node is not None:
            paths = [each.path for each in self.known.layers]
            if hidden.node.path in paths:
                shown.go(paths.index(hidden.node.path))
        shown.display, hidden.display = True, False
        self.query_one("#network-said", Static).update(shown.said() if self._seen else "")
        shown.focus()

    def on_sheet_view_said(self, message: SheetView.Said) -> None:
        """What lies under the cursor."""
        message.stop()
        if message.view.display:
            self.query_one("#network-said", Static).update(message.text)

    def focus_first(self) -> None:
        """Where the keys go."""
        (self.query_one(GraphView) if self.drawn else self.query_one(LayerList)).focus()

    # Keys

    def action_graph(self) -> None:
        self.drawn = not self.drawn

    def action_choose(self) -> None:
        """Go to the pictures of the layer under the cursor."""
        node = self.query_one(GraphView).node
        layer = self.query_one(LayerList).chosen
        path = node.path if self.drawn and node else layer.path if layer and not self.drawn else ""
        if path:
            self.post_message(self.LayerChosen(path))


def _head(found: Layers) -> Content:
    """How many layers and parameters there are."""
    known = [layer.parameters for layer in found.layers if layer.parameters is not None]
    parts: list[str | tuple[str, str]] = [(f"{len(found.layers)} layers", "bold")]
    whole = found.totals.get("parameters", sum(known) if known else None)
    if whole is not None:
        parts.append(f"   {whole:,} parameters".replace(",", " "))
    trainable = found.totals.get("of these trainable")
    if trainable is not None and whole:
        parts.append(f", {trainable / whole:.0%} trainable" if trainable < whole else ", all trainable")
    if (size := found.totals.get("bytes")) is not None:
        parts.append(f", {ticks.short(size)}B")
    deads = [layer.dead.values[-1] for layer in found.layers if layer.dead.values]
    if deads:
        parts.append(f"   dead units in {sum(each > 0 for each in deads)} of {len(deads)} layers")
    if found.problems:
        parts.append((f"   {printable(found.problems[0], 200)}", "$warning"))
    return Content.assemble(*parts) if found.layers else Content("")


def _missing(found: Layers) -> str:
    """What the run did not record, and how it is got."""
    if not found.missing:
        return ""
    return "not recorded: " + "; ".join(f"{MISSING[each][0]} by {MISSING[each][1]}" for each in found.missing)


def _nothing(found: Layers) -> str:
    if found.problems:
        return found.problems[0]
    return 'nothing is recorded of the layers yet: the script asks for it, as Callbacks().pictures("layer_graph")'
