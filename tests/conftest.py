"""Fixtures of the whole suite: nothing a test does touches the home folder of who runs it."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A loaded machine is slow, and no test asserts a time.
_calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples every time: a change is judged by what it changed. Few of them while somebody works, many in
# `make test`; new ones are looked for with `pytest --hypothesis-profile=thorough`.
settings.register_profile("calm", _calm, max_examples=10, derandomize=True)
settings.register_profile("many", _calm, max_examples=100, derandomize=True)
settings.register_profile("thorough", _calm, max_examples=1000)
settings.load_profile("calm")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that take minutes come first: at the end one of them would keep one processor, and the others wait."""
    items.sort(key=lambda item: item.path.name != "test_on_backends.py")


@pytest.fixture(scope="session")
def _places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new folder a test, none of which exists before something is kept there."""
    base = tmp_path_factory.mktemp("places")
    return (base / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _private_places(_places: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    base = next(_places)
    for name in ("CONFIG", "CACHE", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(base / name.lower()))
    # pytest-xdist tells its workers a size, which every terminal of a test would then believe to have.
    for name in ("TRAINVIS_RUNS", "TRAINVIS_RUN", "TRAINVIS_RESUME", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)


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
