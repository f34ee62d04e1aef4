"""Which faces a network learned from: said in the file beside it, and looked for where it predicts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from ...datasets.blob import Blob
from ...engine.files import read_json
from ...engine.text import printable
from ..unreadable import mark

LEARNED_FROM = "learned_from"  # in the JSON file beside a network


def described(source: str | os.PathLike[str], name: str, blob: Blob) -> dict[str, str]:
    """What tells a data set from others: the digest of its blob; of one that was packed of something else that, too,
    which is packed into another blob in another size.
    """
    path = Path(source).expanduser().resolve()
    packed = str(source) and path != blob.path.resolve()
    place = hashlib.sha256(os.fsencode(path)).hexdigest()[:32] if packed else ""
    return {"data": printable(name, 100), "digest": mark(blob), "source": place}


def same_faces(network: Path, data: Mapping[str, str]) -> str:
    """What is to be said where a network was trained on these very data (`described`); "" where it was not, or nobody
    knows.
    """
    before = read_json(network.with_suffix(".json")).value.get(LEARNED_FROM)
    if not isinstance(before, dict):
        return ""
    if not any(data.get(key) and before.get(key) == data[key] for key in ("digest", "source")):
        return ""
    return (
        f"{printable(network.name, 100)} was trained on these very faces ({data['data']}): of them it predicts more "
        "than it could of others, so networks with predicted expressions look better here than they are; train it on "
        "other people"
    )
