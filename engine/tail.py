"""What a growing file of lines has gained since the last look."""

from __future__ import annotations

import os
import stat
from pathlib import Path

CHUNK = 16 << 20
_HEAD = 64


class Tail:
    """Whole new lines of a file that others append to, truncate, replace or delete.

    Nothing stays open between two looks, so a deleted run frees its disk and a thousand tails cost no
    descriptors. `restarted` is true after a look that began anew because the file was truncated or
    replaced: what was read before is then void. `problem` says why a file cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str], offset: int = 0) -> None:
        self.path = Path(path)
        self.offset = offset
        self.size = 0
        self.restarted = False
        self.problem: str | None = None
        self._head = b""
        self._inode: int | None = None
        self._seen: tuple[int, int, int] | None = None
        self._skipping = False  # inside a line longer than a whole chunk

    @property
    def behind(self) -> int:
        """Bytes that were there at the last look and are not read yet (a half line counts)."""
        return max(self.size - self.offset, 0)

    def more(self, limit: int = CHUNK) -> bytes:
        """The next whole lines, at most `limit` bytes; b"" where there are none. Never raises.

        A half line stays for the next look. A line longer than `limit` is no line of ours: it is passed over.
        """
        self.restarted = False
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            self.problem = None
            return b""
        except OSError as error:
            self.problem = f"{self.path.name} cannot be read: {error.strerror}"
            return b""
        try:
            return self._read(descriptor, limit)
        except OSError as error:
            self.problem = f"{self.path.name} cannot be read: {error.strerror}"
            return b""
        finally:
            os.close(descriptor)

    def skip_to(self, offset: int) -> None:
        """Take everything before `offset` as read; it must be the beginning of a line."""
        self.more(0)  # what file this is, so that its replacement is noticed
        self.offset = offset
        self._seen = None

    def _read(self, descriptor: int, limit: int) -> bytes:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):  # a FIFO would block, a device never ends
            self.problem = f"{self.path.name} is no ordinary file"
            return b""
        self.problem = None
        self.size = facts.st_size
        seen = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
        if seen == self._seen and facts.st_size <= self.offset:
            return b""
        self._seen = seen
        self._notice_restart(descriptor, facts)
        return self._whole_lines(os.pread(descriptor, limit, self.offset), limit)

    def _notice_restart(self, descriptor: int, facts: os.stat_result) -> None:
        head = os.pread(descriptor, _HEAD, 0)
        replaced = self._inode not in (None, facts.st_ino)
        # A file that was truncated and has outgrown the offset since shows only in its first bytes.
        if replaced or facts.st_size < self.offset or not head.startswith(self._head):
            self.restarted = self._inode is not None or self.offset > 0
            self.offset = 0
            self._skipping = False
        self._inode, self._head = facts.st_ino, head

    def _whole_lines(self, data: bytes, limit: int) -> bytes:
        end = data.rfind(b"\n") + 1
        if not end:
            if len(data) >= limit > 0:
                self._skipping = True
                self.offset += len(data)
            return b""
        self.offset += end
        if not self._skipping:
            return data[:end]
        self._skipping = False
        return data[data.index(b"\n") + 1 : end]
