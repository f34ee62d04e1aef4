"""Slices of arrays of any rank."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.datasets.errors import BlobError
from trainvis.datasets.looking import slices
from trainvis.datasets.looking.slices import Cut, FlatArray, picture, read_slice


def flat(values: np.ndarray, *, fortran: bool = False) -> FlatArray:
    data = values.tobytes(order="F" if fortran else "C")
    return FlatArray(lambda at, size: data[at : at + size], 0, values.shape, values.dtype, fortran=fortran)


@given(st.data(), st.booleans(), st.sampled_from([8, 64, 4 << 20]))
def test_a_slice_is_what_numpy_gives(data: st.DataObject, fortran: bool, run: int) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=5)))
    values = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
    seen = data.draw(st.permutations(range(len(shape))))[: data.draw(st.integers(1, 2))]
    cut = Cut.first(shape).seeing(*seen)
    for axis in range(len(shape)):
        cut = cut.to(axis, data.draw(st.integers(0, shape[axis] - 1)))
    before, slices._RUN = slices._RUN, run
    try:
        found = read_slice(flat(values, fortran=fortran), cut)
    finally:
        slices._RUN = before
    index = tuple(slice(cut.at[axis], None) if axis in seen else cut.at[axis] for axis in range(len(shape)))
    wanted = values[index]
    assert np.array_equal(found, wanted.T if len(seen) == 2 and seen[0] > seen[1] else wanted)


def test_what_may_be_an_image_is_seen_as_one() -> None:
    assert Cut.first((100, 32, 32, 3)).axes == (1, 2, 3)
    assert Cut.first((100, 32, 32)).axes == (1, 2)
    assert Cut.first((3, 3, 64, 64)).axes == (2, 3)
    assert Cut.first((7,)).axes == (0,)
    assert Cut.first(()).axes == ()
    assert Cut.first((100, 32, 32, 3)).placed(4).words == "[4, :, :, :]"
    assert Cut.first((9000, 9000)).to(0, 100).words == "[100:4196, 0:4096]"


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        (lambda: Cut.first((4, 5)).seeing(0, 2), "there are 2"),
        (lambda: Cut.first((4, 5)).seeing(1, 1), "cannot be seen"),
        (lambda: Cut.first((4, 5, 6)).seeing(0, 1, 2), "can be colours"),
        (lambda: Cut.first((4, 5, 6)).placed(4), "no place 4"),
        (lambda: Cut.first((4, 5, 6)).placed(0, 0), "2 places for 1"),
    ],
)
def test_what_cannot_be_cut_is_said(cut, said: str) -> None:
    with pytest.raises(BlobError, match=said):
        cut()


def test_steps_end_at_the_ends() -> None:
    cut = Cut.first((4, 5, 6))
    assert cut.stepped(0, 9).at[0] == 3
    assert cut.stepped(0, -9).at[0] == 0
    assert Cut.first((0, 5, 6)).stepped(0, 1).at[0] == 0


def test_numbers_become_grey_and_bytes_stay() -> None:
    shown = picture(np.array([[-1.0, 0.0], [np.nan, 3.0]]))
    assert shown.pixels[:, :, 0].tolist() == [[0, 64], [0, 255]]
    assert shown.reach == (-1.0, 3.0)
    assert picture(np.full((2, 2), np.nan)).pixels.max() == 0
    assert picture(np.array([[-1.7e308, 1.7e308]])).pixels.ravel().tolist() == [0, 255]
    assert picture(np.array([[0, 200]], np.uint8)).reach is None
    assert picture(np.array([[True, False]])).pixels.ravel().tolist() == [255, 0]
    with pytest.raises(BlobError, match="texts"):
        picture(np.array([["a"]]))


def test_a_slice_in_too_many_pieces_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "_RUN", 1)
    monkeypatch.setattr(slices, "_READS", 10)
    with pytest.raises(BlobError, match="too many pieces"):
        read_slice(flat(np.zeros((20, 20, 20), np.uint8)), Cut.first((20, 20, 20)).seeing(0, 1))
