"""What a study takes over from the one it goes on with, and when it may."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trainvis.face_exp import settings
from trainvis.face_exp.emotions.predicting import digest_of
from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.nets import training
from trainvis.face_exp.preparing import nets_of
from trainvis.face_exp.resuming import (
    other_data,
    other_expressions,
    other_features,
    other_training,
    results_of,
    taken_over,
)
from trainvis.face_exp.scores import Head, Predictions, Scores, scores_file, write
from trainvis.face_exp.settings import Settings, config_copy
from trainvis.face_exp.stages import Stages

HEAD = Head("A", seed=1)


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The results of a study with one finished head."""
    results = tmp_path / "study-20261122-120000-abcd" / "results"
    results.mkdir(parents=True)
    settings.write(results, Settings(data=str(tmp_path)), {"data": {"digest": "d1", "faces": 10}})
    said = Predictions.of(np.array([3]), np.array([0]), np.array([[0.75, 0.25]]))
    write(results / "heads", Scores(HEAD, {"test": {"identity": said}}, {"identity": 2}, 7))
    return results


def test_a_finished_head_is_taken_over_as_the_very_same_file(before: Path, tmp_path: Path):
    here = tmp_path / "new"
    assert taken_over(HEAD, here, before)
    one, other = scores_file(before / "heads", HEAD), scores_file(here / "heads", HEAD)
    assert one.samefile(other)
    assert not taken_over(Head("B", seed=1), here, before)


def test_a_damaged_head_is_trained_again_and_the_old_study_keeps_its_file(before: Path, tmp_path: Path):
    there = scores_file(before / "heads", HEAD)
    there.write_bytes(there.read_bytes()[:-40])
    assert not taken_over(HEAD, tmp_path / "new", before)
    assert not scores_file(tmp_path / "new" / "heads", HEAD).exists()
    assert there.exists()


def test_a_file_of_another_head_is_none_of_this_one(before: Path, tmp_path: Path):
    other = Head("D", "7", "label", 1)
    scores_file(before / "heads", HEAD).rename(scores_file(before / "heads", other))
    assert not taken_over(other, tmp_path / "new", before)


def test_heads_of_other_faces_are_not_gone_on_with(before: Path):
    assert other_data(before, {"digest": "d1", "faces": 10}) == ""
    assert "10 faces then, 12 now" in other_data(before, {"digest": "d2", "faces": 12})


def test_what_is_no_study_is_refused(before: Path, tmp_path: Path):
    assert results_of(str(before.parent)) == before
    with pytest.raises(FacesError, match="is no study"):
        results_of(str(tmp_path))


def test_a_study_that_was_refused_before_its_first_head_stands_for_the_one_it_went_on_with(before: Path):
    refused = before.parent.with_name("study-20261122-130000-abcd") / "results"
    refused.mkdir(parents=True)
    settings.write(refused, Settings(data=str(before)), {"heads": [], "resumes": before.parent.name})
    assert results_of(str(refused.parent)) == before
    settings.write(refused, Settings(data=str(before)), {"heads": ["A-s1"], "resumes": before.parent.name})
    assert results_of(str(refused.parent)) == refused
    settings.write(refused, Settings(data=str(before)), {"heads": [], "resumes": refused.parent.name})
    assert results_of(str(refused.parent)) == refused


def test_a_study_that_was_begun_after_the_clock_was_put_back_stands_for_the_one_it_went_on_with(before: Path):
    refused = before.parent.with_name("study-20261122-110000-abcd") / "results"  # by its name the older one
    refused.mkdir(parents=True)
    settings.write(refused, Settings(data=str(before)), {"heads": [], "resumes": before.parent.name})
    assert results_of(str(refused.parent)) == before


def test_the_time_left_is_said_as_soon_as_all_of_it_is_known():
    stages = Stages({"features": None, "heads": None, "report": 15.0})
    assert stages.enter("features") == "1 of 3: features"
    stages.expect("heads", 60.0)
    assert stages.enter("heads") == "2 of 3: heads, about 75 s left"
    assert stages.enter("report") == "3 of 3: report, about 15 s left"


def test_a_network_that_was_trained_anew_makes_no_heads_beside_those_of_the_old_one(before: Path):
    about = {"made_by": "e2", "extractor": "mine.keras"}
    assert other_features(before, about) == ""  # a study of which that was not kept
    settings.write(before, Settings(data=str(before)), {"data": {"digest": "d1", "made_by": "e1"}})
    said = other_features(before, about)
    assert "mine.keras is not what it was when study-20261122-120000-abcd was begun (its file was replaced, or" in said
    assert other_features(before, {"made_by": "e1"}) == ""
    settings.write(before, Settings(data=str(before)), {"data": [1]})
    assert other_features(before, about) == ""


def about_of(asked: Settings, *, apart: bool = False) -> dict[str, object]:
    """What a worker says of the networks of a study, as `study.json` has it."""
    return json.loads(json.dumps({"nets": {net.name: training(net) for net in nets_of(asked)}, "films_apart": apart}))


def test_a_network_that_is_trained_otherwise_now_is_not_gone_on_with(before: Path):
    path = config_copy(before)
    asked = Settings(data=str(before), nets="A,E", config=str(path))
    path.write_text("[all]\nepochs = 3\n")
    then = about_of(asked)
    settings.write(before, asked, {"data": then})
    assert other_training(before, about_of(asked)) == ""
    path.write_text("[all]\nepochs = 3\n[nets.E]\ndropout = 0.25\nlayers = 'drop → 8 → id'\n")
    said = other_training(before, about_of(asked))
    assert said.startswith("E is not trained as when study-20261122-120000-abcd was begun (layers drop → 1024 → ")
    assert said.endswith("dropout 0.5 then, 0.25 now): begin a new study")
    scores_file(before / "heads", HEAD).unlink()  # nothing is to be taken over
    path.write_text("[all]\nepochs = 5\n")
    assert other_training(before, about_of(asked)) == ""


def test_heads_whose_pairs_are_drawn_otherwise_are_not_gone_on_with(before: Path):
    asked = Settings(data=str(before))
    for then, now, said in ((False, True, "were compared"), (True, False, "were not compared"), (True, True, "")):
        settings.write(before, asked, {"data": about_of(asked, apart=then)})
        assert said in (found := other_training(before, about_of(asked, apart=now)))
        assert bool(found) is bool(said)
    settings.write(before, replace(asked, pairs=0), {"data": about_of(asked, apart=False)})
    assert other_training(before, about_of(asked, apart=True)) == ""  # there are no pairs


def test_a_study_of_an_older_version_is_gone_on_with_where_nothing_was_otherwise_then(before: Path):
    path = config_copy(before)
    path.write_text("[all]\nepochs = 3\n")
    swept = "depth=1 width=32 inject=no outputs=id"
    older = "study-20261122-120000-abcd was begun by an older trainvis, which may have "
    for asked, apart, said in (
        (Settings(data=str(before), nets="A,E", config=str(path)), False, ""),
        (Settings(data=str(before), nets="", sweep=swept), False, ""),
        (
            Settings(data=str(before), nets="", sweep=swept, config=str(path)),
            False,
            "trained d1.w32 otherwise (epochs 50 then, 3 now): begin a new study",
        ),
        # One that was named beside the sweep was trained as the file says.
        (Settings(data=str(before), nets="B", sweep="depth=2 inject=no outputs=id", config=str(path)), False, ""),
        (
            Settings(data=str(before)),
            True,
            "compared faces of one film with each other, which is not done now: begin a new study",
        ),
    ):
        settings.write(before, asked, {"data": {"digest": "d1"}})
        assert other_training(before, about_of(asked, apart=apart)) == (older + said if said else "")


def test_a_network_that_predicts_expressions_and_was_replaced_is_not_gone_on_with(before: Path, tmp_path: Path):
    network = tmp_path / "fer.keras"
    network.write_bytes(b"weights")
    network.with_suffix(".json").write_text('{"classes": ["anger", "fear"]}')
    first = digest_of(network)
    about = {"expressions_by": first, "expressions_from": str(network)}
    assert other_expressions(before, about) == ""  # a study of which that was not kept
    settings.write(before, Settings(data=str(before)), {"data": {"digest": "d1", "expressions_by": first}})
    assert other_expressions(before, about) == ""
    network.write_bytes(b"others")
    said = other_expressions(before, about | {"expressions_by": digest_of(network)})
    assert "fer.keras, is not what it was when study-20261122-120000-abcd was begun" in said
    network.write_bytes(b"weights")
    network.with_suffix(".json").write_text('{"classes": ["fear", "anger"]}')
    assert digest_of(network) != first
