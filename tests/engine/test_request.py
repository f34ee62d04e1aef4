from __future__ import annotations

import math
import os
import sys
from pathlib import Path

import pytest

from trainvis.engine.errors import LaunchError
from trainvis.engine.launch import Request, prepare
from trainvis.engine.rundir import RunDir
from trainvis.engine.status import Waiting


def refused(root: Path, request: Request) -> str:
    """The sentence of a request that is refused; nothing of it may stay on disk."""
    with pytest.raises(LaunchError) as caught:
        prepare(root, request)
    assert list(root.iterdir()) == []
    return str(caught.value)


def test_a_prepared_run_says_what_was_asked_and_waits(runs, script):
    path = script("print(1)")
    run = prepare(runs, Request(path, ("--lr", "0.1"), tags=("a B", "c"), name=" my  run ", note="why", grace=5))
    spec, problem = run.spec()
    assert problem is None
    assert (spec.script, spec.argv, spec.cwd, spec.grace) == (str(path), ("--lr", "0.1"), str(path.parent), 5.0)
    notes, _ = run.notes()
    assert (notes.name, notes.tags, notes.note) == ("my run", ("train", "a", "b", "c"), "why")
    assert isinstance(run.status(), Waiting)
    assert (run.source_files / "train.py").read_text() == "print(1)"


def test_a_script_that_does_not_exist_is_refused(runs, tmp_path):
    assert "there is no script" in refused(runs, Request(tmp_path / "nope.py"))


def test_a_pipe_or_a_device_is_refused_without_reading_it(runs, tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    for path in (tmp_path / "pipe.py", Path("/dev/zero")):
        assert "no ordinary file" in refused(runs, Request(path))


def test_a_folder_is_refused(runs, tmp_path):
    assert "is a folder" in refused(runs, Request(tmp_path))


def test_no_script_at_all_is_refused(runs):
    assert "is a folder" in refused(runs, Request(""))


def test_a_script_with_a_name_no_file_can_have_is_refused(runs):
    assert "cannot be read" in refused(runs, Request("a\0b.py"))


def test_a_syntax_error_is_refused_with_its_line(runs, script):
    path = script("x = 1\nif x\n    pass\n")
    text = refused(runs, Request(path))
    assert "SyntaxError" in text
    assert f'"{path}", line 2' in text


def test_binary_data_is_refused_as_no_python(runs, tmp_path):
    path = tmp_path / "train.py"
    path.write_bytes(bytes(range(256)))
    assert "Error:" in refused(runs, Request(path))


def test_syntax_that_only_the_chosen_interpreter_knows_is_its_own_affair(runs, script, tmp_path):
    newer = tmp_path / "newer"
    newer.write_text("#!/bin/sh\nexit 0\n")
    newer.chmod(0o755)
    run = prepare(runs, Request(script("from the future import syntax\n"), python=str(newer)))
    assert run.spec()[0].python == str(newer)


@pytest.mark.filterwarnings("default")
def test_warnings_of_the_script_are_the_scripts_own(runs, script, recwarn):
    prepare(runs, Request(script(r"x = '\d'")))
    assert not recwarn.list


@pytest.mark.parametrize("python", ["/no/such/python", "no-such-python", "", "a\0b"])
def test_an_interpreter_that_is_missing_is_refused(runs, script, python):
    assert "there is no interpreter" in refused(runs, Request(script("1"), python=python))


def test_an_interpreter_may_be_an_environments_folder_and_stays_a_link(runs, script, tmp_path):
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    link = tmp_path / "venv" / "bin" / "python"
    link.symlink_to(sys.executable)
    run = prepare(runs, Request(script("1"), python=str(tmp_path / "venv")))
    assert run.spec()[0].python == str(link)


def test_a_working_directory_that_is_missing_is_refused(runs, script):
    assert "is no folder" in refused(runs, Request(script("1"), cwd="/no/such/folder"))


def test_an_image_that_is_missing_is_refused(runs, script, tmp_path):
    assert "there is no image" in refused(runs, Request(script("1"), images=(tmp_path / "a.png",)))


def test_images_are_copied_and_keep_their_names_apart(runs, script, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "cat.png").write_text(folder)
    run = prepare(runs, Request(script("1"), images=(tmp_path / "a" / "cat.png", tmp_path / "b" / "cat.png")))
    assert run.spec()[0].images == ("cat.png", "cat-2.png")
    assert [(run.images / name).read_text() for name in run.spec()[0].images] == ["a", "b"]


@pytest.mark.parametrize("tag", ["../up", "[red]", "a\x1b[31m", "x" * 10_000, "-a"])
def test_a_word_that_can_be_no_tag_is_refused(runs, script, tag):
    text = refused(runs, Request(script("1"), tags=(tag,)))
    assert "cannot be a tag" in text
    assert "\x1b" not in text
    assert len(text) < 300


def test_any_name_becomes_one_harmless_line(runs, script):
    run = prepare(runs, Request(script("1"), name="a\x1b[31m\n../[bold]" + "x" * 10_000))
    name = run.notes()[0].name
    assert "\x1b" not in name
    assert "\n" not in name
    assert len(name) <= 200
    assert run.path.parent == runs


def test_a_script_of_any_file_name_gives_a_safe_folder(runs, script):
    run = prepare(runs, Request(script("1", name="ünder [b]\x1b scöre.py")))
    assert run.path.parent == runs
    assert RunDir.looks_like_id(run.id)
    assert run.id.isascii()


@pytest.mark.parametrize("grace", [-1.0, math.inf, math.nan])
def test_a_grace_that_is_none_is_refused(runs, script, grace):
    assert "grace" in refused(runs, Request(script("1"), grace=grace))


@pytest.mark.parametrize(
    "request_",
    [{"argv": ("a\0b",)}, {"env": {"A": "a\0b"}}, {"env": {"": "x"}}, {"env": {"A=B": "x"}}],
)
def test_what_no_process_can_be_given_is_refused(runs, script, request_):
    assert refused(runs, Request(script("1"), **request_))


def test_a_launcher_that_there_is_not_is_refused(runs, script):
    assert "there is no launcher" in refused(runs, Request(script("1"), launcher="teleport"))


def test_secrets_are_never_in_the_run_directory(runs, script):
    run = prepare(runs, Request(script("1"), env={"HF_TOKEN": "s3cr3t-value", "MODE": "fast"}))
    assert run.spec()[0].env["MODE"] == "fast"
    assert "HF_TOKEN" in run.spec()[0].env
    for path in run.path.rglob("*"):
        assert not path.is_file() or b"s3cr3t-value" not in path.read_bytes()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_runs_folder_that_may_not_be_written_is_said(tmp_path, script):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    with pytest.raises(LaunchError, match="no run directory can be made"):
        prepare(locked, Request(script("1")))


def test_a_runs_folder_that_is_a_file_is_said(tmp_path, script):
    (tmp_path / "file").write_text("")
    with pytest.raises(LaunchError, match="no run directory can be made"):
        prepare(tmp_path / "file", Request(script("1")))
