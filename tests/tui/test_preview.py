from __future__ import annotations

import math

import pytest
from rich.style import Style
from run_rows import metric, row
from stage import NOW, over
from textual.app import App
from textual.theme import BUILTIN_THEMES

from trainvis.engine.status import (
    CouldNotStart,
    Done,
    Failed,
    Killed,
    Lost,
    OutOfMemory,
    Running,
    Stage,
    Status,
    Stopped,
    TimeLimit,
    Waiting,
)
from trainvis.tui import themes
from trainvis.tui.drawing import run_cells
from trainvis.tui.drawing.pieces import CHIPS, Pieces, Styles, chip, segments
from trainvis.tui.drawing.preview import preview


def text(line: Pieces) -> str:
    return "".join(piece for piece, _ in line)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Waiting("the GPU is taken", NOW), "the GPU is taken"),
        (Running(NOW), ""),
        (Running(NOW, supervised=False), "its supervisor is gone: stop and kill still reach it"),
        (Running(NOW, host="box", last_sign=NOW - 120), "on box, last sign of life 2m ago; from here it can be asked"),
        (Running(NOW, stage=Stage.ASKED, stage_since=NOW - 12, stage_until=NOW + 48), "12s ago; SIGTERM to the whole"),
        (Running(NOW, stage=Stage.TERMINATING, stage_until=NOW + 8), "SIGTERM sent; SIGKILL in 8s"),
        (Running(NOW, stage=Stage.KILLING, stage_since=NOW - 1), "SIGKILL sent 1s ago"),
        (over(Done()), ""),
        (over(Failed(2, "ValueError: x\x1b[2J")), "exit code 2: ValueError: x␛[2J"),
        (over(Killed(9)), "ended by signal 9"),
        (over(Stopped("anna", forced=True)), "stopped by anna; it had to be forced"),
        (over(OutOfMemory()), "the memory was used up"),
        (over(TimeLimit()), "time limit"),
        (over(CouldNotStart("no such interpreter")), "no such interpreter"),
        (Lost(NOW - 86400 * 3), "nobody knows the exit code; last sign of life 3d ago"),
    ],
)  # fmt: skip
def test_every_status_is_explained(status: Status, words: str) -> None:
    said = run_cells.explained(status, NOW)
    assert words in said
    assert bool(words) == bool(said)


def test_on_one_line_stands_what_matters_most() -> None:
    assert text(preview(row("a"), NOW, 80, 1)[0]) == "a  digits.py"
    assert text(preview(row("a", note="my  note\nmore"), NOW, 80, 1)[0]) == "a  my note more"
    hurt = row("a", note="n", problems=("spec.json is empty",), status=over(Failed(1)))
    assert text(preview(hurt, NOW, 80, 1)[0]) == "a  spec.json is empty"
    assert preview(row("a"), NOW, 80, 0) == []


def test_all_metrics_are_shown_side_by_side_where_there_is_room() -> None:
    many = row("a", metrics={f"m{index}": metric(2.0, float(index)) for index in range(5)})
    narrow = [text(line) for line in preview(many, NOW, 50, 20)]
    assert sum(line.startswith("m") for line in narrow) == 5
    wide = [text(line) for line in preview(many, NOW, 100, 20)]
    assert sum(line.startswith("m") for line in wide) == 3
    short = [text(line) for line in preview(many, NOW, 50, 8)]
    assert short[-1] == "and 2 more metrics"
    assert len(short) <= 8


def test_best_is_the_greatest_accuracy_and_the_least_loss() -> None:
    both = row("a", metrics={"loss": metric(2.0, 1.0, math.nan), "accuracy": metric(0.1, 0.9, 0.5)})
    lines = [text(line) for line in preview(both, NOW, 50, 20)]
    assert any(line.split()[:4] == ["loss", "nan", "min", "1"] for line in lines)
    assert any(line.split()[:4] == ["accuracy", "0.5000", "max", "0.9000"] for line in lines)


def test_a_tag_has_the_same_colour_everywhere() -> None:
    assert chip("mnist") == chip("mnist")
    assert len({chip(f"tag{index}") for index in range(100)}) == CHIPS


@pytest.mark.parametrize("name", [*BUILTIN_THEMES, themes.DARK.name, themes.LIGHT.name])
def test_every_theme_has_all_styles_and_tags_that_can_be_read(name: str) -> None:
    app = App[None]()
    for theme in themes.OWN:
        app.register_theme(theme)
    app.theme = name
    styles = Styles(app.theme_variables)
    assert all(styles[style] != Style() for style in ("good", "bad", "warn", "accent", "spark", "dim", "cursor"))
    for index in range(CHIPS):
        found = styles[f"chip{index}"]
        assert found.color is not None
        assert found.color != found.bgcolor


def test_pieces_fill_their_cells_exactly_and_say_what_is_cut() -> None:
    styles = Styles(App[None]().theme_variables)
    pieces = (("mnist", "chip1"), (" ", ""), ("日本", "chip2"))
    for width in range(1, 14):
        made = segments(pieces, width, styles, Style())
        assert sum(segment.cell_length for segment in made) == width
        shown = "".join(segment.text for segment in made)
        assert ("…" in shown) == (width < 10), width
    assert segments((("mnist", "chip1"),), 9, styles, Style())[-1].style == Style()  # the blank after a chip is plain
