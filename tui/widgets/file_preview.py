"""What a file looks like before it is chosen: a picture with its size, the first lines of a text, an array's shape."""

from __future__ import annotations

import stat
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from ...engine.text import printable
from ..drawing.cells import size
from ..pixels.raster import Photo, Plane, Raster
from ..pixels.viewport import Viewport
from .picture import PictureView

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".tif", ".tiff")
_TEXTS = (".py", ".txt", ".md", ".toml", ".json", ".csv", ".log", ".yaml", ".yml")
_LARGEST = 512  # pixels of a side that are kept
_LINES = 60
_ORIENTATION = 0x0112  # Exif


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """A picture, or lines of text; and in words what the file is."""

    raster: Raster | None = None
    text: str = ""
    words: str = ""


class FilePreview(Widget):
    """`show(path)` reads it in a thread; None is nothing."""

    DEFAULT_CSS = """
    FilePreview { width: 1fr; layout: vertical; padding: 0 0 0 2; }
    FilePreview > PictureView { height: 1fr; }
    FilePreview > #preview-text { height: 1fr; overflow: hidden; text-wrap: nowrap; color: $text-muted; }
    FilePreview > #preview-words { height: auto; max-height: 3; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.path: Path | None = None
        self.preview = Preview()

    def compose(self) -> ComposeResult:
        yield PictureView()
        yield Static(id="preview-text", markup=False)
        yield Static(id="preview-words", markup=False)

    def show(self, path: Path | None) -> None:
        """Look at another file."""
        self.path = path
        if path is None or not self.display:
            self._draw(path, Preview())
        else:
            self._read(path)

    @work(thread=True, exclusive=True, group="preview")
    def _read(self, path: Path) -> None:
        found = read(path)
        self.app.call_from_thread(self._draw, path, found)

    def _draw(self, path: Path | None, found: Preview) -> None:
        if path != self.path or not self.is_mounted:
            return
        self.preview = found
        view = self.query_one(PictureView)
        view.display = found.raster is not None
        view.show(found.raster, Viewport())
        text = self.query_one("#preview-text", Static)
        text.display = found.raster is None
        text.update(Content(found.text))
        self.query_one("#preview-words", Static).update(Content(found.words))


def read(path: Path) -> Preview:
    """What a file looks like; what cannot be read says why."""
    suffix = path.suffix.lower()
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):  # a FIFO would be waited for, and the application with it
            return Preview(words="no ordinary file")
        bytes_ = size(facts.st_size)
        if suffix in PICTURES:
            return _picture(path, bytes_)
        if suffix == ".npy":
            return _array(path, bytes_)
        if suffix in _TEXTS:
            with path.open(encoding="utf-8", errors="replace") as file:
                lines = [printable(file.readline(500).rstrip("\n").expandtabs(4), 200) for _ in range(_LINES)]
            return Preview(text="\n".join(lines).rstrip(), words=bytes_)
    except OSError as error:
        return Preview(words=f"it cannot be read: {printable(error.strerror or error, 100)}")
    return Preview(words=bytes_)


def _picture(path: Path, bytes_: str) -> Preview:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow warns of pictures that would fill the memory
            with Image.open(path) as image:
                kind, whole = image.format or "picture", image.size
                image.draft("RGB", (_LARGEST, _LARGEST))
                turned = ImageOps.exif_transpose(image)
                if image.getexif().get(_ORIENTATION, 1) >= 5:  # lying on its side
                    whole = (whole[1], whole[0])
                turned.thumbnail((_LARGEST, _LARGEST), Image.Resampling.BOX)
                pixels = np.asarray(turned.convert("RGBA"))
    except (Warning, Image.DecompressionBombError):
        return Preview(words=f"{bytes_}, too many pixels to be shown")
    except Exception as error:  # noqa: BLE001 (Pillow's readers raise nearly anything for a damaged file)
        return Preview(words=f"{bytes_}, no picture that can be read ({printable(type(error).__name__)})")
    share = pixels[..., 3:].astype(np.float32) / 255
    shown = (pixels[..., :3] * share + 255 * (1 - share) + 0.5).astype(np.uint8)
    return Preview(Photo(shown, whole), words=f"{whole[0]}×{whole[1]} · {kind} · {bytes_}")


def _array(path: Path, bytes_: str) -> Preview:
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        return Preview(words=f"{bytes_}, no array that can be read ({printable(error, 80)})")
    words = f"{'×'.join(map(str, values.shape))} · {values.dtype} · {bytes_}"
    first = values
    while first.ndim > 3:
        first = first[0]
    if first.ndim == 3 and first.shape[-1] > 4:
        first = first[0]
    if first.ndim < 2 or not first.size or first.dtype.kind not in "uifb":
        return Preview(words=words)
    part = np.asarray(first[:: -(-first.shape[0] // _LARGEST), :: -(-first.shape[1] // _LARGEST)])
    plane = part if part.ndim == 2 else part.mean(axis=2)
    return Preview(Plane(plane.astype(np.float32), whole=(first.shape[1], first.shape[0])), words=words)
