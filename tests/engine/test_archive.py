"""What a run's archive holds, and what it says it does not hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.engine import archive, facts
from trainvis.engine.errors import RunError
from trainvis.engine.rundir import RunDir, Spec


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository's folder with a script, a package, a module beside it and an installed package."""
    folder = tmp_path / "project"
    for name, text in {
        "scripts/train.py": "import numpy, beside, pack.deep as d\nfrom pack import other\n",
        "scripts/beside.py": "def late():\n    import importlib\n    importlib.import_module('lazy')\n",
        "scripts/lazy.py": "",
        "pack/__init__.py": "from .inner import x\n",
        "pack/inner.py": "x = 1\n",
        "pack/deep.py": "from . import sibling\n",
        "pack/sibling.py": "",
        "pack/other.py": "",
        "pack/unused.py": "",
        "src/modern/__init__.py": "",
        "venv/pyvenv.cfg": "",
        "venv/numpy.py": "",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / ".git").mkdir()
    return folder


def names(sources: archive.Sources) -> set[str]:
    return {str(path.relative_to(sources.base)) for path in sources.files}


def archived(runs: Path, script: Path, cwd: str | Path = "") -> tuple[RunDir, archive.Manifest]:
    run = RunDir.create(runs, script.stem)
    run.write_spec(Spec(script=str(script), cwd=str(cwd), python=sys.executable))
    return run, archive.copy(archive.collect(script, cwd, sys.executable), run)


def test_every_module_of_the_repository_that_is_imported_is_found_and_no_other(project: Path) -> None:
    sources = archive.collect(project / "scripts/train.py")
    assert sources.base == project
    assert names(sources) == {
        "scripts/train.py",
        "scripts/beside.py",
        "scripts/lazy.py",
        "pack/__init__.py",
        "pack/inner.py",
        "pack/deep.py",
        "pack/sibling.py",
        "pack/other.py",
    }
    assert sources.left_out == ()


def test_modules_of_the_working_folder_and_of_a_src_layout_are_found(project: Path, tmp_path: Path) -> None:
    cwd = tmp_path / "elsewhere"
    cwd.mkdir()
    (cwd / "settings.py").write_text("")
    (project / "scripts/train.py").write_text("import settings, modern\n")
    sources = archive.collect(project / "scripts/train.py", cwd)
    assert names(sources) == {"project/scripts/train.py", "project/src/modern/__init__.py", "elsewhere/settings.py"}


def test_an_environment_inside_the_project_is_not_archived(project: Path) -> None:
    (project / "scripts/train.py").write_text("import venv.numpy\n")
    assert names(archive.collect(project / "scripts/train.py")) == {"train.py"}


def test_a_script_with_a_syntax_error_is_archived_and_the_error_is_said(script) -> None:
    path = script("import os\ndef broken(:\n")
    sources = archive.collect(path)
    assert sources.files == (path,)
    assert "syntax error in line 2" in sources.left_out[0].why


@pytest.mark.parametrize("content", [b"\x00\xff\xfe binary", b"# coding: no-such\nx = 1\n", b"(" * 500, b""])
def test_a_script_that_cannot_be_parsed_is_archived_as_it_is(runs: Path, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.py"
    path.write_bytes(content)
    run, manifest = archived(runs, path)
    assert (run.source_files / manifest.script).read_bytes() == content


def test_modules_that_import_each_other_are_archived_once(script) -> None:
    path = script("import a\n")
    script("import b\n", "a.py")
    script("import a, train\n", "b.py")
    assert names(archive.collect(path)) == {"train.py", "a.py", "b.py"}


@pytest.mark.slow
def test_files_beyond_the_limits_are_left_out_and_named(script, monkeypatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_ARCHIVE", 500_000)  # a hundredth of what it is: parsing 50 MB takes seconds
    path = script("import big, " + ", ".join(f"part{i}" for i in range(11)) + "\n")
    script("#" * 5_000_001, "big.py")
    for i in range(11):
        script(("#" * 99 + "\n") * 490, f"part{i}.py")
    sources = archive.collect(path)
    said = {Path(item.path).name: item.why for item in sources.left_out}
    assert "the limit for a file is 5 MB" in said["big.py"]
    assert "50 MB" in said["part10.py"]
    assert sum(file.stat().st_size for file in sources.files) <= 500_000


def test_the_copies_equal_the_originals_and_the_manifest_reads_back(project: Path, runs: Path) -> None:
    run, manifest = archived(runs, project / "scripts/train.py")
    for file in manifest.files:
        assert (run.source_files / file.name).read_bytes() == Path(file.origin).read_bytes()
    assert archive.read(run) == manifest
    assert manifest.script == "scripts/train.py"
    assert archive.digest(run) == manifest.digest == json.loads(run.manifest_file.read_text())["digest"]


def test_equal_sources_have_equal_digests_and_a_change_changes_it(project: Path, runs: Path) -> None:
    script = project / "scripts/train.py"
    first, _ = archived(runs, script)
    second, _ = archived(runs, script)
    assert archive.digest(first) == archive.digest(second)
    assert archive.changed_since(second) == ()
    (project / "pack/inner.py").write_text("x = 2\n")
    third, _ = archived(runs, script)
    assert archive.digest(third) != archive.digest(first)
    assert archive.changed_since(first) == ("pack/inner.py",)
    (project / "pack/inner.py").unlink()
    assert archive.changed_since(first) == ("pack/inner.py",)


def test_a_file_that_vanishes_before_the_copy_is_said(script, runs: Path) -> None:
    path = script("import a\n")
    gone = script("", "a.py")
    sources = archive.collect(path)
    gone.unlink()
    manifest = archive.copy(sources, RunDir.create(runs, "train"))
    assert [file.name for file in manifest.files] == ["train.py"]
    assert manifest.left_out[0].path == str(gone)


def test_a_run_directory_that_takes_nothing_gives_a_sentence(script, runs: Path) -> None:
    run = RunDir.create(runs, "train")
    run.source.rmdir()
    run.source.write_text("a file where a folder should be")
    with pytest.raises(RunError, match="cannot be archived"):
        archive.copy(archive.collect(script("")), run)


def test_what_was_loaded_is_added_at_the_end(project: Path, runs: Path) -> None:
    run, before = archived(runs, project / "scripts/train.py")
    hidden, missing, ours = ModuleType("hidden"), ModuleType("missing"), ModuleType("trainvis.own")
    hidden.__file__ = str(project / "pack/unused.py")
    missing.__file__ = str(project / "pack/never.py")
    ours.__file__ = str(project / "pack/ours.py")
    after = archive.append_loaded(run, {"a": hidden, "b": missing, "trainvis.own": ours, "json": json, "sys": sys})
    assert {file.name for file in after.files} - {file.name for file in before.files} == {"pack/unused.py"}
    assert [item.path for item in after.left_out] == [str(project / "pack/never.py")]
    assert archive.append_loaded(run, {"a": hidden, "b": missing}) == after


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"files": 3}', '{"files": [{"name": "../../etc/x", "origin": "", "size": 1, "sha256": ""}]}'],
)
def test_a_damaged_or_foreign_manifest_is_an_empty_one_with_a_sentence(runs: Path, text: str) -> None:
    run = RunDir.create(runs, "train")
    run.manifest_file.write_text(text)
    manifest = archive.read(run)
    assert manifest.files == ()
    assert manifest.problem
    assert archive.digest(run) == ""


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
MANIFEST = st.fixed_dictionaries(
    {},
    optional={
        "files": st.lists(st.fixed_dictionaries(dict.fromkeys(("name", "origin", "size", "sha256"), ANYTHING)))
        | ANYTHING,
        "left_out": st.lists(st.fixed_dictionaries({"path": ANYTHING, "why": ANYTHING})) | ANYTHING,
        **dict.fromkeys(("base", "script", "schema"), ANYTHING),
    },
)
FACTS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("repository", "versions", "python", "cpus", "gathered", "problems", "left_out"), ANYTHING),
)


@pytest.mark.slow
@given(MANIFEST | ANYTHING, FACTS | ANYTHING)
def test_whatever_the_files_of_a_foreign_directory_hold_they_are_read(tmp_path_factory, manifest, found) -> None:
    run = RunDir(tmp_path_factory.getbasetemp() / "foreign-20260101-000000-0000")
    run.source.mkdir(parents=True, exist_ok=True)
    run.manifest_file.write_text(json.dumps(manifest))
    run.facts_file.write_text(json.dumps(found))
    read = facts.read(run)
    assert isinstance(read.gathered, float)
    for file in archive.read(run).files:
        assert (run.source_files / file.name).is_relative_to(run.source_files)
    archive.digest(run)


def test_an_import_that_cannot_be_a_file_name_is_passed_over(script) -> None:
    path = script("import " + "m" * 5000 + "\nimport a\n")
    script("", "a.py")
    assert names(archive.collect(path)) == {"train.py", "a.py"}


def test_a_link_that_leads_to_itself_is_no_module(script) -> None:
    path = script("import loop, a\n")
    (path.parent / "loop.py").symlink_to("loop.py")
    (path.parent / "a.py").symlink_to(script("x = 1\n", "../else/b.py"))
    assert names(archive.collect(path)) == {"train.py", "a.py"}


def test_values_of_secrets_are_masked_and_others_kept() -> None:
    plain = {
        "CUDA_VISIBLE_DEVICES": "0",
        "TOKENIZERS_PARALLELISM": "false",
        "AUTHOR": "Ada",
        "EMPTY_KEY": "",
        "URL": "http://h:80/x",
    }
    secret = {
        "HF_TOKEN": "a",
        "api_key": "b",
        "DB_PASSWORD": "c",
        "Secret1": "d",
        "GOOGLE_CREDENTIALS": "e",
        "AUTH": "f",
        "AUTHORIZATION": "g",
    }
    assert archive.mask(plain) == plain
    assert set(archive.mask(secret).values()) == {"***"}
    assert archive.mask({"DATABASE": "postgres://me:hunter2@host/db"}) == {"DATABASE": "postgres://me:***@host/db"}


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=30)))
def test_masking_keeps_every_name_and_is_done_once(environment: dict[str, str]) -> None:
    masked = archive.mask(environment)
    assert masked.keys() == environment.keys()
    assert archive.mask(masked) == masked


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *identity, "-C", str(folder), *arguments], check=True, capture_output=True)


@pytest.mark.slow
def test_facts_hold_commit_branch_difference_and_the_versions_of_the_chosen_interpreter(script, runs: Path) -> None:
    path = script("x = 1\n")
    git(path.parent, "init")
    git(path.parent, "add", ".")
    git(path.parent, "commit", "-m", "first")
    git(path.parent, "remote", "add", "origin", "https://me:secret@example.org/p.git")
    path.write_text("x = 2\n")
    (path.parent / "new.txt").write_text("")
    run, _ = archived(runs, path)
    from_a_hook = {**os.environ, "GIT_DIR": str(runs), "GIT_INDEX_FILE": "/dev/null"}
    gathering = [sys.executable, "-P", "-m", "trainvis.engine.archive", "--facts", run.path]
    subprocess.run(gathering, check=True, env=from_a_hook)
    found = facts.read(run)
    assert len(found.repository.commit) == 40
    assert found.repository.branch == "main"
    assert found.repository.dirty
    assert found.repository.untracked == ("new.txt",)
    assert found.repository.remote == "https://example.org/p.git"
    assert "+x = 2" in run.diff_file.read_text()
    assert found.python_version == ".".join(map(str, sys.version_info[:3]))
    assert "click" in found.versions
    assert found.digest == archive.digest(run)
    assert found.problems == ()


@pytest.mark.slow
def test_a_repository_without_a_commit_and_a_folder_without_a_repository_are_no_error(script, runs: Path) -> None:
    path = script("")
    bare, _ = archived(runs, path)
    assert archive.facts(bare).repository == facts.Repository()
    git(path.parent, "init")
    young, _ = archived(runs, path)
    repository = archive.facts(young).repository
    assert (repository.commit, repository.problem) == ("", "")
    assert repository.untracked == ("train.py",)


def test_facts_not_yet_gathered_or_damaged_are_empty_and_say_so(runs: Path) -> None:
    run = RunDir.create(runs, "train")
    assert facts.read(run).problems == ("commit and versions are not gathered yet",)
    run.facts_file.write_text('{"repository": 3, "versions": [], "cpus": "many", "left_out": 1')
    assert facts.read(run).problems == ("facts.json is damaged: it is not JSON",)
    run.facts_file.write_text('{"repository": 3, "versions": [], "cpus": "many", "problems": "x"}')
    assert facts.read(run).versions == {}
