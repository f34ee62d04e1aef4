"""The tree of a file: groups, data sets, attributes; what is below one is read when it is opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from ...datasets.looking.node import Node
from ...datasets.looking.tree import Tree
from ..blobs.cutting import details
from ..blobs.errands import Answer, Errands
from ..drawing.canvas import Ink
from ..drawing.cells import cut, steady
from ..drawing.page import Page
from ..drawing.strip import top_of
from ..keys import bindings
from .page_view import PageView

_DETAILS = 6  # rows at the bottom that say what is under the cursor
_SIGNS = {"attribute": "@", "text": "≡", "bytes": "·", "array": "▦", "link": "→", "problem": "!", "more": "…"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line: `node` is None for the records as a whole. `path` are the numbers that lead to it."""

    level: int
    node: Node | None
    path: tuple[int, ...]


class BlobTree(PageView):
    """`show(tree, records)`; with `records` the first line stands for them."""

    DEFAULT_CSS = "BlobTree { width: 1fr; height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("blob_tree")]

    class Chosen(Message):
        """A thing of the tree is to be shown; None for the records."""

        def __init__(self, node: Node | None) -> None:
            super().__init__()
            self.node = node

    def __init__(self, errands: Errands, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._errands = errands
        self.file: Tree | None = None
        self.records = ""
        self.cursor = 0
        self.shown: Node | None = None
        self._below: dict[tuple[int, ...], tuple[Node, ...]] = {}
        self._open: set[tuple[int, ...]] = set()
        self._rows: list[Row] = []
        self._problem = ""

    def show(self, tree: Tree, records: str = "") -> None:
        """Another file; `records` says how many it has, "" none."""
        if tree is not self.file:
            self._below, self._open = {}, set()
        self.file, self.records = tree, records
        self._unfold(())

    # What stands on the lines

    def _unfold(self, path: tuple[int, ...], more: int = 0) -> None:
        """Open a group: what is below it is read if nobody has. `more`: from this number on."""
        self._open.add(path)
        if path in self._below and not more:
            self._lay()
            return
        tree, node = self.file, self._node(path)
        if tree is None:
            return
        kind = "below-" + "-".join(map(str, path))
        self._errands.ask(
            self, kind, lambda _: (path, more, tree.children(node if node is not None else tree.root, more))
        )

    def on_answer(self, message: Answer) -> None:
        if message.late or not self.is_mounted:
            return
        if message.problem:
            self._problem = message.problem
            self.redraw()
            return
        path, more, found = message.value
        self._problem = ""
        self._below[path] = (*self._below.get(path, ())[:more], *found)
        if path == ():
            # A file with little in its first level is opened one level more.
            for at, node in enumerate(found):
                if node.children and len(found) <= 4 and 0 < node.children <= 20:
                    self._unfold((at,))
        self._lay()

    def _node(self, path: tuple[int, ...]) -> Node | None:
        return self._below[path[:-1]][path[-1]] if path and path[:-1] in self._below else None

    def _lay(self) -> None:
        rows = [Row(0, None, ())] if self.records else []
        above: list[tuple[int, ...]] = [(at,) for at in reversed(range(len(self._below.get((), ()))))]
        while above:
            path = above.pop()
            rows.append(Row(len(path) - 1, self._node(path), path))
            if path in self._open:
                above += [(*path, at) for at in reversed(range(len(self._below.get(path, ()))))]
        self._rows = rows
        self.cursor = min(self.cursor, max(len(rows) - 1, 0))
        self.redraw()

    @property
    def under(self) -> Row | None:
        """The line under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    # Drawing

    def paint(self, width: int, height: int) -> Page:
        page = Page(width, height)
        if self._problem and not self._rows:
            _wrapped(page, 0, self._problem, Ink.MARK)
            return page
        said = self._details() if height > 3 * _DETAILS else []
        room = height - (_DETAILS if said else 0)
        top = top_of(self.cursor, len(self._rows), room)
        for line in range(min(room, len(self._rows) - top)):
            self._draw_row(page, line, self._rows[top + line], top + line == self.cursor)
            page.hit(0, line, top + line, width)
        for at, text in enumerate(said[: _DETAILS - 1]):
            page.text(0, room + 1 + at, cut(text, width)[0], Ink.TEXT if at == 0 else Ink.DIM)
        return page

    def _draw_row(self, page: Page, line: int, row: Row, chosen: bool) -> None:
        node = row.node
        ink = (
            Ink.SELECTED if chosen else Ink.DIM if node is not None and node.kind in ("attribute", "more") else Ink.TEXT
        )
        if node is None:
            page.text(0, line, f"{'▸' if chosen else ' '}records", Ink.SELECTED if chosen else Ink.TITLE)
            page.text(max(page.width - len(self.records), 0), line, self.records, Ink.DIM)
            return
        sign = ("▾" if row.path in self._open else "▸") if node.children else _SIGNS.get(node.kind, " ")
        head = f"{'  ' * row.level} {sign} {steady(node.name, 200)}"
        beside = node.said_shape or (node.text if node.kind in ("attribute", "text", "link") else "")
        room = page.width - len(beside) - 1
        if room < len(head) and room < page.width // 2:
            beside, _ = cut(beside, max(page.width - len(head) - 2, 1)) if len(head) < page.width - 4 else ("", 0)
        end = page.text(0, line, head, ink, max(page.width - len(beside) - 1, page.width // 2))
        if beside and end + 1 < page.width:
            page.text(max(page.width - len(beside), end + 1), line, beside, ink if chosen else Ink.DIM)
        if chosen:
            page.text(0, line, "›", Ink.SELECTED)

    def _details(self) -> list[str]:
        row = self.under
        if row is None or row.node is None:
            return [steady(self.file.format, 80)] if self.file is not None and row is not None else []
        return [steady(row.node.name, 200), *details(row.node)]

    # Keys and the mouse

    def _go(self, at: int) -> None:
        self.cursor = min(max(at, 0), max(len(self._rows) - 1, 0))
        self.redraw()

    def action_move(self, rows: int) -> None:
        self._go(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        self._go(self.cursor + pages * max(self.size.height - _DETAILS - 1, 1))

    def action_edge(self, end: int) -> None:
        self._go(len(self._rows) - 1 if end else 0)

    def action_open(self) -> None:
        """Show what is under the cursor; a group opens or closes."""
        row = self.under
        if row is None:
            return
        node = row.node
        if node is not None and node.kind == "more":
            self._unfold(row.path[:-1], row.path[-1])
        elif node is not None and node.children and not node.is_array:
            if row.path in self._open:
                self._open.discard(row.path)
                self._lay()
            else:
                self._unfold(row.path)
        if node is None or node.kind != "more":
            self.shown = node
            self.post_message(self.Chosen(node))

    def action_fold(self, unfold: int) -> None:
        row = self.under
        if row is None or row.node is None:
            return
        if unfold:
            if row.node.children:
                self._unfold(row.path)
        elif row.path in self._open:
            self._open.discard(row.path)
            self._lay()
        else:
            above = [at for at, each in enumerate(self._rows) if each.path == row.path[:-1] and each.node is not None]
            self._go(above[0] if above else self.cursor)

    def clicked(self, hit: int, twice: bool) -> None:
        self.focus()
        self._go(hit)
        if twice:
            self.action_open()

    def wheeled(self, rows: int) -> None:
        self._go(self.cursor + rows)


def _wrapped(page: Page, row: int, text: str, ink: int) -> None:
    import textwrap

    for at, line in enumerate(textwrap.wrap(text, max(page.width - 1, 1))):
        page.text(0, row + at, line, ink)
