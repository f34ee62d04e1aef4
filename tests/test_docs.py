"""Pages that lag behind the code fail here."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def _module(path: Path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_keys_is_the_key_table():
    made = _module(ROOT / "docs" / "make_keys.py").page()
    assert (ROOT / "docs" / "keys.md").read_text(encoding="utf-8") == made, "run: python docs/make_keys.py"


def test_every_place_of_the_key_table_is_on_the_page():
    from trainvis.tui.keys import TABLE

    assert set(_module(ROOT / "docs" / "make_keys.py").PLACES) == set(TABLE)


def test_no_key_means_two_things_in_one_place():
    from trainvis.tui.keys import TABLE

    for place, keys in TABLE.items():
        taken = [key for entry in keys for key in entry.keys.split(",")]
        assert len(taken) == len(set(taken)), f"two actions share a key in {place}"


def test_every_key_id_is_given_once():
    from trainvis.tui.keys import TABLE

    ids = [entry.id for keys in TABLE.values() for entry in keys]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_two_commands_of_the_readme_are_made(target: str):
    assert f"make {target}" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_file_the_run_directory_page_names_is_spelled_by_rundir():
    from trainvis.engine.rundir import RunDir

    page = (ROOT / "docs" / "run-directory.md").read_text(encoding="utf-8")
    run = RunDir("/runs/x")
    for name in dir(RunDir):
        value = getattr(RunDir, name)
        if isinstance(value, property) and name != "id":
            path = getattr(run, name)
            if isinstance(path, Path):
                assert path.name in page, f"{path.name} (RunDir.{name}) is not described"


def test_every_page_the_manual_lists_exists():
    listed = re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed
    missing = [name for name in listed if not (ROOT / "docs" / name).is_file()]
    assert not missing
