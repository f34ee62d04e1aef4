"""A report as one HTML page: no script, nothing from elsewhere, light and dark as the reader's system has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .blocks import Block, Bullets, Heading, Plot, Table, Text
from .svg import escaped

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --dim: #5b6675; --paper: #fbfbf9; --card: #ffffff; --rule: #d9dde3;
  --c0: #0b62a4; --c1: #c2500a; --c2: #1d7f4f; --c3: #8c3fa0; --c4: #9a7400; --c5: #b3244f; --heat: #0b62a4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --dim: #9aa6b5; --paper: #14181e; --card: #1b2129;
  --rule: #343d49; --c0: #6cb4f0; --c1: #f2a065; --c2: #6fd0a0; --c3: #d59ae6; --c4: #e0c15a; --c5: #f58aa9;
  --heat: #6cb4f0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 880px; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: .5rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; padding-top: .7rem; border-top: 1px solid var(--rule); }
p, li { overflow-wrap: anywhere; }
li { margin: .35rem 0; }
nav { font-size: .9rem; columns: 2 16rem; margin: 1rem 0; }
nav a { display: block; color: var(--c0); padding: .12rem 0; }
figure { margin: 1.2rem 0; background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: .8rem;
  overflow-x: auto; }
figcaption, .note { color: var(--dim); font-size: .88rem; text-align: left; padding-bottom: .5rem; margin: 0; }
.wide { overflow-x: auto; margin: .3rem 0 1.4rem; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; min-width: 100%; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
th { color: var(--dim); font-weight: 600; } td.r, th.r { text-align: right; white-space: nowrap; }
td + td:not(.r) { min-width: 10.8rem; }
svg { display: block; width: 100%; min-width: 460px;
  margin: 0 auto; height: auto; font: 13px system-ui, sans-serif; fill: var(--ink); }
svg .dim { fill: var(--dim); font-size: 12px; } svg .small { font-size: 11px; fill: var(--dim); }
svg .grid { stroke: var(--rule); } svg .zero { stroke: var(--dim); stroke-dasharray: 4 3; }
svg .frame { fill: none; stroke: var(--rule); } svg .heat { fill: var(--heat); }
svg .cell { font-size: 12px; } svg .cell.strong { fill: var(--card); font-weight: 600; }
svg .bar { stroke-width: 2.5; }
svg .hollow { fill: var(--card); stroke-width: 2; }
svg .thin { stroke-width: 1; opacity: .55; } svg .name { font-weight: 600; }
svg .line { fill: none; stroke-width: 2; } svg .d1 { stroke-dasharray: 7 3; } svg .d2 { stroke-dasharray: 2 3; }
svg .d3 { stroke-dasharray: 9 3 2 3; }
""" + "\n".join(
    f"svg .s{each} {{ stroke: var(--c{each}); }} svg .dot.s{each}, svg .name.s{each} {{ fill: var(--c{each}); "
    "stroke: none; }"
    for each in range(6)
)


def page(blocks: Sequence[Block]) -> str:
    """The text of the file."""
    title = next((escaped(block.text) for block in blocks if isinstance(block, Heading)), "Report")
    named = [block for block in blocks if isinstance(block, Heading) and block.level == 2]
    places = "".join(f'<a href="#{_id(number)}">{escaped(each.text)}</a>' for number, each in enumerate(named))
    body: list[str] = []
    number = 0
    for block in blocks:
        if isinstance(block, Heading) and block.level == 2:
            if number == 3:  # after the three answers
                body.append(f'<nav aria-label="Contents">{places}</nav>')
            body.append(f'<h2 id="{_id(number)}">{escaped(block.text)}</h2>')
            number += 1
        else:
            body += _written(block)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body><main>\n"
        + "\n".join(body)
        + "\n</main></body></html>\n"
    )


def _id(number: int) -> str:
    return f"part-{number + 1}"


def _written(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"<h{block.level}>{escaped(block.text)}</h{block.level}>"
        case Text():
            yield f"<p>{f'<strong>{escaped(block.lead)}</strong> ' if block.lead else ''}{escaped(block.text)}</p>"
        case Bullets():
            yield f"<ul>{''.join(f'<li>{escaped(item)}</li>' for item in block.items)}</ul>"
        case Table():
            yield _table(block)
        case Plot() if block.svg:
            yield f"<figure><figcaption>{escaped(block.caption)}</figcaption>{block.svg}</figure>"
        case Plot():
            return


def _table(block: Table) -> str:
    align = block.align or "l" * len(block.head)
    kinds = [' class="r"' if each == "r" else "" for each in align]
    head = "".join(f"<th{kind}>{escaped(cell)}</th>" for kind, cell in zip(kinds, block.head, strict=True))
    rows = "".join(
        "<tr>" + "".join(f"<td{kind}>{escaped(cell)}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>"
        for row in block.rows
    )
    caption = f'<p class="note">{escaped(block.caption)}</p>' if block.caption else ""
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'{caption}<div class="wide" tabindex="0">{table}</div>'
