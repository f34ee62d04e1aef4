"""A blob is looked at while another program writes it: what is seen is right, and the writer is not disturbed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from appending import label, pixels
from wait import wait_for

from trainvis.datasets.blob import Blob, open_blob
from trainvis.datasets.errors import BeingWrittenError, BlobError

SECONDS = float(os.environ.get("TRAINVIS_APPEND_SECONDS", "4"))  # 60 for the minute
PROGRAM = Path(__file__).with_name("appending.py")


def check(blob: Blob, places: list[int]) -> None:
    """Each record is the one that belongs to its place."""
    values = blob.read(places, ["image", "label"])
    for at, place in enumerate(places):
        assert np.array_equal(values["image"][at], pixels(place)), f"the picture of {place} of {len(blob)}"
        assert values["label"][at] == label(place), f"the label of {place} of {len(blob)}"


def opened(path: Path) -> Blob:
    def attempt() -> Blob | None:
        try:
            return open_blob(path)
        except BlobError:
            return None

    return wait_for(attempt, what="the first records")


def check_all(path: Path, count: int) -> None:
    with open_blob(path) as blob:
        assert len(blob) == count
        check(blob, list(range(count)))


@pytest.mark.slow
@pytest.mark.kills
@pytest.mark.parametrize(("kind", "name"), [("swmr", "a.h5"), ("lmdb", "folder"), ("own", "a.lmdb"), ("plain", "b.h5")])
def test_a_reader_is_never_wrong_and_the_writer_never_disturbed(tmp_path: Path, kind: str, name: str) -> None:
    path, chance = tmp_path / name, random.Random(0)
    command = [sys.executable, str(PROGRAM), kind, str(path), str(SECONDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as writer:
        blob = opened(path)
        lengths, looks, busy = {len(blob)}, 0, 0
        while writer.poll() is None:
            try:
                blob.refresh()
                count = len(blob)
                if count:
                    check(blob, [*range(max(count - 20, 0), count), *(chance.randrange(count) for _ in range(20))])
                lengths.add(count)
                looks += 1
            except BeingWrittenError:
                busy += 1
                time.sleep(0.01)
        said, problems = writer.communicate()
    assert (writer.returncode, problems) == (0, "")
    assert looks > 5, f"busy {busy} times"
    assert len(lengths) > 3
    blob.refresh()
    assert len(blob) == int(said)
    check(blob, list(range(len(blob))))
    blob.close()
    check_all(path, int(said))
