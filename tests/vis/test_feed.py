"""A blob's file in Keras' own hands: tf.data, processes, and what is refused before anything is trained."""

from __future__ import annotations

import io
import multiprocessing
import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from own_files import write_own
from PIL import Image

from trainvis.datasets.errors import BlobError
from trainvis.datasets.feed import Feed
from trainvis.datasets.schema import Field, Schema

RECORDS = 45


def picture(number: int) -> np.ndarray:
    small = np.random.default_rng(number).integers(0, 256, (4, 5, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(small).resize((40, 32), Image.Resampling.BICUBIC))


def rows(encoding: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for number in range(RECORDS):
        image: Any = picture(number)
        if encoding:
            held = io.BytesIO()
            Image.fromarray(image).save(held, encoding)
            image = held.getvalue()
        yield f"k{number}", {"image": image, "kind": number % 3, "split": int(number % 5 == 0)}


def blob(folder: Path, encoding: str = "", ending: str = ".h5") -> Path:
    fields = (
        Field("image", "image", "uint8", (32, 40, 3), (), encoding),
        Field("kind", "class", "int64", (), ("a", "b", "c")),
        Field("split", "class", "int64", (), ("train", "test")),
    )
    return write_own(folder / f"kinds{encoding}{ending}", Schema(fields), list(rows(encoding)))


def read_all(feed: Feed) -> list[list[int]]:
    return [batch.places.tolist() for batch in feed]


def test_a_feed_opens_its_file_again_in_another_process(tmp_path: Path) -> None:
    feed = Feed(blob(tmp_path, "jpeg"), 8, part="train", shuffle=3, workers=2)
    first = read_all(feed)
    copy = pickle.loads(pickle.dumps(feed))
    assert copy.position == {"epoch": 1, "batch": 0, "seed": 3, "size": 8, "records": 36}
    assert read_all(copy) == read_all(feed) != first
    assert (copy.batch(2)["image"] == feed.batch(2)["image"]).all()


@pytest.mark.parametrize("way", ["fork", "spawn"])
@pytest.mark.kills
@pytest.mark.slow
def test_processes_read_the_same_batches(way: str, tmp_path: Path) -> None:
    feed = Feed(blob(tmp_path, "png", ".lmdb"), 8, shuffle=1)
    expected = [feed.batch(number, 2) for number in range(len(feed))]
    with ProcessPoolExecutor(2, multiprocessing.get_context(way)) as pool:
        found = [each.result(60) for each in [pool.submit(feed.batch, number, 2) for number in range(len(feed))]]
    for one, other in zip(found, expected, strict=True):
        assert one.places.tolist() == other.places.tolist()
        assert (one["image"] == other["image"]).all()


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["", "jpeg", "png"])
@pytest.mark.parametrize("ending", [".h5", ".lmdb"])
def test_tf_data_gives_what_a_dataset_of_keras_gives(encoding: str, ending: str, tmp_path: Path) -> None:
    from trainvis.vis.feed import BlobDataset, tf_dataset

    path = blob(tmp_path, encoding, ending)
    for options in ({}, {"augment": {"rotation": 5}}, {"size": 16}, {"normalise": "caffe"}, {"batch": 600}):
        given: dict[str, Any] = {"batch": 8, "part": "train", "shuffle": 2, "one_hot": True, **options}
        fed, flow = BlobDataset(path, **given), tf_dataset(path, **given)
        assert flow.cardinality().numpy() == len(fed)
        for epoch in range(2):
            fed.epoch = epoch
            for number, (x, y) in enumerate(flow):
                expected = fed[number]
                np.testing.assert_allclose(x.numpy(), expected[0], atol=1e-6)  # the very pixels that Pillow decodes
                np.testing.assert_array_equal(y.numpy(), expected[1])


@pytest.mark.slow
def test_keras_reads_in_processes_of_its_own(tmp_path: Path) -> None:
    import keras
    from keras import layers

    from trainvis.vis.feed import BlobDataset

    path = blob(tmp_path, "jpeg")
    model = keras.Sequential([keras.Input((32, 40, 3)), layers.Flatten(), layers.Dense(3)])
    plain = model.predict(BlobDataset(path, 8), verbose=0)
    many = BlobDataset(path, 8, workers=2, use_multiprocessing=True)
    np.testing.assert_allclose(model.predict(many, verbose=0), plain, atol=1e-5)
    with pytest.raises(BlobError, match=r"put vis\.feed.augmentation"):
        BlobDataset(path, 8, augment={"flip": "horizontal"}, use_multiprocessing=True)


@pytest.mark.slow
def test_a_normalisation_by_the_blobs_own_statistics_makes_mean_nothing_and_deviation_one(tmp_path: Path) -> None:
    from trainvis.vis.feed import BlobDataset

    data = BlobDataset(blob(tmp_path), 45, normalise="standard")
    x = data[0][0]
    assert np.abs(x.mean(axis=(0, 1, 2))).max() < 0.01
    assert np.abs(x.std(axis=(0, 1, 2)) - 1).max() < 0.01
    assert data.preprocess.startswith("mean ")


@pytest.mark.slow
def test_what_cannot_be_is_refused_in_a_sentence(tmp_path: Path) -> None:
    from trainvis.vis.augmentation import augmentation
    from trainvis.vis.feed import BlobDataset
    from trainvis.vis.images import ImageError

    path = blob(tmp_path)
    with pytest.raises(BlobError, match="2 outputs are named, for 1 targets"):
        BlobDataset(path, outputs=("a", "b"))
    with pytest.raises(BlobError, match="flip, rotation, zoom"):
        BlobDataset(path, augment={"turn": 3})
    with pytest.raises(ImageError, match="did you mean"):
        BlobDataset(path, normalise="0..2")
    with pytest.raises(BlobError, match="rotation=200: it lies between 0 and 180"):
        augmentation(rotation=200)
    with pytest.raises(BlobError, match="flip='up': it is one of"):
        augmentation(flip="up")
    with pytest.raises(BlobError, match=r"there is no file .*none\.h5"):
        BlobDataset(tmp_path / "none.h5")


@pytest.mark.slow
def test_the_maximally_activating_images_are_searched_in_a_blob(tmp_path: Path) -> None:
    import keras
    from keras import layers

    from trainvis.vis.figures import Pictures
    from trainvis.vis.probe import Probe
    from trainvis.vis.sets import as_set
    from trainvis.vis.techniques import maximal_images

    path = blob(tmp_path, "png")
    model = keras.Sequential(
        [keras.Input((32, 40, 3)), layers.Conv2D(2, 3, name="conv", kernel_initializer="ones"), layers.Flatten()]
    )
    probe = Probe(model, records=as_set(path), preprocess="0..1", batch=8)
    figure = maximal_images.compute(probe, maximal_images.Options(layers=("conv",), maps=(0,), deconvolution=False))
    pictures = next(part for part in figure.parts if isinstance(part, Pictures))
    negative = {
        f"k{number}": -np.lib.stride_tricks.sliding_window_view(picture(number).sum(-1, dtype=int), (3, 3))
        .sum((2, 3))
        .max()
        for number in range(RECORDS)
    }
    expected = sorted(negative, key=negative.__getitem__)[:9]
    assert [item.record for item in pictures.items] == expected
