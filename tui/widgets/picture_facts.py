"""The words around the pictures: what is shown, its statistics, its colours, its place in the training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from textual.content import Content

from ...engine.text import printable
from ...vis.figures import Maps, Prediction, Vectors
from ...vis.results import Entry
from ..drawing.cells import number, steady
from ..figures.about import caveats
from ..figures.reader import Shelf
from ..figures.sheet import Sheet
from ..figures.words import (
    Lines,
    Statistics,
    figure_lines,
    layer_words,
    prediction_lines,
    prediction_words,
    statistics,
    statistics_lines,
)
from ..pixels.raster import Overlay
from ..pixels.tone import palette
from .figure_list import PROBLEMS
from .looking import Looking, Seen, image_of, tone_of, values_of

_STYLES = {"title": "bold $accent", "dim": "$text-muted", "warn": "$text-warning", "bar": "$secondary", "": ""}
_NONE = (
    "This run has no pictures.\n\n"
    'A script makes them while it trains: Callbacks().pictures("layer_activations", images="photo.png").\n\n'
    "Of a saved network: trainvis look MODEL --image FILE."
)
_SOON = (
    "No picture yet. The first come before the training, where the script asks for any:\n"
    'Callbacks().pictures("layer_activations", images="photo.png").\n\n'
    "p asks the script for pictures now."
)
_WHY = {"first": "the first", "interval": "by interval", "last": "at the end", "wish": "wished for"}
_MOST = 4_000_000  # numbers of a layer that are counted while a person waits


def styled(lines: Lines) -> Content:
    """Lines of pieces as Textual shows them."""
    return Content("\n").join(
        Content.assemble(*((text, _STYLES[look]) for text, look in line if text)) for line in lines
    )


def prediction_of(sheet: Sheet, looking: Looking) -> Prediction | None:
    """That of the image shown."""
    at = image_of(sheet, looking)
    return sheet.predictions[at] if at < len(sheet.predictions) else None


def layer_of(sheet: Sheet, looking: Looking) -> Mapping[str, Any]:
    """What the figure's table says of the layer on the image shown."""
    name = sheet.facts.name if sheet.facts is not None else ""
    return sheet.layers.get((name, image_of(sheet, looking))) or sheet.layers.get((name, None)) or {}


def instead(shelf: Shelf | None, sheet: Sheet | None, name: str, wish: str, *, living: bool) -> str:
    """What stands in the place of a picture of the figure `name` where there is none; "" where there is one."""
    if shelf is None:
        return ""
    if name == PROBLEMS:
        return "\n\n".join(f"{part}: {text}" if part else text for part, text in reversed(shelf.problems))
    if name in shelf.failed:
        return "\n\n".join(reversed(shelf.said_of(name)))
    if not shelf.figures:
        problems = [f"{part}: {text}" if part else text for part, text in shelf.problems[-5:]]
        return "\n\n".join([_SOON if living else _NONE, *([wish] if wish else []), *problems])
    if sheet is None:
        return ""
    if sheet.problem:
        return printable(sheet.problem, 600)
    if sheet.facts is not None and 0 in sheet.facts.shape:
        return f"{printable(sheet.facts.name, 80)} is empty at this step"
    return ""


def title(sheet: Sheet | None, seen: Seen, looking: Looking) -> Content:
    """Technique, part, which map of how many, which image, how near."""
    if sheet is None or sheet.facts is None:
        return Content.styled(steady(looking.name, 80) if looking.name.isprintable() else "", "bold")
    facts = sheet.facts
    words: list[str] = []
    if len(seen.items) > 1:
        kind = "picture" if facts.kind == "pictures" else "map"
        place = seen.items.index(seen.chosen) + 1 if seen.chosen in seen.items else 0
        if seen.single:
            words.append(f"{kind} {place} of {len(seen.items)}")
        elif seen.pages > 1:
            first = seen.first + 1
            words.append(f"{kind}s {first}–{seen.first + len(seen.page)} of {len(seen.items)}")
        else:
            words.append(f"{len(seen.items)} {kind}s")
    if len(sheet.inputs) > 1 and facts.kind in ("maps", "pictures"):
        words.append(f"image {image_of(sheet, looking) + 1} of {len(sheet.inputs)}")
    if looking.view.zoom > 1:
        words.append(f"×{looking.view.zoom:g}")
    technique = steady(sheet.technique, 60)
    name = steady(facts.name, 60) or technique
    said = Content.assemble((name, "bold"), ("  " + " · ".join(words) if words else "", ""))
    return said if name == technique else Content.assemble(said, ("  " + technique, "$text-muted"))


def one_line(sheet: Sheet, seen: Seen, looking: Looking) -> str:
    """The most important facts where there is no room for all: the prediction, the range, what is dark."""
    words = [prediction_words(prediction_of(sheet, looking))]
    values = values_of(sheet, seen.chosen) if seen.chosen is not None else None
    found = statistics(values) if values is not None else None
    if found is not None and not seen.photos:
        words.append(f"{number(found.low)} … {number(found.high)} mean {number(found.mean)}")
    words += layer_words(layer_of(sheet, looking))
    return " · ".join(word for word in words if word)


def facts(sheet: Sheet, seen: Seen, looking: Looking, width: int, problems: tuple[str, ...] = ()) -> Content:
    """All of them, one below the other."""
    lines = [*prediction_lines(prediction_of(sheet, looking), width)]
    chosen = seen.chosen
    values = values_of(sheet, chosen) if chosen is not None else None
    if values is not None and chosen is not None and not seen.photos:
        about = " (thumbnail)" if sheet.reduced and chosen not in sheet.full else ""
        kind = "Map" if len(seen.items) < 2 or chosen not in seen.items else f"Map {seen.items.index(chosen) + 1}"
        lines += [(("", ""),), ((f"{kind}{about}", "title"),), *statistics_lines(statistics(values), width)]
    lines += _of_all(sheet, seen, looking, width)
    if sheet.inputs and sheet.facts is not None and sheet.facts.kind in ("maps", "pictures"):
        given = sheet.inputs[image_of(sheet, looking)]
        said = [steady(text, 200) for text in (given.name, given.note) if text]
        lines += [(("", ""),), (("Image", "title"),), *(((text, "dim"),) for text in said)] if said else []
    lines += [(("", ""),), *figure_lines(sheet)]
    for text in (*problems[-1:], *caveats(sheet.technique)):
        lines += [(("", ""),), ((text, "warn"),)]
    while lines and lines[0] == (("", ""),):
        del lines[0]
    return styled(lines)


def _of_all(sheet: Sheet, seen: Seen, looking: Looking, width: int) -> Lines:
    values = getattr(sheet.part, "values", None)
    if not isinstance(sheet.part, Maps | Vectors) or values is None or values.dtype.kind not in "fiu":
        return []
    told = [((word, ""),) for word in layer_words(layer_of(sheet, looking))]
    chosen = values[list(seen.items)] if seen.items and len(seen.items) < len(values) else values
    if len(chosen) < 2 or chosen.size > _MOST:
        return told
    found, exact = statistics(chosen), _told(layer_of(sheet, looking))
    about = " (of thumbnails)" if sheet.reduced and exact is None else ""
    if sheet.reduced and exact is not None and found is not None:
        found = replace(exact, counts=found.counts)
    name = "Layer" if sheet.facts is not None and sheet.facts.space == "layer" else f"All {len(chosen)}"
    return [(("", ""),), ((f"{name}{about}", "title"),), *statistics_lines(found, width), *told]


def _told(layer: Mapping[str, Any]) -> Statistics | None:
    """The statistics that the figure's own table has of the whole layer."""
    numbers = [layer.get(name) for name in ("min", "max", "mean", "std", "zeros")]
    return Statistics(*numbers, ()) if all(isinstance(each, int | float) for each in numbers) else None  # type: ignore[arg-type]


def legend(sheet: Sheet, seen: Seen, looking: Looking, cells: int) -> Content:
    """The colours as a bar with the numbers at its ends, and how they were made."""
    reach, part = seen.reach, sheet.part
    if reach is None or part is None:
        return Content("")
    tone = tone_of(sheet, looking)
    name = tone.named(getattr(part, "signed", False))
    if isinstance(seen.main, Overlay):
        tone, name = seen.main.above.tone, seen.main.above.tone.named(seen.main.above.signed)
    colours = palette(name)[np.linspace(0, 255, cells).astype(int)].tolist()
    bar = [(" ", f"on #{r:02x}{g:02x}{b:02x}") for r, g, b in colours]
    words = [name, "per layer" if tone.per == "layer" else "per map"]
    if tone.clip:
        words.append(f"clip {tone.clip:g} %")
    if tone.gamma != 1:
        words.append(f"gamma {tone.gamma:g}")
    if looking.over and seen.single and seen.beside is not None:
        words.insert(0, f"{looking.over:.0%} over the photo")
    return Content.assemble(f"{number(reach[0])} ", *bar, f" {number(reach[1])}  {' · '.join(words)}")


def when(entry: Entry, at: int, count: int, now: list[str]) -> str:
    """When in the training a figure was made, which of how many it is, what goes on `now`, and why it was made."""
    epoch = "" if math.isnan(entry.epoch) else f"epoch {entry.epoch:.2f}  "
    why = [_WHY[entry.why]] if entry.why else []
    return " · ".join([f"{epoch}step {entry.step:,}", f"{at + 1:,} of {count:,}", *now, *why])
