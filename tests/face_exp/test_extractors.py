"""Features without a network: what is computed, kept and found again, and what is refused."""

from __future__ import annotations

import resource
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from array_files import Cell, mat
from own_files import write_own

from trainvis.datasets.blob import open_blob
from trainvis.datasets.schema import Field, Schema
from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.extractors import extractor, features_of, keeping, plain
from trainvis.face_exp.extractors.kind import Extractor
from trainvis.face_exp.extractors.pictures import batches, fitted
from trainvis.face_exp.extractors.store import DamagedError, read, write
from trainvis.face_exp.extractors.vggface_weights import Layout, weights_of
from trainvis.face_exp.faces import Faces

SIDE = 6


def faces_in(folder: Path, count: int = 40, name: str = "faces.h5", seed: int = 0) -> Faces:
    """Faces of random pixels."""
    pixels = np.random.default_rng(seed).integers(0, 256, (count, SIDE, SIDE, 3), np.uint8)
    schema = Schema((Field("image", "image", "uint8", (SIDE, SIDE, 3)),))
    rows = [(f"k{number:03}", {"image": image}) for number, image in enumerate(pixels)]
    return all_of(write_own(folder / name, schema, rows))


def all_of(path: Path, places: np.ndarray | None = None) -> Faces:
    blob = open_blob(path)
    places = np.arange(len(blob)) if places is None else places
    nobody = np.zeros(len(places), np.int64)
    groups = tuple(map(str, places))
    return Faces(path.name, blob, places, nobody, ("a",), nobody, ("neutral",), np.arange(len(places)), groups)


class Counting(Extractor):
    """The mean of each colour; how many faces it was asked for. It stops after `most`."""

    def __init__(self, most: int = 1000) -> None:
        self.name, self.digest, self.width, self.size, self.batch = "colours", "c0", 3, (SIDE, SIDE), 8
        self.seen, self.most = 0, most

    def features(self, images: np.ndarray) -> np.ndarray:
        if self.seen >= self.most:
            raise KeyboardInterrupt
        self.seen += len(images)
        return images.reshape(len(images), -1, 3).mean(axis=1).astype(np.float32)


@pytest.fixture
def said() -> list[str]:
    return []


# Pictures


def test_a_picture_is_neither_cut_nor_stretched() -> None:
    wide = np.full((4, 8, 3), 200, np.uint8)
    made = fitted(wide, (8, 8), 3)
    assert made.shape == (8, 8, 3)
    assert (made[2:6] == 200).all()
    assert not made[:2].any()
    assert not made[6:].any()
    same = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    assert (fitted(same, (8, 8), 3) == same).all()


def test_grey_becomes_colour_and_colour_grey() -> None:
    grey = np.full((4, 4, 1), 77, np.uint8)
    assert (fitted(grey, (4, 4), 3) == 77).all()
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 0] = 255
    assert (fitted(red, (4, 4), 1) == 76).all()  # .299 of 255
    with pytest.raises(FacesError, match=r"a face is 4×4×2 of uint8"):
        fitted(np.zeros((4, 4, 2), np.uint8), (4, 4), 3)


@pytest.mark.parametrize("workers", [1, 3])
def test_pictures_come_in_their_order_whoever_decodes_them(tmp_path: Path, workers: int) -> None:
    faces = faces_in(tmp_path, 37)
    numbers = np.arange(37)[::-1]
    found = list(batches(faces, numbers, (SIDE, SIDE), 3, 10, workers))
    assert [len(each) for each in found] == [10, 10, 10, 7]
    assert (np.concatenate(found) == np.stack(faces.images(numbers))).all()


# Pixels and eigenfaces


def test_pixels_are_the_pixels(tmp_path: Path, said: list[str]) -> None:
    faces = faces_in(tmp_path)
    found = features_of(faces, extractor(f"pixels:{SIDE}"), tmp_path, said.append)
    grey = np.stack([fitted(each, (SIDE, SIDE), 1) for each in faces.images(range(len(faces)))])
    assert found.dtype == np.float32
    assert found == pytest.approx(grey.reshape(len(faces), -1) / 255)


def test_eigenfaces_are_uncorrelated_of_spread_one_and_learned_from_training_faces_alone(
    tmp_path: Path, said: list[str]
) -> None:
    faces, train = faces_in(tmp_path), np.arange(0, 40, 2)
    found = features_of(faces, extractor("pca:5"), tmp_path, said.append, train)
    assert np.cov(found[train].T, bias=True) == pytest.approx(np.eye(5), abs=1e-3)
    assert found[train].mean(axis=0) == pytest.approx(np.zeros(5), abs=1e-3)
    # Other test faces change nothing of what was learned.
    others = all_of(tmp_path / "faces.h5", np.concatenate([train, [1, 3]]))
    again = features_of(others, extractor("pca:5"), tmp_path, said.append, np.arange(20))
    assert again[:20] == pytest.approx(found[train], abs=1e-3)
    assert any("learned from 20 faces" in each for each in said)
    said.clear()
    assert (features_of(faces, extractor("pca:5"), tmp_path, said.append, train) == found).all()
    assert not any("learned from" in each for each in said)
    features_of(faces, extractor("pca:5"), tmp_path, said.append)
    assert any("learns from all faces, those of validation and test as well" in each for each in said)
    with pytest.raises(FacesError, match="needs more than 64 faces to learn from, and there are 20: pca:5 would do"):
        features_of(faces, extractor("pca:64"), tmp_path, said.append, train)


def test_few_faces_and_many_have_the_same_eigenfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "PCA_SIDE", 3)
    values = np.random.default_rng(0).normal(size=(12, 9))
    variance, vectors, mean = plain._of_few(iter([values[:7], values[7:]]))
    other, others, same = plain._of_many(iter([values[:7], values[7:]]))
    assert mean == pytest.approx(same)
    assert variance[-8:] == pytest.approx(other[-8:])
    assert abs((vectors[:, -8:] * others[:, -8:]).sum(axis=0)) == pytest.approx(np.ones(8))


# Names


def test_what_is_no_extractor_is_refused_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(FacesError, match=r"no extractor pixls:3 \(did you mean pixels\?\): give FILE.keras"):
        extractor("pixls:3")
    with pytest.raises(FacesError, match=r"there is no extractor net\.keras: give"):
        extractor("net.keras")
    with pytest.raises(FacesError, match=r"pixels:0 is none: write a number from 1 to 256"):
        extractor("pixels:0")
    with pytest.raises(FacesError, match="pca:many is none"):
        extractor("pca:many")
    with pytest.raises(FacesError, match="pixels is no network: --layer says nothing to it"):
        extractor("pixels", layer="fc")


# What is kept


def test_features_are_computed_once(tmp_path: Path, said: list[str]) -> None:
    faces, made = faces_in(tmp_path), Counting()
    first = features_of(faces, made, tmp_path, said.append)
    assert made.seen == 40
    assert (features_of(faces, made, tmp_path, said.append) == first).all()
    assert made.seen == 40
    assert any(each.startswith("features are kept from before") for each in said)
    (kept,) = keeping.folder(tmp_path).iterdir()
    blob = open_blob(kept)  # as anybody may read it
    assert blob[7].key == "k007"
    assert blob[7]["features"] == pytest.approx(first[7])


def test_other_faces_and_other_extractors_have_features_of_their_own(tmp_path: Path, said: list[str]) -> None:
    faces, made = faces_in(tmp_path), Counting()
    features_of(faces, made, tmp_path, said.append)
    features_of(all_of(tmp_path / "faces.h5", np.arange(10)), made, tmp_path, said.append)
    features_of(faces_in(tmp_path, name="others.h5", seed=1), made, tmp_path, said.append)
    made.digest = "c1"
    features_of(faces, made, tmp_path, said.append)
    assert made.seen == 40 + 10 + 40 + 40


@pytest.mark.parametrize("harm", ["cut", "changed", "empty", "other"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, said: list[str], harm: str) -> None:
    faces, made = faces_in(tmp_path), Counting()
    first = features_of(faces, made, tmp_path, said.append)
    (kept,) = keeping.folder(tmp_path).iterdir()
    data = bytearray(kept.read_bytes())
    match harm:
        case "cut":
            del data[len(data) // 2 :]
        case "changed":
            at = data.find(first[20].tobytes())
            data[at + 1] ^= 1
        case "empty":
            data.clear()
        case _:
            data[:] = b"a,b\n1,2\n"
    kept.write_bytes(data)
    assert (features_of(faces, made, tmp_path, said.append) == first).all()
    assert made.seen == 80
    assert any(each.endswith("made anew") for each in said)


def test_an_interrupted_pass_goes_on_where_it_was(tmp_path: Path, said: list[str]) -> None:
    faces = faces_in(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        features_of(faces, Counting(most=16), tmp_path, said.append)
    (part,) = keeping.folder(tmp_path).glob("*.part")
    with open(part, "ab") as file:
        file.write(b"torn")  # by a kill in the middle of a row
    made = Counting()
    found = features_of(faces, made, tmp_path, said.append)
    assert made.seen == 24
    assert (found == Counting().features(np.stack(faces.images(range(40))))).all()
    assert any("16 of 40 faces were done before" in each for each in said)
    assert [each.suffix for each in keeping.folder(tmp_path).iterdir()] == [".h5"]


def test_of_two_that_want_the_same_features_one_waits_and_reads_them(tmp_path: Path) -> None:
    faces, told = faces_in(tmp_path), threading.Event()
    first, second = Counting(), Counting()
    found: list[np.ndarray] = []

    def hear(text: str) -> None:
        if text.startswith("another process computes the same features"):
            told.set()

    other = threading.Thread(target=lambda: found.append(features_of(faces, second, tmp_path, hear)))
    compute = first.features

    def slowly(images: np.ndarray) -> np.ndarray:
        if not first.seen:
            other.start()
            assert told.wait(20)
        return compute(images)

    first.features = slowly  # type: ignore[method-assign]
    mine = features_of(faces, first, tmp_path, hear)
    other.join(20)
    assert second.seen == 0
    assert (found[0] == mine).all()


def test_a_full_disk_costs_only_that_features_are_kept(tmp_path: Path, said: list[str]) -> None:
    faces, made = faces_in(tmp_path), Counting()
    with small_disk(200):
        found = features_of(faces, made, tmp_path, said.append)
    assert found.shape == (40, 3)
    assert sum("the disk is full" in each for each in said) == 2
    assert list(keeping.folder(tmp_path).iterdir()) == []
    assert (features_of(faces, made, tmp_path, said.append) == found).all()


class small_disk:  # noqa: N801 - read as a sentence
    """While it lasts no file grows beyond so many bytes."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __enter__(self) -> None:
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)
        self._signal = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._size, self._before[1]))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)
        signal.signal(signal.SIGXFSZ, self._signal)


def test_values_that_are_no_finite_numbers_are_refused(tmp_path: Path, said: list[str]) -> None:
    made = Counting()
    made.features = lambda images: np.full((len(images), 3), np.nan, np.float32)  # type: ignore[method-assign]
    with pytest.raises(FacesError, match="colours gives values that are no finite numbers for one of the faces 0 to 7"):
        features_of(faces_in(tmp_path), made, tmp_path, said.append)


# Kept features as an extractor


def exported(folder: Path, faces: Faces) -> tuple[Path, np.ndarray]:
    made = Counting()
    values = features_of(faces, made, folder / "cache", lambda _: None)
    out = folder / "features.h5"
    write(out, keeping.made_of(faces, made), [f"k{place:03}" for place in faces.places], values)
    return out, values


def test_a_file_of_features_serves_the_faces_that_it_was_made_of(tmp_path: Path, said: list[str]) -> None:
    out, values = exported(tmp_path, faces_in(tmp_path))
    kept = extractor(str(out))
    assert kept.width == 3
    assert kept.name == "features.h5 (colours)"
    some = np.array([30, 2, 7])
    assert (features_of(all_of(tmp_path / "faces.h5", some), kept, tmp_path, said.append) == values[some]).all()


def test_features_of_another_data_set_are_refused(tmp_path: Path, said: list[str]) -> None:
    out, _ = exported(tmp_path, faces_in(tmp_path))
    others = faces_in(tmp_path, name="others.h5", seed=1)
    with pytest.raises(FacesError, match=r"another data set than others\.h5 \(40 of 40 faces are called alike\)"):
        features_of(others, extractor(str(out)), tmp_path, said.append)
    few, _ = exported(tmp_path, all_of(tmp_path / "faces.h5", np.arange(30)))
    with pytest.raises(FacesError, match=r"lacks 10 of the 40 faces of faces\.h5, k030 the first"):
        features_of(all_of(tmp_path / "faces.h5"), extractor(str(few)), tmp_path, said.append)


def test_features_of_somebody_else_are_taken_by_key_and_what_is_none_is_refused(
    tmp_path: Path, said: list[str]
) -> None:
    faces = faces_in(tmp_path, 5)
    schema = Schema((Field("features", "array", "float32", (4,)),))
    rows = [(f"k{number:03}", {"features": np.full(4, number, np.float32)}) for number in range(5)]
    kept = extractor(str(write_own(tmp_path / "theirs.h5", schema, rows[::-1])))
    found = features_of(faces, kept, tmp_path, said.append)
    assert found[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert any("nobody says what made theirs.h5" in each for each in said)
    with pytest.raises(DamagedError, match=r"holds no features: it has image \(image\), and no array 'features'"):
        extractor(str(tmp_path / "faces.h5"))
    maps = Schema((Field("features", "array", "float32", (2, 2, 4)),))
    path = write_own(tmp_path / "maps.h5", maps, [("k", {"features": np.zeros((2, 2, 4), np.float32)})])
    with pytest.raises(FacesError, match="holds 2×2×4 for each face, and no vectors"):
        extractor(str(path))


def test_a_file_of_features_reads_back_as_it_was_written(tmp_path: Path) -> None:
    faces = faces_in(tmp_path)
    out, values = exported(tmp_path, faces)
    found = read(out)
    assert found.made == keeping.made_of(faces, Counting())
    assert (found.values == values).all()
    assert found.keys[:2] == ("k000", "k001")


# The weights of VGG-Face

SMALL = Layout(width=2, dense=6, people=5, size=32)
Weights = list[tuple[np.ndarray, np.ndarray]]


@pytest.fixture
def weights() -> Weights:
    random = np.random.default_rng(0)
    shapes = SMALL.shapes
    return [(random.normal(size=each).astype("f4"), random.normal(size=each[-1]).astype("f4")) for each in shapes]


def as_named(file: h5py.File, weights: Weights) -> None:
    """Keras 2, layers by their names, groups in groups, with the order in an attribute."""
    file.attrs["layer_names"] = [each.encode() for each in ("input_1", *SMALL.names)]
    file.create_group("input_1")
    for name, (kernel, bias) in zip(SMALL.names, weights, strict=True):
        file[f"{name}/{name}/kernel:0"], file[f"{name}/{name}/bias:0"] = kernel, bias


def as_convolutions(file: h5py.File, weights: Weights) -> None:
    """As the tutorials have it: dense layers as convolutions, layers by numbers."""
    names = ["conv2d", *(f"conv2d_{number}" for number in range(1, len(weights)))]
    file.attrs["layer_names"] = [each.encode() for each in names]
    for name, (kernel, bias) in zip(names, weights, strict=True):
        side = 1 if kernel.ndim == 4 or name != names[13] else SMALL.size // 32
        square = kernel if kernel.ndim == 4 else kernel.reshape(side, side, -1, kernel.shape[1])
        file[f"{name}/{name}_1/kernel:0"], file[f"{name}/{name}_1/bias:0"] = square, bias


def as_keras_3(file: h5py.File, weights: Weights) -> None:
    """`.weights.h5`: numbered by class, in no order but that of the numbers; without the classifier."""
    for number, (kernel, bias) in enumerate(weights[:-1]):
        count = number if number < 13 else number - 13
        name = ("conv2d" if number < 13 else "dense") + (f"_{count}" if count else "")
        file[f"layers/{name}/vars/0"], file[f"layers/{name}/vars/1"] = kernel, bias
    file.create_group("layers/flatten/vars")


@pytest.mark.parametrize("form", [as_named, as_convolutions, as_keras_3])
def test_weights_of_vgg_face_are_read_from_every_file_that_is_about(
    tmp_path: Path, weights: Weights, form: Callable[[h5py.File, Weights], None]
) -> None:
    path = tmp_path / "weights.h5"
    with h5py.File(path, "w") as file:
        form(file, weights)
    found = weights_of(path, SMALL)
    assert len(found) == 15
    for (kernel, bias), (wanted, wanted_bias) in zip(found, weights, strict=False):
        assert (kernel == wanted).all()
        assert (bias == wanted_bias).all()


@pytest.mark.parametrize("packed", [False, True])
def test_weights_of_vgg_face_are_read_from_the_file_of_its_authors(
    tmp_path: Path, weights: Weights, packed: bool
) -> None:
    cells = Cell()
    for number, (name, (kernel, bias)) in enumerate(zip(SMALL.names, weights, strict=True)):
        square = kernel if kernel.ndim == 4 else kernel.reshape(1, 1, *kernel.shape)
        layer = {"type": "conv", "name": name}
        pair = {"weights": Cell([square, bias])} if number % 2 else {"filters": square, "biases": bias}
        cells += [layer | pair, {"type": "relu", "name": f"relu{number}"}]
    path = tmp_path / "vgg_face.mat"
    path.write_bytes(mat({"net": {"layers": cells}}, packed=packed))
    for (kernel, bias), (wanted, wanted_bias) in zip(weights_of(path, SMALL), weights, strict=False):
        assert (kernel == wanted).all()
        assert (bias == wanted_bias).all()


def test_the_layout_of_vgg_face_is_that_of_the_paper() -> None:
    shapes = Layout().shapes
    assert shapes[0] == (3, 3, 3, 64)
    assert shapes[12] == (3, 3, 512, 512)
    assert shapes[13:] == ((25088, 4096), (4096, 4096), (4096, 2622))
    assert sum(int(np.prod(each)) + each[-1] for each in shapes) == 145_002_878


def test_weights_that_do_not_fit_are_refused_with_the_layer(tmp_path: Path, weights: Weights) -> None:
    path = tmp_path / "weights.h5"
    with h5py.File(path, "w") as file:
        as_named(file, weights)
    with pytest.raises(FacesError, match=r"its layer conv1_1 has 3×3×3×2 and 2 where conv1_1 has 3×3×3×64 and 64"):
        weights_of(path, Layout())
    with h5py.File(path, "w") as file:
        as_named(file, [(kernel.T if kernel.ndim == 4 else kernel, bias) for kernel, bias in weights])
    with pytest.raises(FacesError, match="in the order of Theano: convert it"):
        weights_of(path, SMALL)
    with h5py.File(path, "w") as file:
        for number, (kernel, bias) in enumerate(weights[:13]):
            file[f"conv_{number}/kernel:0"], file[f"conv_{number}/bias:0"] = kernel, bias
    with pytest.raises(FacesError, match="it has weights of 13 layers, and none of fc6"):
        weights_of(path, SMALL)
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(FacesError, match="cannot be read"):
        weights_of(path, SMALL)
    path.write_bytes(b"pickle")
    with pytest.raises(FacesError, match="is no file of weights"):
        weights_of(path, SMALL)
