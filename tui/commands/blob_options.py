"""What the commands of `trainvis blob` share: which file, which records of it, how far a work is."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from . import words
from .waiting import ProgressLine

if TYPE_CHECKING:
    from typing import Self

    from ...datasets.blob import Blob

F = TypeVar("F", bound=Callable[..., Any])
_SIGN = re.compile(r"(-?[^:<>=]+(?::|<=|>=|<|>|=))(.*)", re.DOTALL)
_NEGATED = re.compile(r"-[^\W\d][\w.-]*(?::|<=|>=|<|>|=)")
_NOT = "\0not\0"  # in place of the minus of a filter's term, which click would take for an option
_PLAIN_EVERY = 10.0  # seconds between two lines where no terminal writes over one

FILTERS = """\b
Filters
  label:cat label=cat   a class, by name or number; label:cat,dog any of them
  -split:test           not; label:? of which nobody knows the class
  age>30 record<1000    numbers; the number of the record is a field too
  key:holiday sunset    a part of the key; a word looked up anywhere

Words side by side all have to fit; docs/blobs.md has all of them."""


class Filtering(click.Command):
    """A command whose arguments are a filter, of which `-label:cat` is a part and no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        marked = [f"{_NOT}{each[1:]}" if _NEGATED.match(each) else each for each in args[:end]]
        return super().parse_args(ctx, [*marked, *args[end:]])


def file_argument(command: F) -> F:
    """FILE, as a path that need not be there: the formats say what is wrong with it."""
    return click.argument("path", metavar="FILE", type=click.Path(path_type=Path))(command)


def labels_options(command: F) -> F:
    """`--labels FILE` and `--stored`."""
    command = click.option("--stored", is_flag=True, help="The labels of the file itself, without a side file's.")(
        command
    )
    return click.option(
        "--labels", type=click.Path(path_type=Path), metavar="SIDE", help="This side file, not FILE.labels.jsonl."
    )(command)


def choosing_options(command: F) -> F:
    """`[FILTER]... --where --part`."""
    command = click.option("--part", metavar="NAME", help="Only this part of the split: train, validation, test.")(
        command
    )
    command = click.option(
        "--where", multiple=True, metavar="FIELD=VALUE", help="Only where this holds; may be repeated: all must."
    )(command)
    return click.argument("query", nargs=-1, metavar="[FILTER]...")(command)


def opened(path: Path, labels: Path | None = None, *, stored: bool = False, whole: bool = True) -> Blob:
    """The blob of a file; `whole`: once every record of it can be found. Raises BlobError."""
    from ...datasets.blob import open_blob

    if labels is not None and stored:
        raise click.UsageError("--labels and --stored contradict each other")
    blob = open_blob(path, False if stored else labels)
    for note in blob.notes:
        words.hint(note)
    if whole:
        _await_keys(blob)
    return blob


def _await_keys(blob: Blob) -> None:
    """Until the keys of a foreign LMDB are counted, which is done once and kept."""
    from ...datasets.errors import IndexingError

    line = ProgressLine()
    try:
        while len(blob):
            try:
                blob.key(len(blob) - 1)  # waits a little itself
                return
            except IndexingError as error:
                said = str(error).partition(";")[0]
                line.show(lambda said=said: said)
    finally:
        line.clear()


def is_arrays_only(blob: Blob) -> bool:
    """Whether a file that trainvis did not build has neither images nor classes: numbers, to be seen as its tree."""
    return not blob.digest and blob.schema.image is None and blob.schema.label is None


def chosen(blob: Blob, query: Sequence[str], where: Sequence[str], part: str | None) -> Sequence[int]:
    """The places of the records that are meant, in their order. Raises BlobError, click.UsageError."""
    query = [f"-{each.removeprefix(_NOT)}" if each.startswith(_NOT) else each for each in query]
    text = " ".join([*query, *map(_quoted, where)])
    if not text.strip():
        return range(len(blob)) if part is None else blob.part(part).places  # type: ignore[return-value]
    import numpy as np

    from ...datasets.filter import Chooser, parse
    from ...engine.errors import QueryError
    from ...engine.text import printable

    in_part = None if part is None else np.asarray(blob.part(part).places)
    try:
        terms = parse(text, blob.schema)
    except QueryError as error:
        column = len(printable(text[: error.position]))
        raise click.UsageError(f"{error}\n  {printable(text)}\n  {' ' * column}^") from None
    passing = np.concatenate([np.zeros(0, np.int64), *(piece for piece, _ in Chooser(blob).passing(terms))])
    return passing if in_part is None else passing[np.isin(passing, in_part)]  # type: ignore[return-value]


def _quoted(term: str) -> str:
    """`label=old man`, from which the shell has taken the quotes, as the filter wants it."""
    found = _SIGN.fullmatch(term)
    if found is None:
        raise click.UsageError(f"--where takes FIELD=VALUE, as label=cat, not {term!r}")
    value = found[2]
    return f'{found[1]}"{value}"' if re.search(r"\s", value) and '"' not in value else term


class Bar:
    """How far a work is: a line with a bar that is written over on a terminal, else a plain line now and then."""

    def __init__(self, what: str, unit: str = "records") -> None:
        self.what, self._unit = what, unit
        self._began = self._told = time.monotonic()
        self._line = ProgressLine()

    def __call__(self, done: int, total: int) -> None:
        self.tell(done, total)

    def tell(
        self, done: int, total: int | None, rate: float | None = None, eta: float | None = None, more: str = ""
    ) -> None:
        """So many are done, of `total` where that is known."""
        seconds = time.monotonic() - self._began
        if rate is None:
            rate = done / seconds if seconds > 0.5 else None
            eta = (total - done) / rate if rate and total is not None else None

        def text() -> str:
            return progress(self.what, self._unit, done, total, rate, eta, more, bar=sys.stderr.isatty())

        self._line.show(text)
        if not sys.stderr.isatty() and time.monotonic() - self._told >= _PLAIN_EVERY:
            self._told = time.monotonic()
            words.hint(text())

    def clear(self) -> None:
        """Take the line away."""
        self._line.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()


def progress(
    what: str, unit: str, done: int, total: int | None, rate: float | None, eta: float | None, more: str, *, bar: bool
) -> str:
    """`building ██████░░░░ 62 % 31,000 of 50,000 records  5,200/s  3s to go`."""
    from ..drawing.cells import duration

    parts = [what]
    if total:
        share = min(done / total, 1.0)
        if bar:
            full = int(share * 20)
            parts.append("█" * full + "░" * (20 - full))
        parts.append(f"{int(share * 100)} %")
        parts.append(f"{done:,} of {total:,} {unit}")
    else:
        parts.append(f"{done:,} {unit}")
    if rate:
        parts.append(f" {rate:,.0f}/s" if rate >= 10 else f" {rate:.1f}/s")
    if eta is not None and done:
        parts.append(f" {duration(eta)} to go")
    return " ".join((*parts, more)).rstrip()


def table(titles: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> Iterator[str]:
    """Rows of harmless texts as lines, the columns named in `right` aligned there; empty columns are left out.

    Where the terminal is narrow the first two columns are cut, and those at the right end go first.
    """
    from dataclasses import replace

    from ..drawing import text_table

    columns = []
    for at, title in enumerate(titles):
        texts = tuple(row[at] for row in rows)
        if any(texts):
            align = "right" if title in right else "left"
            column = text_table.Column(title, texts, len(titles) - at, align)
            columns.append(replace(column, least=min(column.most, 16 if at < 2 and align == "left" else column.most)))
    return text_table.lines(columns, words.width())


def size_on_disk(path: Path) -> int:
    """The bytes of a file with all of its shards, or of the files in a folder; holes in it count nothing."""
    from ...datasets.formats.own import shards_of

    files = [each for each in path.iterdir() if each.is_file()] if path.is_dir() else shards_of(path)
    facts = [each.stat() for each in files if each.exists()]
    return sum(min(each.st_blocks * 512, each.st_size) for each in facts)
