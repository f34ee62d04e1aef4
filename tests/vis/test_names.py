"""Names of techniques and values of their options: what is meant is understood, what is not is refused in words."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.engine.text import printable
from trainvis.vis.catalogue import TECHNIQUES, Option, TechniqueError
from trainvis.vis.names import Named, folder, lacking, option_names, options_of, parse
from trainvis.vis.values import units_of, value_of

ALONE = [each.name for each in TECHNIQUES.values() if not each.wraps]
WRAPPERS = [each.name for each in TECHNIQUES.values() if each.wraps]
WRAPPABLE = [each.name for each in TECHNIQUES.values() if each.wrappable]
NAMED = [Named(name) for name in ALONE] + [Named(inner, outer) for outer in WRAPPERS for inner in WRAPPABLE]


@pytest.mark.parametrize("named", NAMED, ids=str)
def test_a_name_is_read_as_it_is_written(named: Named) -> None:
    assert parse(str(named)) == named


@given(st.sampled_from(NAMED), st.text(" \t\n", max_size=3), st.booleans(), st.booleans())
def test_space_case_and_hyphens_do_not_matter(named: Named, space: str, upper: bool, hyphens: bool) -> None:
    text = f"{space}{named.wrapper}{space}({space}{named.technique}{space}){space}" if named.wrapper else str(named)
    text = text.upper() if upper else text
    assert parse(text.replace("_", "-") if hyphens else text) == named


@given(st.one_of(st.text(), st.text("()smoothgrad,_ \x1b")))
def test_any_text_is_a_name_or_refused_in_words(text: str) -> None:
    said = ""
    try:
        assert parse(text) in NAMED
    except TechniqueError as error:
        said = str(error)
    assert said == printable(said)


def test_folders_are_safe_names_and_no_two_are_the_same() -> None:
    folders = {folder(named) for named in NAMED}
    assert len(folders) == len(NAMED)
    assert all(name.replace("_", "").replace("-", "").isalnum() for name in folders)
    assert folder(parse("smoothgrad(saliency_maps)")) == "smoothgrad-saliency_maps"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("salience_maps", "did you mean 'saliency_maps'"),
        ("smothgrad(saliency_maps)", "did you mean 'smoothgrad'"),
        ("smoothgrad(salency_maps)", "did you mean 'saliency_maps'"),
        ("smoothgrad", r"write smoothgrad\(saliency_maps\)"),
        ("saliency_maps(weights)", "wraps no other technique: smoothgrad, vargrad do"),
        ("smoothgrad(confusion_matrix)", "cannot be made of confusion_matrix: it can of saliency_maps"),
        ("smoothgrad(vargrad)", "cannot be made of vargrad"),
        ("smoothgrad(vargrad(saliency_maps))", "is no name of a technique"),
        ("", "is no name of a technique"),
        (5, "5 is no name of a technique"),
    ],
)
def test_what_is_no_name_is_refused_with_what_was_probably_meant(text: Any, said: str) -> None:
    with pytest.raises(TechniqueError, match=said):
        parse(text)


def test_a_name_has_a_title_and_its_entry() -> None:
    named = parse("smoothgrad(saliency_maps)")
    assert (named.title, named.entry.name) == ("SmoothGrad: Saliency", "saliency_maps")


def test_options_of_a_wrapper_come_before_those_of_what_it_wraps() -> None:
    names = option_names(parse("smoothgrad(saliency_maps)"))
    assert names[: len(option_names(Named("saliency_maps")))] != option_names(Named("saliency_maps"))
    assert set(names) >= {"samples", "noise", "signs"}
    assert names.index("samples") < names.index("signs")


def test_an_unknown_option_is_refused_with_the_nearest_and_the_list() -> None:
    with pytest.raises(TechniqueError, match=r"no option 'sgins' \(did you mean 'signs'\?\): it takes signs"):
        options_of(Named("saliency_maps"), {"sgins": "absolute"})


def test_a_wrong_value_is_refused_before_anything_is_loaded() -> None:
    before = set(sys.modules)
    with pytest.raises(TechniqueError, match=r"smoothgrad\(saliency_maps\): samples is 0: at least 1"):
        options_of(parse("smoothgrad(saliency_maps)"), {"samples": "0"}, text=True)
    assert "trainvis.vis.techniques.saliency_maps" not in set(sys.modules) - before


WHOLE = Option("steps", 5, "whole", "steps", minimum=1, maximum=100)
NUMBER = Option("rate", 0.5, "number", "rate", minimum=0)
SWITCH = Option("flip", True, "switch", "flip")
CHOICE = Option("keep", "best", "choice", "which", choices=("best", "last"))
CHOICES = Option("signs", ("plus",), "choices", "which", choices=("plus", "minus"))
LAYER = Option("layer", None, "layer", "where")
LAYERS = Option("layers", None, "layers", "where")
MAPS = Option("maps", None, "maps", "which", minimum=0)
UNITS = Option("units", None, "units", "which")
RANGE = Option("clip", None, "range", "between")
NUMBERS = Option("scales", (1.0,), "numbers", "scales")
ARRAY = Option("baseline", None, "array", "what")
TEXT = Option("title", "", "text", "title")


@pytest.mark.parametrize(
    ("option", "typed", "value"),
    [
        (WHOLE, "7", 7),
        (WHOLE, "1e2", 100),
        (NUMBER, "1e-4", 1e-4),
        (NUMBER, " 3 ", 3.0),
        (SWITCH, "no", False),
        (SWITCH, "True", True),
        (CHOICE, "last", "last"),
        (CHOICES, "plus,minus", ("plus", "minus")),
        (LAYER, "block/conv_1", "block/conv_1"),
        (LAYER, "-1", -1),
        (LAYER, "none", None),
        (LAYERS, "conv_1, 3", ("conv_1", 3)),
        (MAPS, "4,5,6", (4, 5, 6)),
        (MAPS, "(4,5)", (4, 5)),
        (MAPS, "[4]", (4,)),
        (MAPS, "4,", (4,)),
        (UNITS, "dense:3", (("dense", 3),)),
        (UNITS, "conv_1:4,5,2", (("conv_1", (4, 5, 2)),)),
        (UNITS, "dense:3 conv_1:4,5,2;2:1", (("dense", 3), ("conv_1", (4, 5, 2)), (2, 1))),
        (UNITS, "dense:3,conv_1:4,5,2,dense:1", (("dense", 3), ("conv_1", (4, 5, 2)), ("dense", 1))),
        (UNITS, "3,5", ((-1, 3), (-1, 5))),
        (RANGE, "0,255", (0.0, 255.0)),
        (NUMBERS, "0.5,1", (0.5, 1.0)),
        (TEXT, "cats", "cats"),
    ],
)
def test_what_is_typed_is_understood(option: Option, typed: str, value: object) -> None:
    made = value_of(option, typed, text=True)
    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(
    ("option", "given", "value"),
    [
        (WHOLE, np.int64(7), 7),
        (WHOLE, 7.0, 7),
        (NUMBER, 3, 3.0),
        (NUMBER, np.float32(0.5), 0.5),
        (CHOICES, "minus", ("minus",)),
        (CHOICES, ["minus", "plus"], ("minus", "plus")),
        (LAYERS, "conv,1", ("conv,1",)),
        (LAYERS, range(2), (0, 1)),
        (MAPS, 3, (3,)),
        (MAPS, np.array([1, 2]), (1, 2)),
        (MAPS, list(np.argsort([3, 1, 2])[:2]), (1, 2)),
        (UNITS, [(22, 402), (22, 587)], ((22, 402), (22, 587))),
        (UNITS, ("dense", 3), (("dense", 3),)),
        (UNITS, [("conv", [4, 5, 2])], (("conv", (4, 5, 2)),)),
        (UNITS, [("conv", tuple(np.array([4, 5, 2]))), ("dense", np.int64(3))], (("conv", (4, 5, 2)), ("dense", 3))),
        (UNITS, ["dense:3", "dense:4"], (("dense", 3), ("dense", 4))),
        (UNITS, range(3), ((-1, 0), (-1, 1), (-1, 2))),
        (UNITS, None, None),
        (RANGE, (0, 1), (0.0, 1.0)),
    ],
)
def test_what_code_gives_is_understood(option: Option, given: object, value: object) -> None:
    assert value_of(option, given) == value


@pytest.mark.parametrize(
    ("option", "given", "said"),
    [
        (WHOLE, "0", "steps is 0: at least 1 is needed"),
        (WHOLE, "101", "at most 100 is possible"),
        (WHOLE, "2.5", "a whole number is needed"),
        (WHOLE, "9" * 5000, "a whole number"),
        (WHOLE, True, "a whole number"),
        (WHOLE, "none", "a whole number"),
        (NUMBER, "nan", "a number is needed"),
        (NUMBER, "1e999", "a number is needed"),
        (NUMBER, "-1", "at least 0"),
        (SWITCH, "maybe", "true or false"),
        (CHOICE, "bset", "did you mean 'best'"),
        (CHOICE, "zzz", "one of best, last"),
        (CHOICES, "", "one of plus, minus"),
        (LAYER, "", "path, name or number"),
        (LAYER, 1.5, "path, name or number"),
        (MAPS, "-1", "at least 0"),
        (MAPS, "1,x", "numbers of feature maps"),
        (MAPS, [], "numbers of feature maps"),
        (UNITS, "dense", "layer:index"),
        (UNITS, "dense:x", "layer:index"),
        (UNITS, ":3", "layer:index"),
        (UNITS, [("dense", 1.5)], "layer:index"),
        (UNITS, [("dense", ())], "layer:index"),
        (UNITS, {}, "layer:index"),
        (RANGE, "1,0", "the lower one first"),
        (RANGE, "1", "two numbers"),
        (ARRAY, "/nowhere.npy", "no such file"),
        (ARRAY, [[1], [2, 3]], "an array"),
        (TEXT, 5, "a text"),
        (SWITCH, "\x1b[2J", "␛"),
    ],
)
def test_what_cannot_be_a_value_is_refused_in_words(option: Option, given: object, said: str) -> None:
    with pytest.raises(TechniqueError) as refused:
        value_of(option, given, text=isinstance(given, str))
    assert said in str(refused.value)
    assert str(refused.value) == printable(str(refused.value))


def test_an_array_is_read_from_its_file(tmp_path) -> None:
    array = np.arange(6.0).reshape(2, 3)
    np.save(tmp_path / "grey.npy", array)
    assert np.array_equal(value_of(ARRAY, str(tmp_path / "grey.npy"), text=True), array)
    assert np.array_equal(value_of(ARRAY, array.tolist()), array)


OPTIONS = [WHOLE, NUMBER, SWITCH, CHOICE, CHOICES, LAYER, LAYERS, MAPS, UNITS, RANGE, NUMBERS, TEXT]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=6,
)


@given(st.sampled_from(OPTIONS), ANYTHING, st.booleans())
def test_any_value_is_taken_or_refused_in_words_and_what_was_taken_stays(option: Option, given_: object, text) -> None:
    said = ""
    try:
        made = value_of(option, given_, text=text)
    except TechniqueError as error:
        said = str(error)
    else:
        assert value_of(option, made) == made
    assert said == printable(said)


LAYER_NAMES = st.text("abc_/:1", min_size=1, max_size=6).filter(lambda name: not name.isdecimal() and name[-1] != ":")
INDEX = st.integers(0, 99) | st.lists(st.integers(0, 99), min_size=2, max_size=3).map(tuple)


@given(st.lists(st.tuples(LAYER_NAMES, INDEX), min_size=1, max_size=4), st.sampled_from([",", ";", " ", "; "]))
def test_units_are_read_as_they_are_written(units: list[tuple[str, int | tuple[int, ...]]], between: str) -> None:
    def written(index: int | tuple[int, ...]) -> str:
        return str(index) if isinstance(index, int) else ",".join(map(str, index))

    text = between.join(f"{layer}:{written(index)}" for layer, index in units)
    assert units_of(text) == tuple(units)


@pytest.mark.slow
def test_options_become_those_of_the_module() -> None:
    made = options_of(Named("saliency_maps"), {"signs": "absolute,negative"}, text=True)
    assert made.signs == ("absolute", "negative")
    assert type(made).__module__ == "trainvis.vis.techniques.saliency_maps"


def test_what_a_technique_lacks_is_said_with_what_would_give_it() -> None:
    assert lacking(parse("layer_graph"), ()) == ""
    assert "--image FILE" in lacking(parse("smoothgrad(saliency_maps)"), ())
    assert lacking(parse("smoothgrad(saliency_maps)"), {"image"}) == ""
    assert "--set FOLDER" in lacking(parse("confusion_matrix"), {"image"})
    assert "RUN:all" in lacking(parse("update_ratios"), {"image", "set", "labels"})
    everything = {need for each in TECHNIQUES.values() for need in each.needs}
    assert all(lacking(named, everything) == "" for named in NAMED)
