"""A network that learned expressions from the very faces of a study is known again, and that is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from small_faces import SIDE, small_faces

from trainvis.datasets.blob import open_blob
from trainvis.face_exp.emotions.learned import LEARNED_FROM, described, same_faces
from trainvis.face_exp.emotions.material import Reading, material
from trainvis.face_exp.preparing import facts_of, opened
from trainvis.face_exp.settings import Settings

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
        assert "(copy.h5)" in same_faces(by, described(copy.path, copy.name, copy))


def test_a_network_of_other_faces_or_of_which_nobody_knows_is_no_matter(data: Path, tmp_path: Path):
    others = material(small_faces(tmp_path / "others.h5", people=5, each=12), Reading(size=SIDE), lambda _: None)
    for about in ({LEARNED_FROM: dict(others.learned_from)}, {}, {LEARNED_FROM: "damaged"}, {LEARNED_FROM: {}}):
        said, notes = study(data, network(tmp_path / "fer.keras", **about))
        assert not any("warning" in each or "trained on" in each for each in (*said, *notes))


def test_pictures_that_were_packed_in_another_size_are_known_by_where_they_came_from(data: Path, tmp_path: Path):
    folder = tmp_path / "pictures"
    by = network(tmp_path / "fer.keras")
    with open_blob(data) as blob, open_blob(small_faces(tmp_path / "packed.h5", people=4, each=16)) as other:
        by.with_suffix(".json").write_text(json.dumps({LEARNED_FROM: described(folder, "pictures", blob)}))
        assert same_faces(by, described(folder, "pictures", other))
        assert same_faces(by, described(tmp_path / "else", "else", other)) == ""
        assert same_faces(by, described("", "the demo", other)) == ""
