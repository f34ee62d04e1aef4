from __future__ import annotations

import pytest

from trainvis.engine.logind import ends_runs_at_logout


@pytest.mark.parametrize(("answer", "warns"), [("echo 'b true'", True), ("echo 'b false'", False), ("exit 1", False)])
def test_a_machine_that_ends_processes_at_logout_is_told(tmp_path, monkeypatch, answer, warns):
    busctl = tmp_path / "busctl"
    busctl.write_text(f"#!/bin/sh\n{answer}\n")
    busctl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert ("loginctl enable-linger nobody-here" in ends_runs_at_logout("nobody-here")) is warns


def test_a_machine_without_systemd_ends_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ends_runs_at_logout("nobody-here") == ""
