"""Whether another program writes an HDF5 file at this moment, found out without touching its locks."""

from __future__ import annotations

import os
from pathlib import Path

from .plain_file import PlainFile

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_WRITING, _SWMR = 1, 4


def writer(file: PlainFile) -> int | None:
    """The process that holds HDF5's lock for writing; None where nobody does, or the system has no list of locks.

    To try the lock ourselves could make the writer's own attempt fail.
    """
    facts = file.facts()
    try:
        lines = Path("/proc/locks").read_text("ascii", "replace").splitlines()
    except OSError:
        return None
    for line in lines:
        words = line.split()
        if len(words) < 6 or "WRITE" not in words or "->" in words:
            continue
        number, place = words[4], words[5].split(":")
        if len(place) != 3 or not place[2].isdigit() or int(place[2]) != facts.st_ino or number == str(os.getpid()):
            continue
        device = os.makedev(int(place[0], 16), int(place[1], 16))
        # Layered file systems number the device of a lock otherwise than that of the file.
        if device == facts.st_dev or os.major(facts.st_dev) == 0:
            return int(number) if number.lstrip("-").isdigit() else 0
    return None


def flags(file: PlainFile) -> tuple[bool, bool]:
    """Whether the file says that it is open for writing, and that readers may follow (SWMR). A writer that was killed
    leaves both as they were. Raises BlobError.
    """
    size = file.size
    place = 0
    while place + 12 <= size and place <= 1 << 26:
        head = file.read(place, 12)
        if head.startswith(_SIGNATURE):
            # Versions 2 and 3 have a byte of flags; older ones have none.
            found = head[11] if head[8] in (2, 3) else 0
            return bool(found & _WRITING), bool(found & _SWMR)
        place = place * 2 or 512
    return False, False


def is_hdf5(file: PlainFile) -> bool:
    """Whether it begins like an HDF5 file, perhaps after a block of the user's. Raises BlobError."""
    size, place = file.size, 0
    while place + 8 <= size and place <= 1 << 26:
        if file.read(place, 8) == _SIGNATURE:
            return True
        place = place * 2 or 512
    return False
