"""What doctor looks at, on real folders and the real kernel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trainvis.engine import checks
from trainvis.engine.checks import Level


def test_a_runs_folder_that_can_be_written_is_well_with_its_free_room(tmp_path: Path) -> None:
    check = checks.runs_folder(tmp_path)
    assert str(tmp_path) in check.found
    assert "GB free" in check.found
    assert list(tmp_path.iterdir()) == []


def test_a_runs_folder_that_is_not_there_yet_is_judged_by_what_is(tmp_path: Path) -> None:
    check = checks.runs_folder(tmp_path / "a" / "b")
    assert "made by the first run" in check.found
    assert not (tmp_path / "a").exists()


def test_the_cache_is_said_with_its_size_and_where_most_of_it_lies(tmp_path: Path) -> None:
    folder = tmp_path / "trainvis"
    assert checks.cache(folder).found == f"{folder}, nothing in it"
    (folder / "faces" / "features").mkdir(parents=True)
    (folder / "runs.json").write_bytes(bytes(1000))
    (folder / "faces" / "features" / "a.h5").write_bytes(bytes(2_500_000))
    check = checks.cache(folder)
    assert check.found.startswith(f"{folder}, 2.5 MB, most of it in faces/features; it may be deleted")
    assert check.level is Level.OK
    for name in "bcd":
        (folder / name).mkdir()
        (folder / name / "a.h5").write_bytes(bytes(2_500_000))
    assert "most of it" not in checks.cache(folder).found


@pytest.mark.parametrize("root", ["/proc/runs", "/dev/null/runs"])
def test_a_runs_folder_that_takes_nothing_is_bad_with_a_remedy(root: str) -> None:
    check = checks.runs_folder(Path(root))
    assert check.level is Level.BAD
    assert "--runs" in check.remedy


def test_low_inotify_limits_are_said_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "max_user_watches").write_text("100\n")
    (tmp_path / "max_user_instances").write_text("128\n")
    check = checks.inotify(tmp_path)
    assert check.level is Level.WARN
    assert check.remedy == "as root: sysctl fs.inotify.max_user_watches=524288"
    assert checks.inotify(tmp_path / "none").level is Level.OK


@pytest.mark.skipif(sys.platform != "linux", reason="mountinfo is Linux")
def test_the_file_system_of_a_path_is_what_the_kernel_says(tmp_path: Path) -> None:
    told = subprocess.run(["stat", "-f", "-c", "%T", "/proc"], capture_output=True, text=True, check=True).stdout
    assert checks.file_system(Path("/proc/self")).found == told.strip() == "proc"
    assert checks.file_system(tmp_path).found != "unknown"


def test_locks_are_tried_and_leave_nothing(tmp_path: Path) -> None:
    assert checks.locks(tmp_path).level is Level.OK
    assert list(tmp_path.iterdir()) == []


def test_an_interpreter_that_lacks_the_callbacks_is_a_warning_and_a_missing_one_is_bad(tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    bare.chmod(0o755)
    about, callbacks = checks.interpreter(str(bare), really=False)
    assert (about.level, callbacks.level) == (Level.OK, Level.WARN)
    assert "pip install" in callbacks.remedy
    assert checks.interpreter(str(tmp_path / "none"))[0].level is Level.BAD
