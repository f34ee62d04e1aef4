"""Counts drawn: bars of classes, of pixel values."""

from __future__ import annotations

import numpy as np

from trainvis.datasets.looking.counted import Statistics
from trainvis.tui.blobs.counting import Progress, class_bars, ordered, pixel_bars, pixel_words

NAMES = ("cat", "dog", "a very long name of a class that nobody can read")


def test_bars_are_as_long_as_their_counts_and_the_cursor_is_marked() -> None:
    page = class_bars(NAMES, (200, 100, 0), ordered((200, 100, 0), by_count=False), 10, 1, 60, 6)
    lines = str(page).splitlines()
    assert lines[0].startswith(" cat ")
    assert lines[1].startswith("▸dog ")
    assert abs(lines[0].count("█") - 2 * lines[1].count("█")) <= 1
    assert "█" not in lines[2]
    assert lines[3].startswith(" unknown")
    assert lines[0].endswith("65%")
    assert page.hits[3, 0] == 3


def test_the_largest_class_comes_first_where_that_is_wanted() -> None:
    assert ordered((1, 3, 2), by_count=True) == [1, 2, 0]
    assert str(class_bars(NAMES, (1, 3, 2), [1, 2, 0], 0, 0, 40, 3)).startswith("▸dog")


def test_no_size_is_too_small() -> None:
    for width in range(40):
        for height in range(6):
            class_bars(NAMES, (5, 1, 2), [0, 1, 2], 3, 2, width, height)
            pixel_bars([list(range(256))] * 3, width, height)
    assert str(class_bars((), (), [], 0, 0, 30, 2)).strip() == "no class is named"


def test_pixel_values_reach_from_0_to_255() -> None:
    counts = np.zeros(256, np.int64)
    counts[0], counts[255] = 1_000_000, 10
    lines = str(pixel_bars([counts.tolist()], 70, 5)).splitlines()
    assert lines[-1].startswith("0")
    assert lines[-1].endswith("255")
    assert lines[-2][0] == "█"
    assert lines[-2][63] == "▁"  # what is there at all is seen
    said = pixel_words(Statistics(mean=(12.5,), std=(3.0,), smallest=(28, 28), largest=(28, 28)))
    assert said == "mean 12.50 · std 3 · 28×28"


def test_progress_says_how_long_it_will_take() -> None:
    assert Progress(250, 1000, 10.0).words == "250 of 1,000 records (25%, 30s left)"
    assert Progress(0, 1000, 0.0).words == "0 of 1,000 records (0%)"
