"""Fixtures of the whole suite: nothing a test does touches the home folder of who runs it."""

from __future__ import annotations

import gc
import itertools
import os
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A loaded machine is slow, and no test asserts a time.
_calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples every time: a change is judged by what it changed. Few of them while somebody works, many in
# `make test`; new ones are looked for with `pytest --hypothesis-profile=thorough`.
settings.register_profile("calm", _calm, max_examples=5, derandomize=True)
settings.register_profile("many", _calm, max_examples=100, derandomize=True)
settings.register_profile("thorough", _calm, max_examples=1000)
settings.load_profile("calm")

_PLACES = {f"XDG_{name}_HOME": name.lower() for name in ("CONFIG", "CACHE", "DATA", "STATE")}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that take minutes come first: at the end one of them would keep one processor, and the others wait."""
    items.sort(key=lambda item: item.path.name != "test_on_backends.py")


def pytest_configure() -> None:
    """What holds for all tests; a fixture that is the same for each of thousands costs as much as some of them do."""
    # Nobody pulls the plug: in this process a flush to the disk is a word only, and waiting for it takes seconds.
    os.fsync = lambda fd: None
    gc.disable()  # all that is collected stays


def pytest_collection_finish() -> None:
    """What was collected lives until the end: nobody need look through it again for what may go."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    gc.enable()


@pytest.fixture(scope="session")
def _folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A new folder a test, none of which exists before something is kept there."""
    base = tmp_path_factory.mktemp("of")
    return (f"{base}/{number}" for number in itertools.count())


@pytest.fixture(autouse=True)
def _private_places(_folders: Iterator[str]) -> None:
    base = next(_folders)
    for name, folder in _PLACES.items():
        os.environ[name] = f"{base}/{folder}"
    # A run that began in this process stays its run for those it starts; pytest-xdist tells its workers a size, which
    # every terminal of a test would then believe to have.
    for name in ("TRAINVIS_RUNS", "TRAINVIS_RUN", "TRAINVIS_RESUME", "COLUMNS", "LINES"):
        os.environ.pop(name, None)


@pytest.fixture
def tmp_path(_folders: Iterator[str]) -> Path:
    """As pytest's own, without a link to the newest of each name and a look for the next number that is free."""
    path = Path(next(_folders))
    path.mkdir(0o700)
    return path


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty runs folder that every part of the tool finds by itself."""
    root = tmp_path / "runs"
    root.mkdir()
    monkeypatch.setenv("TRAINVIS_RUNS", str(root))
    return root


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., Path]:
    """Writes a training script into a folder of its own: `script('print(1)')`."""

    def write(text: str, name: str = "train.py") -> Path:
        path = tmp_path / "scripts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    return write
