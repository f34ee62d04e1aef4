"""One record: a mapping that reads a field when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .blob import Blob


class Record(Mapping[str, Any]):
    """Frozen: field → NumPy value or str. `key` is its name, `place` its number in the blob, −1 while the keys of a
    foreign LMDB are still counted.
    """

    __slots__ = ("_blob", "_values", "key", "place")

    key: str
    place: int

    def __init__(self, blob: Blob, place: int, key: str | None = None, values: Mapping[str, Any] | None = None) -> None:
        """`key` and `values` where they are known already. Raises BlobError where its key cannot be read."""
        object.__setattr__(self, "_blob", blob)
        object.__setattr__(self, "_values", dict(values or {}))
        object.__setattr__(self, "place", place)
        object.__setattr__(self, "key", blob.key(place) if key is None else key)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a record cannot be changed: {name}")

    def __getitem__(self, field: str) -> Any:
        """Raises KeyError for a field that the blob has not, BlobError where it cannot be read."""
        if field not in self._values:
            if field not in self._blob.schema:
                raise KeyError(field)
            self._values[field] = self._blob.read([self.place], [field])[field][0]
        return self._values[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._blob.schema.names)

    def __len__(self) -> int:
        return len(self._blob.schema)

    def raw(self, field: str) -> bytes:
        """The bytes of a field as the file has them. Raises KeyError, BlobError."""
        return self._blob.raw(self.place, field)

    def text(self, field: str) -> str:
        """A value as a word: the name of a class, "" where nobody knows it."""
        return self._blob.said(field, self[field])

    def __repr__(self) -> str:
        return f"<Record {self.place} {self.key!r}>"
