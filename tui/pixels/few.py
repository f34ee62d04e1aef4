"""A picture with a table of colours: exact where there are few, else the few that lose least."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .tone import Rgb

Numbers: TypeAlias = npt.NDArray[np.uint8]
Wide: TypeAlias = npt.NDArray[np.uint16]
_BITS = 16
_BITS_A_PIXEL = 2.6  # with what the compression adds, what 512×512 pixels in 200 KB may cost
_SPARED = 40
_MANY = 1024  # colours: a photo has more, a colour map with borders has not
_TRIES = (2654435761, 2246822519, 3266489917, 668265263, 374761393)  # odd multipliers that scatter well


def indexed(pixels: Rgb, most: int = 256) -> tuple[Numbers, Rgb]:
    """H×W numbers and the K×3 colours (K at most `most`, which is at most 256) that they stand for."""
    return _cut_to(*_parts(pixels), most)


def sparing(pixels: Rgb) -> tuple[Numbers, Rgb]:
    """As `indexed`: with all 256 colours where that costs few bytes, with 40 where nearly each pixel is news."""
    place, colours = _parts(pixels)
    rows = (place[1:] != place[:-1]).any(axis=1).sum() + 1
    news = place[:, 1:][place[:, 1:] != place[:, :-1]]  # what repeats its neighbour costs next to nothing
    counts = np.bincount(news)
    share = counts[counts > 0] / max(len(news), 1)
    bits = -(share * np.log2(share)).sum() * len(news) / place.size * rows / len(place)
    return _cut_to(place, colours, _SPARED if bits > _BITS_A_PIXEL else 256)


def _parts(pixels: Rgb) -> tuple[Numbers | Wide, Rgb]:
    packed = _packed(pixels)
    return _scattered(packed) or _coarse(packed)


def _cut_to(place: Numbers | Wide, colours: Rgb, most: int) -> tuple[Numbers, Rgb]:
    if len(colours) <= most:
        return place.astype(np.uint8), colours
    box, means = _cut(colours, np.bincount(place.ravel(), minlength=len(colours)), most)
    return box[place], means


def _packed(pixels: Rgb) -> npt.NDArray[np.uint32]:
    four = np.zeros((*pixels.shape[:2], 4), np.uint8)
    four[..., :3] = pixels
    return four.view("<u4")[..., 0]


def _colours(packed: npt.NDArray[np.uint32]) -> Rgb:
    return np.ascontiguousarray(packed.astype("<u4")).view(np.uint8).reshape(-1, 4)[:, :3].copy()


def _scattered(packed: npt.NDArray[np.uint32]) -> tuple[Numbers | Wide, Rgb] | None:
    """Each pixel's colour as a number, and the colours, by a table of scattered places: no sorting. None for many."""
    if len(np.unique(packed.ravel()[::101])) > _MANY:
        return None
    for multiplier in _TRIES:
        place = ((packed * np.uint32(multiplier)) >> np.uint32(32 - _BITS)).astype(np.uint16)
        held = np.zeros(1 << _BITS, np.uint32)
        taken = np.zeros(1 << _BITS, bool)
        held[place], taken[place] = packed, True
        used = np.flatnonzero(taken)
        if len(used) > _MANY:
            return None
        if (held[place] == packed).all():  # no two colours fell on one place
            number = np.zeros(1 << _BITS, np.uint16)
            number[used] = np.arange(len(used))
            return number[place], _colours(held[used])
    return None


def _coarse(packed: npt.NDArray[np.uint32]) -> tuple[Wide, Rgb]:
    """The same with five bits a channel: 32,768 colours hold any photo."""
    key = ((packed >> np.uint32(3)) & np.uint32(0x1F)) | ((packed >> np.uint32(6)) & np.uint32(0x3E0))
    key = (key | ((packed >> np.uint32(9)) & np.uint32(0x7C00))).astype(np.uint16)
    taken = np.zeros(1 << 15, bool)
    taken[key] = True
    used = np.flatnonzero(taken)
    number = np.zeros(1 << 15, np.uint16)
    number[used] = np.arange(len(used))
    return number[key], (np.stack([used & 31, (used >> 5) & 31, used >> 10], axis=1) * 8 + 4).astype(np.uint8)


def _cut(colours: Rgb, weight: npt.NDArray[np.intp], most: int) -> tuple[Numbers, Rgb]:
    """Median cut (Heckbert 1982): the box of each colour, and the mean of each box; a round cuts many boxes at once."""
    order = np.arange(len(colours))
    starts = np.zeros(1, np.intp)
    while len(starts) < most:
        held = colours[order]
        spread = np.maximum.reduceat(held, starts) - np.minimum.reduceat(held, starts)
        axis, widest = spread.argmax(axis=1), spread.max(axis=1)
        worth = widest * np.sqrt(np.add.reduceat(weight[order], starts))
        wanted = np.argsort(-worth)[: max(min(most - len(starts), (len(starts) + 1) // 2), 1)]
        wanted = wanted[widest[wanted] > 0]
        if not len(wanted):
            break
        stops = np.append(starts[1:], len(order))
        box = np.repeat(np.arange(len(starts)), stops - starts)
        order = order[np.argsort(box * 256 + held[np.arange(len(order)), axis[box]], kind="stable")]
        value = colours[order, axis[box]]
        total = np.cumsum(weight[order])
        before = np.where(starts > 0, total[starts - 1], 0)
        middle = np.searchsorted(total, (before + total[stops - 1]) / 2)
        starts = np.sort(
            np.append(
                starts,
                [
                    _between(value, *each)
                    for each in zip(
                        starts[wanted].tolist(), middle[wanted].tolist(), stops[wanted].tolist(), strict=True
                    )
                ],
            )
        )
    box = np.zeros(len(colours), np.uint8)
    box[order] = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(order))))
    sums = np.add.reduceat((colours * weight[:, None])[order], starts)
    return box, (sums / np.add.reduceat(weight[order], starts)[:, None] + 0.5).astype(np.uint8)


def _between(value: Rgb, start: int, middle: int, stop: int) -> int:
    """Where the sorted values from `start` to `stop` are cut near `middle`: between two, never within one."""
    part = value[start:stop]
    at = int(np.searchsorted(part, part[min(middle, stop - 1) - start]))
    return start + (at or int(np.searchsorted(part, part[0], "right")))
