"""The configuration file: networks changed and added in one place; what it does not know it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainvis.face_exp import config, netlist
from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.nets import CONTROLS, NETS, changed
from trainvis.face_exp.preparing import nets_of
from trainvis.face_exp.settings import Settings
from trainvis.face_exp.sweep import sweep


def test_what_is_written_changes_nothing_when_it_is_read() -> None:
    found = config.of_text(config.written())
    assert found.nets == {**NETS, **CONTROLS}
    assert found.study == {}


def test_what_was_changed_is_written_too() -> None:
    odd = changed(NETS["E"], title='a "title" \\ \x07 ü', dropout=0.25, batch=64, optimizer="sgd", learning_rate=1e-5)
    assert config.of_text(config.written([odd])).nets == {"E": odd}


def test_networks_are_changed_and_added(tmp_path: Path) -> None:
    path = tmp_path / "nets.toml"
    path.write_text(
        """
        [all]
        learning_rate = 0.001
        epochs = 5
        [nets.E]
        epochs = 80
        [nets.mine]
        like = "E"
        layers = "drop → 512 → concat(expression) → id"
        [nets.bare]
        layers = "8 -> id"
        dropout = 0
        [study]
        seeds = 5
        sources = "label, shuffled"
        sweep = "depth=1"
        """
    )
    found = config.read(path)
    assert found.nets["A"] == changed(NETS["A"], learning_rate=0.001, epochs=5)
    assert found.nets["E"] == changed(NETS["E"], learning_rate=0.001, epochs=80)
    mine = found.nets["mine"]
    assert (mine.epochs, mine.learning_rate, mine.title) == (80, 0.001, "like E")
    assert str(mine.layers) == "drop → 512 → concat(expression) → id"
    assert (found.nets["bare"].epochs, found.nets["bare"].dropout) == (5, 0.0)
    assert found.study == {"seeds": 5, "sources": ("label", "shuffled"), "sweep": "depth=1"}


def test_what_is_said_for_all_networks_holds_for_those_of_a_sweep(tmp_path: Path) -> None:
    path = tmp_path / "nets.toml"
    path.write_text(
        """
        [all]
        epochs = 5
        batch = 64
        [nets.E]
        epochs = 80
        [nets.B]
        layers = "drop → 8 → id"
        """
    )
    swept = "inject=no,1 depth=2 width=16,1024 outputs=id"
    asked = Settings(data="/", nets="", sweep=swept, config=str(path))
    for found in (nets_of(asked), netlist.chosen(None, swept, str(path))):
        told = {net.name: (net.epochs, net.batch) for net in found}
        assert told == {"d2.w16": (5, 64), "d2.w16.i1": (5, 64), "B": (5, 64), "E": (80, 64)}
        layers = {net.name: str(net.layers) for net in found}
        assert layers["B"] == str(NETS["B"].layers)  # which the sweep decides
        assert layers["d2.w16"] == "drop → 16 → drop → 16 → drop → id"


def test_one_network_of_a_sweep_is_changed_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "nets.toml"
    path.write_text('[all]\nbatch = 64\n[nets."d2.w256.i1"]\nepochs = 9\n[nets."d0.w8.own_id"]\nepochs = 3\n')
    swept = "inject=no,1 depth=0,2 width=8,256 outputs=id,own_id"
    found = {net.name: net for net in nets_of(Settings(data="/", nets="", sweep=swept, config=str(path)))}
    plain = {net.name: net for net in sweep(swept)}
    assert len(found) == len(plain) > 4
    epochs = {"d2.w256.i1": 9, "d0.w8.own_id": 3}
    for name, net in plain.items():
        assert found[name] == changed(net, batch=64, epochs=epochs.get(name, net.epochs))


def test_two_networks_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "nets.toml"
    path.write_text("[nets.E]\nlayers = 'drop → 8 → id'\n[nets.B]\nepochs = 3\n")
    swept = "inject=no,1 depth=2"
    asked = Settings(data="/", nets="E", sweep=swept, config=str(path))
    for both in (lambda: nets_of(asked), lambda: netlist.chosen("E", swept, str(path))):
        with pytest.raises(
            FacesError, match=r"two networks are called E: drop → 1024 .* of the sweep, and drop → 8 → id"
        ):
            both()
    names = [net.name for net in netlist.chosen("A,B", "inject=no depth=2 outputs=id", str(path))]
    assert names == ["B", "A"]  # which is the same in both, and there once


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[nets.E]\nepoch = 3", "no setting epoch in .nets.E.: epochs perhaps"),
        ("[net.E]", "no section net: nets perhaps"),
        ("[study]\nseed = 3", "no setting seed in .study.: seeds perhaps"),
        ("[all]\nlayers = 'id'", "no setting layers in .all."),
        ("[nets.mine]\nepochs = 3", "a new network and has no layers"),
        ("[nets.'d21.w8']\nepochs = 3", "a new network and has no layers"),
        ("[nets.'d2.w8.i3']\nepochs = 3", "a new network and has no layers"),
        ("[nets.mine]\nlike = 'EE'", "no network EE in .nets.mine. like: E perhaps"),
        ("[nets.E]\nlayers = 'drop → 10o → id'", "the layers of E: “10o” is no layer"),
        ("[nets.E]\nepochs = '3'", "epochs in .nets.E. is 3: it has to be a whole number"),
        ("[nets.E]\nepochs = true", "has to be a whole number"),
        ("[nets.E]\nepochs = 0", "epochs of E is 0"),
        ("[nets.'a/b']\nlayers = 'id'", "cannot name a network"),
        ("nets = 3", "nets is no section"),
        ("[nets]\nE = 3", "is no table"),
        ("a = [", "it is no TOML"),
        ("a = " + "[" * 20_000, "it is no TOML"),
        ("a = " + "9" * 5_000, "it is no TOML"),
    ],
)
def test_what_it_does_not_know_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(FacesError, match=f"bad.toml: .*{said}"):
        config.read(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FacesError, match="cannot be read: No such file"):
        config.read(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(FacesError, match="is no text"):
        config.read(tmp_path / "binary.toml")
