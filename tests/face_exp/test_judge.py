"""What is judged of whole studies: complete ones, cut ones, broken ones."""

import dataclasses
import math

import numpy as np
import pytest
from made_studies import NINE, Made

from trainvis.face_exp.embedding.verification import verification
from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.judging.estimate import corrected
from trainvis.face_exp.judging.facts import FacesFacts, facts_file
from trainvis.face_exp.judging.judge import judge
from trainvis.face_exp.judging.options import Options
from trainvis.face_exp.report.sentences import answers
from trainvis.face_exp.scores import Head

QUICK = Options(resamples=60)
SMALL = {"faces": 600, "people": 12, "seeds": 3, "sets": ("7",), "sources": ("label",)}


def made(**changed):
    study = Made(**{**SMALL, **changed})
    facts = study.facts()
    return facts, study.scores(facts)


def of(judgement, pair):
    return next(each for each in judgement.claims if each.claim.pair == pair)


def test_all_nine_comparisons_of_a_whole_study_are_tested():
    facts, scores = made()
    found = judge(scores, facts, QUICK)
    assert list(found.main) == list(NINE)
    assert len(found.claims) == 9
    assert all(each.verdict != "untested" for each in found.claims)
    assert found.ratio == pytest.approx(60 / 420)
    heads = {each.head.id: each for each in scores}
    by_hand = [heads[f"E-7-label-s{s}"].accuracy() - heads[f"B-s{s}"].accuracy() for s in range(3)]
    assert of(found, "E–B").found.differences == pytest.approx(by_hand)
    accuracy = found.main["B"].get("accuracy")
    assert accuracy.mean == pytest.approx(np.mean([heads[f"B-s{s}"].accuracy() for s in range(3)]))
    assert accuracy.low < accuracy.mean < accuracy.high
    assert found.main["G"].get("accuracy", "expression").mean == pytest.approx(
        np.mean([heads[f"G-7-s{s}"].accuracy("test", "expression") for s in range(3)])
    )
    assert found.missing == found.notes == ()
    assert sum(found.first.values()) == pytest.approx(1)


def test_a_known_effect_is_found_and_none_is_claimed_where_there_is_none():
    effects = dict.fromkeys(NINE, 0.0) | {"D": 0.2, "E": 0.2, "F": 0.2}
    found = judge(*reversed(made(seeds=8, effects=effects, accuracy=0.6)), Options(resamples=0))
    assert [of(found, pair).verdict for pair in ("D–A", "E–B", "F–B")] == ["shown"] * 3
    assert [of(found, pair).verdict for pair in ("G–A", "H–B", "H–C", "I–C")] == ["stands"] * 4
    facts, scores = made(seeds=8, effects=dict.fromkeys(NINE, 0.0))
    found = judge(scores, facts, Options(resamples=0))
    assert not any(each.significant for each in found.claims)
    assert all(each.smallest > 0 for each in found.claims)


def test_a_gain_that_stays_when_shuffled_is_told_from_one_that_goes():
    effects = dict.fromkeys(NINE, 0.0) | {"E": 0.25}
    facts, scores = made(nets="BE", seeds=8, sources=("label", "shuffled"), effects=effects, accuracy=0.6)
    found = judge(scores, facts, Options(resamples=0))
    control = {each.claim.pair: each.verdict for each in found.controls}
    assert control["E label–E shuffled"] == "shown"
    assert control["E shuffled–B"] == "stands"


def test_networks_that_are_alike_share_the_first_place():
    facts, scores = made(nets="AB")
    right = [
        dataclasses.replace(
            each,
            predictions={
                part: {name: dataclasses.replace(one, predicted=one.truth) for name, one in targets.items()}
                for part, targets in each.predictions.items()
            },
        )
        for each in scores
    ]
    found = judge(right, facts, QUICK)
    assert found.first == {"A": 0.5, "B": 0.5}
    assert answers(found)[1][0].startswith("A and B are alike and highest in the mean, 100.0 %: hardly a face is left")


def test_one_seed_is_judged_without_test_and_without_interval():
    found = judge(*reversed(made(seeds=1)), QUICK)
    assert all(each.verdict == "untested" for each in found.claims)
    assert math.isnan(found.main["E"].get("accuracy").low)
    assert math.isfinite(found.main["E"].get("accuracy").mean)
    assert found.first == {}


def test_heads_that_are_missing_leave_the_pairs_of_the_seeds_that_both_have():
    facts, scores = made()
    left = [each for each in scores if each.head not in (Head("B", seed=0), Head("A", seed=0), Head("A", seed=1))]
    found = judge(left, facts, QUICK)
    assert len(of(found, "E–B").found.differences) == 2
    assert of(found, "D–A").verdict == "untested"
    assert found.missing == ("A-s0", "A-s1", "B-s0")


def test_nothing_at_all_is_judged_too():
    facts, _ = made()
    found = judge([], facts, QUICK)
    assert found.main == {}
    assert all(each.verdict == "untested" for each in found.claims)


def test_strange_heads_are_named():
    facts, scores = made(nets="AB")
    first, second, third, *rest = scores
    test = first.predictions["test"]["identity"]
    lost = dataclasses.replace(test, loss=np.full(len(test), np.nan, np.float32))
    one = dataclasses.replace(test, predicted=np.zeros(len(test), np.int32))
    far = dataclasses.replace(test, record=test.record + 10_000)
    changed = [
        dataclasses.replace(each, predictions={**each.predictions, "test": {"identity": found}})
        for each, found in ((first, lost), (second, one), (third, far))
    ]
    found = judge([*changed, *rest], facts, QUICK)
    said = " ".join(found.notes)
    assert "A-s0 gave values that are no finite numbers" in said
    assert "A-s1 names one person only" in said
    assert "A-s2 speaks of faces that this study has not" in said
    assert math.isfinite(found.main["A"].get("loss").mean)


def test_the_number_of_expressions_is_a_slope_for_each_doubling():
    facts, scores = made(nets="BE", sets=("7", "5", "3", "2"), seeds=4)
    (trend,) = judge(scores, facts, QUICK).trends
    assert [point.number for point in trend.points] == [2, 3, 5, 7]
    by_seed = {(each.head.expressions, each.head.seed): each.accuracy() for each in scores if each.head.net == "E"}
    slopes = [
        np.polyfit(np.log2([2, 3, 5, 7]), [by_seed[name, seed] for name in ("2", "3", "5", "7")], 1)[0]
        for seed in range(4)
    ]
    assert trend.found.differences == pytest.approx(slopes)


def test_another_set_and_source_can_be_compared():
    facts, scores = made(nets="BEH", sets=("7", "3"), sources=("label", "predicted"))
    found = judge(scores, facts, Options(resamples=0, expressions="3", source="predicted"))
    assert found.main["E"].arm == ("E", "3", "predicted")
    assert found.main["H"].arm == ("H", "3", "")
    assert found.main["B"].arm == ("B", "", "")


def test_figures_of_pairs_have_the_corrected_interval_over_seeds():
    facts, scores = made(nets="B", seeds=4)
    found = judge(scores, facts, Options(resamples=0))
    by_hand = [verification(each.verification["similarity"], each.verification["same"]) for each in scores]
    for measure, values in (
        ("equal error rate", [each.equal_error_rate for each in by_hand]),
        ("TAR at FAR 0.1", [each.tar_at[0.1] for each in by_hand]),
    ):
        shown = found.main["B"].get(measure, "pairs")
        wide = 3.182446 * math.sqrt(1 / 4 + found.ratio) * np.std(values, ddof=1)  # t of 0.975 with 3 degrees
        assert shown.mean == pytest.approx(np.mean(values))
        assert (shown.low, shown.high) == pytest.approx((shown.mean - wide, shown.mean + wide), rel=1e-5)
    assert found.main["B"].get("pairs of one person", "pairs").mean == np.mean([each.genuine for each in by_hand])
    assert math.isfinite(found.main["B"].get("calibration error").low)


def test_an_interval_of_shares_stays_among_shares_and_one_seed_has_none():
    few = corrected([0.1, 0.9], 0.1, 0.95)
    assert (few.mean, few.low, few.high) == (0.5, 0.0, 1.0)
    for values in ([0.3], [0.3, math.nan], [0.3, 0.3]):
        assert math.isnan(corrected(values, 0.1, 0.95).low)
        assert corrected(values, 0.1, 0.95).mean == 0.3


def test_groups_of_a_film_are_wider_than_single_faces():
    facts, scores = made(nets="B", films=20)
    grouped = judge(scores, facts, Options(resamples=400)).main["B"].get("accuracy")
    assert facts.grouped
    assert judge(scores, facts, Options(resamples=0)).known_groups > 0.9  # its faces are split one by one
    alone = dataclasses.replace(facts, group=np.where(np.isin(facts.identity, (0, 1)), 0, np.arange(len(facts)) + 1))
    tested = [np.isin(facts.identity[each.predictions["test"]["identity"].record], (0, 1)).mean() for each in scores]
    assert judge(scores, alone, Options(resamples=0)).known_groups == pytest.approx(np.mean(tested))
    assert grouped.high > grouped.low


def test_facts_survive_their_file(tmp_path):
    facts, _ = made(sets=("7", "2"), films=5)
    facts.write(tmp_path)
    again = FacesFacts.read(tmp_path)
    assert (again.name, again.identities, again.groups) == (facts.name, facts.identities, facts.groups)
    assert again.settings == facts.settings
    for name in ("identity", "expression", "group"):
        assert (getattr(again, name) == getattr(facts, name)).all()
    assert (again.sets["2"].of == facts.sets["2"].of).all()
    assert again.sets["2"].classes == ("neutral", "expressive")


@pytest.mark.parametrize("data", [None, b"", b"PK\x03\x04 cut", b"no zip at all"])
def test_facts_that_are_missing_or_damaged_are_a_sentence(tmp_path, data):
    if data is not None:
        facts_file(tmp_path).write_bytes(data)
    with pytest.raises(FacesError, match=r"is no study|cannot be read"):
        FacesFacts.read(tmp_path)


def test_facts_that_do_not_fit_their_names_are_refused(tmp_path):
    facts, _ = made()
    dataclasses.replace(facts, identities=("one",)).write(tmp_path)
    with pytest.raises(FacesError, match="identity does not fit"):
        FacesFacts.read(tmp_path)
