"""What a screen shows of a figure, in a file whose name says what it is: `conv_1@4x.png`, `.npz`, `.webp`, `.gif`."""

from __future__ import annotations

import re
from pathlib import Path

from ...engine.errors import PictureError
from ...engine.rundir import RunDir
from ...engine.text import printable
from ...vis.artifacts import open_figure
from ...vis.results import Results, folder_name
from ..drawing.picture_file import write
from ..figures.sheet import Sheet
from ..pixels.raster import Raster
from ..pixels.tone import Tone
from . import charts, text_picture
from .animation import frames, over_time, save_animation
from .arrays import save_npz
from .choice import read_whole
from .frame import framed, png, save_png
from .painted import Painting

HINT = ".png (@4x: four times as large), .npz numbers, .webp .gif all steps"
_SCALE = re.compile(r"@(\d{1,2})x$")
_ROOM = 512  # pixels that the longer side of a proposed picture about has


def proposed(sheet: Sheet, chosen: tuple[int, ...], folder: Path) -> Path:
    """A name for what is shown."""
    facts, entry = sheet.facts, sheet.entry
    part = f"-{folder_name(facts.name)}" if facts is not None and facts.name else ""
    item = sheet.items[chosen[0]] if len(chosen) == 1 and sheet.items is not None else None
    which = f"-map{item.unit[-1]}" if item is not None and item.unit else ""
    step = f"-step{entry.step:06d}" if entry is not None else ""
    return folder / f"{sheet.ask.name}{step}{part}{which}@{_fitting(sheet, chosen)}x.png"


def _fitting(sheet: Sheet, chosen: tuple[int, ...]) -> int:
    facts = sheet.facts
    if facts is None or len(facts.shape) < 2 or facts.kind in (*charts.KINDS, *text_picture.KINDS):
        return 1
    if facts.kind not in ("maps", "pictures"):
        return min(max(_ROOM // max(facts.shape[:2]), 1), 32)
    across = max(len(chosen), 1) ** 0.5
    return min(max(int(_ROOM / (max(facts.shape[1:3]) * across)), 1), 64)


def save_as(
    path: Path,
    sheet: Sheet,
    chosen: tuple[int, ...],
    tone: Tone,
    *,
    dark: bool = False,
    over: Raster | None = None,
) -> Path:
    """Write it as the suffix says, over what stands there: whoever asks has been asked. Raises PictureError.

    As PNG `over`, a map over its photo, is written where there is one.
    """
    entry, results = sheet.entry, Results(RunDir(sheet.ask.run))
    if entry is None:
        raise PictureError("there is no figure to save")
    said = _SCALE.search(path.stem)
    scale = min(max(int(said.group(1)), 1), 64) if said else 1
    match path.suffix.lower():
        case ".png" if over is not None:
            write(path, png(framed(Painting(over, 1), tone, scale)), replace=True)
            return path
        case ".png":
            whole, items = read_whole(results, entry, sheet.ask.part, chosen)
            return save_png(whole, items, path, tone, scale, dark=dark, replace=True)
        case ".npz":
            with open_figure(results.run.figure_file(entry.name, entry.step)) as file:
                return save_npz(file.read(), path, replace=True)
        case ".webp" | ".gif":
            made = frames(results, over_time(results.steps(entry.name)), sheet.ask.part, chosen, tone, scale, dark=dark)
            return save_animation(made, path, replace=True)
    raise PictureError(f"{printable(path.name)} must end in .png, .npz, .webp or .gif")
