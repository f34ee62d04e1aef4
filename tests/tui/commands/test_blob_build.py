"""`trainvis blob build`: from folders and lists to a blob, by the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest
from PIL import Image
from wait import wait_for

from trainvis.datasets.blob import open_blob
from trainvis.tui.commands.blob_build_options import size_of
from trainvis.tui.commands.blob_options import progress


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Twelve pictures in two folders, an empty file and one cut off."""
    rng = np.random.default_rng(3)
    for at in range(12):
        folder = tmp_path / "src" / ("cat" if at % 3 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)).save(folder / f"{at:02}.png")
    (tmp_path / "src" / "cat" / "empty.png").write_bytes(b"")
    whole = (tmp_path / "src" / "cat" / "01.png").read_bytes()
    (tmp_path / "src" / "cat" / "cut\x1b[2J.png").write_bytes(whole[:-200])
    return tmp_path / "src"


def test_a_dry_run_is_a_table_and_writes_nothing(trainvis, folders: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    result = trainvis("blob", "build", folders, "--dry-run", "--split", "train=50%,test=50%", "--workers", "1")
    assert result.exit_code == 0
    assert "image_folder: 14 samples" in result.stdout
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["label", "records", "train", "test", "left", "out"] in lines
    assert "parts: train" in result.stdout
    assert "1 left out, an empty file: cat/empty.png" in result.stdout
    assert "\x1b" not in result.output
    assert sorted(tmp_path.rglob("*")) == before
    found = json.loads(trainvis("blob", "build", folders, "--dry-run", "--json", "--workers", "1").stdout)
    assert found["samples"] == 14
    assert sum(found["left_out"].values()) == 2


@pytest.mark.slow
def test_folders_become_a_blob_and_that_one_of_the_other_format(trainvis, folders: Path, tmp_path: Path) -> None:
    result = trainvis(
        "blob", "build", folders, tmp_path / "x.h5", "--size", "16x12", "--encoding", "raw", "--workers", "1",
        "--split", "train=0.75,test=0.25", "--stratify", "label", "--shuffle", "--seed", "7",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "x.h5: 12 records" in result.stdout
    said = trainvis("blob", "info", tmp_path / "x.h5").stdout
    assert "options: size 16×12, fit crop, encoding raw, " in said
    assert "balance" not in said
    assert "shards" not in said
    assert "\x1b" not in result.output
    with open_blob(tmp_path / "x.h5") as blob:
        assert blob.classes == ("cat", "dog")
        assert blob[0]["image"].shape == (12, 16, 3)
        assert len(blob.part("test")) == 3
        digest = blob.digest
    made = json.loads(trainvis("blob", "build", tmp_path / "x.h5", tmp_path / "x.lmdb", "--json").stdout)
    assert made["digest"] == digest
    assert trainvis("blob", "verify", tmp_path / "x.lmdb").exit_code == 0
    again = trainvis("blob", "build", folders, tmp_path / "x.h5")
    assert again.exit_code == 1
    assert "is there already" in again.stderr


@pytest.mark.slow
def test_a_list_is_read_by_its_columns(trainvis, folders: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(
        "file;mood;years\n"
        + "".join(
            f"src/{path.parent.name}/{path.name};{at % 2};{at}\n"
            for at, path in enumerate(sorted(folders.glob("dog/*.png")))
        )
    )
    asked = ["--image", "file", "--label", "mood", "--number", "years", "--workers", "1"]
    result = trainvis("blob", "build", tmp_path / "list.csv", tmp_path / "x.h5", *asked)
    assert result.exit_code == 0, result.output
    with open_blob(tmp_path / "x.h5") as blob:
        assert len(blob) == 4
        assert blob[3]["years"] == 3
        assert blob[3].text("mood") == "1"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([], "OUT.h5 or OUT.lmdb is missing"),
        (["x.h5", "--size", "big"], "--size takes pixels"),
        (["x.h5", "--split", "train"], "--split takes train=0.8,test=0.2"),
        (["x.h5", "--split", "a=b"], "is no share"),
        (["x.h5", "--stratify", "label"], "--split says into which parts"),
        (["x.h5", "--only", "label"], "--only takes FIELD=CLASS"),
        (["x.h5", "--per", "label=x"], "is no number of records"),
        (["x.h5", "--list", "train"], "--list takes NAME=FILE"),
        (["x.h5", "--split", "source", "--list", "train=x"], "contradict"),
    ],
)
def test_what_cannot_be_understood_is_a_usage_error(trainvis, folders: Path, asked: list[str], said: str) -> None:
    result = trainvis("blob", "build", folders, *asked)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["x.txt"], "ends in .h5"),
        (["x.h5", "--split", "train=0.5,test=0.2"], "add up to 1"),
        (["x.h5", "--encoding", "keep", "--size", "8"], "kept as they are"),
        (["x.h5", "--layout", "celebs"], "did you mean 'celeba'"),
        (["x.h5", "--size", "99999"], "pixels high and wide"),
    ],
)
def test_what_cannot_be_built_is_a_sentence(
    trainvis, folders: Path, tmp_path: Path, asked: list[str], said: str
) -> None:
    result = trainvis("blob", "build", folders, tmp_path / asked[0], *asked[1:])
    assert result.exit_code == 1
    assert said in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"src", "runs"}


def test_a_source_that_is_none_is_a_sentence(trainvis, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("nothing\x1b[2J", "empty"):
        result = trainvis("blob", "build", tmp_path / name, tmp_path / "x.h5")
        assert result.exit_code == 1
        assert "\x1b" not in result.stderr


def test_a_size_is_width_by_height() -> None:
    assert size_of("128") == (128, 128)
    assert size_of("178x218") == (218, 178)
    assert size_of(None) is None
    with pytest.raises(click.UsageError):
        size_of("1x2x3")


def test_the_layouts_are_printed(trainvis) -> None:
    said = trainvis("blob", "build", "--layouts").stdout
    assert "celeba: CelebA" in said
    assert "--image: the column of pictures" in said


@pytest.mark.slow
def test_ctrl_c_says_how_to_go_on_and_the_same_command_does(trainvis, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    (tmp_path / "src" / "a").mkdir(parents=True)
    for at in range(300):
        pixels = rng.integers(0, 256, (200, 200, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "src" / "a" / f"{at:04}.jpg")
    asked = [
        "blob",
        "build",
        tmp_path / "src",
        tmp_path / "x.h5",
        "--size",
        "150",
        "--encoding",
        "png",
        "--workers",
        "1",
    ]
    command = [sys.executable, "-m", "trainvis", *map(str, asked)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        part = tmp_path / "x.h5.part"
        wait_for(lambda: any(each.stat().st_size > 1 << 21 for each in part.rglob("data")))
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "the same command goes on with it, --fresh begins anew" in said
    assert "Traceback" not in said
    assert not (tmp_path / "x.h5").exists()
    result = trainvis(*asked)
    assert result.exit_code == 0, result.output
    assert "x.h5: 300 records" in result.stdout
    assert not part.exists()


@pytest.mark.parametrize(
    ("done", "total", "said"),
    [
        (310, 500, "building ████████████░░░░░░░░ 62 % 310 of 500 records  52/s  3s to go"),
        (0, 500, "building ░░░░░░░░░░░░░░░░░░░░ 0 % 0 of 500 records  52/s"),
        (310, None, "building 310 records  52/s  3s to go"),
        (600, 500, "building ████████████████████ 100 % 600 of 500 records  52/s  3s to go"),
    ],
)
def test_progress_is_a_bar_with_rate_and_time(done: int, total: int | None, said: str) -> None:
    assert progress("building", "records", done, total, 52.0, 3.0, "", bar=True) == said
