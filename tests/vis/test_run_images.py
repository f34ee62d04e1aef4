from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trainvis.engine.rundir import RunDir, Spec
from trainvis.vis import run_images
from trainvis.vis.figures import Input


@pytest.fixture
def run(runs: Path) -> RunDir:
    return RunDir.create(runs, "digits")


def picture(path: Path, grey: int) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.full((4, 4), grey, np.uint8)).save(path)
    return path


def test_files_are_copied_as_they_are_and_only_once(run: RunDir, tmp_path: Path) -> None:
    one = picture(tmp_path / "photos" / "one.png", 1)
    for _ in range(3):
        run_images.keep(run, [one, str(one)], ())
    assert [path.name for path in run.images.iterdir()] == ["one.png"]
    assert (run.images / "one.png").read_bytes() == one.read_bytes()


def test_another_file_of_the_same_name_is_kept_beside_it(run: RunDir, tmp_path: Path) -> None:
    for grey in (1, 2, 1):
        run_images.keep(run, picture(tmp_path / f"{grey}" / "digit.png", grey), ())
    assert sorted(path.name for path in run.images.iterdir()) == ["digit-2.png", "digit.png"]


def test_a_folder_stands_for_its_pictures_in_their_order(run: RunDir, tmp_path: Path) -> None:
    for number in (10, 2):
        picture(tmp_path / "photos" / f"{number}.png", number)
    (tmp_path / "photos" / "notes.txt").write_text("none")
    assert [path.name for path in run_images.files_of(tmp_path / "photos")] == ["2.png", "10.png"]
    assert run_images.files_of(tmp_path / "nowhere") == []
    assert run_images.files_of(np.zeros((2, 4, 4))) == []


def test_arrays_are_kept_as_a_person_sees_them_under_names_that_are_safe(run: RunDir) -> None:
    pictures = [np.full((3, 5, channels), 7, np.uint8) for channels in (1, 3)]
    run_images.keep(
        run, np.zeros(2), [Input(pictures[0], "../image 0"), Input(pictures[1], "x\x1b[2J"), Input(None, "text")]
    )
    assert sorted(path.name for path in run.images.iterdir()) == ["image-0.png", "x-2J.png"]
    with Image.open(run.images / "image-0.png") as image:
        assert (image.size, image.mode) == ((5, 3), "L")


def test_what_was_chosen_when_the_run_was_started_is_found_in_it_and_not_copied_again(run: RunDir) -> None:
    picture(run.images / "cat.png", 3)
    run.write_spec(Spec(script="/train.py", images=("cat.png", "gone.png", "../spec.json")))
    chosen = run_images.chosen(run)
    assert chosen == [run.images / "cat.png"]
    run_images.keep(run, chosen, ())
    assert [path.name for path in run.images.iterdir()] == ["cat.png"]
