"""A file that has been opened: what is shown of it first, and its tree beside that."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from textual.containers import Container
from textual.widget import Widget

from ...datasets.blob import Blob
from ...datasets.errors import BlobError
from ...datasets.formats.own import first_shard
from ...datasets.looking.node import Node
from ...datasets.looking.tree import Tree, open_tree
from .. import compat
from ..blobs.errands import Answer
from ..blobs.opening import opened, pictures_of, stamp, words_of
from ..blobs.words import plural
from ..widgets.blob_data import BlobData
from ..widgets.blob_tree import BlobTree
from .blob_board import ROOM_FOR_TREE, BlobBoard


class BlobOpened(BlobBoard):
    """Takes the file that was opened, and shows the tree where there is room or it is asked for."""

    file: Tree | None = None
    _wishes_tree = False  # somebody has asked for it: that it cannot be shown is said

    async def take_open(self, message: Answer) -> None:
        """Records where it has some, else the tree."""
        if message.problem:
            self._say_words(message.problem)
            return
        self._say_words("")
        self.found = message.value
        blob = self.blob
        self.say_header()
        self.refresh_bindings()
        if blob is None or self.size.width >= ROOM_FOR_TREE:
            self._open_tree()
        if blob is None:
            return
        self.pictures, self.words = pictures_of(blob), words_of(blob)
        self.picture, self.word = next(iter(self.pictures), ""), next(iter(self.words), "")
        self.order = range(len(blob))
        await self.turn_to("records" if self.picture else "table")

    async def take_again(self, message: Answer) -> None:
        """A file that could not be read, or has no records, was tried once more: it may be whole now."""
        found, before = message.value, self.found
        if found is None or before is None:
            return
        if found.blob is not None or found.problem != before.problem:
            await self.take_open(message)
        elif found.stamp != before.stamp:  # other weights, say
            self.found = found
            self._open_tree()

    # The tree

    def _open_tree(self) -> None:
        path = self.path
        self.near.ask(self, "tree", lambda _: open_tree(path))

    def _tree_problem(self, message: Answer) -> None:
        """What is in the file can be seen in no way: both sentences, where they differ."""
        if self.blob is None:
            first = self.found.problem if self.found is not None else ""
            self._say_words("\n\n".join(dict.fromkeys(each for each in (first, message.problem) if each)))
        elif self._wishes_tree:
            self._app.say(message.problem, "warning")

    async def take_tree(self, message: Answer) -> None:
        """The tree at the left, and in a file without records its first thing that can be shown."""
        if message.problem:
            self._tree_problem(message)
            return
        file: Tree = message.value
        self.file = file
        room = self.query_one("#blob-tree-room", Container)
        room.display = True
        if not room.query(BlobTree):
            await room.mount(BlobTree(self.near))
        tree = room.query_one(BlobTree)
        blob = self.blob
        tree.show(file, f"{len(blob):,}" if blob is not None else "")
        if blob is None:
            tree.focus()
            await self.turn_to("data")
            try:
                self._show_node(file.root)
            except BlobError as error:
                self._app.say(str(error), "warning")

    async def action_tree(self) -> None:
        """Show it and go there; where one is there already, hide it."""
        room = self.query_one("#blob-tree-room", Container)
        self._wishes_tree = True
        if not room.query(BlobTree):
            self._open_tree()
            self.set_timer(0.2, self._to_tree)
        elif room.display and self.in_tree:
            room.display = False
            self._to_stage()
        else:
            room.display = True
            self._to_tree()

    def _to_tree(self) -> None:
        for tree in self.query(BlobTree):
            tree.focus()

    def _to_stage(self) -> None:
        for stage in self.query(f"#stage-{self.stage}"):
            stage.focus()

    def action_focus_on(self, by: int) -> None:
        """From the tree to what is shown, and back."""
        del by
        room = self.query_one("#blob-tree-room", Container)
        if self.in_tree:
            self._to_stage()
        elif room.display and room.query(BlobTree):
            self._to_tree()

    async def on_blob_tree_chosen(self, message: BlobTree.Chosen) -> None:
        """Records, or a data set, an attribute, a text."""
        message.stop()
        if message.node is None:
            await self.turn_to("records" if self.picture else "table")
            return
        await self.turn_to("data")
        self._show_node(message.node)

    def _show_node(self, node: Node) -> None:
        if self.file is not None:
            self.query_one(BlobData).show(self.file, node)
            self.say_where()

    def show_data_again(self) -> None:
        file = self.file
        for data in self.query(BlobData):
            node = data.node
            if self.stage == "data" and file is not None and node is not None:
                self.near.ask(self, "node", lambda _, path=node.path: file.find(path))

    def take_node(self, message: Answer) -> None:
        """The thing of the tree as it is now."""
        for data in self.query(BlobData):
            if message.value is not None and self.file is not None:
                data.show(self.file, message.value, again=True)

    def _make(self, stage: str, name: str) -> Widget | None:
        if stage == "data":
            if self.file is None:
                self._open_tree()
            return BlobData(self.near, id=name)
        return super()._make(stage, name)

    def say_where(self) -> None:
        """Of a data set its own lines say what is seen."""
        super().say_where()
        if self.blob is None and self.found is not None:
            from ..widgets.tile import Line

            self.query_one("#blob-where", Line).text = f"no records: {self.found.problem}" if self.found.problem else ""

    def say_header(self) -> None:
        super().say_header()
        for tree in self.query(BlobTree):
            if tree.file is not None and self.blob is not None:
                tree.records = plural(len(self.blob), "record").removesuffix(" records").removesuffix(" record")
                tree.redraw()

    # The file changes

    def look_again(self) -> None:
        """Whether there is more in the file now, unless the terminal still swallows the last frame."""
        blob, path, found = self.blob, self.path, self.found
        if not self.is_current or compat.busy(self.app) or found is None:
            return
        if blob is not None:
            self.near.ask(self, "look", lambda _: _looked(blob, path))
        else:
            self.near.ask(self, "again", lambda _: opened(path) if stamp(path) != found.stamp else None)

    def take_look(self, message: Answer) -> None:
        """More records, other labels, or a file that is gone."""
        changed, problem = message.value
        if problem != self._problem:
            self._problem = problem
            self.say_where()
        if changed:
            self.changed()

    def changed(self) -> None:
        """Records or labels are others now: what was read of them is read again."""
        blob = self.blob
        if blob is None:
            return
        if self._chooser is not None:
            self._chooser.forget()
        self.pictures, self.words = pictures_of(blob), words_of(blob)
        size = _stamp(blob)
        stamped = size != self._stamp
        if stamped:  # records that were read stay what they are, labels do not
            self._stamp = size
            for page in cast("Any", self.query("#stage-records, #stage-table")):
                page.forget()
            self._chosen = None
        if self.terms:
            self._ask_chosen()
            self.set_order(self.order)
        elif not self.suggests:
            self.set_order(range(len(blob)))
        else:
            self.set_order(self.order)
        self.show_record(again=True)
        self._show_counts(relabelled=stamped)
        self.show_data_again()
        self.say_header()
        self.say_where()


def _stamp(blob: Blob) -> int:
    try:
        return blob.side_labels.path.stat().st_size if blob.side_labels is not None else 0
    except OSError:
        return 0


def _looked(blob: Blob, path: Path) -> tuple[bool, str]:
    if not first_shard(path).exists():
        return False, "the file is gone: what was read of it is still shown"
    return blob.refresh(), ""
