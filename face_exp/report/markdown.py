"""A report as Markdown, which a terminal shows in 80 columns; nothing from data is read as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...engine.text import printable
from .blocks import Block, Bullets, Heading, Plot, Table, Text

# What would begin something: emphasis, code, a cell; a link or its target; a tag, an entity. Else text stays readable.
_MARKUP = re.compile(r"[\\`*_|~]|\](?=[(\[:])|!(?=\[)|<(?=[A-Za-z/!?])|&(?=[#\w])")
_BACKSLASH = r"\\\g<0>"
_LEADING = re.compile(r"^(?:[-+>#=]|\d+(?=[.)]))")


def markdown(blocks: Sequence[Block]) -> str:
    """The text of the file."""
    written = [list(_written(block)) for block in blocks]
    return "\n".join(line for each in written if each for line in (*each, "")).rstrip() + "\n"


def escaped(text: object) -> str:
    """Text that Markdown shows as it is."""
    return _LEADING.sub(_stepped_back, _MARKUP.sub(_BACKSLASH, printable(text)))


def _stepped_back(found: re.Match[str]) -> str:
    return f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}"


def _written(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield "#" * block.level + " " + _MARKUP.sub(_BACKSLASH, printable(block.text))
        case Text():
            yield (f"**{escaped(block.lead)}** " if block.lead else "") + escaped(block.text)
        case Bullets():
            yield from (f"- {escaped(item)}" for item in block.items)
        case Table():
            if block.caption:
                yield f"*{escaped(block.caption)}*"
                yield ""
            yield _row(block.head)
            align = block.align or "l" * len(block.head)
            yield f"|{'|'.join('---:' if each == 'r' else '---' for each in align)}|"
            yield from (_row(row) for row in block.rows)
        case Plot() if block.lines:
            yield f"*{escaped(block.caption)}*"
            yield ""
            yield "```text"
            yield from (printable(line).replace("```", "'''") for line in block.lines)
            yield "```"
        case Plot():
            return


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_MARKUP.sub(_BACKSLASH, printable(cell)) for cell in cells)} |"
