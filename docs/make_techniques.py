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

TAIL = """
## Images

An image is a file (PNG, JPEG, BMP, GIF, TIFF, WebP, PNM or `.npy`), a folder of them, a PIL image, or an array of
H×W, H×W×C, N×H×W or N×H×W×C numbers; several make a list. Photos are turned as their EXIF says, transparency is laid
on black, 16 bits a value are rounded to 8, of an animation the first frame is taken; of more than 64 images 64 are
taken, evenly spread. What cannot be read is named.

Pixels (uint8, and whole numbers within 0…255) are fitted to the network: resized, grey repeated as colour, colour
made grey. Each time it is said below the picture. An array of floats is taken to be in the network's own units: it
goes in as it is, and is refused where it does not fit.

## Preprocessing

`preprocess` makes of pixels 0…255 what the network was trained on: a function of the batch, in the network's layout
(`keras.applications.….preprocess_input` is one), or a name made of words that are done one after the other:

| word | what it does |
|---|---|
| `0..1`, `-1..1` | to this range; `0..255` leaves them |
| `bgr` | the channels in the other order |
| `mean 104,117,123` | subtract, one number or one for each channel |
| `std 58.4,57.1,57.4` | divide |
| `tf`, `torch`, `caffe` | as `preprocess_input` of keras.applications in this mode |

`bgr mean 104,117,123` is one. From a name the way back to pixels is known too; a function has its own in
`postprocess`, which gets one image H×W×C in network units. Where a sample of the training data is given, an image
that is scaled unlike it is warned of.

## Data sets

A data set is a folder of pictures, a folder of folders of them (each a class, numbered by name as
`keras.utils.image_dataset_from_directory` does), an array of images, `(x, y)`, or any object with `len` and `[i]`
that gives mappings with a field `image`, and `label` and `key` where it has them. Pictures that cannot be read are
left out, and the figure says how many.
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
    return "".join(parts) + TAIL + MADE


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
