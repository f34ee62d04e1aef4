"""Files of a study that were damaged, by a disk or by somebody: refused in a sentence, never believed, never run."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_studies import Made

from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.judging.facts import FacesFacts, facts_file
from trainvis.face_exp.judging.judge import judge
from trainvis.face_exp.judging.options import Options
from trainvis.face_exp.npz import read_npz
from trainvis.face_exp.scores import Head, Predictions, Scores, read, read_all, scores_file, write

HEAD = Head("A", seed=1)
TRUTH = "test/identity/truth"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The scores of a head of three faces."""
    said = Predictions.of(np.arange(3), np.array([0, 1, 0]), np.full((3, 2), 0.5))
    pairs = {"similarity": np.zeros(3, np.float32), "same": np.zeros(3, bool)}
    write(tmp_path, Scores(HEAD, {"test": {"identity": said}}, {"identity": 2}, 7, verification=pairs))
    return scores_file(tmp_path, HEAD)


def changed(path: Path, about: dict[str, Any] | None = None, **arrays: Any) -> None:
    """The file with other values in it; `test__identity__truth` is a column."""
    found = dict(np.load(io.BytesIO(path.read_bytes())))
    found |= {name.replace("__", "/"): values for name, values in arrays.items()}
    if about is not None:
        known = json.loads(found["about"].tobytes())
        found["about"] = np.frombuffer(json.dumps(known | about).encode(), np.uint8)
    made = io.BytesIO()
    np.savez_compressed(made, **found)
    path.write_bytes(made.getvalue())


def packed(shape: str, kind: str = "'<f4'", data: bytes = b"") -> bytes:
    header = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as into:
        into.writestr("about.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data)
    return made.getvalue()


def test_what_was_written_is_read(kept: Path):
    assert read(kept).head == HEAD
    assert set(read(kept).verification) == {"similarity", "same"}


@pytest.mark.parametrize("data", [
    b"", b"hello", b"cos\nsystem\n(S'false'\ntR.", packed("(1,)", "'|O'", b"cos\nsystem\n(S'false'\ntR."),
    packed(f"({2**62},)"), packed(f"({10**12},)"), packed("(-5,)"), packed("(7,)"),
])  # fmt: skip
def test_files_that_are_none_of_ours_are_refused(kept: Path, data: bytes):
    kept.write_bytes(data)
    with pytest.raises(FacesError, match="cannot be read"):
        read(kept)


def test_a_bit_that_was_flipped_never_raises_anything_else(kept: Path):
    whole = kept.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for place in rng.choice(8 * len(whole), 60, replace=False).tolist():
        broken = bytearray(whole)
        broken[place // 8] ^= 1 << place % 8
        kept.write_bytes(bytes(broken))
        try:
            read(kept)
        except FacesError:
            refused += 1
    assert refused > 20  # the rest hit what nobody reads


@pytest.mark.parametrize("about", [
    {"head": "A"}, {"head": {"net": None}}, {"head": {"net": "A", "seed": "1"}}, {"head": {"net": "A", "seed": [1]}},
    {"train_faces": "x"}, {"train_faces": None}, {"train_faces": -1}, {"train_faces": float("inf")}, {"seconds": "x"},
    {"parameters": None}, {"train_accuracy": []}, {"classes": [2]}, {"classes": {"identity": True}}, {"classes": {}},
])  # fmt: skip
def test_facts_of_a_head_that_are_none_are_refused(kept: Path, about: dict[str, Any]):
    changed(kept, about)
    with pytest.raises(FacesError, match="cannot be read"):
        read(kept)


@pytest.mark.parametrize("values", [
    np.zeros(2, np.int32), np.zeros((3, 2), np.int32), np.int32(0), np.zeros(3), np.full(3, -1, np.int32),
    np.full(3, 2**31 - 1, np.int32), np.full(3, "x"), np.zeros(3, "datetime64[s]"),
])  # fmt: skip
def test_columns_that_are_none_are_refused(kept: Path, values: Any):
    changed(kept, test__identity__truth=values)
    with pytest.raises(FacesError, match="cannot be read"):
        read(kept)


def test_pairs_of_other_lengths_are_refused(kept: Path):
    changed(kept, verification__same=np.zeros(2, bool))
    with pytest.raises(FacesError, match="pairs"):
        read(kept)


def test_a_json_as_deep_as_it_likes_is_refused(kept: Path):
    made = io.BytesIO()
    np.savez(made, about=np.frombuffer(b"[" * 100_000, np.uint8))
    kept.write_bytes(made.getvalue())
    with pytest.raises(ValueError, match="recursion"):
        read_npz(kept)


def test_a_copy_of_a_head_does_not_count_twice(kept: Path):
    kept.with_name("A-s1 copy.npz").write_bytes(kept.read_bytes())
    found, problems = read_all(kept.parent)
    assert [each.head for each in found] == [HEAD]
    assert "another head" in problems[0]


def test_a_head_of_more_people_than_the_study_has_is_left_out():
    made = Made(nets="A", seeds=1, sets=(), faces=60, people=6)
    said = Predictions.of(np.arange(3), np.zeros(3, int), np.eye(1000)[[999] * 3])
    found = judge([Scores(HEAD, {"test": {"identity": said}}, {"identity": 1000}, 7)], made.facts(), Options())
    assert not found.arms
    assert "more people" in found.notes[0]


@pytest.mark.parametrize("values", [np.zeros((3, 2), int), np.int64(0), np.zeros(2, int)])
@pytest.mark.parametrize("column", ["identity", "expression", "group", "set0"])
def test_columns_of_faces_that_are_none_are_refused(tmp_path: Path, column: str, values: Any):
    faces = Made(nets="A", seeds=1, sets=("2",), faces=60, people=6).facts()
    faces.write(tmp_path)
    changed(facts_file(tmp_path), **{column: values})
    with pytest.raises(FacesError, match="damaged"):
        FacesFacts.read(tmp_path)
