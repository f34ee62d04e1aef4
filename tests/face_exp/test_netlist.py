"""`trainvis faces nets`: the table, the file, and refusals in one sentence; no framework is loaded for it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from trainvis.face_exp.netlist import main
from trainvis.tui.commands.faces_nets import nets_command


def test_the_table_says_layers_epochs_and_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--nets=A-I", "--width=128", "--identities=60"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].split() == ["A", "baseline,", "minimal", "25", "epochs", "7,740", "parameters"]  # 128 × 60 + 60
    assert said[1].strip() == "drop → id"
    assert said[-1] == "parameters for features of 128, 60 identities and 7 expressions"
    assert all(len(line) <= 80 for line in said)


def test_json_says_all_of_a_network(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--nets=G", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found == {
        "name": "G", "title": "extra output, minimal", "kind": "extra output", "layers": "drop → {id, expression}",
        "epochs": 25, "batch": 512, "optimizer": "adam", "learning_rate": 0.0005, "initialiser": "glorot_uniform",
        "activation": "relu", "dropout": 0.5, "weight": 1.0, "parameters": 430_185,
    }  # fmt: skip


def test_the_file_that_is_written_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "nets.toml"
    assert main(["--nets=A,B", f"--write={path}"]) == 0
    assert main([f"--write={path}"]) == 1
    assert "is there already" in capsys.readouterr().err
    path.write_text(path.read_text().replace("epochs = 50", "epochs = 7"))
    assert main([f"--config={path}", "--nets=B"]) == 0
    assert "   7 epochs" in capsys.readouterr().out
    assert main([f"--write={tmp_path / 'none' / 'nets.toml'}"]) == 1
    assert "cannot be written: No such file or directory" in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_hands_on_what_the_program_says() -> None:
    done = CliRunner().invoke(nets_command, ["A", "--width", "2", "--identities", "3"], standalone_mode=False)
    assert done.return_value == 0
    assert "9 parameters" in done.output
    done = CliRunner().invoke(nets_command, ["Q"])
    assert done.exit_code == 1
    assert (
        done.output == "Error: there is no network Q: The networks are A, B, C, D, E, F, G, H, I, X, HI, I0, A0, B0\n"
    )
    done = CliRunner().invoke(nets_command, ["--sweep", "depth=1 inject=0 outputs=id", "--json"], standalone_mode=False)
    assert [each["name"] for each in json.loads(done.output)] == ["d1.w1024.i0"]


@pytest.mark.slow
def test_a_terminal_without_the_signs_shows_others() -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "trainvis.face_exp.netlist", "--nets=A"]
    done = subprocess.Popen(command, stdout=theirs, stderr=theirs, env={**os.environ, "PYTHONIOENCODING": "latin-1"})
    os.close(theirs)
    shown = bytearray()
    with suppress(OSError):  # at its end
        while part := os.read(ours, 65536):
            shown += part
    os.close(ours)
    assert done.wait(60) == 0
    assert b"drop ? id" in shown


def test_no_framework_and_no_arrays_are_loaded() -> None:
    code = "import trainvis.face_exp.netlist, sys; sys.exit(bool({'keras', 'numpy', 'tensorflow'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_a_file_says_moves_no_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "nets.toml"
    path.write_text('[all]\noptimizer = "\\u001b[2J"\nactivation = "\\u001b[31m"\ninitialiser = "\\u009b1m"\n')
    assert main([f"--config={path}"]) == 0
    assert not {"\x1b", "\x9b"} & set(capsys.readouterr().out)
