"""What a study says of its time before its first head: of what it will do, and of nothing that it cannot know."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from trainvis.face_exp import demo
from trainvis.face_exp.plan import said
from trainvis.face_exp.preparing import nets_of
from trainvis.face_exp.scores import Head, Predictions, Scores, write
from trainvis.face_exp.settings import Settings
from trainvis.face_exp.studying import Study

if TYPE_CHECKING:
    from trainvis.vis.recording import Recording

ABOUT = {"learned": 2100, "people": 60, "classes": {"7": 7}}
DEMO = Settings(demo=True, nets="A,D", seeds=2)


def study(settings: Settings, resumed: Path | None = None, lines: list[str] | None = None) -> Study:
    """One that has not begun: it writes nothing yet."""
    made = Study(settings, cast("Recording", None), resumed, 1, [].append if lines is None else lines.append)
    made._nets = {net.name: net for net in nets_of(settings)}
    return made


def of_two_of_four(folder: Path) -> Path:
    """The results of a study of which two heads are finished."""
    found = Predictions.of(np.array([3]), np.array([0]), np.array([[0.75, 0.25]]))
    for head in (Head("A", seed=0), Head("A", seed=1)):
        write(folder / "heads", Scores(head, {"test": {"identity": found}}, {"identity": 2}, 7))
    return folder


def test_a_demo_with_an_extractor_counts_no_embedding_for_it_trains_none():
    assert set(demo.expected()) - set(demo.expected("pixels")) == {"embedding"}
    given = study(Settings(demo=True, extractor="pixels"))._stages()
    assert given.enter("features").startswith("2 of 4: features")


def test_a_demo_that_is_gone_on_with_counts_no_head_that_is_finished(tmp_path: Path):
    results = of_two_of_four(tmp_path / "results")
    whole, rest = study(DEMO)._stages().left(), study(DEMO, results)._stages().left()
    planned = study(DEMO)._planned(ABOUT, demo.WIDTH)
    of_a = planned.seconds(head for head in planned.heads if head.net == "A")
    assert whole is not None
    assert rest is not None
    assert abs(whole - rest - of_a) < 0.01


def test_how_long_tuned_heads_take_is_not_said_before_one_of_them_tells():
    lines: list[str] = []
    study(DEMO, lines=lines)._opened(ABOUT)
    planned = study(DEMO)._planned(ABOUT, demo.WIDTH)
    assert lines[-1].endswith(f"; about {said(planned.seconds())}")
    tuned = Settings(demo=True, nets="A,D", seeds=2, extractor="keras:VGG16", tune="whole")
    study(tuned, lines=lines)._opened(ABOUT)
    assert lines[-1].endswith("; the first that is finished tells how long they take")
    assert study(tuned)._stages().left() is None
