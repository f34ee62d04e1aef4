"""The pictures of the worked example: sheets painted from the figures of its run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import painting
import worked_readings
from painting import Cell
from worked_run import TEN, Array, Box, WorkedRun

from trainvis.tui.drawing import picture
from trainvis.tui.drawing.model import Axis, Fit, Line, Plot
from trainvis.tui.drawing.reduce import Trace
from trainvis.vis.figures import Figure, Pictures, Prediction

SIZE = 84  # of a cell: three pixels for one of the digit
SMALL = 72  # twelve pixels for one of what a unit of the pool sees
MAPS = 5  # of the late pool that are shown
MISTAKES = 6
PREFIX = "worked-example"


def all_of(run: WorkedRun, folder: Path) -> list[Path]:
    """Paint every sheet into a folder; their files."""
    sheets = {
        "saliency": saliency(run),
        "deep": ascents(run),
        "sets": sets(run),
        "activations": activations(run),
        "parts": parts(run),
        "mistaken": mistaken(run),
    }
    made = [painting.save(sheet, folder / f"{PREFIX}-{name}.png") for name, sheet in sheets.items() if sheet]
    curves = run.curves()
    made.append(chart(folder / f"{PREFIX}-loss.png", "loss", {name: curves[name] for name in ("loss", "val_loss")}))
    change = worked_readings.changes(run)
    lines = {name: (run.epochs[1:], found.tolist()) for name, found in change.items()}
    made.append(chart(folder / f"{PREFIX}-change.png", "change from stage to stage", lines))
    return made


def saliency(run: WorkedRun) -> painting.Image.Image:
    """Ten digits, the stages of two epochs and the end."""
    stages = _stages(run)
    rows = [
        [Cell(painting.viridis(run.saliency_stages[at, digit]), *_caption(run.saliency[at], digit)) for at in stages]
        for digit in range(TEN)
    ]
    digits = [Cell(each.picture) for each in run.saliency[0].inputs]
    return painting.sheet([[own, *row] for own, row in zip(digits, rows, strict=True)], columns=_heads(run), size=SIZE)


def ascents(run: WorkedRun) -> painting.Image.Image:
    """Ten outputs, the stages of two epochs and the end."""
    stages = _stages(run)
    rows = [[Cell(_bytes(run.ascents[at])[digit]) for at in stages] for digit in range(TEN)]
    names = [f"output {digit}" for digit in range(TEN)]
    return painting.sheet(rows, columns=_heads(run)[1:], names=names, size=SIZE)


def sets(run: WorkedRun) -> painting.Image.Image:
    """The four sets of regularisers at the end."""
    rows = [[Cell(painting.stretched(each[..., None])) for each in run.set_of(name)] for name in worked_readings.SETS]
    columns = [f"output {digit}" for digit in range(TEN)]
    return painting.sheet(
        rows, columns=columns, names=[each.replace("_", " ") for each in worked_readings.SETS], size=SIZE
    )


def activations(run: WorkedRun, digit: int = 7) -> painting.Image.Image:
    """The three most active maps of each layer with maps (of the pool the next three, for it passes on the same), of
    one digit, each with one scale over all stages.
    """
    stages, rows, names = _stages(run), [], []
    for layer, first in (("conv_1", 0), ("conv_2", 0), ("pool", 3)):
        found = np.stack([_of_digit(each, layer, digit) for each in run.activations])
        for place in np.argsort(-found[-1].mean(axis=(1, 2)), kind="stable")[first : first + 3]:
            most = float(found[stages, place].max())
            rows.append([Cell(painting.viridis(found[at, place], high=most)) for at in stages])
            names.append(f"{layer}:{place}")
    return painting.sheet(rows, columns=_heads(run)[1:], names=names, size=SIZE)


def parts(run: WorkedRun) -> painting.Image.Image:
    """Some maps of the late pool, from the most to the least active: the place in each digit that excites it most, what
    is there, and the projection of the map.
    """
    maps, patches, places = run.patches()
    values, scores = run.projections_at_the_end()
    rows, names = [], []
    for rank in range(0, len(maps), max(len(maps) // MAPS, 1)):
        number, digits = maps[rank], range(TEN)
        said = [(f"{scores[digit, number]:.1f}",) for digit in digits]
        rows.append([Cell(painting.boxed(run.digit(digit), places[digit][rank], 3), said[digit]) for digit in digits])
        rows.append([Cell(painting.grey(patches[digit, rank], 0, 255)) for digit in digits])
        rows.append([Cell(_cut(values[digit, number], places[digit][rank])) for digit in digits])
        names += [f"pool:{number}", "the place", "projection"]
    return painting.sheet(rows, names=names, size=SMALL)


def mistaken(run: WorkedRun) -> painting.Image.Image | None:
    """Misread digits beside what they were taken for; one for each pair of classes."""
    found, rows = run.mistakes, []
    pairs: set[tuple[int, int]] = set()
    for at, place in enumerate(found.found.places):
        own, other = int(found.true[place]), found.predictions[place].classes[0]
        if (own, other) in pairs or len(rows) == MISTAKES:
            continue
        pairs.add((own, other))
        said, means = _said(found.predictions[place]), found.found.means
        rows.append(
            [
                Cell(painting.grey(found.images[place, ..., 0], 0, 1), (f"a {own}, {said}",), True),
                Cell(painting.viridis(found.maps[place])),
                Cell(painting.viridis(means[other], low=None), (f"of {other}: r = {found.found.read[at]:.2f}",)),
                Cell(painting.viridis(means[own], low=None), (f"of {own}: r = {found.found.own[at]:.2f}",)),
            ]
        )
    columns = ("digit", "its saliency", "that of what it\nwas taken for", "that of what it is")
    return painting.sheet(rows, columns=columns, size=140) if rows else None


def chart(file: Path, title: str, series: Mapping[str, tuple[list[float], list[float]]]) -> Path:
    """Curves over epochs, drawn as the application draws them."""
    colours = {name: place for place, name in enumerate(dict.fromkeys(each.removeprefix("val_") for each in series))}
    lines = [
        Line(Trace(np.array(x), np.array(y)), name, colours[name.removeprefix("val_")], dashed=name.startswith("val_"))
        for name, (x, y) in series.items()
    ]
    return picture.save(Plot(lines, title, Axis.EPOCH, fit=Fit.ALL), str(file), width=1200, height=620)


def _stages(run: WorkedRun) -> list[int]:
    """The stages of the first two epochs, and the last one of all."""
    return [*range(run.shown), *([len(run.epochs) - 1] if len(run.epochs) > run.shown else [])]


def _heads(run: WorkedRun) -> list[str]:
    said = [f"epoch {run.epochs[at]:.1f}" for at in _stages(run)]
    return ["digit", "before", *said[1:]]


def _caption(figure: Figure, digit: int) -> tuple[tuple[str, ...], bool]:
    prediction = figure.predictions[digit]
    return (_said(prediction),), prediction.classes[0] != digit


def _said(prediction: Prediction) -> str:
    return f"{prediction.classes[0]}: {prediction.scores[0]:.0%}"


def _bytes(figure: Figure) -> Array:
    part = figure.part("digit")
    assert isinstance(part, Pictures)
    return part.values


def _cut(projection: Array, box: Box) -> Array:
    """The part of a projection in a box; grey is 0."""
    top, left, bottom, right = box
    return painting.stretched(projection[top:bottom, left:right, None])


def _of_digit(figure: Figure, layer: str, digit: int) -> Array:
    """The maps of a layer for one digit, in their order."""
    part = figure.part(layer)
    found = {item.unit[-1]: value for value, item in zip(part.values, part.items, strict=True) if item.image == digit}
    return np.stack([found[each] for each in sorted(found)])
