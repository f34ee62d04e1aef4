"""A path as a person writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainvis.engine.errors import PlaceError
from trainvis.engine.places import expanded, runs_folder
from trainvis.engine.request import Request, spec_of

NOBODY = "~no-such-user"


def test_the_home_folder_is_put_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert expanded("~/faces.h5") == tmp_path / "faces.h5"
    assert expanded(Path("a/~b")) == Path("a/~b")


def test_the_home_folder_of_nobody_is_refused_in_a_sentence(script):
    there = script("print(1)")
    for asked in (
        lambda: expanded(f"{NOBODY}/faces.h5"),
        lambda: runs_folder(f"{NOBODY}/runs"),
        lambda: spec_of(Request(f"{NOBODY}/train.py")),
        lambda: spec_of(Request(there, cwd=NOBODY)),
        lambda: spec_of(Request(there, images=(f"{NOBODY}/a.png",))),
    ):
        with pytest.raises(PlaceError, match=f"there is no home folder {NOBODY}; give the path in full"):
            asked()
