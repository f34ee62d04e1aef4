"""Faces as an extractor takes them: padded to a black square, in its size and colours, decoded ahead in threads."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

import numpy as np
from PIL import Image

from ..errors import FacesError
from ..faces import Faces

Array: TypeAlias = np.ndarray

_TOGETHER = 8  # pictures that a thread takes at a time
_AHEAD = 2  # batches that are decoded while the network works on one
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def fitted(image: Array, size: tuple[int, int], channels: int) -> Array:
    """A picture H×W×C uint8 as height×width×channels: nothing is cut off or stretched, black bars make up its shape.

    It is smoothed where it gets smaller; grey becomes colour by repeating, colour grey by its luminance (ITU-R 601).
    Raises FacesError for what is no picture.
    """
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] not in _MODES or not image.size:
        shape = "×".join(map(str, image.shape))
        raise FacesError(f"a face is {shape} of {image.dtype}: only pictures of bytes can be given to an extractor")
    picture = Image.fromarray(image[..., 0] if image.shape[2] == 1 else image).convert(_MODES[channels])
    height, width = size
    scale = min(height / picture.height, width / picture.width)
    inner = max(round(picture.height * scale), 1), max(round(picture.width * scale), 1)
    if (picture.height, picture.width) != inner:
        picture = picture.resize((inner[1], inner[0]), Image.Resampling.BILINEAR)
    found = np.asarray(picture).reshape(*inner, channels)
    if inner == size:
        return found
    made = np.zeros((height, width, channels), np.uint8)
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    made[top : top + inner[0], left : left + inner[1]] = found
    return made


def batches(
    faces: Faces, numbers: Array, size: tuple[int, int], channels: int, batch: int, workers: int | None = None
) -> Iterator[Array]:
    """These faces in their order, N×height×width×channels uint8 a batch; the next ones are decoded meanwhile.

    Raises FacesError, BlobError.
    """
    workers = min(4, os.cpu_count() or 1) if workers is None else workers

    def part(some: Array) -> Array:
        return np.stack([fitted(each, size, channels) for each in faces.images(some)])

    wanted = (numbers[at : at + batch] for at in range(0, len(numbers), batch))
    with ThreadPoolExecutor(max(workers, 1), thread_name_prefix="trainvis-faces") as threads:
        begun: deque[list[Future[Array]]] = deque()
        try:
            for some in wanted:
                pieces = (some[at : at + _TOGETHER] for at in range(0, len(some), _TOGETHER))
                begun.append([threads.submit(part, each) for each in pieces])
                if len(begun) > _AHEAD:
                    yield _joined(begun.popleft())
            while begun:
                yield _joined(begun.popleft())
        finally:
            threads.shutdown(cancel_futures=True)


def _joined(parts: list[Future[Array]]) -> Array:
    return np.concatenate([each.result() for each in parts])


def whole(faces: Faces, size: tuple[int, int], channels: int, tell: Callable[[int, int], None]) -> Array:
    """All faces at once, N×height×width×channels uint8. Raises FacesError (memory does not hold them), BlobError."""
    made = room((len(faces), *size, channels), np.dtype(np.uint8))
    done = 0
    for found in batches(faces, np.arange(len(faces)), size, channels, 64):
        made[done : done + len(found)] = found
        done += len(found)
        tell(done, len(faces))
    return made


def room(shape: tuple[int, ...], dtype: np.dtype) -> Array:
    """An array for what is computed. Raises FacesError where memory does not hold it."""
    try:
        return np.empty(shape, dtype)
    except (MemoryError, ValueError):
        size = float(np.prod([float(each) for each in shape])) * dtype.itemsize / 2**30
        raise FacesError(
            f"{'×'.join(map(str, shape))} of {dtype} are {size:,.1f} GiB, which memory does not hold: take fewer faces "
            "(--limit) or a later layer"
        ) from None
