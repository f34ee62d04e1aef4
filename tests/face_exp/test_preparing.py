"""What heads are given to learn from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from small_faces import small_faces

from trainvis.face_exp.plan import heads_of
from trainvis.face_exp.preparing import facts_of, material, of_usual_size, opened
from trainvis.face_exp.settings import Settings


def test_vectors_of_length_one_get_numbers_of_the_size_of_one() -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 16)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled, said = of_usual_size(unit)
    np.testing.assert_allclose(scaled, unit * 4, rtol=1e-6)
    assert "√16" in said
    assert scaled.dtype == np.float32


def test_other_vectors_stay_as_they_are() -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 16)).astype(np.float32)
    same, said = of_usual_size(vectors)
    assert same is vectors
    assert said == ""


def test_how_many_people_a_part_lacks_is_one_sentence_for_all_seeds(tmp_path: Path) -> None:
    told: list[str] = []
    data = small_faces(tmp_path / "faces.h5", people=12, each=5)
    opened(Settings(str(data), seeds=10), told.append)
    lacking = [note for note in told if note.startswith("test has faces of ")]
    assert len(lacking) == 1
    assert " to " in lacking[0]
    assert lacking[0].endswith(" of the 12 people (in 10 of 10 splits)")


def test_pairs_out_of_one_film_are_left_out_where_somebody_is_in_two(tmp_path: Path) -> None:
    data = str(small_faces(tmp_path / "faces.h5", people=4, each=20))
    for group, apart in (("identity+session", True), ("identity", False), ("", False)):
        made = opened(Settings(data, nets="A", extractor="pixels:6", group=group), lambda _: None)
        head = heads_of(made.nets, 1, (), ())[0]
        films = material(made, lambda _: None).data(head).group
        assert (films is not None) is apart, group
        if films is not None:
            assert np.array_equal(films, made.faces.group)


def test_what_a_file_says_for_all_networks_is_told_of_those_of_a_sweep_too(tmp_path: Path) -> None:
    (tmp_path / "nets.toml").write_text("[all]\nepochs = 3\n[nets.mine]\nlayers = '8 → id'\n")
    data, swept = (
        str(small_faces(tmp_path / "faces.h5", people=4, each=15)),
        "inject=no depth=1,2 outputs=id width=1024",
    )
    asked = Settings(data, nets="A,mine", sweep=swept, config=str(tmp_path / "nets.toml"))
    nets = facts_of(opened(asked, lambda _: None), ()).settings["nets"]
    told = {name: each["changed"] for name, each in nets.items()}
    fewer = ["epochs 3 instead of 50"]
    assert told == {"d1.w1024": fewer, "B": fewer, "A": ["epochs 3 instead of 25"], "mine": []}
