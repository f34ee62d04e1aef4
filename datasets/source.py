"""What a format gives: the records of one file as they are stored. `blob` makes the rest of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from .schema import Schema


class Source(Protocol):
    """An open file, read-only, usable after a fork and from several threads.

    All but `close` raise BlobError (also where the file shrinks or is damaged while it is open), IndexError where a
    record is not there.
    """

    @property
    def path(self) -> Path: ...

    @property
    def format(self) -> str:
        """In a person's words: "HDF5 blob", "LMDB blob", "Caffe LMDB", "HDF5 arrays"."""
        ...

    @property
    def schema(self) -> Schema: ...

    @property
    def attributes(self) -> Mapping[str, Any]:
        """What the file says of itself as a whole: numbers, texts, lists."""
        ...

    @property
    def statistics(self) -> Mapping[str, Any]:
        """What was counted when it was built (`looking.statistics` says the form); empty where nobody did."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be said of the file: "not protected from a writer", "being written", guesses about its fields."""
        ...

    def __len__(self) -> int: ...

    def key(self, place: int) -> str:
        """The name of a record, one of its own in the file."""
        ...

    def keys(self, places: Sequence[int]) -> Sequence[str]:
        """The names of many, at once."""
        ...

    def find(self, key: str) -> int | None:
        """The place of a key."""
        ...

    def raw(self, place: int, field: str) -> bytes:
        """The bytes of a value as they are stored. Raises KeyError for a field that is not there."""
        ...

    def read(self, places: Sequence[int], field: str) -> Sequence[Any]:
        """The values, decoded: images H×W×C uint8, classes as whole numbers, texts as str. One array where they have
        one shape and the file keeps them together, else a list.
        """
        ...

    def refresh(self) -> bool:
        """Look whether a writer has added records; whether anything is different now."""
        ...

    def close(self) -> None: ...
