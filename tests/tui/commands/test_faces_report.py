"""`trainvis faces report`: the newest study in the terminal, as Markdown, as CSV, as a page."""

import json
import re
import shutil
from pathlib import Path

import pytest
from made_studies import Made

from trainvis.engine.rundir import RunDir, Spec
from trainvis.face_exp.judging.options import Options
from trainvis.face_exp.report.making import report
from trainvis.tui.report_text import drawn

STUDY = Made(faces=300, people=6, seeds=2, nets="ABE", sets=("7", "3"), sources=("label",), name="six people")


@pytest.fixture(scope="module")
def studied(tmp_path_factory):
    """A folder with the results of a study, and its report."""
    folder = tmp_path_factory.mktemp("studied")
    STUDY.write(folder)
    report(folder, Options(resamples=20))
    return folder


@pytest.fixture
def run(runs, studied):
    """The run of a study with a report."""
    run = RunDir.create(runs, "study")
    run.write_spec(Spec(module="trainvis.face_exp.study"))
    shutil.copytree(studied, run.path, dirs_exist_ok=True)
    return run


def test_the_newest_study_is_printed_in_80_columns_without_control_characters(trainvis, runs, run):
    head = RunDir.create(runs, "E-7-label-s0")  # newer, and no study
    head.write_spec(Spec(module="trainvis.face_exp.study"))
    shown = trainvis("faces", "report")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("Faces and expressions: six people\n")
    assert "1. Does expression help to recognise faces?" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", shown.stdout)


def test_it_is_printed_as_markdown_and_as_csv_and_the_page_is_named(trainvis, run):
    assert trainvis("faces", "report", run.id, "--markdown").stdout == (run.results / "report.md").read_text("utf-8")
    assert trainvis("faces", "report", run.id, "--csv").stdout.startswith("net,expressions,source,part,")
    page = trainvis("faces", "report", run.id, "--html").stdout.strip()
    assert page == str(run.results / "report.html")
    assert Path(page).is_file()


def test_the_run_of_a_head_means_its_study(trainvis, runs, run):
    head = RunDir.create(runs, "E-7-label-s0")
    head.write_spec(Spec(module="trainvis.face_exp.head", parent=run.id))
    assert "six people" in trainvis("faces", "report", head.id).stdout


def test_a_folder_with_results_is_a_study_too(trainvis, studied):
    assert "six people" in trainvis("faces", "report", studied).stdout


def test_what_is_no_study_is_said(trainvis, runs):
    none = trainvis("faces", "report")
    assert none.exit_code == 3
    assert "there is no study yet" in none.stderr
    run = RunDir.create(runs, "digits")
    run.write_spec(Spec(script="digits.py"))
    other = trainvis("faces", "report", run.id)
    assert other.exit_code == 1
    assert "is no study" in other.stderr


@pytest.mark.parametrize("flags", [("--csv", "--html"), ("--expressions", "3"), ("--source", "label")])
def test_options_that_do_not_go_together_are_refused(trainvis, run, flags):
    assert trainvis("faces", "report", *flags).exit_code == 2


def test_a_report_of_somebody_else_cannot_write_to_the_terminal():
    text = "# \x1b]0;title\x07 a\n\n[here](http://x) \x1b[2J | x\n\n```text\n\x1b[31m\n```\n"
    for colored in (False, True):
        shown = drawn(text, 60, colored=colored)
        assert "\x1b]" not in shown
        assert "\x1b[2J" not in shown
        assert "\x07" not in shown
        assert "␛" in shown


@pytest.mark.slow
def test_again_makes_it_of_the_heads_that_are_there_now(trainvis, runs):
    run = RunDir.create(runs, "study")
    run.write_spec(Spec(module="trainvis.face_exp.study"))
    STUDY.write(run.path)
    first = trainvis("faces", "report", run.id)
    assert "making the report…" in first.stderr
    assert "“7”" in first.stdout
    next((run.results / "heads").glob("E-3-*")).unlink()
    again = trainvis("faces", "report", run.id, "--again", "--expressions", "3")
    assert "“3”" in again.stdout
    assert "Unfinished." in again.stdout
    (run.results / "faces.npz").write_bytes(b"cut")
    broken = trainvis("faces", "report", run.id, "--again")
    assert broken.exit_code == 1
    assert "the report could not be made" in broken.stderr
    assert json.dumps(broken.stderr).count("Traceback") == 0
