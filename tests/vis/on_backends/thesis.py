"""Scripts written for the thesis tool, with their import line and the names of Keras 2 changed and nothing else."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from trainvis.engine.rundir import RunDir, Spec
from trainvis.vis import (
    Callbacks,
    CustomCallbacks,
    DeconvolutionalNetwork,
    DeepVisualization,
    LayerActivations,
    NetworkSaver,
    SaliencyMaps,
    TrainingProgress,
    artifacts,
)
from trainvis.vis.results import Results

RNG = np.random.default_rng(0)
X = RNG.random((96, 28, 28, 1), dtype="float32")
Y = keras.utils.to_categorical(RNG.integers(0, 10, 96), 10)


def create_model() -> keras.Model:
    """The example of the thesis; layer 0 is the input, 3 the pool, 9 the output."""
    from keras.layers import Conv2D, Dense, Dropout, Flatten, Input, MaxPooling2D
    from keras.models import Model

    keras.utils.set_random_seed(1)
    inputs = Input(shape=(28, 28, 1))
    x = Conv2D(32, (3, 3), activation="relu", padding="valid")(inputs)
    x = Conv2D(32, (3, 3), activation="relu", padding="valid")(x)
    x = MaxPooling2D(pool_size=(2, 2))(x)
    x = Dropout(0.25)(x)
    x = Flatten()(x)
    x = Dense(128, activation="relu")(x)
    x = Dropout(0.5)(x)
    x = Dense(64, activation="relu")(x)
    predictions = Dense(10, activation="softmax")(x)
    model = Model(inputs=inputs, outputs=predictions)
    optimizer = keras.optimizers.Adadelta(learning_rate=1.0)
    model.compile(optimizer=optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def folder(*images: str) -> str:
    """Where such a script lies, with what it is to look at in images/."""
    made = Path(tempfile.mkdtemp())
    (made / "images").mkdir()
    for name in images:
        Image.fromarray(RNG.integers(0, 256, (28, 28), np.uint8)).save(made / "images" / name)
    return str(made)


def custom(save_path: str, *given, **settings) -> CustomCallbacks:
    """As a script makes them, with a run for this check alone."""
    made = CustomCallbacks(save_path, *given, **settings)
    made._callbacks._wanted = "check"
    return made


def problems(run: RunDir) -> list[str]:
    text = run.problems_file.read_text() if run.problems_file.exists() else ""
    return [json.loads(line)["text"] for line in text.splitlines()]


def steps(run: RunDir, name: str) -> list[int]:
    return [entry.step for entry in Results(run).steps(name)]


def last(run: RunDir, name: str):
    return artifacts.read(run.figure_file(name, steps(run, name)[-1]))


def check_the_example_of_the_thesis_with_all_that_can_be_registered() -> None:
    save_path, snapshots = folder("digit.png"), tempfile.mkdtemp()
    model = create_model()

    callbacks = custom(save_path, base_interval=3, budget=1)
    callbacks.register_network_saver()
    callbacks.register_training_progress()
    callbacks.register_layer_activations()
    callbacks.register_saliency_maps()
    callbacks.register_deconvolutional_network(3, 16, interval=6)
    callbacks.register_deep_visualization(
        [(9, i) for i in range(model.layers[9].output.shape[1])],
        200.0, 5, l2_decay=0.0001, blur_interval=4, blur_std=1.0, interval=6,
    )  # fmt: skip
    callbacks.register_visualization_snapshot(snapshots, interval=6)
    model.fit(
        X, Y, epochs=2, batch_size=16, shuffle=True, verbose=0, callbacks=callbacks.get_list(), validation_data=(X, Y)
    )

    run = callbacks.get_list()[0].run
    assert not problems(run), problems(run)
    assert steps(run, "layer_activations") == steps(run, "saliency_maps") == [0, 3, 6, 9, 12]
    assert steps(run, "deconvolutional_network") == steps(run, "deep_visualization") == [0, 6, 12]
    assert (run.networks / "best.keras").exists()
    assert len(run.metrics_file.read_text().splitlines()) > 12
    assert [path.name for path in run.images.iterdir()] == ["digit.png"]
    layers = {item.layer for part in last(run, "deconvolutional_network").parts for item in part.items}
    assert layers == {model.layers[3].name}
    assert len(last(run, "deconvolutional_network").parts[0].values) == 16
    units = [item.unit for part in last(run, "deep_visualization").parts for item in part.items]
    assert sorted(units) == [(i,) for i in range(10)]
    shown = {part.name for part in last(run, "layer_activations").parts}
    kinds = {layer.name: type(layer).__name__ for layer in model.layers}
    assert {
        layer.name for layer in model.layers if type(layer).__name__ in ("Conv2D", "MaxPooling2D", "Dense")
    } <= shown
    assert not {name for name, kind in kinds.items() if kind in ("Dropout", "Flatten")} & shown
    copies = sorted(Path(snapshots).iterdir())
    assert copies
    assert (copies[-1] / "metrics.jsonl").exists()
    assert next((copies[-1] / "saliency_maps").glob("*.h5"))


def check_the_callbacks_made_directly_and_two_of_one_kind() -> None:
    save_path = folder("digit.png")
    deep = DeepVisualization(save_path, [(-1, 0), (-1, 1)], 200.0, 3, l2_decay=0.1, interval=50)
    made = [
        NetworkSaver(save_path),
        TrainingProgress(save_path),
        LayerActivations(save_path, interval=4),
        SaliencyMaps(save_path, interval=2),
        DeconvolutionalNetwork(save_path, feat_map_layer_no=3, feat_map_amount=3),
        DeconvolutionalNetwork(save_path, 1, feat_map_nos=[4, 2], custom_keras_model_info=(None, {}, None)),
        deep,
    ]
    first = Callbacks(run="check")
    create_model().fit(X[:16], Y[:16], batch_size=16, verbose=0, callbacks=[first])
    for each in made:
        each._wanted = first.run
    create_model().fit(X, Y, batch_size=16, verbose=0, callbacks=made)
    run = first.run
    assert not [each for each in problems(run) if "waits until about step" not in each], problems(run)
    assert (run.networks / "start.keras").exists()
    assert steps(run, "deconvolutional_network") == steps(run, "deconvolutional_network-2") == [1, 7]
    assert {item.unit[-1] for item in last(run, "deconvolutional_network-2").parts[0].items} == {4, 2}
    assert steps(run, "deep_visualization")[-1] == 7


def check_preprocessing_is_of_one_image_and_postprocessing_the_way_back() -> None:
    seen: list[tuple[int, ...]] = []

    def preprocess_data(img_array):
        seen.append(img_array.shape)
        img_array -= 127.5  # as scripts do: into what they were given
        return img_array / 127.5

    def postprocess_data(img_array):
        return img_array * 127.5 + 127.5

    callbacks = custom(folder("a.png", "b.png"), preprocess_data, postprocess_data, base_interval=100)
    callbacks.register_saliency_maps()
    callbacks.register_deconvolution_network(3, feat_map_amount=2)  # its name in scripts that were published
    create_model().fit(X, Y, batch_size=16, verbose=0, callbacks=callbacks.get_list())
    run = callbacks.get_list()[0].run
    assert not problems(run), problems(run)
    assert set(seen) == {(28, 28, 1)}
    assert [each.name for each in last(run, "saliency_maps").inputs] == ["a.png", "b.png"]


def check_where_the_tool_started_the_script_its_run_directory_wins() -> None:
    run = RunDir.create(Path(os.environ["TRAINVIS_RUNS"]), "old")
    Image.fromarray(np.full((28, 28), 200, np.uint8)).save(run.images / "chosen.png")
    run.write_spec(Spec(script="/old.py", images=("chosen.png",)))
    callbacks = custom(folder("ignored.png"))
    callbacks.register_saliency_maps()
    callbacks._callbacks._wanted = run
    create_model().fit(X, Y, batch_size=16, verbose=0, callbacks=callbacks.get_list())
    assert callbacks.get_list()[0].run == run
    assert [each.name for each in last(run, "saliency_maps").inputs] == ["chosen.png"]
    assert [path.name for path in run.images.iterdir()] == ["chosen.png"]


def check_a_folder_without_images_is_said_and_the_training_goes_on() -> None:
    callbacks = custom(folder(), base_interval=2)
    callbacks.register_saliency_maps()
    create_model().fit(X, Y, batch_size=16, verbose=0, callbacks=callbacks.get_list())
    (problem,) = problems(callbacks.get_list()[0].run)
    assert "put some into" in problem
