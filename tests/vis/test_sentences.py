"""What a person hears of an error: one line that has the reason in it."""

from __future__ import annotations

import pytest

from trainvis.engine.errors import TrainvisError
from trainvis.vis.sentences import sentence


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TrainvisError("ours, as it is"), "ours, as it is"),
        (OSError(28, "No space left on device", "a.h5"), "No space left on device (a.h5)"),
        (ValueError("first\nsecond"), "ValueError: first"),
        (ValueError(), "ValueError"),
        (
            ValueError(
                "\nException encountered when calling Dense.call().\n\n  \x1b[1m4 values, not 5\x1b[0m\n\nArguments:"
            ),
            "ValueError: Exception encountered when calling Dense.call(). 4 values, not 5",
        ),
        (
            ValueError(
                'Graph execution error:\n\nDetected at node Cast defined at (last):\n  File "a.py", line 1'
                "\n\nCast string to float is not supported\n\t [[{{node Cast}}]] [Op:__inference_function_7]"
            ),
            "ValueError: Cast string to float is not supported",
        ),
    ],
)
def test_an_error_is_one_line_with_its_reason(error: Exception, said: str) -> None:
    assert sentence(error) == said


def test_an_error_that_cannot_be_shown_has_a_name_at_least() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert sentence(MuteError()) == "MuteError"
