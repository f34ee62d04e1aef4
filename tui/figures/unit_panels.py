"""The panels of one unit: its activation, its learned images, the images that excite it, these carried back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from ...vis.figures import Input, Maps, Pictures, Table, Vectors
from ..drawing.cells import number, steady
from ..pixels.raster import Photo
from ..pixels.tone import PLAIN, Tone, range_of
from . import absent, units
from .overview import Room, overview, width_of
from .rasters import photo
from .sheet import Ask, Sheet
from .shots import Panel, Shot, painted, plane_of, summed_up
from .units import Layer
from .words import bar, prediction_words

# The panels in the order in which they lie on the screen, and in that in which they are left out where it is small.
ORDER = ("layer", "activation", "input", "learned", "images", "back")
FIRST = ("activation", "learned", "images", "back", "layer", "input")
CLIPPED = 1.0  # percent of a deconvolution at each end: a few pixels are far above all others
ROLES: Mapping[str, Sequence[str]] = {
    "maps": (units.ACTIVATIONS,),
    "learned": units.LEARNED,
    "images": (units.MAXIMAL,),
    "back": (units.MAXIMAL,),
}


@dataclass(frozen=True, slots=True)
class Look:
    """Which unit is looked at: of `layer` the one of number `unit`, on input `image`. `sheets` has a role and a name
    of figures for each sheet that was read; `prefer` is the name that comes first among learned images; `later` says
    for a role at which step its first figure is, where that is still to come. `room` is that of the layer's
    panel, in output pixels, and their aspect.
    """

    run: str
    layer: Layer
    unit: int
    image: int = 0
    sheets: Mapping[tuple[str, str], Sheet] = field(default_factory=dict)
    tone: Tone = PLAIN
    prefer: str = ""
    later: Mapping[str, int] = field(default_factory=dict)
    step: int = 0
    room: Room = ((80, 40), 1.0)

    def of(self, role: str) -> list[tuple[str, Sheet]]:
        """The sheets of a role by the name of their figures, the preferred one first."""
        found = [(name, sheet) for (each, name), sheet in self.sheets.items() if each == role]
        return sorted(found, key=lambda pair: pair[0] != self.prefer)

    def chosen(self, role: str) -> tuple[str, Sheet, tuple[int, ...]] | None:
        """The first sheet of a role that shows the unit, under which name, and which of its items do."""
        image = self.image if role == "maps" else None
        for name, sheet in self.of(role):
            if isinstance(sheet.part, Vectors) and role == "maps":
                if self.unit < sheet.part.values.shape[1] and self.image < len(sheet.part.values):
                    return name, sheet, (self.image,)
            elif sheet.items is not None and (places := units.places(sheet.items, self.unit, image)):
                return name, sheet, places
        return None


def part_of(role: str, layer: Layer) -> str:
    """The part of a figure that shows a layer in this role."""
    return f"{layer.path} deconvolution" if role == "back" else layer.path


def _damaged(look: Look, *roles: str) -> str:
    """Why nothing could be read, where that is so: a file that is damaged or missing; a part less is nothing wrong."""
    return next((sheet.problem for role in roles for _, sheet in look.of(role) if not sheet.parts), "")


def unread(look: Look, sizes: Mapping[str, float]) -> list[tuple[str, str, Ask]]:
    """Of large pictures only thumbnails are read at first: role, name and ask for what is to be read whole.

    That is the activation, whose numbers are summed up, and what is seen larger than its thumbnail is: `sizes` has the
    output pixels of a picture by role.
    """
    found = []
    for role, size in {**sizes, "maps": math.inf}.items():
        chosen = look.chosen(role)
        if chosen is None:
            continue
        name, sheet, places = chosen
        if not isinstance(sheet.part, Maps | Pictures) or size <= max(sheet.part.values.shape[1:3]):
            continue
        places = places[:1] if role == "maps" else places
        if sheet.reduced and not set(places) <= set(sheet.full):
            ask = sheet.ask
            found.append((role, name, Ask(ask.run, ask.name, ask.step, ask.part, places)))
    return found


def panels(look: Look) -> dict[str, Panel]:
    """What each panel shows."""
    return {name: make(look) for name, make in _MAKERS.items()}


def _layer(look: Look) -> Panel:
    title = steady(look.layer.path, 60)
    sheets = look.of("maps")
    found = [each for each in sheets if isinstance(each[1].part, Maps | Vectors)]
    if not found:
        return Panel("layer", title, words=_no_activations(look))
    sheet = found[0][1]
    raster, count = overview(sheet, look.unit, look.image, look.tone, look.room)
    more = f" of {look.layer.units}" if look.layer.units > count else ""
    kind = "units" if isinstance(sheet.part, Vectors) else "maps"
    return Panel("layer", f"{title} · {count}{more} {kind}", (Shot(raster),), _facts(look.layer))


def _facts(layer: Layer) -> str:
    return " · ".join(each for each in (layer.kind, layer.shape) if each)


def _activation(look: Look) -> Panel:
    title = f"on {_named(look)}"
    found = look.chosen("maps")
    if found is None:
        sheets = look.of("maps")
        if sheets and (stored := len(units.known(sheets[0][1]))) and look.unit < look.layer.units:
            return Panel("activation", title, words=absent.hidden(look.layer.path, look.unit, stored, look.run))
        return _steps(look, title) or Panel("activation", title, words=_no_activations(look))
    _, sheet, places = found
    if isinstance(sheet.part, Vectors):
        return Panel("activation", _with_step(look, title, sheet), words="\n".join(_bars(look, sheet)))
    assert isinstance(sheet.part, Maps)
    assert sheet.items is not None
    raster = painted(sheet, look.tone)[places[0]]
    values = sheet.full.get(places[0], sheet.part.values[places[0]])
    note = sheet.items[places[0]].note
    caption = summed_up(values) if not note else f"{note} · {summed_up(values)}"
    return Panel("activation", _with_step(look, title, sheet), (Shot(raster, caption),))


def _steps(look: Look, title: str) -> Panel | None:
    """The unit of a layer of steps × units: what it puts out at each step, as one column."""
    for _, sheet in look.of("maps"):
        part = sheet.part
        if not isinstance(part, Maps) or sheet.items is None or (units.numbers(sheet.items) >= 0).any():
            continue
        if look.unit < width_of(part) and look.image < len(part.values):
            values = part.values[look.image][:, look.unit : look.unit + 1]
            shot = Shot(plane_of(values, look.tone, signed=part.signed), summed_up(values))
            return Panel("activation", _with_step(look, title, sheet), (shot,))
    return None


def _bars(look: Look, sheet: Sheet) -> list[str]:
    """The value of a unit of a dense layer on each image, as bars over the range of the layer."""
    values = sheet.part.values  # type: ignore[union-attr]
    low, high = range_of(values)
    lines = []
    for image, row in enumerate(values[:12]):
        name = steady(sheet.inputs[image].name, 14) if image < len(sheet.inputs) else f"image {image}"
        mark, value = "▸" if image == look.image else " ", float(row[look.unit])
        share = (value - min(low, 0.0)) / ((high - min(low, 0.0)) or 1.0)
        lines.append(f"{mark} {name:<7.7} {number(value):>6} {bar(share if np.isfinite(share) else 0.0, 6)}")
    row = values[min(look.image, len(values) - 1)]
    rank = int((row > row[look.unit]).sum()) + 1
    return [*lines, "", f"number {rank} of {len(row)} on this image; the layer reaches {number(low)} to {number(high)}"]


def _named(look: Look) -> str:
    """The name of the input image, or its number."""
    given = next((sheet.inputs for _, sheet in look.of("maps") if look.image < len(sheet.inputs)), None)
    return (steady(given[look.image].name, 40) if given else "") or f"image {look.image}"


def _no_activations(look: Look) -> str:
    sheets = look.of("maps")
    problem = next((sheet.problem for _, sheet in sheets if sheet.problem), "")
    if "maps" in look.later:
        problem = f"the first activations are kept at step {look.later['maps']}"
    return absent.activations(look.run, problem)


def _input(look: Look) -> Panel:
    given = next((sheet for _, sheet in look.of("maps") if sheet.inputs), None)
    if given is None or look.image >= len(given.inputs):
        return Panel("input", words="No image was looked at.")
    shown = given.inputs[look.image]
    said = prediction(given, look.image)
    title = f"{_named(look)} · {look.image + 1} of {len(given.inputs)}"
    picture = _photo(shown)
    if picture is None:
        return Panel("input", title, words=f"This input is no image.\n\n{said}")
    return Panel("input", title, (Shot(picture, said),))


@lru_cache(maxsize=16)
def _photo(given: Input) -> Photo | None:
    return photo(given)


def prediction(sheet: Sheet, image: int, most: int = 3) -> str:
    """`six 99.8 %, four 0.2 %` for one image; empty where nobody says."""
    return prediction_words(sheet.predictions[image] if image < len(sheet.predictions) else None, most)


def _learned(look: Look) -> Panel:
    found = look.chosen("learned")
    if found is None:
        others = sorted({each for _, sheet in look.of("learned") for each in units.known(sheet)})
        words = absent.learned(look.run, look.layer.path, look.unit, others, look.later.get("learned"))
        return Panel("learned", words=_damaged(look, "learned") or words)
    name, sheet, places = found
    assert sheet.items is not None
    notes = dict.fromkeys(note for place in places if (note := sheet.items[place].note))
    caption = " · ".join([*notes, *([absent.fewer(len(places))] if len(places) < units.NINE else [])])
    return Panel("learned", _with_step(look, name, sheet), _shots(sheet, places, look.tone), caption)


def _images(look: Look) -> Panel:
    found = look.chosen("images")
    if found is None:
        return Panel("images", words=_nothing_found(look))
    name, sheet, places = found
    assert sheet.items is not None
    records = [steady(sheet.items[place].record, 24) for place in places]
    caption = "records " + ", ".join(records) if any(records) else ""
    return Panel("images", _with_step(look, name, sheet), _shots(sheet, places, look.tone), caption)


def _nothing_found(look: Look) -> str:
    if damaged := _damaged(look, "images", "largest"):
        return damaged
    for _, sheet in look.of("largest"):
        if isinstance(sheet.part, Table):
            row = next((row for row in sheet.part.rows if row[:2] == (look.layer.path, look.unit)), None)
            if row is not None and not (isinstance(row[2], int | float) and row[2] > 0):
                return absent.asleep(look.unit)
    others = sorted({each for _, sheet in look.of("images") for each in units.known(sheet)})
    return absent.maximal(look.run, look.layer.path, look.unit, others, look.later.get("images"))


def _back(look: Look) -> Panel:
    found = look.chosen("back")
    if found is None:
        words = (
            absent.projections(look.run, look.layer.path, look.unit) if look.chosen("images") else _nothing_found(look)
        )
        return Panel("deconvolutions", words=words)
    name, sheet, places = found
    tone = replace(look.tone, clip=max(look.tone.clip, CLIPPED))
    caption = f"{tone.clip:g} % at each end of the colours clipped"
    return Panel("deconvolutions", _with_step(look, name, sheet), _shots(sheet, places, tone), caption)


def _shots(sheet: Sheet, places: Sequence[int], tone: Tone) -> tuple[Shot, ...]:
    rasters = painted(sheet, tone)
    assert sheet.items is not None
    return tuple(
        Shot(rasters[place], number(sheet.items[place].score)) for place in places[: units.NINE] if place < len(rasters)
    )


def _with_step(look: Look, title: str, sheet: Sheet) -> str:
    """The step stands there where it is another one than that which is looked at."""
    step = sheet.moment.step
    return steady(title, 60) if step == look.step else f"step {step:,} · {steady(title, 60)}"


_MAKERS: Mapping[str, Callable[[Look], Panel]] = {
    "layer": _layer,
    "activation": _activation,
    "input": _input,
    "learned": _learned,
    "images": _images,
    "back": _back,
}
