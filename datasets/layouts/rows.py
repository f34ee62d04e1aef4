"""Lists: rows of text files, one after the other, whatever is in them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ...engine.text import printable
from ..errors import SourceError
from ..sample import Problems
from .walking import named_as_picture

LONGEST = 1 << 20  # characters of a line; csv itself refuses fields over 2^17
ENDLESS = 200  # times LONGEST: what has such a line is no list
TOO_LONG = "a line that is too long"
NOT_READ = "a row that cannot be read"
_DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
IMAGE_NAMES = frozenset(
    "image img picture photo file filename file_name path filepath file_path image_path image_id image_name img_path "  # noqa: SIM905
    "img_name full_path images files pth".split()
)
LABEL_NAMES = frozenset(
    ("label", "labels", "class", "category", "target", "emotion", "expression", "class_name", "identity", "y", "tag")
)
_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Table:
    """A list, once its first rows were looked at. `names` of the columns, empty where it has no header."""

    path: Path
    delimiter: str
    names: tuple[str, ...]
    first: tuple[tuple[str, ...], ...]

    def rows(self, problems: Problems) -> Iterator[tuple[int, list[str]]]:
        """Number (from 1, the header not counted) and cells of each row that is not blank."""
        return enumerate(islice(cells(self.path, self.delimiter, problems), 1 if self.names else 0, None), 1)

    def column(self, asked: str) -> int:
        """The place of a column by its name, in any case, or its number from 1. Raises SourceError."""
        folded = [name.casefold() for name in self.names]
        if asked.casefold() in folded:
            return folded.index(asked.casefold())
        width = max(map(len, self.first), default=0)
        if asked.isascii() and asked.isdigit() and len(asked) < 7 and 1 <= int(asked) <= width:
            return int(asked) - 1
        there = ", ".join(printable(name, 40) for name in self.names[:40]) or f"1 to {width}, for it has no header"
        raise SourceError(f"{printable(self.path.name, 80)} has no column {printable(asked, 60)!r}: there are {there}")


def lines(path: Path, problems: Problems) -> Iterator[str]:
    """The lines of a text: UTF-8 with or without a byte order mark, or UTF-16 with one; bytes that are neither stay as
    surrogates. A line that is too long is counted and left out. Raises SourceError.
    """
    try:
        with open(path, "rb") as raw:
            start = raw.read(2)
        encoding = next((name for bom, name in _BOMS if start.startswith(bom)), "utf-8-sig")
        errors = "replace" if encoding == "utf-16" else "surrogateescape"
        with open(path, encoding=encoding, errors=errors, newline="") as file:
            while line := file.readline(LONGEST):
                if len(line) < LONGEST or line.endswith(("\n", "\r")):
                    yield line
                    continue
                problems.add(TOO_LONG, path)
                for _ in range(ENDLESS):
                    more = file.readline(LONGEST)
                    if not more or more.endswith(("\n", "\r")):
                        break
                else:
                    raise SourceError(
                        f"{printable(path, 300)} cannot be read: it is no text, for it has lines without end"
                    )
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise SourceError(f"{printable(path, 300)} cannot be read: {reason}") from None


def cells(path: Path, delimiter: str, problems: Problems) -> Iterator[list[str]]:
    """The rows of a list that are not blank, quoted fields and all. Raises SourceError."""
    found = csv.reader(lines(path, problems), delimiter=delimiter, skipinitialspace=delimiter == " ")
    while True:
        try:
            row = next(found)
        except StopIteration:
            return
        except csv.Error as error:  # a field without end, say; the reader goes on behind it
            problems.add(NOT_READ, f"{path.name}, line {found.line_num}: {error}")
            continue
        row = [cell.strip() for cell in row]
        if delimiter == " " and row and not row[-1]:
            row.pop()
        if any(row):
            yield row


def table(path: Path, delimiter: str | None = None, header: bool | None = None) -> Table:
    """Look at the first rows of a list: what parts its cells, and whether it starts with the names of its columns.

    `delimiter` is one character or its name, None to find it. Raises SourceError: it is empty or no text.
    """
    if delimiter is None:
        delimiter = _delimiter(path)
    elif (delimiter := _DELIMITERS.get(delimiter.lower(), delimiter)) in '"\r\n' or len(delimiter) != 1:
        raise SourceError(f"a delimiter is one character, or of {', '.join(_DELIMITERS)}: not {printable(delimiter)!r}")
    first = tuple(tuple(row) for row in islice(cells(path, delimiter, Problems()), 50))
    if not first:
        raise SourceError(f"{printable(path, 300)} has no rows")
    if header is None:
        header = _is_header(first)
    return Table(path, delimiter, first[0] if header else (), first[1:] if header else first)


def _delimiter(path: Path) -> str:
    """What cuts the first rows into the same number of cells, at least two."""
    for delimiter in _DELIMITERS.values():
        widths = [len(row) for row in islice(cells(path, delimiter, Problems()), 50)]
        usual = max(set(widths), key=widths.count, default=1)
        if usual > 1 and widths.count(usual) >= 0.9 * len(widths):
            return delimiter
    return ","


def _is_header(first: tuple[tuple[str, ...], ...]) -> bool:
    """Whether the first row names columns: no cell is a number or a picture, and one is a usual name or one below it is
    a number or a picture.
    """
    if any(map(_is_value, first[0])):
        return False
    usual = {cell.casefold() for cell in first[0]} & (IMAGE_NAMES | LABEL_NAMES)
    return bool(usual) or any(map(_is_value, first[min(1, len(first) - 1)]))


def _is_value(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return named_as_picture(cell)
    return True
