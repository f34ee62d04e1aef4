from __future__ import annotations

import math
from collections import Counter
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from built_sets import found, labelled

from trainvis.datasets.building.build import BuildOptions, Split
from trainvis.datasets.building.listing import LISTING, Lister, connect, fingerprint
from trainvis.datasets.building.plan import Planner
from trainvis.datasets.errors import BlobError, SourceError
from trainvis.datasets.sample import Found, Planned, Problems, Sample


def planned(folder: Path, source: Found, **options) -> list[tuple[str, str, str, int]]:
    """Key, part, group and repetition of each record, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen_options = BuildOptions(**options)
    listed = Lister(source, folder, seed=chosen_options.seed).write(fingerprint(source)[1], lambda _: None)
    with closing(connect(folder / LISTING)) as table:
        chosen = Planner(table, listed, chosen_options, Problems()).choose()
        rows = table.execute(
            "SELECT key, plan.part, grp, copy FROM plan JOIN samples ON id = sample ORDER BY place"
        ).fetchall()
    parts = [*chosen.parts, ""]
    return [(k.decode(), parts[-1 if p is None else p], (g or b"").decode(), c) for k, p, g, c in rows]


def classes(rows: list[tuple[str, str, str, int]], part: str = "") -> Counter[str]:
    return Counter(key.split("/")[0] for key, where, _, _ in rows if where == part)


def test_without_options_all_samples_are_records_in_the_order_of_the_source(tmp_path):
    rows = planned(tmp_path, labelled({"a": 3, "b": 2}))
    assert [key for key, *_ in rows] == ["a/0", "a/1", "a/2", "b/0", "b/1"]


def test_a_split_by_shares_is_exact_and_tears_no_sample_in_two(tmp_path):
    rows = planned(tmp_path, labelled({"a": 100}), split=Split(shares={"train": 0.8, "validation": 0.1, "test": 0.1}))
    assert Counter(part for _, part, _, _ in rows) == {"train": 80, "validation": 10, "test": 10}
    assert len({key for key, *_ in rows}) == 100


def test_a_stratified_split_has_the_shares_in_every_class(tmp_path):
    split = Split(shares={"train": 0.75, "test": 0.25}, stratify="label")
    rows = planned(tmp_path, labelled({"a": 80, "b": 8}), split=split)
    assert classes(rows, "train") == {"a": 60, "b": 6}
    assert classes(rows, "test") == {"a": 20, "b": 2}


def test_a_split_by_group_tears_no_group_apart(tmp_path):
    split = Split(by="group", shares={"train": 0.7, "test": 0.3}, stratify="label")
    rows = planned(tmp_path, labelled({"a": 90, "b": 30}, groups=10), split=split)
    where = {(group, part) for _, part, group, _ in rows}
    assert len(where) == len({group for group, _ in where}) == 10
    assert classes(rows, "train") == {"a": 63, "b": 21}


def test_groups_of_any_size_come_as_near_to_the_shares_as_they_can(tmp_path):
    samples = [Sample(f"a/{n}", {"image": None, "label": "a"}, f"g{int(math.log2(n + 1))}") for n in range(127)]
    samples = [Sample(each.key, {"label": "a"}, each.group) for each in samples]
    rows = planned(
        tmp_path,
        found(samples, Planned("label", "class")),
        split=Split(by="group", shares={"train": 0.5, "test": 0.5}),
    )
    assert Counter(part for _, part, _, _ in rows) == {"train": 64, "test": 63}


def test_one_group_cannot_be_split(tmp_path):
    split = Split(by="group", shares={"train": 0.5, "test": 0.5})
    with pytest.raises(BlobError, match=r"'test' of the split would be empty: there are too few groups"):
        planned(tmp_path, labelled({"a": 5}, groups=1), split=split)


def test_samples_without_groups_are_not_split_by_group(tmp_path):
    with pytest.raises(BlobError, match="no groups"):
        planned(tmp_path, labelled({"a": 5}), split=Split(by="group", shares={"train": 0.5, "test": 0.5}))


def test_lists_say_the_part_and_what_is_in_none_is_left_out(tmp_path):
    (tmp_path / "train.txt").write_text("a/0\na/2\n")
    (tmp_path / "test.txt").write_text("a/1\nnowhere\n")
    lists = {"train": tmp_path / "train.txt", "test": tmp_path / "test.txt"}
    rows = planned(tmp_path / "x", labelled({"a": 5}), split=Split(by="lists", lists=lists))
    assert [row[:2] for row in rows] == [("a/0", "train"), ("a/1", "test"), ("a/2", "train")]


def test_the_split_of_the_source_is_kept(tmp_path):
    samples = [Sample(f"a/{n}", {"label": "a"}, split="test" if n % 2 else "train") for n in range(4)]
    rows = planned(tmp_path, found(samples, Planned("label", "class")))
    assert [part for _, part, _, _ in rows] == ["train", "test", "train", "test"]


def test_at_most_so_many_of_a_class_are_drawn_by_lot(tmp_path):
    rows = planned(tmp_path, labelled({"a": 50, "b": 5}), limits={"label": 10})
    assert classes(rows) == {"a": 10, "b": 5}
    assert [key for key, *_ in rows][:10] != [f"a/{n}" for n in range(10)]


def test_the_lot_does_not_depend_on_the_order_of_the_samples(tmp_path):
    source = labelled({"a": 50, "b": 50})
    turned = found(list(source.samples)[::-1])
    first, second = planned(tmp_path / "1", source, limit=20), planned(tmp_path / "2", turned, limit=20)
    assert sorted(first) == sorted(second)


def test_another_seed_is_another_lot(tmp_path):
    rows = [planned(tmp_path / str(n), labelled({"a": 50}), limit=20, seed=s) for n, s in enumerate((0, 0, 1))]
    assert rows[0] == rows[1] != rows[2]


def test_only_the_named_classes_are_taken(tmp_path):
    assert classes(planned(tmp_path, labelled({"a": 3, "b": 2, "c": 1}), only={"label": ("a", "c")})) == {
        "a": 3,
        "c": 1,
    }


def test_an_unknown_class_is_said_with_those_that_are_there(tmp_path):
    with pytest.raises(BlobError, match=r"label is never 'z': a, b are its classes"):
        planned(tmp_path, labelled({"a": 1, "b": 1}), only={"label": ("z",)})


def test_undersampling_leaves_every_class_as_often_as_the_rarest(tmp_path):
    assert classes(planned(tmp_path, labelled({"a": 50, "b": 5}), balance="under")) == {"a": 5, "b": 5}


def test_oversampling_repeats_the_rare_ones_evenly(tmp_path):
    rows = planned(tmp_path, labelled({"a": 50, "b": 20}), balance="over")
    assert classes(rows) == {"a": 50, "b": 50}
    assert sorted(Counter(key for key, *_ in rows if key[0] == "b").values()) == [2] * 10 + [3] * 10


def test_only_the_training_part_is_balanced(tmp_path):
    split = Split(shares={"train": 0.5, "test": 0.5}, stratify="label")
    rows = planned(tmp_path, labelled({"a": 40, "b": 10}), balance="over", split=split)
    assert classes(rows, "train") == {"a": 20, "b": 20}
    assert classes(rows, "test") == {"a": 20, "b": 5}
    assert not {key for key, part, *_ in rows if part == "train"} & {key for key, part, *_ in rows if part == "test"}


def test_a_shuffle_mixes_repetitions_apart(tmp_path):
    rows = planned(tmp_path, labelled({"a": 60, "b": 2}), balance="over", shuffle=True)
    assert len(rows) == 120
    assert any(one[0] != other[0] for one, other in pairwise(rows) if one[0][0] == other[0][0] == "b")
    assert rows != sorted(rows)


def test_of_two_samples_with_one_key_the_first_is_kept_and_the_other_counted(tmp_path):
    source = found([Sample("a", {"label": "x"}), Sample("a", {"label": "y"})], Planned("label", "class"))
    listed = Lister(source, tmp_path).write(fingerprint(source)[1], lambda _: None)
    assert listed.samples == 1
    assert listed.problems.counts == {"the same key as another sample": 1}


def test_an_empty_source_is_said(tmp_path):
    with pytest.raises(SourceError, match="nothing to build from"):
        planned(tmp_path, found([]))


def test_classes_that_the_source_does_not_name_are_in_the_order_of_their_names(tmp_path):
    source = found([Sample(name, {"label": name}) for name in "cab"], Planned("label", "class"))
    listed = Lister(source, tmp_path).write(fingerprint(source)[1], lambda _: None)
    assert listed.columns[0].numbers() == ([2, 0, 1], ["a", "b", "c"])


def test_classes_that_are_numbers_without_names_stay_these_numbers(tmp_path):
    source = found([Sample(str(n), {"label": n}) for n in (2880, 7, None)], Planned("label", "class"))  # type: ignore[arg-type]
    listed = Lister(source, tmp_path).write(fingerprint(source)[1], lambda _: None)
    assert listed.columns[0].numbers() == ([2880, 7], [])
