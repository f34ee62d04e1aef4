"""A layer through a training as a moving picture: WebP without loss, or GIF."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, features

from ...engine.errors import PictureError
from ...vis.results import Entry, Results
from ..drawing.picture_file import write
from ..pixels.tone import Range, Tone
from . import words
from .choice import read_whole
from .frame import framed
from .painted import painted

PAUSE = 400  # milliseconds that a frame is seen
MOST = 300  # frames: all of them are in memory before the file is written
_LAST = 4  # the last frame is seen so many times longer


def over_time(entries: Sequence[Entry]) -> list[Entry]:
    """All of the steps, or of too many so many as make a picture, evenly, with the first and the last."""
    if len(entries) <= MOST:
        return list(entries)
    return [entries[round(at * (len(entries) - 1) / (MOST - 1))] for at in range(MOST)]


def frames(
    results: Results,
    entries: Iterable[Entry],
    ref: str,
    wanted: int | tuple[int, ...] | None,
    tone: Tone,
    scale: int = 1,
    *,
    reach: Range | None = None,
    bar: bool = True,
    dark: bool = False,
    tick: Callable[[], object] = lambda: None,
) -> Iterator[Image.Image]:
    """A frame for each stored step of a part, with its step below it. One that cannot be read is a gap."""
    for entry in entries:
        tick()
        try:
            sheet, chosen = read_whole(results, entry, ref, wanted)
        except PictureError:
            continue
        painting = painted(sheet, chosen, tone, reach)
        if painting is not None:
            yield framed(painting, tone, scale, bar=bar, dark=dark, line=words.moment(sheet))


def save_animation(shown: Iterable[Image.Image], path: Path, pause: int = PAUSE, *, replace: bool = False) -> Path:
    """Write the frames as the suffix of the path says: .webp or .gif. Raises PictureError."""
    made = _of_one_size(list(shown))
    times = [pause] * (len(made) - 1) + [pause * _LAST]
    target = io.BytesIO()
    if path.suffix.lower() == ".gif":
        few = [indexed(frame) for frame in made]
        few[0].save(target, "GIF", save_all=True, append_images=few[1:], duration=times, loop=0, disposal=1)
    elif not features.check("webp"):
        raise PictureError("this Pillow was built without WebP; --animation gif works")
    else:
        made[0].save(
            target, "WEBP", save_all=True, append_images=made[1:], duration=times, loop=0, lossless=True, method=4
        )
    write(path, target.getvalue(), replace=replace)
    return path


def _of_one_size(frames: list[Image.Image]) -> list[Image.Image]:
    """Smaller ones get more ground to the right and below: a longer number at a bar makes a frame wider."""
    if not frames:
        raise PictureError("there is no step to show")
    size = (max(frame.width for frame in frames), max(frame.height for frame in frames))
    for at, frame in enumerate(frames):
        if frame.size != size:
            larger = Image.new("RGB", size, frame.getpixel((frame.width - 1, frame.height - 1)))
            larger.paste(frame, (0, 0))
            frames[at] = larger
    return frames


def indexed(image: Image.Image) -> Image.Image:
    """The image in 256 colours: its own where it has no more, else the nearest of a choice, without dots."""
    pixels = np.asarray(image.convert("RGB"))
    flat = (pixels.astype(np.uint32) << np.array([16, 8, 0], np.uint32)).sum(axis=2, dtype=np.uint32)
    colours, places = np.unique(flat, return_inverse=True)
    if len(colours) > 256:
        return image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    made = Image.fromarray(places.reshape(flat.shape).astype(np.uint8), "P")
    made.putpalette(((colours[:, None] >> np.array([16, 8, 0], np.uint32)) & 255).astype(np.uint8).tobytes())
    return made
