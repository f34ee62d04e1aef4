"""Pictures of networks whose weights, or whose batches, lie on several devices of one process."""

from __future__ import annotations

import json
import os

os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_force_host_platform_device_count=2"

import keras
import numpy as np
from keras import layers

from trainvis.vis import Callbacks
from trainvis.vis.results import Results

RNG = np.random.default_rng(0)
X = RNG.random((64, 10, 10, 1), dtype="float32")
Y = RNG.integers(0, 4, 64)


def net() -> keras.Model:
    keras.utils.set_random_seed(3)
    inside = [
        layers.Conv2D(4, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.Flatten(),
        layers.Dropout(0.2),
    ]
    model = keras.Sequential([keras.Input((10, 10, 1)), *inside, layers.Dense(4, activation="softmax")])
    jit = keras.backend.backend() == "jax"
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", jit_compile=jit)
    return model


def same_with_and_without(build) -> None:
    """The same weights with pictures as without, and pictures that nothing was wrong with."""
    results = []
    for wanted in (False, True):
        watch = Callbacks(run="check")
        for technique in ("saliency_maps", "grad_cam", "layer_activations") if wanted else ():
            watch.pictures(technique, 3, images=X[:2], data=(X, Y), budget=1)
        model = build()
        model.fit(X, Y, batch_size=8, epochs=2, verbose=0, callbacks=[watch])
        results.append([np.asarray(each).tobytes() for each in model.get_weights()])
        if wanted:
            said = watch.run.problems_file.read_text() if watch.run.problems_file.exists() else ""
            assert not said, json.loads(said.splitlines()[0])
            for name in ("saliency_maps", "grad_cam", "layer_activations"):
                assert [entry.step for entry in Results(watch.run).steps(name)] == [0, 3, 6, 9, 12, 15, 16]
    assert results[0] == results[1]


def check_a_mirrored_strategy_of_tensorflow() -> None:
    if keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])

    def build() -> keras.Model:
        with strategy.scope():
            return net()

    same_with_and_without(build)


def check_data_and_model_parallel_of_jax() -> None:
    if keras.backend.backend() != "jax":
        return
    devices = keras.distribution.list_devices()
    assert len(devices) == 2
    mesh = keras.distribution.DeviceMesh((1, 2), ["batch", "model"], devices)
    layout = keras.distribution.LayoutMap(mesh)
    layout["dense.*kernel"] = (None, "model")
    for distribution in (
        keras.distribution.DataParallel(devices=devices),
        keras.distribution.ModelParallel(layout_map=layout, batch_dim_name="batch"),
    ):
        keras.distribution.set_distribution(distribution)
        try:
            same_with_and_without(net)
        finally:
            keras.distribution.set_distribution(None)


def check_a_network_within_data_parallel_of_torch() -> None:
    if keras.backend.backend() != "torch":
        return
    import torch

    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    try:
        same_with_and_without(net)
    finally:
        torch.distributed.destroy_process_group()
