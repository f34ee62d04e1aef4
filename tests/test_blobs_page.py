"""The walk through a data set in the manual can be walked."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from trainvis.tui.commands.main import cli

PAGE = Path(__file__).parent.parent / "docs" / "blobs.md"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_every_command_of_the_page_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    pytest.importorskip("sklearn")
    monkeypatch.chdir(tmp_path)
    first, *others = blocks("python")
    exec(compile(first, str(PAGE), "exec"), {})
    said = ""
    for line in "".join(blocks("sh")).splitlines():
        program, *arguments = shlex.split(line)
        assert program == "trainvis"
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 0, (line, result.output)
        said += result.output
    # What the page shows is what the commands said, but for how long they took and what is left out (…).
    for shown in "".join(blocks("text")).splitlines():
        if "…" not in shown and " in 1.3s" not in shown and shown:
            assert shown in said, shown
    for block in others:
        exec(compile(block, str(PAGE), "exec"), {})
    assert "1797 ('0', '1', '2'" in capsys.readouterr().out
