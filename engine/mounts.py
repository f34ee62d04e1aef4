"""Which file system a path lies on, and whether other machines write there."""

from __future__ import annotations

import os
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")

# The beginnings of the names of file systems that tell nothing of what other machines write.
# fmt: off
_REMOTE = (
    "nfs", "cifs", "smb", "fuse", "lustre", "ceph", "gpfs", "beegfs", "afs", "9p", "glusterfs", "vboxsf", "orangefs",
    "virtiofs", "ncpfs",
)
# fmt: on


def file_system(path: Path, mounts: Path = MOUNTS) -> str:
    """The type of the file system that `path` lies on, as Linux names it (proc(5), mountinfo); "" where unknown."""
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return ""
    kind, longest = "", -1
    real = os.path.realpath(path)
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) > 4 and after:
            point = fields[4].replace("\\040", " ")
            # Of several mounts on one point the last is the one that is seen.
            if f"{real}/".startswith(f"{point.rstrip('/')}/") and len(point) >= longest:
                kind, longest = after.split(" ", 1)[0], len(point)
    return kind


def remote(kind: str) -> bool:
    """Whether a file system of this type is one that other machines may write to."""
    return kind.startswith(_REMOTE)
