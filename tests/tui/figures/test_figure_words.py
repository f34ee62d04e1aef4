"""What stands beside a picture, in words."""

from __future__ import annotations

from trainvis.tui.figures.words import prediction_lines
from trainvis.vis.figures import Prediction


def test_the_scores_of_a_network_gone_wrong_have_no_bar() -> None:
    lines = prediction_lines(Prediction((7, 1, 3), (float("nan"), float("inf"), 0.5)), 30)
    said = ["".join(text for text, _ in line) for line in lines]
    assert said[1].split() == ["class", "7", "nan", "%"]
    assert said[2].split()[-2:] == ["inf", "%"]
    assert said[3].split()[-2:] == ["50.0", "%"]
