"""What a build would make, told without making it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from ..sample import Problems
from ..schema import Schema
from .checking import EMPTY, checked
from .encoding import UnusableError
from .listing import LISTING, VALUES, Listed, connect, merged
from .options import BuildOptions
from .outline import Origin, Outline, outline
from .plan import Chosen, counts
from .told import Plan, Progress, Report
from .values import LARGEST_FILE, TOO_LARGE_FILE, Files, Images, key_of, rest_of, unreadable

_LOOKED_AT = 200  # images that are made for an estimate
_RECORD = 64  # bytes that a record takes besides its values, about


def estimate(folder: Path, listed: Listed, chosen: Chosen, options: BuildOptions, report: Report) -> Plan:
    """Of the listing and the plan in `folder`. Raises BlobError, OSError, sqlite3.Error."""
    made, notes = outline(listed, chosen, options)
    with closing(connect(folder / LISTING, readonly=True)) as table:
        look = _Look(table, folder, made, chosen.records)
        look.walk(report)
        found, lost = _counts(table, listed, made.schema, chosen, look)
        parts = Counter(dict(table.execute("SELECT part, COUNT(*) FROM plan GROUP BY part").fetchall()))
        parts.subtract(look.bad_parts)
    return Plan(
        layout=listed.layout,
        schema=made.schema,
        samples=listed.samples,
        records=chosen.records - look.problems.total,
        counts=found,
        parts={name: parts.get(number, 0) for number, name in enumerate(chosen.parts)},
        lost=lost,
        left_out=merged(listed.problems, look.problems),
        size=round(look.size),
        exact=look.exact,
        sizes=tuple(look.sizes),
        notes=(*listed.notes, *chosen.notes, *notes),
    )


class _Look:
    """Looks at each image file, and makes some."""

    def __init__(self, table: sqlite3.Connection, folder: Path, made: Outline, records: int) -> None:
        self.problems = Problems()
        self.bad_parts: Counter[int | None] = Counter()  # what cannot be used, by part
        self.bad: list[Counter[tuple[int | None, int | None]]] = [Counter() for _ in range(made.classes)]
        self.size = 0.0
        self.sizes: list[tuple[int, int]] = []
        self._table, self._made, self._records = table, made, records
        self._files = Files(folder / VALUES)
        self._images = [origin for origin in made.origins if origin.kind == "image"]
        self._texts = [origin.at for origin in made.origins if origin.kind == "text"]
        self.exact = all(origin.encoding in ("keep", "raw") for origin in self._images)

    def walk(self, report: Report) -> None:
        names = "".join(f", c{number}" for number in range(self._made.classes))
        rows = f"SELECT key, grp, plan.part, copy{names}, rest FROM plan JOIN samples ON id = sample ORDER BY place"  # noqa: S608
        step = max(1, self._records // _LOOKED_AT)
        made: dict[str, list[int]] = {origin.field.name: [] for origin in self._images}
        for number, row in enumerate(self._table.execute(rows)):
            if number % 1000 == 0:
                report(Progress("looking", number, self._records))
            rest = rest_of(row)
            try:
                for origin in self._images:
                    self._image(origin, rest[origin.at], made[origin.field.name], closely=number % step == 0)
            except UnusableError as error:
                self.problems.add(str(error), key_of(row, self._made.mark).decode("utf-8", "replace"))
                self.bad_parts[row[2]] += 1
                for label, bad in zip(row[4:-1], self.bad, strict=True):
                    bad[label, row[2]] += 1
                continue
            self.size += len(row[0]) + _RECORD + sum(len(rest[at]) for at in self._texts)
        whole = self._records - self.problems.total
        for origin in self._images:
            if origin.encoding != "keep" and (sizes := made[origin.field.name]):
                self.size += sum(sizes) / len(sizes) * whole
        self._files.close()

    def _image(self, origin: Origin, said: Any, made: list[int], *, closely: bool) -> None:
        """Raises UnusableError."""
        size = 0 if isinstance(said, list) and said[3] else self._file(said)
        if closely:
            image, pixels = Images(origin, self._made, self._files).made(said)
            made.append(len(image) if isinstance(image, bytes) else image.nbytes)
            if pixels is None and isinstance(image, bytes):
                pixels = self._made.pixels.of_file(image)
            if pixels is not None:
                self.sizes.append((pixels.shape[0], pixels.shape[1]))
            if origin.encoding == "keep" and not size:
                size = made[-1]
        if origin.encoding == "keep":
            self.size += size or (sum(made) / len(made) if made else 0)

    def _file(self, said: Any) -> int:
        """The bytes of a picture file. Raises UnusableError."""
        if isinstance(said, list):
            data = self._files.part(*said[:3])
            if reason := checked(data):
                raise UnusableError(reason)
            return len(data)
        try:
            size = Path(said).stat().st_size
        except OSError as error:
            raise UnusableError(unreadable(error)) from error
        if size > LARGEST_FILE:
            raise UnusableError(TOO_LARGE_FILE)
        if not size:
            raise UnusableError(EMPTY)
        if reason := checked(self._files.whole(said)):
            raise UnusableError(reason)
        return size


def _counts(
    table: sqlite3.Connection, listed: Listed, schema: Schema, chosen: Chosen, look: _Look
) -> tuple[dict[str, dict[str, dict[str, int]]], dict[str, dict[str, int]]]:
    """Field → class → part → records, in the order of the classes; and field → class → what cannot be used of it."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    lost: dict[str, dict[str, int]] = {}
    by_field = counts(table, listed)
    for column, bad in zip(listed.classes, look.bad, strict=True):
        numbers, names = column.numbers()
        classes: dict[int, dict[str, int]] = {}
        unusable: Counter[int] = Counter()
        for label, part, count in by_field[column.name]:
            number = -1 if label is None else numbers[label]
            of_class = classes.setdefault(number, {})
            of_class[chosen.parts[part] if part is not None else ""] = count - bad[label, part]
            unusable[number] += bad[label, part]
        names = names or list(schema[column.name].classes)
        said = {
            number: names[number] if 0 <= number < len(names) else str(number) if number >= 0 else ""
            for number in sorted(classes)
        }
        found[column.name] = {name: classes[number] for number, name in said.items()}
        lost[column.name] = {name: unusable[number] for number, name in said.items() if unusable[number]}
    return found, lost
