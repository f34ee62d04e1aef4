"""Batches of a blob for training: `for batch in Feed("faces.h5", 32, shuffle=0)`.

The order of an epoch is a function of the seed and the number of the epoch and of nothing else, so a training goes on
where it was: `feed.position` is kept as JSON, `feed.resume(position)` takes it up.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from os import PathLike
from typing import Any, Literal, TypeAlias

import numpy as np

from .blob import Blob, View, open_blob
from .errors import BlobError
from .feed_values import Column, columns_of, fits, image_of, stacked

Array: TypeAlias = np.ndarray
Unknown: TypeAlias = Literal["leave out", "mask", "keep"]

AHEAD = 2  # batches that are read while the network works on one
SMALLEST = 4  # images that are worth a thread
UNKNOWNS = ("leave out", "mask", "keep")

__all__ = ["Batch", "Feed"]


class Batch(dict[str, Array]):
    """Field → the values of N records. `places` are their numbers in the blob; `weights` (field of a target → N floats)
    how much each counts, empty where all count the same.
    """

    def __init__(self, values: Mapping[str, Array], places: Array, weights: Mapping[str, Array]) -> None:
        super().__init__(values)
        self.places = places
        self.weights = dict(weights)


class Feed:
    """The records of a blob, a view of one, or a file, in batches of field → array.

    `part` takes one part of its split. `image` is the field that goes in (the first image, else the first array of
    numbers), as stored: N×H×W×C uint8, or of `dtype`. `targets` are the fields to learn (the label; several; () for
    none): a class as whole numbers, or `one_hot` rows of float32; a number or an array as float32.

    `unknown` says what becomes of records whose target nobody knows: they are left out where one of their targets
    is unknown ("leave out"), or where all are, and weigh nothing for the others ("mask"), or stay, as −1, zeros or NaN
    ("keep"). `balance` weighs records so that all classes count the same.

    `shuffle` is the seed of the order (None: as they lie in the blob); an epoch has another order than the one before.
    `drop_last` leaves a last, smaller batch out. Images of several sizes have to be made one with `size` (a number, or
    height and width: resized, not cropped); `channels` makes grey colour (3) or colour grey (1). `workers` threads
    decode a batch.

    Raises BlobError: there is no such file, part or field, nothing is left, or the images have several sizes.
    """

    def __init__(
        self,
        source: Blob | View | str | PathLike[str],
        batch: int = 32,
        *,
        part: str = "",
        image: str | None = None,
        targets: str | Sequence[str] | None = None,
        one_hot: bool = False,
        unknown: Unknown = "leave out",
        balance: bool = False,
        shuffle: int | None = None,
        epoch: int = 0,
        drop_last: bool = False,
        size: int | tuple[int, int] | None = None,
        channels: int | None = None,
        dtype: str | None = None,
        workers: int | None = None,
    ) -> None:
        view = view_of(source, part)
        if batch < 1 or epoch < 0:
            raise BlobError(f"a batch of {batch} in epoch {epoch}: batches have a record or more, epochs count from 0")
        if any(side < 1 for side in ([size] if isinstance(size, int) else size or ())):
            raise BlobError(f"images are a pixel or more high and wide, not {size}")
        if unknown not in UNKNOWNS:
            raise BlobError(f"unknown={unknown!r}: it is one of {', '.join(UNKNOWNS)}")
        self.view, self.size, self.drop_last, self.seed = view, batch, drop_last, shuffle
        self.image = image_of(view, image)
        self.columns: tuple[Column, ...] = columns_of(view, targets, one_hot=one_hot, balance=balance)
        self.notes: tuple[str, ...] = ()
        self._unknown = unknown
        self._places = self._usable(unknown)
        self._resize = (size, size) if isinstance(size, int) else size
        self._channels, self._dtype = channels, dtype
        self.workers = min(4, os.cpu_count() or 1) if workers is None else max(workers, 0)
        self._at = (epoch, 0)
        self._order: tuple[int, Array] | None = None
        self._start()
        first = self.images_of(np.asarray(self._places[:1]))
        self.shape: tuple[int, ...] = first.shape[1:]

    # What there is

    @property
    def records(self) -> int:
        """How many records an epoch has."""
        return len(self._places)

    def __len__(self) -> int:
        """How many batches an epoch has."""
        return self.records // self.size if self.drop_last else -(-self.records // self.size)

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def classes(self, target: str | None = None) -> tuple[str, ...]:
        """The names of the classes of a target, the first one unless told."""
        found = [column.field.classes for column in self.columns if target in (None, column.name)]
        return found[0] if found else ()

    def counts(self, target: str | None = None) -> dict[str, int]:
        """How many records of an epoch each class of a target has."""
        for column in self.columns:
            if target in (None, column.name) and column.field.kind == "class":
                return column.counts(column.of(self._places))
        return {}

    # The order

    def order(self, epoch: int) -> Array:
        """The records of an epoch, as their places in the view."""
        if self.seed is None:
            return self._places
        kept = self._order
        if kept is None or kept[0] != epoch:
            # This stream is frozen (NEP 19): the same order with every NumPy there will be.
            seeds = np.random.SeedSequence((self.seed, epoch))
            shuffled = self._places.copy()
            np.random.RandomState(np.random.MT19937(seeds)).shuffle(shuffled)
            self._order = kept = (epoch, shuffled)
        return kept[1]

    def places(self, number: int, epoch: int = 0) -> Array:
        """The records of a batch, as their places in the view. Raises IndexError."""
        if not 0 <= number < len(self):
            raise IndexError(f"there is no batch {number}: an epoch has {len(self)}")
        return self.order(epoch)[number * self.size : (number + 1) * self.size]

    # The batches

    def batch(self, number: int, epoch: int = 0) -> Batch:
        """One batch of an epoch. Where they are asked for in their order the next ones are read meanwhile.

        Raises IndexError, BlobError.
        """
        if not self.workers:
            return self._batch(number, epoch)
        with self._lock:
            self._enter()
            ready = self._ready.pop((epoch, number), None)
            in_order, self._last = self._last == (epoch, number - 1), (epoch, number)
            wanted = range(number + 1, min(number + 1 + AHEAD, len(self))) if in_order else ()
            for key in [key for key in self._ready if key[1] not in wanted or key[0] != epoch]:
                self._ready.pop(key).cancel()
            for each in wanted:
                if (epoch, each) not in self._ready:
                    self._ready[epoch, each] = self._ahead.submit(self._batch, each, epoch)
        return self._batch(number, epoch) if ready is None else ready.result()

    def __iter__(self) -> Iterator[Batch]:
        """The rest of the epoch that it is in; the next time the next epoch."""
        epoch, number = self._at
        for each in range(number, len(self)):
            found = self.batch(each, epoch)
            # Before it is handed out: who keeps the position after working on it goes on with the next.
            self._at = (epoch, each + 1) if each + 1 < len(self) else (epoch + 1, 0)
            yield found

    @property
    def position(self) -> dict[str, Any]:
        """Where it is, to be kept as JSON: the batch that comes next, and what tells whether it is the same order."""
        epoch, number = self._at
        return {"epoch": epoch, "batch": number, "seed": self.seed, "size": self.size, "records": self.records}

    def resume(self, position: Mapping[str, Any]) -> Feed:
        """Go on at a position. Raises BlobError where it is one of another order."""
        mine = self.position
        apart = [name for name in ("seed", "size", "records") if position.get(name) != mine[name]]
        if apart:
            said = ", ".join(f"{name} {position.get(name)} and not {mine[name]}" for name in apart)
            raise BlobError(f"the position is one of another order ({said}): feed the same records in the same batches")
        epoch, number = position.get("epoch"), position.get("batch")
        if not (isinstance(epoch, int) and isinstance(number, int) and epoch >= 0 and 0 <= number < len(self)):
            raise BlobError(f"epoch {epoch}, batch {number} is no position: an epoch has {len(self)} batches")
        self._at = (epoch, number)
        return self

    def close(self) -> None:
        """End its threads; the blob stays open."""
        with self._lock:
            if self._pid == os.getpid() and self._threads is not None:
                self._ahead.shutdown(cancel_futures=True)
                self._threads.shutdown(cancel_futures=True)
            self._pid = 0

    def __repr__(self) -> str:
        return f"<Feed {self.view.name!r}, {self.records} records in {len(self)} batches → {', '.join(self.targets)}>"

    # Going to another process

    def __getstate__(self) -> dict[str, Any]:
        gone = ("_lock", "_ready", "_ahead", "_threads", "_order")
        return {name: value for name, value in self.__dict__.items() if name not in gone}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._order = None
        self._start()

    def _start(self) -> None:
        self._lock = threading.Lock()
        self._pid = 0
        self._threads: ThreadPoolExecutor | None = None
        self._ready: dict[tuple[int, int], Future[Batch]] = {}
        self._last = (-1, -1)

    def _enter(self) -> None:
        """Have threads of this process: those of a parent are not there after a fork."""
        if self._pid != os.getpid():
            self._ready = {}
            self._ahead = ThreadPoolExecutor(1, thread_name_prefix="trainvis-ahead")
            self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="trainvis-decode")
            self._pid = os.getpid()

    # One batch

    def targets_of(self, places: Array) -> Batch:
        """The targets and weights of these records, without images. Raises BlobError."""
        values: dict[str, Array] = {}
        weights: dict[str, Array] = {}
        weighed = self._unknown == "mask" or any(column.balance is not None for column in self.columns)
        for column in self.columns:
            found = column.read(places)
            if weighed:
                weights[column.name] = column.weights(found)
            values[column.name] = column.made(found, fill=self._unknown == "mask")
        inside = [int(self.view.places[place]) for place in places.tolist()]
        return Batch(values, np.array(inside, dtype=np.int64), weights)

    def images_of(self, places: Array) -> Array:
        """The images of these records. Raises BlobError."""
        threads, some = self._threads, max(SMALLEST, -(-len(places) // max(self.workers, 1)))
        if threads is None or len(places) <= some or not self.view.schema[self.image].encoding:
            return self._made(places)
        parts = list(threads.map(self._made, (places[at : at + some] for at in range(0, len(places), some))))
        return np.concatenate([fits(part, parts[0].shape[1:], self.view.name) for part in parts])

    def _batch(self, number: int, epoch: int) -> Batch:
        places = self.places(number, epoch)
        found = self.targets_of(places)
        return Batch({self.image: self.images_of(places), **found}, found.places, found.weights)

    def _made(self, places: Array) -> Array:
        found = self.view.read(places.tolist(), [self.image])[self.image]
        shape = getattr(self, "shape", None)
        made = stacked(found, self._resize, self._channels, shape, self.view.name)
        return made if self._dtype is None else made.astype(self._dtype, copy=False)

    def _usable(self, unknown: Unknown) -> Array:
        """The places in the view of the records that are fed, and a note on the others."""
        total = len(self.view)
        short = np.int32 if total < 2**31 else np.int64
        known = [column.known() for column in self.columns] if unknown != "keep" else []
        if known:
            kept = np.logical_or.reduce(known) if unknown == "mask" else np.logical_and.reduce(known)
            places = np.flatnonzero(kept).astype(short)
        else:
            places = np.arange(total, dtype=short)
        if len(places) < total:
            whose = (" or " if unknown == "leave out" else " and ").join(self.targets)
            self.notes = (f"{total - len(places):,} of {total:,} records left out: nobody knows their {whose}",)
        if not len(places) or (self.drop_last and len(places) < self.size):
            why = self.notes[0] if self.notes else f"it has {total} records, and a batch {self.size}"
            raise BlobError(f"{self.view.name} has nothing to feed: {why}")
        for column in self.columns:
            column.settle(places)
        return places


def view_of(source: Blob | View | str | PathLike[str], part: str = "") -> View:
    """The records of a file, a blob or a view, of one part of its split where one is named. Raises BlobError."""
    if isinstance(source, str | PathLike):
        source = open_blob(source)
    if isinstance(source, Blob):
        return source.part(part) if part else source[:]
    if part:
        places = np.asarray(source.places)
        return View(source.blob, places[np.isin(places, np.asarray(source.blob.part(part).places))])
    return source
