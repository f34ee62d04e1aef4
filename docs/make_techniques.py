"""Writes techniques.md from the catalogue: `python docs/make_techniques.py`. A test holds the two together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trainvis.vis.catalogue import GROUPS, TECHNIQUES, Option, Technique

HEAD = """# Techniques

A technique looks into a network and makes a figure of what it finds. While a network trains
(`Callbacks().pictures("saliency_maps", every=100, images="cat.png")`), and afterwards (`trainvis look NETWORK --image
cat.png --technique saliency_maps`), it goes by the name that stands here, and so does the folder of its results.

SmoothGrad and VarGrad are made of another technique, whose name stands in parentheses: `smoothgrad(saliency_maps)`.
Its options are then those of both.

On the command line an option is `--option NAME=VALUE`: `learning_rate=200`, `layers=conv_1,conv_2`, `maps=4,5,6`,
`units=dense:3` or `units=conv_1:4,5,2` (row, column, map), `recipe=none`. In a script it is an argument of the same
name: `units=[("dense", 3)]`.
"""

NEEDS = {
    "image": "an image",
    "set": "a data set",
    "labels": "its labels",
    "data": "inputs and labels",
    "history": "an earlier figure of the same training",
}

MADE = "\n*This page is made from the catalogue: `python docs/make_techniques.py`.*\n"


def page() -> str:
    """The whole page as Markdown."""
    parts = [HEAD]
    for group, title in GROUPS.items():
        parts.append(f"\n## {title}\n")
        parts.extend(_technique(each) for each in TECHNIQUES.values() if each.group == group)
    return "".join(parts) + MADE


def _technique(each: Technique) -> str:
    name = f"{each.name}(TECHNIQUE)" if each.wraps else each.name
    lines = [f"\n### {each.title}\n", f"`{name}`: {each.sentence}\n"]
    if each.caveat:
        lines.append(f"*{each.caveat}*\n")
    lines.append(_facts(each))
    if each.paper:
        paper = each.paper
        lines.append(f"\n{paper.authors} ({paper.year}): [{paper.title}]({paper.address})")
    if each.options:
        lines.append("\n| option | default | |\n|---|---|---|")
        lines.extend(_option(option) for option in each.options)
    return "\n".join(lines) + "\n"


def _facts(each: Technique) -> str:
    facts = [f"Shown as {_and(each.kinds)}"]
    if each.needs:
        facts.append(f"needs {_and([said for need, said in NEEDS.items() if need in each.needs])}")
    if each.wrappable:
        facts.append("can be wrapped")
    if each.cost == "dear":
        facts.append("takes many passes through the network")
    return "; ".join(facts) + "."


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _option(option: Option) -> str:
    allowed = f" ({', '.join(option.choices)})" if option.choices else ""
    return f"| `{option.name}` | {_value(option.default)} | {option.sentence}{allowed} |"


def _value(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    (Path(__file__).parent / "techniques.md").write_text(page(), encoding="utf-8")
