"""Drawn faces become a blob: what is in it, what is refused, and what an interrupted one leaves."""

from __future__ import annotations

import multiprocessing
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from wait import wait_for

from trainvis.datasets.blob import open_blob
from trainvis.datasets.errors import BlobError
from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.generating import Options, drawn, generate

SMALL = Options(people=3, faces=20, size=24, workers=1, sessions=2)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"people": 0}, "the number of people is 1 to 2,400, not 0"),
        ({"people": 9, "faces": 8}, "8 faces are too few for 9 people: each needs one at least"),
        ({"size": 0}, "the size of a face in pixels is 16 to 1,024, not 0"),
        ({"size": 100_000}, "the size of a face in pixels is 16 to 1,024, not 100,000"),
        ({"correlation": 1.01}, "the correlation of person and expression is 0 to 1, not 1.01"),
        ({"correlation": float("nan")}, "the correlation of person and expression is 0 to 1, not nan"),
        ({"difficulty": -0.1}, "the difficulty is 0 to 1, not -0.1"),
        ({"strength": 3}, "the strength of expressions is 0 to 2, not 3"),
        ({"seed": -1}, "the seed is 0 to"),
        ({"sessions": 0}, "the number of sessions of a person is 1 to 1,000, not 0"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(asked: dict[str, float], said: str) -> None:
    with pytest.raises(FacesError, match=re.escape(said)):
        Options(**asked)  # type: ignore[arg-type]


def test_a_file_that_is_there_is_kept_and_a_folder_that_is_not_is_said(tmp_path: Path) -> None:
    there = tmp_path / "faces.h5"
    there.write_bytes(b"mine")
    with pytest.raises(FacesError, match="is there already: choose another name, or say --replace"):
        generate(there, SMALL, print)
    assert there.read_bytes() == b"mine"
    with pytest.raises(FacesError, match="no is no folder"):
        generate(tmp_path / "no" / "faces.h5", SMALL, print)
    with pytest.raises(BlobError, match="the name of a blob ends in"):
        generate(tmp_path / "faces.png", SMALL, print)
    assert [path.name for path in tmp_path.iterdir()] == ["faces.h5"]


@pytest.mark.slow
def test_the_blob_says_of_each_face_what_was_drawn(tmp_path: Path) -> None:
    said: list[str] = []
    path = generate(tmp_path / "faces.h5", SMALL, said.append)
    assert said[0].startswith("drawing 20 faces of 3 people, 24×24 pixels")
    assert "20 faces in" in said[-1]
    with open_blob(path) as blob:
        assert len(blob) == 20
        assert blob.schema["expression"].classes == (
            "neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise",
        )  # fmt: skip
        found = blob.read(range(20))
        assert all(image.shape == (24, 24, 3) for image in found["image"])
        assert np.bincount(found["identity"]).tolist() in ([7, 7, 6], [7, 6, 7], [6, 7, 7])
        assert ((np.asarray(found["intensity"]) > 0) == (np.asarray(found["expression"]) > 0)).all()
        assert len(set(found["session"])) == 6
        assert ((np.asarray(found["age"]) >= 16) & (np.asarray(found["age"]) <= 85)).all()
        for name in ("gender", "glasses", "yaw", "pitch", "roll", "light", "covered"):
            assert len(found[name]) == 20


@pytest.mark.slow
def test_the_same_options_give_the_same_digest_whoever_draws(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    def tell(done: int, total: int) -> None:
        told.append((done, total))

    def digest(name: str, **other: int) -> str:
        options = Options(**{"people": 3, "faces": 20, "size": 24, "sessions": 2} | other)  # type: ignore[arg-type]
        return drawn(tmp_path / name, options, str, tell=tell).digest

    alone = digest("a.h5", workers=1)
    assert told[0] == (0, 20)
    assert told[-1] == (20, 20)
    assert digest("b.lmdb", workers=2) == alone
    assert digest("c.h5", workers=1, seed=1) != alone


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupted_one_leaves_nothing(tmp_path: Path, workers: int) -> None:
    def tell(done: int, _: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path / "faces.h5", Options(people=3, faces=60, size=24, workers=workers), str, tell=tell)
    assert not list(tmp_path.iterdir())
    assert not multiprocessing.active_children()


@pytest.mark.slow
@pytest.mark.kills
def test_a_worker_that_is_killed_is_said(tmp_path: Path) -> None:
    def tell(done: int, _: int) -> None:
        if done:
            for process in multiprocessing.active_children():
                process.kill()

    with pytest.raises(FacesError, match="a process that draws faces has ended before its time"):
        generate(tmp_path / "faces.h5", Options(people=4, faces=400, size=24, workers=2), str, tell=tell)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.kills
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are found in /proc")
def test_its_workers_end_with_it_however_it_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "trainvis.face_exp.generate", "faces.h5", "--faces=4000", "--workers=2"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")

        def drawing() -> list[str]:
            found = [pid for pid in children.read_text().split() if "spawn_main" in _command(pid)]
            return found if len(found) == 2 else []

        workers = wait_for(drawing, 60)
        process.kill()
    wait_for(lambda: not any("spawn_main" in _command(pid) for pid in workers), 60)
    assert not (tmp_path / "faces.h5").exists()


def _command(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


@pytest.mark.slow
def test_by_name_it_needs_no_framework_and_refuses_in_a_sentence(tmp_path: Path) -> None:
    code = "import sys; from trainvis.face_exp.generate import main; code = main(sys.argv[1:]); "
    code += "assert not {'keras', 'tensorflow', 'torch', 'jax'} & set(sys.modules); sys.exit(code)"

    def start(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    done = start("faces.h5", "--people=2", "--faces=4", "--size=16", "--workers=1")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "faces.h5").exists()
    done = start("faces.h5", "--people=2", "--faces=4", "--size=16", "--workers=1")
    assert done.returncode == 1
    assert done.stderr == "trainvis: faces.h5 is there already: choose another name, or say --replace\n"
