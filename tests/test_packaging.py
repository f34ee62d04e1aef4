"""What is installed: the packages, the files beside them, the commands."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text())
LISTED = set(PROJECT["tool"]["setuptools"]["packages"])


def test_every_package_is_listed() -> None:
    rooms = ("datasets", "engine", "examples", "face_exp", "tui", "vis")
    found = {
        ".".join(("trainvis", *init.parent.relative_to(HERE).parts))
        for room in rooms
        for init in (HERE / room).rglob("__init__.py")
    }
    assert found | {"trainvis"} == LISTED


def test_every_stylesheet_would_be_installed() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["trainvis.tui"]
    sheets = {path.relative_to(HERE / "tui") for path in (HERE / "tui").rglob("*.tcss")}
    assert sheets
    assert {sheet for sheet in sheets if not any(sheet.match(pattern) for pattern in patterns)} == set()


def test_both_commands_are_one_function() -> None:
    scripts = {
        point.name: point.value
        for point in importlib.metadata.entry_points(group="console_scripts")
        if point.name.startswith("trainvis")
    }
    assert scripts == dict.fromkeys(("trainvis", "trainvis-tui"), "trainvis.tui.entry:main")


def test_the_base_installation_has_no_framework() -> None:
    names = {requirement.partition(">")[0] for requirement in PROJECT["project"]["dependencies"]}
    assert not names & {"tensorflow", "keras", "jax", "torch", "scikit-learn"}


@pytest.mark.slow
def test_the_wheel_holds_the_rooms_and_nothing_else(tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", "--depth", "1", HERE.as_uri(), str(tmp_path / "clone")], check=True)
    command = [sys.executable, "-c", BUILD, str(tmp_path)]
    subprocess.run(command, cwd=tmp_path / "clone", check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"trainvis", f"trainvis-{PROJECT['project']['version']}.dist-info"}
    assert "trainvis/tui/app.tcss" in names
    assert "trainvis/tui/screens/runs.tcss" in names
    folders = {"/".join(name.split("/")[:2]) for name in names if name.startswith("trainvis/") and name.count("/") > 1}
    assert folders == {f"trainvis/{room}" for room in ("datasets", "engine", "examples", "face_exp", "tui", "vis")}


# The build backend itself, without the network that an isolated build would ask for.
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
