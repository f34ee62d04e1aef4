"""Labels that a person, or a network, gives the records of a blob: a side file of JSON lines beside it.

`BLOB.labels.jsonl`, one line a change: key, field, value (the name of a class, a number, a text, null for "nobody knows";
`undo: true` takes the last change of that key and field back), by, time, and, from a network, confidence and model. Lines are only ever added, so
nothing is lost and several may write; the last line of a key and field counts. The stored labels stay what they are.
"""

from __future__ import annotations

from pathlib import Path

ENDING = ".labels.jsonl"


class Labels:
    """The side file at `path`, which need not be there yet."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @staticmethod
    def path_beside(blob: Path) -> Path:
        return blob.with_name(blob.name + ENDING)
