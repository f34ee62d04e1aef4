from __future__ import annotations

import io
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wait import wait_for

from trainvis.engine.column_frames import read_frame
from trainvis.engine.column_stream import pieces, stream
from trainvis.engine.columns import Curves, Reader, coarse
from trainvis.engine.metric_lines import Block, parse_slowly
from trainvis.engine.metrics import MetricWriter
from trainvis.engine.rundir import RunDir


def _write(path: Path, lines: list[dict], mode: str = "a") -> None:
    with path.open(mode) as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def _batches(first: int, last: int, **values: float) -> list[dict]:
    return [
        {"fit": 1, "step": step, "epoch": step / 10, "time": 1e9 + step, "loss": 1 / step, **values}
        for step in range(first, last)
    ]


def _all(reader: Reader, found: Curves | None = None) -> Curves:
    found = found or Curves()
    while (more := reader.more()) is not None:
        found = more
    return found


def test_a_training_that_goes_on_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    reader = Reader(path)
    assert reader.more() is None
    _write(path, _batches(1, 4))
    first = reader.more()
    assert first is not None
    assert first.series["loss"].steps.tolist() == [1, 2, 3]
    assert reader.more() is None
    _write(path, _batches(4, 6))
    second = reader.more()
    assert second is not None
    assert second.series["loss"].values.tolist() == [1 / step for step in range(1, 6)]
    assert first.series["loss"].steps.tolist() == [1, 2, 3], "what was given out never changes"


def test_columns_cannot_be_written_to(tmp_path: Path) -> None:
    _write(tmp_path / "m", _batches(1, 4))
    curves = _all(Reader(tmp_path / "m"))
    with pytest.raises(ValueError, match="read-only"):
        curves.series["loss"].values[0] = 3.0


def test_what_the_writer_wrote_is_what_is_read(runs: Path) -> None:
    run = RunDir.create(runs, "train")
    writer = MetricWriter(run)
    writer.fit(3, 10, 32)
    writer.kinds(["auc"])
    for step in range(1, 31):
        writer.line(step, step / 10, {"loss": math.nan if step == 7 else 1 / step, "auc": 0.5}, time=1e9 + step)
        if step % 10 == 0:
            writer.line(step, step / 10, {"val_loss": 2.0})
    writer.close()
    curves = _all(Reader(run.metrics_file))
    assert curves.names == ("loss", "auc", "val_loss")
    assert curves.running == {"auc"}
    assert curves.series["val_loss"].steps.tolist() == [10, 20, 30]
    assert np.isnan(curves.series["loss"].values[6])
    assert curves.series["loss"].epochs[9] == 1.0
    (fit,) = curves.fits
    assert (fit.number, fit.step, fit.epochs, fit.steps_per_epoch) == (1, 0, 3, 10)


def test_metrics_of_the_same_lines_share_their_axes_until_they_part(tmp_path: Path) -> None:
    path = tmp_path / "m"
    _write(path, _batches(1, 50, accuracy=0.5))
    reader = Reader(path)
    curves = _all(reader)
    assert np.shares_memory(curves.series["loss"].steps, curves.series["accuracy"].steps)
    _write(path, _batches(50, 60))
    _write(path, _batches(60, 70, accuracy=0.5))
    curves = _all(reader)
    assert curves.series["loss"].steps.tolist() == list(range(1, 70))
    assert curves.series["accuracy"].steps.tolist() == [*range(1, 50), *range(60, 70)]
    assert len(curves.series["accuracy"]) == len(curves.series["accuracy"].times) == 59


def test_a_file_that_was_replaced_is_no_continuation(tmp_path: Path) -> None:
    path = tmp_path / "m"
    _write(path, _batches(1, 10))
    reader = Reader(path)
    _all(reader)
    _write(tmp_path / "other", _batches(3, 5))
    os.replace(tmp_path / "other", path)
    curves = reader.more()
    assert curves is not None
    assert curves.restarted
    assert curves.series["loss"].steps.tolist() == [3, 4]


def test_a_file_that_can_no_longer_be_read_ends_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.mkdir()
    reader = Reader(path)
    assert reader.more() is None
    assert "no ordinary file" in (reader.problem or "")


def test_a_line_of_ten_megabytes_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "m"
    _write(path, _batches(1, 3))
    with path.open("a") as file:
        file.write('{"step":3,"loss":"' + "x" * 10_000_000 + '"}\n')
    _write(path, _batches(4, 6))
    assert _all(Reader(path, apart=1 << 40)).series["loss"].steps.tolist() == [1, 2, 4, 5]


@pytest.mark.slow
@pytest.mark.kills
def test_a_large_file_is_parsed_by_another_process_and_then_read_on_here(tmp_path: Path) -> None:
    path = tmp_path / "m"
    _write(path, [{"event": "fit", "fit": 1, "step": 0}, *_batches(1, 20_000, accuracy=0.25)])
    here, apart = Reader(path, apart=1 << 40), Reader(path, apart=1)
    expected = _all(here)
    started = apart.more(patience=0.0)
    assert started is not None
    assert apart._stream is not None, "parsed elsewhere"
    curves = _all(apart)
    for name in ("loss", "accuracy"):
        for column in ("steps", "epochs", "times", "values"):
            assert np.array_equal(getattr(curves.series[name], column), getattr(expected.series[name], column))
    assert curves.fits == expected.fits
    _write(path, _batches(20_000, 20_003))
    assert _all(apart).series["loss"].steps[-1] == 20_002
    apart.close()


@pytest.mark.slow
@pytest.mark.kills
def test_when_one_of_the_other_processes_is_killed_the_rest_is_parsed_here(tmp_path: Path) -> None:
    path = tmp_path / "m"
    _write(path, _batches(1, 25_000))
    reader = Reader(path, apart=1)
    assert reader.more(patience=0.0) is not None
    assert reader._stream is not None
    reader._stream._processes[-1].kill()
    curves = _all(reader)
    assert curves.series["loss"].steps.tolist() == list(range(1, 25_000))


@pytest.mark.slow
@pytest.mark.kills
def test_closing_ends_the_other_processes(tmp_path: Path) -> None:
    path = tmp_path / "m"
    _write(path, _batches(1, 25_000))
    reader = Reader(path, apart=1)
    reader.more(patience=0.0)
    assert reader._stream is not None
    processes = reader._stream._processes
    reader.close()
    wait_for(lambda: all(process.poll() is not None for process in processes), what="their end")


_LINES = st.integers(0, 9).map(lambda number: b'{"step":%d,"loss":2.5}' % number) | st.binary(max_size=30)


@given(st.lists(_LINES, max_size=30), st.integers(1, 60), st.integers(1, 3), st.integers(0, 3))
def test_pieces_of_a_file_hold_each_line_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], size: int, parts: int, skipped: int
) -> None:
    path = tmp_path_factory.mktemp("stream") / "m"
    path.write_bytes(b"\n".join(lines))
    whole = path.read_bytes()
    begin = sum(len(line) + 1 for line in whole.split(b"\n")[:-1][:skipped])
    outputs = [io.BytesIO() for _ in range(parts)]
    for part, out in enumerate(outputs):
        stream(str(path), begin, len(whole), part, parts, out, size=size)
        out.seek(0)
    frames = [read_frame(outputs[at % parts]) for at in range(len(pieces(begin, len(whole), size)))]
    assert all(read_frame(out) is None for out in outputs), "no frame beyond"
    found = [(frame[0], steps_of(frame[1])) for frame in frames if frame is not None]
    assert len(found) == len(frames)
    assert [step for _, steps in found for step in steps] == steps_of(parse_slowly(whole[begin : _end(whole)]))
    assert max([begin, *(offset for offset, _ in found)]) == max(_end(whole), begin)


def steps_of(block: Block) -> list[int]:
    return [step for group in block.groups for step in group.steps.tolist()]


def _end(whole: bytes) -> int:
    return whole.rfind(b"\n") + 1


@pytest.mark.slow
def test_the_first_picture_of_a_huge_file_spans_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "m"
    _write(path, [{"event": "kinds", "running": ["auc"]}, *_batches(1, 40_000)])
    curves = coarse(path, lines=200)
    steps = curves.series["loss"].steps
    assert curves.running == {"auc"}
    assert (steps[0], steps[-1]) == (1, 39_999)
    assert len(steps) < 5_000
    assert (np.diff(steps) > 0).all()
    assert np.diff(steps).max() < 3 * 40_000 / 50
    assert curves.series["loss"].values[-1] == 1 / 39_999


def test_the_first_picture_of_a_small_file_is_all_of_it(tmp_path: Path) -> None:
    _write(tmp_path / "m", _batches(1, 30))
    assert coarse(tmp_path / "m").series["loss"].steps.tolist() == list(range(1, 30))
    assert coarse(tmp_path / "missing").names == ()
    assert coarse(tmp_path).names == ()


@given(st.lists(st.binary(max_size=60), max_size=12), st.integers(1, 80))
def test_no_content_stops_a_reader(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], cut: int) -> None:
    path = tmp_path_factory.mktemp("columns") / "m"
    reader, curves = Reader(path), None
    content = b"\n".join([*pieces, b'{"step":1,"loss":2.5}', b""])
    for part in (content[:cut], content[cut:]):
        with path.open("ab") as file:
            file.write(part)
        curves = _all(reader, curves)
    coarse(path)
    assert curves is not None
    assert curves.series["loss"].values[-1] == 2.5
