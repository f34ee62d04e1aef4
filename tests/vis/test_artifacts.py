from __future__ import annotations

import os
import re
import resource
import signal
from dataclasses import fields
from pathlib import Path
from typing import Any

import figure_files
import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from trainvis.engine.rundir import RunDir
from trainvis.vis.artifacts import open_figure, read, write
from trainvis.vis.figures import KINDS, Figure, FigureError, Item, Items, Maps, Table, Vectors
from trainvis.vis.results import Results

here = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
few = settings(here, max_examples=settings().max_examples // 2)  # what writes files takes milliseconds


def assert_same(found: Any, expected: Any, tolerance: float = 0.0) -> None:
    """Two parts with the same fields; values may differ by a share of the range of their map."""
    assert type(found) is type(expected)
    for field in fields(expected):
        mine, theirs = getattr(found, field.name), getattr(expected, field.name)
        if field.name == "items":
            assert list(map(repr, mine)) == list(map(repr, theirs))  # NaN is not equal to itself
        elif field.name == "values" and tolerance:
            assert_close(mine, theirs, tolerance)
        elif isinstance(theirs, np.ndarray):
            np.testing.assert_array_equal(mine, theirs)
        else:
            assert repr(mine) == repr(theirs)


def assert_close(found: np.ndarray, expected: np.ndarray, share: float) -> None:
    """Each map within a share of its range; what is not finite exactly."""
    assert found.dtype == expected.dtype
    for mine, theirs in zip(found.astype(np.float64), expected.astype(np.float64), strict=True):
        finite = np.isfinite(theirs)
        np.testing.assert_array_equal(mine[~finite], theirs[~finite])
        if finite.any():
            span = theirs[finite].max() / 2 - theirs[finite].min() / 2
            assert np.abs(mine[finite] / 2 - theirs[finite] / 2).max() <= share * span


def test_a_part_of_no_items_is_read_as_it_was_written(tmp_path: Path) -> None:
    none = Maps(np.zeros((0, 6, 6), np.float32), Items(0, Item(layer="conv"), unit=np.arange(0)), "conv")
    write(Figure("layer_activations", (none,)), tmp_path / "none.h5")
    assert_same(read(tmp_path / "none.h5").parts[0], none)


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_of_every_kind_is_read_as_it_was_written(tmp_path: Path, kind: str):
    written = figure_files.figure(kind)
    found = read(figure_files.valid(kind, tmp_path))
    assert_same(found.parts[0], written.parts[0], 1e-3)
    for name in ("technique", "predictions", "notes", "recipe", "moment", "cost"):
        assert getattr(found, name) == getattr(written, name)
    np.testing.assert_array_equal(found.inputs[0].picture, written.inputs[0].picture)
    assert found.inputs[0].note == written.inputs[0].note
    assert found.inputs[1].picture is None


@pytest.mark.parametrize("sort", figure_files.DAMAGES)
def test_a_damaged_file_is_a_sentence(tmp_path: Path, sort: str):
    said = refusal(path := figure_files.damaged("maps", tmp_path, sort))
    assert path.name in said
    assert said.isprintable()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_damage_to_every_kind_is_a_sentence(tmp_path: Path, kind: str):
    said = {sort: refusal(figure_files.damaged(kind, tmp_path / sort, sort)) for sort in figure_files.DAMAGES}
    assert [sort for sort, sentence in said.items() if not sentence] == []


def test_a_file_that_does_not_exist_is_a_sentence(tmp_path: Path):
    with pytest.raises(FigureError, match="does not exist"):
        open_figure(tmp_path / "nothing.h5")


def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "1.h5")
    with pytest.raises(FigureError, match="no ordinary file"):
        open_figure(tmp_path / "1.h5")


def test_a_newer_file_says_that_trainvis_is_old(tmp_path: Path):
    with pytest.raises(FigureError, match=r"newer trainvis \(schema 2\): update"):
        open_figure(figure_files.damaged("maps", tmp_path, "newer schema"))


def test_the_header_is_read_without_the_values(tmp_path: Path):
    path = figure_files.valid("maps", tmp_path)
    with h5py.File(path, "r+") as file:
        del file["values/0"]
    with open_figure(path) as file:
        [part] = file.parts
        assert (part.kind, part.name, part.space, part.signed) == ("maps", "conv2d", "layer", False)
        assert part.shape == (12, 70, 40)
        assert file.predictions[0].labels == ("seven", "one")
        with pytest.raises(FigureError, match="0 is missing"):
            part.values(3)


@pytest.mark.parametrize("kind", ["maps", "pictures"])
def test_one_map_and_some_are_read_without_the_others(tmp_path: Path, kind: str):
    part: Any = figure_files.part(kind)
    with open_figure(figure_files.valid(kind, tmp_path)) as file:
        stored = file.part(part.name)
        np.testing.assert_array_equal(stored.values(3), stored.values()[3])
        np.testing.assert_array_equal(stored.values(slice(2, 5)), stored.values()[2:5])
        assert stored.values(slice(9, 3)).shape == (0, *part.values.shape[1:])
        assert stored.items[3] == part.items[3]
        with pytest.raises(FigureError, match="has 12: there is no 12"):
            stored.values(12)


@pytest.mark.parametrize("kind", ["maps", "pictures"])
@pytest.mark.parametrize("kept", [True, False])
def test_a_thumbnail_is_the_mean_of_boxes(tmp_path: Path, kind: str, kept: bool):
    part: Any = figure_files.part(kind)
    write(figure_files.figure(kind), tmp_path / "1.h5", keep_thumbnails=kept)
    with open_figure(tmp_path / "1.h5") as file:
        reduced = file.parts[0].thumbnails(2, 6)
    # 70×40 in boxes of 3×3: the last row has 1 of 3 rows, the last column 1 of 3 columns.
    assert reduced.shape[:3] == (4, 24, 14)
    assert reduced.dtype == part.values.dtype
    values = part.values[2:6].astype(float)
    np.testing.assert_allclose(reduced[:, 5, 7], values[:, 15:18, 21:24].mean(axis=(1, 2)), rtol=0, atol=0.51)
    np.testing.assert_allclose(reduced[:, 23, 13], values[:, 69, 39], rtol=0, atol=0.51)
    if kind == "maps":
        np.testing.assert_allclose(reduced[:, 5, 7], values[:, 15:18, 21:24].mean(axis=(1, 2)), rtol=0, atol=1e-3)


def test_maps_no_larger_than_a_thumbnail_are_their_own(tmp_path: Path):
    values = np.random.default_rng(1).normal(size=(40, 32, 32)).astype(np.float32)
    write(Figure("t", (Maps(values, Items(40)),)), tmp_path / "1.h5")
    with open_figure(tmp_path / "1.h5") as file:
        np.testing.assert_array_equal(file.parts[0].thumbnails(), file.parts[0].values())


def written_and_read(folder: Path, *parts: Any) -> Figure:
    write(Figure("technique", parts), folder / "1.h5")
    return read(folder / "1.h5")


large = 1 << 15  # values that make a part large enough to be scaled


def map_values() -> st.SearchStrategy[np.ndarray]:
    """Maps that are large enough to be scaled: a few wild numbers, repeated over and over."""
    dtype = st.sampled_from([np.float32, np.float64])
    few = dtype.flatmap(lambda kind: arrays.arrays(kind, st.tuples(st.integers(1, 3), st.integers(1, 9))))
    return few.map(
        lambda values: np.resize(values.T, (large // len(values) + 1, len(values))).T.reshape(len(values), -1, 1)
    )


@few
@given(values=map_values())
def test_maps_come_back_within_a_thousandth_of_their_range(tmp_path: Path, values: np.ndarray):
    assert_close(written_and_read(tmp_path, Maps(values, Items(len(values)))).parts[0].values, values, 1e-3)


@pytest.mark.parametrize("scale", [1e-40, 1e-20, 1.0, 1e30])
@pytest.mark.parametrize("shift", [0.0, -0.5, 100.0])
def test_a_map_of_any_size_errs_less_than_a_ten_thousandth_and_keeps_its_zeros(
    tmp_path: Path, scale: float, shift: float
):
    values = np.random.default_rng(2).random((3, 130, 130)).astype(np.float32)
    values = ((values + shift) * scale).astype(np.float32)
    values[:, ::3] = 0
    found = written_and_read(tmp_path, Maps(values, Items(3))).parts[0].values
    assert (tmp_path / "1.h5").stat().st_size < 0.75 * values.nbytes
    assert_close(found, values, 1e-4)
    assert (found[values == 0] == 0).all()


def test_a_map_that_is_one_value_comes_back_exactly(tmp_path: Path):
    values = np.stack([np.full((130, 130), value, np.float32) for value in (0.1, -3e38, 0.0, 1e-44)])
    np.testing.assert_array_equal(written_and_read(tmp_path, Maps(values, Items(4))).parts[0].values, values)


@pytest.mark.parametrize("dtype", ["float16", "float64", "int64", "uint8", "bool", ">f4"])
def test_small_maps_of_any_type_come_back_exactly(tmp_path: Path, dtype: str):
    values = (np.arange(24).reshape(2, 3, 4) % 5).astype(dtype)
    np.testing.assert_array_equal(written_and_read(tmp_path, Maps(values, Items(2))).parts[0].values, values)


@pytest.mark.parametrize("values", [np.zeros((1, 2, 2), complex), np.full((1, 2, 2), "x"), np.full((1, 2, 2), None)])
def test_what_is_no_number_is_refused_and_leaves_nothing(tmp_path: Path, values: np.ndarray):
    with pytest.raises(FigureError, match="cannot be stored"):
        write(Figure("technique", (Maps(values, Items(1)),)), tmp_path / "1.h5")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("shape", [(0, 5, 5), (3, 0, 5)])
def test_a_part_without_values_comes_back(tmp_path: Path, shape: tuple[int, ...]):
    found = written_and_read(tmp_path, Maps(np.zeros(shape, np.float32), Items(shape[0]))).parts[0]
    assert found.values.shape == shape


whole = st.none() | st.integers(0, 2**62)
items = st.builds(
    Item,
    image=whole,
    layer=st.text(),
    unit=st.none() | st.lists(st.integers(0, 2**40), min_size=1, max_size=3).map(tuple),
    rank=whole,
    score=st.none() | st.floats(),
    target=whole,
    aspect=st.sampled_from(["", "positive"]),
    record=st.text(max_size=5),
    box=st.none() | st.tuples(*[st.integers(-999, 999)] * 4),
    note=st.text(max_size=5),
)


@few
@given(first=st.lists(items, max_size=4), second=st.lists(items, max_size=4))
def test_items_come_back_exactly(tmp_path: Path, first: list[Item], second: list[Item]):
    parts = [Vectors(np.zeros((len(each), 2), np.float32), tuple(each)) for each in (first, second)]
    found = written_and_read(tmp_path, *parts)
    for mine, theirs in zip(found.parts, parts, strict=True):
        assert_same(mine, theirs)


cells = st.text(max_size=4) | st.floats() | st.integers(-(2**70), 2**70) | st.none() | st.sampled_from(["nan", "inf"])


@few
@given(rows=st.lists(st.tuples(cells, cells), max_size=4), names=st.tuples(st.text(), st.text()))
def test_tables_come_back_exactly(tmp_path: Path, rows: list[Any], names: tuple[str, str]):
    table = Table(names, tuple(rows), "table")
    assert_same(written_and_read(tmp_path, table).parts[0], table)


def refusal(path: Path) -> str:
    """What is said of a damaged file, nothing where it is read all the same."""
    try:
        read_part_by_part(path)
    except FigureError as error:
        return str(error)
    return ""


def read_part_by_part(path: Path) -> None:
    with open_figure(path) as file:
        for part in file.parts:
            if part.kind in ("maps", "pictures") and len(part):
                part.values(0)
                part.thumbnails()
            list(part.items)
        file.read()


@few
@given(data=st.data(), kind=st.sampled_from([*KINDS]))
def test_a_file_with_a_flipped_bit_is_a_figure_or_a_sentence(tmp_path: Path, data: st.DataObject, kind: str):
    path = figure_files.valid(kind, tmp_path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    assert path.name in (refusal(path) or path.name)


@few
@given(share=st.floats(0, 1, exclude_max=True), kind=st.sampled_from([*KINDS]))
def test_a_truncated_file_is_a_sentence(tmp_path: Path, share: float, kind: str):
    path = figure_files.valid(kind, tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(FigureError):
        read_part_by_part(path)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    "technique", "moment", "cost", "notes", "recipe", "inputs", "predictions", "parts", "texts", "kind", "name",
    "shape", "space", "signed", "axes", "rows", "columns", "shares", "first", "same", "each", "coding", "dtype",
    "thumbnails",
]  # fmt: skip


@few
@given(changes=st.dictionaries(st.sampled_from(KEYS), values, min_size=1), kind=st.sampled_from([*KINDS]))
def test_a_header_that_says_anything_is_a_figure_or_a_sentence(tmp_path: Path, changes: dict[str, Any], kind: str):
    path = figure_files.valid(kind, tmp_path)

    def change(header: dict[str, Any]) -> None:
        for place in (header, header["parts"][0]):
            place |= {key: value for key, value in changes.items() if key in place}

    figure_files.rewrite_header(path, change)
    assert path.name in (refusal(path) or path.name)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"first": 9}, r"items has no \d+ rows from 9 on"),
        ({"first": -1}, r"items has no \d+ rows from -1 on"),
        ({"dtype": "object"}, "is scaled to object"),
        ({"space": "outer"}, "lies over 'outer'"),
        ({"same": {"box": [1, 2, 3]}}, "has 3 sides"),
        ({"shape": [12, 40, 70]}, r"has shape \(12, 70, 40\) instead of"),
    ],
)
def test_what_a_header_says_wrongly_of_maps_is_said(tmp_path: Path, change: dict[str, Any], says: str):
    path = figure_files.valid("maps", tmp_path)
    figure_files.rewrite_header(path, lambda header: header["parts"][0].update(change))
    with pytest.raises(FigureError, match=says):
        read_part_by_part(path)


def test_thumbnails_of_another_size_are_refused(tmp_path: Path):
    path = figure_files.valid("pictures", tmp_path)
    with h5py.File(path, "r+") as file:
        del file["thumbnails/0"]
        file.create_dataset("thumbnails/0", data=np.zeros((11, 5, 5, 3), np.uint8))
    with pytest.raises(FigureError, match="thumbnails/0 has shape"), open_figure(path) as file:
        file.parts[0].thumbnails()


def test_the_same_figure_is_the_same_file(tmp_path: Path):
    first = figure_files.valid("maps", tmp_path).read_bytes()
    assert figure_files.valid("maps", tmp_path).read_bytes() == first


def test_a_path_in_a_recipe_is_only_a_name(tmp_path: Path):
    recipe = {"file": Path("/home/me/cat.png"), "scale": np.float32(0.5), "range": (0, np.inf), "of": {"b", "a"}}
    write(Figure("technique", (), recipe=recipe), tmp_path / "1.h5")
    assert read(tmp_path / "1.h5").recipe == {"file": "cat.png", "scale": 0.5, "range": [0, "inf"], "of": ["a", "b"]}
    assert b"/home" not in (tmp_path / "1.h5").read_bytes()


def test_names_that_are_no_text_survive(tmp_path: Path):
    record = os.fsdecode(b"caf\xe9.png")
    found = written_and_read(tmp_path, Vectors(np.zeros((2, 1)), Items(2, record=[record, "\0"])))
    assert [item.record for item in found.parts[0].items] == [record, "\0"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path):
    path = figure_files.valid("pictures", tmp_path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))
    try:
        with pytest.raises(FigureError, match="cannot be written into"):
            figure_files.valid("pictures", tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_items_are_a_sequence_of_what_they_were_made_of():
    made = tuple(Item(image=0, unit=(at,), score=float(at)) for at in range(5))
    items = Items(5, Item(image=0), unit=np.arange(5), score=np.arange(5))
    assert tuple(items) == made
    assert items[-1] == made[-1]
    assert items[::-2] == made[::-2]
    assert items[1:3] == made[1:3]
    with pytest.raises(IndexError):
        items[5]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"unit": np.arange(4)}, "5 items with 4 values of unit"),
        ({"units": np.arange(5)}, "no field 'units'"),
        ({"image": [1.5] * 5}, "the column image of items holds something else"),
        ({"image": np.ones(5)}, "the column image of items holds something else"),
        ({"rank": [2**70] * 5}, "the column rank of items holds something else"),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns: dict[str, Any], says: str):
    with pytest.raises(FigureError, match=says):
        Items(5, **columns)


PAGE = (Path(__file__).parents[2] / "docs" / "figure-format.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^#+ (.+?)\n|^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
READING = [
    (heading, code)
    for at, (_, code) in enumerate(BLOCKS)
    if code and (heading := next(title for title, _ in reversed(BLOCKS[:at]) if title))
]


@pytest.mark.parametrize(("heading", "code"), READING, ids=[heading for heading, _ in READING])
def test_the_code_of_the_page_reads_figures(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], heading: str, code: str
):
    kind = heading if heading in KINDS else "maps"
    run = RunDir.create(runs, "digits")
    path = Results(run).save(kind, figure_files.figure(kind))
    monkeypatch.chdir(run.path if "RunDir" in code else path.parent)
    found: dict[str, Any] = {}
    exec(code, found)
    assert capsys.readouterr().out
    if kind == heading and kind not in ("graph", "table", "series"):
        part: Any = figure_files.part(kind)
        name = {"histograms": "counts"}.get(kind, kind)
        assert_close(found[name], part.values, 1e-4)


def test_the_page_shows_how_every_kind_is_read():
    assert {heading for heading, _ in READING} >= {*KINDS}
