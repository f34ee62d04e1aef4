"""A blob in memory: the least that a format gives, for whatever stands on blobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from trainvis.datasets.schema import Schema


class MemorySource:
    """`columns` by field: arrays or lists with a value for each of `keys`. What stands in `attributes` is shown."""

    format = "memory"

    def __init__(
        self, schema: Schema, columns: Mapping[str, Any], keys: Sequence[str], path: Path = Path("memory.h5")
    ) -> None:
        self.schema, self.columns, self._keys, self.path = schema, dict(columns), list(keys), path
        self.attributes: Mapping[str, Any] = {}
        self.statistics: Mapping[str, Any] = {}
        self.notes: tuple[str, ...] = ()
        self.changed = False  # what the next `refresh` says

    def __len__(self) -> int:
        return len(self._keys)

    def key(self, place: int) -> str:
        return self._keys[place]

    def keys(self, places: Sequence[int]) -> Sequence[str]:
        return [self._keys[place] for place in places]

    def find(self, key: str) -> int | None:
        return self._keys.index(key) if key in self._keys else None

    def raw(self, place: int, field: str) -> bytes:
        value = self.columns[field][place]
        return value.encode() if isinstance(value, str) else np.asarray(value).tobytes()

    def read(self, places: Sequence[int], field: str) -> Sequence[Any]:
        column = self.columns[field]
        return column[np.asarray(places, int)] if isinstance(column, np.ndarray) else [column[each] for each in places]

    def refresh(self) -> bool:
        changed, self.changed = self.changed, False
        return changed

    def close(self) -> None:
        pass
