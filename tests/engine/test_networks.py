from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from trainvis.engine import networks
from trainvis.engine.launch import last_network
from trainvis.engine.rundir import RunDir


@pytest.fixture
def run(runs: Path) -> RunDir:
    return RunDir.create(runs, "train")


def save(run: RunDir, name: str, step: int | None, moment: float) -> None:
    path = run.networks / name
    path.write_bytes(b"")
    if step is not None:
        path.with_suffix(".json").write_text(json.dumps({"step": step}))
    os.utime(path, (moment, moment))


def test_networks_are_in_the_order_of_training_whatever_the_clock_said(run: RunDir) -> None:
    save(run, "start.keras", 0, 900)
    save(run, "epoch-0009.keras", 90, 1000)
    save(run, "epoch-0010.keras", 100, 400)
    save(run, "best.keras", 100, 400)
    save(run, "fit-2-epoch-0001.keras", 110, 300)
    save(run, ".half.keras", 120, 2000)
    names = [path.name for path in networks.saved(run)]
    assert names == ["start.keras", "epoch-0009.keras", "best.keras", "epoch-0010.keras", "fit-2-epoch-0001.keras"]
    assert last_network(run) == run.networks / "fit-2-epoch-0001.keras"


def test_a_network_of_the_scripts_own_is_its_last_word(run: RunDir) -> None:
    save(run, "mine.keras", None, 100)
    save(run, "epoch-0001.keras", 10, 200)
    assert last_network(run) == run.networks / "mine.keras"


def test_damaged_facts_beside_a_network_stop_nobody(run: RunDir) -> None:
    for name, text in (("a", "{"), ("b", '{"step": true}'), ("c", '{"step": "x"}'), ("d", '{"step": 1e999}')):
        save(run, f"{name}.keras", None, 1)
        (run.networks / f"{name}.json").write_text(text)
    assert len(networks.saved(run)) == 4


@pytest.mark.parametrize(("fit", "epoch", "name"), [(1, 3, "epoch-0003.keras"), (2, 12345, "fit-2-epoch-12345.keras")])
def test_a_file_tells_its_epoch(fit: int, epoch: int, name: str) -> None:
    assert networks.name_of(fit, epoch) == name
    assert networks.epoch_of(Path(name)) == epoch
    assert networks.epoch_of(Path("best.keras")) is None
