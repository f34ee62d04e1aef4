"""A path below the home folder of nobody is refused in one sentence, wherever it is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Trainvis = Callable[..., Result]

NOBODY = "~no-such-user"


@pytest.mark.parametrize(
    "arguments",
    [
        ("faces", "embed", f"{NOBODY}/faces.h5"),
        ("faces", "embed", "FILE", "--out", f"{NOBODY}/net.keras"),
        ("faces", "expression", "FILE", "--out", f"{NOBODY}/net.keras"),
        ("faces", "expression", "FILE", "--evaluate", f"{NOBODY}/faces.h5"),
        ("faces", "features", "FILE", "--extractor", "pixels", "--out", f"{NOBODY}/features.h5"),
        ("faces", "report", f"{NOBODY}/study"),
        ("look", f"{NOBODY}/net.keras"),
        ("look", "FILE", "--image", f"{NOBODY}/face.png"),
        ("look", "FILE", "--image", "FILE", "--python", f"{NOBODY}/environment"),
        ("blob", "label", "FILE", "--field", "identity", "--model", f"{NOBODY}/net.keras"),
        ("run", f"{NOBODY}/train.py"),
        ("run", "SCRIPT", "--cwd", NOBODY),
        ("run", "SCRIPT", "--image", f"{NOBODY}/face.png"),
        ("ls", "--runs", f"{NOBODY}/runs"),
    ],
    ids=" ".join,
)
def test_a_path_below_the_home_folder_of_nobody_is_refused(
    trainvis: Trainvis, tmp_path: Path, arguments: tuple[str, ...]
):
    there = {"FILE": tmp_path / "faces.h5", "SCRIPT": tmp_path / "train.py"}
    for path in there.values():
        path.touch()
    done = trainvis(*(there.get(each, each) for each in arguments))
    assert done.exit_code in (1, 2), done.output
    assert f"there is no home folder {NOBODY}; give the path in full" in done.stderr


def test_pictures_are_not_written_below_the_home_folder_of_nobody(trainvis: Trainvis, made: Callable[..., object]):
    made()
    done = trainvis("export", "last", "--pictures", f"{NOBODY}/pictures")
    assert done.exit_code == 1
    assert f"there is no home folder {NOBODY}" in done.stderr
