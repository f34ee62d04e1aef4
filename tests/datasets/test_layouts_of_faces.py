"""Known sets, by small copies of them with the faults of real ones: each is recognised, its rows read or counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trees

from trainvis.datasets.layouts import celeba, imfdb, walking, yale
from trainvis.datasets.layouts.csv_list import AGAIN, OTHER, SHORT
from trainvis.datasets.layouts.listed import MISSING
from trainvis.datasets.layouts.table import LAYOUTS, recognise
from trainvis.datasets.sample import FileImage, Found, Sample

TREES: dict[str, Callable[[Path], Path]] = {
    "celeba": trees.celeba, "imfdb": trees.imfdb, "ck_plus": trees.ck_plus, "jaffe": trees.jaffe, "orl": trees.orl,
    "yale": trees.yale, "lfw": trees.lfw, "utkface": trees.utkface, "legend": trees.legend,
    "fer2013": lambda root: trees.fer2013(root / "fer2013.csv").parent,
}  # fmt: skip


def told(found: Found, *names: str) -> list[tuple[object, ...]]:
    return [(sample.key, *(sample.values[name] for name in names)) for sample in found.samples]


@pytest.mark.parametrize("name", TREES)
def test_a_copy_is_recognised_and_its_samples_are_what_the_fields_say(name: str, tmp_path: Path):
    root = TREES[name](tmp_path / "copy")
    found = recognise(root)
    assert found.layout == name
    assert LAYOUTS[name].fields[0] == "image"
    samples = list(found.samples)
    assert len({sample.key for sample in samples}) == len(samples) > 0
    for sample in samples:
        _fits(found, sample)
    problems = dict(found.problems.counts)
    assert [sample.key for sample in found.samples] == [sample.key for sample in samples]
    assert found.problems.counts == problems
    assert recognise(tmp_path / "copy", name).layout == name, "also by its name, also from the folder above"


def _fits(found: Found, sample: Sample) -> None:
    assert set(sample.values) == {field.name for field in found.fields}
    for field in found.fields:
        value = sample.values[field.name]
        match field.kind:
            case "image":
                assert value.path.is_file() if isinstance(value, FileImage) else value.dtype == np.uint8
            case "class":
                assert value is None or (isinstance(value, str) and (not field.classes or value in field.classes))
            case "number":
                assert value is None or isinstance(value, (int, float))
            case "text":
                assert isinstance(value, str)
    assert sample.split in ("", "train", "validation", "test")


def test_celeba_has_forty_attributes_an_identity_landmarks_and_a_split(tmp_path: Path):
    found = recognise(trees.celeba(tmp_path))
    assert [field.name for field in found.fields] == ["image", "identity", "Bald", "Male", "Smiling", "landmarks"]
    first, second, *rest = found.samples
    assert {**first.values, "image": 0, "landmarks": 0} == {
        "image": 0, "identity": "2880", "Bald": "no", "Male": "yes", "Smiling": "yes", "landmarks": 0,
    }  # fmt: skip
    assert first.values["landmarks"].tolist() == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]
    assert (first.split, second.split, rest[0].split) == ("train", "validation", "test")
    assert first.group == second.group == "2880"
    assert found.problems.counts == {
        "a picture that was listed before": 1, MISSING: 1,
        "a row whose attributes are not all there, or neither 1 nor −1": 1,
        "rows that the first line promises and that are not there": 202599 - 8,
    }  # fmt: skip


def test_celeba_may_be_csv_and_incomplete(tmp_path: Path):
    trees.picture(tmp_path / "img_align_celeba" / "000001.jpg")
    trees.text(tmp_path / "list_attr_celeba.csv", "image_id,Bald,Male\n000001.jpg,-1,1\n")
    found = recognise(tmp_path)
    assert told(found, "Bald", "Male") == [("000001.jpg", "no", "yes")]
    assert found.notes == ("not there: identity_celeba, list_eval_partition, list_landmarks_align_celeba",)


def test_celeba_may_be_the_png_archive(tmp_path: Path):
    trees.picture(tmp_path / "img_align_celeba_png" / "000001.png")
    trees.text(tmp_path / "identity_CelebA.txt", "000001.jpg 7\n")
    assert told(recognise(tmp_path), "identity") == [("000001.png", "7")]


def test_a_celeba_list_in_another_order_is_joined(tmp_path: Path):
    beside = celeba.Beside(iter([["b", "2"], ["a", "1"], ["c", "3"]]))
    assert [beside.values(name) for name in "axcb"] == [["1"], [], ["3"], ["2"]]


def test_imfdb_finds_labels_in_rows_of_any_length(tmp_path: Path):
    found = recognise(trees.imfdb(tmp_path))
    assert told(found, "identity", "expression", "gender", "pose", "occlusion", "year") == [
        ("Kajol/fear/images/Kajol_1.jpg", "Kajol", "happiness", "female", "frontal", "glasses", 1992),
        ("Savitri/Fear/images/Savitri_1.jpg", "Savitri", "happiness", "female", "frontal", "glasses", 1992),
        ("Savitri/Fear/images/Savitri_2.jpg", "Savitri", "anger", "female", "frontal", "glasses", 1992),
        ("Savitri/Fear/images/Savitri_3.jpg", "Savitri", "happiness", "female", "frontal", "glasses", 1992),
        # Its expression is no word that is known: the film's name is, and stands before no gender.
        ("Savitri/Fear/images/Savitri_4.jpg", "Savitri", None, None, None, None, None),
        ("Savitri/Fear/images/Savitri_5.jpg", "Savitri", "happiness", "female", "frontal", None, 1992),
        ("Savitri/Fear/images/Savitri_6.jpg", "Savitri", None, None, None, None, None),
        ("Savitri/Untold/images/Savitri_1.jpg", "Savitri", None, None, None, None, None),
    ]
    assert {sample.group for sample in found.samples} == {"fear", "untold"}, "a film is one group for all its actors"
    assert found.problems.counts == {
        imfdb.NO_EXPRESSION: 2,
        imfdb.NO_PICTURE: 2,
        imfdb.NO_TEXT: 1,
        "a picture in no folder of a film": 1,
    }


def test_fer2013_is_pixels_in_a_text(tmp_path: Path):
    found = recognise(trees.fer2013(tmp_path / "fer2013.csv"))
    assert told(found, "expression") == [
        ("00001", "angry"),
        ("00002", "neutral"),
        ("00003", "happy"),
        ("00009", "fear"),
    ]
    first, second, third, last = found.samples
    assert (first.split, second.split, third.split, last.split) == ("train", "validation", "test", "")
    np.testing.assert_array_equal(first.values["image"].ravel(), np.arange(48 * 48) % 256)
    assert first.values["image"].shape == (48, 48, 1)
    assert found.problems.counts == {
        "an emotion that is none of 0…6": 1, "pixels that are no square": 1, "pixels over 255": 1,
        "pixels that are no numbers": 2,
    }  # fmt: skip


def test_frames_of_a_ck_sequence_are_one_group(tmp_path: Path):
    found = recognise(trees.ck_plus(tmp_path))
    assert [(s.values["expression"], s.values["subject"], s.values["frame"], s.group) for s in found.samples][2:4] == [
        ("anger", "S010", 17, "S010_004"), ("fear", "S111", 15, "S111_004"),
    ]  # fmt: skip
    assert found.problems.total == 1


def test_jaffe_names_say_subject_and_expression(tmp_path: Path):
    found = recognise(trees.jaffe(tmp_path))
    assert told(found, "subject", "expression") == [
        ("KA.AN1.39.tiff", "KA", "anger"), ("KA.HA2.40.tiff", "KA", "happiness"), ("YM.SU3.9.tiff", "YM", "surprise"),
    ]  # fmt: skip
    assert found.problems.counts == {walking.NO_PICTURE: 1, "a name with an expression that is unknown": 1}


def test_orl_persons_are_in_the_order_of_their_numbers(tmp_path: Path):
    found = recognise(trees.orl(tmp_path))
    assert found.fields[1].classes == ("s1", "s2", "s10")
    assert len(list(found.samples)) == 9


def test_yale_twins_count_once(tmp_path: Path):
    found = recognise(trees.yale(tmp_path))
    assert told(found, "identity", "condition")[:3] == [
        ("subject01.happy", "subject01", "happy"), ("subject01.sad", "subject01", "sad"),
        ("subject02.glasses.gif", "subject02", "glasses"),
    ]  # fmt: skip
    assert found.problems.counts == {yale.TWIN: 1, "a name without subject and condition": 1, walking.NO_PICTURE: 1}


def test_lfw_folders_are_persons(tmp_path: Path):
    trees.picture(tmp_path / "pets" / "cat" / "cat_0001.jpg")
    assert recognise(tmp_path / "pets").layout == "image_folder"
    (tmp_path / "pets" / "cat" / "cat_0001.jpg").unlink()
    assert told(recognise(trees.lfw(tmp_path)), "identity")[0] == (
        "Aaron_Eckhart/Aaron_Eckhart_0001.jpg", "Aaron_Eckhart",
    )  # fmt: skip


def test_utkface_names_have_age_gender_and_race(tmp_path: Path):
    found = recognise(trees.utkface(tmp_path))
    assert told(found, "age", "gender", "race")[0][1:] == (30, "female", "white")
    assert found.problems.counts == {
        "a name with a field missing": 1, "a name with an age, a gender or a race that is none": 1,
    }  # fmt: skip


def test_a_legend_has_labels_in_any_case(tmp_path: Path):
    found = recognise(trees.legend(tmp_path))
    assert told(found, "emotion") == [("Aaron_0001.jpg", "anger"), ("b.jpg", "happiness"), ("c.jpg", "neutral")]
    assert found.problems.counts == {AGAIN: 1, OTHER: 1, MISSING: 1, SHORT: 1}
    assert recognise(tmp_path / "data" / "legend.csv").layout == "legend"
