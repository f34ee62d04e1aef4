from __future__ import annotations

import json
import os
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trainvis.engine.files import append_line, create_json, read_json, write_aside, write_json

here = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@here
@given(value=st.dictionaries(st.text().filter(lambda name: name != "schema"), values))
def test_a_mapping_is_read_as_it_was_written(tmp_path, value):
    write_json(tmp_path / "a.json", value)
    reading = read_json(tmp_path / "a.json")
    assert reading.problem is None
    assert reading.value == {"schema": 1, **value}


def test_file_names_that_are_no_text_survive(tmp_path):
    name = os.fsdecode(b"caf\xe9.py")
    write_json(tmp_path / "a.json", {"script": name})
    assert read_json(tmp_path / "a.json").value["script"] == name


@here
@given(data=st.binary(max_size=200))
def test_whatever_a_file_holds_gives_a_mapping_or_a_sentence(tmp_path, data):
    (tmp_path / "a.json").write_bytes(data)
    reading = read_json(tmp_path / "a.json")
    assert isinstance(reading.value, dict)
    assert reading.value or reading.problem or json.loads(data) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "empty"), (" \n", "empty"), ("{", "not JSON"), ("[" * 100_000, "not JSON"), ("[1]", "no mapping")],
)
def test_a_damaged_file_says_how(tmp_path, text, says):
    (tmp_path / "a.json").write_text(text)
    reading = read_json(tmp_path / "a.json")
    assert says in reading.problem
    assert not reading.missing


def test_a_missing_file_and_a_folder_say_what_they_are(tmp_path):
    assert read_json(tmp_path / "a.json").missing
    assert "cannot be read" in read_json(tmp_path).problem


def test_a_newer_schema_is_read_and_said(tmp_path):
    (tmp_path / "a.json").write_text('{"schema": 99, "x": 1}')
    reading = read_json(tmp_path / "a.json")
    assert "newer trainvis" in reading.problem
    assert reading.value["x"] == 1


def test_a_reader_never_sees_a_half_written_file(tmp_path):
    path, done = tmp_path / "a.json", threading.Event()
    write_json(path, {"n": 0})

    def write() -> None:
        for number in range(100):
            write_json(path, {"n": number, "filler": "x" * 10_000})
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    looks = 0
    while not done.is_set():
        assert read_json(path).problem is None
        looks += 1
    writer.join()
    assert looks > 1
    assert [left.name for left in tmp_path.iterdir()] == ["a.json"]


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path):
    path = tmp_path / "a"
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        write_aside(path, "x")
    assert [left.name for left in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("links", [True, False])
def test_of_many_who_create_a_file_one_succeeds(tmp_path, links, monkeypatch):
    if not links:

        def refuse(*_: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)
    winners: list[int] = []

    def create(number: int) -> None:
        try:
            create_json(tmp_path / "a.json", {"n": number})
        except FileExistsError:
            return
        winners.append(number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1
    assert read_json(tmp_path / "a.json").value["n"] == winners[0]
    assert [left.name for left in tmp_path.iterdir()] == ["a.json"]


def test_appended_lines_never_mix(tmp_path):
    def append(letter: str) -> None:
        for _ in range(200):
            append_line(tmp_path / "lines", letter * 500)

    threads = [threading.Thread(target=append, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = (tmp_path / "lines").read_text().splitlines()
    assert len(lines) == 800
    assert all(len(set(line)) == 1 and len(line) == 500 for line in lines)
