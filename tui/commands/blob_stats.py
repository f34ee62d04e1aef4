"""`trainvis blob stats`: classes, sizes, pixel values and numbers counted; mean images; duplicates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options, words
from .blob_options import Bar, file_argument, labels_options, opened

if TYPE_CHECKING:
    from ...datasets.blob import Blob
    from ...datasets.looking.counted import Statistics
    from ...datasets.looking.duplicates import Duplicates
    from ..pictures_out.layout import Way

_EPILOG = """\b
Examples
  trainvis blob stats faces.h5
  trainvis blob stats faces.h5 --duplicates
  trainvis blob stats faces.h5 --duplicates --near 6 --json
  trainvis blob stats faces.h5 --images off > counts.txt

\b
What the builder has not counted is counted once, by reading everything, and
kept in the cache folder until the file is another one.

\b
--duplicates finds records of the same bytes, of the same pixels in other
bytes, and that look alike: few of the 64 bits of their difference hash are
others (--near N: at most N). A group in two parts of the split is marked:
what is tested then was learned."""

_BARS = 40  # classes that have a bar
_GROUPS = 20
_CLASS_MEANS = 60


@click.command("stats", epilog=_EPILOG)
@file_argument
@click.option("--duplicates", "twice", is_flag=True, help="Find records that are there twice or look alike.")
@click.option(
    "--near",
    type=click.IntRange(0, 15),
    default=3,
    show_default=True,
    metavar="N",
    help="Images that differ in at most N of 64 bits look alike.",
)
@click.option("--fresh", is_flag=True, help="Count anew, whatever is stored or kept.")
@click.option(
    "--images",
    type=click.Choice(("auto", "kitty", "sixel", "iterm", "quadrant", "half", "ascii", "off")),
    default="auto",
    help="How mean images are drawn; off leaves them out.",
)
@click.option("--width", type=click.IntRange(20, 1000), metavar="CELLS", help="Instead of the terminal's width.")
@labels_options
@options.json_option
def stats_command(
    path: Path,
    twice: bool,
    near: int,
    fresh: bool,
    images: str,
    width: int | None,
    labels: Path | None,
    stored: bool,
    as_json: bool,
) -> None:
    """Count what is in FILE: classes, sizes, pixel values, numbers; find duplicates."""
    from ...datasets.looking import contents, duplicates
    from ...datasets.looking.counted import Statistics

    with opened(path, labels, stored=stored) as blob:
        with Bar("counting") as bar:
            if fresh:
                found = Statistics.from_json(contents.counted(blob, progress=bar).statistics())
            else:
                found = contents.statistics(blob, bar)
        groups: Duplicates | None = None
        if twice:
            with Bar("comparing") as bar:
                groups = duplicates.duplicates(blob, near, bar)
        if as_json:
            words.print_json(_json(blob, found, groups))
            return
        _Printer(blob, width or words.width() or 80, images).all(found, groups)


class _Printer:
    def __init__(self, blob: Blob, width: int, images: str) -> None:
        from .pictures import way_of

        self._blob, self._width = blob, min(width, 120)
        self._way: Way | None = way_of(images)

    def all(self, found: Statistics, groups: Duplicates | None) -> None:
        blob = self._blob
        unread = len(blob) - found.records
        words.say(
            f"{blob.name}: {len(blob):,} records" + (f", of which {unread:,} cannot be read" if unread > 0 else "")
        )
        for name, counts in found.labels.items():
            if name in blob.schema:
                click.echo("")
                for line in self._classes(name, counts, found.unknown.get(name, 0)):
                    words.say(line)
        self._numbers(found)
        self._sizes(found)
        self._pixels(found)
        self._means(found)
        if groups is not None:
            self._duplicates(groups)

    def _classes(self, name: str, counts: Sequence[int], unknown: int) -> Iterator[str]:
        from ..drawing.cells import cell_len, fit, steady

        said = [steady(self._blob.said(name, at), 30) for at in range(len(counts))]
        rows = list(zip(said, counts, strict=True))
        if unknown:
            rows.append(("nobody knows", unknown))
        total, most = sum(count for _, count in rows), max((count for _, count in rows), default=0)
        yield f"{steady(name, 60)}, {len(counts):,} class{'' if len(counts) == 1 else 'es'}"
        order = rows if len(rows) <= _BARS else sorted(rows, key=lambda row: -row[1])[:_BARS]
        room = max((cell_len(word) for word, _ in order), default=0)
        figures = max((len(f"{count:,}") for _, count in order), default=1)
        wide = max(min(self._width - room - figures - 12, 50), 8)
        for word, count in order:
            share = f"{100 * count / total:.1f} %" if total else ""
            yield f"  {fit(word, room)} {count:>{figures},} {share:>6} {bar(count, most, wide)}".rstrip()
        if len(rows) > len(order):
            rest = sorted(rows, key=lambda row: -row[1])[_BARS:]
            yield f"  … {len(rest):,} smaller ones, of {rest[-1][1]:,} to {rest[0][1]:,}"

    def _numbers(self, found: Statistics) -> None:
        from ..drawing.cells import number, steady
        from .blob_options import table

        rows = [
            (
                steady(name, 40),
                number(span.least),
                number(span.mean),
                number(span.greatest),
                f"{span.unknown:,}" if span.unknown else "",
            )
            for name, span in found.numbers.items()
        ]
        if rows:
            click.echo("")
            titles = ("number", "least", "mean", "greatest", "unknown")
            for line in table(titles, rows, right=titles[1:]):
                click.echo(line)

    def _sizes(self, found: Statistics) -> None:
        if not found.sizes or found.smallest is None or found.largest is None:
            return
        click.echo("")
        if found.different_sizes == 1:
            words.say(f"all {found.images:,} images are {_size(found.smallest)} pixels")
            return
        frequent = ", ".join(f"{_size(size)} {count:,}" for size, count in list(found.sizes.items())[:5])
        words.say(
            f"{found.different_sizes:,} sizes, from {_size(found.smallest)} to {_size(found.largest)} pixels; "
            f"most often {frequent}"
        )

    def _pixels(self, found: Statistics) -> None:
        import numpy as np

        from ..drawing.bars import bars
        from ..drawing.cells import number

        if not found.pixels:
            return
        click.echo("")
        names = {1: ("grey",), 3: ("red", "green", "blue"), 4: ("red", "green", "blue", "alpha")}
        named = names.get(len(found.pixels), tuple(f"channel {at}" for at in range(len(found.pixels))))
        wide = min(self._width - 2, 64)
        for name, counts, mean, std in zip(named, found.pixels, found.mean, found.std, strict=False):
            words.say(f"pixel values, {name}: mean {number(mean)} ± {number(std)}")
            for line in bars(np.array(counts, np.float64), wide, 3):
                click.echo(f"  {line}".rstrip())
            click.echo(f"  {'0':<{wide - 3}}255")

    def _means(self, found: Statistics) -> None:
        from ...datasets.looking.mean_image import from_png
        from ..drawing.cells import steady
        from ..pictures_out.contact import Tile, contact
        from .pictures import rows_of

        mean = from_png(found.mean_image) if found.mean_image and self._way else None
        if mean is None or self._way is None:
            return
        tiles = [Tile(mean, ("mean image",))]
        label = self._blob.schema.label
        for number, png in list(found.class_means.items())[:_CLASS_MEANS]:
            name = self._blob.said(label.name, number) if label is not None else str(number)
            tiles.append(Tile(from_png(png), (f"mean of {steady(name, 40)}",)))
        click.echo("")
        for line in contact(tiles, self._width, self._way, 16, rows_of()):
            click.echo(line, color=True)

    def _duplicates(self, groups: Duplicates) -> None:
        from ...datasets.looking.duplicates import across

        click.echo("")
        if groups.unread:
            words.say(f"{groups.unread:,} images cannot be read, and were not compared")
        if not groups.groups:
            words.say("no record is there twice, and none look alike")
            return
        for word, found in (
            ("are the same bytes", groups.stored),
            ("are the same pixels in other bytes", groups.pixels),
            ("look alike", groups.alike),
        ):
            if found:
                words.say(f"{len(found):,} group{'' if len(found) == 1 else 's'} of records that {word}:")
            for group in found[:_GROUPS]:
                parts = across(self._blob, group)
                mark = f"  in {' and '.join(parts)}" if len(parts) > 1 else ""
                words.say(f"  {_listed(self._blob, group)}{mark}")
            if len(found) > _GROUPS:
                words.say(f"  … {len(found) - _GROUPS:,} more groups: --json lists all")


def bar(count: int, most: int, width: int) -> str:
    """A bar of at most `width` cells, in eighths; what is there at all has one."""
    eighths = max(round(count / most * width * 8), 1) if most and count else 0
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"


def _listed(blob: Blob, group: Sequence[int]) -> str:
    said = [f"{place:,} {words.printable(blob.key(place), 60)}" for place in group[:4]]
    return " = ".join(said) + (f" and {len(group) - 4:,} more" if len(group) > 4 else "")


def _json(blob: Blob, found: Statistics, groups: Duplicates | None) -> dict[str, Any]:
    from dataclasses import asdict

    said = asdict(found)
    said["sizes"] = [[*size, count] for size, count in found.sizes.items()]
    said["labels"] = {
        name: {blob.said(name, at): count for at, count in enumerate(counts)}
        for name, counts in found.labels.items()
        if name in blob.schema
    }
    if groups is not None:
        said["duplicates"] = [
            {"how": word, "records": list(group), "keys": [blob.key(place) for place in group]}
            for word, group in groups.groups
        ]
    return said
