"""Files that are damaged, cut off, made to do harm or being written: a plain sentence each, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import h5py
import lmdb
import numpy as np
import pytest
from built_sets import drawn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from own_files import settled, write_own
from wait import wait_for

from trainvis.datasets.blob import open_blob
from trainvis.datasets.errors import BeingWrittenError, BlobError
from trainvis.datasets.formats import hdf5_file
from trainvis.datasets.schema import Field, Schema
from trainvis.engine.text import printable

SCHEMA = Schema((Field("image", "image", "uint8", (8, 8, 1)), Field("caption", "text"), Field("label", "class")))
ROWS = [(f"k{place}", {"image": np.full((8, 8, 1), place), "caption": "c" * place, "label": 1}) for place in range(50)]


def refused(path: Path, said: str) -> None:
    with pytest.raises(BlobError, match=said) as found, open_blob(path) as blob:
        blob.read(range(len(blob)))
    assert str(found.value) == printable(str(found.value))


def arrays(path: Path, **more: object) -> Path:
    with h5py.File(path, "w") as file:
        file["images"], file["labels"] = np.zeros((20, 8, 8, 3), np.uint8), np.arange(20) % 3
        for name, value in more.items():
            file[name] = value
    return settled(path)


# What is no blob


def test_what_is_no_blob_says_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "empty.h5").touch()
    (tmp_path / "text.h5").write_text("no blob at all\n" * 99)
    os.mkfifo(tmp_path / "pipe.h5")
    refused(tmp_path / "empty.h5", "is empty")
    refused(tmp_path / "text.h5", "is no blob")
    refused(tmp_path / "pipe.h5", "no ordinary file")
    refused(tmp_path / "gone.h5", "there is no file")
    refused(tmp_path, "is a folder")
    (tmp_path / "\x1b[2J.h5").write_text("x")
    refused(tmp_path / "\x1b[2J.h5", "␛")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_file_that_is_cut_off_says_so(tmp_path: Path, share: float) -> None:
    for path in (write_own(tmp_path / "a.h5", SCHEMA, ROWS), arrays(tmp_path / "b.h5")):
        os.truncate(path, int(path.stat().st_size * share))
        refused(settled(path), "cut off|no HDF5")
    path = write_own(tmp_path / "a.lmdb", SCHEMA, ROWS)
    os.truncate(path, int(path.stat().st_size * share))
    refused(path, "cut off|no blob|damaged")


def test_a_file_that_shrinks_while_it_is_open_is_refused(tmp_path: Path) -> None:
    for name in ("a.h5", "a.lmdb"):
        path = write_own(tmp_path / name, SCHEMA, ROWS)
        with open_blob(path) as blob:
            assert blob[49]["caption"]
            os.truncate(path, path.stat().st_size // 3)
            with pytest.raises(BlobError, match=r"cut off|being written"):
                blob.read(range(50))


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=30), st.floats(0, 1))
def test_damage_anywhere_in_an_hdf5_is_said_or_harmless(tmp_path: Path, noise: bytes, share: float) -> None:
    path = write_own(tmp_path / "a.h5", SCHEMA, ROWS)
    data = bytearray(path.read_bytes())
    place = int(share * len(data))
    data[place : place + len(noise)] = noise
    path.write_bytes(data)
    said = ""
    try:
        with open_blob(path) as blob:
            blob.read(range(len(blob)))
    except BlobError as error:
        said = str(error)
    assert said == printable(said)


# What would do harm


def test_links_and_data_outside_of_the_file_are_not_followed(tmp_path: Path) -> None:
    secret = arrays(tmp_path / "secret.h5")
    (tmp_path / "raw").write_bytes(bytes(20 * 64))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["images"], file["labels"] = np.zeros((20, 8, 8, 3), np.uint8), np.arange(20) % 3
        file["linked"] = h5py.ExternalLink(str(secret), "/labels")
        file.create_dataset("outside", (20, 64), "u1", external=[(str(tmp_path / "raw"), 0, 20 * 64)])
        virtual = h5py.VirtualLayout((20,), "i8")
        virtual[:] = h5py.VirtualSource(str(secret), "labels", (20,))
        file.create_virtual_dataset("virtual", virtual)
    blob = open_blob(tmp_path / "a.h5")
    assert blob.schema.names == ("image", "label")
    said = " ".join(blob.notes)
    assert "1 links" in said
    assert "outside of a.h5" in said


def test_groups_that_hold_themselves_end(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["group/images"] = np.zeros((20, 8, 8, 3), np.uint8)
        file["group/again"] = file["group"]
        file["group/root"] = file["/"]
    assert len(open_blob(settled(tmp_path / "a.h5"))) == 20


def test_shapes_that_no_file_can_hold_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("images", (2**62, 8, 8, 3), "u1", chunks=(1, 8, 8, 3), maxshape=(None, 8, 8, 3))
    refused(settled(tmp_path / "a.h5"), "more than is possible")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file.create_dataset("images", (5, 2**31, 2**28, 3), "u1", chunks=(1, 64, 64, 3))
    refused(settled(tmp_path / "b.h5"), "more than is possible")
    np.savez(tmp_path / "c.npz", x=np.zeros((2, 2)))
    vast = (tmp_path / "c.npz").read_bytes().replace(b"(2, 2), }", b"(99999999999999,2)}"[:9])
    (tmp_path / "c.npz").write_bytes(vast)
    refused(tmp_path / "c.npz", "c.npz")


def test_a_compression_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("images", data=np.zeros((20, 8, 8, 3), np.uint8), chunks=(1, 8, 8, 3), compression="gzip")
    data = path.read_bytes()
    # The filter's number, in the message that describes it: deflate is 1, nobody has 12345.
    place = data.index(b"deflate") - 8
    path.write_bytes(data[:place] + (12345).to_bytes(2, "little") + data[place + 2 :])
    refused(path, r"filter 12345 \(deflate\).*hdf5plugin")


def test_a_damaged_record_does_not_harm_the_others(tmp_path: Path) -> None:
    schema = Schema((Field("image", "image", "uint8", (None, None, 3), (), "file"),))
    from test_foreign_formats import COLOUR, png

    rows = [("a", {"image": png(COLOUR[0])}), ("b", {"image": b"no picture"}), ("c", {"image": png(COLOUR[2])})]
    for name in ("a.h5", "a.lmdb"):
        blob = open_blob(write_own(tmp_path / name, schema, rows))
        assert np.array_equal(blob[2]["image"], COLOUR[2])
        with pytest.raises(BlobError, match=r"record 1 of a\.(h5|lmdb): the image is no picture: it holds text"):
            blob[1]["image"]
        assert blob.raw(1, "image") == b"no picture"


def test_a_newer_format_is_refused_in_words(tmp_path: Path) -> None:
    path = write_own(tmp_path / "a.h5", SCHEMA, ROWS)
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"trainvis_blob": 1', b'"trainvis_blob": 9'))
    refused(path, "newer trainvis")


# A writer at work

WRITER = """
import sys, h5py, numpy as np
with h5py.File(sys.argv[1], "a") as file:
    file["more"] = np.zeros(1000)
    file.flush()
    print("written", flush=True)
    sys.stdin.readline()
    file["images"][3] = 77
"""


@pytest.mark.slow
@pytest.mark.kills
def test_while_a_writer_has_the_file_it_is_being_written_and_then_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hdf5_file, "PATIENCE", 0.05)
    path = arrays(tmp_path / "a.h5")
    blob = open_blob(path)
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdin is not None
        assert writer.stdout.readline() == "written\n"
        with pytest.raises(BeingWrittenError, match=f"being written at this moment by process {writer.pid}"):
            open_blob(path)
        with pytest.raises(BeingWrittenError):
            blob.read([3], ["image"])
        assert blob.refresh()
        assert any("being written" in note for note in blob.notes)
        assert len(blob) == 20
        writer.stdin.write("\n")
        writer.stdin.flush()
        assert writer.wait() == 0
    wait_for(lambda: blob.refresh() or not any("being written" in note for note in blob.notes))
    assert (blob[3]["image"] == 77).all()


@pytest.mark.slow
def test_a_file_that_a_killed_writer_left_open_says_how_to_mend_it(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    code = "import h5py, os, sys\nfile = h5py.File(sys.argv[1], 'w', libver='latest')\nfile.flush()\nos._exit(0)"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    wait_for(lambda: _says(path, "h5clear -s a.h5"))


def _says(path: Path, said: str) -> bool:
    with pytest.raises(BlobError) as found:
        open_blob(path)
    return said in str(found.value)


def test_an_lmdb_whose_lock_cannot_be_made_is_read_and_it_is_said(tmp_path: Path) -> None:
    path = write_own(tmp_path / "a.lmdb", SCHEMA, ROWS)
    (tmp_path / "a.lmdb-lock").unlink()
    (tmp_path / "a.lmdb-lock").mkdir()
    with open_blob(path) as blob:
        assert blob[7].key == "k7"
        assert "not protected from a writer" in blob.notes[0]


def test_an_lmdb_that_this_program_has_open_otherwise_says_so(tmp_path: Path) -> None:
    path = write_own(tmp_path / "a.lmdb", SCHEMA, ROWS)
    with lmdb.open(str(path), subdir=False):
        refused(path, "open in this program already")
    with open_blob(path) as first, open_blob(path) as second:
        assert first[3].key == second[3].key


def test_an_hdf5_that_this_program_has_open_too_is_read(tmp_path: Path) -> None:
    with h5py.File(arrays(tmp_path / "a.h5"), "r"):
        assert len(open_blob(tmp_path / "a.h5")) == 20


@pytest.mark.slow
@pytest.mark.parametrize("size", [0, 5000])
def test_an_lmdb_that_is_cut_off_while_it_is_open_is_a_sentence(tmp_path: Path, size: int) -> None:
    """In a process of its own: to touch what is not there any more ends it."""
    path = write_own(tmp_path / "cut.lmdb", SCHEMA, ROWS)
    script = f"""
import os, sys
from trainvis.datasets.blob import open_blob
from trainvis.datasets.errors import BlobError
blob = open_blob(sys.argv[1])
blob[0]
os.truncate(sys.argv[1], {size})
for read in (lambda: blob.raw(1, blob.schema.names[0]), blob.labels, lambda: blob.key(2)):
    try:
        read()
    except BlobError as error:
        print(error)
"""
    said = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True).stdout
    assert said.count("cut.lmdb is cut off") >= 2


@pytest.mark.slow
def test_a_fork_while_other_threads_decode_their_first_picture_is_no_end(tmp_path: Path) -> None:
    """In a process of its own, in which no picture has been decoded yet."""
    schema = Schema((Field("image", "image", "uint8", (None, None, 3), (), "png"),))
    path = write_own(
        tmp_path / "a.h5", schema, [(f"k{place}", {"image": drawn(place, kind="PNG")}) for place in range(3)]
    )
    script = """
import os, sys, threading
from trainvis.datasets.blob import open_blob
blob = open_blob(sys.argv[1])
threads = [threading.Thread(target=lambda: blob[0]["image"]) for _ in range(3)]
for thread in threads:
    thread.start()
child = os.fork()
if not child:
    import signal
    signal.alarm(20)
    os._exit(blob[1]["image"].ndim)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    said = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["3"]
