"""The losses that teach an embedding, held against their definitions written out slowly in NumPy."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import keras
import left
import numpy as np
from keras import ops

from trainvis.face_exp.embedding import losses

Array = np.ndarray


def units(rng: np.random.Generator, count: int, width: int = 5) -> Array:
    found = rng.normal(size=(count, width))
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def all_triplets(person: Array, vectors: Array, margin: float) -> float:
    """The mean over all couples of an anchor and a positive: every negative looked at, one after the other."""
    terms = []
    for anchor, positive in itertools.permutations(range(len(person)), 2):
        negatives = [number for number in range(len(person)) if person[number] != person[anchor]]
        if person[anchor] != person[positive] or not negatives:
            continue
        near = ((vectors[anchor] - vectors[positive]) ** 2).sum()
        apart = [((vectors[anchor] - vectors[number]) ** 2).sum() for number in negatives]
        farther = [each for each in apart if each > near]
        terms.append(max(0.0, near - (min(farther) if farther else max(apart)) + margin))
    return float(np.mean(terms)) if terms else 0.0


def of_people(rng: np.random.Generator) -> Array:
    """Some with one face, some with several, in any order; sometimes one person alone."""
    return rng.integers(0, rng.integers(1, 6), 9)


def check_the_triplet_loss_is_that_of_a_loop_over_all_triplets() -> None:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(25):
        person = of_people(rng)
        vectors = units(rng, len(person))
        loss = losses.triplet(0.3)(ops.convert_to_tensor(person), ops.convert_to_tensor(vectors.astype("float32")))
        found.append(float(loss))
        np.testing.assert_allclose(found[-1], all_triplets(person, vectors, 0.3), rtol=1e-4, atol=1e-5)
    assert len(set(found)) > 15
    left.leave("triplet", np.array(found, np.float32))


def check_the_negative_taken_is_semi_hard_else_the_farthest() -> None:
    # On a circle: anchor 0°, positive 40°, others at 20° (hard), 50° (semi-hard) and 170°.
    angles = np.radians([0, 40, 20, 50, 170])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype("float32")
    person = np.array([0, 0, 1, 2, 3])
    same = ops.convert_to_tensor(person[:, None] == person[None, :])
    apart = losses.squared_distances(ops.convert_to_tensor(vectors))
    taken = ops.convert_to_numpy(losses.semi_hard(apart, same))
    np.testing.assert_allclose(taken[0, 1], 2 - 2 * np.cos(angles[3]), atol=1e-5)
    only_hard = losses.semi_hard(apart[:3, :3], same[:3, :3])
    np.testing.assert_allclose(ops.convert_to_numpy(only_hard)[0, 1], 2 - 2 * np.cos(angles[2]), atol=1e-5)


def check_equal_vectors_and_lonely_people_have_gradients_that_are_numbers() -> None:
    equal = np.tile([[1.0, 0.0]], (4, 1))
    assert np.isfinite(gradient(losses.triplet(), np.array([0, 0, 1, 1]), equal)).all()
    rng = np.random.default_rng(1)
    for person in ([0, 0, 0], [0, 1, 2]):
        slope = gradient(losses.triplet(), np.array(person), units(rng, 3))
        np.testing.assert_array_equal(slope, 0)
    for margin in (losses.cosface(), losses.arcface()):
        assert np.isfinite(gradient(margin, np.array([0, 1]), np.array([[1.0, -1.0], [1.0, -1.0]]))).all()


def check_gradients_are_those_of_finite_differences() -> None:
    rng = np.random.default_rng(2)
    person, vectors = np.array([0, 0, 1, 1, 2]), units(rng, 5, 3)
    # Of any vectors the distance is 2 − 2·a·b here: what it is of those of unit length.
    _same(gradient(losses.triplet(0.5), person, vectors), lambda moved: _products(person, moved, 0.5), vectors)
    cosines, truth = rng.uniform(-0.8, 0.8, (4, 3)), np.array([2, 0, 1, 1])
    _same(gradient(losses.cosface(0.2, 5.0), truth, cosines), lambda x: cosface(truth, x, 0.2, 5.0), cosines)
    _same(gradient(losses.arcface(0.4, 5.0), truth, cosines), lambda x: arcface(truth, x, 0.4, 5.0), cosines)


def check_the_margins_are_those_of_their_papers() -> None:
    rng = np.random.default_rng(3)
    cosines, truth = rng.uniform(-1, 1, (40, 6)), rng.integers(0, 6, 40)
    for margin, scale in ((0.35, 30.0), (0.1, 1.0), (0.5, 64.0)):
        for name, by_hand in (("cosface", cosface), ("arcface", arcface)):
            found = float(getattr(losses, name)(margin, scale)(*map(_tensor, (truth, cosines))))
            np.testing.assert_allclose(found, by_hand(truth, cosines, margin, scale), rtol=1e-4)
            left.leave(f"{name}-{margin}", np.array([found], np.float32))


def check_without_a_margin_both_are_the_softmax_of_scaled_cosines() -> None:
    rng = np.random.default_rng(4)
    cosines, truth = rng.uniform(-1, 1, (30, 4)), rng.integers(0, 4, 30)
    plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(_tensor(truth), 8 * _tensor(cosines))
    for loss in (losses.cosface(0.0, 8.0), losses.arcface(0.0, 8.0)):
        np.testing.assert_allclose(float(loss(_tensor(truth), _tensor(cosines))), float(plain), rtol=1e-4)


def check_a_face_nearer_to_its_person_never_costs_more() -> None:
    # Also where the angle and the margin pass half a turn.
    for loss in (losses.cosface(0.35, 10.0), losses.arcface(0.5, 10.0)):
        costs = [
            float(loss(_tensor(np.array([0])), _tensor(np.array([[cosine, 0.1]])))) for cosine in np.linspace(-1, 1, 41)
        ]
        assert (np.diff(costs) < 1e-4).all(), costs


def cosface(truth: Array, cosines: Array, margin: float, scale: float) -> float:
    """Equation 4 of the paper, face by face."""
    terms = []
    for right, row in zip(truth, cosines, strict=True):
        own = np.exp(scale * (row[right] - margin))
        others = sum(np.exp(scale * each) for number, each in enumerate(row) if number != right)
        terms.append(-np.log(own / (own + others)))
    return float(np.mean(terms))


def arcface(truth: Array, cosines: Array, margin: float, scale: float) -> float:
    """Equation 3 of the paper, face by face; past half a turn a straight line."""
    terms = []
    for right, row in zip(truth, cosines, strict=True):
        angle = np.arccos(row[right])
        turned = np.cos(angle + margin) if angle + margin < np.pi else row[right] - np.sin(margin) * margin
        own = scale * turned
        others = [scale * each for number, each in enumerate(row) if number != right]
        terms.append(np.logaddexp.reduce([own, *others]) - own)
    return float(np.mean(terms))


def _products(person: Array, vectors: Array, margin: float) -> float:
    """`all_triplets` with 2 − 2·a·b as distance: the same for unit vectors, and with another slope off them."""
    terms = []
    apart = 2 - 2 * vectors @ vectors.T
    for anchor, positive in itertools.permutations(range(len(person)), 2):
        if person[anchor] == person[positive]:
            near = apart[anchor, positive]
            negatives = apart[anchor, person != person[anchor]]
            farther = negatives[negatives > near]
            terms.append(max(0.0, near - (farther.min() if len(farther) else negatives.max()) + margin))
    return float(np.mean(terms))


def gradient(loss: Callable, truth: Array, values: Array) -> Array:
    """By one step of plain descent on a table of the values: no backend is asked for its own way."""
    table = keras.layers.Embedding(*values.shape)
    model = keras.Sequential([keras.Input((), dtype="int32"), table])
    table.set_weights([values.astype("float32")])
    model.compile(keras.optimizers.SGD(1.0), loss=loss)
    model.train_on_batch(np.arange(len(values)), truth)
    return values.astype("float32") - table.get_weights()[0]


def _same(found: Array, function: Callable[[Array], float], values: Array) -> None:
    expected = np.zeros_like(values)
    for place in np.ndindex(values.shape):
        moved = [values.copy(), values.copy()]
        moved[0][place] += 1e-5
        moved[1][place] -= 1e-5
        expected[place] = (function(moved[0]) - function(moved[1])) / 2e-5
    np.testing.assert_allclose(found, expected, atol=2e-3 * abs(expected).max())
    assert abs(expected).max() > 0.01


def _tensor(array: Array):
    return ops.convert_to_tensor(array.astype("float32" if array.dtype.kind == "f" else "int32"))
