"""Features of faces: computed once, kept in a blob, and found again."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np

from ...engine.places import cache_folder
from ...engine.text import printable
from ...vis import telling
from ..errors import FacesError
from ..faces import Faces
from .keyed import data_digest, keys_of, selection_digest
from .kind import Extractor, digest_of
from .pictures import batches, room
from .store import Made, read, write

Array: TypeAlias = np.ndarray
Say: TypeAlias = Callable[[str], None]
Compute: TypeAlias = Callable[[Array], Array]

_OLD = 86400.0  # seconds after which a file that nobody finished is taken away


def features_of(
    faces: Faces,
    extractor: Extractor,
    cache: Path | None = None,
    say: Say = print,
    train: Sequence[int] | Array | None = None,
) -> Array:
    """The vectors of all faces in their order, N×D float32, read where they are kept, else computed and kept.

    `cache` is the folder for them, that of the user's cache unless told. `train` are the numbers of the faces that an
    extractor which learns (`pca:N`, `Extractor.learns`) may see; without them it sees all, which is said. Raises
    FacesError, BlobError.
    """
    for note in extractor.notes:
        say(f"  {note}")
    if (ready := extractor.ready(faces, say)) is not None:
        return ready
    if extractor.learns:
        if train is None:
            say(f"  {extractor.name} learns from all faces, those of validation and test as well, but from no label")
        extractor = extractor.fitted(faces, np.arange(len(faces)) if train is None else train, say)
    return computed(faces, extractor, extractor.features, (extractor.width,), "float32", extractor.digest, cache, say)


def made_of(faces: Faces, extractor: Extractor) -> Made:
    """What a file of these features says of itself."""
    return Made(extractor.name, extractor.digest, selection_digest(faces), data_digest(faces))


def folder(cache: Path | None = None) -> Path:
    """Where features are kept."""
    return (cache or cache_folder()) / "faces" / "features"


def computed(
    faces: Faces,
    extractor: Extractor,
    compute: Compute,
    shape: tuple[int, ...],
    dtype: str,
    digest: str,
    cache: Path | None,
    say: Say,
) -> Array:
    """What `compute` gives for the pictures of all faces, N×`shape`, kept under `digest` and the faces.

    What is done is kept batch by batch: an interrupted pass goes on, and of two processes that want the same one
    waits. A disk that is full costs only that. Raises FacesError, BlobError.
    """
    path = folder(cache) / f"{digest_of(digest, selection_digest(faces), shape, dtype)[:40]}.h5"
    if (found := _read(path, faces, shape, dtype, say)) is not None:
        return found
    with _part(path, say) as part:
        if part is not None and (found := _read(path, faces, shape, dtype, say)) is not None:
            return found  # somebody else has made them meanwhile
        values = _pass(faces, extractor, compute, shape, dtype, part, say)
        made = Made(extractor.name, digest, selection_digest(faces), data_digest(faces))
        try:
            write(path, made, keys_of(faces), values)
            say(f"kept in {printable(path, 200)}")
            if part is not None:
                _unlink(Path(part.name))
        except OSError as error:
            say(f"they are not kept, and computed again the next time: {reason(error)}")
            if part is not None:
                _unlink(Path(part.name))
    return values


def _pass(
    faces: Faces,
    extractor: Extractor,
    compute: Compute,
    shape: tuple[int, ...],
    dtype: str,
    part: BinaryIO | None,
    say: Say,
) -> Array:
    values = room((len(faces), *shape), np.dtype(dtype))
    done = began = _taken_up(values, part)
    if began:
        say(f"{began:,} of {len(faces):,} faces were done before: it goes on there")
    tell, start = telling.progress(), time.monotonic()
    numbers = np.arange(began, len(faces))
    try:
        for images in batches(faces, numbers, extractor.size, extractor.channels, extractor.batch):
            found = np.asarray(compute(images)).astype(dtype, copy=False).reshape(len(images), *shape)
            if not np.isfinite(found).all():
                raise FacesError(
                    f"{extractor.name} gives values that are no finite numbers for one of the faces {done} to "
                    f"{done + len(found) - 1}: its weights are broken, or pixels are scaled as it was not trained on"
                )
            values[done : done + len(found)] = found
            part = _append(part, found, say)
            done += len(found)
            tell(done, len(faces))
    finally:
        tell(len(faces), len(faces))  # which wipes its line
    seconds = max(time.monotonic() - start, 1e-9)
    what = f"{shape[0]:,} numbers" if len(shape) == 1 else "×".join(map(str, shape))
    say(
        f"{extractor.name}: {what} of each of {len(faces):,} faces in {seconds:.1f} s "
        f"({(len(faces) - began) / seconds:,.0f} a second)"
    )
    return values


def _taken_up(values: Array, part: BinaryIO | None) -> int:
    """How many rows the part has from a pass before, which are read; a torn one is cut off."""
    row = values[:1].nbytes
    if part is None or not row:
        return 0
    done = min(os.fstat(part.fileno()).st_size // row, len(values))
    part.seek(0)
    flat = values[:done].reshape(-1)
    found = np.fromfile(part, values.dtype, flat.size)
    if found.size < flat.size or not np.isfinite(found).all():
        done = 0  # damaged
    else:
        flat[:] = found
    part.truncate(done * row)
    part.seek(done * row)
    return done


def _append(part: BinaryIO | None, found: Array, say: Say) -> BinaryIO | None:
    """What is done, into the part; None once the disk takes no more."""
    if part is None:
        return None
    try:
        data = found.tobytes()
        if part.write(data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # a full disk takes a part, and says nothing
        return part
    except OSError as error:
        with suppress(OSError):
            part.truncate(0)
        say(f"what is done cannot be kept on the way: {reason(error)}")
        return None


@contextmanager
def _part(path: Path, say: Say) -> Iterator[BinaryIO | None]:
    """The file of what is done, held by this process alone; None where there can be none. Others wait."""
    name = path.with_suffix(".part")
    file: BinaryIO | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path.parent)
        file = _held(name, say)
    except OSError as error:
        say(f"features cannot be kept in {printable(path.parent, 200)}: {reason(error)}")
    try:
        yield file
    finally:
        if file is not None:
            with suppress(OSError):  # a full disk says so once more when it is closed
                file.close()


def _held(name: Path, say: Say) -> BinaryIO:
    told = False
    while True:
        file = open(name, "a+b", buffering=0)  # noqa: SIM115 - closed by who takes it
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not told:
                say("another process computes the same features: waiting for it")
            told = True
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError:  # a file system without locks
            return file
        # It may have been finished and taken away by who held it before.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), name.stat()):
                return file
        file.close()


def _read(path: Path, faces: Faces, shape: tuple[int, ...], dtype: str, say: Say) -> Array | None:
    if not path.is_file():
        return None
    try:
        stored = read(path)
    except FacesError as error:
        say(f"{error}: they are made anew")
        _unlink(path)
        return None
    if (
        stored.values.shape != (len(faces), *shape)
        or stored.values.dtype != dtype
        or list(stored.keys) != keys_of(faces)
    ):
        say(f"{printable(path, 200)} is not what it is called: the features are made anew")
        _unlink(path)
        return None
    say(f"features are kept from before: {printable(path, 200)}")
    return stored.values


def _sweep(kept: Path) -> None:
    """Take away what a process left that was killed while it wrote."""
    for each in kept.glob(".*.tmp"):
        with suppress(OSError):
            if time.time() - each.stat().st_mtime > _OLD:
                each.unlink()


def _unlink(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def reason(error: OSError) -> str:
    """Why the disk does not take it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or "no space left" in str(error).lower():
        return "the disk is full"
    return printable(error.strerror or error, 200)
