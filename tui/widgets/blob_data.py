"""What was chosen in the tree of a file: an array cut into slices, a table of numbers, a text to read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from ...datasets.looking.node import Node
from ...datasets.looking.slices import picture, read_slice
from ...datasets.looking.tree import Tree
from ..blobs.cutting import View, details, table_of
from ..blobs.errands import Answer, Errands
from ..blobs.tiles import three
from ..drawing.ansi import Line as Text
from ..drawing.canvas import Ink
from ..drawing.cells import fit, number, steady
from ..drawing.page import Page
from ..drawing.rows import rows
from ..figures.shots import value_at
from ..keys import bindings
from ..pixels.raster import Photo, Plane, Raster
from ..pixels.tone import Array, range_of
from ..pixels.viewport import Viewport
from .lines import Lines
from .one_picture import OnePicture
from .page_view import PageView
from .picture import PictureView
from .tile import Line

_COLUMNS = 24  # of a table that are read at once


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What a thread has read of `node`: numbers of a `view`, or a text."""

    node: Node
    view: View | None = None
    values: Array | None = None
    text: str = ""


class _Table(PageView):
    """The numbers of a slice; the cursor is the owner's."""

    can_focus = False

    def __init__(self) -> None:
        super().__init__()
        self.titles: list[str] = []
        self.cells: list[list[str]] = []
        self.at: tuple[int, int] = (0, 0)

    def paint(self, width: int, height: int) -> Page:
        if not self.cells:
            page = Page(width, height)
            page.text(0, 0, "it holds nothing", Ink.DIM)
            return page
        return rows(self.titles, self.cells, width, height, self.at)

    def clicked(self, hit: int, twice: bool) -> None:  # noqa: ARG002
        owner = self.parent.parent if self.parent is not None else None
        if isinstance(owner, BlobData):
            owner.point(*divmod(hit, max(len(self.titles), 1)))

    def wheeled(self, rows: int) -> None:
        owner = self.parent.parent if self.parent is not None else None
        if isinstance(owner, BlobData):
            owner.action_arrow(0, 1 if rows > 0 else -1)


class BlobData(OnePicture, can_focus=True):
    """`show(tree, node)` reads it in a thread and shows it in the way that suits it."""

    DEFAULT_CSS = """
    BlobData { width: 1fr; height: 1fr; }
    BlobData > Vertical { width: 1fr; height: 1fr; padding: 0 1; }
    BlobData Lines { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("blob_data")]

    def __init__(self, errands: Errands, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._errands = errands
        self.file: Tree | None = None
        self.node: Node | None = None
        self.view: View | None = None
        self.read: Read | None = None
        self.problem = ""
        self.place = (0, 0)  # row and column of the array under the cursor of the table

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Line(id="data-title")
            yield PictureView()
            yield _Table()
            yield Lines()
            yield Line(id="data-said")

    def show(self, tree: Tree, node: Node, *, again: bool = False) -> None:
        """Show a thing of a file; `again`: it may hold something else now."""
        if node is self.node and not again:
            return
        if not again or self.node is None or node.shape != self.node.shape:
            self.view = View.first(node) if node.is_array else None
            self.viewport, self.cursor, self.place = Viewport(), None, (0, 0)
        self.file, self.node = tree, node
        self._ask()

    def on_resize(self) -> None:
        if self.view is not None and self.view.way == "table":
            self.call_after_refresh(self._ask)

    def _ask(self) -> None:
        tree, node, view = self.file, self.node, self.view
        if tree is None or node is None:
            return
        if view is None:
            self._errands.ask(self, "slice", lambda _: Read(node, text=_text_of(tree, node)))
            return
        wanted = self._window(view)
        self.view = wanted
        self._errands.ask(self, "slice", lambda _: Read(node, wanted, read_slice(tree.array(node), wanted.cut)))

    def _window(self, view: View) -> View:
        """Of a table only what is seen around its cursor is read."""
        if view.way == "picture":
            return view.whole()
        height = max(self.size.height - 3, 1)
        row, column = self.place
        length = view.cut.shape[view.cut.axes[0]] if view.cut.axes else 1
        top = max(min(row - height // 2, length - height), 0)
        return view.window(top, max(column - _COLUMNS // 2, 0), height, _COLUMNS)

    def on_answer(self, message: Answer) -> None:
        if message.late or not self.is_mounted:
            return
        self.problem = message.problem
        self.read = message.value if message.value is not None else None
        self._draw()

    # Drawing

    @property
    def raster(self) -> Raster | None:
        """The slice in colours."""
        read = self.read
        if read is None or read.values is None or read.view is None or read.view.way != "picture":
            return None
        values = read.values
        if not values.size or values.dtype.kind not in "biufc" or values.ndim < 2:
            return None
        if values.ndim == 3 and values.shape[2] in (3, 4):
            return Photo(three(picture(values).pixels))
        plane = values[..., 0] if values.ndim == 3 else values
        plane = abs(plane) if plane.dtype.kind == "c" else plane
        signed = plane.dtype.kind in "if" and bool((plane < 0).any())
        if plane.dtype.name == "uint8" and not self.tone.map:
            return Plane(plane, replace(self.tone, map="grey"), (0, 255))
        return Plane(plane, self.tone, signed=signed)

    def _draw(self) -> None:
        node, read = self.node, self.read
        raster = self.raster
        view, table, lines = self.query_one(PictureView), self.query_one(_Table), self.query_one(Lines)
        view.display = raster is not None
        table.display = raster is None and read is not None and read.values is not None
        lines.display = not view.display and not table.display
        if raster is not None:
            view.show(raster, self.viewport, self.cursor)
        elif table.display and read is not None and read.values is not None and read.view is not None:
            first = self._first(read.view)
            table.titles, table.cells = table_of(read.values, first)
            table.at = (self.place[0] - first[0], self.place[1] - first[1] + 1)
            table.redraw()
        else:
            text = self.problem or (read.text if read is not None else "") or self._nothing()
            lines.lines = [Text(steady(each, 2000)) for each in text.splitlines()]
        title = self.query_one("#data-title", Line)
        title.place = steady(node.path or node.name, 120) if node is not None else ""
        title.text = " · ".join(details(node)[:3]) if node is not None else ""
        self._say()

    @staticmethod
    def _first(view: View) -> tuple[int, int]:
        places = [view.cut.at[axis] for axis in view.cut.axes[:2]]
        return (places[0] if places else 0, places[1] if len(places) > 1 else 0)

    def _nothing(self) -> str:
        node = self.node
        return (
            "\n".join([steady(node.name, 200), *details(node)])
            if node is not None
            else "Choose a data set in the tree."
        )

    def _say(self, hover: str = "") -> None:
        said = [self.view.words] if self.view is not None else []
        raster = self.raster
        if raster is not None:
            if hover or self.cursor is not None:
                said.insert(0, hover or value_at(raster, *(self.cursor if self.cursor is not None else (0, 0))))
            elif isinstance(raster, Plane):
                low, high = raster.reach or range_of(raster.values, self.tone, signed=raster.signed)
                said.append(f"{number(low)} to {number(high)}")
            if self.viewport.zoom > 1:
                said.append(f"zoom {self.viewport.zoom:g}")
        self.query_one("#data-said", Line).text = " · ".join(said)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 (Textual's)
        """Only an array has slices."""
        if action in ("axis", "turn", "step", "colours", "cursor", "way"):
            return self.view is not None
        return True

    def _change(self, view: View | None) -> None:
        if view is not None and view != self.view:
            self.view = view
            self._ask()
            self.refresh_bindings()

    def action_way(self) -> None:
        if self.view is not None and len(self.view.cut.axes) > 1:
            self._change(replace(self.view, way="table" if self.view.way == "picture" else "picture"))

    def action_step(self, by: int) -> None:
        view = self.view
        if view is None:
            self.query_one(Lines).action_page(1 if by > 0 else -1)
        elif abs(by) > 1 and view.way == "table":
            self.action_arrow(0, (self.size.height - 4) * (1 if by > 0 else -1))
        else:
            self._change(view.stepped(by))

    def action_edge(self, end: int) -> None:
        view = self.view
        if view is not None and view.way == "table" and view.cut.axes:
            self.point_at(view.cut.shape[view.cut.axes[0]] - 1 if end else 0, self.place[1])
        elif view is not None:
            self._change(view.edge(end))
        else:
            lines = self.query_one(Lines)
            lines.action_bottom() if end else lines.action_top()

    def action_axis(self, by: int) -> None:
        if self.view is not None:
            self.view = self.view.next_axis(by)
            self._say()

    def action_turn(self, which: str) -> None:
        if self.view is not None:
            self.viewport, self.cursor, self.place = Viewport(), None, (0, 0)
            self._change(self.view.turned(which))

    def action_zoom(self, steps: int) -> None:
        self.viewport = self.viewport.stepped(steps)
        self._draw()

    def action_arrow(self, right: int, down: int) -> None:
        """The cursor of the table or the picture, what is seen of it, or the lines of a text."""
        if self._moved(right, down):
            return
        if self.raster is not None:
            self.action_step(right or down)
        elif self.view is not None:
            self.point_at(self.place[0] + down, self.place[1] + right)
        else:
            self.query_one(Lines).action_move(down)

    def point(self, row: int, column: int) -> None:
        """A cell of the table that is shown was clicked."""
        if self.read is not None and self.read.view is not None:
            first = self._first(self.read.view)
            self.point_at(first[0] + row, first[1] + column - 1)

    def point_at(self, row: int, column: int) -> None:
        """The cursor of the table to a row and a column of the array; what is seen moves with it."""
        if self.view is None or not self.view.cut.axes:
            return
        lengths = [self.view.cut.shape[axis] for axis in self.view.cut.axes[:2]]
        down, across = lengths[0], lengths[1] if len(lengths) > 1 else 1
        self.place = (min(max(row, 0), max(down - 1, 0)), min(max(column, 0), max(across - 1, 0)))
        if self._window(self.view) == self.view:
            self._draw()
        else:
            self._ask()

    # The mouse

    def on_picture_view_pointed(self, message: PictureView.Pointed) -> None:
        message.stop()
        raster = message.view.raster
        self._say(value_at(raster, *message.at) if raster is not None and message.at is not None else "")


def _text_of(tree: Tree, node: Node) -> str:
    """A text as it is; of a group what lies in it, a line each."""
    if node.kind not in ("group", "file"):
        return tree.text(node)
    below = tree.children(node)
    wide = min(max((len(steady(each.name, 60)) for each in below), default=0), 40)
    return "\n".join(f"{fit(steady(each.name, 60), wide)}  {' · '.join(details(each))}" for each in below)
