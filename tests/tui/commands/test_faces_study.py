"""`trainvis faces study`: what is refused before anything starts, and which study is gone on with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result

from trainvis.engine.rundir import RunDir, Spec, State
from trainvis.face_exp import demo, settings, study
from trainvis.face_exp.settings import Settings
from trainvis.tui.commands import faces_study
from trainvis.tui.commands.faces_study import MODULE, study_command

Trainvis = Callable[..., Result]


def kept(runs: Path, number: int, module: str = MODULE, why: str = "stopped") -> RunDir:
    """A study, or another run, that has ended."""
    run = RunDir.create(runs, module.rpartition(".")[2], 1_800_000_000.0 + number)
    run.write_spec(Spec(module=module, created=1_800_000_000.0 + number))
    run.write_state(State(status="finished", why=why, exit_code=0, ended=1.0))
    return run


def test_what_is_missing_is_said_before_a_process_starts(trainvis: Trainvis, runs: Path, tmp_path: Path):
    data = tmp_path / "faces.h5"
    data.touch()
    for arguments, said in (
        ((), "which faces?"),
        ((data, "--demo"), "draws its own faces"),
        ((tmp_path / "face.h5",), "did you mean 'faces.h5'?"),
        ((data, "--config", tmp_path / "none.toml"), "--config"),
        (
            (data, "--config", "~no-such-user/nets.toml"),
            "~no-such-user/nets.toml: there is no home folder ~no-such-user",
        ),
        ((data, "--extractor", "vggface:~no-such-user/vgg.h5"), "there is no home folder ~no-such-user"),
        ((data, "--extractor", "~no-such-user/net.keras"), "there is no home folder ~no-such-user"),
        (("~no-such-user/faces.h5",), "there is no home folder ~no-such-user"),
        ((data, "-x"), "No such option"),
        ((data, "--extractor", f"vggface:{tmp_path / 'none.h5'}"), "there is no file or folder"),
        ((data, "--split", "person"), "'image', 'group', 'stratified'"),
        ((data, "--seeds", "0"), "1<=x<=1000"),
    ):
        done = trainvis("faces", "study", *arguments)
        assert done.exit_code == 2, done.output
        assert said in done.stderr
    assert not list(runs.iterdir())


def test_a_study_that_is_gone_on_with_takes_no_other_settings(trainvis: Trainvis, runs: Path):
    run = kept(runs, 1)
    for arguments, said in (
        (("--resume", run.id, "--seeds", "3"), "--seeds"),
        (("faces.h5", "--resume"), "DATA"),
        (("--resume", "last", "--nets", "A", "--source", "label"), "--nets, --source"),
    ):
        done = trainvis("faces", "study", *arguments)
        assert done.exit_code == 2
        assert f"leave {said} away" in done.stderr


@pytest.mark.parametrize(
    ("data", "given", "name"),
    [
        ("faces.h5", {}, f"study faces {Settings().nets} ×{Settings().seeds}"),
        ("", {"demo": True}, f"study demo A-I ×{demo.SETTINGS.seeds}"),
        ("", {"demo": True, "expressions": demo.SETTINGS.expressions}, "study demo A-I ×3"),
        ("", {"demo": True, "expressions": "7"}, "study demo A-I ×3 7"),
        ("faces.h5", {"nets": "B,E", "seeds": 2}, "study faces B,E ×2"),
        ("IMFDB_final", {"expressions": "7,3", "split": "group"}, "study IMFDB_final A-I ×10 7,3 group"),
        ("f.h5", {"expressions": "7", "split": "image", "sources": "label"}, "study f A-I ×10"),
        ("f.h5", {"sweep": "depth=1"}, "study f sweep ×10"),
        ("f.h5", {"sweep": "", "nets": "A"}, "study f A sweep ×10"),
        ("f.h5", {"expression_from": "fer.keras"}, "study f A-I ×10 predicted"),
        ("f.h5", {"extractor": "keras:VGG16:/w/vgg16.h5", "tune": "whole"}, "study f A-I ×10 VGG16 whole"),
        ("f.h5", {"extractor": "vggface:/w/vgg.h5"}, "study f A-I ×10 vggface"),
        ("f.h5", {"extractor": "/nets/people.keras"}, "study f A-I ×10 people"),
        ("f.h5", {"extractor": "pca:64"}, "study f A-I ×10 pca:64"),
        ("\x1b[2Jf.h5", {"nets": "A" * 500}, ""),
    ],
)
def test_studies_of_the_same_faces_are_told_apart_by_their_names(data: str, given: dict[str, object], name: str):
    found = faces_study.called(Path(data) if data else None, {"nets": None, "config": None, **given})
    assert found == name or (not name and len(found) <= 80 and found.isprintable())


def test_a_study_is_called_by_what_its_configuration_file_says(tmp_path: Path):
    path = tmp_path / "nets.toml"
    path.write_text('[study]\nnets = "A,B"\nseeds = 4\n')
    assert faces_study.called(Path("f.h5"), {"config": path, "seeds": None}) == "study f A,B ×4"
    assert faces_study.called(Path("f.h5"), {"config": path, "seeds": 5}) == "study f A,B ×5"
    assert faces_study.called(None, {"config": path, "demo": True, "seeds": None}) == "study demo A,B ×4"
    for listed, told in (
        ('["label"]', ""),
        ('["label", "shuffled"]', " label,shuffled"),
        ('"label, shuffled"', " label,shuffled"),
    ):
        path.write_text(f"[study]\nsources = {listed}\n")
        assert faces_study.called(Path("f.h5"), {"config": path}) == f"study f A-I ×10{told}"
    path.write_text("study = 3")
    assert faces_study.called(Path("f.h5"), {"config": path}) == "study f A-I ×10"
    path.write_bytes(b"\xff[")
    assert faces_study.called(Path("f.h5"), {"config": path}) == "study f A-I ×10"


def test_the_newest_study_is_one_that_began(runs: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRAINVIS_RUNS", str(runs))
    begun, refused = kept(runs, 1), kept(runs, 2, why="failed")
    settings.write(begun.results, Settings(demo=True), {})
    assert not (refused.results / "study.json").exists()
    with click.Context(click.Command("study")):
        assert faces_study._last().id == begun.id


def test_what_is_no_study_is_not_gone_on_with(trainvis: Trainvis, runs: Path):
    assert "there is no study in" in trainvis("faces", "study", "--resume").stderr
    other = kept(runs, 1, module="trainvis.face_exp.head")
    assert f"{other.id} is no study" in trainvis("faces", "study", "--resume", other.id).stderr
    assert "no run" in trainvis("faces", "study", "--resume", "nobody").stderr


def test_every_option_of_the_command_is_one_of_the_program(tmp_path: Path):
    """What the command hands on, the program has to take."""
    program = {option for action in study.parser()._actions for option in action.option_strings}
    own = {"resume", "detach", "python", "tags", "as_json", "runs", "data", "dry_run"}
    for parameter in study_command.params:
        if parameter.name not in own:
            name = str(parameter.name).replace("_", "-")
            assert {f"--{name}", f"--{name}-field", f"--{name.removesuffix('s')}"} & program, name
