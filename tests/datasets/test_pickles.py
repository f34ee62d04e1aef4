"""Pickles are read without running anything that they ask for."""

from __future__ import annotations

import collections
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.datasets.errors import SourceError
from trainvis.datasets.layouts import pickles
from trainvis.engine.text import printable


@contextmanager
def refused_in_words() -> Iterator[None]:
    """Either it is read, or one sentence says why not."""
    try:
        yield
    except pickles._RefusedError as error:
        said = str(error)
        assert said == printable(said)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**100), 2**100) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=12,
)


@given(value=PLAIN, protocol=st.integers(0, 5))
def test_plain_data_of_every_protocol_is_read_as_pickle_reads_it(value, protocol: int):
    found = pickles.loads(pickle.dumps(value, protocol))
    assert found == value
    assert repr(found) == repr(value)


@pytest.mark.parametrize("dtype", ["u1", "<i4", ">f4", "f8", "?"])
def test_arrays_of_every_protocol_are_read(dtype: str):
    wide = np.arange(24).reshape(2, 3, 4).astype(dtype)
    for array, protocol in product((wide, np.asfortranarray(wide), wide[:, ::2]), range(6)):
        found = pickles.loads(pickle.dumps({"data": array, "scalar": array[1, 1, 1]}, protocol))
        np.testing.assert_array_equal(found["data"], array)
        assert found["data"].dtype == array.dtype
        assert found["scalar"] == array[1, 1, 1].item()


class Hostile:
    def __init__(self, *call) -> None:
        self.call = call

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    "value",
    [
        Hostile(os.system, ("touch {mark}",)), Hostile(eval, ("open('{mark}', 'w')",)), Hostile(open, ("{mark}", "w")),
        [Hostile(os.mkdir, ("{mark}",))], collections.OrderedDict(a=1), {1, 2}, np.array([{}, []], dtype=object), 1j,
        np.zeros(2, "M8[s]"), np.zeros(2, "S3"), Hostile(bytearray, (2**40,)), Hostile(bytes, ([1, 2],)),
    ],
)  # fmt: skip
def test_what_asks_for_anything_else_is_refused(value, tmp_path: Path):
    path = tmp_path / "batch"
    for protocol in range(6):
        path.write_bytes(pickle.dumps(value, protocol).replace(b"{mark}", b"run!!!"))
        with pytest.raises(SourceError, match=r"batch is not read: it "):
            pickles.read(path)
        assert not Path("run!!!").exists()


@given(data=st.binary(max_size=60) | st.lists(st.sampled_from(sorted(pickles._STEPS)), max_size=30).map(b"".join))
def test_any_bytes_are_data_or_refused(data: bytes):
    with refused_in_words():
        pickles.loads(data + b".")


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_damaged_batch_is_data_or_refused(place: int, byte: int):
    whole = bytearray(pickle.dumps({"data": np.arange(60, dtype="u1").reshape(2, 30), "labels": [1, 2]}, 2))
    whole[place % len(whole)] = byte
    with refused_in_words():
        pickles.loads(bytes(whole))
        pickles.loads(bytes(whole[:place]))


@pytest.mark.parametrize(
    "data",
    [
        b"S'" + b"(" * 9000 + b"\n.",
        b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7fx.", b"T\xff\xff\xff\xffx.", b"I" + b"9" * 5000 + b"\n.",
        b"\x8b\xff\xff\xff\x7f.", b"]2" + b"2a" * 1000 + b".", b"(" * 5000 + b"1" * 5000 + b"N.",
    ],
)  # fmt: skip
def test_what_costs_much_elsewhere_costs_little(data: bytes):
    with refused_in_words():
        pickles.loads(data)


def test_more_instructions_than_data_has_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pickles, "MOST", 100)
    with pytest.raises(pickles._RefusedError, match="more than 100"):
        pickles.loads(b"}" * 200 + b".")


def test_texts_of_python_2_are_bytes():
    data = b"(dp1\nS'num_vis'\np2\nI3072\nsS'label_names'\np3\n(lp4\nS'air\\'plane\\x00\\\\'\np5\naS\"a'b\"\nas."
    assert pickles.loads(data) == {b"num_vis": 3072, b"label_names": [b"air'plane\0\\", b"a'b"]}
