"""What a study would do is said without doing it, and what is wrong with its data before anything is trained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_faces import SIDE, small_faces

from trainvis.face_exp import study
from trainvis.face_exp.preparing import given_of, opened
from trainvis.face_exp.settings import Settings


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_faces(tmp_path_factory.mktemp("faces") / "faces.h5", people=4, each=15)


def looked(*arguments: str) -> int:
    return study.main([*arguments, f"--extractor=pixels:{SIDE}", "--dry-run"])


def test_a_look_ahead_says_heads_times_and_what_the_data_holds(data: Path, capsys: pytest.CaptureFixture[str]):
    assert looked(str(data), "--nets=A,E", "--seeds=3", "--expressions=7,2") == 0
    said = capsys.readouterr().out
    assert "9 heads, about" in said
    assert "60 faces of 4 people" in said
    assert "faces of a person: 15 to 15" in said
    assert f"pixels:{SIDE}: {SIDE * SIDE:,} numbers of each face" in said
    assert said.rstrip().endswith("nothing was trained")


def test_what_is_left_out_of_the_data_is_said_once(data: Path, capsys: pytest.CaptureFixture[str]):
    assert looked(str(data), "--nets=A", "--seeds=1", "--limit=40") == 0
    found = opened(Settings(data=str(data), nets="A", seeds=1, limit=40), say=lambda _: None).faces.notes
    said = capsys.readouterr().out
    assert found
    assert all(said.count(note) == 1 for note in found)


def test_networks_stand_in_columns_however_long_their_names(data: Path, capsys: pytest.CaptureFixture[str]):
    assert looked(str(data), "--nets=A", "--sweep=depth=1 width=8", "--seeds=2") == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if " each  " in line]
    assert len(lines) > 3
    assert len({line.index(" heads ") for line in lines}) == 1


def test_the_same_for_programs(data: Path, capsys: pytest.CaptureFixture[str]):
    assert looked(str(data), "--nets=A,D", "--seeds=2", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert sorted(head["id"] for head in found["heads"]) == ["A-s0", "A-s1", "D-7-label-s0", "D-7-label-s1"]
    assert found["width"] == SIDE * SIDE
    assert found["data"]["faces"] == 60


def test_the_demo_is_known_before_its_faces_are_drawn(capsys: pytest.CaptureFixture[str]):
    assert study.main(["--demo", "--dry-run"]) == 0
    assert "45 heads" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "file", "seeds", "expressions"),
    [
        (("--demo",), 'nets = "A"', 3, "7,3"),
        (("--demo",), 'seeds = 5\nexpressions = "2"', 5, "2"),
        (("--demo", "--seeds=4"), "seeds = 5", 4, "7,3"),
        ((), "demo = true", 3, "7,3"),
    ],
)
def test_the_demo_is_what_the_command_line_then_the_file_and_then_its_own_defaults_say(
    arguments: tuple[str, ...],
    file: str,
    seeds: int,
    expressions: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    path = tmp_path / "nets.toml"
    path.write_text(f"[study]\n{file}\n")
    assert study.main([*arguments, f"--config={path}", "--dry-run", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["settings"]
    assert (found["seeds"], found["expressions"]) == (seeds, expressions)


def test_a_look_ahead_at_tuning_says_no_time_that_nobody_knows(capsys: pytest.CaptureFixture[str]):
    tuned = ("--demo", "--dry-run", "--tune=whole")
    assert study.main(tuned) == 0
    printed = capsys.readouterr().out
    assert "45 heads, with --tune only the first that is finished tells how long they take" in printed
    assert " each  " not in printed
    assert study.main([*tuned, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {found["seconds"], *(head["seconds"] for head in found["heads"])} == {None}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--nets=A-Z",), "there is no network Z"),
        (("--expressions=8",), "no set of expressions is called '8'"),
        (("--expressions=fine",), "does not say how strong"),
        (("--identity-field=whom",), "whom"),
        (("--least=100",), "100"),
        (("--workers=100",), "--workers 100"),
        (("--tune=all",), "--tune is from:LAYER"),
        (("--tune=whole",), f"pixels:{SIDE} is none"),
        (("--sweep=inject=never",), "never"),
    ],
)
def test_what_cannot_be_studied_is_refused_in_a_sentence(
    data: Path, arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
):
    assert looked(str(data), *arguments) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_network_is_told_the_label_the_labels_of_others_or_nothing(data: Path):
    found = opened(Settings(data=str(data), nets="A,D", seeds=1), say=lambda _: None)
    expressions, parts = found.sets["7"], found.split(0)
    told = given_of(expressions, "label", parts, 0)
    others = given_of(expressions, "shuffled", parts, 0)
    assert told is not None
    assert others is not None
    assert (told.argmax(axis=1) == expressions.of).all()
    assert (others.argmax(axis=1) != expressions.of).any()
    assert (told.sum(axis=0) == others.sum(axis=0)).all()
    assert given_of(expressions, "", parts, 0) is None
