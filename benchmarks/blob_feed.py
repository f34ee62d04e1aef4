"""Batches from a blob beside batches from a TFRecord file, at equal decode: images a second, and what they cost.

`python benchmarks/blob_feed.py [--images N] [--side PIXELS] [--batch N]` prints one JSON line. The same JPEG bytes lie
in a blob and in a TFRecord file (one `tf.train.Example` an image: bytes and label). Both ways end in the same batches:
`tf.io.decode_jpeg` with the same settings, float32 in 0…1, labels, prefetched. The TFRecord way is the usual one:
TFRecordDataset → map(parse, decode; parallel) → batch → prefetch. All that is read is in the page cache.

`seconds` are medians of rounds in which the ways take turns, `ratio` those of images a second to TFRecord's within a
round, the median of rounds; `cpu_us` the processor microseconds of all threads an image, which a busy machine changes
less. `shuffled` is the blob in the order of a seed, which a TFRecord file cannot give; `py_dataset` is
`BlobDataset`, which decodes by Pillow in threads and works on every backend. Target: tf.data ≥ 0.9 × TFRecord.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from PIL import Image

from trainvis.datasets.blob import open_blob
from trainvis.datasets.building.build import BuildOptions, build
from trainvis.datasets.sample import Found, Planned, Sample
from trainvis.vis.feed import BlobDataset, tf_dataset

KINDS = 200  # different images; the files repeat them
ROUNDS = 7


class Photos:
    """Images with shapes and grain, as photos compress."""

    def __init__(self, count: int, side: int) -> None:
        self.count = count
        rng = np.random.default_rng(0)
        self.kinds = []
        for _ in range(min(KINDS, count)):
            small = Image.fromarray(rng.integers(0, 256, (side // 16, side // 16, 3)).astype(np.uint8))
            large = np.asarray(small.resize((side, side), Image.Resampling.BICUBIC)) + rng.normal(0, 5, (side, side, 3))
            self.kinds.append(np.clip(large, 0, 255).astype(np.uint8))

    def __iter__(self) -> Iterator[Sample]:
        for number in range(self.count):
            yield Sample(f"{number:08}", {"image": self.kinds[number % len(self.kinds)], "label": number % 10})


def tfrecord(blob: Path, path: Path) -> Path:
    """The same bytes and labels as in the blob."""
    records = open_blob(blob)
    labels = records.labels()
    with tf.io.TFRecordWriter(str(path)) as file:
        for place in range(len(records)):
            image = tf.train.Feature(bytes_list=tf.train.BytesList(value=[records.raw(place, "image")]))
            label = tf.train.Feature(int64_list=tf.train.Int64List(value=[int(labels[place])]))
            features = tf.train.Features(feature={"image": image, "label": label})
            file.write(tf.train.Example(features=features).SerializeToString())
    return path


def from_tfrecord(path: Path, side: int, batch: int) -> tf.data.Dataset:
    fields = {"image": tf.io.FixedLenFeature((), tf.string), "label": tf.io.FixedLenFeature((), tf.int64)}

    def one(data: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        found = tf.io.parse_single_example(data, fields)
        image = tf.io.decode_jpeg(found["image"], channels=3, dct_method="INTEGER_ACCURATE")
        return tf.cast(tf.ensure_shape(image, (side, side, 3)), tf.float32) / 255.0, found["label"]

    flow = tf.data.TFRecordDataset(str(path)).map(one, num_parallel_calls=tf.data.AUTOTUNE)
    return flow.batch(batch).prefetch(tf.data.AUTOTUNE)


def walked(batches: Callable[[], Any]) -> tuple[float, float, int]:
    """Seconds, processor seconds of all threads, and images of an epoch."""
    wall, processor, images = time.perf_counter(), time.process_time(), 0
    for batch in batches():
        images += len(batch[0])
    return time.perf_counter() - wall, time.process_time() - processor, images


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=6000)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--batch", type=int, default=32)
    given, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        found = Found("photos", (Planned("image", "image"), Planned("label", "class", tuple("abcdefghij"))),
                      Photos(given.images, given.side))  # fmt: skip
        options = BuildOptions(encoding="jpeg", quality=90)
        built = build(found, Path(folder) / "photos.h5", options)
        blob, size = built.path, built.size
        records = from_tfrecord(tfrecord(blob, Path(folder) / "photos.tfrecord"), given.side, given.batch)
        flow, shuffled = tf_dataset(blob, given.batch), tf_dataset(blob, given.batch, shuffle=0)
        keras_data = BlobDataset(blob, given.batch)
        np.testing.assert_allclose(*(next(iter(each))[0].numpy() for each in (flow, records)), atol=1e-6)
        ways: dict[str, Callable[[], Any]] = {
            "tfrecord": lambda: records,
            "tf_data": lambda: flow,
            "shuffled": lambda: shuffled,
            "py_dataset": lambda: (keras_data[number] for number in range(len(keras_data))),
        }
        times: dict[str, list[tuple[float, float, int]]] = {name: [] for name in ways}
        for turn in range(ROUNDS + 1):
            for name, way in ways.items():
                taken = walked(way)
                if turn:  # the first one warms up, and lets tf.data tune itself
                    times[name].append(taken)
    first = times["tfrecord"]
    answer = {"benchmark": "blob_feed", "images": given.images, "side": given.side, "batch": given.batch}
    answer |= {"image_kb": round(size / given.images / 1e3, 1), "target": "tf_data ratio >= 0.9"}
    for name, taken in times.items():
        ratio = statistics.median(one[0] / each[0] for one, each in zip(first, taken, strict=True))
        answer[name] = {
            "seconds": round(statistics.median(each[0] for each in taken), 3),
            "per_second": round(statistics.median(each[2] / each[0] for each in taken)),
            "cpu_us": round(1e6 * statistics.median(each[1] / each[2] for each in taken)),
            "ratio": round(ratio, 3),
            "cpu_ratio": round(statistics.median(o[1] / e[1] for o, e in zip(first, taken, strict=True)), 3),
        }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
