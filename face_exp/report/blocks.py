"""What a report consists of: blocks of plain text, which Markdown and HTML each write, and escape, in their way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `lead` are its first words, in bold."""

    text: str
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`align` has a letter for each column: l or r."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """The same plot twice: lines of at most 76 characters, and SVG. One of them may be missing."""

    caption: str
    lines: tuple[str, ...] = ()
    svg: str = ""


Block: TypeAlias = Heading | Text | Bullets | Table | Plot
