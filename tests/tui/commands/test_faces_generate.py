"""`trainvis faces generate`: a data set of drawn faces by one command."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Program = Callable[..., subprocess.CompletedProcess[bytes]]


def test_its_help_shows_what_can_be_chosen(trainvis: Callable[..., Result]) -> None:
    said = trainvis("faces", "generate", "--help").stdout
    for option in ("--people", "--faces", "--correlation", "--difficulty", "--strength", "--sessions", "--seed"):
        assert option in said


@pytest.mark.slow
def test_faces_are_drawn_and_what_cannot_be_is_said(program: Program, tmp_path: Path) -> None:
    done = program(
        "faces", "generate", "--people", 2, "--faces", 6, "--size", 16, "--json", "--", "-faces.h5", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["faces"] == 6
    assert (tmp_path / "-faces.h5").stat().st_size == told["size"]
    done = program("faces", "generate", "more.h5", "--people", 0, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"trainvis: the number of people is 1 to 2,400, not 0\n"
