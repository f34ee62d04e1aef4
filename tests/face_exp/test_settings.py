"""What a study was asked, and what cannot be asked of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trainvis.engine.errors import PlaceError
from trainvis.face_exp import resuming, settings
from trainvis.face_exp.emotions import predicting
from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.extractors import table
from trainvis.face_exp.settings import Settings, asked, of_json


def test_settings_survive_the_file_they_are_kept_in(tmp_path: Path):
    wanted = Settings(data=str(tmp_path), nets="A,D", seeds=4, sources=("label", "shuffled"), sweep="")
    settings.write(tmp_path, wanted, {"heads": ["A-s0"]})
    found, about = settings.read(tmp_path)
    assert found == wanted
    assert about["heads"] == ["A-s0"]


def test_what_the_command_line_leaves_open_the_configuration_file_says(tmp_path: Path):
    found = asked({"data": str(tmp_path), "seeds": 3, "nets": ""}, {"seeds": 20, "nets": "B,E", "split": "group"})
    assert (found.seeds, found.nets, found.split) == (3, "B,E", "group")


def test_a_sweep_alone_trains_no_other_networks(tmp_path: Path):
    assert asked({"data": str(tmp_path), "sweep": ""}, {}).nets == ""
    assert asked({"data": str(tmp_path), "sweep": "", "nets": "A-I"}, {}).nets == "A-I"


def test_a_network_that_predicts_is_enough_to_ask_for_predicted_expressions(tmp_path: Path):
    assert asked({"data": str(tmp_path), "expression_from": "fer.keras"}, {}).sources == ("predicted",)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "which faces"),
        ({"demo": True, "data": "/"}, "draws its own"),
        ({"data": "/", "seeds": 5000}, "1 to 1,000"),
        ({"data": "/", "sources": "label,guessed"}, "not guessed"),
        ({"data": "/", "sources": "predicted"}, "--expression-from"),
        ({"data": "/", "sources": "label", "expression_from": "x.keras"}, "--source predicted"),
        ({"data": "/", "split": "person"}, "image, group, stratified"),
        ({"data": "/", "least": -1}, "less than 0"),
        ({"data": "/no/such/data"}, "there is no"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(given: dict[str, object], said: str):
    with pytest.raises(FacesError, match=said):
        asked(given, {})


def test_a_file_of_labels_in_the_home_folder_of_nobody_is_refused_in_a_sentence():
    with pytest.raises(PlaceError, match="there is no home folder ~no-such-user"):
        asked({"data": "/"}, {"labels": "~no-such-user/labels.csv"})


@pytest.mark.parametrize(
    "read",
    [table.extractor, table.needs_network, resuming.results_of, predicting.file_of],
    ids=lambda read: read.__name__,
)
def test_what_a_program_reads_below_the_home_folder_of_nobody_is_refused_in_a_sentence(read: Callable[[str], object]):
    with pytest.raises(PlaceError, match="there is no home folder ~no-such-user"):
        read("~no-such-user/x.h5")


def test_a_folder_without_a_study_and_a_damaged_one_are_refused(tmp_path: Path):
    with pytest.raises(FacesError, match="missing"):
        settings.read(tmp_path)
    settings.study_file(tmp_path).write_text("{")
    with pytest.raises(FacesError, match="damaged"):
        settings.read(tmp_path)


def test_settings_of_a_newer_trainvis_are_no_guess(tmp_path: Path):
    with pytest.raises(FacesError, match="moon"):
        of_json({"data": str(tmp_path), "moon": "full"})


@pytest.mark.parametrize("changed", [
    {"seeds": "3"}, {"seeds": 1.5}, {"seeds": None}, {"seeds": True}, {"nets": 5}, {"data": 5}, {"demo": "yes"},
    {"sources": "label"}, {"sources": None}, {"sources": [1]}, {"sweep": 5}, {"expressions": 7}, {"pairs": "x"},
])  # fmt: skip
def test_settings_of_another_kind_are_refused(tmp_path: Path, changed: dict[str, object]):
    with pytest.raises(FacesError, match=f"damaged: {next(iter(changed))} is"):
        of_json({"data": str(tmp_path), **changed})
