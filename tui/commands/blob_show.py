"""`trainvis blob show`: records as pictures, one record large, or a slice of any array, printed to the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import exits, words
from .blob_options import FILTERS, Filtering, chosen, file_argument, is_arrays_only, labels_options, opened
from .blob_slice import Slicer

if TYPE_CHECKING:
    from ...datasets.blob import Blob
    from ..pictures_out.layout import Way

_EPILOG = f"""\b
Examples
  trainvis blob show faces.h5                        the first 20 records
  trainvis blob show faces.h5 label:happy -n 60      those of a class
  trainvis blob show faces.h5 1000:1020              by number
  trainvis blob show faces.h5 1005                   one, with all fields
  trainvis blob show faces.h5 holiday/003.jpg        by its key
  trainvis blob show faces.h5 --images half | less -R

\b
Slices
  trainvis blob show net.keras model.weights.h5!/layers/conv2d/vars/0
  trainvis blob show x.h5 --array images --at 12
  trainvis blob show x.h5 --array scans --axes 0,2 --at 40
  trainvis blob show x.h5 --array scans --axes 1,2 --at 40,0 --numbers

\b
Two axes are seen as rows and columns, a third with 1, 3 or 4 places as
colours; --at says where the others are cut, in their order. Only that slice
is read. Into a pipe the same is said in words and numbers.

{FILTERS}"""

_RANGE = re.compile(r"(-?\d*):(-?\d*)(?::(-?\d+))?")
_CELLS = 16


class Numbers(click.ParamType):
    """Whole numbers with commas between."""

    name = "numbers"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        parts = str(value).split(",")
        if not all(re.fullmatch(r"\s*-?\d{1,18}\s*", part) for part in parts):
            self.fail(f"{value!r} are no numbers with commas between, as 0,2", param, ctx)
        return tuple(map(int, parts))


@click.command("show", cls=Filtering, epilog=_EPILOG)
@file_argument
@click.argument("what", nargs=-1, metavar="[NUMBER|FROM:TO|KEY|PATH|FILTER]...")
@click.option("--where", multiple=True, metavar="FIELD=VALUE", help="Only where this holds; may be repeated.")
@click.option("--part", metavar="NAME", help="Only this part of the split.")
@click.option(
    "-n", "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, metavar="N", help="At most."
)
@click.option("--field", metavar="NAME", help="This field of images, where there are several.")
@click.option("--array", metavar="PATH", help="A data set, by its path in the tree of `info --tree`.")
@click.option("--axes", type=Numbers(), metavar="R,C[,K]", help="The axes seen as rows, columns and colours.")
@click.option("--at", "places", type=Numbers(), metavar="N[,N]…", help="The places on the axes that are not seen.")
@click.option("--numbers", is_flag=True, help="A slice as a table of numbers.")
@click.option(
    "--images",
    type=click.Choice(("auto", "kitty", "sixel", "iterm", "quadrant", "half", "ascii", "off")),
    default="auto",
    help="How pictures are drawn; off says them in words.",
)
@click.option("--cells", type=click.IntRange(4, 500), metavar="N", help="Each picture is N characters wide.")
@click.option("--width", type=click.IntRange(10, 1000), metavar="CELLS", help="Instead of the terminal's width.")
@labels_options
def show_command(
    path: Path,
    what: tuple[str, ...],
    where: tuple[str, ...],
    part: str | None,
    limit: int,
    field: str | None,
    array: str | None,
    axes: tuple[int, ...] | None,
    places: tuple[int, ...] | None,
    numbers: bool,
    images: str,
    cells: int | None,
    width: int | None,
    labels: Path | None,
    stored: bool,
) -> None:
    """Print the records of FILE as pictures with their labels, or a slice of an array in it."""
    from ...datasets.errors import BlobError
    from .pictures import way_of

    way = way_of(images)
    room = width or words.width()
    if array is None and (axes or places or numbers):
        array = what[0] if what else None
        if array is None:
            raise click.UsageError("--axes, --at and --numbers are for a slice: --array PATH says of what")
    if array is not None:
        Slicer(way, room, axes, places or (), numbers).show(path, array)
        return
    try:
        blob = opened(path, labels, stored=stored)
    except BlobError as error:
        if not path.exists() or _is_stranger(path):
            raise
        if where or part:
            raise exits.Failure(str(error)) from None
        Slicer(way, room, axes, (), numbers).show(path, what[0] if what else "")
        return
    with blob:
        if not what and not where and not part and is_arrays_only(blob):
            Slicer(way, room, None, (), numbers).show(path, "")
            return
        meant = _meant(blob, what) if not where and not part else None
        if meant is None and len(what) == 1 and not where and not part and _lies_in(path, what[0]):
            Slicer(way, room, None, (), numbers).show(path, what[0])
            return
        printer = _Records(blob, way, room, cells, field)
        if isinstance(meant, int):
            printer.one(meant)
            return
        found = meant if meant is not None else chosen(blob, what, where, part)
        if not len(found):
            words.hint(f"none of {len(blob):,} records fits" if len(blob) else f"{blob.name} has no records")
            return
        printer.many(found[:limit])
        if len(found) > limit:
            words.hint(f"{len(found) - limit:,} more of {len(found):,}: -n N shows more, FROM:TO goes on")


def _is_stranger(path: Path) -> bool:
    """Whether no tree can be seen of it either."""
    from ...datasets.errors import BlobError
    from ...datasets.looking.tree import open_tree

    try:
        open_tree(path)
    except BlobError:
        return True
    return False


def _lies_in(path: Path, word: str) -> bool:
    """Whether a word is the path of something in the file's tree."""
    from ...datasets.errors import BlobError
    from ...datasets.looking.tree import open_tree

    try:
        return not re.search("[:<>=]", word) and bool(open_tree(path).find(word))
    except BlobError:
        return False


def _meant(blob: Blob, what: Sequence[str]) -> int | Sequence[int] | None:
    """The record, or the records, that one word says by number or key; None where it is a filter."""
    if len(what) != 1:
        return None
    word = what[0]
    if re.fullmatch(r"-?\d{1,18}", word):
        place = int(word)
        if not -len(blob) <= place < len(blob):
            raise exits.Failure(f"{blob.name} has no record {place}: it has {len(blob):,}, counted from 0")
        return place % len(blob)
    found = _RANGE.fullmatch(word)
    if found and found[3] != "0":
        ends = (int(each) if each else None for each in found.groups())
        return range(*slice(*ends).indices(len(blob)))
    return blob.find(word)


class _Records:
    """Prints records: as pictures where the terminal can, else as a table."""

    def __init__(self, blob: Blob, way: Way | None, width: int | None, cells: int | None, field: str | None) -> None:
        from ..blobs.opening import pictures_of, words_of

        known = pictures_of(blob)
        if field is not None and field not in known:
            raise click.UsageError(f"{blob.name} has no pictures in a field {field!r}: {', '.join(known) or 'none'}")
        self._blob, self._way, self._width, self._cells = blob, way, width, cells
        self._picture = field or (known[0] if known else "")
        self._words = words_of(blob)

    def many(self, places: Sequence[int]) -> None:
        from .blob_ls import print_table

        if self._way is None or not self._picture:
            print_table(self._blob, places, [each for each in self._blob.schema if each.name in self._words])
            return
        from ..pictures_out.contact import contact
        from .pictures import rows_of

        tiles = list(self._tiles(places))
        cells = self._cells or self._fitting([tile.pixels for tile in tiles])
        for line in contact(tiles, self._width or 80, self._way, cells, rows_of()):
            click.echo(line, color=True)

    def _tiles(self, places: Sequence[int]) -> Iterator:
        from ...datasets.errors import BlobError
        from ..blobs.words import said_of
        from ..drawing.cells import steady
        from ..pictures_out.contact import Tile

        for place in places:
            said = [f"{place:,} {steady(self._blob.key(place), 60)}"]
            try:
                pixels = _pixels(self._blob, place, self._picture)
                values = self._blob.read([place], self._words[:3])
                said += [self._word(name, said_of(self._blob, name, values[name][0])) for name in self._words[:3]]
            except BlobError as error:
                pixels = None
                said.append(steady(str(error).removeprefix(f"record {place} of {self._blob.name}: "), 80))
            yield Tile(pixels, tuple(said))

    def _word(self, name: str, text: str) -> str:
        """What stands below a picture for a field: of a number its name too, as the number alone says little."""
        from ..drawing.cells import steady

        kind = self._blob.schema[name].kind
        return f"{steady(name, 30)} {text or '?'}" if kind == "number" else text or ("?" if kind == "class" else "")

    def _fitting(self, pictures: Sequence) -> int:
        """Cells for each: small pictures need few, many pictures get few."""
        widest = max((each.shape[1] for each in pictures if each is not None), default=1)
        assert self._way is not None
        if len(pictures) > 4:
            return min(max(-(-widest // self._way.grain[0]), _CELLS), 24)
        return min(max((self._width or 80) // len(pictures) - 1, _CELLS), 32)

    def one(self, place: int) -> None:
        """A record as large as the screen, and all its fields."""
        from ..blobs.whole import read_whole
        from ..pictures_out.contact import Tile, contact
        from .pictures import rows_of

        whole = read_whole(self._blob, place, self._picture)
        words.say(f"record {place:,} of {len(self._blob):,}: {words.printable(whole.key, 300)}")
        pixels = None if whole.problem or not self._picture else _pixels(self._blob, place, self._picture)
        if pixels is not None and self._way is not None:
            cells = self._cells or min(self._width or 80, 2 * rows_of())
            for line in contact([Tile(pixels)], self._width or 80, self._way, cells, rows_of()):
                click.echo(line, color=True)
        wide = max((len(said.name) for said in whole.fields), default=0)
        for said in whole.fields:
            note = f"  ({said.note})" if said.note else ""
            words.say(f"{words.printable(said.name, 40):<{min(wide, 40)}}  {said.text}{note}")
            for line in said.more:
                words.say(f"  {line}")


def _pixels(blob: Blob, place: int, field: str):
    """The picture of a record, H×W×C bytes; numbers of an array as grey."""
    import numpy as np

    from ...datasets.looking.slices import picture

    values = np.asarray(blob.read([place], [field])[field][0])
    return values[..., None] if values.dtype == np.uint8 and values.ndim == 2 else picture(values).pixels
