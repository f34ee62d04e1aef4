"""`trainvis blob info`, `ls` and `show`: any file, in words and pictures."""

from __future__ import annotations

import json
from pathlib import Path

import click
import h5py
import numpy as np
import pytest
from blob_files import HOSTILE, digits, pets

from trainvis.engine.text import printable
from trainvis.tui.commands import blob
from trainvis.tui.commands.blob import BlobCommands

ALL = [name for commands in blob.TABLE.values() for name in commands]


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    return digits(tmp_path / "digits.h5")


def harmless(text: str) -> bool:
    """Whether nothing of it is a control but the ends of its lines."""
    return all(printable(line) == line for line in text.split("\n"))


@pytest.mark.parametrize("name", ALL)
def test_every_command_explains_itself_with_examples(trainvis, name: str) -> None:
    result = trainvis("blob", name, "--help")
    assert result.exit_code == 0
    assert f"trainvis blob {name}" in result.stdout
    assert "Example" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize("name", ALL)
def test_every_option_has_a_sentence(name: str) -> None:
    command = BlobCommands().get_command(click.Context(BlobCommands()), name)
    assert command is not None
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert (parameter.help or "").endswith("."), parameter.name


def test_an_unknown_command_is_told_with_the_nearest_one(trainvis) -> None:
    result = trainvis("blob", "shwo")
    assert result.exit_code == 2
    assert "did you mean show?" in result.stderr


def test_info_says_fields_classes_parts_and_digest(trainvis, numbers: Path) -> None:
    said = trainvis("blob", "info", numbers).stdout
    assert "digits.h5: HDF5 blob, 12 records" in said
    assert "image  image   8×8×1  uint8    numbers" in said
    assert "label, 3 classes: nought 4, one 4, two 4" in said
    assert "split, 2 classes: train 9, test 3" in said
    assert "digest: " in said
    found = json.loads(trainvis("blob", "info", numbers, "--json").stdout)
    assert found["records"] == 12
    assert found["labels"]["label"]["counts"] == {"nought": 4, "one": 4, "two": 4}


def test_info_of_a_file_without_records_is_its_tree(trainvis, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_dataset("layers/dense/vars/0", data=np.eye(3), chunks=(1, 3), compression="gzip")
        file["layers"].attrs["name"] = f"top{HOSTILE}"
    said = trainvis("blob", "info", tmp_path / "w.h5").stdout
    assert "0  3×3 float64, 72B, gzip 4:" in said
    assert "chunks 1×3" in said
    assert harmless(said)
    found = json.loads(trainvis("blob", "info", tmp_path / "w.h5", "--json").stdout)
    assert [each["path"] for each in found["tree"]][-1] == "/layers/dense/vars/0"


def test_info_shows_the_tree_of_a_blob_when_asked(trainvis, numbers: Path) -> None:
    assert "records/  5 inside" in trainvis("blob", "info", numbers, "--tree").stdout


@pytest.mark.parametrize("command", ["info", "ls", "show", "verify", "stats"])
@pytest.mark.parametrize("data", [None, b"", b"hello"])
def test_what_is_no_blob_is_a_sentence_and_exit_code_1(trainvis, tmp_path: Path, command: str, data: bytes) -> None:
    path = tmp_path / f"x{HOSTILE[:4]}.h5"
    if data is not None:
        path.write_bytes(data)
    result = trainvis("blob", command, path)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("trainvis: ")
    assert harmless(result.stderr)


def test_ls_lists_keys_and_labels(trainvis, numbers: Path) -> None:
    lines = trainvis("blob", "ls", numbers).stdout.splitlines()
    assert lines[0].split() == ["record", "key", "label", "split", "ink", "note"]
    assert lines[4].split() == ["3", "set/digit-003.png", "nought", "test", "3", "n3"]
    assert len(lines) == 13


@pytest.mark.parametrize(
    ("asked", "records"),
    [
        (["label:one"], [1, 4, 7, 10]),
        (["--where", "label=one", "--part", "test"], [7]),
        (["ink>7", "-label:two"], [9, 10]),
        (["--where", "label=one,two", "-n", "2"], [1, 2]),
        (["--start", "10"], [10, 11]),
        (["record<3", "n1"], [1]),
    ],
)
def test_ls_chooses_by_filter_and_part(trainvis, numbers: Path, asked: list[str], records: list[int]) -> None:
    found = json.loads(trainvis("blob", "ls", numbers, "--json", *asked).stdout)
    assert [each["record"] for each in found] == records


def test_ls_says_what_it_leaves_out(trainvis, numbers: Path) -> None:
    result = trainvis("blob", "ls", numbers, "-n", "5")
    assert "7 more of 12: --all lists all, --start 5 goes on" in result.stderr
    assert "none of 12 records fits" in trainvis("blob", "ls", numbers, "ink>99").stderr
    assert json.loads(trainvis("blob", "ls", numbers, "ink>99", "--json").stdout) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["lable:one"], "did you mean label?"),
        (["--where", "one"], "FIELD=VALUE"),
        (["--field", "x"], "it has image, label"),
        (["--labels", "x", "--stored"], "contradict"),
    ],
)
def test_what_cannot_be_chosen_by_is_a_usage_error(trainvis, numbers: Path, asked: list[str], said: str) -> None:
    result = trainvis("blob", "ls", numbers, *asked)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_part_that_is_not_there_is_a_sentence(trainvis, numbers: Path) -> None:
    result = trainvis("blob", "ls", numbers, "--part", "validation")
    assert result.exit_code == 1
    assert "has no part 'validation': train, test" in result.stderr


def test_show_says_records_in_words_where_there_is_no_terminal(trainvis, numbers: Path) -> None:
    said = trainvis("blob", "show", numbers, "2:4").stdout
    assert [line.split()[:3] for line in said.splitlines()[1:]] == [
        ["2", "set/digit-002.png", "two"],
        ["3", "set/digit-003.png", "nought"],
    ]


def test_show_draws_pictures_with_labels_below(trainvis, numbers: Path) -> None:
    said = trainvis("blob", "show", numbers, "--images", "half", "--width", "60", "-n", "3").stdout
    lines = said.splitlines()
    assert lines[0].count("\x1b[38;2;") + lines[0].count("\x1b[38;5;") > 3
    assert lines[-3].split() == ["nought", "one", "two"]
    assert lines[-4].split()[::2] == ["0", "1", "2"]


@pytest.mark.parametrize("what", ["5", "-7", "set/digit-005.png"])
def test_show_one_record_by_number_or_key_with_all_its_fields(trainvis, numbers: Path, what: str) -> None:
    said = trainvis("blob", "show", numbers, "--", what).stdout
    assert "record 5 of 12: set/digit-005.png" in said
    assert "ink    5" in said
    assert "label  two" in said


@pytest.mark.parametrize(
    ("what", "said"), [("12", "has no record 12"), ("-13", "has no record -13"), ("99999999999", "has no record")]
)
def test_show_of_a_record_that_is_not_there_is_a_sentence(trainvis, numbers: Path, what: str, said: str) -> None:
    result = trainvis("blob", "show", numbers, "--", what)
    assert result.exit_code == 1
    assert said in result.stderr


def test_show_slices_an_array_of_any_rank(trainvis, tmp_path: Path) -> None:
    values = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["deep/array"] = values
    said = trainvis("blob", "show", tmp_path / "x.h5", "--array", "deep/array", "--at", "1,2").stdout
    assert "array: 2×3×4×5 int64, [1, 2, :, :]" in said
    assert [line.split()[1:] for line in said.splitlines()[2:]] == values[1, 2].astype(str).tolist()
    said = trainvis("blob", "show", tmp_path / "x.h5", "deep/array", "--axes", "3,0", "--at", "2,1").stdout
    assert [line.split()[1:] for line in said.splitlines()[2:]] == values[:, 2, 1, :].T.astype(str).tolist()
    drawn = trainvis("blob", "show", tmp_path / "x.h5", "deep/array", "--axes", "2,3", "--images", "half").stdout
    assert "black is 0, white 19" in drawn
    for wrong in (["--axes", "0,9"], ["--at", "5"], ["--axes", "0,0"]):
        assert trainvis("blob", "show", tmp_path / "x.h5", "deep/array", *wrong).exit_code == 1
    assert trainvis("blob", "show", tmp_path / "x.h5", "deep/array", "--axes", "a").exit_code == 2


def test_show_reads_texts_and_json_of_a_tree(trainvis, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["config"] = json.dumps({"a": HOSTILE})
        file["group/inner"] = 1
    said = trainvis("blob", "show", tmp_path / "x.h5", "config").stdout
    assert said.startswith('{\n  "a": ')
    assert harmless(said)
    assert "inner" in trainvis("blob", "show", tmp_path / "x.h5", "group").stdout


def test_nothing_of_a_hostile_blob_reaches_the_terminal(trainvis, tmp_path: Path) -> None:
    path = pets(tmp_path / "pets.h5", broken=1)
    for asked in (["info"], ["info", "--tree"], ["ls"], ["show"], ["show", "0"], ["show", "1"], ["stats"], ["verify"]):
        result = trainvis("blob", asked[0], path, *asked[1:])
        assert harmless(result.stdout), asked
        assert harmless(result.stderr), asked
    # Pictures are control sequences, and none but these.
    drawn = trainvis("blob", "show", path, "--images", "half", "--width", "80").stdout
    for control in ("\x1b[2J", "\x1b]0", "\x07", "\x9b", "\u202e"):
        assert control not in drawn


def test_side_labels_lie_over_the_stored_ones_unless_told_otherwise(trainvis, numbers: Path, tmp_path: Path) -> None:
    side = tmp_path / "mine.jsonl"
    side.write_text(
        json.dumps({"key": "set/digit-000.png", "field": "label", "value": "two", "by": "me", "time": 1}) + "\n"
    )
    first = ["blob", "ls", numbers, "-n", "1", "--json"]
    assert json.loads(trainvis(*first).stdout)[0]["label"] == "nought"
    assert json.loads(trainvis(*first, "--labels", side).stdout)[0]["label"] == "two"


def test_shards_are_opened_by_the_name_they_were_built_under(trainvis, tmp_path: Path) -> None:
    digits(tmp_path / "x.h5").rename(tmp_path / "x-00000-of-00001.h5")
    assert "12 records" in trainvis("blob", "info", tmp_path / "x.h5").stdout
    assert "records/" in trainvis("blob", "info", tmp_path / "x.h5", "--tree").stdout
    assert "12 samples, 12 records" in trainvis("blob", "build", tmp_path / "x.h5", "--dry-run").stdout
    assert "needs a terminal" in trainvis(tmp_path / "x.h5").stderr
    assert "there is no file" in trainvis("blob", "info", tmp_path / "y.h5").stderr
    assert "there is no file" in trainvis("blob", "info", tmp_path / "nowhere" / "x.h5").stderr
