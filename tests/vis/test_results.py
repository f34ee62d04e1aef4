from __future__ import annotations

import itertools
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import figure_files
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.engine.files import append_line
from trainvis.engine.rundir import RunDir
from trainvis.vis.artifacts import read
from trainvis.vis.figures import FigureError
from trainvis.vis.results import Entry, Results, _dispensable, folder_name


@pytest.fixture
def run(runs: Path) -> RunDir:
    return RunDir.create(runs, "digits")


def save(results: Results, name: str, *steps: int, why: Any = "interval") -> list[Path]:
    return [results.save(name, figure_files.figure("vectors", step), why) for step in steps]


def told(run: RunDir, *steps: int, size: int = 1000, why: str = "interval") -> None:
    """Figure files of so many bytes, with their lines: what thinning looks at."""
    folder = run.figures("maps")
    folder.mkdir(exist_ok=True)
    for step in steps:
        run.figure_file("maps", step).write_bytes(bytes(size))
        append_line(run.figures_file, Entry("maps", step, size=size, why=why).to_line())


def steps(run: RunDir, name: str = "maps") -> list[int]:
    return [entry.step for entry in Results(run).steps(name)]


def test_a_saved_figure_is_found_with_what_its_line_says(run: RunDir):
    results = Results(run)
    [path] = save(results, "saliency_maps", 930)
    assert path == run.results / "saliency_maps" / "00000930.h5"
    assert read(path).technique == "vectors_technique"
    [entry] = results.steps("saliency_maps")
    assert entry == Entry(
        name="saliency_maps",
        step=930,
        technique="vectors_technique",
        epoch=1.5,
        fit=1,
        time=1.7e9,
        size=path.stat().st_size,
        seconds=0.02,
        compile_seconds=1.1,
        why="interval",
    )


def test_steps_come_in_their_order_and_a_step_made_anew_is_one(run: RunDir):
    results = Results(run)
    save(results, "a", 93, 0, 100_000_000)
    save(results, "a", 93, why="wish")
    assert [(entry.step, entry.why) for entry in results.steps("a")] == [
        (0, "interval"),
        (93, "wish"),
        (100_000_000, "interval"),
    ]


def test_names_come_as_they_were_made_first(run: RunDir):
    results = Results(run)
    for name in ("saliency_maps", "layer_activations", "saliency_maps"):
        save(results, name, 0)
    run.figures("empty").mkdir()
    assert results.names() == ("saliency_maps", "layer_activations")


def test_another_process_sees_what_is_new(run: RunDir):
    writer, reader = Results(run), Results(run)
    assert reader.names() == ()
    save(writer, "a", 0)
    assert [entry.epoch for entry in reader.steps("a")] == [1.5]
    save(writer, "a", 93)
    assert [entry.epoch for entry in reader.steps("a")] == [1.5, 1.5]


@pytest.mark.parametrize(
    "damage", [b"", b"\xff\x00{", b'{"name": "a", "step"', b'{"name": 3, "step": 0}\n[]\n{"step": 1}\n']
)
def test_files_whose_lines_are_lost_are_found_all_the_same(run: RunDir, damage: bytes):
    [path, _] = save(Results(run), "saliency_maps-2", 0, 93)
    run.figures_file.write_bytes(damage)
    first, second = Results(run).steps("saliency_maps-2")
    assert (first.step, second.step) == (0, 93)
    assert first.technique == "saliency_maps"
    assert first.size == path.stat().st_size
    assert first.time == path.stat().st_mtime


def test_a_line_whose_file_is_gone_counts_for_nothing(run: RunDir):
    first, _ = save(Results(run), "a", 0, 93)
    first.unlink()
    assert [entry.step for entry in Results(run).steps("a")] == [93]


def test_files_that_are_no_figures_are_passed_over(run: RunDir):
    save(Results(run), "a", 0)
    for name in (".00000093.h5.12.abc.tmp", "93.txt", "x.h5", f"{9:030d}.h5"):
        (run.figures("a") / name).touch()
    assert [entry.step for entry in Results(run).steps("a")] == [0]


@pytest.mark.parametrize("name", ["..", "../digits", "/etc", "", "none"])
def test_a_name_leads_to_no_other_folder(run: RunDir, name: str):
    save(Results(run), "a", 0)
    append_line(run.figures_file, json.dumps({"name": name, "step": 0}))
    assert Results(run).steps(name) == ()
    assert Results(run).names() == ("a",)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("saliency_maps", "saliency_maps"),
        ("smoothgrad(saliency_maps)", "smoothgrad-saliency_maps"),
        ("../../etc/passwd", "etc-passwd"),
        ("Zwölf Ziffern \x1b[2J", "Zw-lf-Ziffern-2J"),
        ("...", "figure"),
        ("x" * 300, "x" * 80),
    ],
)
def test_a_folder_name_is_safe(wanted: str, name: str):
    assert folder_name(wanted) == name


def test_a_second_one_of_a_name_gets_a_number(run: RunDir):
    results = Results(run)
    assert results.free_name("smoothgrad(saliency_maps)") == "smoothgrad-saliency_maps"
    assert results.free_name("a", taken=["a", "a-2"]) == "a-3"
    save(results, "a", 0)
    assert results.free_name("a") == "a-2"
    run.figures_file.touch()
    assert results.free_name("figures.jsonl") == "figures.jsonl-2"


def test_a_folder_that_cannot_be_made_is_a_sentence(run: RunDir):
    run.results.rmdir()
    run.results.touch()
    with pytest.raises(FigureError, match="no folder can be made for figures"):
        save(Results(run), "a", 0)


def test_a_budget_that_suffices_removes_nothing(run: RunDir):
    told(run, 0, 1, 2)
    assert Results(run).thin("maps", 3000) == ()
    assert steps(run) == [0, 1, 2]


def test_thinning_leaves_the_first_the_last_and_the_wished_ones(run: RunDir):
    told(run, *range(0, 1000, 10))
    told(run, 500, why="wish")
    Results(run).thin("maps", 0)
    assert steps(run) == [0, 500, 990]


def test_what_stays_lies_evenly_over_the_training(run: RunDir):
    told(run, *range(101))
    removed = Results(run).thin("maps", 50_000)
    left = steps(run)
    assert len(left) + len(removed) == 101
    assert len(left) <= 44  # an eighth of the budget stays free
    gaps = [after - before for before, after in itertools.pairwise(left)]
    assert max(gaps) <= 2 * min(gaps) + 1
    assert [json.loads(line)["step"] for line in run.figures_file.read_text().splitlines() if "removed" in line] == [
        entry.step for entry in removed
    ]


def test_a_training_that_is_thinned_as_it_goes_stays_even(run: RunDir):
    results = Results(run)
    for step in range(120):
        told(run, step)
        results.thin("maps", 16_000)
    left = [entry.step for entry in results.steps("maps")]
    assert len(left) <= 16
    gaps = [after - before for before, after in itertools.pairwise(left)]
    assert left[0] == 0
    assert left[-1] == 119
    assert max(gaps) <= 32


@given(st.lists(st.integers(0, 10_000), unique=True, max_size=40).map(sorted), st.integers(0, 5000), st.data())
def test_thinning_removes_as_much_as_it_must_and_no_more(places: list[int], excess: int, data: st.DataObject):
    entries = [Entry("a", step, size=data.draw(st.integers(0, 300))) for step in places]
    removed = list(_dispensable(entries, excess))
    assert not set(removed) & {*entries[:1], *entries[-1:]}
    assert len(set(removed)) == len(removed)
    assert sum(entry.size for entry in removed[:-1]) < max(excess, 1)
    if sum(entry.size for entry in removed) < excess:
        assert len(removed) == max(len(entries) - 2, 0)


@given(st.lists(st.integers(0, 500), unique=True, min_size=3, max_size=25).map(sorted))
def test_thinning_takes_the_step_whose_neighbours_are_closest(places: list[int]):
    entries = [Entry("a", step, size=1) for step in places]
    left = list(places)
    for entry in _dispensable(entries, len(places)):
        at = min(range(1, len(left) - 1), key=lambda each: (left[each + 1] - left[each - 1], left[each]))
        assert entry.step == left.pop(at)
    assert left == [places[0], places[-1]]


def test_listing_figures_loads_neither_numpy_nor_hdf5():
    code = "import sys, trainvis.vis.results; print(*{'numpy', 'h5py', 'keras'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_an_entry_keeps_what_is_not_finite(run: RunDir):
    results = Results(run)
    figure = figure_files.figure("vectors", 0)
    results.save("a", replace(figure, moment=replace(figure.moment, epoch=float("inf"))))
    assert Results(run).steps("a")[0].epoch == float("inf")
