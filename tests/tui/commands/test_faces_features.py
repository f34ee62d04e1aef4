"""`trainvis faces features`: what is refused before anything starts, and how an extractor is handed on."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from own_files import write_own

from trainvis.datasets.schema import Field, Schema
from trainvis.face_exp import features
from trainvis.tui import look_request
from trainvis.tui.commands.faces_features import extractor_of, features_command

Trainvis = Callable[..., Result]


def test_what_is_missing_is_said_before_a_process_starts(trainvis: Trainvis, runs: Path, tmp_path: Path) -> None:
    data = tmp_path / "faces.h5"
    data.touch()
    (tmp_path / "net.keras").touch()
    for arguments, said in (
        ((data,), "Missing option '--extractor'"),
        ((tmp_path / "face.h5", "-x", "pixels"), "did you mean 'faces.h5'?"),
        ((data, "-x", tmp_path / "nett.keras"), "did you mean 'net.keras'?"),
        ((data, "-x", f"vggface:{tmp_path / 'none.h5'}"), "there is no file or folder"),
        ((data, "-x", "vggface"), "there is no file or folder"),
        ((data, "-x", "pixels", "--out", tmp_path / "out.npy"), "the name of a file of features ends in .h5"),
        ((data, "-x", "pixels", "--code", tmp_path / "mine.py"), "there is no file or folder"),
    ):
        done = trainvis("faces", "features", *arguments)
        assert done.exit_code == 2
        assert said in done.stderr
    assert not list(runs.iterdir())


def test_an_extractor_is_handed_on_with_whole_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("net.keras", "weights.h5"):
        Path(name).touch()
    assert extractor_of("pca:32") == "pca:32"
    assert extractor_of("net.keras") == str(tmp_path / "net.keras")
    assert extractor_of("vggface:weights.h5") == f"vggface:{tmp_path / 'weights.h5'}"
    assert extractor_of("keras:VGG16:weights.h5") == f"keras:VGG16:{tmp_path / 'weights.h5'}"
    assert extractor_of("keras:VGG16") == "keras:VGG16"
    with pytest.raises(look_request.LookError):
        extractor_of("keras:VGG16:none.h5")


def test_the_program_takes_every_option_of_the_command() -> None:
    program = set(re.findall(r"--[a-z]+", features.parser().format_help()))
    mine = {option for each in features_command.params for option in each.opts if option.startswith("--")}
    of_runs = {"--python", "--tag", "--detach", "--json", "--runs"}
    assert mine - of_runs == program - {"--help"}


@pytest.mark.slow
@pytest.mark.kills
def test_faces_become_features_in_a_run(trainvis: Trainvis, runs: Path, tmp_path: Path) -> None:
    import numpy as np

    fields = (Field("image", "image", "uint8", (4, 4, 1)), Field("identity", "class", "int64", classes=("ann", "bob")))
    rows = [(f"k{n}", {"image": np.full((4, 4, 1), n, np.uint8), "identity": n % 2}) for n in range(12)]
    data = write_own(tmp_path / "faces.h5", Schema(fields), rows)
    done = trainvis("faces", "features", data, "-x", "pixels:4", "--all", "--out", tmp_path / "out.h5", "--tag", "mine")
    assert done.exit_code == 0, done.output
    assert "12 faces × 16 numbers" in done.stdout
    assert (tmp_path / "out.h5").is_file()
    done = trainvis("faces", "features", data, "-x", "pixels:4")
    assert done.exit_code != 0
    assert "expression" in done.stdout
