"""The catalogue against itself, against the figures, against the modules of the techniques and against the manual."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from trainvis.vis.catalogue import GROUPS, TECHNIQUES, Technique, TechniqueError, technique
from trainvis.vis.values import value_of

ROOT = Path(__file__).parents[2]
MODULES = {path.stem for path in (ROOT / "vis" / "techniques").glob("[!_]*.py")}


def test_every_technique_of_the_thesis_has_its_name() -> None:
    thesis = {"layer_activations", "saliency_maps", "deconvolutional_network", "deep_visualization"}
    assert thesis <= set(TECHNIQUES)


def test_a_technique_stands_below_its_own_name_and_in_a_group() -> None:
    assert all(name == each.name and each.group in GROUPS for name, each in TECHNIQUES.items())


def test_no_two_techniques_have_one_title() -> None:
    assert len({each.title for each in TECHNIQUES.values()}) == len(TECHNIQUES)


def test_kinds_are_kinds_of_figures() -> None:
    from trainvis.vis.figures import KINDS

    assert all(each.kinds and set(each.kinds) <= set(KINDS) for each in TECHNIQUES.values())


def test_sentences_are_whole_and_fit_two_lines_of_a_terminal() -> None:
    for each in TECHNIQUES.values():
        for sentence in filter(None, (each.sentence, each.caveat)):
            assert sentence[0].isupper(), sentence
            assert sentence.endswith("."), sentence
        assert len(each.sentence) <= 120, each.sentence


def test_nothing_wraps_a_wrapper() -> None:
    assert not [each.name for each in TECHNIQUES.values() if each.wraps and each.wrappable]
    assert any(each.wraps for each in TECHNIQUES.values())


def test_options_of_a_wrapper_clash_with_none_of_what_it_wraps() -> None:
    outer = {option.name for each in TECHNIQUES.values() if each.wraps for option in each.options}
    inner = {option.name for each in TECHNIQUES.values() if each.wrappable for option in each.options}
    assert not outer & inner


def test_a_set_with_labels_is_a_set() -> None:
    assert all("set" in each.needs for each in TECHNIQUES.values() if "labels" in each.needs)


def test_every_default_is_a_value_that_its_option_takes() -> None:
    for each in TECHNIQUES.values():
        for option in each.options:
            made = value_of(option, option.default)
            assert made == option.default, (each.name, option.name)
            assert type(made) is type(option.default), (each.name, option.name)


def test_every_default_can_be_typed() -> None:
    for each in TECHNIQUES.values():
        for option in each.options:
            default = option.default
            typed = ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
            assert value_of(option, typed, text=True) == default, (each.name, option.name)


def test_no_option_stands_twice_in_a_technique() -> None:
    for each in TECHNIQUES.values():
        names = [option.name for option in each.options]
        assert len(names) == len(set(names)), each.name


def test_a_paper_has_an_address_that_opens() -> None:
    papers = [each.paper for each in TECHNIQUES.values() if each.paper]
    assert len(papers) > 20
    assert all(paper.address.startswith("https://") and 1900 < paper.year < 2030 for paper in papers)
    assert technique("saliency_maps").paper.address == "https://arxiv.org/abs/1312.6034"


def test_what_sanity_checks_doubt_says_so() -> None:
    for name in ("guided_backpropagation", "deconvolutional_network", "guided_grad_cam"):
        assert "1810.03292" in technique(name).caveat


def test_an_unknown_technique_is_refused_with_the_nearest() -> None:
    with pytest.raises(TechniqueError, match="did you mean 'saliency_maps'"):
        technique("salency_map")


def test_a_name_like_no_other_is_refused_with_all_of_them() -> None:
    with pytest.raises(TechniqueError, match=r"there are .*grad_cam.*update_ratios"):
        technique("zzz")


def test_an_entry_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        technique("weights").title = "Weight"  # type: ignore[misc]
    with pytest.raises(TypeError):
        TECHNIQUES["mine"] = technique("weights")  # type: ignore[index]


def test_the_catalogue_loads_no_framework_and_no_arrays() -> None:
    code = "import sys, json, trainvis.vis.names; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & {"numpy", "h5py", "PIL", "keras", "tensorflow", "jax", "torch"}


def test_the_page_of_techniques_is_the_catalogue() -> None:
    path = ROOT / "docs" / "make_techniques.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.page()
    assert (ROOT / "docs" / "techniques.md").read_text(encoding="utf-8") == made, "run: python docs/make_techniques.py"
    assert all(f"`{each.name}" in made for each in TECHNIQUES.values())


def test_every_module_of_a_technique_is_in_the_catalogue() -> None:
    assert set(TECHNIQUES) >= MODULES


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MODULES & set(TECHNIQUES)))
def test_the_options_of_the_catalogue_are_those_of_the_module(name: str) -> None:
    from trainvis.vis.names import module

    made = module(name).Options()
    fields = {each.name: getattr(made, each.name) for each in dataclasses.fields(made)}
    assert {option.name: option.default for option in technique(name).options} == fields
    assert callable(module(name).compute)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MODULES & set(TECHNIQUES)))
def test_the_choices_of_the_catalogue_are_those_of_the_module(name: str) -> None:
    from trainvis.vis.names import module

    hints = get_type_hints(module(name).Options)
    for option in technique(name).options:
        assert set(option.choices) == literals(hints[option.name]), option.name


def literals(hint: object) -> set[str]:
    """The texts in the Literal of a type, at whatever depth."""
    if get_origin(hint) is Literal:
        return set(get_args(hint))
    return {text for inner in get_args(hint) for text in literals(inner)}


@pytest.mark.slow
@pytest.mark.parametrize(
    "each", [each for each in TECHNIQUES.values() if each.name in MODULES], ids=lambda each: each.name
)
def test_what_can_be_wrapped_has_an_attribution_to_average(each: Technique) -> None:
    from trainvis.vis.names import module

    if each.wrappable:
        assert callable(module(each.name).attribute)
