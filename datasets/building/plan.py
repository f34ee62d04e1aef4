"""Which samples become records, in which part and in which order: chosen in the listing, by SQL.

Lots are drawn by the hash of key and seed, so they do not depend on the order in which a source lists its samples.
Table `plan`: place (from 1), sample, part, copy (0, or which repetition of an oversampled one).
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from ...engine.text import printable
from ..errors import BlobError
from ..formats.own import pack_text
from ..sample import Problems
from .listing import Listed
from .options import BuildOptions, Split

_GROUP = "CASE WHEN grp IS NULL THEN -id ELSE grp END"  # a sample without a group is one by itself
_RANK = "ROW_NUMBER() OVER (PARTITION BY {by} ORDER BY h1, id) - 1"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A plan. `parts` in their order, `mark` is between a key and the number of its repetition."""

    records: int
    parts: tuple[str, ...]
    mark: str
    notes: tuple[str, ...]


class Planner:
    """Chooses from a listing what becomes a record."""

    def __init__(self, table: sqlite3.Connection, listed: Listed, options: BuildOptions, problems: Problems) -> None:
        """What is left out for having no part is counted in `problems`."""
        self._table = table
        self._listed = listed
        self._options = options
        self._problems = problems
        self._notes: list[str] = []

    def choose(self) -> Chosen:
        """Write the plan. Raises BlobError: a field, a class or a part is not there, or nothing remains."""
        options, run = self._options, self._table.execute
        for name in ("plan", "chosen"):
            run(f"DROP TABLE IF EXISTS {name}")
        run("BEGIN")
        run("CREATE TABLE chosen (sample INTEGER PRIMARY KEY, part INTEGER, copies INTEGER)")
        run("INSERT INTO chosen SELECT id, NULL, 1 FROM samples")
        for name, classes in options.only.items():
            self._only(name, classes)
        for name, most in options.limits.items():
            self._keep_first(self._column(name), most)
        if options.limit is not None:
            self._keep_first("1", options.limit)
        parts = self._split()
        if options.balance:
            self._balance(parts)
        mark = self._order()
        (records,) = run("SELECT COUNT(*) FROM plan").fetchone()
        run("COMMIT")
        if not records:
            raise BlobError("nothing remains of the samples: the options leave all of them out")
        return Chosen(records, parts, mark, tuple(self._notes))

    # Which

    def _column(self, name: str) -> str:
        """The column of a class field; "label" stands for the first where none is called so."""
        names = [column.name for column in self._listed.classes]
        if name == "label" and name not in names and names:
            return "c0"
        if name not in names:
            said = f"its classes are those of {', '.join(names)}" if names else "it has no classes"
            raise BlobError(f"the source has no classes called {printable(name, 60)!r}: {said}")
        return f"c{names.index(name)}"

    def _only(self, name: str, classes: tuple[str, ...]) -> None:
        at = self._column(name)
        column = self._listed.classes[int(at[1:])]
        numbers = {str(value): number for value, number in column.ids.items()}
        unknown = [value for value in classes if value not in numbers]
        if unknown:
            said = ", ".join(printable(value, 40) for value in list(numbers)[:20])
            raise BlobError(f"{column.name} is never {printable(unknown[0], 60)!r}: {said} are its classes")
        wanted = ",".join(str(numbers[value]) for value in classes)
        self._drop(f"SELECT id FROM samples WHERE {at} IS NULL OR {at} NOT IN ({wanted})")

    def _keep_first(self, by: str, most: int) -> None:
        """At most so many of each value of `by`, drawn by lot."""
        ranked = f"SELECT id, {_RANK.format(by=by)} AS r FROM chosen JOIN samples ON id = sample"
        self._drop(f"SELECT id FROM ({ranked}) WHERE r >= {int(most)}")

    def _drop(self, query: str) -> None:
        self._table.execute(f"DELETE FROM chosen WHERE sample IN ({query})")

    # In which part

    def _split(self) -> tuple[str, ...]:
        split = self._options.split
        if split is None and not self._listed.parts:
            return ()
        if split is None or split.by == "source":
            parts = self._as_source_says()
        elif split.by == "lists":
            parts = self._by_lists(split)
        elif split.by == "group":
            parts = self._by_group(split)
        else:
            parts = self._by_sample(split)
        for number, name in enumerate(parts):
            if not self._table.execute("SELECT 1 FROM chosen WHERE part = ? LIMIT 1", (number,)).fetchone():
                few = "there are too few groups" if split and split.by == "group" else "no sample falls into it"
                raise BlobError(f"the part {printable(name, 60)!r} of the split would be empty: {few}")
        return parts

    def _as_source_says(self) -> tuple[str, ...]:
        if not self._listed.parts:
            raise BlobError("the source puts its samples in no parts: choose a split by sample, group or lists")
        self._table.execute("UPDATE chosen SET part = (SELECT part FROM samples WHERE id = sample)")
        return self._listed.parts

    def _by_sample(self, split: Split) -> tuple[str, ...]:
        by = self._column(split.stratify) if split.stratify else "1"
        cases, share = [], 0.0
        for number, each in enumerate(list(split.shares.values())[:-1]):
            share += each
            cases.append(f"WHEN r < CAST(n * {share!r} + 0.5 AS INTEGER) THEN {number}")
        ranked = (
            f"SELECT id, {_RANK.format(by=by)} AS r, COUNT(*) OVER (PARTITION BY {by}) AS n"
            " FROM chosen JOIN samples ON id = sample"
        )
        self._table.execute(
            f"CREATE TEMP TABLE parted AS SELECT id, CASE {' '.join(cases)} ELSE {len(cases)} END AS p FROM ({ranked})"
        )
        self._table.execute("CREATE INDEX temp.by_id ON parted (id)")
        self._table.execute("UPDATE chosen SET part = (SELECT p FROM parted WHERE id = sample)")
        self._table.execute("DROP TABLE parted")
        return tuple(split.shares)

    def _by_group(self, split: Split) -> tuple[str, ...]:
        """The largest groups first, each where it is missed most: of its classes, where they are to be kept even."""
        if not self._listed.groups:
            raise BlobError("the samples of this source have no groups: choose a split by sample")
        by, shares = self._column(split.stratify) if split.stratify else "0", list(split.shares.values())
        run = self._table.execute
        totals = dict(run(f"SELECT {by}, COUNT(*) FROM chosen JOIN samples ON id = sample GROUP BY 1").fetchall())
        run("CREATE TEMP TABLE grouped (unit PRIMARY KEY, p INTEGER) WITHOUT ROWID")
        have: list[dict[int | None, int]] = [{} for _ in shares]
        placed = []
        for unit, counts in self._groups(by):
            part = min(range(len(shares)), key=lambda k: (_missed(have[k], counts, totals, shares[k]), k))
            for label, count in counts:
                have[part][label] = have[part].get(label, 0) + count
            placed.append((unit, part))
            if len(placed) >= 10_000:
                self._table.executemany("INSERT INTO grouped VALUES (?,?)", placed)
                placed.clear()
        self._table.executemany("INSERT INTO grouped VALUES (?,?)", placed)
        run(f"UPDATE chosen SET part = (SELECT p FROM grouped JOIN samples ON unit = {_GROUP} WHERE id = sample)")
        run("DROP TABLE grouped")
        return tuple(split.shares)

    def _groups(self, by: str) -> Iterator[tuple[object, list[tuple[int | None, int]]]]:
        """Each group with the counts of its classes, the largest first."""
        counted = (
            f"SELECT {_GROUP} AS unit, {by} AS label, COUNT(*) AS n, MIN(h1) AS lot"
            " FROM chosen JOIN samples ON id = sample GROUP BY 1, 2"
        )
        whole = "SUM(n) OVER (PARTITION BY unit) AS total, MIN(lot) OVER (PARTITION BY unit) AS drawn"
        rows = self._table.execute(
            f"SELECT unit, label, n, {whole} FROM ({counted}) ORDER BY total DESC, drawn, unit, label"
        )
        for unit, group in groupby(rows, key=lambda row: row[0]):
            yield unit, [(label, count) for _, label, count, *_ in group]

    def _by_lists(self, split: Split) -> tuple[str, ...]:
        run = self._table.execute
        run("CREATE TEMP TABLE listed (key BLOB PRIMARY KEY, p INTEGER) WITHOUT ROWID")
        named = 0
        for number, path in enumerate(split.lists.values()):
            keys = ((pack_text(key), number) for key in _lines(Path(path)))
            self._table.executemany("INSERT OR IGNORE INTO listed VALUES (?,?)", keys)
        (named,) = run("SELECT COUNT(*) FROM listed").fetchone()
        run("UPDATE chosen SET part = (SELECT p FROM listed JOIN samples USING (key) WHERE id = sample)")
        (found,) = run("SELECT COUNT(*) FROM chosen WHERE part IS NOT NULL").fetchone()
        if found < named:
            self._notes.append(f"{named - found} of the {named} keys in the lists are no samples of the source")
        for (key,) in run("SELECT key FROM chosen JOIN samples ON id = sample WHERE chosen.part IS NULL"):
            self._problems.add("in none of the lists of the split", key.decode("utf-8", "replace"))
        run("DELETE FROM chosen WHERE part IS NULL")
        run("DROP TABLE listed")
        return tuple(split.lists)

    # How often, and in which order

    def _balance(self, parts: tuple[str, ...]) -> None:
        """The training part, or every part where none is called so."""
        by = self._column(self._options.balance_field)
        scope: list[int | None] = [parts.index("train")] if "train" in parts else list(range(len(parts))) or [None]
        for part in scope:
            here = "NULL" if part is None else part
            rows = f"chosen JOIN samples ON id = sample WHERE chosen.part IS {here} AND {by} IS NOT NULL"
            counts = dict(self._table.execute(f"SELECT {by}, COUNT(*) FROM {rows} GROUP BY 1").fetchall())
            if not counts:
                continue
            ranked = f"SELECT id, {by} AS label, {_RANK.format(by=by)} AS r FROM {rows}"
            if self._options.balance == "under":
                self._drop(f"SELECT id FROM ({ranked}) WHERE r >= {min(counts.values())}")
                continue
            most = max(counts.values())
            for label, count in counts.items():
                each, more = divmod(most, count)
                if most > count:
                    copies = f"SELECT id FROM ({ranked}) WHERE label = {label}"
                    self._table.execute(f"UPDATE chosen SET copies = {each} WHERE sample IN ({copies})")
                    self._table.execute(
                        f"UPDATE chosen SET copies = {each + 1} WHERE sample IN ({copies} AND r < {more})"
                    )

    def _order(self) -> str:
        run = self._table.execute
        run("CREATE TABLE plan (place INTEGER PRIMARY KEY, sample INTEGER, part INTEGER, copy INTEGER)")
        (most,) = run("SELECT COALESCE(MAX(copies), 0) FROM chosen").fetchone()
        order, rows, copy = "id", "chosen JOIN samples ON id = sample", "0"
        if most > 1:
            run("CREATE TEMP TABLE times (copy INTEGER)")
            self._table.executemany("INSERT INTO times VALUES (?)", ((number,) for number in range(most)))
            rows, copy, order = f"{rows} JOIN times ON copy < copies", "copy", "id, copy"
        if self._options.shuffle:
            self._table.create_function("drawn", 2, _drawn, deterministic=True)
            order = "CASE WHEN copy = 0 THEN h2 ELSE drawn(h2, copy) END, id, copy" if most > 1 else "h2, id"
        run(f"INSERT INTO plan SELECT NULL, id, chosen.part, {copy} FROM {rows} ORDER BY {order}")
        run("DROP TABLE chosen")
        if most > 1:
            run("DROP TABLE times")
        return self._mark() if most > 1 else ""

    def _mark(self) -> str:
        """What no key has in it: film/3.jpg#1 is the first repetition of film/3.jpg."""
        mark = "#"
        while self._table.execute("SELECT 1 FROM samples WHERE INSTR(key, ?) LIMIT 1", (mark.encode(),)).fetchone():
            mark += "#"
        return mark


def counts(table: sqlite3.Connection, listed: Listed) -> dict[str, list[tuple[int | None, int | None, int]]]:
    """Of the plan, by class field: the class's number in the listing, part, records."""
    found = {}
    for number, column in enumerate(listed.classes):
        rows = (
            f"SELECT c{number}, plan.part, COUNT(*) FROM plan JOIN samples ON id = sample GROUP BY 1, 2 ORDER BY 1, 2"
        )
        found[column.name] = table.execute(rows).fetchall()
    return found


def _missed(
    have: dict[int | None, int], more: list[tuple[int | None, int]], totals: dict[int | None, int], share: float
) -> float:
    """How much nearer to its share, or beyond it, a part gets with `more`: the less, the more they are missed there."""
    found = 0.0
    for label, count in more:
        wanted = share * totals[label]
        before = have.get(label, 0) - wanted
        found += ((before + count) ** 2 - before**2) / totals[label]
    return found


def _drawn(lot: int, copy: int) -> int:
    data = lot.to_bytes(8, "little") + copy.to_bytes(8, "little")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little") >> 1


def _lines(path: Path) -> Iterator[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            yield from (key for line in file if (key := line.rstrip("\r\n")))
    except OSError as error:
        raise BlobError(f"the list {printable(path, 200)} of a split cannot be read: {error.strerror}") from error
