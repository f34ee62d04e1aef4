"""Records taken out of a blob: image files in folders of their classes with a CSV, or arrays in one .npz."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from ...engine.text import printable
from ..blob import Blob
from ..errors import BlobError
from ..schema import Field
from .node import picture_kind
from .passing import Progress, in_pieces

TABLE = "records.csv"
_ENDINGS = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif", "BMP": ".bmp", "TIFF": ".tif", "WebP": ".webp"}
_NO_NAME = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_LONGEST = 150  # bytes of a name
_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written; `left_out`: place and sentence of records that could not be read."""

    path: Path
    records: int
    left_out: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()


def to_folder(
    blob: Blob, places: Sequence[int], folder: Path, *, by: str | None = None, replace: bool = False,
    progress: Progress | None = None,
) -> Exported:  # fmt: skip
    """Write each image into the folder of its class (of the label, or of the field `by`), and all fields into a CSV.

    Images that are stored as files are written as they are, numbers as PNG. Without `replace` the folder must be empty
    or not there; it appears when it is whole. Raises BlobError.
    """
    image, field = blob.schema.image, _class_field(blob, by)
    if image is None:
        raise BlobError(f"{blob.name} has no images; its fields go into a .csv or .npz")
    if not replace and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BlobError(f"{printable(folder, 300)} is there already and not empty: choose another folder, or --replace")
    with _written(folder, replace=replace) as target:
        names = _Names()
        left_out: list[tuple[int, str]] = []
        written = 0
        with (target / TABLE).open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            table = _table(file, blob, first=("file",))
            for piece in in_pieces(
                blob, lambda piece: [_image(blob, place, image) for place in piece], places, progress
            ):
                for place, data, ending, problem in piece:
                    if problem:
                        left_out.append((place, problem))
                        continue
                    key = blob.key(place)
                    inside = (
                        ""
                        if field is None
                        else _component(blob.said(field, blob.read([place], [field])[field][0]) or "unknown")
                    )
                    path = names.free(inside, Path(key.replace("\\", "/")).name, ending)
                    (target / path).parent.mkdir(exist_ok=True)
                    (target / path).write_bytes(data)
                    table(place, (str(path),))
                    written += 1
    return Exported(folder, written, tuple(left_out))


def to_csv(
    blob: Blob, places: Sequence[int], path: Path, *, replace: bool = False, progress: Progress | None = None
) -> Exported:
    """Write number, key and all fields but images and arrays as CSV. Raises BlobError."""
    with (
        _new_file(path, replace=replace) as aside,
        aside.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file,
    ):
        table = _table(file, blob)
        for done, place in enumerate(places, 1):
            table(place, ())
            if progress is not None and (done % _AT_ONCE == 0 or done == len(places)):
                progress(done, len(places))
    return Exported(path, len(places))


def to_npz(
    blob: Blob, places: Sequence[int], path: Path, *, replace: bool = False, progress: Progress | None = None
) -> Exported:
    """Write each field as an array of its name, the names of classes as `<field>.classes`, and `keys`.

    Piece by piece, so more than memory holds may be written. Raises BlobError, also where images have several sizes.
    """
    notes: list[str] = []
    with _new_file(path, replace=replace) as aside, zipfile.ZipFile(aside, "w", zipfile.ZIP_STORED) as archive:
        _put(archive, "keys", np.array(list(blob.keys(list(places))), str))
        done, total = 0, len(places) * sum(field.kind != "class" for field in blob.schema)
        for field in blob.schema:
            if field.kind == "class":
                _put(archive, field.name, blob.labels(field.name)[np.asarray(places, np.int64)])
                _put(archive, f"{field.name}.classes", np.array(field.classes, str))
                continue
            if field.kind == "text":
                _put(archive, field.name, np.array([str(each) for each in blob.read(places, [field.name])[field.name]]))
            elif not _stream(
                archive, blob, places, field, lambda count, before=done: progress and progress(before + count, total)
            ):
                notes.append(f"{printable(field.name, 60)} is left out: its shape differs from record to record")
            done += len(places)
    return Exported(path, len(places), (), tuple(notes))


def _stream(
    archive: zipfile.ZipFile, blob: Blob, places: Sequence[int], field: Field, tell: Callable[[int], Any]
) -> bool:
    """Write the values of a field one after the other; False, and nothing, where their shapes differ."""
    first = np.asarray(blob.read(places[:1], [field.name])[field.name])[0] if len(places) else np.zeros(0)
    if None in field.shape or (field.kind == "image" and not field.shape):
        for start in range(0, len(places), _AT_ONCE):
            values = blob.read(places[start : start + _AT_ONCE], [field.name])[field.name]
            if any(np.shape(each) != first.shape for each in values):
                if field.kind == "image":
                    raise BlobError(
                        f"the images of {blob.name} have several sizes, and no array holds them: export a folder, or "
                        "`trainvis blob build` it with --size"
                    )
                return False
    with archive.open(f"{_member(field.name)}.npy", "w", force_zip64=True) as file:
        dtype = first.dtype
        header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False}
        np.lib.format.write_array_header_1_0(file, header | {"shape": (len(places), *first.shape)})
        for start in range(0, len(places), _AT_ONCE):
            values = blob.read(places[start : start + _AT_ONCE], [field.name])[field.name]
            file.write(np.ascontiguousarray(values, dtype).tobytes())
            tell(min(start + _AT_ONCE, len(places)))
    return True


def _put(archive: zipfile.ZipFile, name: str, values: np.ndarray) -> None:
    with archive.open(f"{_member(name)}.npy", "w", force_zip64=True) as file:
        np.lib.format.write_array(file, np.ascontiguousarray(values), allow_pickle=False)


def _member(name: str) -> str:
    return _NO_NAME.sub("_", name)


def _image(blob: Blob, place: int, field: Field) -> tuple[int, bytes, str, str]:
    """An image as a file: place, bytes, ending; the sentence where it cannot be read."""
    from PIL import Image

    try:
        if field.encoding:
            data = blob.raw(place, field.name)
            if kind := picture_kind(data):
                return place, data, _ENDINGS[kind], ""
        pixels = np.ascontiguousarray(blob.read([place], [field.name])[field.name][0])
    except BlobError as error:
        return place, b"", "", printable(error, 300)
    target = io.BytesIO()
    if pixels.dtype != np.uint8 or pixels.shape[2] not in (1, 3, 4):
        np.save(target, pixels, allow_pickle=False)
        return place, target.getvalue(), ".npy", ""
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(target, "PNG")
    return place, target.getvalue(), ".png", ""


def _class_field(blob: Blob, by: str | None) -> str | None:
    if by is None:
        return blob.schema.label.name if blob.schema.label is not None else None
    if by not in blob.schema or blob.schema[by].kind != "class":
        raise BlobError(f"{blob.name} has no classes called {printable(by, 60)!r}")
    return by


def _component(text: str) -> str:
    """A text as the name of a file or folder: on every system, and never one that leads elsewhere."""
    name = _NO_NAME.sub("_", unicodedata.normalize("NFC", text)).strip(" .") or "_"
    return name.encode()[:_LONGEST].decode(errors="ignore")


class _Names:
    """Names of files, none twice in a folder, for systems too that do not tell large letters from small ones."""

    def __init__(self) -> None:
        self._taken: set[str] = {TABLE}
        self._folders: dict[str, str] = {}

    def free(self, folder: str, key: str, ending: str) -> Path:
        folder = self._folders.setdefault(folder.casefold(), folder)
        stem = _component(re.sub(r"(?i)\.(jpe?g|png|gif|bmp|tiff?|webp|pgm|ppm)$", "", key))
        name, count = f"{stem}{ending}", 1
        while f"{folder}/{name}".casefold() in self._taken or (not folder and name.casefold() in self._taken):
            count += 1
            name = f"{stem}-{count}{ending}"
        self._taken.add(f"{folder}/{name}".casefold())
        return Path(folder) / name


def _table(file: TextIO, blob: Blob, first: tuple[str, ...] = ()) -> Callable[[int, tuple[str, ...]], None]:
    fields = [field for field in blob.schema if field.kind in ("class", "number", "text")]
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*first, "record", "key", *(_cell(field.name) for field in fields)])

    def write(place: int, before: tuple[str, ...]) -> None:
        values = blob.read([place], [field.name for field in fields])
        said = [
            blob.said(field.name, values[field.name][0]) if field.kind == "class" else _plain(values[field.name][0])
            for field in fields
        ]
        writer.writerow([*map(_cell, before), int(place), _cell(blob.key(place)), *map(_cell, said)])

    return write


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _cell(value: Any) -> Any:
    """Text is harmless on a screen, and no formula of a spreadsheet."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


@contextmanager
def _written(folder: Path, *, replace: bool) -> Iterator[Path]:
    """A folder beside it that takes its place at the end; with `replace`, itself where it is there."""
    try:
        if replace and folder.is_dir():
            yield folder
            return
        aside = folder.with_name(f".{folder.name}.{os.getpid()}.part")
        aside.mkdir(parents=True)
        try:
            yield aside
            if folder.is_dir():
                folder.rmdir()
            aside.rename(folder)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
    except OSError as error:
        raise BlobError(f"{printable(folder, 300)} cannot be written: {error.strerror}") from None


@contextmanager
def _new_file(path: Path, *, replace: bool) -> Iterator[Path]:
    """A file beside it that takes its place at the end."""
    if path.exists() and not replace:
        raise BlobError(f"{printable(path, 300)} is there already: choose another name, or --replace")
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        aside.replace(path)
    except OSError as error:
        raise BlobError(f"{printable(path, 300)} cannot be written: {error.strerror}") from None
    finally:
        aside.unlink(missing_ok=True)
