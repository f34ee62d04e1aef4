"""What an embedding learns from and is verified with; the trainings themselves are slow."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as some

from trainvis.face_exp import embed
from trainvis.face_exp.embedding import batches, programme
from trainvis.face_exp.embedding.demo import DRAWING, TRAINING, extractor_file
from trainvis.face_exp.embedding.options import Options, parts
from trainvis.face_exp.embedding.verification import verification
from trainvis.face_exp.errors import FacesError

PEOPLE = some.lists(some.integers(0, 6), min_size=4, max_size=60).map(np.array)


def several(identity: np.ndarray) -> np.ndarray:
    """Who has two faces at least."""
    there, counts = np.unique(identity, return_counts=True)
    return there[counts > 1]


# --- batches


@given(PEOPLE, some.integers(2, 5), some.integers(2, 5), some.integers(0, 3))
def test_a_batch_has_so_many_faces_of_each_of_so_many_people(
    identity: np.ndarray, people: int, faces: int, seed: int
) -> None:
    if len(several(identity)) < 2:
        with pytest.raises(FacesError, match="two people with two faces each"):
            list(batches.of_people(identity, people, faces, seed, 0))
        return
    dealt = list(batches.of_people(identity, people, faces, seed, 0))
    assert dealt
    shown: dict[int, list[int]] = {}
    for batch in dealt:
        who, counts = np.unique(identity[batch], return_counts=True)
        assert len(who) == min(people, len(several(identity)))
        assert set(counts) == {faces}
        for number in batch.tolist():
            shown.setdefault(int(identity[number]), []).append(number)
    for person, numbers in shown.items():
        own = int((identity == person).sum())
        # Of who has enough no face is shown twice in an epoch.
        assert own < faces or len(set(numbers)) == len(numbers)
        assert own >= faces or len(set(numbers)) == own


def test_batches_are_the_same_for_a_seed_and_epoch_and_others_for_others() -> None:
    identity = np.repeat(np.arange(6), 8)

    def dealt(seed: int, epoch: int) -> list[list[int]]:
        return [each.tolist() for each in batches.of_people(identity, 3, 4, seed, epoch)]

    assert dealt(1, 2) == dealt(1, 2)
    assert dealt(1, 2) != dealt(1, 3)
    assert dealt(1, 2) != dealt(2, 2)
    assert len(dealt(1, 2)) == 4  # 6 people × 2 hands, 3 in a batch
    assert sorted(number for each in dealt(1, 2) for number in each) == list(range(48))


def test_people_with_many_faces_come_up_while_there_are_others_to_set_against_them() -> None:
    identity = np.array([0] * 40 + [1] * 4 + [2] * 4 + [3])
    dealt = list(batches.of_people(identity, 2, 4, 0, 0))
    assert len(dealt) == 2  # 0 against 1 and 2: alone it makes no batch
    assert all({0} < set(identity[batch]) for batch in dealt)


def test_shuffled_batches_show_each_face_once() -> None:
    dealt = list(batches.shuffled(10, 4, 0, 0))
    assert [len(each) for each in dealt] == [4, 4, 2]
    assert sorted(np.concatenate(dealt).tolist()) == list(range(10))


# --- parts


@given(PEOPLE, some.sampled_from(["people", "images", "none"]), some.floats(0.05, 0.8), some.integers(0, 3))
def test_no_face_is_in_two_parts_and_both_can_be_used(
    identity: np.ndarray, held_out: str, share: float, seed: int
) -> None:
    count = len(several(identity))
    if count < (4 if held_out == "people" else 2):
        with pytest.raises(FacesError, match="two"):
            parts(identity, Options(held_out=held_out, share=share, seed=seed))
        return
    made = parts(identity, Options(held_out=held_out, share=share, seed=seed))
    assert sorted([*made.learns, *made.held_out]) == list(range(len(identity)))
    assert len(several(identity[made.learns])) >= 2
    if held_out == "people":
        assert not set(identity[made.learns]) & set(identity[made.held_out])
        assert len(several(identity[made.held_out])) >= 2
    if held_out == "images":
        assert set(several(identity)) <= set(identity[made.learns]) | set(identity[made.held_out])
    if held_out == "none":
        assert not len(made.held_out)


def test_what_is_held_out_is_said() -> None:
    identity = np.array([0] * 10 + [1] * 10 + [2] * 10 + [3] * 10 + [4])
    notes = parts(identity, Options(share=0.5)).notes
    assert notes == (
        "1 of 5 people have one face: they make no pair",
        "2 of 5 people are held out for verification: 20 faces",
    )
    made = parts(identity, Options(held_out="images", share=0.3))
    assert np.bincount(identity[made.held_out]).tolist() == [3, 3, 3, 3]


@pytest.mark.parametrize(
    ("identity", "sentence"),
    [
        ([0] * 9, "here are 1 person, 1 of them with two faces or more"),
        ([0, 1, 2, 3], "here are 4 people, 0 of them"),
        ([0, 0, 1, 1, 2, 2], r"of 3 people with two faces or more none can be held out.*--held-out images"),
    ],
)
def test_too_few_people_are_refused(identity: list[int], sentence: str) -> None:
    with pytest.raises(FacesError, match=sentence):
        parts(np.array(identity), Options())


# --- options


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"loss": "contrastive"}, "no loss 'contrastive': triplet, cosface, arcface"),
        ({"held_out": "half"}, "no part to hold out 'half': people, images, none"),
        ({"margin": 3.0}, "the margin is 0 to 2, not 3"),
        ({"margin": math.nan}, "the margin is 0 to 2, not nan"),
        ({"rate": 0.0}, "the learning rate is 1e-08 to 1, not 0"),
        ({"faces": 1}, "the faces of each in a batch is 2 to 1024, not 1"),
        ({"width": 1}, "the width of the embedding"),
    ],
)
def test_options_that_cannot_be_are_refused(wrong: dict, sentence: str) -> None:
    with pytest.raises(FacesError, match=sentence):
        Options(**wrong)


def test_the_arguments_of_the_program_become_options() -> None:
    given = embed.parser().parse_args(["x.h5", "--loss=triplet", "--batch=8 x 3", "--joint=0.5", "--no-augment"])
    made = programme.options_of(given)
    assert (made.loss, made.people, made.faces, made.expression, made.augment) == ("triplet", 8, 3, 0.5, False)
    assert (made.used_margin, made.batch) == (0.2, 24)
    with pytest.raises(FacesError, match="--batch is people × faces of each, as 32x4, not '128'"):
        programme.options_of(embed.parser().parse_args(["x.h5", "--batch=128"]))
    with pytest.raises(FacesError, match=r"ends in \.keras"):
        programme.options_of(embed.parser().parse_args(["x.h5", "--out=net.h5"]))


def test_options_of_the_program_that_nobody_gives_are_those_of_options() -> None:
    assert programme.options_of(embed.parser().parse_args(["x.h5"])) == Options()


def test_the_program_understands_what_the_command_hands_on(tmp_path: Path) -> None:
    from trainvis.tui.commands.faces_embed import arguments

    given = {"loss": "triplet", "held_out": "images", "base": "keras:VGG16:random", "joint": 0.5, "scale": None}
    argv = arguments(Path("/x.h5"), {"out": tmp_path / "n.keras", "labels": None}, {"no_augment": True}, given)
    made = embed.parser().parse_args(argv)
    assert (made.data, made.out, made.labels) == ("/x.h5", str(tmp_path / "n.keras"), "")
    assert (made.loss, made.held_out, made.base, made.no_augment) == ("triplet", "images", "keras:VGG16:random", True)
    assert (made.joint, made.scale, made.batch) == (0.5, 30.0, "32x4")


def test_the_command_has_an_option_for_each_of_the_program() -> None:
    from trainvis.tui.commands.faces_embed import embed_command

    of_program = {action.dest for action in embed.parser()._actions} - {"help"}
    of_command = {each.name for each in embed_command.params}
    assert of_program <= of_command


def test_the_command_refuses_what_cannot_be_before_anything_is_started(tmp_path: Path) -> None:
    from trainvis.tui.commands.faces_embed import embed_command

    data = tmp_path / "faces.h5"
    data.touch()
    for words, sentence in (
        ([str(data), "--out", "net.h5"], "the name of a network ends in .keras"),
        ([str(tmp_path / "nothing.h5")], "nothing.h5"),
        ([str(data), "--base", str(tmp_path / "no.keras")], "no.keras"),
    ):
        refused = CliRunner().invoke(embed_command, words)
        assert refused.exit_code == 2
        assert sentence in refused.output


def test_figures_that_are_kept_are_json() -> None:
    found = verification(np.linspace(0, 1, 5000), np.arange(5000) % 3 == 0)
    kept = json.loads(json.dumps(programme.results_of(found, Options()), allow_nan=False))
    assert len(kept["roc"]) == 200
    assert kept["roc"][0] == [0, 0]
    assert kept["roc"][-1] == [1, 1]
    alone = programme.results_of(verification(np.zeros(3), np.ones(3, bool)), Options())
    json.dumps(alone, allow_nan=False)
    said = "\n".join(programme.told_of(found, Options()))
    assert "strangers (1,667 pairs of one person, 3,333 of two): equal error rate" in said


def test_the_demos_people_are_others_and_its_file_is_found_by_all_that_made_it(tmp_path: Path) -> None:
    from dataclasses import replace

    from trainvis.face_exp import demo

    assert DRAWING.seed != demo.OPTIONS.seed
    assert TRAINING.width <= 128
    here = extractor_file(cache=tmp_path)
    assert here == extractor_file(replace(DRAWING, workers=3), cache=tmp_path)
    assert here != extractor_file(replace(DRAWING, people=101), cache=tmp_path)
    assert here != extractor_file(DRAWING, replace(TRAINING, loss="cosface"), cache=tmp_path)


def test_nothing_heavy_is_loaded_before_the_program_knows_what_is_wanted() -> None:
    import subprocess

    code = "import sys, trainvis.face_exp.embed; sys.exit(bool({'numpy', 'keras', 'h5py'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
