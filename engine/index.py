"""The index of a runs folder: its last snapshot, kept so that the first frame of the next start shows rows.

A cache in `places.cache_folder()`, keyed by inode, size and mtime of the files a row was made of; deleting it
loses nothing. All numbers of all sparklines stand in one base64 string of 32-bit floats: JSON would need
longer to read them than everything else together.
"""

from __future__ import annotations

import base64
import gc
import hashlib
import json
import os
import sys
from array import array
from contextlib import suppress
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from . import status as statuses
from .files import write_aside
from .places import cache_folder
from .rows import MetricSummary, Row, Seen, Snapshot
from .status import Stage

_PLAIN = tuple(item.name for item in fields(Row) if item.name not in ("path", "id", "status", "metrics"))
# An index of another version, or of a machine of the other byte order, is none.
_HEADER = {"index": 1, "fields": list(_PLAIN), "order": sys.byteorder}
_STATUSES: dict[str, Any] = {name: kind for name, kind in vars(statuses).items() if is_dataclass(kind)}


def index_file(root: Path) -> Path:
    """Where the index of the runs folder `root` (absolute) is kept."""
    return cache_folder() / f"runs-{hashlib.sha256(os.fsencode(root)).hexdigest()[:24]}.json"


def save_index(snapshot: Snapshot) -> None:
    """Keep `snapshot` for the next start. That a cache cannot be written is no error."""
    if snapshot.problem is not None:
        return
    points = array("f")
    rows = [_packed(row, snapshot.seen.get(row.id), points) for row in snapshot.rows]
    content = {**_HEADER, "root": str(snapshot.root), "taken": snapshot.taken, "rows": rows}
    text = json.dumps({**content, "points": base64.b64encode(points.tobytes()).decode()}, default=str)
    path = index_file(snapshot.root)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_aside(path, text)


def load_index(root: str | os.PathLike[str]) -> Snapshot | None:
    """The snapshot kept for `root`, with the statuses of then; None where there is none, or a damaged one."""
    folder = Path(root).absolute()
    collecting = gc.isenabled()
    gc.disable()  # thousands of new objects, none of them garbage: collections would cost a fifth of the time
    try:
        content = json.loads(index_file(folder).read_bytes())
        if any(content[key] != value for key, value in _HEADER.items()) or content["root"] != str(folder):
            return None
        points = array("f")
        points.frombytes(base64.b64decode(content["points"]))
        values = tuple(points)
        unpacked = [_unpacked(item, folder, values) for item in content["rows"]]
        seen = {row.id: known for row, known in unpacked if known}
        return Snapshot(folder, float(content["taken"]), tuple([row for row, _ in unpacked]), None, seen)
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return None
    finally:
        if collecting:
            gc.enable()


def _packed(row: Row, seen: Seen | None, points: array[float]) -> list[Any]:
    metrics = []
    for name, metric in row.metrics.items():
        metrics.append((name, metric.last, metric.min, metric.max, len(metric.sparkline)))
        points.extend(_single(value) for value in metric.sparkline)
    at = len(points) - sum(length for *_, length in metrics)
    stamps = (seen.stamps, seen.due) if seen else None
    return [row.id, _packed_status(row.status), metrics, at, stamps, *(getattr(row, name) for name in _PLAIN)]


def _single(value: float) -> float:
    return value if abs(value) < 3e38 or value != value else float("inf") if value > 0 else float("-inf")


def _unpacked(item: list[Any], root: Path, points: tuple[float, ...]) -> tuple[Row, Seen | None]:
    id_, status, metrics, at, stamps, *plain = item
    found: dict[str, MetricSummary] = {}
    for name, last, low, high, length in metrics:
        found[name] = MetricSummary(last, low, high, points[at : at + length])
        at += length
    values = dict(zip(_PLAIN, plain, strict=True))
    for name in ("tags", "argv", "problems"):
        values[name] = tuple(values[name])
    row = Row(path=root / id_, id=id_, status=_unpacked_status(status), metrics=found, **values)
    if stamps is None:
        return row, None
    return row, Seen(tuple([None if stamp is None else tuple(stamp) for stamp in stamps[0]]), stamps[1])


def _packed_status(value: Any) -> Any:
    if is_dataclass(value):
        name = type(value).__name__
        return [name, *(_packed_status(getattr(value, item.name)) for item in fields(value))]
    return value.value if isinstance(value, Enum) else value


def _unpacked_status(value: Any) -> Any:
    name, *arguments = value
    kind = _STATUSES[name]
    unpacked = [_unpacked_status(item) if isinstance(item, list) else item for item in arguments]
    if name == "Running" and unpacked[2] is not None:
        unpacked[2] = Stage(unpacked[2])
    return kind(*unpacked)
