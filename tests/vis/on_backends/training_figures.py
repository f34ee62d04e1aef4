"""Gradient norms and update ratios, held against finite differences and against plain arithmetic."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import layers
from zoo import MODELS

from trainvis.vis import Callbacks, artifacts
from trainvis.vis.figures import Figure
from trainvis.vis.history import weights_now
from trainvis.vis.network import NetworkError
from trainvis.vis.probe import Probe
from trainvis.vis.techniques import gradient_norms, update_ratios, weights

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(12, 4)).astype("float32"), RNG.normal(size=(12, 1)).astype("float32")


def linear() -> keras.Model:
    model = keras.Sequential([keras.Input((4,)), layers.Dropout(0.5), layers.Dense(1, name="out")])
    model.layers[-1].set_weights([RNG.normal(size=(4, 1)), np.array([0.3])])
    model.compile("sgd", "mse")
    return model


def by(figure: Figure, table: str, column: int) -> dict[str, float]:
    return {row[0] if table == "layers" else row[1]: row[column] for row in figure.part(table).rows}


def check_norms_of_a_linear_network_are_those_made_by_hand() -> None:
    model = linear()
    kernel, bias = (np.asarray(each, np.float64) for each in model.layers[-1].get_weights())
    error = X @ kernel + bias - Y
    expected = {"kernel": np.linalg.norm(2 * X.T @ error / len(X)), "bias": abs(2 * error.mean())}
    figure = gradient_norms.compute(Probe(model, X, data=(X, Y)))
    found = by(figure, "variables", 3)
    for name, norm in expected.items():
        np.testing.assert_allclose(found[name], norm, rtol=1e-5)
    np.testing.assert_allclose(by(figure, "layers", 1)["out"], np.hypot(*expected.values()), rtol=1e-5)
    np.testing.assert_allclose(by(figure, "layers", 2)["out"], np.sqrt((kernel**2).sum() + bias[0] ** 2), rtol=1e-6)
    assert figure.notes[-1].startswith(f"the gradient of the loss ({float((error**2).mean()):.4g}) of 12 records")


def check_weights_of_records_and_the_limit_count() -> None:
    model = linear()
    kernel, bias = (np.asarray(each, np.float64) for each in model.layers[-1].get_weights())
    shares = RNG.random(12).astype("float32")
    error = X @ kernel + bias - Y
    weighted = np.abs(2 * (shares[:, None] * error).sum() / 12)
    found = gradient_norms.compute(Probe(model, X, data=(X, Y, shares)))
    np.testing.assert_allclose(by(found, "variables", 3)["bias"], weighted, rtol=1e-4)
    first = gradient_norms.compute(Probe(model, X, data=(X, Y)), gradient_norms.Options(limit=5))
    np.testing.assert_allclose(by(first, "variables", 3)["bias"], abs(2 * error[:5].mean()), rtol=1e-4)
    assert "the first of 12" in first.notes[-1]


def check_norms_equal_finite_differences_and_leave_the_network_alone() -> None:
    case = MODELS["batch_norm"]()
    model = case.model
    model.compile("adam", "mse")
    y = np.zeros((len(case.inputs), *model.output_shape[1:]), "float32")
    before = [np.array(each) for each in model.get_weights()]
    figure = gradient_norms.compute(Probe(model, case.inputs, data=(case.inputs, y)))
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert model.optimizer.iterations == 0
    variable = model.trainable_variables[-1]  # a bias: few enough to try each of them
    value = np.array(keras.ops.convert_to_numpy(variable.value), np.float64)

    def loss(moved: np.ndarray) -> float:
        variable.assign((value + moved).astype("float32"))
        found = float(np.mean(np.asarray(keras.ops.convert_to_numpy(model(case.inputs, training=False))) ** 2))
        variable.assign(value.astype("float32"))
        return found

    steps = 1e-2 * np.eye(value.size).reshape(-1, *value.shape)
    slopes = [(loss(step) - loss(-step)) / 2e-2 for step in steps]
    path, name, _, norm, *_ = figure.part("variables").rows[-1]
    assert variable.path.endswith(f"{path}/{name}")
    np.testing.assert_allclose(norm, np.linalg.norm(slopes), rtol=1e-2)


def check_a_network_without_a_loss_or_data_is_refused() -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    assert "has no loss" in refusal(lambda: gradient_norms.compute(Probe(model, X, data=(X, Y))))
    assert "none are given" in refusal(lambda: gradient_norms.compute(Probe(linear(), X)))
    assert "no targets" in refusal(lambda: gradient_norms.compute(Probe(linear(), X, data=(X, None))))
    assert "one number of them" in refusal(lambda: gradient_norms.compute(Probe(linear(), X, data=(X, Y[:3]))))


def check_a_callback_without_data_takes_those_that_fit_validates_on() -> None:
    model = linear()
    watch = Callbacks(run="check").pictures("gradient_norms", None, budget=1)
    model.fit(X, Y, validation_data=(X[:5], Y[:5]), epochs=1, verbose=0, callbacks=[watch])
    last = max((watch.run.results / "gradient_norms").glob("*.h5"), key=lambda path: int(path.stem))
    found = artifacts.read(last)
    assert "5 records of the validation data" in found.notes[-1]
    expected = gradient_norms.compute(Probe(model, X, data=(X[:5], Y[:5])))
    assert "5 records of the data given" in expected.notes[-1]
    np.testing.assert_allclose(by(found, "variables", 3)["kernel"], by(expected, "variables", 3)["kernel"], rtol=1e-5)


def check_a_network_with_several_outputs_has_the_gradient_of_all_of_its_losses() -> None:
    case = MODELS["dict_outputs"]()
    outputs = case.model(case.inputs)
    targets = {name: np.zeros(value.shape, "float32") for name, value in outputs.items()}

    def norm(weights: dict[str, float]) -> float:
        case.model.compile("sgd", dict.fromkeys(targets, "mse"), loss_weights=weights)
        found = gradient_norms.compute(Probe(case.model, case.inputs, output=case.output, data=(case.inputs, targets)))
        return by(found, "layers", 1)["conv2d"]

    one, other = (norm({name: float(name == only) for name in targets}) for only in targets)
    both = norm(dict.fromkeys(targets, 1.0))
    assert one > 0
    assert other > 0
    assert abs(one - other) <= both * (1 + 1e-5)
    assert both <= (one + other) * (1 + 1e-5)


def check_half_floats_lose_no_small_gradient() -> None:
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = linear()
    finally:
        keras.config.set_dtype_policy("float32")
    model.compile("sgd", "mse")
    y = model.predict(X, verbose=0) + 1e-4
    found = by(gradient_norms.compute(Probe(model, X, data=(X, y))), "variables", 3)
    assert all(norm > 0 for norm in found.values())


def check_ratios_are_what_the_weights_moved() -> None:
    model = linear()
    earlier = weights_now(model, 10)
    kernel, bias = model.layers[-1].get_weights()
    model.layers[-1].set_weights([kernel * 1.01, bias])
    probe = Probe(model, X)
    probe.step, probe.earlier = 15, earlier
    figure = update_ratios.compute(probe)
    np.testing.assert_allclose(by(figure, "variables", 5)["kernel"], 0.01, rtol=1e-4)
    np.testing.assert_allclose(by(figure, "variables", 6)["kernel"], 0.002, rtol=1e-4)
    assert by(figure, "variables", 5)["bias"] == 0
    size = np.sqrt((kernel.astype(float) ** 2).sum() + float(bias[0]) ** 2)
    np.testing.assert_allclose(by(figure, "layers", 3)["out"], np.linalg.norm(0.01 * kernel) / size, rtol=1e-4)
    assert "5 steps lie between" in figure.notes[-1]


def check_without_an_earlier_moment_there_is_nothing_to_compare() -> None:
    assert "no earlier one" in refusal(lambda: update_ratios.compute(Probe(linear(), X)))
    probe = Probe(linear(), X)
    probe.earlier = weights_now(keras.Sequential([keras.Input((2,)), layers.Dense(1)]), 0)
    assert "of another one" in refusal(lambda: update_ratios.compute(probe))


def refusal(asked: Callable[[], object]) -> str:
    try:
        asked()
    except NetworkError as error:
        return str(error)
    return "it was not refused"


def check_kernels_are_shown_as_they_are_and_counted_whole() -> None:
    convolutions = [layers.Conv2D(5, 3, name="first"), layers.Conv2D(4, 3, name="second"), layers.Flatten()]
    model = keras.Sequential([keras.Input((8, 8, 3)), *convolutions, layers.Dense(2, name="out")])
    figure = weights.compute(Probe(model), weights.Options(most=6))
    first, second = (np.asarray(model.get_layer(name).get_weights()[0]) for name in ("first", "second"))
    colours, tiles = figure.part("first/kernel"), figure.part("second/kernel")
    np.testing.assert_array_equal(colours.values, np.moveaxis(first, 3, 0))
    assert tiles.values.shape == (6, 3, 3)
    for tile, item in zip(tiles.values, tiles.items, strict=True):
        read, made = item.unit
        np.testing.assert_array_equal(tile, second[:, :, read, made])
    assert any(note.startswith("6 of 20 kernels of second") for note in figure.notes)
    rows = {(row[0], row[1]): row[2:] for row in figure.part("weights").rows}
    assert rows["second", "kernel"][:2] == ("3×3×5×4", 180)
    np.testing.assert_allclose(
        rows["second", "kernel"][2:6], [second.mean(), second.std(), second.min(), second.max()], rtol=1e-4, atol=1e-7
    )
    shown = figure.part("distribution")
    assert shown.values.shape == (6, 20)
    np.testing.assert_array_equal(shown.values.sum(axis=1), [each[1] for each in rows.values()])


def check_weights_that_are_no_numbers_are_said() -> None:
    model = linear()
    model.layers[-1].set_weights([np.array([[1.0], [np.nan], [np.inf], [0.0]]), np.zeros(1)])
    figure = weights.compute(Probe(model))
    assert any("2 of 4 weights of out/kernel are no finite numbers" in note for note in figure.notes)
    kernel = next(row for row in figure.part("weights").rows if row[1] == "kernel")
    assert kernel[4:] == (0.5, 0.5, 0.0, 1.0, 0.5, 2)
