"""Which heads a study trains, in which order, and what is said of the time they take."""

from __future__ import annotations

from collections import Counter

import pytest

from trainvis.face_exp.nets import NETS, nets
from trainvis.face_exp.plan import Pace, Plan, heads_of, kind_of, next_head, plan, said, seconds_of
from trainvis.face_exp.scores import Head


def planned(text: str = "A-I", seeds: int = 3, sets: tuple[str, ...] = ("7", "3")) -> Plan:
    found = nets(text)
    heads = heads_of(found, seeds, sets, ("label",))
    return plan(
        heads, {net.name: net for net in found}, faces=2100, width=128, identities=60, classes=dict.fromkeys(sets, 7)
    )


def test_the_demo_has_45_heads_for_a_network_that_knows_no_expression_is_trained_once_a_seed():
    found = planned()
    assert len(found) == len(set(found.heads)) == 45
    assert Counter(head.net for head in found.heads) == {name: 3 if name in "ABC" else 6 for name in "ABCDEFGHI"}


def test_only_what_takes_an_expression_is_trained_for_each_source():
    heads = heads_of(nets("B,E,H"), 2, ("7",), ("label", "shuffled"))
    assert sorted(head.id for head in heads if head.seed == 1) == ["B-s1", "E-7-label-s1", "E-7-shuffled-s1", "H-7-s1"]


def test_every_head_has_an_id_of_its_own_which_is_a_name_for_a_file():
    heads = heads_of(nets("all"), 3, ("7", "fine", "sadness+anger,fear+surprise"), ("label", "predicted"))
    assert len({head.id for head in heads}) == len(heads)
    assert not any(set(head.id) & set("/\\\0 ") for head in heads)


def test_the_networks_are_paired_each_is_trained_with_the_same_seeds():
    seeds = {name: {head.seed for head in planned().heads if head.net == name} for name in NETS}
    assert set(map(frozenset, seeds.values())) == {frozenset({0, 1, 2})}


def test_one_seed_comes_after_the_other_and_in_each_the_long_heads_first():
    found = planned()
    assert [head.seed for head in found.heads] == sorted(head.seed for head in found.heads)
    for seed in range(3):
        times = [found.expected[head] for head in found.heads if head.seed == seed]
        assert times == sorted(times, reverse=True)


def test_a_larger_network_on_more_faces_for_more_epochs_takes_longer():
    base = seconds_of(NETS["B"], 2100, 128, 60, 7)
    assert base > seconds_of(NETS["A"], 2100, 128, 60, 7)
    assert base < seconds_of(NETS["B"], 21_000, 128, 60, 7) < seconds_of(NETS["B"], 21_000, 4096, 60, 7)


def test_a_worker_goes_on_with_what_it_has_compiled_and_leaves_others_theirs():
    waiting = [Head("E", "7", "label", 1), Head("B", seed=1), Head("A", seed=1), Head("A", seed=2)]
    assert next_head(waiting, {("A", "")}, {("E", "7")}).net == "A"
    assert next_head(waiting, set(), {("E", "7")}).net == "B"
    assert next_head(waiting, set(), {("E", "7"), ("B", ""), ("A", "")}).net == "E"
    assert kind_of(waiting[0]) == ("E", "7")


def test_a_seed_is_finished_before_the_next_one_is_begun():
    waiting = [Head("B", seed=1), Head("A", seed=2)]
    assert next_head(waiting, {("A", "")}, set()).seed == 1


def test_the_time_left_is_what_is_expected_corrected_by_what_was_measured():
    found = planned()
    pace = Pace(found, workers=2)
    waiting = list(found.heads)
    assert pace.left(waiting, {}) == pytest.approx(found.seconds() / 2)
    for _ in range(10):
        head = waiting.pop(0)
        pace.finished(head, 3 * found.expected[head])
    assert pace.left(waiting, {}) == pytest.approx(3 * found.seconds(waiting) / 2, rel=0.2)


def test_the_last_head_is_waited_for_although_the_other_worker_is_free():
    found = planned("B", seeds=1)
    head = found.heads[0]
    assert Pace(found, workers=2).left([], {head: 1.0}) == pytest.approx(found.expected[head] - 1)


@pytest.mark.parametrize("since", [60.0, 600.0, 3600.0])
def test_heads_that_are_late_make_the_rest_later_before_one_is_finished(since: float):
    heads = tuple(Head("B", seed=seed) for seed in range(10))
    pace = Pace(Plan(heads, dict.fromkeys(heads, 5.0)), workers=2)
    assert pace.left(heads, {}) == 25
    left = pace.left(heads[2:], dict.fromkeys(heads[:2], since))
    assert left is not None
    assert 8 * since / 2 < left < 8 * since / 2 + since / 2  # eight more of that length, and what these two still take


def test_one_late_head_among_many_does_not_make_all_the_others_late():
    heads = tuple(Head("B", seed=seed) for seed in range(60))
    pace = Pace(Plan(heads, dict.fromkeys(heads, 5.0)), workers=1)
    for head in heads[:30]:
        pace.finished(head, 5.0)
    left = pace.left(heads[31:], {heads[30]: 60.0})
    assert left is not None
    assert 29 * 5 < left < 2 * 29 * 5


def test_where_times_are_guessed_none_is_said_before_a_head_is_finished():
    heads = tuple(Head("B", seed=seed) for seed in range(10))
    pace = Pace(Plan(heads, dict.fromkeys(heads, 5.0)), workers=2, guessed=True)
    for since in (0.0, 60.0, 3600.0):
        running = dict.fromkeys(heads[:2], since)
        assert pace.left(heads[2:], running) is None
        assert pace.share(heads[2:], running) == 0  # else a pace of epochs would be read out of it
    assert pace.left((), {}) == 0
    pace.finished(heads[0], 600.0)
    assert pace.left(heads[2:], {heads[1]: 600.0}) == pytest.approx(8 * 600 / 2, rel=0.02)


def test_the_share_that_is_done_counts_time_and_not_heads():
    found = planned()
    pace = Pace(found, workers=1)
    assert pace.share(found.heads, {}) == 0
    assert pace.share([], {}) == 1
    short = [head for head in found.heads if head.net in "ADG"]
    assert pace.share(short, {}) > 0.9


def test_times_are_said_as_exactly_as_they_can_be_known():
    assert [said(seconds) for seconds in (4.4, 99, 101, 5990, 7200)] == ["4 s", "99 s", "2 min", "100 min", "2.0 h"]
