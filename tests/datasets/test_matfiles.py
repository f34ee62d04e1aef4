"""MAT files, and IMDB-WIKI that is kept in one."""

from __future__ import annotations

import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from array_files import Cell, mat
from hypothesis import given
from hypothesis import strategies as st
from trees import picture

from trainvis.datasets.errors import SourceError
from trainvis.datasets.layouts import matfile
from trainvis.datasets.layouts.listed import MISSING, OUTSIDE
from trainvis.datasets.layouts.table import recognise
from trainvis.engine.text import printable


@contextmanager
def in_words() -> Iterator[None]:
    try:
        yield
    except SourceError as error:
        said = str(error)
        assert said == printable(said)


VALUE = {
    "numbers": np.arange(6.0).reshape(2, 3), "bytes": np.arange(3, dtype="u1"), "word": "Fred Astaire é",
    "none": np.zeros((0, 0)),
    "names": Cell(["a.jpg", np.arange(2.0), "日本語"]), "deep": {"inner": {"year": np.uint16([1968])}},
}  # fmt: skip


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("packed", [False, True])
def test_numbers_texts_cells_and_structures_are_read(tmp_path: Path, order: str, packed: bool):
    path = tmp_path / "x.mat"
    path.write_bytes(mat({"wiki": VALUE, "other": np.float64(3)}, order, packed))
    found = matfile.read(path)
    assert list(found) == ["wiki", "other"]
    np.testing.assert_array_equal(found["wiki"]["numbers"], VALUE["numbers"])
    assert found["wiki"]["bytes"].tolist() == [[0, 1, 2]]
    assert found["wiki"]["word"] == "Fred Astaire é"
    first, second, third = found["wiki"]["names"]
    assert (first, second.tolist(), third) == ("a.jpg", [[0, 1]], "日本語")
    assert found["wiki"]["deep"]["inner"]["year"].item() == 1968
    assert list(matfile.read(path, ["word"])["wiki"]) == ["word"]


@pytest.mark.slow
@pytest.mark.parametrize("packed", [False, True])
def test_what_scipy_writes_is_read(tmp_path: Path, packed: bool):
    scipy = pytest.importorskip("scipy.io")
    names = np.empty((1, 2), dtype=object)
    names[0, 0], names[0, 1] = "01/nm_1.jpg", "é.jpg"
    value = {
        "dob": np.array([[693726.0, 693727.0]]),
        "taken": np.uint16([[1968, 1970]]),
        "full_path": names,
        "many": [{"a": 1}, {"a": 2}],
    }
    scipy.savemat(tmp_path / "x.mat", {"imdb": value}, do_compression=packed)
    found = matfile.read(tmp_path / "x.mat")["imdb"]
    assert list(found["full_path"]) == ["01/nm_1.jpg", "é.jpg"]
    assert found["taken"].tolist() == [[1968, 1970]]
    assert found["dob"].tolist() == [[693726.0, 693727.0]]


def wiki(root: Path, packed: bool = True) -> Path:
    """Seven photos, of which one has no face, one a second face, one an age of 150, one is not there."""
    nan, inf = float("nan"), float("inf")
    names = ["00/a.jpg", "00/b.jpg", "00/c.jpg", "00/d.jpg", "00/e.jpg", "../f.jpg", "00/a.jpg", "00/g.jpg"]
    for name in names[:4]:
        picture(root / name)
    born = [723671.0, 723671.0, 723671.0, 668883.0, 723671.0, 723671.0, 723671.0, nan]  # 1981-05-05, 1831-05-05
    value = {
        "dob": np.array(born), "photo_taken": np.full(8, 2009, "u2"), "full_path": Cell(names),
        "gender": np.array([1.0, 0, nan, 1, 1, 1, 1, 1]), "name": Cell(["Ann"] * 8),
        "face_location": Cell([np.ones(4)] * 8),
        "face_score": np.array([4.3, -inf, 1, 1, 1, 1, 1, 1]),
        "second_face_score": np.array([nan, nan, 3.1] + [nan] * 5),
    }  # fmt: skip
    (root / "wiki.mat").write_bytes(mat({"wiki": value}, packed=packed))
    return root


@pytest.mark.parametrize("packed", [False, True])
def test_imdb_wiki_ages_are_those_of_the_photo(tmp_path: Path, packed: bool):
    found = recognise(wiki(tmp_path, packed))
    assert found.layout == "imdb_wiki"
    (sample,) = found.samples
    assert {**sample.values, "image": 0} == {"image": 0, "gender": "male", "age": 28, "name": "Ann"}
    assert (sample.key, sample.group) == ("00/a.jpg", "Ann")
    assert found.problems.counts == {
        "no face was found in it": 1, "a second face was found in it": 1, MISSING: 1, OUTSIDE: 1,
        "an age outside 0…100, or dates that are none": 2, "a picture that was listed before": 1,
    }  # fmt: skip
    assert recognise(tmp_path / "wiki.mat").layout == "imdb_wiki"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no MAT file of version 5"), (b"MATLAB 7.3".ljust(512) + b"\x89HDF\r\n\x1a\n",
         "save it again in Matlab with -v7"),
        (mat({"x": np.zeros(3)}), "has not what IMDB-WIKI has"), (mat({"x": VALUE})[:-9], "cut off"),
        (mat({"x": VALUE}, packed=True)[:-9], "cut off"),
        (mat({"x": {"full_path": Cell(["a"]), "dob": np.zeros(3), "photo_taken": np.zeros(1)}}),
         "1 paths and not as many"),
    ],
)  # fmt: skip
def test_a_file_of_something_else_is_a_sentence(tmp_path: Path, data: bytes, said: str):
    (tmp_path / "imdb.mat").write_bytes(data)
    with pytest.raises(SourceError, match=said):
        recognise(tmp_path)


@given(place=st.integers(128, 3000), value=st.binary(min_size=1, max_size=8), cut=st.booleans(), packed=st.booleans())
def test_a_file_with_any_bytes_changed_is_read_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: bytes, cut: bool, packed: bool
):
    root = wiki(tmp_path_factory.mktemp("mat"), packed)
    data = bytearray((root / "wiki.mat").read_bytes())
    place = 128 + (place - 128) % (len(data) - 128)
    data[place : place + len(value)] = value
    (root / "wiki.mat").write_bytes(data[:place] if cut else data)
    with in_words():
        found = recognise(root)
        list(found.samples)
        assert all(each == printable(each) for names in found.problems.examples.values() for each in names)


@pytest.mark.slow
def test_what_unpacks_to_much_more_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(matfile, "LARGEST", 1 << 20)
    bomb = zlib.compress(b"\0" * (50 << 20))
    (tmp_path / "imdb.mat").write_bytes(mat({}) + np.array([15, len(bomb)], "<u4").tobytes() + bomb)
    tracemalloc.start()
    with pytest.raises(SourceError, match="larger than 1 MB"):
        recognise(tmp_path)
    assert tracemalloc.get_traced_memory()[1] < 10 << 20
    tracemalloc.stop()
    several = {str(number): np.zeros(50_000) for number in range(3)}
    (tmp_path / "imdb.mat").write_bytes(mat(several, packed=True))
    with pytest.raises(SourceError, match="larger than 1 MB"):
        recognise(tmp_path)


def test_a_structure_of_any_number_of_fields_is_refused(tmp_path: Path):
    (tmp_path / "imdb.mat").write_bytes(mat({"x": dict.fromkeys(map(str, range(10_001)), "")}))
    with pytest.raises(SourceError, match="more than 10000 fields"):
        recognise(tmp_path)
