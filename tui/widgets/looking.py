"""What of the figures of a run is looked at, and what of it is seen: pure, for the pictures pane."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...vis.figures import Items, Maps
from ...vis.results import Entry
from ..figures.rasters import caption, photo, rasters
from ..figures.sheet import Sheet
from ..pixels.raster import Grid, Overlay, Photo, Plane, Raster, page_of
from ..pixels.tone import PLAIN, Array, Range, Tone, range_of
from ..pixels.viewport import Viewport

WHOLE = Viewport()
_OVER_CLIP = 1.0  # percent
MOST_WHOLE = 12  # tiles of a zoomed grid that are read whole


@dataclass(frozen=True, slots=True)
class Looking:
    """`step` None is the latest, followed. `image` is one of the inputs, `place` a map among those of that image.

    `one`: a single map instead of the grid; `over`: how strong it lies over the photo, 0 beside it.
    """

    name: str = ""
    step: int | None = None
    image: int = 0
    place: int = 0
    one: bool = False
    over: float = 0.0
    tone: Tone = PLAIN
    view: Viewport = WHOLE
    cursor: tuple[int, int] | None = None


def entry_at(entries: Sequence[Entry], step: int | None) -> int | None:
    """The number of the entry shown at a step: the last one that is not later, else the first."""
    if not entries:
        return None
    if step is None:
        return len(entries) - 1
    return max(bisect_right(entries, step, key=lambda each: each.step) - 1, 0)


def entry_named(entries: Sequence[Entry], text: str) -> int | None:
    """The number of the entry that a person means: a step `930`, or an epoch `e3.5`; None for what is neither."""
    plain = text.strip().lower().replace(",", "").replace("_", "")
    if plain.isdecimal():
        return entry_at(entries, int(plain[:18]))
    for prefix in ("epoch", "e"):
        if plain.startswith(prefix):
            try:
                epoch = float(plain[len(prefix) :])
            except ValueError:
                return None
            known = [(abs(each.epoch - epoch), at) for at, each in enumerate(entries) if each.epoch == each.epoch]
            return min(known)[1] if known and math.isfinite(epoch) else None
    return None


def of_image(items: Items | None, count: int, image: int) -> list[int]:
    """Which of the items show an image; all of them where none says so."""
    if items is None or not count:
        return list(range(count))
    column = items.each.get("image")
    if column is None:
        return list(range(count))
    found = np.flatnonzero(np.asarray(column) == image).tolist()
    return found or [at for at, item in enumerate(items) if item.image is None]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the pane shows of a sheet: `main` and beside it the photo `beside`; `items` are the numbers of the maps.

    `chosen` is that of the chosen map in the sheet, None where there is none. Of many maps the grid shows a page, those
    from the place `first` on.
    """

    items: tuple[int, ...] = ()
    chosen: int | None = None
    single: bool = False
    main: Raster | None = None
    beside: Photo | None = None
    tiles: tuple[Raster, ...] = ()
    first: int = 0
    a_page: int = 0

    @property
    def page(self) -> tuple[int, ...]:
        """The maps of the grid, all of them or those of the page."""
        return self.items[self.first : self.first + self.a_page] if self.a_page else self.items

    @property
    def pages(self) -> int:
        """How many pages the grid has."""
        return math.ceil(len(self.items) / self.a_page) if self.a_page else 1

    @property
    def photos(self) -> bool:
        """Whether what is shown are colours to be seen as they are, and no numbers."""
        return bool(self.tiles) and isinstance(self.tiles[0], Photo)

    @property
    def reach(self) -> Range | None:
        """From what to what the colours of the chosen map reach."""
        if isinstance(self.main, Overlay):
            return self.main.above.range
        tile = self.tiles[self.chosen] if self.chosen is not None and self.chosen < len(self.tiles) else None
        return tile.range if isinstance(tile, Plane) else None

    def item_at(self, x: int, y: int) -> tuple[int, int, int] | None:
        """Which map lies under a pixel of `main`, and the pixel in it."""
        if isinstance(self.main, Grid):
            found = self.main.tile_at(x, y)
            return None if found is None else (self.page[found[0]], found[1], found[2])
        return None if self.chosen is None else (self.chosen, x, y)


def tone_of(sheet: Sheet, looking: Looking) -> Tone:
    """The colours that are meant: over a photo those that go from nothing to bright."""
    tone = looking.tone
    if not (looking.over and looking.one and sheet.facts is not None and sheet.facts.space == "input"):
        return tone
    # A few pixels are often many times as strong as all others: alone they would be seen.
    tone = replace(tone, clip=max(tone.clip, _OVER_CLIP))
    return tone if tone.map or getattr(sheet.part, "signed", False) else replace(tone, map="heat")


def seen(sheet: Sheet, looking: Looking, room: tuple[int, int], aspect: float = 1.0, least: int = 1) -> Seen:
    """The pictures of a sheet of maps or pictures, for `room` output pixels; in a grid each has `least` of them."""
    tiles = rasters(sheet, tone_of(sheet, looking))
    image = image_of(sheet, looking)
    items = of_image(sheet.items, len(tiles), image)
    if not items:
        return Seen()
    place = min(looking.place, len(items) - 1)
    chosen = items[place]
    below = photo_of(sheet, image) if sheet.facts is not None and sheet.facts.space == "input" else None
    if not (looking.one or len(items) == 1):
        size = tiles[items[0]].size
        across, count = page_of(len(items), size, room if min(room) > 0 else (80, 40), aspect, least)
        first = place // count * count
        of_page = [tiles[at] for at in items[first : first + count]]
        grid = Grid(of_page, size, across, chosen=place - first, rim=True)
        return Seen(tuple(items), chosen, main=grid, beside=below, tiles=tiles, first=first, a_page=count)
    main = tiles[chosen]
    if below is not None:
        main = _resized(main, below.size)
        over = _plane(sheet, chosen, main, looking.tone) if looking.over else None
        if over is not None:
            main = Overlay(below, over, looking.over)
    return Seen(tuple(items), chosen, single=True, main=main, beside=below, tiles=tiles)


def wanted(shown: Seen, sheet: Sheet, tiles: Sequence[int]) -> tuple[int, ...]:
    """Which maps of a reduced sheet are to be read whole: the one shown alone, or the few that a zoomed grid shows."""
    if not sheet.reduced or shown.chosen is None:
        return ()
    if shown.single:
        return (shown.chosen,)
    return tuple(shown.page[at] for at in tiles) if len(tiles) <= MOST_WHOLE else ()


def values_of(sheet: Sheet, item: int) -> Array | None:
    """The numbers of a map, whole where they were read."""
    if item in sheet.full:
        return sheet.full[item]
    values = getattr(sheet.part, "values", None)
    return values[item] if values is not None and item < len(values) else None


def words_at(shown: Seen, sheet: Sheet, at: tuple[int, int] | None) -> str:
    """What lies under a pixel of the main picture, with its indices; what the chosen map is where there is none."""
    from ..drawing.cells import number

    found = shown.item_at(*at) if at is not None else None
    if found is None or sheet.items is None or shown.main is None or at is None:
        if shown.chosen is None or sheet.items is None or shown.chosen >= len(sheet.items):
            return ""
        item = sheet.items[shown.chosen]
        return " · ".join(word for word in (caption(item, sheet), item.note) if word)
    item, x, y = found
    numbers = shown.main.numbers(*at)
    about = "≈ " if sheet.reduced and item not in sheet.full else ""
    said = caption(sheet.items[item], sheet) or f"{item + 1}"
    if len(numbers) == 1 and isinstance(sheet.part, Maps):
        value = number(numbers[0])
    else:
        value = ", ".join(number(each) for each in numbers)
    return f"row {y}, column {x}: {about}{value}  {said}"


def image_of(sheet: Sheet, looking: Looking) -> int:
    """Which of the inputs is shown: figures have more or fewer of them."""
    return min(looking.image, max(len(sheet.inputs) - 1, 0))


def photo_of(sheet: Sheet, image: int) -> Photo | None:
    """The image that is looked at, None where it is none."""
    return photo(sheet.inputs[image]) if image < len(sheet.inputs) else None


def _resized(raster: Raster, size: tuple[int, int]) -> Raster:
    """The same, as large as the photo that it lies over: then both show the same window."""
    return replace(raster, whole=size) if isinstance(raster, Plane | Photo) and raster.size != size else raster


def _plane(sheet: Sheet, item: int, raster: Raster, tone: Tone) -> Plane | None:
    """A map as numbers, one a pixel; the mean of its channels where it has colours."""
    if isinstance(raster, Plane):
        return raster
    values = values_of(sheet, item)
    if values is None or values.ndim != 3 or not isinstance(sheet.part, Maps):
        return None
    strength = np.abs(values.astype(np.float32)).mean(axis=2)
    colours = replace(tone, map=tone.map or "heat", clip=max(tone.clip, _OVER_CLIP))
    return Plane(strength, colours, range_of(strength, colours), whole=raster.size)
