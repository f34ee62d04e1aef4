"""A study finds an effect that is there, and says so where there is none: with the expressions of other faces. Real
networks, small data.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from small_faces import SIDE, small_faces

from trainvis.face_exp.judging.judge import Judgement, judge
from trainvis.face_exp.judging.options import Options
from trainvis.face_exp.scores import Scores

pytestmark = pytest.mark.slow

SEEDS = 4
CONFIG = """
[all]
learning_rate = 0.05
batch = 32
dropout = 0.0

[nets.A]
epochs = 20

[nets.D]
epochs = 20
"""


def studied(folder: Path, moves: float, sources: tuple[str, ...]) -> dict[str, Judgement]:
    """Nets A and D over the seeds, judged for each source of the expression."""
    from trainvis.face_exp import preparing, settings, training
    from trainvis.face_exp.plan import heads_of

    config = folder / "config.toml"
    config.write_text(CONFIG)
    data = small_faces(folder / "faces.h5", each=40, moves=moves)
    wanted = settings.checked(
        settings.Settings(
            data=str(data), nets="A,D", seeds=SEEDS, sources=sources, split="stratified", config=str(config),
            extractor=f"pixels:{SIDE}",
        )
    )  # fmt: skip
    opened = preparing.opened(wanted, say=lambda _: None)
    material = preparing.material(opened, say=lambda _: None)
    heads = heads_of(opened.nets, SEEDS, tuple(opened.sets), sources)
    facts = preparing.facts_of(opened, heads, extractor=material.extractor, width=material.width)
    nets = {net.name: net for net in opened.nets}
    scores: list[Scores] = [training.train(nets[head.net], material.data(head), head, recorded=False) for head in heads]
    return {source: judge(scores, facts, Options(source=source)) for source in sources}


def compared(found: Judgement):
    return next(each for each in found.claims if each.claim.pair == "D–A")


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judgement]:
    """Faces whom an expression moves to where a neighbour stands: who knows it knows the person."""
    return studied(tmp_path_factory.mktemp("moved"), 1.0, ("label", "shuffled"))


def test_an_effect_that_is_there_is_found(moved: dict[str, Judgement]):
    found = compared(moved["label"])
    assert found.verdict == "shown"
    assert found.found.mean > 0.15
    assert found.adjusted < 0.01


def test_expressions_of_other_faces_help_nobody_and_the_study_says_so(moved: dict[str, Judgement]):
    found = compared(moved["shuffled"])
    assert found.verdict in ("not shown", "opposite shown")
    # And it says what it would have seen: an effect like the true one would not have escaped it.
    assert 0 < found.smallest < compared(moved["label"]).found.mean
