"""The networks A to I are those of the table: layers, epochs, and parameters computed by hand."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from trainvis.face_exp import config, netlist
from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.layers import parse
from trainvis.face_exp.nets import CONTROLS, NETS, Net, nets

# The table of the thesis, by hand: kind, layers, epochs.
TABLE = {
    "A": ("baseline", "drop → id", 25),
    "B": ("baseline", "drop → 1024 → drop → 1024 → drop → id", 50),
    "C": ("baseline", "drop → 1024 → drop → 1024 → drop → 1024 → drop → id", 50),
    "D": ("extra input", "drop → concat(expression) → id", 30),
    "E": ("extra input", "drop → 1024 → drop → concat(expression) → 1024 → drop → id", 50),
    "F": ("extra input", "drop → concat(expression) → 1024 → drop → 1024 → drop → id", 50),
    "G": ("extra output", "drop → {id, expression}", 25),
    "H": ("extra output", "drop → 1024 → drop → 1024 → drop → {id; 1024 → drop → expression}", 50),
    "I": ("extra output", "drop → 1024 → drop → 1024 → drop → {expression; 1024 → drop → id}", 50),
}

# By hand, of features 4096 wide, 98 identities, 7 expressions: weights in × out, and a bias for each unit.
FIRST = 4096 * 1024 + 1024  # 4,195,328
FURTHER = 1024 * 1024 + 1024  # 1,049,600
IDENTITY = 1024 * 98 + 98  # 100,450
EXPRESSION = 1024 * 7 + 7  # 7,175
PARAMETERS = {
    "A": 401_506,  # 4096 × 98 + 98
    "B": FIRST + FURTHER + IDENTITY,
    "C": FIRST + 2 * FURTHER + IDENTITY,
    "D": 402_192,  # (4096 + 7) × 98 + 98
    "E": FIRST + FURTHER + 7 * 1024 + IDENTITY,
    "F": FIRST + 7 * 1024 + FURTHER + IDENTITY,
    "G": 401_506 + 28_679,  # and 4096 × 7 + 7
    "H": FIRST + 2 * FURTHER + IDENTITY + EXPRESSION,
    "I": FIRST + 2 * FURTHER + IDENTITY + EXPRESSION,
    "X": FIRST + FURTHER + EXPRESSION,
    "HI": FIRST + 3 * FURTHER + IDENTITY + EXPRESSION,
    "I0": FIRST + FURTHER + IDENTITY + EXPRESSION,
    "A0": 401_506,
    "B0": FIRST + FURTHER + IDENTITY,
}


@pytest.mark.parametrize("name", TABLE)
def test_the_layers_and_epochs_are_those_of_the_table(name: str) -> None:
    net = NETS[name]
    assert (net.kind, str(net.layers), net.epochs) == TABLE[name]


def test_all_are_trained_alike() -> None:
    settings = {each.name for each in fields(Net)} - {"name", "title", "layers", "epochs"}
    for net in (*NETS.values(), *CONTROLS.values()):
        assert {name: getattr(net, name) for name in settings} == {
            "batch": 512, "optimizer": "adam", "learning_rate": 0.0005, "initialiser": "glorot_uniform",
            "activation": "relu", "dropout": 0.5, "weight": 1.0,
        }  # fmt: skip


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_are_those_computed_by_hand(name: str) -> None:
    assert {**NETS, **CONTROLS}[name].layers.parameters(4096, 98, 7) == PARAMETERS[name]


def test_the_totals_written_out() -> None:
    assert [PARAMETERS[name] for name in "BCEFHI"] == [
        5_345_378, 6_394_978, 5_352_546, 5_352_546, 6_402_153, 6_402_153,
    ]  # fmt: skip


def test_the_controls_are_the_side_remarks() -> None:
    assert {name: str(net.layers) for name, net in CONTROLS.items()} == {
        "X": "drop → 1024 → drop → 1024 → drop → expression",
        "HI": "drop → 1024 → drop → 1024 → drop → {1024 → drop → id; 1024 → drop → expression}",
        "I0": "drop → 1024 → drop → 1024 → drop → {id, expression}",
        "A0": "id",
        "B0": "1024 → drop → 1024 → drop → id",
    }
    assert CONTROLS["X"].kind == "expression only"


def test_what_a_net_has_to_do_with_expressions() -> None:
    assert "".join(name for name, net in NETS.items() if net.takes_expression) == "DEF"
    assert "".join(name for name, net in NETS.items() if not net.knows_expression) == "ABC"
    assert [name for name, net in NETS.items() if net.outputs == ("identity", "expression")] == ["G", "H", "I"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A-I", "A B C D E F G H I"),
        ("a,b E", "A B E"),
        ("B-D,C,X", "B C D X"),
        ("controls", "X HI I0 A0 B0"),
        ("all", "A B C D E F G H I X HI I0 A0 B0 mine"),
        ("mine, A", "mine A"),
    ],
)
def test_networks_are_named_one_by_one_and_in_ranges(text: str, names: str) -> None:
    mine = Net("mine", "", parse("8 → id"), 3)
    assert [net.name for net in nets(text, {"mine": mine})] == names.split()


@pytest.mark.parametrize(
    ("text", "said"),
    [("A,H1", "H perhaps"), ("Z", "The networks are A, B"), ("D-A", "ends before it begins"), ("A-", "no network")],
)
def test_a_network_that_is_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(FacesError, match=said):
        nets(text)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"epochs": 0}, "epochs of N is 0"),
        ({"dropout": 1.0}, "dropout of N is 1.0"),
        ({"learning_rate": float("nan")}, "learning_rate of N is nan"),
        ({"batch": 0}, "batch of N is 0"),
        ({"layers": "8 → idd"}, "the layers of N: “idd” is no layer"),
        ({"name": "../N"}, "cannot name a network"),
        ({"name": "a-b"}, "cannot name a network"),
    ],
)
def test_a_network_that_cannot_be_is_refused(settings: dict, said: str) -> None:
    with pytest.raises(FacesError, match=said):
        Net(**{"name": "N", "title": "", "layers": "8 → id", "epochs": 2, **settings})


PAGE = (Path(__file__).parents[2] / "docs" / "faces-networks.md").read_text(encoding="utf-8")


def test_the_page_has_the_table_as_it_is() -> None:
    for name, (_, layers, epochs) in TABLE.items():
        assert f"| {name} | {NETS[name].title} | `{layers}` | {epochs} |" in PAGE
    for name, net in CONTROLS.items():
        assert any(line.startswith(f"| {name} ") and f"`{net.layers}`" in line for line in PAGE.splitlines())


def test_what_the_page_shows_is_what_comes(capsys: pytest.CaptureFixture[str]) -> None:
    assert netlist.main(["--nets=A,E,H", "--width=128", "--identities=60"]) == 0
    assert capsys.readouterr().out in PAGE
    example = PAGE.partition("```toml\n")[2].partition("```")[0]
    found = config.of_text(example)
    assert [net.name for net in nets(found.study["nets"], found.nets)] == [*NETS, "narrow"]
