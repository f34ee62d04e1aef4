"""Sets of expressions: seven, merged to fewer, or finer by intensity."""

from __future__ import annotations

import numpy as np
import pytest
from some_faces import some_faces

from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.expressions import LADDER, expression_set, expression_sets, members_of, parse_rules
from trainvis.face_exp.words import WORDS

ALL = some_faces(range(14), [0, 1, 2, 3, 4, 5, 6] * 2)


def of_words(rule: str) -> dict[str, str]:
    """Word → class on faces that show all seven."""
    found = expression_set(ALL, rule)
    return {word: found.classes[found.of[number]] for number, word in enumerate(WORDS)}


@pytest.mark.parametrize("rule", LADDER)
def test_a_set_of_the_ladder_has_as_many_classes_as_its_name_says(rule: str):
    found = expression_set(ALL, rule)
    assert len(found) == len(found.classes) == int(rule)
    assert sorted(word for words in found.words for word in words) == sorted(WORDS)
    assert found.of.dtype == np.int64


def test_each_set_of_the_ladder_merges_classes_of_the_one_before():
    for finer, coarser in zip("7532", "5321", strict=True):
        pairs = set(zip(of_words(finer).values(), of_words(coarser).values(), strict=True))
        assert len(pairs) == int(finer), f"a class of {finer} is torn apart by {coarser}"


def test_what_is_merged():
    assert of_words("5")["fear"] == of_words("5")["surprise"] == "fear+surprise"
    assert of_words("5")["anger"] == of_words("5")["disgust"] == "anger+disgust"
    assert [of_words("3")[word] for word in ("neutral", "happiness", "sadness")] == ["neutral", "happiness", "negative"]
    assert of_words("2")["happiness"] == of_words("2")["fear"] != of_words("2")["neutral"]


def test_a_rule_of_ones_own_merges_what_it_says_and_nothing_else():
    found = of_words("sad+angry, surprised+fear")
    assert found["sadness"] == found["anger"] == "anger+sadness"
    assert found["fear"] == found["surprise"] == "fear+surprise"
    assert [found[word] for word in ("neutral", "disgust", "happiness")] == ["neutral", "disgust", "happiness"]
    assert expression_set(ALL, "sadness+anger").name == "anger+sadness"


def test_an_expression_that_the_data_lacks_is_no_class():
    faces = some_faces(range(6), [0, 0, 3, 3, 4, 4])
    assert expression_set(faces, "7").classes == ("neutral", "fear", "happiness")
    assert expression_set(faces, "5").classes == ("neutral", "fear+surprise", "happiness")
    assert expression_set(faces, "5").words[1] == ("fear", "surprise"), "whatever the data shows of it"
    assert expression_set(faces, "5").of.tolist() == [0, 0, 1, 1, 2, 2]


def test_sets_that_are_the_same_on_the_data_count_once():
    told: list[str] = []
    found = expression_sets(some_faces(range(6), [0, 0, 3, 3, 4, 4]), ("7", "5", "2"), told.append)
    assert [each.name for each in found] == ["7", "2"]
    assert told == [
        "the expressions 5 are those of 7 on faces.h5, which shows 3 (neutral, fear, happiness): 5 is left out"
    ]


def test_finer_than_seven_is_weak_and_strong_at_the_median_of_each_expression():
    strength = [0, 0.9, 0.2, 0.4, 0.6, 0.8, 0.5, 0.5]
    faces = some_faces(range(8), [0, 0, 4, 4, 4, 4, 5, 5], intensity=strength)
    found = expression_set(faces, "fine")
    assert found.classes == ("neutral", "happiness (weak)", "happiness (strong)", "sadness")
    assert found.of.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert found.words == (("neutral",), ("happiness",), ("happiness",), ("sadness",))


@pytest.mark.parametrize(
    ("strength", "said"),
    [
        (None, "it does not say how strong"), ([0.1, np.nan, 0.3, 0.2], "the intensity of 1 of its"),
        ([0.5] * 4, "of one intensity"),
    ],
)  # fmt: skip
def test_finer_is_refused_in_words_where_the_data_does_not_have_it(strength: list[float] | None, said: str):
    with pytest.raises(FacesError, match=said):
        expression_set(some_faces(range(4), [0, 4, 4, 4], intensity=strength), "fine")


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("7", ("7",)), ("7, 3 ,FINE", ("7", "3", "fine")), ("7,7", ("7",)),
        ("7,sadness+anger,fear+surprise,3", ("7", "anger+sadness,fear+surprise", "3")),
        ("sad+anger;fear+surprise", ("anger+sadness", "fear+surprise")),
    ],
)  # fmt: skip
def test_rules_are_parted_by_commas_and_pairs_in_a_row_are_one(text: str, rules: tuple[str, ...]):
    assert parse_rules(text) == rules


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no set of expressions is named"), ("6", "called '6': there are 7, 5, 3, 2, 1, fine"),
        ("sadness", "called 'sadness'"), ("sad+angr", "did you mean anger"), ("sad+table", "there are neutral, anger"),
        ("sad+contempt", "'contempt' is no expression that can be merged"), ("sad+sadness", "merges nothing"),
        ("sad+fear,fear+anger", "fear is merged twice"), ("+", "'' is no expression"),
    ],
)  # fmt: skip
def test_a_rule_that_is_none_is_refused_with_what_there_is(text: str, said: str):
    with pytest.raises(FacesError, match=said):
        parse_rules(text)


def test_the_words_of_a_rule_are_known_without_data():
    assert members_of("anger+fear")[1] == ("anger+fear", ("anger", "fear"))
    with pytest.raises(FacesError, match="fine"):
        members_of("fine")
