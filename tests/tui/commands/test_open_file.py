"""`trainvis FILE` looks into a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from trainvis.tui import start
from trainvis.tui.commands import open_file
from trainvis.tui.commands.main import cli


def test_without_a_terminal_a_command_is_named_that_needs_none(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    file = tmp_path / "faces.h5"
    file.touch()
    with pytest.raises(SystemExit) as caught:
        cli.main([str(file)])
    assert caught.value.code
    assert "trainvis blob info" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit):
        cli.main(["fac\x1bes.h5"])
    assert "there is no file fac␛es.h5" in capsys.readouterr().err


def test_the_application_is_opened_on_it_with_the_options_before_it(
    tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: dict[str, object] = {}

    class Tty:
        stdin = stdout = type("Stream", (), {"isatty": staticmethod(lambda: True)})

    monkeypatch.setattr(open_file, "sys", Tty)
    monkeypatch.setattr(start, "run_app", lambda root, **given: called.update(given, root=root))
    file = tmp_path / "faces.lmdb"
    file.mkdir()
    CliRunner().invoke(cli, ["--runs", str(runs), "--images", "half", str(file)], standalone_mode=False)
    assert called == {"root": runs, "color": "auto", "images": "half", "open_file": str(file)}
