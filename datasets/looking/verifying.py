"""Whether a blob is whole: every record is read, and what its builder wrote down of it is compared."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...engine.text import printable
from ..blob import Blob
from ..errors import BlobError
from ..formats.own import Digest, record_digest
from .passing import Progress, in_pieces, read_piece
from .statistics import Accumulator

MOST = 100  # broken records that are named


@dataclass(frozen=True, slots=True)
class Verified:
    """`broken`: place, key and sentence of the first records that cannot be read, `broken_count` of how many.

    `digest` is what the records have, `stored` what the builder wrote ("" where there is none). `wrong` are sentences
    about the whole: another digest, keys that are there twice, counts that are others.
    """

    records: int
    broken: tuple[tuple[int, str, str], ...] = ()
    broken_count: int = 0
    digest: str = ""
    stored: str = ""
    wrong: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        return not self.broken_count and not self.wrong


def verify(blob: Blob, progress: Progress | None = None) -> Verified:
    """Read every field of every record. Raises BlobError only where nothing can be read at all.

    The blob is to be open without side labels, for it is the stored ones that were counted.
    """
    count = len(blob)
    digest = Digest(blob.schema) if blob.digest else None
    counted = Accumulator(blob.schema)
    hashes = array("Q")
    broken: list[tuple[int, str, str]] = []
    failed = 0
    for part in in_pieces(blob, lambda piece: _look(blob, piece), None, progress):
        counted.merge(part.counted)
        hashes.extend(part.keys)
        failed += len(part.broken)
        broken += part.broken[: MOST - len(broken)]
        if digest is not None:
            for each in part.digests:
                digest.add(each)
    found = digest.hexdigest() if digest is not None else ""
    wrong = list(_wrong(blob, counted, hashes, count, whole=not failed))
    if digest is not None and not failed and found != blob.digest:
        wrong.append(f"its content has the digest {found[:12]}…, and it was built with {blob.digest[:12]}…")
    return Verified(count, tuple(broken), failed, found, blob.digest, tuple(wrong))


@dataclass(slots=True)
class _Part:
    counted: Accumulator
    digests: list[bytes]
    keys: list[int]
    broken: list[tuple[int, str, str]]


def _look(blob: Blob, piece: Sequence[int]) -> _Part:
    made = _Part(Accumulator(blob.schema), [], [], [])
    names = [field.name for field in blob.schema if field.kind in ("class", "number")]
    keys = _keys(blob, piece)
    for (place, values), key in zip(read_piece(blob, piece, blob.schema.names), keys, strict=True):
        if isinstance(values, str):
            made.broken.append((place, printable(key, 200), values))
            continue
        try:
            if blob.digest:
                made.digests.append(record_digest(blob.packed(place)))
        except (BlobError, IndexError, ValueError) as error:
            made.broken.append((place, printable(key, 200), printable(error, 300)))
            continue
        made.keys.append(int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "big"))
        made.counted.add(None, {name: values[name] for name in names})
    return made


def _keys(blob: Blob, piece: Sequence[int]) -> list[str]:
    try:
        return list(blob.keys(list(piece)))
    except BlobError:
        return [""] * len(piece)


def _wrong(blob: Blob, counted: Accumulator, hashes: array[int], count: int, *, whole: bool) -> Iterator[str]:
    unique = len(np.unique(np.array(hashes, np.uint64)))
    if unique < len(hashes):
        yield f"{len(hashes) - unique:,} keys are there more than once"
    if len(blob) < count:
        yield f"it has {len(blob):,} records now, and had {count:,}: it is being written"
    stored = dict(blob.statistics)
    if not stored or not whole:
        return
    found = counted.statistics()
    if stored.get("records") not in (None, count):
        yield f"its statistics are those of {stored['records']} records, and there are {count:,}"
        return
    labels = stored.get("labels")
    for name, counts in (labels if isinstance(labels, dict) else {}).items():
        if name in found["labels"] and counts != found["labels"][name]:
            yield f"the classes of {printable(name, 60)} are not as often as its statistics say"
