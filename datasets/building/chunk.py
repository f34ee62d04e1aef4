"""What a worker hands to the builder: some records, whose large values lie in a slot."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field


@dataclass(slots=True)
class Values:
    """The values of a field, one after the other; their lengths, and, of arrays of any shape, shapes (uint32).

    `data` is empty for the field whose values lie in the slot.
    """

    data: list[bytes] = field(default_factory=list)
    lengths: array[int] = field(default_factory=lambda: array("q"))
    shapes: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class Chunk:
    """`first` is the first place of the range that it belongs to, of which it is the `last` one or not.

    In the slot lie `used` bytes of its `size`: of an LMDB packed records, of HDF5 the values of the main field.
    `lengths` are those of the packed records; `columns` (HDF5) the fields in their order.
    """

    first: int
    slot: int
    last: bool = False
    size: int = 0
    used: int = 0
    records: int = 0
    keys: list[bytes] = field(default_factory=list)
    key_lengths: array[int] = field(default_factory=lambda: array("q"))
    lengths: array[int] = field(default_factory=lambda: array("q"))
    digests: list[bytes] = field(default_factory=list)
    columns: list[Values] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def joined(self) -> Chunk:
        """With one piece of bytes each, which is quicker to send."""
        for pieces in (self.keys, self.digests, *(c.data for c in self.columns), *(c.shapes for c in self.columns)):
            pieces[:] = [b"".join(pieces)]
        return self
