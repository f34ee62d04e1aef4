"""Heads that are built and trained on the backend of $KERAS_BACKEND; no pytest, as environments of the other backends
need not have it. `python head_checks.py` runs every `check_…` and prints a JSON object, name → None or what went wrong.
"""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from trainvis.engine.rundir import RunDir
from trainvis.engine.wishes import ask
from trainvis.face_exp import training
from trainvis.face_exp.building import build
from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.layers import Branches, Chain, Concat, Dense, Drop, Output, parse
from trainvis.face_exp.nets import CONTROLS, NETS, Net
from trainvis.face_exp.scores import Head, Scores
from trainvis.face_exp.splits import Split
from trainvis.face_exp.training import HeadData, Stopped, train

TWO = Net("T", "", parse("drop → 8 → {id; 8 → drop → expression}"), 3, batch=64, learning_rate=0.01)  # of two outputs


def faces(count: int = 200, identities: int = 5, expressions: int = 3) -> HeadData:
    """Vectors of 16 numbers that are told apart easily."""
    rng = np.random.default_rng(0)
    identity, expression = rng.integers(0, identities, count), rng.integers(0, expressions, count)
    vectors = rng.normal(size=(identities, 16))[identity] + rng.normal(size=(expressions, 16))[expression]
    order = rng.permutation(count)
    split = Split(*(np.sort(each) for each in np.split(order, [count * 7 // 10, count * 9 // 10])))
    given = np.eye(expressions, dtype="float32")[expression]
    return HeadData(vectors.astype("float32"), identity, identities, split, given, expression, expressions)


def numbers(scores: Scores) -> dict:
    """All that a head says, to the last bit."""
    said = {
        (part, target): (each.predicted.tolist(), each.rank.tolist(), each.loss.tobytes())
        for part, targets in scores.predictions.items()
        for target, each in targets.items()
    }
    return {**said, "similarity": scores.verification["similarity"].tobytes()}


def lines(run: RunDir) -> list[dict]:
    found = [json.loads(line) for line in run.metrics_file.read_text().splitlines()]
    return [line for line in found if "event" not in line]


def head(seed: int = 0) -> Head:
    return Head("T", "3", "", seed)


def refused(net: Net, data: HeadData, **options: object) -> FacesError:
    try:
        train(net, data, head(), **options)
    except FacesError as error:
        return error
    raise AssertionError("it trained to its end")


def run_of(scores: Scores) -> RunDir:
    return RunDir(Path(os.environ["TRAINVIS_RUNS"], scores.run))


def check_a_head_of_two_outputs_trains_is_scored_and_recorded() -> None:
    data = faces()
    scores = train(replace(TWO, epochs=30), data, head(), params={"study": "s"}, tags=("mine",), pairs=50)
    assert scores.accuracy() > 0.6, scores.accuracy()
    assert scores.accuracy("validation", "expression") > 0.6
    assert (scores.classes, scores.epochs) == ({"identity": 5, "expression": 3}, 30)
    assert (scores.train_faces, scores.parameters) == (140, TWO.layers.parameters(16, 5, 3))
    assert 0 < scores.train_accuracy <= 1
    assert scores.seconds > 0
    test = scores.predictions["test"]["expression"]
    np.testing.assert_array_equal(test.record, data.split.test)
    np.testing.assert_array_equal(test.truth, data.expression[data.split.test])
    assert scores.verification["similarity"].shape == scores.verification["same"].shape == (50,)
    run = run_of(scores)
    assert run.notes()[0].name == "T-3-s0"
    assert {"mine", "head", "net-t"} <= set(run.notes()[0].tags)
    assert run.state()[0].why == "done"
    fit = next(json.loads(line) for line in run.metrics_file.read_text().splitlines() if '"fit"' in line)
    assert {"net": "T", "study": "s", "seed": 0}.items() <= fit["params"].items(), fit
    assert (fit["epochs"], fit["batch_size"], fit["optimizer"]["name"]) == (30, 64, "adam")
    written = lines(run)
    assert sum("loss" in line for line in written) == 30 * 3
    last = written[-1]
    assert (last["step"], last["epoch"]) == (90, 30)
    assert not any("identity_accuracy" in name for line in written for name in line)
    assert last["test_accuracy"] == scores.accuracy()
    np.testing.assert_allclose(last["test_expression_loss"], test.loss.mean(), rtol=1e-6)
    np.testing.assert_allclose(last["test_loss"], last["test_identity_loss"] + last["test_expression_loss"])
    # What Keras says of the validation is what the scores say of it.
    kept = next(line for line in reversed(written) if "val_loss" in line)
    validation = scores.predictions["validation"]
    np.testing.assert_allclose(kept["val_accuracy"], scores.accuracy("validation"), rtol=1e-5)
    np.testing.assert_allclose(kept["val_expression_loss"], validation["expression"].loss.mean(), rtol=1e-3)


def check_a_head_does_not_depend_on_those_before_it() -> None:
    data = faces()
    training.forget()
    first = train(TWO, data, head(0), recorded=False, pairs=50)
    training.forget()
    train(replace(TWO, layers=parse("8 → id")), data, head(5), recorded=False)
    others = [train(TWO, data, head(seed), recorded=False, pairs=50) for seed in (1, 2)]
    again = train(TWO, data, head(0), pairs=50)  # compiled by another seed, and recorded
    assert numbers(again) == numbers(first)
    assert again.train_accuracy == first.train_accuracy
    assert numbers(others[0]) != numbers(others[1])


def check_the_expression_that_is_put_in_counts() -> None:
    data = faces(identities=3)
    # Who it is follows from nothing but what is put in.
    telling = replace(data, features=np.zeros_like(data.features), given=np.eye(3, dtype="float32")[data.identity])
    net = replace(TWO, layers=parse("concat(expression) → id"), epochs=60)
    scores = train(net, telling, Head("T", "3", "label", 0), recorded=False)
    assert scores.accuracy() == 1.0, scores.accuracy()
    assert set(scores.predictions["test"]) == {"identity"}


def check_a_stop_ends_the_head_and_says_who() -> None:
    class Asking(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
            for path in Path(os.environ["TRAINVIS_RUNS"]).iterdir():
                if RunDir(path).notes()[0].name == "to-stop" and not epoch:
                    ask(RunDir(path), "stop", "ada")

    error = refused(replace(TWO, epochs=5000), faces(), run_name="to-stop", callbacks=[Asking()])
    assert isinstance(error, Stopped)
    assert (error.by, error.head, str(error)) == ("ada", head(), "T-3-s0 was stopped by ada")


def check_a_head_on_a_trunk_trains_the_trunk() -> None:
    data = faces()
    tails = []

    def tail(seed: int) -> keras.Model:
        keras.utils.set_random_seed(seed)
        given = keras.Input((4, 4))
        made = keras.Model(given, keras.layers.Dense(6, "relu")(keras.layers.Flatten()(given)))
        tails.append((made, made.get_weights()[0]))
        return made

    images = replace(data, features=data.features.reshape(-1, 4, 4))
    scores = [train(TWO, images, head(1), trunk=tail, recorded=False, pairs=50) for _ in range(2)]
    assert numbers(scores[0]) == numbers(scores[1])
    assert scores[0].parameters == TWO.layers.parameters(6, 5, 3) + 16 * 6 + 6
    made, before = tails[0]
    assert np.abs(made.get_weights()[0] - before).max() > 1e-3


def check_no_pair_out_of_one_film_is_verified() -> None:
    data = faces()
    film = data.identity * 10 + np.arange(len(data.identity)) % 2  # everybody is in two
    test = data.split.test
    first, second = np.triu_indices(len(test), 1)
    apart = film[test][first] != film[test][second]
    same = data.identity[test][first] == data.identity[test][second]
    scores = train(TWO, replace(data, group=film), head(), recorded=False, pairs=1000)
    assert np.array_equal(scores.verification["same"], same[apart])
    assert 0 < scores.verification["same"].sum() < same.sum()


def check_what_cannot_be_trained_is_a_sentence() -> None:
    data = faces()
    for net, given, said in (
        (TWO, replace(data, expression=None), "is to name the expression, and none is known"),
        (replace(TWO, layers=parse("concat(expression) → id")), replace(data, given=None), "and none is given"),
        (replace(TWO, optimizer="adamm"), data, "the optimizer of network T is adamm, which Keras does not know"),
        (replace(TWO, initialiser="none"), data, "the initialiser of network T is none"),
        (replace(TWO, activation="rely"), data, "the activation of network T is rely"),
        (replace(TWO, optimizer="sgd", learning_rate=1e30), data, "T-3-s0 diverged"),
    ):
        error = refused(net, given, recorded=False)
        assert said in str(error), error


def check_one_expression_alone_is_certain() -> None:
    data = faces(expressions=1)
    assert train(TWO, data, head(), recorded=False).accuracy("test", "expression") == 1.0


def _steps(chain: Chain) -> list:
    return [each for step in chain for each in (
        [inner for branch in step.chains for inner in _steps(branch)] if isinstance(step, Branches) else [step]
    )]  # fmt: skip


def check_the_layers_of_each_network_are_built_as_written() -> None:
    kinds = {Drop: "Dropout", Dense: "Dense", Concat: "Concatenate", Output: "Dense"}
    for net in (*NETS.values(), *CONTROLS.values()):
        model = build(net, 12, 5, 3)
        placed = net.layers.placed(12, 5, 3)
        made = {layer.name: layer for layer in model.layers if type(layer).__name__ != "InputLayer"}
        assert set(made) == {each.name for each in placed}
        assert [each.step for each in placed] == _steps(net.layers.chain)
        for each in placed:
            layer = made[each.name]
            assert type(layer).__name__ == kinds[type(each.step)]
            assert layer.output.shape == (None, each.width)
            assert layer.count_params() == each.parameters
            if isinstance(each.step, Drop):
                assert layer.rate == 0.5
            if type(layer).__name__ == "Dense":
                wanted = "softmax" if isinstance(each.step, Output) else "relu"
                assert layer.activation is keras.activations.get(wanted)
                assert type(layer.kernel_initializer).__name__ == "GlorotUniform"
        assert model.count_params() == net.layers.parameters(12, 5, 3)
        shapes = {"identity": 5, "expression": 3}
        said = model(_zeros(net, 12, 3))
        found = (
            {name: tuple(each.shape) for name, each in said.items()} if isinstance(said, dict) else tuple(said.shape)
        )
        wanted = {target: (2, count) for target, count in shapes.items() if target in net.outputs}
        assert found == (wanted if len(wanted) > 1 else next(iter(wanted.values())))
        optimizer = model.optimizer
        assert (type(optimizer).__name__, round(float(optimizer.learning_rate.value), 9)) == ("Adam", 0.0005)


def _zeros(net: Net, width: int, expressions: int) -> object:
    features = np.zeros((2, width), "float32")
    if not net.takes_expression:
        return features
    return {"features": features, "expression_in": np.zeros((2, expressions), "float32")}


def check_equal_layers_begin_alike_in_all_networks() -> None:
    one, other = build(NETS["B"], 12, 5, 3, seed=4), build(NETS["H"], 12, 5, 3, seed=4)
    for name in ("dense_1", "dense_2", "identity"):
        np.testing.assert_array_equal(one.get_layer(name).get_weights()[0], other.get_layer(name).get_weights()[0])
    ones = np.ones((4, 12), "float32")
    dropped = [
        np.asarray(keras.ops.convert_to_numpy(each.get_layer("drop_1")(ones, training=True))) for each in (one, other)
    ]
    np.testing.assert_array_equal(*dropped)
    assert set(np.unique(dropped[0])) == {0, 2}
    another = build(NETS["B"], 12, 5, 3, seed=5)
    assert (one.get_layer("dense_2").get_weights()[0] != another.get_layer("dense_2").get_weights()[0]).any()
    limit = np.sqrt(6 / (1024 + 1024))  # Glorot and Bengio (2010)
    kernel = one.get_layer("dense_2").get_weights()[0]
    assert limit * 0.99 < np.abs(kernel).max() <= limit
    np.testing.assert_allclose(kernel.std(), limit / np.sqrt(3), rtol=0.01)


def main() -> None:
    chosen = sys.argv[1:]
    answers: dict[str, str | None] = {}
    for name, check in list(globals().items()):
        if name.startswith("check_") and (not chosen or name in chosen):
            try:
                check()
                answers[name] = None
            except Exception:  # noqa: BLE001 - what is wrong is what is to be said
                said = io.StringIO()
                traceback.print_exc(file=said)
                answers[name] = said.getvalue()
    print(json.dumps({"backend": keras.backend.backend(), "checks": answers}))  # noqa: T201


if __name__ == "__main__":
    main()
