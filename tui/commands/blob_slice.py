"""A slice of an array, or a text, of the tree of any file, printed to the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import words

if TYPE_CHECKING:
    from ...datasets.looking.tree import Tree
    from ..pictures_out.layout import Way

_LARGEST = 1024  # numbers of a side of a slice that is shown as a picture


class Slicer:
    """Prints a slice of an array, or a text, of the tree of a file."""

    def __init__(
        self, way: Way | None, width: int | None, axes: tuple[int, ...] | None, places: tuple[int, ...], numbers: bool
    ) -> None:
        self._way, self._width, self._axes, self._places, self._numbers = way, width, axes, places, numbers

    def show(self, path: Path, inside: str) -> None:
        from ...datasets.looking.tree import open_tree
        from .blob_info import tree_lines

        tree = open_tree(path)
        if not inside:
            words.say(f"{path.name}: {tree.format}")
            for line in tree_lines(tree):
                click.echo(line)
            words.hint("a PATH of it shows that array, as one of these with / between")
            return
        node = tree.find(inside)
        if node.is_array:
            self._array(tree, inside)
        elif node.children:
            for child in tree.children(node):
                from .blob_info import node_words

                click.echo(node_words(child))
        else:
            click.echo(tree.text(node) or node.text)

    def _array(self, tree: Tree, inside: str) -> None:
        from dataclasses import replace

        from ...datasets.looking.slices import Cut, picture, read_slice

        node = tree.find(inside)
        array = tree.array(node)
        cut = Cut.first(array.shape)
        if self._axes is not None:
            cut = cut.seeing(*self._axes)
        cut = cut.placed(*self._places)
        seen = [array.shape[axis] for axis in cut.axes]
        as_picture = not self._numbers and self._way is not None and len(seen) > 1 and min(seen[:2]) >= 4
        as_picture = as_picture and array.dtype.kind in "biufc"
        most = (_LARGEST, _LARGEST) if as_picture else (60, 40)
        cut = replace(cut, window=most)
        values = read_slice(array, cut)
        words.say(f"{node.name}: {node.said_shape} {array.dtype}, {cut.words}")
        if as_picture and self._way is not None:
            from ..drawing.cells import number
            from ..pictures_out.contact import Tile, contact
            from .pictures import rows_of

            shown = picture(values)
            cells = min(self._width or 80, 2 * rows_of())
            for line in contact([Tile(shown.pixels)], self._width or 80, self._way, cells, rows_of()):
                click.echo(line, color=True)
            if shown.reach is not None:
                words.say(f"black is {number(shown.reach[0])}, white {number(shown.reach[1])}")
        else:
            from ..blobs.cutting import table_of
            from .blob_options import table

            titles, rows = table_of(values, (cut.at[cut.axes[0]] if cut.axes else 0, 0))
            for line in table(titles, rows, right=titles):
                click.echo(line)
        left = [f"axis {axis} has {array.shape[axis]:,} places" for axis in cut.stepped_axes]
        if left and not self._places:
            words.hint(f"{', '.join(left)}: --at says where they are cut")
