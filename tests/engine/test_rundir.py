from __future__ import annotations

import dataclasses
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trainvis.engine.errors import RunError
from trainvis.engine.files import write_json
from trainvis.engine.rundir import Notes, Process, RunDir, Spec, State, new_id, stem_tag, tags_of

here = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2)
number = st.none() | st.floats(allow_nan=False, allow_infinity=False)
states = st.builds(
    State,
    status=st.sampled_from(["waiting", "running", "finished"]),
    text=st.text(),
    exit_code=st.none() | st.integers(),
    signal=st.none() | st.integers(),
    forced=st.booleans(),
    supervisor=st.none() | st.builds(Process, st.integers(), st.text()),
    started=number,
    stage_until=number,
    stragglers=st.integers(),
)


@pytest.fixture
def run(runs) -> RunDir:
    return RunDir.create(runs, "train")


@here
@given(state=states)
def test_a_state_is_read_as_it_was_written(run, state):
    run.write_state(state)
    read, problem = run.state()
    assert problem is None
    assert read.written is not None
    assert dataclasses.replace(read, written=None) == state


def test_a_spec_is_read_as_it_was_written(run):
    spec = Spec("/a/train.py", "", ("--lr", "0.1"), "/a", "/usr/bin/python", {"A": "b"}, grace=5.0, created=12.5)
    run.write_spec(spec)
    assert run.spec() == (spec, None)


@here
@given(fields=st.dictionaries(st.sampled_from([field.name for field in dataclasses.fields(State)]), anything))
def test_a_foreign_state_keeps_what_fits_and_names_what_does_not(run, fields):
    run.state_file.write_text(json.dumps({"schema": 1, **fields}))
    state, problem = run.state()
    for name in fields:
        kept = getattr(state, name) == fields[name] or getattr(state, name) == getattr(State(), name)
        assert kept or (problem and name in problem) or isinstance(getattr(state, name), float | int)


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00"])
def test_damaged_files_give_defaults_and_a_sentence(run, text):
    for file, read in ((run.spec_file, run.spec), (run.state_file, run.state), (run.notes_file, run.notes)):
        file.write_text(text)
        value, problem = read()
        assert value == type(value)()
        assert file.name in problem


def test_missing_notes_are_no_problem(run):
    assert run.notes() == (Notes(), None)
    assert run.state()[1] == "state.json is missing"


def test_fields_of_a_later_version_are_passed_over(run):
    write_json(run.spec_file, {"script": "/a.py", "teleport": True})
    assert run.spec() == (Spec("/a.py"), None)


@given(st.text(max_size=300), st.floats(0, 4e9))
def test_any_stem_gives_an_id_that_is_a_safe_folder_name(stem, now):
    name = new_id(stem, now)
    assert RunDir.looks_like_id(name)
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,110}", name)
    assert not name.startswith((".", "-"))


@given(st.text(max_size=300))
def test_the_tag_of_any_stem_is_a_tag_or_none(stem):
    assert tags_of(stem_tag(stem)) == stem_tag(stem)


def test_tags_are_lower_case_in_order_and_each_once():
    assert tags_of(["Mnist  base", "base", "v1.0/x"]) == ("mnist", "base", "v1.0/x")
    assert tags_of("") == ()


def test_notes_are_made_one_harmless_line(run):
    run.write_notes(Notes("a\x1b[2Jb\nc", ("One",), "x" * 20_000))
    notes, _ = run.notes()
    assert (notes.name, notes.tags, len(notes.note)) == ("a [2Jb c", ("one",), 20_000)


def test_a_note_that_is_a_book_is_refused_and_nothing_is_lost(run):
    run.write_notes(Notes("mine", (), "short"))
    with pytest.raises(RunError, match="too long"):
        run.edit_notes(lambda notes: dataclasses.replace(notes, note="x" * 100_001))
    assert run.notes()[0] == Notes("mine", (), "short")


def test_of_many_who_tag_at_once_none_loses(run):
    def tag(word: str) -> None:
        RunDir(run.path).edit_notes(lambda notes: dataclasses.replace(notes, tags=(*notes.tags, word)))

    words = [f"t{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tag, words))
    assert set(run.notes()[0].tags) == set(words)


def test_a_run_that_vanishes_under_a_reader_gave_no_sign(run):
    assert run.last_sign() is None
    run.output_log.symlink_to(run.path / "gone")
    assert run.last_sign() is None


def test_notes_that_cannot_be_written_say_so(run):
    run.notes_file.mkdir()
    with pytest.raises(RunError, match=f"the notes of {run.id} cannot be written"):
        run.write_notes(Notes("a"))


def test_a_claim_that_cannot_be_written_says_so(runs):
    with pytest.raises(RunError, match="cannot be claimed"):
        RunDir(runs / "nothing").claim(Process(1, "1"))


def test_the_last_sign_is_the_youngest_file(run):
    assert run.last_sign() is None
    run.write_state(State())
    first = run.last_sign()
    run.metrics_file.write_text("")
    assert run.last_sign() >= first
