"""Data sets: anything with `len` and `[i]` that gives mappings of NumPy values with a field `image`.

`label` (a number or a text) and `key` (a text) are read where a record has them. Folders, class folders, arrays and
blobs are made into such sets here; other objects that are sets are taken as they are.
"""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np

from ..datasets.blob import Blob, View, open_blob
from ..engine.errors import TrainvisError
from ..engine.text import printable
from .images import spread
from .picture_files import ImageError, files_in, read, stacked

Array: TypeAlias = np.ndarray
Record: TypeAlias = Mapping[str, Any]

AHEAD = 3  # batches that are read while the network works on one

__all__ = ["Batch", "Reading", "RecordSet", "Records", "as_set", "batches"]


class Records(Protocol):
    """What a data set has to be."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: int, /) -> Record: ...


@dataclass(frozen=True, slots=True, eq=False)
class RecordSet:
    """A data set with the names of its classes (by number, empty where unknown), a name of its own, whether its
    records have labels, and what must be said of it.
    """

    records: Records
    classes: tuple[str, ...] = ()
    name: str = ""
    labelled: bool = False
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, place: int) -> Record:
        return self.records[place]


@dataclass(frozen=True, slots=True)
class Files:
    """The picture files of a folder: one `image` each (H×W×C uint8), and the `label` of the folder it lies in."""

    folder: Path
    paths: tuple[Path, ...]
    labels: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, place: int) -> Record:
        """Raises ImageError where the file cannot be read."""
        path = self.paths[place]
        found = read(path)
        if len(found) != 1:
            raise ImageError(f"{printable(path, 200)} holds {len(found)} images: a file of a set holds one")
        record: dict[str, Any] = {"image": found[0].values, "key": path.relative_to(self.folder).as_posix()}
        return {**record, "label": self.labels[place]} if self.labels else record


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """Arrays of one length; `image` is N×H×W×C. A key is the number of the record."""

    fields: Mapping[str, Array]

    def __len__(self) -> int:
        return len(self.fields["image"])

    def __getitem__(self, place: int) -> Record:
        return {"key": str(place), **{name: values[place] for name, values in self.fields.items()}}


@dataclass(frozen=True, slots=True, eq=False)
class OfBlob:
    """The records of a blob: the field that is shown as `image`, the one that is learned as `label`."""

    view: View
    image: str
    label: str
    numbers: tuple[int, ...] = ()  # of the classes of the blob, where they are to have other ones

    def __len__(self) -> int:
        return len(self.view)

    def __getitem__(self, place: int) -> Record:
        """Raises BlobError where the record cannot be read."""
        found = self.view[place]
        record = {"image": found[self.image], "key": found.key}
        if not self.label:
            return record
        label = int(found[self.label])
        return {**record, "label": self.numbers[label] if 0 <= label < len(self.numbers) else label}


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some records: `places` are their numbers in the set, `values` what the network takes, one row each; a label is
    the number of a class, None where there is none.
    """

    places: tuple[int, ...]
    keys: tuple[str, ...]
    values: Array
    labels: tuple[int | None, ...]


@dataclass(slots=True, eq=False)
class Reading:
    """The batches of a set, in its order, read ahead by a thread. What cannot be read is skipped and counted."""

    records: RecordSet
    size: int
    prepare: Callable[[list[Array]], Array]
    places: Sequence[int]
    skipped: int = 0
    reason: str = field(default="")

    def __iter__(self) -> Iterator[Batch]:
        """Raises ImageError at its end where not one image could be read."""
        self.skipped, self.reason = 0, ""
        read_any = False
        chunks = (self.places[at : at + self.size] for at in range(0, len(self.places), self.size))
        with ThreadPoolExecutor(1, thread_name_prefix="trainvis-read") as thread:
            ahead = deque(thread.submit(self._batch, each) for each in itertools.islice(chunks, AHEAD))
            try:
                while ahead:
                    batch, failures = ahead.popleft().result()
                    ahead.extend(thread.submit(self._batch, each) for each in itertools.islice(chunks, 1))
                    self.skipped += len(failures)
                    self.reason = self.reason or next(iter(failures), "")
                    if batch is not None:
                        read_any = True
                        yield batch
            finally:
                thread.shutdown(cancel_futures=True)
        if not read_any:
            raise ImageError(f"not one of {len(self.places)} images of {self.records.name} can be used: {self.reason}")

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be said of the set, so far: what was left out."""
        found = list(self.records.notes)
        if len(self.places) < len(self.records):
            found.append(f"{len(self.places)} of the {len(self.records)} images of the set, evenly spread")
        if self.skipped:
            found.append(f"{self.skipped} of {len(self.places)} images left out: {self.reason}")
        return tuple(found)

    def _batch(self, places: Sequence[int]) -> tuple[Batch | None, list[str]]:
        found, failures = [], []
        for place in places:
            record, failure = _record(self.records, place)
            failures += [failure] if failure else []
            found += [(place, record)] if record is not None else []
        values, refused = self._prepared([np.asarray(record["image"]) for _, record in found])
        failures += refused.values()
        kept = [each for number, each in enumerate(found) if number not in refused]
        if not kept:
            return None, failures
        keys = tuple(printable(record.get("key", place), 200) for place, record in kept)
        labels = tuple(class_number(record.get("label"), self.records.classes) for _, record in kept)
        return Batch(tuple(place for place, _ in kept), keys, values, labels), failures

    def _prepared(self, images: list[Array]) -> tuple[Array, dict[int, str]]:
        """All of them at once; where that is refused one by one, to find those which are to blame."""
        if not images:
            return np.zeros(0), {}
        try:
            return self.prepare(images), {}
        except ImageError as error:
            if len(images) == 1:
                return np.zeros(0), {0: str(error)}
        rows, refused = [], {}
        for number, image in enumerate(images):
            row, failure = self._prepared([image])
            rows += [] if failure else [row]
            refused.update({number: failure[0]} if failure else {})
        return (np.concatenate(rows) if rows else np.zeros(0)), refused


def batches(
    records: RecordSet, size: int, prepare: Callable[[list[Array]], Array], *, limit: int | None = None
) -> Reading:
    """The records in batches of `size`, of at most `limit` images, evenly spread over the set.

    `prepare` makes the N×… array that the network takes of a list of images as the set has them (H×W×C); what it
    refuses with an ImageError is skipped too. It runs in the thread that reads. Raises ImageError for an empty set.
    """
    if len(records) == 0:
        raise ImageError(f"the set {records.name or ''} is empty".replace("  ", " "))
    return Reading(records, max(1, size), prepare, spread(len(records), limit))


def as_set(source: Any, classes: Sequence[str] = ()) -> RecordSet:
    """The data set in `source`, with `classes` as the names of its classes. Raises ImageError.

    A folder of pictures, a folder of folders of them (each a class, numbered by name), a blob (or its file, or a view
    of one), an array of images, (x, y) with numbers, one-hot rows or names as y, a mapping of arrays with one called
    `image`, or what is a set already.
    """
    names = tuple(map(str, classes))
    if isinstance(source, RecordSet):
        return source
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        return _of_blob(path, names) if is_blob(path) else _of_folder(path, names)
    if isinstance(source, Blob | View):
        return _of_blob(source, names)
    if isinstance(source, Mapping):
        return _of_arrays(source, names)
    if isinstance(source, tuple) and len(source) in (2, 3):
        return _of_arrays({"image": source[0], "label": source[1]}, names)
    if isinstance(source, np.ndarray) or hasattr(source, "__array__"):
        return _of_arrays({"image": source}, names)
    if not (hasattr(source, "__len__") and hasattr(source, "__getitem__")):
        raise ImageError(f"{type(source).__name__} is no data set: it needs len() and [i], which gives a mapping")
    if len(source) and not _is_record(source[0]):
        raise ImageError(f"{type(source).__name__} is no data set: its [0] is no mapping with a field 'image'")
    names = names or tuple(map(str, getattr(source, "classes", ()) or ()))
    labelled = len(source) > 0 and source[0].get("label") is not None
    return RecordSet(source, names, printable(getattr(source, "name", ""), 80), labelled)


def is_blob(path: Path) -> bool:
    """Whether a path is one of a blob, and none of a folder of pictures: a file, or the folder of an LMDB."""
    return path.is_file() or (path / "data.mdb").is_file()


def class_number(label: Any, classes: Sequence[str] = ()) -> int | None:
    """The number of a class: of a number, a one-hot or score row, or a name among `classes`; None of anything else,
    also of a row with several largest values.
    """
    if isinstance(label, bytes):
        label = label.decode("utf-8", "replace")
    if label is None or isinstance(label, str):
        return classes.index(label) if label in classes else None
    values = np.asarray(label)
    if values.dtype.kind in "US":
        return class_number(str(values), classes)
    if values.dtype.kind not in "biuf" or values.size == 0:
        return None
    if values.size > 1 and np.count_nonzero(values == values.max()) != 1:
        return None  # several classes at once, or none: whichever stands first is not the one
    number = float(values.reshape(-1)[0]) if values.size == 1 else float(np.argmax(values))
    return int(number) if number.is_integer() and number >= 0 else None


def _of_folder(folder: Path, classes: tuple[str, ...]) -> RecordSet:
    name = printable(folder.name or folder, 80)
    try:
        # Plainly sorted, the empty ones too: the numbers that keras.utils.image_dataset_from_directory gives.
        inside = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
        kinds = {each.name: tuple(files_in(each)) for each in inside}
        flat = tuple(files_in(folder))
    except OSError as error:
        raise ImageError(f"{printable(folder, 200)} is no folder of pictures: {error.strerror}") from error
    if not any(kinds.values()):
        if not flat:
            raise ImageError(f"{printable(folder, 200)} holds no picture, nor folders of them")
        return RecordSet(Files(folder, flat), classes, name)
    order, notes = _order(tuple(kinds), classes, folder)
    paths = tuple(path for kind in kinds for path in kinds[kind])
    labels = tuple(order.index(kind) for kind in kinds for _ in kinds[kind])
    said = tuple(printable(each, 80) for each in order)
    return RecordSet(Files(folder, paths, labels), said, name, labelled=True, notes=notes)


def _of_blob(source: Path | Blob | View, names: tuple[str, ...]) -> RecordSet:
    try:
        opened = open_blob(source) if isinstance(source, Path) else source
        view = opened[:] if isinstance(opened, Blob) else opened
        image, label = view.schema.image, view.schema.label
    except TrainvisError as error:
        raise ImageError(str(error)) from error
    name = printable(view.name, 80)
    if image is None:
        raise ImageError(f"{name} has no images: its fields are {', '.join(view.schema.names)}")
    if label is None:
        return RecordSet(OfBlob(view, image.name, ""), names, name, notes=view.blob.notes)
    order, notes = _order(label.classes, names, name, "class")
    numbers = tuple(map(order.index, label.classes)) if order != label.classes else ()
    said = tuple(printable(each, 80) for each in order)
    return RecordSet(OfBlob(view, image.name, label.name, numbers), said, name, True, (*view.blob.notes, *notes))


def _order(
    found: tuple[str, ...], classes: tuple[str, ...], where: object, kind: str = "folder"
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The classes, and a note where those of the set, or their folders, are called otherwise."""
    if not classes or set(found) <= set(classes):
        return classes or found, ()
    if set(found) & set(classes):
        strange = next(each for each in found if each not in classes)
        raise ImageError(
            f"{printable(where, 200)} has a {kind} {printable(strange, 80)!r}, which is none of the classes "
            f"{printable(', '.join(classes), 200)}"
        )
    if kind == "folder":
        return found, ("the folders are not called like the classes: they are numbered in the order of their names",)
    return found, ("the classes of the set are called otherwise than the network's: they count by their numbers",)


def _array(name: str, values: Any) -> Array:
    """One field of a set of arrays. Raises ImageError for those of a network with several inputs or outputs."""
    try:
        if not isinstance(values, Mapping):
            return np.asarray(values)
    except ValueError:  # arrays of different shapes
        pass
    raise ImageError(
        f"the {name}s of a set are one array, and these are several (of several inputs or outputs, or of different "
        "sizes): give records=(images, labels), N×H×W×C and one label each"
    )


def _of_arrays(source: Mapping[str, Any], classes: tuple[str, ...]) -> RecordSet:
    if "image" not in source:
        raise ImageError(f"a set of arrays needs one called 'image': there are {', '.join(map(str, source)) or 'none'}")
    fields = {str(name): _array(str(name), values) for name, values in source.items()}
    images = fields["image"]
    if images.ndim == 2:
        raise ImageError(f"a set is of images, N×H×W×C: {images.shape[0]}×{images.shape[1]} numbers are none")
    # An array of images is never one image: three axes are N×H×W.
    fields["image"] = stacked(images[..., None] if images.ndim == 3 else images)
    lengths = {name: len(values) if values.ndim else 0 for name, values in fields.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ImageError(f"the arrays of a set are of one length, these are not: {said}")
    labels = fields.get("label")
    if labels is not None and labels.dtype.kind in "USO" and labels.ndim == 1 and not classes:
        classes = tuple(sorted({str(each) for each in labels}))
    return RecordSet(Arrays(fields), classes, "arrays", labels is not None)


def _record(records: RecordSet, place: int) -> tuple[Record | None, str]:
    """The record, or why there is none."""
    try:
        record = records[place]
        if _is_record(record):
            return record, ""
        return None, f"record {place} has no field 'image'"
    except TrainvisError as error:
        return None, str(error)
    except Exception as error:  # noqa: BLE001 - anybody's set, in a thread: one bad record is no end
        return None, f"record {place}: {type(error).__name__}: {printable(error, 200)}"


def _is_record(record: Any) -> bool:
    return isinstance(record, Mapping) and record.get("image") is not None
