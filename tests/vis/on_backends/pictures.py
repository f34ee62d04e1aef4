"""Pictures while a network trains: when they are made, what they cost, and that no training notices them."""

from __future__ import annotations

import json
import os
import random
import resource
from contextlib import contextmanager, suppress
from pathlib import Path

import keras
import numpy as np
from keras import layers

from trainvis.engine import wishes
from trainvis.engine.errors import TrainvisError
from trainvis.engine.files import read_json
from trainvis.engine.rundir import RunDir
from trainvis.vis import Callbacks, artifacts
from trainvis.vis.catalogue import TECHNIQUES
from trainvis.vis.results import Entry, Results

RNG = np.random.default_rng(0)
X = RNG.random((96, 10, 10, 1), dtype="float32")
Y = RNG.integers(0, 4, 96)
ALWAYS = {"budget": 1, "images": X[:2]}
COMPILED = keras.backend.backend() != "torch"  # a compiler for C++ would be needed


def net(shape: tuple[int, ...] | None = (10, 10, 1), seed: int = 3, **compiled) -> keras.Model:
    """Small, and on TensorFlow not compiled by XLA, which takes longer than all that is looked at here."""
    keras.utils.set_random_seed(seed)
    return _compiled([layers.Conv2D(4, 3, activation="relu", name="conv"), layers.Flatten()], shape, **compiled)


def whole_net(**compiled) -> keras.Model:
    """One with everything that has a state of its own: random numbers, running means."""
    keras.utils.set_random_seed(3)
    inside = [
        layers.RandomFlip(),
        layers.Conv2D(4, 3, activation="relu", name="conv"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.Dropout(0.3),
        layers.Flatten(),
    ]
    return _compiled(inside, (10, 10, 1), **compiled)


def _compiled(inside: list, shape: tuple[int, ...] | None, **settings) -> keras.Model:
    inputs = [keras.Input(shape)] if shape else []
    model = keras.Sequential([*inputs, *inside, layers.Dense(4, activation="softmax", name="classes")])
    settings = {"jit_compile": keras.backend.backend() == "jax", "metrics": ["accuracy"]} | settings
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", **settings)
    return model


def fit(model: keras.Model, callbacks, **given) -> keras.callbacks.History:
    """Twelve batches an epoch."""
    return model.fit(X, Y, **{"batch_size": 8, "epochs": 1, "verbose": 0, "callbacks": callbacks} | given)


def steps(run: RunDir, name: str) -> list[int]:
    return sorted(int(path.stem) for path in (run.results / name).glob("*.h5"))


def problems(run: RunDir) -> list[dict]:
    text = run.problems_file.read_text() if run.problems_file.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def figure(run: RunDir, name: str, step: int):
    (path,) = (path for path in (run.results / name).glob("*.h5") if int(path.stem) == step)
    return artifacts.read(path)


def check_pictures_come_before_the_training_every_so_many_batches_and_at_its_end() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", 5, **ALWAYS)
    fit(net(), watch, epochs=2)
    assert steps(watch.run, "saliency_maps") == [0, 5, 10, 15, 20, 24]
    assert not problems(watch.run)
    moments = [figure(watch.run, "saliency_maps", step).moment for step in (0, 15, 24)]
    assert [(each.step, each.epoch, each.fit) for each in moments] == [(0, 0, 1), (15, 1.25, 1), (24, 2, 1)]


def check_epochs_and_parts_of_them_and_executions_of_several_batches() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", "epoch", **ALWAYS)
    watch.pictures("saliency_maps", "0.5 epochs", name="halves", **ALWAYS)
    watch.pictures("saliency_maps", None, name="ends", **ALWAYS)
    watch.pictures("saliency_maps", 3, name="threes", **ALWAYS)
    several = 4 if COMPILED else 1
    fit(net(steps_per_execution=several), watch, epochs=2)
    assert steps(watch.run, "saliency_maps") == [0, 12, 24]
    assert steps(watch.run, "halves") == ([0, 8, 12, 20, 24] if COMPILED else [0, 6, 12, 18, 24])
    assert steps(watch.run, "ends") == [0, 24]
    assert steps(watch.run, "threes") == ([0, 4, 8, 12, 16, 20, 24] if COMPILED else list(range(0, 25, 3)))


def check_a_generator_of_unknown_length_has_epochs_too() -> None:
    def batches():
        for start in range(0, 96, 8):
            yield X[start : start + 8], Y[start : start + 8]

    watch = Callbacks(run="check").pictures("saliency_maps", "epoch", **ALWAYS)
    net().fit(batches(), epochs=1, verbose=0, callbacks=[watch])
    assert steps(watch.run, "saliency_maps") == [0, 12]


def check_a_network_that_is_built_by_its_first_batch_is_seen_after_it() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", 6, **ALWAYS)
    fit(net(shape=None), watch)
    first, *others = steps(watch.run, "saliency_maps")
    assert first == (1 if keras.backend.backend() == "tensorflow" else 0)  # elsewhere Keras builds it before
    assert others == [6, 12]
    assert not problems(watch.run)


def check_a_figure_shows_the_network_of_its_step_and_its_prediction() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", 4, labels=("ant", "bee", "cow", "dog"), **ALWAYS)
    model, seen = net(), {}

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model  # noqa: B018 - brings the weights of JAX up to date
            seen[batch + 1] = keras.ops.convert_to_numpy(model(X[:2], training=False))

    fit(model, [watch, Look()])
    for step in (4, 8, 12):
        found = figure(watch.run, "saliency_maps", step)
        for prediction, scores in zip(found.predictions, seen[step], strict=True):
            np.testing.assert_allclose(prediction.scores, -np.sort(-scores), rtol=1e-4)
            assert prediction.labels[0] == ("ant", "bee", "cow", "dog")[int(scores.argmax())]
            assert prediction.confidence
    assert not np.allclose(seen[4], seen[12], rtol=1e-3)  # or the comparison would prove nothing
    assert [each.picture.shape for each in found.inputs] == [(10, 10, 1)] * 2


def _state(model: keras.Model) -> dict[str, object]:
    """Everything that a training leaves behind, to the last bit."""
    seeds = [layer.seed_generator for layer in model.layers if hasattr(layer, "seed_generator")]
    variables = [*model.variables, *model.optimizer.variables, *(seed.state for seed in seeds)]
    return {
        "variables": [keras.ops.convert_to_numpy(each).tobytes() for each in variables],
        "next draws": (random.random(), np.random.random(), np.asarray(keras.random.uniform((2,))).tobytes()),
        "losses": len(model.losses),
        "trainable": [layer.trainable for layer in model.layers],
        "nodes": [len(layer._inbound_nodes) for layer in model.layers],
    }


CHEAP = {
    "deep_visualization": {"iterations": 3},
    "feature_visualization": {"steps": 2},
    "deep_dream": {"octaves": 1, "iterations": 2},
    "smoothgrad": {"samples": 2},
    "vargrad": {"samples": 2},
}


def check_a_training_is_bit_for_bit_the_same_with_and_without_pictures_of_any_technique() -> None:
    known = [f"{name}(saliency_maps)" if entry.wraps else name for name, entry in TECHNIQUES.items()]
    made = _same_with_and_without(known, {"jit_compile": keras.backend.backend() == "jax"})
    assert {entry.technique for entry in made} == set(known)


def check_a_training_is_bit_for_bit_the_same_however_it_is_compiled() -> None:
    for settings in ({"jit_compile": True}, {"run_eagerly": True, "jit_compile": False}):
        if COMPILED or not settings["jit_compile"]:
            _same_with_and_without(["saliency_maps", "deep_visualization", "update_ratios"], settings)


def _same_with_and_without(techniques: list[str], settings: dict) -> set[Entry]:
    results = []
    for wanted in (False, True):
        watch = Callbacks(run="check").progress()
        for technique in techniques if wanted else ():
            options = CHEAP.get(technique.partition("(")[0], {})
            watch.pictures(technique, 7, data=(X[:16], Y[:16]), **options, **ALWAYS)
        model = whole_net(**settings)
        history = fit(model, [watch], epochs=2, validation_data=(X[:32], Y[:32])).history
        results.append({"history": history, **_state(model)})
    for name, value in results[0].items():
        assert value == results[1][name], (settings, name)
    assert not problems(watch.run), problems(watch.run)
    found = Results(watch.run)
    made = {entry for name in found.names() for entry in found.steps(name)}
    assert {entry.step for entry in made} == {0, 7, 14, 21, 24}
    return made


def check_sets_of_one_technique_keep_results_of_their_own() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", None, **ALWAYS)
    watch.pictures("saliency_maps", None, signs=("signed",), **ALWAYS)
    watch.pictures("saliency_maps", None, target=2, **ALWAYS)
    fit(net(), watch)
    assert {path.name for path in watch.run.results.iterdir() if path.is_dir()} == {
        "saliency_maps",
        "saliency_maps-2",
        "saliency_maps-3",
    }
    assert [part.name for part in figure(watch.run, "saliency_maps-2", 12).parts] == ["signed"]
    assert {item.target for item in figure(watch.run, "saliency_maps-3", 12).parts[0].items} == {2}


def check_several_fits_go_on_in_the_same_results_also_with_new_callbacks() -> None:
    model = net()
    watch = Callbacks(run="check").pictures("saliency_maps", 5, **ALWAYS)
    fit(model, watch)
    fit(model, watch)
    again = Callbacks(run=watch.run).pictures("saliency_maps", 5, **ALWAYS)
    fit(model, again)
    assert steps(watch.run, "saliency_maps") == [0, 5, 10, 12, 15, 20, 24, 25, 30, 35, 36]
    assert [path.name for path in watch.run.results.iterdir() if path.is_dir()] == ["saliency_maps"]


def check_another_model_in_the_same_run_is_seen_from_its_first_batch_on() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", 6, **ALWAYS)
    fit(net(), watch)
    before = figure(watch.run, "saliency_maps", 12).predictions
    fit(net(seed=8), watch)
    assert steps(watch.run, "saliency_maps") == [0, 6, 12, 13, 18, 24]
    assert figure(watch.run, "saliency_maps", 12).predictions == before


def check_what_turns_out_wrong_is_a_sentence_and_the_others_go_on() -> None:
    watch = Callbacks(run="check").progress()
    watch.pictures("saliency_maps", 4, name="good", **ALWAYS)
    watch.pictures("grad_cam", 4, layer="conf", name="layer", **ALWAYS)
    watch.pictures("saliency_maps", 4, name="target", target=99, **ALWAYS)
    watch.pictures("saliency_maps", 4, name="file", budget=1, images="nowhere.png")
    watch.pictures("saliency_maps", 4, name="nothing", budget=1)
    fit(net(), watch)
    assert steps(watch.run, "good") == [0, 4, 8, 12]
    said = {line["part"]: line["text"] for line in problems(watch.run)}
    assert set(said) == {"layer", "target", "file", "nothing"}
    assert "did you mean conv" in said["layer"]
    assert "class 99 is out of range" in said["target"]
    assert "no such file" in said["file"]
    assert "give images" in said["nothing"]
    assert len(watch.run.metrics_file.read_text().splitlines()) >= 12


def check_a_technique_that_fails_rests_longer_after_each_failure() -> None:
    attempts = []

    def sick(images):
        attempts.append(len(images))
        raise RuntimeError("no\nluck")

    watch = Callbacks(run="check").pictures("saliency_maps", 1, preprocess=sick, **ALWAYS)
    fit(net(), watch, epochs=3)
    (problem,) = problems(watch.run)
    assert problem["part"] == "saliency_maps"
    assert "RuntimeError: no" in problem["text"]
    assert 2 <= len(attempts) < 36  # the first, the last, and whenever its rest was over


@contextmanager
def _full_disk(size: int):
    """No file may grow beyond this."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def check_a_disk_that_is_full_in_the_middle_of_a_figure_leaves_no_part_of_it() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", 4, **ALWAYS)

    class Fill(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            context = _full_disk(2_000)
            if batch == 2:
                self.full = context
                context.__enter__()
            if batch == 5:
                self.full.__exit__(None, None, None)

    fit(net(), [Fill(), watch])
    found = steps(watch.run, "saliency_maps")
    assert 4 not in found
    assert found[0] == 0
    assert found[-1] == 12
    assert any("cannot be written" in line["text"] for line in problems(watch.run)), problems(watch.run)
    assert all(path.suffix == ".h5" for path in (watch.run.results / "saliency_maps").iterdir())
    for step in found:
        figure(watch.run, "saliency_maps", step)


class Wish(keras.callbacks.Callback):
    """Wishes for a picture at a batch of the training, and of its validation, and has it looked for at once."""

    def __init__(self, watch: Callbacks, **options: str) -> None:
        super().__init__()
        self.watch, self.options, self.training_batch, self.test_batch = watch, options, 4, None
        self.understood = None

    def _ask(self) -> None:
        self.understood = wishes.listening(self.watch.run, "picture")
        wishes.ask(self.watch.run, "picture", "ada", **self.options)
        self.watch._recording._listener._next_look = 0.0

    def on_train_batch_begin(self, batch, logs=None):
        if batch == self.training_batch:
            self._ask()

    def on_test_batch_begin(self, batch, logs=None):
        if batch == self.test_batch:
            self._ask()


def check_a_wish_makes_pictures_now() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", None, **ALWAYS)
    watch.pictures("saliency_maps", None, name="mine", budget=0, images=X[:1])
    wish = Wish(watch)
    fit(net(), [wish, watch])
    assert wish.understood
    assert steps(watch.run, "saliency_maps") == steps(watch.run, "mine") == [0, 5, 12]
    assert [(a.wish, a.outcome, a.why) for a in wishes.answers(watch.run)] == [("picture", "done", "")]
    assert read_json(watch.run.budget_file).value["wish"]["pictures"] == 2


def check_a_wish_for_one_set_or_for_none_that_there_is() -> None:
    for options, outcome, made in (
        ({"name": "mine"}, "done", [0, 5, 12]),
        ({"technique": "saliency_maps"}, "done", [0, 5, 12]),
        ({"technique": "saliency_map"}, "refused", [0, 12]),
    ):
        watch = Callbacks(run="check").pictures("saliency_maps", None, name="mine", **ALWAYS)
        fit(net(), [Wish(watch, **options), watch])
        assert steps(watch.run, "mine") == made
        (answer,) = wishes.answers(watch.run)
        assert answer.outcome == outcome
        assert (outcome == "done") is not ("did you mean 'saliency_maps'" in answer.why)


def check_a_wish_that_fails_says_why() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", None, target=50, **ALWAYS)
    fit(net(), [Wish(watch), watch])
    (answer,) = wishes.answers(watch.run)
    assert answer.outcome == "refused"
    assert "class 50 is out of range" in answer.why


def check_a_wish_is_granted_within_a_validation_too() -> None:
    results = []
    for asks in (False, True):
        watch = Callbacks(run="check").pictures("saliency_maps", None, **ALWAYS)
        wish = Wish(watch)
        wish.training_batch, wish.test_batch = None, 1 if asks else None
        model = net()
        history = fit(model, [wish, watch], epochs=2, validation_data=(X, Y), validation_batch_size=16).history
        results.append((history, _state(model)))
        assert steps(watch.run, "saliency_maps") == ([0, 12, 24] if asks else [0, 24])
    assert results[0] == results[1]


def check_a_training_without_pictures_does_not_understand_the_wish() -> None:
    watch = Callbacks(run="check").progress()
    wish = Wish(watch)
    fit(net(), [wish, watch])
    assert wish.understood is False
    assert [(a.outcome, a.why) for a in wishes.answers(watch.run)] == [("refused", "this training makes no pictures")]


def check_a_stopped_training_shows_its_last_state_and_later_fits_nothing() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", 100, **ALWAYS)

    class Stop(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 4:
                wishes.ask(watch.run, "stop", "ada")
                watch._recording._listener._next_look = 0.0

    model = net()
    fit(model, [Stop(), watch])
    fit(model, watch)
    assert steps(watch.run, "saliency_maps") == [0, 5]


def check_images_are_kept_in_the_run() -> None:
    from PIL import Image

    folder = Path(os.environ["TRAINVIS_RUNS"]).parent / "pictures"
    folder.mkdir(exist_ok=True)
    for number in (2, 10):
        Image.fromarray(np.full((10, 10), number, np.uint8)).save(folder / f"{number}.png")
    watch = Callbacks(run="check").pictures("saliency_maps", None, images=folder, preprocess="0..1", budget=1)
    watch.pictures("saliency_maps", None, images=(folder / "2.png", folder / "10.png"), name="again", preprocess="0..1")
    watch.pictures("saliency_maps", None, images=X[:2], name="arrays")
    fit(net(), watch)
    assert not problems(watch.run), problems(watch.run)
    names = sorted(path.name for path in watch.run.images.iterdir())
    assert names == ["10.png", "2.png", "image-0.png", "image-1.png"]
    assert (watch.run.images / "2.png").read_bytes() == (folder / "2.png").read_bytes()
    assert [each.name for each in figure(watch.run, "saliency_maps", 0).inputs] == ["2.png", "10.png"]


def check_images_of_the_data_stand_in_where_nobody_chose_any_and_tell_the_range() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", None, data=(X, Y), preprocess="0..1", budget=1)
    watch.pictures("saliency_maps", None, images=X[:1], name="unknown")
    fit(net(), watch)
    found = figure(watch.run, "saliency_maps", 0)
    assert len(found.inputs) == 4
    assert not any("range" in note or "scaled" in note for note in found.notes)
    assert any("training range unknown" in note for note in figure(watch.run, "unknown", 0).notes)


def check_what_fit_validates_on_stands_in_for_data_too() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", None, budget=1)
    watch.pictures("saliency_maps", None, images="validation", name="asked")
    watch.pictures("gradient_norms", None)
    watch.pictures("confusion_matrix", None)
    fit(net(), watch, validation_data=(X[:20], Y[:20]))
    assert not problems(watch.run), problems(watch.run)
    for name in ("saliency_maps", "asked"):
        found = figure(watch.run, name, 12)
        assert len(found.inputs) == 4
        assert not any("range" in note for note in found.notes)
    assert any("20 records of the validation data" in note for note in figure(watch.run, "gradient_norms", 12).notes)
    assert figure(watch.run, "confusion_matrix", 12).parts[0].values.sum() == 20


def check_a_dear_picture_waits_within_the_budget_and_says_until_when() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", 1, images=X[:2], budget=0.001)
    fit(net(), watch, epochs=4)
    found = steps(watch.run, "saliency_maps")
    assert found[0] == 0
    assert found[-1] == 48
    assert len(found) < 20
    (problem,) = problems(watch.run)
    assert problem["part"] == "saliency_maps"
    assert "waits until about step" in problem["text"]
    told = read_json(watch.run.budget_file).value
    assert told["first"]["pictures"] == told["last"]["pictures"] == 1
    assert told["first"]["compile_seconds"] > 0
    assert told["interval"]["pictures"] == len(found) - 2
    assert 0 <= told["used"] < 0.01


def check_figures_stay_within_their_room_on_the_disk() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", 1, disk=100_000, **ALWAYS)
    fit(net(), watch, epochs=4)
    found = steps(watch.run, "saliency_maps")
    size = sum(path.stat().st_size for path in (watch.run.results / "saliency_maps").iterdir())
    assert 50_000 < size <= 100_000
    assert (found[0], found[-1]) == (0, 48)
    entries = Results(watch.run).steps("saliency_maps")
    assert [entry.step for entry in entries] == found
    assert {entry.why for entry in entries} == {"first", "interval"}


def check_what_can_be_told_to_be_wrong_is_refused_at_once_with_the_nearest() -> None:
    for given, said in (
        (("saliency_map",), "did you mean 'saliency_maps'"),
        (("smoothgrad",), "smoothgrad(saliency_maps)"),
        ({"sings": ("signed",)}, "did you mean 'signs'"),
        ({"evry": 5}, "did you mean 'every'"),
        ({"signs": ("sined",)}, "did you mean 'signed'"),
        ({"every": "fortnight"}, "says no interval"),
        ({"budget": 5}, "budget=5"),
        ({"disk": -1}, "disk=-1"),
        ({"preprocess": "0..2"}, "did you mean"),
        ({"name": "../up"}, "cannot be a folder"),
        ({"name": "figures.jsonl"}, "a file of the run may be called so"),
        ({"name": "ends."}, "cannot be a folder"),
        ({"name": 5}, "cannot be a folder"),
        ({"target": "cat"}, "target 'cat' is no class"),
        ({"target": [0, 1.5]}, "target 1.5 is no class"),
        ({"labels": "cat"}, "a list of the names"),
        ({"data": X}, "give (x, y) or (x, y, weights)"),
    ):
        technique, options = (given[0], {}) if isinstance(given, tuple) else ("saliency_maps", given)
        watch = Callbacks(run="check")
        assert said in refusal(watch, technique, options), given
        assert watch._pictures() is None or not watch._pictures().sets


def refusal(watch: Callbacks, technique: str, options: dict) -> str:
    try:
        watch.pictures(technique, **options)
    except TrainvisError as error:
        return str(error)
    return ""


def check_without_a_budget_there_is_the_first_and_the_last() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", 1, images=X[:2], budget=0)
    fit(net(), watch)
    assert steps(watch.run, "saliency_maps") == [0, 12]
    assert not problems(watch.run)


def check_two_callbacks_of_one_training_share_network_budget_and_folders() -> None:
    first = Callbacks(run="check")
    fit(net(), first)
    one = Callbacks(run=first.run).pictures("saliency_maps", 4, **ALWAYS)
    two = Callbacks(run=first.run).pictures("saliency_maps", 4, signs=("signed",), **ALWAYS)
    fit(net(), [one, two, Callbacks(run=first.run).progress()])
    assert steps(first.run, "saliency_maps") == steps(first.run, "saliency_maps-2") == [12, 16, 20, 24]
    probes = [each._pictures().sets[0].probe for each in (one, two)]
    assert probes[0].network is probes[1].network
    assert read_json(first.run.budget_file).value["interval"]["pictures"] == 6


def check_a_fit_that_begins_with_a_later_epoch() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", "epoch", **ALWAYS)
    watch.pictures("saliency_maps", "2 epochs", name="twos", **ALWAYS)
    fit(net(), watch, epochs=6, initial_epoch=3)
    assert steps(watch.run, "saliency_maps") == [0, 12, 24, 36]
    assert steps(watch.run, "twos") == [0, 12, 36]  # after epochs 4 and 6


def check_a_training_that_an_error_ended_makes_no_pictures_of_the_next_one() -> None:
    first = Callbacks(run="check")
    fit(net(), first)
    dead = Callbacks(run=first.run).pictures("saliency_maps", None, name="dead", **ALWAYS)
    alive = Callbacks(run=first.run).pictures("saliency_maps", None, name="alive", **ALWAYS)

    class Break(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                raise KeyError("of the script")

    with suppress(KeyError):
        fit(net(), [dead, Break()])
    fit(net(), [Wish(alive), alive])
    assert steps(first.run, "dead") == [12]
    assert steps(first.run, "alive") == [15, 20, 27]
    assert [answer.outcome for answer in wishes.answers(first.run)] == ["done"]


def check_several_inputs_as_a_dict_beside_a_set_that_looks_at_no_image() -> None:
    given = {"wide": X, "flat": X[:, :5, 0, 0]}
    inputs = {"wide": keras.Input((10, 10, 1), name="wide"), "flat": keras.Input((5,), name="flat")}
    convolved = layers.Flatten()(layers.Conv2D(2, 3)(inputs["wide"]))
    classes = layers.Dense(4, activation="softmax")(layers.Concatenate()([inputs["flat"], convolved]))
    model = keras.Model(inputs, classes)
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=keras.backend.backend() == "jax")
    watch = Callbacks(run="check").pictures("weights", 6, budget=1)
    watch.pictures("saliency_maps", 6, images={name: each[:2] for name, each in given.items()}, data=(given, Y))
    watch.pictures("saliency_maps", 6, data=(given, Y), name="of-data")
    watch.pictures("layer_graph", 6)
    model.fit(given, Y, batch_size=8, verbose=0, callbacks=[watch])
    assert not problems(watch.run), problems(watch.run)
    for name in ("weights", "saliency_maps", "layer_graph"):
        assert steps(watch.run, name) == [0, 6, 12]
    assert len(figure(watch.run, "of-data", 6).predictions) == 4


def check_layers_added_between_two_fits_are_seen() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", 6, **ALWAYS)
    model = net()
    fit(model, watch)
    model.add(layers.Dense(3, activation="softmax"))
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=keras.backend.backend() == "jax")
    model.fit(X, Y % 3, batch_size=8, verbose=0, callbacks=[watch])
    assert len(figure(watch.run, "saliency_maps", 12).predictions[0].classes) == 4
    assert len(figure(watch.run, "saliency_maps", 24).predictions[0].classes) == 3
    assert not problems(watch.run)


def check_five_hundred_snapshots_trace_nothing_and_grow_nothing() -> None:
    watch = Callbacks(run="check").pictures("saliency_maps", 1, **ALWAYS)
    watch.pictures("smoothgrad(saliency_maps)", 1, samples=2, **ALWAYS)
    memory, compiling = [], []

    class Measure(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            memory.append(pages * resource.getpagesize())
            compiling.append(watch._pictures().sets[0].probe.network.seconds_compiling)

    fit(net(), [watch, Measure()], epochs=21)
    assert len(steps(watch.run, "saliency_maps")) + len(steps(watch.run, "smoothgrad-saliency_maps")) > 500
    assert len(set(compiling)) == 1
    grown = memory[-1] - memory[5]
    assert grown < 8e6, f"{grown / 1e6:.1f} MB over {15 * 24} snapshots"
