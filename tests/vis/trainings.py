"""Trainings whose record is held against values computed by hand, on the backend of $KERAS_BACKEND.

No pytest: environments of the other backends need not have it. `python trainings.py` runs every `check_…` and
prints a JSON object, name → None or what went wrong. The sentence of a check is its name.
"""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import keras
import numpy as np

from trainvis.engine import wishes
from trainvis.engine.files import read_json
from trainvis.engine.rundir import RunDir
from trainvis.vis import Callbacks, CustomCallbacks, keras_state

RNG = np.random.default_rng(0)
X = RNG.normal(size=(650, 4)).astype("float32")
Y = (X @ np.array([1.0, -2.0, 0.5, 0.0], "float32") + 3.0)[:, None]


def lines(run: RunDir) -> list[dict]:
    return [line for line in events(run) if "event" not in line]


def events(run: RunDir, kind: str = "") -> list[dict]:
    found = [json.loads(line) for line in run.metrics_file.read_text().splitlines()]
    return [line for line in found if line.get("event") == kind] if kind else found


def series(run: RunDir, name: str) -> np.ndarray:
    return np.array([float(line[name]) for line in lines(run) if name in line])


def linear(rate: float = 0.0, **compiled) -> keras.Model:
    """A linear network with fixed weights; a rate of 0 keeps every batch's loss a closed form."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.layers[0].set_weights([np.full((4, 1), 0.25, "float32"), np.zeros(1, "float32")])
    settings = {"loss": "mse", "metrics": ["mae"]} | compiled
    model.compile(keras.optimizers.SGD(rate), **settings)
    return model


def by_hand(x: np.ndarray, y: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """The errors of each batch in float64."""
    errors = (x.astype(float) @ np.full((4, 1), 0.25) - y)[:, 0]
    for start in range(0, len(x), size):
        yield errors[start : start + size]


def recorded(**fit) -> tuple[RunDir, Callbacks]:
    callbacks = Callbacks(run="check").progress()
    model = fit.pop("model", None) or linear()
    arguments = {"x": X, "y": Y, "batch_size": 32, "shuffle": False, "verbose": 0} | fit
    model.fit(**arguments, callbacks=callbacks)
    assert callbacks.run is not None
    return callbacks.run, callbacks


def check_each_line_is_the_value_of_its_batch_and_the_last_batch_is_smaller() -> None:
    run, _ = recorded(epochs=2)
    expected = [np.mean(e**2) for e in by_hand(X, Y, 32)] * 2
    np.testing.assert_allclose(series(run, "loss"), expected, rtol=1e-5)
    expected = [np.mean(abs(e)) for e in by_hand(X, Y, 32)] * 2
    np.testing.assert_allclose(series(run, "mae"), expected, rtol=1e-5)
    assert [line["step"] for line in lines(run)] == list(range(1, 43))
    np.testing.assert_allclose([line["epoch"] for line in lines(run)], np.arange(1, 43) / 21)
    assert all(line["step_time"] > 0 for line in lines(run))


def check_values_err_by_less_than_1e_4_at_two_thousand_batches() -> None:
    x = RNG.normal(size=(2_000 * 32 - 10, 4)).astype("float32")
    falling = np.geomspace(3.0, 0.3, len(x))[:, None]  # as a loss falls, a batch is worth less of the sum
    y = (x @ np.full((4, 1), 0.25) + falling * RNG.normal(1, 0.2, size=(len(x), 1))).astype("float32")
    compiled = keras.backend.backend() == "jax"
    run, _ = recorded(x=x, y=y, model=linear() if compiled else linear(jit_compile=False))
    batches = list(by_hand(x, y, 32))
    for name, own in (("loss", [np.mean(e**2) for e in batches]), ("mae", [np.mean(abs(e)) for e in batches])):
        error = np.abs(series(run, name) - own)
        assert len(error) == 2_000
        if compiled:  # what the float32 sum never held cannot be known: half of its last bit
            mean = np.cumsum(own) / np.arange(1, 2_001)
            assert (error < 1.05 * 2.0**-24 * np.arange(1, 2_001) * mean + 1e-6 * mean).all()
        else:
            assert (error / own).max() < 1e-5, (name, (error / own).max())


def check_differencing_the_running_means_comes_close_too() -> None:
    callbacks = Callbacks(run="check").progress(exact=False)
    linear().fit(X, Y, batch_size=32, shuffle=False, verbose=0, callbacks=[callbacks], epochs=2)
    expected = [np.mean(e**2) for e in by_hand(X, Y, 32)] * 2
    np.testing.assert_allclose(series(callbacks.run, "loss"), expected, rtol=1e-4)


def check_several_outputs_with_sample_weights() -> None:
    keras.utils.set_random_seed(3)
    inputs = keras.Input((4,))
    one, two = keras.layers.Dense(1, name="one")(inputs), keras.layers.Dense(1, name="two")(inputs)
    model = keras.Model(inputs, {"one": one, "two": two})
    model.set_weights([np.full((4, 1), 0.25, "float32"), np.zeros(1, "float32")] * 2)
    model.compile(
        keras.optimizers.SGD(0.0),
        loss={"one": "mse", "two": "mae"},
        loss_weights={"one": 1.0, "two": 0.5},
        metrics={"one": ["mae"], "two": ["mse", keras.metrics.RootMeanSquaredError(name="root")]},
        weighted_metrics={"one": ["mae"]},
    )
    weights = RNG.uniform(0.1, 2.0, len(X)).astype("float32")
    targets = {"one": Y, "two": Y + 1}
    run, _ = recorded(model=model, y=targets, sample_weight={"one": weights, "two": np.ones_like(weights)})
    first, second = list(by_hand(X, Y, 32)), list(by_hand(X, Y + 1, 32))
    w = [weights[at : at + 32].astype(float) for at in range(0, len(X), 32)]
    one_loss = np.array([np.mean(v * e**2) for v, e in zip(w, first, strict=True)])
    two_loss = np.array([np.mean(abs(e)) for e in second])
    expected = {
        "one_loss": one_loss,
        "two_loss": two_loss,
        "loss": one_loss + 0.5 * two_loss,
        "one_mae": [np.mean(abs(e)) for e in first],
        "one_weighted_mae": [np.sum(v * abs(e)) / v.sum() for v, e in zip(w, first, strict=True)],
        "two_mse": [np.mean(e**2) for e in second],
        "two_root": [np.sqrt(np.mean(e**2)) for e in second],
    }
    weighted = next(name for name in lines(run)[0] if "weighted" in name)
    expected[weighted] = expected.pop("one_weighted_mae")
    for name, value in expected.items():
        np.testing.assert_allclose(series(run, name), value, rtol=1e-4, err_msg=name)


def check_an_execution_of_several_steps_is_one_line() -> None:
    if keras.backend.backend() == "torch":
        return  # Keras allows one step there
    model = linear(steps_per_execution=4)
    run, _ = recorded(model=model, epochs=2)
    errors = list(by_hand(X, Y, 32))
    groups = [np.concatenate(errors[at : at + 4]) for at in range(0, 21, 4)]
    np.testing.assert_allclose(series(run, "loss"), [np.mean(e**2) for e in groups] * 2, rtol=1e-5)
    assert [line.get("batches", 1) for line in lines(run)] == [4, 4, 4, 4, 4, 1] * 2
    assert [line["step"] for line in lines(run)] == [4, 8, 12, 16, 20, 21, 25, 29, 33, 37, 41, 42]
    assert lines(run)[-1]["epoch"] == 2


def check_a_metric_that_is_no_mean_is_recorded_as_running_and_marked() -> None:
    labels = (Y > 3).astype("float32")
    f1 = keras.metrics.F1Score(threshold=0.5, average=None, name="f1")
    model = linear(loss="binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc"), f1])
    history = {}

    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            history.setdefault("auc", []).append(logs["auc"])

    callbacks = Callbacks(run="check").progress()
    model.fit(X, labels, batch_size=64, shuffle=False, verbose=0, callbacks=[Watch(), callbacks])
    np.testing.assert_array_equal(series(callbacks.run, "auc"), history["auc"])
    (kinds,) = events(callbacks.run, "kinds")
    assert "auc" in kinds["running"]
    assert any(name.startswith("f1") for name in kinds["running"])
    assert not {"loss", "accuracy"} & set(kinds["running"])


def check_a_custom_metric_that_only_looks_like_a_mean_is_marked() -> None:
    class Last(keras.metrics.Mean):
        def update_state(self, y_true, y_pred, sample_weight=None):
            self.total.assign(keras.ops.mean(y_pred))
            self.count.assign(1.0)

    run, _ = recorded(model=linear(metrics=[Last(name="last")]))
    assert "last" in events(run, "kinds")[-1]["running"]
    assert len(series(run, "loss")) == 21


def check_validation_comes_once_an_epoch() -> None:
    run, _ = recorded(epochs=2, validation_data=(X[:100], Y[:100]))
    value = np.mean(np.concatenate(list(by_hand(X[:100], Y[:100], 32))) ** 2)
    np.testing.assert_allclose(series(run, "val_loss"), [value, value], rtol=1e-5)
    assert [line["epoch"] for line in lines(run) if "val_loss" in line] == [1, 2]


def check_the_learning_rate_follows_its_schedule() -> None:
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([21], [0.01, 0.002])
    model = linear()
    model.compile(keras.optimizers.SGD(schedule), loss="mse")
    run, _ = recorded(model=model, epochs=3)
    rates = {line["epoch"]: line["learning_rate"] for line in lines(run) if "learning_rate" in line}
    assert min(rates) < 1 < max(rates)
    assert set(rates.values()) == {0.01, 0.002}
    assert events(run, "fit")[0]["optimizer"]["learning_rate"] == "PiecewiseConstantDecay"


def check_generators_of_unknown_length() -> None:
    class Endless(keras.utils.PyDataset):
        @property
        def num_batches(self):
            return None

        def __getitem__(self, index):
            if index >= 7:
                raise StopIteration
            return X[index * 32 : index * 32 + 32], Y[index * 32 : index * 32 + 32]

    def batches():
        for start in range(0, 224, 32):
            yield X[start : start + 32], Y[start : start + 32]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras complains that the generator ran out, as it should
        run, _ = recorded(x=batches(), y=None, batch_size=None, shuffle=True, epochs=1)
    np.testing.assert_allclose(series(run, "loss"), [np.mean(e**2) for e in by_hand(X[:224], Y[:224], 32)], rtol=1e-5)
    assert events(run, "fit")[0]["steps_per_epoch"] is None
    assert {line["epoch"] for line in lines(run)} == {0}


def check_several_fits_count_on_and_keep_their_epochs() -> None:
    model = linear()
    callbacks = Callbacks(run="check").progress()
    for epochs, first in ((1, 0), (3, 1)):
        model.fit(X, Y, batch_size=65, epochs=epochs, initial_epoch=first, verbose=0, callbacks=[callbacks])
    assert [line["step"] for line in lines(callbacks.run)] == list(range(1, 31))
    assert [line["fit"] for line in lines(callbacks.run)] == [1] * 10 + [2] * 20
    assert [fit["initial_epoch"] for fit in events(callbacks.run, "fit")] == [0, 1]
    assert events(callbacks.run, "fit")[0]["batch_size"] == 65
    assert lines(callbacks.run)[-1]["epoch"] == 3
    assert len(events(callbacks.run, "end")) == 2


def check_eager_and_compiled_trainings_record_the_same() -> None:
    expected = [np.mean(e**2) for e in by_hand(X, Y, 32)]
    for settings in ({"run_eagerly": True}, {"jit_compile": True}, {"jit_compile": False}):
        if settings.get("jit_compile") and keras.backend.backend() == "torch":
            continue  # a compiler for C++ would be needed
        run, _ = recorded(model=linear(**settings))
        np.testing.assert_allclose(series(run, "loss"), expected, rtol=1e-5)


def check_values_that_are_no_numbers_are_kept_as_such() -> None:
    y = Y.copy()
    y[64:96] = np.nan
    run, _ = recorded(y=y)
    assert np.isfinite(series(run, "loss")[:2]).all()
    assert np.isnan(series(run, "loss")[2])


def check_a_train_step_of_ones_own_is_recorded_as_it_returns() -> None:
    class Own(keras.Sequential):
        def train_step(self, *given):
            result = super().train_step(*given)
            logs, state = result if isinstance(result, tuple) else (result, None)
            logs = {"my_loss": logs["loss"], "seven": 7.0}
            return logs if state is None else (logs, state)

    model = Own([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    run, _ = recorded(model=model)
    assert set(series(run, "seven")) == {7.0}
    assert len(series(run, "my_loss")) == 21


def _net(**settings) -> keras.Model:
    keras.utils.set_random_seed(7)
    layers = [keras.layers.Dense(16, activation="relu"), keras.layers.Dropout(0.3), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae", keras.metrics.RootMeanSquaredError()], **settings)
    return model


def check_a_training_is_bit_for_bit_the_same_with_and_without() -> None:
    for settings in ({}, {"jit_compile": True}, {"run_eagerly": True}):
        if settings.get("jit_compile") and keras.backend.backend() == "torch":
            continue
        results = []
        for callbacks in (None, Callbacks(run="check").progress().network_saver()):
            model = _net(**settings)
            history = model.fit(
                X, Y, callbacks=callbacks, batch_size=50, epochs=3, verbose=0, validation_data=(X[:64], Y[:64])
            ).history
            weights = [weight.tobytes() for weight in model.get_weights()]
            results.append((history, weights, int(model.optimizer.iterations.numpy())))
        assert results[0] == results[1], settings


def check_a_saved_network_holds_nothing_of_ours() -> None:
    names = []
    for callbacks in (None, Callbacks(run="check").progress()):
        model = _net()
        model.fit(X, Y, verbose=0, callbacks=callbacks)
        path = Path(os.environ["TRAINVIS_RUNS"]) / "saved.keras"
        model.save(path)
        with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
            found: list[str] = []
            file.visit(found.append)
        path.unlink()
        names.append(sorted(found))
    assert names[0] == names[1]


def check_networks_are_saved_at_the_start_each_epoch_and_best() -> None:
    model = _net()
    start = model.predict(X[:8], verbose=0)
    callbacks = Callbacks(run="check").network_saver(keep=2, about={"data": "digits", "epoch": "mine"})
    history = model.fit(X, Y, epochs=4, verbose=0, validation_data=(X[:64], Y[:64]), callbacks=callbacks).history
    folder = callbacks.run.networks
    names = sorted(path.name for path in folder.glob("*.keras"))
    assert names == ["best.keras", "epoch-0003.keras", "epoch-0004.keras", "start.keras"], names
    assert sorted(path.stem for path in folder.glob("*.json")) == sorted(Path(name).stem for name in names)
    first = keras.models.load_model(folder / "start.keras")
    np.testing.assert_array_equal(first.predict(X[:8], verbose=0), start)
    best = read_json(folder / "best.json").value
    assert best["value"] == min(history["val_loss"])
    assert best["monitor"] == "val_loss"
    assert best["data"] == read_json(folder / "start.json").value["data"] == "digits"
    assert best["epoch"] == 1 + int(np.argmin(history["val_loss"]))
    loaded = keras.models.load_model(folder / "best.keras")
    assert abs(loaded.evaluate(X[:64], Y[:64], verbose=0)[0] - best["value"]) < 1e-6
    assert not (folder / ".saving").exists()


def check_a_clock_that_jumps_back_costs_no_network() -> None:
    class Back(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            for path in callbacks.run.networks.glob("*"):
                os.utime(path, (2e9, 2e9))

    callbacks = Callbacks(run="check").network_saver(keep=2)
    _net().fit(X, Y, epochs=4, verbose=0, callbacks=[callbacks, Back()])
    names = sorted(path.name for path in callbacks.run.networks.glob("epoch*.keras"))
    assert names == ["epoch-0003.keras", "epoch-0004.keras"], names


def check_an_unbuilt_network_is_saved_after_its_first_batch() -> None:
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    callbacks = Callbacks(run="check").network_saver(keep=0)
    model.fit(X, Y, verbose=0, callbacks=[callbacks])
    assert sorted(path.name for path in callbacks.run.networks.glob("*.keras")) == ["best.keras", "start.keras"]
    assert not callbacks.run.problems_file.exists()


def check_a_stop_ends_the_training_its_validation_and_every_later_fit() -> None:
    class Ask(keras.callbacks.Callback):
        tested = 0

        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                wishes.ask(callbacks.run, "stop", "ada")
                callbacks._recording._listener._next_look = 0.0

        def on_test_batch_end(self, batch, logs=None):
            Ask.tested += 1

    model = linear()
    callbacks = Callbacks(run="check").progress().network_saver()
    model.fit(X, Y, epochs=5, verbose=0, validation_data=(X, Y), callbacks=[Ask(), callbacks])
    assert Ask.tested == 1
    assert len(series(callbacks.run, "loss")) == 3
    assert not len(series(callbacks.run, "val_loss"))
    assert [(a.wish, a.outcome) for a in wishes.answers(callbacks.run)] == [("stop", "done")]
    assert read_json(callbacks.run.networks / "epoch-0001.json").value["complete"] is False
    assert not (callbacks.run.networks / "best.keras").exists()
    networks = {path.name for path in callbacks.run.networks.iterdir()}
    for _ in range(3):
        model.fit(X, Y, epochs=5, verbose=0, callbacks=[callbacks])
    assert len(series(callbacks.run, "loss")) == 6
    assert {path.name for path in callbacks.run.networks.iterdir()} == networks  # nothing trained was pruned
    state, _ = callbacks.run.state()
    assert (state.status, state.why, state.by) == ("finished", "stopped", "ada")
    assert not callbacks.run.listening_file.exists()


def check_a_wish_within_validation_ends_it() -> None:
    class Ask(keras.callbacks.Callback):
        def on_test_batch_end(self, batch, logs=None):
            Ask.last = batch
            if batch == 1:
                wishes.ask(callbacks.run, "picture", "ada")
                wishes.ask(callbacks.run, "stop", "ada")
                callbacks._recording._listener._next_look = 0.0

    callbacks = Callbacks(run="check").progress().network_saver()
    linear().fit(X, Y, epochs=5, verbose=0, validation_data=(X, Y), callbacks=[Ask(), callbacks])
    assert Ask.last == 1
    assert len(series(callbacks.run, "loss")) == 21
    assert read_json(callbacks.run.networks / "epoch-0001.json").value["complete"] is True
    said = {answer.wish: (answer.outcome, answer.why) for answer in wishes.answers(callbacks.run)}
    assert said["stop"][0] == "done"
    assert said["picture"] == ("refused", "this training makes no pictures")


def check_a_resumed_run_goes_on_from_the_network_and_its_optimiser() -> None:
    model = _net()
    callbacks = Callbacks(run="check").network_saver()
    model.fit(X, Y, epochs=2, verbose=0, callbacks=callbacks)
    os.environ["TRAINVIS_RESUME"] = str(callbacks.run.networks / "epoch-0002.keras")
    resumed = Callbacks(run="check").network_saver()
    again = _net()
    again.fit(X, Y, epochs=1, verbose=0, callbacks=resumed)
    first = keras.models.load_model(resumed.run.networks / "start.keras")
    for ours, theirs in zip(first.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert int(again.optimizer.iterations.numpy()) == 3 * 21
    assert "TRAINVIS_RESUME" not in os.environ


def check_a_network_that_does_not_fit_is_said_and_training_begins_anew() -> None:
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(9), keras.layers.Dense(1)])
    other.save(Path(os.environ["TRAINVIS_RUNS"]) / "other.keras")
    os.environ["TRAINVIS_RESUME"] = str(Path(os.environ["TRAINVIS_RUNS"]) / "other.keras")
    run, _ = recorded()
    assert "does not fit" in run.problems_file.read_text()
    assert len(series(run, "loss")) == 21


def check_a_part_that_fails_does_not_end_the_training() -> None:
    class Sick:
        name = "sick"

        def __getattr__(self, hook):
            raise RuntimeError("no luck")

    callbacks = Callbacks(run="check").progress()._add(Sick())
    linear().fit(X, Y, batch_size=32, verbose=0, callbacks=[callbacks])
    assert len(series(callbacks.run, "loss")) == 21
    (problem,) = [json.loads(line) for line in callbacks.run.problems_file.read_text().splitlines()]
    assert problem["part"] == "sick"
    assert problem["text"] == "RuntimeError: no luck"


def check_networks_that_cannot_be_written_do_not_end_the_training() -> None:
    callbacks = Callbacks(run="check").progress().network_saver()

    class Break(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            folder = callbacks.run.networks
            if folder.is_dir():
                for file in folder.iterdir():
                    file.unlink()
                folder.rmdir()
                folder.write_text("a file where a folder belongs")

    linear().fit(X, Y, epochs=2, verbose=0, callbacks=[callbacks, Break()])
    assert len(series(callbacks.run, "loss")) == 42
    assert "network saver" in callbacks.run.problems_file.read_text()


def check_two_runs_in_one_process_stay_apart() -> None:
    first, second = Callbacks(run="one", params={"lr": 1}).progress(), Callbacks(run="two").progress()
    linear().fit(X, Y, verbose=0, callbacks=[first, second])
    assert first.run != second.run
    assert first.run.notes()[0].name == "one"
    assert len(series(first.run, "loss")) == len(series(second.run, "loss")) == 21
    assert events(first.run, "fit")[0]["params"] == {"lr": 1}
    again = Callbacks(run=first.run).progress()
    linear().fit(X, Y, verbose=0, callbacks=[again])
    assert len(series(first.run, "loss")) == 42
    assert first.run.state()[0].why == "done"


def check_the_form_of_the_thesis() -> None:
    custom = CustomCallbacks("somewhere", base_interval=5)
    custom.register_training_progress()
    custom.register_network_saver()
    linear().fit(X, Y, verbose=0, callbacks=custom.get_list())
    run = custom.get_list()[0].run
    assert len(series(run, "loss")) == 21
    assert (run.networks / "best.keras").exists()
    assert run.path.parent == Path(os.environ["TRAINVIS_RUNS"])


def check_other_ranks_write_nothing() -> None:
    before = set(Path(os.environ["TRAINVIS_RUNS"]).iterdir())
    os.environ["RANK"] = "1"
    try:
        callbacks = Callbacks().progress().network_saver()
        linear().fit(X, Y, verbose=0, callbacks=callbacks)
    finally:
        del os.environ["RANK"]
    assert callbacks.run is None
    assert set(Path(os.environ["TRAINVIS_RUNS"]).iterdir()) == before


def check_evaluate_and_predict_alone_do_no_harm() -> None:
    callbacks = Callbacks(run="check").progress()
    model = linear()
    model.evaluate(X, Y, verbose=0, callbacks=[callbacks])
    model.predict(X, verbose=0, callbacks=[callbacks])
    assert callbacks.run is None


def check_private_parts_of_keras_are_where_they_are_expected() -> None:
    model = linear()
    seen = {}

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                seen["bare"] = keras_state.bare_model(self) is model
                tracker = keras_state.metrics_by_log_name(model)
                seen["names"] = sorted(tracker)
                seen["state"] = keras_state.reader(model, [tracker["mae"].total, tracker["mae"].count])()
                seen["samples"] = keras_state.samples_seen(model)()
                seen["rate"] = keras_state.learning_rate(model)
                seen["result"] = "result" in vars(tracker["mae"])

    model.fit(X, Y, batch_size=32, shuffle=False, verbose=0, callbacks=[Look()])
    errors = np.concatenate(list(by_hand(X, Y, 32))[:2])
    assert seen["bare"]
    assert seen["names"] == ["loss", "mae"]
    np.testing.assert_allclose(seen["state"], [np.sum(abs(errors)), 64], rtol=1e-5)
    assert seen["samples"] == [64]
    assert seen["rate"] == 0.0
    assert not seen["result"]  # the question left no trace
    assert keras_state.is_built(model)
    assert not keras_state.is_built(keras.Sequential([keras.layers.Dense(1)]))
    assert keras_state.optimizer_parameters(model)["momentum"] == 0.0


@contextmanager
def quiet() -> Iterator[None]:
    """Keras' warnings are not ours; what trainvis says on stderr must not mix with the answer on stdout."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def main(wanted: list[str]) -> None:
    answers = {}
    for name, check in list(globals().items()):
        if name.startswith("check_") and (not wanted or any(word in name for word in wanted)):
            try:
                with quiet():
                    check()
                answers[name] = None
            except Exception:  # noqa: BLE001 - the answer says what went wrong
                answers[name] = traceback.format_exc()
    sys.stdout.write(json.dumps({"backend": keras.backend.backend(), "checks": answers}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
