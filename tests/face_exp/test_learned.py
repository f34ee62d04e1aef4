"""A network that learned expressions from the very faces of a study is known again, and that is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from own_files import write_own
from PIL import Image
from small_faces import SIDE, small_faces

from trainvis.datasets.blob import open_blob
from trainvis.datasets.building.build import BuildOptions, build
from trainvis.datasets.layouts.table import recognise
from trainvis.datasets.schema import Field, Schema
from trainvis.face_exp.emotions.learned import LEARNED_FROM, described, same_faces
from trainvis.face_exp.emotions.material import Reading, material
from trainvis.face_exp.preparing import facts_of, opened
from trainvis.face_exp.settings import Settings
from trainvis.face_exp.sources import open_source

WORDS = ["neutral", "anger", "fear", "happiness", "sadness"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_faces(tmp_path_factory.mktemp("faces") / "faces.h5", people=4, each=15)


def network(path: Path, **about: object) -> Path:
    path.write_bytes(b"a network")
    path.with_suffix(".json").write_text(json.dumps({"classes": WORDS, **about}))
    return path


def study(data: Path, by: Path) -> tuple[list[str], list[str]]:
    """What a study says of its data, and the notes that its report has."""
    said: list[str] = []
    asked = Settings(str(data), nets="A,E", seeds=1, sources=("label", "predicted"), expression_from=str(by))
    return said, facts_of(opened(asked, said.append), ()).settings["notes"]


def test_a_study_of_the_faces_that_its_network_learned_from_warns_and_its_report_says_so(data: Path, tmp_path: Path):
    found = material(data, Reading(size=SIDE), lambda _: None)
    by = network(tmp_path / "fer.keras", **{LEARNED_FROM: dict(found.learned_from)})
    said, notes = study(data, by)
    warned = [each for each in said if each.startswith("warning: fer.keras was trained on these very faces (faces.h5)")]
    assert len(warned) == 1
    assert notes[0] == warned[0].removeprefix("warning: ")
    with open_blob(shutil.copy(data, tmp_path / "copy.h5")) as copy:
        assert "(copy.h5)" in same_faces(by, described(copy.name, copy))


def test_a_network_of_other_faces_or_of_which_nobody_knows_is_no_matter(data: Path, tmp_path: Path):
    others = material(small_faces(tmp_path / "others.h5", people=5, each=12), Reading(size=SIDE), lambda _: None)
    for about in ({LEARNED_FROM: dict(others.learned_from)}, {}, {LEARNED_FROM: "damaged"}, {LEARNED_FROM: {}}):
        said, notes = study(data, network(tmp_path / "fer.keras", **about))
        assert not any("warning" in each or "trained on" in each for each in (*said, *notes))


def pictures(folder: Path, shown: str = "anger fear anger fear") -> Path:
    """A folder of pictures in folders called by expressions."""
    for number, word in enumerate(shown.split()):
        (folder / word).mkdir(parents=True, exist_ok=True)
        Image.new("L", (12, 12), 40 * number).save(folder / word / f"{number}.png")
    return folder


def packed(folder: Path, size: int) -> dict[str, str]:
    blob, name, _ = open_source(folder, None, size, ("label",), None, lambda *_: None, lambda _: None)
    with blob:
        return described(name, blob)


@pytest.mark.slow
def test_pictures_of_a_folder_are_known_in_another_size_and_in_a_blob_that_was_made_of_them(tmp_path: Path):
    folder = pictures(tmp_path / "pictures")
    by = network(tmp_path / "fer.keras", **{LEARNED_FROM: packed(folder, 8)})
    assert "(pictures)" in same_faces(by, packed(folder, 10))
    build(recognise(folder), tmp_path / "faces.h5", BuildOptions(size=(12, 12), fit="pad"))
    assert "(faces.h5)" in same_faces(by, packed(tmp_path / "faces.h5", 8))
    pictures(folder, "anger fear anger fear fear")
    assert same_faces(by, packed(folder, 8)) == ""


def test_faces_are_known_in_another_size_and_others_of_the_same_names_are_others(tmp_path: Path):
    def numbered(name: str, shown: tuple[int, ...], side: int) -> dict[str, str]:
        image = Field("image", "image", "uint8", (side, side, 1))
        schema = Schema((image, Field("Emotion", "class", "int64", (), ("a", "b"))))
        values = np.zeros((side, side, 1), np.uint8)
        rows = [(f"{number:05}", {"image": values, "Emotion": each}) for number, each in enumerate(shown)]
        with open_blob(write_own(tmp_path / name, schema, rows)) as blob:
            return described(name, blob)

    by = network(tmp_path / "fer.keras", **{LEARNED_FROM: numbered("one.h5", (0, 1, 1), 2)})
    assert "(two.h5)" in same_faces(by, numbered("two.h5", (0, 1, 1), 3))
    assert same_faces(by, numbered("three.h5", (0, 1, 0), 2)) == ""
