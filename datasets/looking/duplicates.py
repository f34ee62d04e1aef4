"""Records that are there twice: of the same bytes, of the same pixels, or that look alike.

Two images look alike where few of the 64 bits of their difference hash are others (dHash: N. Krawetz, "Kind of Like
That", 2013): each bit says whether a pixel of the image, made 9×8 grey pixels small, is brighter than its right
neighbour. Pairs at a Hamming distance of at most n agree in at least one of n + 1 bands of the bits (by the pigeonhole
principle), so only records that share a band are compared. As hashes of small or plain images are alike by chance,
their 8×8 grey pixels must be near too, brighter or darker as a whole though they may be.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ..blob import Blob
from ..errors import BlobError
from . import kept
from .passing import Progress, in_pieces, read_piece

DISTANCE = 3  # bits of 64 in which images that look alike may differ
LARGEST_DISTANCE = 15
_KEPT = "fingerprints.npz"
_BYTES = 16  # of a digest: two of 2^32 records have the same by chance once in 2^65
_SMALL = 8  # pixels of a side of what is compared of images that may be alike
_NEAR = 10  # of 255, that these may differ in the mean
_NAMES = ("stored", "pixels", "hashes", "small", "there")
_Row: TypeAlias = tuple[bytes, bytes, int, bytes, bool]  # as the fields of Fingerprints
_BLOCK = 1 << 22  # pairs that are compared at once


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprints:
    """Of each record: digests of stored bytes and of pixels (N×16 uint8), the difference hash (N uint64), and the image
    made 8×8 grey pixels small (N×64 uint8). `there`: whether its image could be read.
    """

    stored: np.ndarray
    pixels: np.ndarray
    hashes: np.ndarray
    small: np.ndarray
    there: np.ndarray


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Groups of places. `stored`: the same bytes; `pixels`: the same pixels, other bytes; `alike`: they look alike.

    A group is in one of them only: the first that holds for all of it. `unread` images could not be compared.
    """

    stored: tuple[tuple[int, ...], ...] = ()
    pixels: tuple[tuple[int, ...], ...] = ()
    alike: tuple[tuple[int, ...], ...] = ()
    unread: int = 0

    @property
    def groups(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """All, with the word for how alike they are."""
        words = (("same bytes", self.stored), ("same pixels", self.pixels), ("look alike", self.alike))
        return tuple((word, group) for word, groups in words for group in groups)


def duplicates(blob: Blob, distance: int = DISTANCE, progress: Progress | None = None) -> Duplicates:
    """All of a blob. Raises BlobError where it has no images, or `distance` is not 0 to LARGEST_DISTANCE."""
    if not 0 <= distance <= LARGEST_DISTANCE:
        raise BlobError(f"images that look alike differ in 0 to {LARGEST_DISTANCE} bits of 64, not in {distance}")
    return among(fingerprints(blob, progress), distance)


def among(found: Fingerprints, distance: int = DISTANCE) -> Duplicates:
    """The groups that these make."""
    stored = list(_same(found.stored, found.there))
    pixels = [
        group for group in _same(found.pixels, found.there) if len(np.unique(found.stored[list(group)], axis=0)) > 1
    ]
    alike = [
        group for group in _alike(found, distance)
        if len(np.unique(found.pixels[list(group)], axis=0)) > 1
    ]  # fmt: skip
    return Duplicates(tuple(stored), tuple(pixels), tuple(alike), int((~found.there).sum()))


def fingerprints(blob: Blob, progress: Progress | None = None) -> Fingerprints:
    """Those of every record, kept in the cache folder. Raises BlobError where there are no images."""
    image = blob.schema.image
    if image is None:
        raise BlobError(f"{blob.name} has no images to compare")
    whose = kept.identity(blob.path)
    before = _read(kept.found_bytes(_KEPT, whose), len(blob)) if whose else None
    if before is not None:
        return before
    rows: list[_Row] = []
    for part in in_pieces(blob, lambda piece: _fingerprints(blob, image.name, piece), None, progress):
        rows += part
    found = Fingerprints(
        np.frombuffer(b"".join(row[0] for row in rows), np.uint8).reshape(-1, _BYTES),
        np.frombuffer(b"".join(row[1] for row in rows), np.uint8).reshape(-1, _BYTES),
        np.array([row[2] for row in rows], np.uint64),
        np.frombuffer(b"".join(row[3] for row in rows), np.uint8).reshape(-1, _SMALL * _SMALL),
        np.array([row[4] for row in rows], bool),
    )
    if whose and whose == kept.identity(blob.path):
        target = io.BytesIO()
        np.savez(target, **{name: getattr(found, name) for name in _NAMES})
        kept.keep_bytes(_KEPT, whose, target.getvalue())
    return found


def _read(data: bytes | None, count: int) -> Fingerprints | None:
    if data is None:
        return None
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            found = Fingerprints(*(file[name] for name in _NAMES))
    except (OSError, ValueError, KeyError, EOFError):
        return None
    return found if len(found.stored) == len(found.hashes) == len(found.there) == count else None


def _fingerprints(blob: Blob, image: str, piece: Sequence[int]) -> list[_Row]:
    return [_fingerprint(blob, image, place, values) for place, values in read_piece(blob, piece, [image])]


def _fingerprint(blob: Blob, image: str, place: int, found: dict[str, Any] | str) -> _Row:
    nothing = bytes(_SMALL * _SMALL)
    if isinstance(found, str):
        return bytes(_BYTES), bytes(_BYTES), 0, nothing, False
    values = found[image]
    try:
        stored = hashlib.blake2b(blob.raw(place, image), digest_size=_BYTES).digest()
    except BlobError:
        return bytes(_BYTES), bytes(_BYTES), 0, nothing, False
    shape = str((values.shape, values.dtype)).encode()
    pixels = hashlib.blake2b(shape + np.ascontiguousarray(values).tobytes(), digest_size=_BYTES).digest()
    if values.dtype != np.uint8 or not values.size:
        return stored, pixels, 0, nothing, True
    return stored, pixels, difference_hash(values), grey_of(values, _SMALL, _SMALL).tobytes(), True


def difference_hash(image: np.ndarray) -> int:
    """64 bits of an image H×W×C uint8: whether each of 8×8 places is brighter than the one right of it."""
    small = grey_of(image, 9, 8).astype(int)
    return int.from_bytes(np.packbits(small[:, :-1] > small[:, 1:]).tobytes(), "big")


def grey_of(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """An image H×W×C uint8 as grey pixels, made so small: means over areas."""
    from PIL import Image

    grey = image[:, :, :3].mean(axis=2).astype(np.uint8) if image.shape[2] >= 3 else image[:, :, 0]
    return np.asarray(Image.fromarray(np.ascontiguousarray(grey)).resize((width, height), Image.Resampling.BOX))


def _same(digests: np.ndarray, there: np.ndarray) -> Iterator[tuple[int, ...]]:
    """Groups of equal rows, by their first place."""
    _, inverse = np.unique(digests, axis=0, return_inverse=True)
    yield from _grouped(inverse.ravel(), there)


def _grouped(numbers: np.ndarray, there: np.ndarray) -> Iterator[tuple[int, ...]]:
    """The places that have the same number, where two or more have it."""
    places = np.flatnonzero(there)
    order = places[np.argsort(numbers[places], kind="stable")]
    ends = np.flatnonzero(np.diff(numbers[order])) + 1
    yield from sorted(tuple(group.tolist()) for group in np.split(order, ends) if len(group) > 1)


def _alike(found: Fingerprints, distance: int) -> Iterator[tuple[int, ...]]:
    """Groups in which each looks like another one of the group."""
    # One of all that have the same pixels stands for them.
    _, firsts, inverse = np.unique(found.pixels, axis=0, return_index=True, return_inverse=True)
    hashes = found.hashes[firsts]
    small = found.small[firsts].astype(np.int16)
    small -= small.mean(axis=1, keepdims=True).astype(np.int16)
    above = np.arange(len(firsts))
    for low, high in _bands(distance + 1):
        band = (hashes >> np.uint64(low)) & np.uint64((1 << (high - low)) - 1)
        order = np.argsort(band, kind="stable")
        ends = np.flatnonzero(np.diff(band[order])) + 1
        for group in np.split(order, ends):
            if len(group) > 1:
                _join(above, group, hashes[group], small[group], distance)
    yield from _grouped(_tops(above, np.arange(len(above)))[inverse.ravel()], found.there)


def _bands(count: int) -> list[tuple[int, int]]:
    return [(64 * at // count, 64 * (at + 1) // count) for at in range(count)]


def _join(above: np.ndarray, group: np.ndarray, hashes: np.ndarray, small: np.ndarray, distance: int) -> None:
    """Join those of a group that are near (union-find: each says who is above it, the least at last)."""
    rows = max(_BLOCK // len(group), 1)
    for start in range(0, len(group), rows):
        near = _bits(hashes[start : start + rows, None] ^ hashes[None, :]) <= distance
        for row in np.flatnonzero(near.sum(axis=1) > 1):
            others = np.flatnonzero(near[row])
            differences = np.abs(small[others] - small[start + row]).mean(axis=1)
            tops = _tops(above, group[others[differences <= _NEAR]])
            above[tops] = tops.min()


def _tops(above: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Who stands for the groups of these."""
    tops = above[places]
    while (tops != (higher := above[tops])).any():
        tops = higher
    above[places] = tops
    return tops


def _bits(values: np.ndarray) -> np.ndarray:
    """How many bits of each uint64 are set (NumPy counts them itself from 2.0 on)."""
    if hasattr(np, "bitwise_count"):
        return np.bitwise_count(values)
    one, two, four = (np.uint64(each) for each in (0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F))
    values = values - ((values >> np.uint64(1)) & one)
    values = (values & two) + ((values >> np.uint64(2)) & two)
    values = (values + (values >> np.uint64(4))) & four
    return (values * np.uint64(0x0101010101010101)) >> np.uint64(56)


def across(blob: Blob, group: Sequence[int]) -> tuple[str, ...]:
    """The parts of the split that a group lies in: more than one where what is tested was learned."""
    if not blob.groups:
        return ()
    numbers = blob.read(list(group), ["split"])["split"]
    return tuple(dict.fromkeys(blob.said("split", number) for number in numbers))
