"""A program that appends records to an HDF5 file or an LMDB, each of which tells whether it is whole.

    python appending.py KIND PATH SECONDS      KIND: swmr, lmdb, own (an LMDB of ours), plain (HDF5 without SWMR)

It prints how many records it has written and committed in the end.
"""

from __future__ import annotations

import hashlib
import struct
import sys
import time
from pathlib import Path
from typing import Any

import h5py
import lmdb
import numpy as np

SIDE = 12
BATCH = 7


def pixels(place: int) -> np.ndarray:
    """The picture of a record: nothing else has it."""
    data = b"".join(hashlib.sha256(struct.pack("<QB", place, part)).digest() for part in range(SIDE * SIDE // 32 + 1))
    return np.frombuffer(data[: SIDE * SIDE], np.uint8).reshape(SIDE, SIDE, 1)


def label(place: int) -> int:
    return place % 7


def datum(place: int) -> bytes:
    data = pixels(place).tobytes()
    head = bytes([8, 1, 16, SIDE, 24, SIDE, 34, len(data) & 127 | 128, len(data) >> 7])
    return head + data + bytes([40, label(place)])


def append_swmr(path: Path, until: float) -> int:
    count = 0
    with h5py.File(path, "w", libver="latest") as file:
        images = file.create_dataset(
            "images", (0, SIDE, SIDE, 1), "u1", maxshape=(None, SIDE, SIDE, 1), chunks=(16, SIDE, SIDE, 1)
        )
        labels = file.create_dataset("labels", (0,), "i8", maxshape=(None,), chunks=(64,))
        file.swmr_mode = True
        while time.time() < until or count == 0:
            places = range(count, count + BATCH)
            for data, values in ((images, [pixels(place) for place in places]), (labels, list(map(label, places)))):
                data.resize(count + BATCH, axis=0)
                data[count:] = values
            images.flush()
            labels.flush()
            count += BATCH
            time.sleep(0.001)
    return count


def append_plain(path: Path, until: float) -> int:
    """Opens the file again and again, as a program does that adds what it has and leaves."""
    count = 0
    while time.time() < until or count == 0:
        with h5py.File(path, "a") as file:
            if "images" not in file:
                file.create_dataset(
                    "images", (0, SIDE, SIDE, 1), "u1", maxshape=(None, SIDE, SIDE, 1), chunks=(16, SIDE, SIDE, 1)
                )
                file.create_dataset("labels", (0,), "i8", maxshape=(None,), chunks=(64,))
            for _ in range(4):
                places = range(count, count + BATCH)
                for name, values in (
                    ("images", [pixels(place) for place in places]),
                    ("labels", list(map(label, places))),
                ):
                    data: Any = file[name]
                    data.resize(count + BATCH, axis=0)
                    data[count:] = values
                count += BATCH
                file.flush()
                time.sleep(0.002)
        time.sleep(0.05)
    return count


def append_lmdb(path: Path, until: float) -> int:
    count, room = 0, 1 << 20
    with lmdb.open(str(path), map_size=room) as env:
        while time.time() < until or count == 0:
            try:
                with env.begin(write=True) as change:
                    for place in range(count, count + BATCH):
                        change.put(f"{place:08d}".encode(), datum(place), append=True)
            except lmdb.MapFullError:
                room *= 2
                env.set_mapsize(room)
                continue
            count += BATCH
            time.sleep(0.001)
    return count


def append_own(path: Path, until: float) -> int:
    from trainvis.datasets.formats import own
    from trainvis.datasets.schema import Field, Schema

    schema = Schema((
        Field("image", "image", "uint8", (SIDE, SIDE, 1)),
        Field("label", "class", "int64", (), tuple("abcdefg")),
    ))  # fmt: skip
    count, room = 0, 1 << 20
    with lmdb.open(str(path), subdir=False, map_size=room, max_dbs=4) as env:
        records, keys = env.open_db(own.RECORDS.encode()), env.open_db(own.KEYS.encode())
        with env.begin(write=True) as change:
            change.put(own.ABOUT.encode(), own.About(schema, 0).to_bytes())
        while time.time() < until or count == 0:
            try:
                with env.begin(write=True) as change:
                    for place in range(count, count + BATCH):
                        values = {"image": pixels(place), "label": label(place)}
                        packed = [own.pack_value(field, values[field.name]) for field in schema]
                        change.put(own.number_key(place), own.pack_record(f"k{place}", packed), db=records, append=True)
                        change.put(own.name_key(f"k{place}"), own.number_key(place), db=keys)
            except lmdb.MapFullError:
                room *= 2
                env.set_mapsize(room)
                continue
            count += BATCH
            time.sleep(0.001)
    return count


if __name__ == "__main__":
    kind, target, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    appenders = {"swmr": append_swmr, "plain": append_plain, "lmdb": append_lmdb, "own": append_own}
    print(appenders[kind](target, time.time() + seconds))  # noqa: T201
