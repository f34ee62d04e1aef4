"""Words for expressions, as data sets write them."""

from __future__ import annotations

import pytest

from trainvis.datasets.layouts import fer2013, imfdb, jaffe
from trainvis.face_exp.words import WORDS, nearest, word_of


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("NEUTRAL", "neutral"), ("normal", "neutral"), ("Angry", "anger"), ("AN1", "anger"), ("disgusted", "disgust"),
        ("afraid", "fear"), ("AF", "fear"), ("HA", "happiness"), ("Happy face", "happiness"), ("03_sad", "sadness"),
        ("  surprised ", "surprise"), ("SU", "surprise"), ("contempt", "contempt"), ("ＨＡＰＰＹ", "happiness"),
    ],
)  # fmt: skip
def test_words_are_known_in_any_case_and_with_what_stands_around_them(written: str, word: str):
    assert word_of(written) == word


@pytest.mark.parametrize("written", ["", "3", "sleepy", "wink", "gladd", "di anna", "\u202e"])
def test_what_is_no_expression_is_none(written: str):
    assert word_of(written) is None


def test_every_word_of_the_layouts_is_known():
    assert {word_of(each) for each in (*imfdb.EXPRESSIONS, *jaffe.EXPRESSIONS, *fer2013.EXPRESSIONS)} == set(WORDS)


def test_an_unknown_word_has_a_nearest_one_where_there_is_any():
    assert nearest("surprize") == "surprise"
    assert nearest("Happyness") == "happiness"
    assert nearest("table") is None
