"""The tree of any file: right, limited, and harmless whatever the file says."""

from __future__ import annotations

import json
import pickle
import random
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import lmdb
import numpy as np
import pytest
from blob_files import digits

from trainvis.datasets.errors import BeingWrittenError, BlobError
from trainvis.datasets.looking.slices import Cut, read_slice
from trainvis.datasets.looking.tree import Node, Tree, open_tree, walk
from trainvis.engine.text import printable


def named(tree: Tree) -> dict[str, Node]:
    return {node.path: node for _, node in walk(tree)}


@pytest.fixture
def hdf5(tmp_path: Path) -> Path:
    path = tmp_path / "some.h5"
    with h5py.File(path, "w") as file:
        file.attrs["made by"] = "me\x1b[2J"
        file["plain"] = np.arange(24, dtype=np.int32).reshape(2, 3, 4)
        file["deep/er/packed"] = 1.5
        file.create_dataset("packed", data=np.zeros((100, 8, 8)), chunks=(10, 8, 8), compression="gzip", shuffle=True)
        file["words"] = "a line\nand \x1b]0;title\x07 another"
        file["json"] = np.frombuffer(b'{"a": [1, 2]}', np.uint8)
        file["deep"].attrs["mean"] = [1.0, 2.0]
        file["soft"] = h5py.SoftLink("/plain")
        file["out"] = h5py.ExternalLink("other\x1b[31m.h5", "/secret")
        file["round"] = h5py.SoftLink("/round")
        file["deep/circle"] = file["deep"]
        file["\x1b[2Jbad\x1b"] = 1
    with h5py.File(tmp_path / "other\x1b[31m.h5", "w") as file:
        file["secret"] = [1, 2, 3]
    return path


def test_groups_data_sets_and_attributes_of_an_hdf5_file(hdf5: Path) -> None:
    tree = open_tree(hdf5)
    found = named(tree)
    packed = found["/packed"]
    assert (packed.shape, packed.dtype, packed.chunks) == ((100, 8, 8), "float64", (10, 8, 8))
    assert packed.compression == "shuffle + gzip 4"
    assert packed.size == 100 * 64 * 8 > (packed.stored or 0)
    assert found["/deep/er/packed"].text == "1.5"
    assert found["/deep@mean"].shape == (2,)
    assert found["/deep/er"].children == 1
    assert tree.text(found["/json"]) == '{\n  "a": [\n    1,\n    2\n  ]\n}'
    assert read_slice(tree.array(found["/deep@mean"]), Cut.first((2,))).tolist() == [1, 2]
    assert tree.find("plain").said_shape == "2×3×4"


def test_nothing_of_a_file_reaches_the_terminal_as_it_is(hdf5: Path) -> None:
    tree = open_tree(hdf5)
    for node in named(tree).values():
        for said in (node.name, node.text, node.dtype, node.compression, *tree.text(node).split("\n")):
            assert printable(said) == said


def test_links_out_of_the_file_and_circles_are_named_and_not_followed(hdf5: Path) -> None:
    tree = open_tree(hdf5)
    found = named(tree)
    assert found["/soft"].text == "→ /plain"
    assert "another file" in found["/out"].text
    assert found["/out"].kind == found["/round"].kind == found["/deep/circle"].kind == "link"
    for path in ("/out", "/out/x", "/round", "/out@x", "/nowhere", "/plain/x"):
        if path != "/round":
            with pytest.raises(BlobError):
                tree.array(tree.find(path))
    with pytest.raises(BlobError, match="it is a link"):
        tree.array(found["/out"])


def test_names_that_are_no_utf8_are_problems_of_their_own(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "some.h5", "w") as file:
        file["good"] = [1, 2]
        h5py.h5g.create(file.id, b"\xff bad")
        file.attrs.create(b"at\xfe", 3)
    found = named(open_tree(tmp_path / "some.h5"))
    assert found["/good"].shape == (2,)
    assert found["/� bad"].text == "its name is no UTF-8: it cannot be opened"
    assert found["/@at�"].text == "cannot be read: its name is no UTF-8"
    json.dumps([*found]).encode()


def test_numbers_in_other_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.bin").write_bytes(bytes(100))
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("outside", (10,), "u1", external=[(str(tmp_path / "secret.bin"), 0, 10)])
        layout = h5py.VirtualLayout((3,), "i8")
        layout[:] = h5py.VirtualSource("other.h5", "secret", (3,))
        file.create_virtual_dataset("virtual", layout)
    tree = open_tree(tmp_path / "x.h5")
    for name in ("outside", "virtual"):
        assert "not followed" in tree.find(name).text
        with pytest.raises(BlobError, match="not followed"):
            tree.array(tree.find(name))


WRITER = """
import sys, h5py, numpy as np
with h5py.File(sys.argv[1], "w", libver="latest") as file:
    data = file.create_dataset("growing", data=np.arange(6), maxshape=(None,), chunks=(4,))
    if sys.argv[2] == "swmr":
        file.swmr_mode = True
    data.flush()
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["swmr", "alone"])
def test_a_file_is_seen_while_another_program_writes_it_or_it_is_said(tmp_path: Path, kind: str) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "x.h5"), kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        if kind == "swmr":
            tree = open_tree(tmp_path / "x.h5")
            assert read_slice(tree.array(tree.find("growing")), Cut.first((6,))).tolist() == [0, 1, 2, 3, 4, 5]
        else:
            with pytest.raises(BeingWrittenError, match="is being written at this moment"):
                open_tree(tmp_path / "x.h5")
        writer.communicate()
    assert writer.returncode == 0
    assert open_tree(tmp_path / "x.h5").find("growing").shape == (6,)


def test_large_groups_are_listed_in_pieces(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        for number in range(50):
            file.create_group(f"{number:02}")
        file.attrs["a"] = 1
    tree = open_tree(tmp_path / "x.h5")
    first = tree.children(tree.root, 0, 20)
    assert [first[0].name, first[1].name, first[-1].name] == ["a", "00", "31 more"]
    assert [node.name for node in tree.children(tree.root, 20, 20)][:2] == ["19", "20"]
    assert [node.name for node in tree.children(tree.root, 49, 20)] == ["48", "49"]


def test_shapes_that_no_disk_holds_are_told_and_read_as_little_as_is_seen(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("vast", (2**31, 2**31), "f8", chunks=(16, 16), fillvalue=7)
        file.create_dataset("lump", (2**20, 2**20), "f8", chunks=(2**14, 2**14))
    tree = open_tree(tmp_path / "x.h5")
    vast = tree.find("vast")
    assert vast.size == 2**65
    cut = Cut.first(vast.shape or ()).to(0, -1)
    assert read_slice(tree.array(vast), cut.to(1, 5)).shape == (1, 4096)
    lump = tree.find("lump")
    with pytest.raises(BlobError, match="2 GB would have to be read"):
        read_slice(tree.array(lump), Cut.first(lump.shape or ()))


def test_keys_of_a_blob_of_ours_in_an_lmdb_are_named_for_what_they_are(tmp_path: Path) -> None:
    tree = open_tree(digits(tmp_path / "x.lmdb"))
    nodes = {each.name: each for each in tree.children(tree.find("columns"))}
    assert list(nodes) == ["ink 0", "label 0", "split 0"]
    assert nodes["ink 0"].path == "/columns/0x696e6b000000000000000000"
    assert tree.find("columns/ink 0") == tree.find(nodes["ink 0"].path) == nodes["ink 0"]
    assert [each.name for each in tree.children(tree.find("records"))] == [str(number) for number in range(12)]
    assert tree.find("records/7").shape == tree.children(tree.find("records"))[7].shape
    for none in ("records/12", "records/ink 0", "columns/7", "columns/ink 1", "columns/ink x"):
        with pytest.raises(BlobError, match="no key"):
            tree.find(none)


def test_an_lmdb_and_its_named_databases(tmp_path: Path) -> None:
    with lmdb.open(str(tmp_path / "x"), max_dbs=2, map_size=1 << 24, sync=False) as env:
        inner = env.open_db(b"records")
        with env.begin(write=True) as txn:
            txn.put(b"plain", b"text")
            txn.put(b"\xff\x00", b"\x89PNG\r\n\x1a\n" + bytes(9000))
            for number in range(3000):
                txn.put(number.to_bytes(4, "big"), b"value %d" % number, db=inner)
        tree = open_tree(tmp_path / "x")  # while it is open in this process, which LMDB itself would refuse
        found = {node.path: node for node in tree.children(tree.root)}
        assert set(found) == {"/plain", "/0xff00", "/records"}
        assert found["/0xff00"].text == "PNG picture, 9,008 bytes"
        records = tree.children(found["/records"], 2990, 7)
        assert [tree.text(node) for node in records] == [*(f"value {number}" for number in range(2990, 2997)), ""]
        assert records[-1].name == "3 more"
        assert tree.text(tree.find(records[3].path)) == "value 2993"
        assert tree.array(found["/0xff00"]).read((slice(1, 4),)).tobytes() == b"PNG"
        with pytest.raises(BlobError, match="has no key"):
            tree.find("/records/none")


@pytest.mark.parametrize("packed", [False, True])
def test_arrays_of_an_archive(tmp_path: Path, packed: bool) -> None:
    values = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    save = np.savez_compressed if packed else np.savez
    save(tmp_path / "x.npz", values=values, turned=np.asfortranarray(values), words=np.array(["a", "bc"]))
    tree = open_tree(tmp_path / "x.npz")
    for name in ("values", "turned"):
        node = tree.find(name)
        assert read_slice(tree.array(node), Cut.first(values.shape).placed(1)).tolist() == values[1].tolist()
    assert tree.find("words").dtype == "<U2"


def test_the_network_of_a_keras_file_is_seen_to_its_weights(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["layers/dense/vars/0"] = np.eye(3)
        file["layers/dense/vars"].attrs["name"] = "dense"
    with zipfile.ZipFile(tmp_path / "net.keras", "w") as archive:
        archive.writestr("config.json", json.dumps({"module": "keras"}))
        archive.write(tmp_path / "w.h5", "model.weights.h5")
    tree = open_tree(tmp_path / "net.keras")
    assert tree.format == "Keras network"
    found = named(tree)
    node = found["/model.weights.h5!/layers/dense/vars/0"]
    assert read_slice(tree.array(node), Cut.first((3, 3))).tolist() == np.eye(3).tolist()
    assert tree.find(node.path) == node
    assert tree.text(found["/config.json"]) == '{\n  "module": "keras"\n}'


def test_idx_and_npy(tmp_path: Path) -> None:
    (tmp_path / "images-idx").write_bytes(struct.pack(">BBBBII", 0, 0, 8, 2, 2, 3) + bytes(range(6)))
    np.save(tmp_path / "x.npy", np.eye(3))
    for name, wanted in (("images-idx", [[0, 1, 2], [3, 4, 5]]), ("x.npy", np.eye(3).tolist())):
        tree = open_tree(tmp_path / name)
        (node,) = tree.children(tree.root)
        assert read_slice(tree.array(node), Cut.first(node.shape or ())).tolist() == wanted
    (tmp_path / "short").write_bytes(struct.pack(">BBBBII", 0, 0, 8, 2, 1 << 31, 1 << 31) + bytes(range(6)))
    tree = open_tree(tmp_path / "short")
    assert "cut off" in tree.find("array").text
    with pytest.raises(BlobError, match="cut off"):
        read_slice(tree.array(tree.find("array")), Cut((1 << 31, 1 << 31), (0, 1), (0, 0), (1, 99)))


def test_what_could_run_code_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "ran",))

    (tmp_path / "x.pkl").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(BlobError, match="pickle"):
        open_tree(tmp_path / "x.pkl")
    np.save(tmp_path / "x.npy", np.array([Evil()]), allow_pickle=True)
    with pytest.raises(BlobError, match="Python objects"):
        open_tree(tmp_path / "x.npy")
    np.savez(tmp_path / "x.npz", np.array([Evil()]))
    assert "Python objects" in open_tree(tmp_path / "x.npz").find("arr_0").text
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x89HDF\r\n\x1a\n", b"PK\x03\x04junk", b"\x93NUMPY\x01\x00\xff\xff{"]
)
def test_what_is_no_file_of_these_kinds_is_a_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "\x1bx").write_bytes(data)
    with pytest.raises(BlobError) as said:
        open_tree(tmp_path / "\x1bx")
    assert printable(said.value) == str(said.value)
    with pytest.raises(BlobError, match="no file"):
        open_tree(tmp_path / "nothing")
    with pytest.raises(BlobError, match="no LMDB"):
        open_tree(tmp_path)


@pytest.mark.slow
def test_damaged_files_end_in_sentences(hdf5: Path, tmp_path: Path) -> None:
    with lmdb.open(str(tmp_path / "y"), subdir=False, max_dbs=2, map_size=1 << 23) as env:
        inner = env.open_db(b"records")
        with env.begin(write=True) as txn:
            for number in range(300):
                txn.put(b"%d" % number, bytes(number * 9), db=inner)
    np.savez(tmp_path / "x.npz", a=np.zeros(100), b=np.ones(5))
    rng = random.Random(1)
    for path in (hdf5, tmp_path / "x.npz", tmp_path / "y"):
        whole = path.read_bytes()[: 1 << 17]
        for _ in range(120):
            data = bytearray(whole)
            for _ in range(rng.choice((1, 4, 40))):
                data[rng.randrange(len(data))] = rng.randrange(256)
            broken = tmp_path / "broken"
            broken.write_bytes(data[: rng.randrange(len(data))] if rng.random() < 0.3 else data)
            try:
                tree = open_tree(broken)
                for _, node in walk(tree, depth=6, most=200):
                    tree.text(node)
                    if node.is_array:
                        read_slice(tree.array(node), Cut.first(node.shape or ()))
            except BlobError:
                continue
