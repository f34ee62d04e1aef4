"""The table of layouts: what it says of each, and the page that is made of it."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from trainvis.datasets.errors import SourceError
from trainvis.datasets.layouts.table import LAYOUTS, recognise
from trainvis.engine.text import printable

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_options_of_the_table_are_those_of_the_module(name: str):
    module = importlib.import_module(f"trainvis.datasets.layouts.{name}")
    asked = list(inspect.signature(module.look).parameters)
    assert asked == ["path", *(option.name for option in LAYOUTS[name].options)]


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Files whose names promise what their contents do not keep."""
    contents = (b"", b"\0" * 600, b"a,b\n1,2\n", b"\xff\xfe\x00", b"PK\3\4", b"\x80\2}q\0.")
    endings = ("x.csv", "x.npz", "imdb.mat", "x.h5", "train-images-idx3-ubyte", "data_batch_1", "x")
    found = []
    for content, ending in product(contents, endings):
        found.append(tmp_path_factory.mktemp("other") / ending)
        found[-1].write_bytes(content)
    return found


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_refuses_a_file_of_something_else_in_words(name: str, others: list[Path]):
    for path in others:
        try:
            found = recognise(path, name)
            assert not list(found.samples)
        except SourceError as error:
            said = str(error)
            assert said == printable(said)


def test_naming_the_layouts_loads_none_of_them():
    code = "import sys; import trainvis.datasets.layouts.table; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"numpy", "h5py", "lmdb", "PIL", "sqlite3"}
    assert not {f"trainvis.datasets.layouts.{name}" for name in LAYOUTS} & loaded


def test_the_page_of_layouts_is_the_table():
    path = ROOT / "docs" / "make_layouts.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.page()
    assert (ROOT / "docs" / "data-layouts.md").read_text(encoding="utf-8") == made, "run: python docs/make_layouts.py"
    assert all(f"`{name}`" in made for name in LAYOUTS)
