"""A report in Markdown as rich draws it, for the command and for the run screen; texts in it are harmless."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown
from rich.style import Style
from rich.text import Text

from ..engine.text import printable


class _PlainHeading(Heading):
    """At the left and underlined by weight, where rich centres headings and boxes the first."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        text = self.text.copy()
        text.justify = "left"
        text.stylize(Style(bold=True, underline=self.tag == "h1"))
        if self.tag != "h1":
            yield Text("")
        yield text


class _Plot(CodeBlock):
    """As it is: lines of a plot are neither coloured nor padded nor broken."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in str(self.text).rstrip().split("\n"):
            yield Text(f"  {line}", no_wrap=True, overflow="crop")


class _Report(Markdown):
    """Markdown with these two."""

    elements = {**Markdown.elements, "heading_open": _PlainHeading, "fence": _Plot}  # noqa: RUF012 - as rich has it


def rendered(text: str) -> Markdown:
    """A renderable; links are not made, and control characters are shown as pictures."""
    return _Report("\n".join(printable(line) for line in text.splitlines()), hyperlinks=False)


def drawn(text: str, width: int, *, colored: bool) -> str:
    """A report as it looks in so many columns; no control sequence is in it but those of our own colours."""
    console = Console(
        width=width, force_terminal=colored, color_system="standard" if colored else None, legacy_windows=False
    )
    with console.capture() as captured:
        console.print(rendered(text))
    return captured.get() if colored else "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
