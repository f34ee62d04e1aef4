"""Which faces a network learned from: said in the file beside it, and looked for where it predicts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from ...datasets.blob import Blob
from ...engine.files import read_json
from ...engine.text import printable
from ..unreadable import mark

LEARNED_FROM = "learned_from"  # in the JSON file beside a network
_EXPRESSIONS = ("expression", "emotion", "condition", "label")  # fields that say it, the first that is there


def described(name: str, blob: Blob) -> dict[str, str]:
    """What tells a data set from others: the digest of its blob, and that of its records' names and expressions, which
    are those of the same pictures packed in another size, too. Raises BlobError.
    """
    return {"data": printable(name, 100), "digest": mark(blob), "records": _records(blob)}


def _records(blob: Blob) -> str:
    """The digest of names and expressions, in whatever order they lie. Names alone may be numbers, as others have."""
    fields = {each.name.casefold(): each for each in blob.schema if each.kind == "class"}
    field = next((fields[each] for each in _EXPRESSIONS if each in fields), None)
    numbers = blob.labels(field.name, stored=True).tolist() if field else [-1] * len(blob)
    words = (field.classes[number] if field and 0 <= number < len(field.classes) else "" for number in numbers)
    said = hashlib.sha256()
    for each in sorted(zip(blob.keys(range(len(blob))), words, strict=True)):
        said.update(repr(each).encode("utf-8", "backslashreplace"))
    return said.hexdigest()[:32]


def same_faces(network: Path, data: Mapping[str, str]) -> str:
    """What is to be said where a network was trained on these very data (`described`); "" where it was not, or nobody
    knows.
    """
    before = read_json(network.with_suffix(".json")).value.get(LEARNED_FROM)
    if not isinstance(before, dict):
        return ""
    if not any(data.get(key) and before.get(key) == data[key] for key in ("digest", "records")):
        return ""
    return (
        f"{printable(network.name, 100)} was trained on these very faces ({data['data']}): of them it predicts more "
        "than it could of others, so networks with predicted expressions look better here than they are; train it on "
        "other people"
    )
