"""Files that are written past the memory of files: plain ones, and the tree of an LMDB."""

from __future__ import annotations

from pathlib import Path

import lmdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.datasets.building.lmdb_tree import START, Tree, adopt
from trainvis.datasets.building.straight import Straight
from trainvis.datasets.formats.lmdb_file import open_lmdb
from trainvis.datasets.formats.lmdb_places import LmdbPlaces
from trainvis.datasets.formats.own import number_key

STEPS = st.lists(st.tuples(st.sampled_from(["append", "flush", "cut"]), st.integers(0, 20_000)), max_size=12)


@given(STEPS)
def test_what_was_appended_is_there_after_each_flush_and_cut(tmp_path_factory, steps: list[tuple[str, int]]) -> None:
    path = tmp_path_factory.mktemp("straight") / "data"
    file, meant = Straight(path, 1 << 20), bytearray()
    for number, (step, size) in enumerate(steps):
        if step == "append":
            file.append(bytes([number + 1]) * size)
            meant += bytes([number + 1]) * size
        elif step == "cut":
            file.flush()  # only what was told of is gone back to
            file.cut(min(size, len(meant)))
            del meant[size:]
        else:
            file.flush()
            assert path.read_bytes()[1 << 20 :][: len(meant)] == meant
        assert file.size == len(meant)
    file.sync()
    file.close()
    assert path.read_bytes()[1 << 20 :][: len(meant)] == meant


@pytest.mark.slow
def test_more_than_one_write_at_a_time_stays_in_order(tmp_path: Path) -> None:
    file = Straight(tmp_path / "data")
    meant = b"".join(bytes([number]) * 999_999 for number in range(13))
    for place in range(0, len(meant), 300_001):
        file.append(meant[place : place + 300_001])
    file.flush()
    file.close()
    assert (tmp_path / "data").read_bytes()[: len(meant)] == meant


@pytest.mark.slow
def test_lmdb_reads_a_tree_of_three_levels_with_small_and_large_values_and_goes_on_with_it(tmp_path: Path) -> None:
    path, values = tmp_path / "a.lmdb", [bytes([number % 251]) * (number % 23) for number in range(60_000)]
    values[7], values[59_999] = b"x" * 100_000, b"y" * 2023
    values[8], values[9] = b"z" * 2022, b"w" * 4081  # the largest in a leaf; two pages
    tree = Tree(path, tmp_path / "leaves")
    for number, value in enumerate(values):
        tree.append(number, memoryview(value))
        if number == 31_111:
            tree.end_leaf()
    depth, branches, leaves, root = tree.finish()
    tree.pages.flush()
    assert (depth, branches > 2) == (3, True)
    with lmdb.open(str(tmp_path / "empty"), subdir=False, max_dbs=1, sync=False) as env:
        env.open_db(b"records")
    head = bytearray((tmp_path / "empty").read_bytes())
    facts = (0, 0, depth, branches, leaves, tree.overflow, len(values), root)
    adopt(head, b"records", facts, START + tree.pages.size)
    with path.open("r+b") as file:
        file.write(head)
    for each in tree.files:
        each.close()

    plain = open_lmdb(path)
    with plain.snapshot("records"):
        places = LmdbPlaces(plain, "records")
    offset, _ = places._place(7)
    assert path.read_bytes()[offset + 16 :].startswith(values[7])
    plain.leave(plain)

    with lmdb.open(str(path), subdir=False, max_dbs=1, map_size=1 << 28, sync=False) as env:
        records = env.open_db(b"records")
        with env.begin(db=records) as transaction:
            assert list(transaction.cursor().iternext(keys=False)) == values
            assert transaction.get(number_key(40_000)) == values[40_000]
            assert transaction.stat(records)["entries"] == len(values)
        with env.begin(db=records, write=True) as transaction:
            assert transaction.put(number_key(60_000), b"later", append=True)
            assert transaction.delete(number_key(7))
            assert transaction.replace(number_key(9), b"other") == values[9]
        with env.begin(db=records) as transaction:
            kept = [value for number, value in enumerate(values) if number not in (7, 9)]
            assert transaction.get(number_key(9)) == b"other"
            found = [value for key, value in transaction.cursor() if key not in map(number_key, (9, 60_000))]
            assert found == kept
