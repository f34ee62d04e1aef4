"""The large part of a build: chunks come from the workers and go to the disk, step by step, each of which is kept."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import SourceError
from ..formats.own import About, Digest
from ..looking.statistics import Accumulator
from ..sample import Problems
from ..schema import Schema
from .crew import Crew, Mark
from .journal import Grown
from .listing import Listed, merged
from .options import BuildOptions
from .outline import Outline
from .part import Part, problems_json, problems_of, sync
from .plan import Chosen
from .told import Progress, Report

if TYPE_CHECKING:
    from .hdf5_writer import Hdf5Writer
    from .lmdb_writer import LmdbWriter

RANGE = 128  # records that a worker takes at a time
STEP = 2.0  # seconds after which what is done is kept
DURABLE = 20.0  # and those after which it is on the disk
_RARELY = 20  # times as long as keeping takes, at least: where there are a million classes to count
_TOLD = 0.1  # seconds between two words on progress
_HASH = 32  # bytes of a record's digest


@dataclass(frozen=True, slots=True)
class Result:
    """What was written."""

    records: int
    digest: str
    schema: Schema
    left_out: Problems
    notes: tuple[str, ...] = ()
    resumed: int = 0


def result_of(said: dict[str, Any]) -> Result:
    """Of `done.json`."""
    schema, left_out = Schema.from_json(said["schema"]), problems_of(said["left_out"])
    return Result(said["records"], said["digest"], schema, left_out, tuple(said["notes"]), said["records"])


class Writing:
    """Writes what was planned, from where it stands."""

    def __init__(
        self,
        part: Part,
        made: Outline,
        listed: Listed,
        chosen: Chosen,
        options: BuildOptions,
        attributes: dict[str, Any],
        *,
        packed: bool,
        report: Report,
    ) -> None:
        self._part, self._outline, self._listed, self._chosen = part, made, listed, chosen
        self._options, self._attributes, self._packed, self._report = options, attributes, packed, report
        self._place = 0  # of the plan, up to which all is done
        self._shard = 0
        self._written: list[int] = []  # records of the shards that are
        self._states: list[dict[str, Any]] = []  # and how their writers ended
        self._left_out = Problems()
        self._statistics = Accumulator(made.schema)
        self._resumed = 0
        self._cost = 0.0  # seconds that it took to keep what was done
        self._durable = self._told = self._began = time.monotonic()

    @property
    def _shards(self) -> int:
        return self._options.shards

    def _end(self, shard: int) -> int:
        """The place after which the next shard begins."""
        return self._chosen.records * (shard + 1) // self._shards

    def run(self, crew: Crew, notes: tuple[str, ...]) -> Result:
        """All of it. Raises BlobError, OSError, sqlite3.Error, lmdb.Error."""
        state = self._part.state()
        self._digests = Grown(self._part.path / "digests")
        try:
            self._digests.cut(state["digests"] if state else 0)
            self._restore(state)
            if self._place < self._chosen.records:
                self._write(crew, state)
            return self._finish(notes)
        finally:
            self._digests.close()

    def _restore(self, state: dict[str, Any] | None) -> None:
        if state is None:
            return
        self._place, self._shard, self._written = state["place"], state["shard"], state["written"]
        self._states = state["states"]
        self._left_out = problems_of(state["left_out"])
        self._statistics = Accumulator.from_json(self._outline.schema, state["statistics"])
        self._resumed = self._digests.size // _HASH

    def _write(self, crew: Crew, state: dict[str, Any] | None) -> None:
        self._start = self._place
        self._began = time.monotonic()
        with crew:
            crew.begin(self._part.path, self._outline, packed=self._packed)
            while self._shard < self._shards:
                writer = self._writer(self._shard)
                try:
                    writer.restore(state["writer"] if state else None)
                    state = None
                    self._fill(crew, writer)
                finally:
                    writer.close()

    def _writer(self, shard: int) -> Hdf5Writer | LmdbWriter:
        folder = self._part.shard(shard)
        if self._packed:
            from .lmdb_writer import LmdbWriter

            return LmdbWriter(folder, self._outline)
        from .hdf5_writer import Hdf5Writer

        return Hdf5Writer(folder, self._outline)

    def _fill(self, crew: Crew, writer: Hdf5Writer | LmdbWriter) -> None:
        """A shard."""
        ends: list[int] = []  # of the steps that are on the way
        size = 0
        for found in crew.chunks(self._ranges(ends)):
            if isinstance(found, Mark):
                for counted in found.counted:
                    self._statistics.merge(Accumulator.from_json(self._outline.schema, counted))
                self._keep(writer, ends.pop(0))
                continue
            chunk, view = found
            writer.add(chunk, view)
            self._digests.append(chunk.digests[0])
            for reason, key in chunk.problems:
                self._left_out.add(reason, key)
            size = chunk.first + (RANGE if chunk.last else 0)
            self._tell(min(size - 1, self._chosen.records), writer.size)

    def _ranges(self, ends: list[int]) -> Iterator[tuple[int, int] | None]:
        """What is to be done of a shard, first to last place, and None where what is done is to be kept."""
        first, last = self._place + 1, self._end(self._shard)
        begun = time.monotonic()
        while first <= last:
            end = min(first + RANGE - 1, last)
            yield first, end
            first = end + 1
            if time.monotonic() - begun > max(STEP, _RARELY * self._cost) and first <= last:
                ends.append(end)
                yield None
                begun = time.monotonic()
        ends.append(last)
        yield None

    def _keep(self, writer: Hdf5Writer | LmdbWriter, place: int) -> None:
        """From here an interrupted build goes on."""
        now = time.monotonic()
        durable = now - self._durable > DURABLE
        writer.commit()
        state = writer.state()
        whole = place == self._end(self._shard)
        if durable or whole:
            writer.sync()
            self._digests.sync()
            self._durable = now
        self._place = place
        if whole:
            self._written.append(writer.records)
            self._states.append(state)
            self._shard += 1
        self._part.save(
            {
                "place": place, "shard": self._shard, "written": self._written, "writer": None if whole else state,
                "digests": self._digests.size, "left_out": problems_json(self._left_out),
                "statistics": self._statistics.to_json(),
                "states": self._states,
            },
            durable=durable or whole,
        )  # fmt: skip
        self._cost = time.monotonic() - now

    def _tell(self, done: int, size: int) -> None:
        now = time.monotonic()
        if now - self._told < _TOLD:
            return
        self._told = now
        total, here = self._chosen.records, done - self._start
        rate = here / max(now - self._began, 1e-6)
        eta = (total - done) / rate if rate > 0 else None
        left_out = self._listed.problems.total + self._left_out.total
        self._report(Progress("building", done, total, size, rate, eta, left_out))

    # The end

    def _finish(self, notes: tuple[str, ...]) -> Result:
        records = sum(self._written)
        if not records:
            reason, count = self._left_out.counts.most_common(1)[0]
            raise SourceError(
                f"nothing can be built: all {self._left_out.total} images were left out, {count}: {reason}"
            )
        self._report(Progress("finishing", records, records))
        left_out, digest = merged(self._listed.problems, self._left_out), self._digest()
        attributes = self._attributes | {"left_out": dict(left_out.counts), "notes": list(notes)}
        for shard, count in enumerate(self._written):
            about = About(
                self._outline.schema, count, attributes, self._statistics.statistics(), digest, (shard, self._shards)
            )  # fmt: skip
            if not self._part.ready(shard).exists():
                self._whole(shard, about)
        schema = self._outline.schema
        self._part.finish(
            {
                "options": self._options.to_json(), "records": records, "digest": digest,
                "schema": schema.to_json(), "left_out": problems_json(left_out), "notes": notes,
            }
        )  # fmt: skip
        return Result(records, digest, schema, left_out, notes, self._resumed)

    def _whole(self, shard: int, about: About) -> None:
        writer = self._writer(shard)
        try:
            writer.restore(self._states[shard])
            path = writer.finish(about)
        finally:
            writer.close()
        sync(path)
        os.replace(path, self._part.ready(shard))

    def _digest(self) -> str:
        digest, place = Digest(self._outline.schema), 0
        while data := os.pread(self._digests.descriptor, 1 << 20, place):
            digest.add(data)
            place += len(data)
        return digest.hexdigest()
