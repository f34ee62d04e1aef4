"""What an expression network learns from: words in one language, nobody in two parts, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_files import write_own

from trainvis.datasets.schema import Field, Schema
from trainvis.face_exp import expression
from trainvis.face_exp.emotions import parting
from trainvis.face_exp.emotions.material import Reading, material
from trainvis.face_exp.errors import FacesError

SIX = Reading(size=16)


def blob(
    path: Path,
    said: Sequence[int],
    classes: Sequence[str] = ("happy", "SAD", "Angry"),
    people: Sequence[int] | None = None,
    split: Sequence[int] | None = None,
    side: int = 8,
) -> Path:
    """Faces of these expressions (−1: nobody knows), all grey, each as bright as its number."""
    fields = [
        Field("image", "image", "uint8", (side, side, 1)),
        Field("expression", "class", "int64", (), tuple(classes)),
    ]
    rows: list[dict[str, object]] = [
        {"image": np.full((side, side, 1), number, np.uint8), "expression": each} for number, each in enumerate(said)
    ]
    if people is not None:
        fields.append(Field("identity", "class", "int64", (), tuple(f"p{each}" for each in range(max(people) + 1))))
        rows = [row | {"identity": each} for row, each in zip(rows, people, strict=True)]
    if split is not None:
        fields.append(Field("split", "class", "int64", (), ("train", "validation", "test")))
        rows = [row | {"split": each} for row, each in zip(rows, split, strict=True)]
    return write_own(path, Schema(tuple(fields)), [(f"k{number}", row) for number, row in enumerate(rows)])


def silent(_: str) -> None: ...


def test_words_become_those_of_the_seven_and_what_is_unknown_is_left_out_and_said(tmp_path: Path) -> None:
    said = [0, 1, 2, 3] * 3 + [-1, -1]
    path = blob(tmp_path / "f.h5", said, ("happy", "SAD", "AN1", "hapy face"))
    found = material(path, SIX, silent)
    assert found.classes == ("anger", "happiness", "sadness")  # in the order of the seven
    assert found.truth.tolist() == [1, 2, 0] * 3
    assert found.images.shape == (9, 16, 16, 1)
    assert found.images[:, 0, 0, 0].tolist() == [0, 1, 2, 4, 5, 6, 8, 9, 10]
    assert any(
        "3 faces left out, whose words are no expressions" in note and "'hapy face'" in note for note in found.notes
    )
    assert any("2 faces left out: nobody knows their expression" in note for note in found.notes)


def test_colour_is_made_of_grey_where_it_is_asked_for(tmp_path: Path) -> None:
    found = material(blob(tmp_path / "f.h5", [0, 1] * 3), Reading(size=20, channels=3), silent)
    assert found.images.shape == (6, 20, 20, 3)


def test_what_cannot_be_learned_from_is_refused_in_a_sentence(tmp_path: Path) -> None:
    def refused(words: str, said: Sequence[int], reading: Reading = SIX, **more: object) -> None:
        path = blob(tmp_path / f"{abs(hash((words, tuple(said))))}.h5", said, **more)  # type: ignore[arg-type]
        with pytest.raises(FacesError, match=words):
            material(path, reading, silent).split(0)

    refused(
        "has no field 'mood' that says the expression: .*name the one that does \\(--expression\\)",
        [0, 1],
        Reading(expression="mood"),
    )
    refused("is only happiness: two or more are needed", [0] * 5)
    refused("is none that is known here", [0] * 5, classes=("tabby", "persian"))
    refused("sadness has 1 in .*: an expression needs three faces or more", [0, 0, 0, 1, 2, 2, 2])
    refused("nothing is left to learn sadness from", [0] * 4 + [1] * 4, split=[0] * 4 + [1, 1, 2, 2])
    path = blob(tmp_path / "rare.h5", [0, 0, 0, 1, 2, 2, 2])
    found = material(path, Reading(size=16, least=3), silent)
    assert found.classes == ("anger", "happiness")
    assert "sadness left out: it has 1, and 3 are asked for" in found.notes
    with pytest.raises(FacesError, match="does not say which records are to train on"):
        found.split(0, "stored")


def test_the_program_refuses_before_a_framework_is_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(blob(tmp_path / "f.h5", [0] * 5))

    def said(*arguments: str) -> str:
        assert expression.main(list(arguments)) == 1
        return capsys.readouterr().err

    assert "f.h5 is only happiness" in said(path)
    assert "there is no network 'vgg': dexpression and residual are there" in said(path, "--net=vgg")
    assert "the name of a network ends in .keras" in said(path, "--out=net.h5")
    assert "--split is own or stored" in said(path, "--split=half")
    assert "none" in said(str(tmp_path / "none"))
    fine = str(blob(tmp_path / "g.h5", [0, 1] * 9))
    assert "g.h5 has no field 'who' that says the expression" in said(fine, "--expression=who")
    assert "there is no file" in said(fine, f"--evaluate={tmp_path / 'none.h5'}")


@pytest.mark.slow
def test_a_fer2013_file_is_read_with_its_own_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    usage = ["Training"] * 8 + ["PublicTest"] * 4 + ["PrivateTest"] * 4
    rows = [f'{3 if number % 2 else 6},"{" ".join([str(number)] * 2304)}",{each}' for number, each in enumerate(usage)]
    (tmp_path / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *rows]))
    said: list[str] = []
    found = material(tmp_path / "fer2013.csv", Reading(), said.append)
    assert found.classes == ("neutral", "happiness")
    assert found.images.shape == (16, 48, 48, 1)
    split, how = found.split(0)
    assert split.train.tolist() == list(range(8))
    assert split.test.tolist() == list(range(12, 16))
    assert how == "parts as the data has them"
    assert len(said) == 1
    assert said[0].startswith("packing fer2013.csv (fer2013) into ")
    material(tmp_path / "fer2013.csv", Reading(), said.append)
    assert len(said) == 1  # it was found in the cache
    anew, how = found.split(0, "own")
    assert len(anew.train) > 8
    assert how == "by expression, image by image"


def test_nobody_is_in_two_parts_where_the_data_says_who_is_who(tmp_path: Path) -> None:
    people = [number // 6 for number in range(60)]
    found = material(blob(tmp_path / "f.h5", [0, 1, 2] * 20, people=people), SIX, silent)
    split, how = found.split(3)
    assert how == "nobody in two parts (by identity)"
    units = np.array(people)
    apart = [set(units[part].tolist()) for part in (split.train, split.validation, split.test)]
    assert [len(each) for each in apart] == [7, 2, 1]
    assert len(set.union(*apart)) == 10
    again, _ = found.split(3)
    assert again.train.tolist() == split.train.tolist()
    assert found.split(4)[0].train.tolist() != split.train.tolist()


@given(st.lists(st.integers(0, 3), min_size=6, max_size=60), st.booleans(), st.integers(0, 5))
def test_parts_hold_each_face_once(truth: list[int], by_unit: bool, seed: int) -> None:
    units = np.arange(len(truth)) // 2 if by_unit else None
    split = parting.apart(np.array(truth), units, seed)
    together = np.concatenate([split.train, split.validation, split.test])
    assert sorted(together.tolist()) == list(range(len(truth)))
    assert len(split.train) >= 1
    if units is not None:
        assert all(len(part) for part in (split.train, split.validation, split.test))
        assert not set(units[split.train].tolist()) & set(units[split.test].tolist())
    else:
        assert not [number for part, number in parting.lacking(split, np.array(truth)) if part == "train"]
        frequent = {number for number in truth if truth.count(number) >= 3}
        assert not {number for _, number in parting.lacking(split, np.array(truth))} & frequent


def test_parts_that_a_data_set_lacks_are_taken_from_the_one_to_train_on() -> None:
    truth = np.array([0, 1] * 50)
    stored = {"train": np.arange(80), "test": np.arange(80, 100)}
    split = parting.completed(stored, truth, None, 0)
    assert split.test.tolist() == list(range(80, 100))
    assert len(split.validation) == 12
    assert sorted([*split.train, *split.validation]) == list(range(80))
    with pytest.raises(FacesError, match="none of its records is in the part to train on"):
        parting.completed({"test": np.arange(5)}, truth, None, 0)


def test_the_command_refuses_what_is_not_there_before_a_run_begins(tmp_path: Path, runs: Path) -> None:
    from click.testing import CliRunner

    from trainvis.tui.commands.faces_expression import expression_command

    def said(*arguments: str) -> str:
        found = CliRunner().invoke(expression_command, list(arguments))
        assert found.exit_code == 2
        return found.output

    path = blob(tmp_path / "faces.h5", [0, 1] * 3)
    assert "there is no file or folder" in said(str(tmp_path / "fases.h5"))
    assert "did you mean 'faces.h5'?" in said(str(tmp_path / "fases.h5"))
    assert "there is no file or folder" in said(str(path), f"--evaluate={tmp_path / 'other.h5'}")
    assert "the name of a network ends in .keras" in said(str(path), "--out=net.h5")
    assert "vgg" in said(str(path), "--net=vgg")
    assert not list(runs.iterdir())


def test_a_folder_of_folders_has_its_expressions_as_labels(tmp_path: Path) -> None:
    fields = Field("image", "image", "uint8", (8, 8, 1)), Field("label", "class", "int64", (), ("angry", "happy"))
    rows = [(f"k{number}", {"image": np.zeros((8, 8, 1), np.uint8), "label": number % 2}) for number in range(6)]
    found = material(write_own(tmp_path / "f.h5", Schema(fields), rows), SIX, silent)
    assert found.classes == ("anger", "happiness")
    assert found.split(0)[1] == "by expression, image by image"
