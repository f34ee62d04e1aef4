"""One record: a mapping that reads a field when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .blob import Blob


class Record(Mapping[str, Any]):
    """Frozen: field → NumPy value or str. `place` is its number in the blob, −1 while the keys of a foreign LMDB are
    still counted.
    """

    __slots__ = ("_blob", "_key", "_values", "place")

    _blob: Blob
    _key: str | None
    _values: dict[str, Any] | None
    place: int

    def __init__(self, blob: Blob, place: int, key: str | None = None, values: Mapping[str, Any] | None = None) -> None:
        """`key` and `values` where they are known already."""
        _blob_of(self, blob)
        _place_of(self, place)
        _key_of(self, key)
        _values_of(self, dict(values) if values else None)

    @property
    def key(self) -> str:
        """Its name, read when it is asked for first. Raises BlobError."""
        if self._key is None:
            _key_of(self, self._blob.key(self.place))
        assert self._key is not None
        return self._key

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a record cannot be changed: {name}")

    def __getitem__(self, field: str) -> Any:
        """Raises KeyError for a field that the blob has not, BlobError where it cannot be read."""
        known = self._values
        if known is None:
            known = {}
            _values_of(self, known)
        if field not in known:
            if field not in self._blob.schema:
                raise KeyError(field)
            known[field] = self._blob.read([self.place], [field])[field][0]
        return known[field]

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


# A record sets its own slots by these, quicker than by name.
_blob_of, _place_of, _key_of, _values_of = (
    getattr(Record, slot).__set__ for slot in ("_blob", "place", "_key", "_values")
)
