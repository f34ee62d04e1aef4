"""Lists of pictures: columns, delimiters, rows that are wrong, paths that lead elsewhere."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import no_utf8, picture, text

from trainvis.datasets.errors import SourceError
from trainvis.datasets.layouts import csv_list, rows, seen
from trainvis.datasets.layouts.listed import MISSING, OUTSIDE
from trainvis.datasets.layouts.table import recognise
from trainvis.datasets.sample import Problems


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "b.png", "c.png", "in/d.png"):
        picture(tmp_path / "set" / name)
    return tmp_path / "set"


def pairs(path: Path, **options):
    found = recognise(path, **options)
    name = found.fields[1].name
    return [(sample.key, sample.values[name]) for sample in found.samples], dict(found.problems.counts)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", " "])
def test_what_parts_the_cells_and_the_header_are_found(folder: Path, delimiter: str):
    lines = [["file", "label"], ["a.png", "cat"], ["in/d.png", "dog"]]
    whole = "\r\n".join(delimiter.join(line) for line in lines)
    for content in (whole, whole.partition("\n")[2], "\ufeff" + whole, whole.encode("utf-16")):
        text(folder / "list.csv", content)
        assert pairs(folder / "list.csv") == ([("a.png", "cat"), ("in/d.png", "dog")], {})


def test_a_folder_with_one_list_is_the_list(folder: Path):
    text(folder / "list.csv", "image,label\na.png,cat\n")
    found = recognise(folder)
    assert found.layout == "csv_list"
    assert "the list is list.csv" in found.notes
    text(folder / "more.csv", "image,label\na.png,cat\n")
    assert recognise(folder).layout == "image_folder"
    (folder / "more.csv").unlink()
    text(folder / "list.csv", "image,label\nnone.png,cat\n")
    assert recognise(folder).layout == "image_folder", "the list is not one of these pictures"
    assert csv_list.NOWHERE in recognise(folder, image="image").notes


def test_pictures_may_lie_in_a_folder_beside_the_list(folder: Path):
    text(folder / "list.csv", "image,label\nd.png,cat\n")
    assert pairs(folder / "list.csv")[0] == [("d.png", "cat")]
    assert "the pictures lie in in" in recognise(folder / "list.csv").notes


def test_rows_that_are_wrong_are_counted_by_reason(folder: Path):
    text(
        folder / "list.csv",
        'image,label,age\na.png,cat,3\n\nb.png\nb.png,cat,old\nnone.png,cat,4\na.png,cat,3\na.png,dog,3\n"c.png","d\n'
        'o""g",nan\n,cat,3\n',
    )
    found = recognise(folder / "list.csv", number="age")
    assert [(s.key, s.values["label"], s.values["age"]) for s in found.samples] == [
        ("a.png", "cat", 3), ("c.png", 'd\no"g', None),
    ]  # fmt: skip
    assert found.problems.counts == {
        csv_list.SHORT: 1, "no number in the column age": 1, MISSING: 1, csv_list.AGAIN: 1, csv_list.OTHER: 1,
        "a row without a picture": 1,
    }  # fmt: skip


def test_a_path_leads_out_of_the_folder_only_where_a_person_says_so(folder: Path):
    picture(folder.parent / "outside.png")
    (folder / "link.png").symlink_to(folder.parent / "outside.png")
    text(
        folder / "list.csv",
        f"image,label\n../outside.png,1\n{folder.parent}/outside.png,2\nin/../a.png,3\n{folder}/b.png,4\nlink.png,5\n"
        "/etc/hostname,6\n.,7\n",
    )
    found, problems = pairs(folder / "list.csv")
    assert found == [("a.png", "3"), ("b.png", "4"), ("link.png", "5")]
    assert problems == {OUTSIDE: 4}
    found, problems = pairs(folder / "list.csv", root=folder.parent)
    assert found == [("outside.png", "2"), ("set/b.png", "4")]
    assert pairs(folder / "list.csv", root="/")[0][0][1] == "2"


def test_several_targets_a_group_and_a_split(folder: Path):
    text(folder / "list.csv", "path;who;Mood;age;film;part\na.png;eve;Happy;7;x;Train\nb.png;bob;HAPPY;8.5;y;val\n")
    found = recognise(
        folder / "list.csv", label="mood,who", number="AGE", text="film", group="film", split="part", fold="yes"
    )
    assert [(field.name, field.kind) for field in found.fields] == [
        ("image", "image"), ("Mood", "class"), ("who", "class"), ("age", "number"), ("film", "text"),
    ]  # fmt: skip
    first, second = found.samples
    assert {**first.values, "image": 0} == {"image": 0, "Mood": "happy", "who": "eve", "age": 7, "film": "x"}
    assert (second.values["age"], second.group, second.split) == (8.5, "y", "validation")


def test_columns_may_be_numbered(folder: Path):
    text(folder / "list.txt", "1 cat a.png\n2 dog b.png\n")
    assert pairs(folder / "list.txt", image="3", label="2")[0] == [("a.png", "cat"), ("b.png", "dog")]
    with pytest.raises(SourceError, match=r"no column '4': there are 1 to 3"):
        recognise(folder / "list.txt", image="4")


def test_a_list_without_pictures_or_rows_is_a_sentence(folder: Path):
    text(folder / "list.csv", "name,size\nx,1\n")
    with pytest.raises(SourceError, match=r"no column of list.csv names pictures: .*--image.* of name, size"):
        recognise(folder / "list.csv")
    text(folder / "list.csv", "\n\n")
    with pytest.raises(SourceError, match="has no rows"):
        recognise(folder / "list.csv")
    text(folder / "list.csv", "image,label\na.png,1\n")
    for options in ({"delimiter": "ab"}, {"header": "perhaps"}, {"root": folder / "none"}, {"label": "zebra"}):
        with pytest.raises(SourceError):
            recognise(folder / "list.csv", **options)


def test_names_that_are_no_utf8_are_found(folder: Path):
    name = no_utf8(b"caf\xe9.png")
    picture(folder / "e.png").rename(folder / name)
    text(folder / "list.csv", f"image,label\n{name},{name}\n")
    assert pairs(folder / "list.csv")[0] == [("caf\\xe9.png", "caf\\xe9.png")]


def test_a_line_without_end_and_a_quote_without_end_cost_little(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rows, "LONGEST", 1000)
    text(folder / "list.csv", "image,label\na.png,1\n" + "x" * 5000 + "\nb.png,2\n" + '"' + "c.png,3\n" * 17_000)
    found, problems = pairs(folder / "list.csv")
    assert found[:2] == [("a.png", "1"), ("b.png", "2")]
    assert problems[rows.TOO_LONG] == 1
    assert problems[rows.NOT_READ] >= 1
    text(folder / "list.csv", "x" * 1000 * (rows.ENDLESS + 2))
    with pytest.raises(SourceError, match="lines without end"):
        recognise(folder / "list.csv")


@given(content=st.binary(max_size=300) | st.text('a.png,";\t\n\r\0 image', max_size=80).map(str.encode))
def test_any_bytes_are_a_list_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    folder = tmp_path_factory.mktemp("lists")
    picture(folder / "a.png")
    text(folder / "list.csv", content)
    with suppress(SourceError):
        samples = list(recognise(folder / "list.csv", image="1").samples)
        assert len({sample.key for sample in samples}) == len(samples)


def test_more_names_than_are_held_are_remembered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(seen, "_HELD", 3)
    with seen.Seen() as names:
        assert [names.add(str(number), "x") for number in range(10)] == ["new"] * 10
        assert [names.add(str(number), "x") for number in range(10)] == ["same"] * 10
        assert names.add("0", "y") == "other"


def test_lines_of_a_file_that_cannot_be_read_are_a_sentence(tmp_path: Path):
    with pytest.raises(SourceError):
        list(rows.lines(tmp_path, Problems()))
