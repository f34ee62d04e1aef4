from __future__ import annotations

import pytest
from textual.binding import Binding

from trainvis.tui.widgets.key_line import fitted, words

PARTS = words(
    [
        Binding("s", "stop", "stop"),
        Binding("S", "kill", "kill"),
        Binding("x", "stop", "stop"),
        Binding("f9", "theme", "theme", show=False),
        Binding("question_mark", "help", "help"),
    ]
)


def test_each_action_stands_there_once_by_its_first_key() -> None:
    assert fitted(PARTS, 80).plain == "s stop  S kill  ? help"


@pytest.mark.parametrize(("width", "text"), [(22, "s stop  S kill  ? help"), (21, "s stop  ? help"), (3, "? help")])
def test_help_is_always_there(width: int, text: str) -> None:
    assert fitted(PARTS, width).plain == text
    assert fitted(PARTS, width).cell_length == len(text)


def test_no_keys_are_an_empty_line() -> None:
    assert fitted((), 80).plain == ""
