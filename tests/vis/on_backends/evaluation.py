"""What a network makes of a set: counts, curves and components held against values computed by hand."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import layers

from trainvis.vis.figures import Matrix, Pictures, Points, Series, Table
from trainvis.vis.network import NetworkError
from trainvis.vis.probe import Probe
from trainvis.vis.techniques import confusion_matrix, embedding, precision_recall, worst_images

RNG = np.random.default_rng(4)
CLASSES = ("left", "middle", "right")
# 2×2 images whose first three pixels are the probabilities that the network below gives.
SCORES = np.array(
    [
        [0.7, 0.2, 0.1],
        [0.1, 0.8, 0.1],
        [0.2, 0.5, 0.3],
        [0.3, 0.28, 0.42],
        [0.05, 0.05, 0.9],
        [0.6, 0.1, 0.3],
        [0.2, 0.2, 0.6],
    ],
    "float32",
)
LABELS = np.array([0, 1, 0, 1, 2, 2, 2])


def images() -> np.ndarray:
    return np.concatenate([np.log(SCORES), np.zeros((len(SCORES), 1), "float32")], axis=1).reshape(-1, 2, 2, 1)


def network() -> keras.Model:
    model = keras.Sequential(
        [keras.Input((2, 2, 1)), layers.Flatten(name="pixels"), layers.Dense(3, activation="softmax")]
    )
    model.layers[-1].set_weights([np.eye(4, 3, dtype="float32"), np.zeros(3, "float32")])
    return model


def probe(**more) -> Probe:
    return Probe(network(), records=(images(), LABELS), labels=CLASSES, batch=3, **more)


def check_counts_are_those_made_by_hand() -> None:
    figure = confusion_matrix.compute(probe())
    matrix = figure.part("confusion")
    assert isinstance(matrix, Matrix)
    np.testing.assert_array_equal(matrix.values, [[1, 1, 0], [0, 1, 1], [1, 0, 2]])
    assert matrix.rows == matrix.columns == CLASSES
    table = figure.part("per class")
    assert isinstance(table, Table)
    assert table.rows[2][1:] == (3, 2, 2 / 3, 2 / 3)
    assert "4 of 7 records are classified right (57.1%)" in figure.notes


def check_records_without_a_label_are_left_out_and_said() -> None:
    records = [
        {"image": image, "label": label, "key": f"r{n}"}
        for n, (image, label) in enumerate(zip(images(), LABELS, strict=True))
    ]
    records[3] = {"image": records[3]["image"], "key": "r3"}
    figure = confusion_matrix.compute(Probe(network(), records=records, labels=CLASSES))
    assert figure.part("confusion").values.sum() == 6
    assert any(note.startswith("1 of 7 records have no label") for note in figure.notes)
    for record in records:
        record.pop("label", None)
    said = refusal(lambda: confusion_matrix.compute(Probe(network(), records=records)))
    assert "no record of the set has a label" in said


def check_curves_are_those_made_by_hand() -> None:
    # Class right: scores .9 .6 .42 .3 .3 .1 .1, positive 1 1 0 (1 0 as one threshold) (0 0).
    curves = precision_recall.curves_of(SCORES[:, 2].astype(float), LABELS == 2)
    np.testing.assert_allclose(curves.precision_recall[0], [1 / 3, 2 / 3, 2 / 3, 1, 1])
    np.testing.assert_allclose(curves.precision_recall[1], [1, 1, 2 / 3, 3 / 5, 3 / 7])
    np.testing.assert_allclose(curves.average_precision, 1 / 3 + 1 / 3 + 0.6 / 3)
    np.testing.assert_allclose(curves.roc, [[0, 0, 0, 0.25, 0.5, 1], [0, 1 / 3, 2 / 3, 2 / 3, 1, 1]])
    # 12 pairs of a positive and a negative: 10 in order, one tie counts a half.
    np.testing.assert_allclose(curves.area, 10.5 / 12)


def check_every_class_has_a_line_with_its_areas() -> None:
    figure = precision_recall.compute(probe())
    lines, roc = figure.part("precision and recall"), figure.part("ROC")
    assert isinstance(lines, Series)
    assert [item.aspect for item in lines.items] == list(CLASSES)
    for line, item in zip(roc.values, roc.items, strict=True):
        x, y = line[:, ~np.isnan(line[0])]
        np.testing.assert_allclose(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2), item.score, rtol=1e-6)
        assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)


def check_the_worst_image_comes_first() -> None:
    figure = worst_images.compute(probe(), worst_images.Options(top=3))
    pictures = figure.part("worst")
    assert isinstance(pictures, Pictures)
    assert [item.record for item in pictures.items] == ["2", "3", "5"]
    np.testing.assert_allclose([item.score for item in pictures.items], [0.2, 0.28, 0.3], rtol=1e-5)
    assert [(item.unit, item.target) for item in pictures.items] == [((0,), 1), ((1,), 2), ((2,), 0)]
    assert pictures.values.shape == (3, 2, 2, 1)
    assert "3 of 7 records are classified wrong" in figure.notes


def check_components_are_the_eigenvectors_of_the_covariance() -> None:
    x = RNG.normal(size=(40, 5)) @ np.diag([5.0, 3.0, 1.0, 0.5, 0.1]) @ np.linalg.qr(RNG.normal(size=(5, 5)))[0]
    points, shares = embedding.principal_components(x, 3)
    values, vectors = np.linalg.eigh(np.cov(x.T))
    expected = (x - x.mean(axis=0)) @ vectors[:, ::-1][:, :3]
    np.testing.assert_allclose(np.abs(points), np.abs(expected), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(shares, values[::-1][:3] / values.sum(), rtol=1e-10)
    mirrored, _ = embedding.principal_components(np.concatenate([x, x[:1]]), 3)
    assert np.all(np.sign(np.sum(points * mirrored[:40], axis=0)) > 0)  # a record more mirrors nothing


def check_points_are_those_of_the_layer_that_was_named() -> None:
    figure = embedding.compute(probe(), embedding.Options(dimensions=2))
    (points,) = figure.parts
    assert isinstance(points, Points)
    expected, _ = embedding.principal_components(images().reshape(7, 4).astype(float), 2)
    np.testing.assert_allclose(points.values, expected, rtol=1e-4, atol=1e-5)
    assert points.items[0].layer == "pixels"
    assert [item.target for item in points.items] == LABELS.tolist()


def check_one_sigmoid_is_two_classes() -> None:
    model = keras.Sequential([keras.Input((2, 2, 1)), layers.Flatten(), layers.Dense(1, activation="sigmoid")])
    model.layers[-1].set_weights([np.ones((4, 1), "float32"), np.zeros(1, "float32")])
    x = np.array([-2.0, 1.0, 3.0, -1.0], "float32").reshape(-1, 1, 1, 1) * np.full((1, 2, 2, 1), 0.25, "float32")
    figure = confusion_matrix.compute(Probe(model, records=(x, np.array([0, 1, 0, 1]))))
    np.testing.assert_array_equal(figure.part("confusion").values, [[1, 1], [1, 1]])


def summing(activation: str | None, units: int = 1) -> keras.Model:
    """Each unit is the sum of the four pixels, in its activation."""
    model = keras.Sequential([keras.Input((2, 2, 1)), layers.Flatten(), layers.Dense(units, activation=activation)])
    model.layers[-1].set_weights([np.ones((4, units), "float32"), np.zeros(units, "float32")])
    return model


def spread_over(sums: list[float]) -> np.ndarray:
    return np.array(sums, "float32").reshape(-1, 1, 1, 1) * np.full((1, 2, 2, 1), 0.25, "float32")


def check_where_one_score_parts_two_classes_is_known_by_the_head_and_not_by_the_scores() -> None:
    x, y = spread_over([0.2, 0.4, 0.9]), np.array([1, 0, 1])  # logits that look like probabilities
    figure = confusion_matrix.compute(Probe(summing(None), records=(x, y)))
    np.testing.assert_array_equal(figure.part("confusion").values, [[0, 1], [0, 2]])
    assert any("above 0 a record counts for class 1" in note for note in figure.notes)
    figure = confusion_matrix.compute(Probe(summing("sigmoid"), records=(x - 0.15, y)))
    np.testing.assert_array_equal(figure.part("confusion").values, [[1, 0], [1, 1]])
    assert any("above 0.5 a record counts for class 1" in note for note in figure.notes)
    worst = worst_images.compute(Probe(summing(None), records=(x, y))).part("worst")
    np.testing.assert_allclose([item.score for item in worst.items], [-0.4, 0.2, 0.9], rtol=1e-6)


def check_sigmoids_that_do_not_add_up_to_one_are_probabilities_all_the_same() -> None:
    sums = [-2.0, 1.0, 3.0]
    figure = worst_images.compute(Probe(summing("sigmoid", 3), records=(spread_over(sums), np.array([0, 1, 2]))))
    worst = figure.part("worst")
    np.testing.assert_allclose([item.score for item in worst.items], 1 / (1 + np.exp(-np.array(sums))), rtol=1e-5)
    assert not any("softmax" in note for note in figure.notes)
    logits = worst_images.compute(Probe(summing(None, 3), records=(spread_over(sums), np.array([0, 1, 2]))))
    np.testing.assert_allclose([item.score for item in logits.part("worst").items], 1 / 3, rtol=1e-5)
    assert any("softmax" in note for note in logits.notes)


def check_records_of_several_classes_at_once_are_left_out_and_said() -> None:
    y = np.eye(3)[LABELS]
    y[0, 2] = 1  # of the first and of the last class
    figure = confusion_matrix.compute(Probe(network(), records=(images(), y), labels=CLASSES))
    np.testing.assert_array_equal(figure.part("confusion").values, [[0, 1, 0], [0, 1, 1], [1, 0, 2]])
    assert any(note.startswith("1 of 7 records have no label that is a class") for note in figure.notes)


def check_the_worst_images_of_a_network_without_an_axis_of_channels_are_shown() -> None:
    model = keras.Sequential([keras.Input((2, 2)), layers.Flatten(), layers.Dense(3, activation="softmax")])
    model.layers[-1].set_weights([np.eye(4, 3, dtype="float32"), np.zeros(3, "float32")])
    worst = worst_images.compute(Probe(model, records=(images()[..., 0], LABELS))).part("worst")
    assert worst.values.shape == (7, 2, 2, 1)
    assert worst.items[0].record == "2"


def check_no_set_is_said() -> None:
    assert "none is given" in refusal(lambda: worst_images.compute(Probe(network())))


def refusal(asked: Callable[[], object]) -> str:
    try:
        asked()
    except NetworkError as error:
        return str(error)
    return "it was not refused"


def check_a_probe_that_keeps_its_passes_reads_a_set_once() -> None:
    class Counted:
        read = 0

        def __len__(self) -> int:
            return len(LABELS)

        def __getitem__(self, place: int) -> dict:
            Counted.read += 1
            return {"image": images()[place], "label": int(LABELS[place])}

    it = Probe(network(), records=Counted(), labels=CLASSES, batch=3)
    it.passes = {}
    Counted.read = 0
    first = confusion_matrix.compute(it)
    once = Counted.read
    precision_recall.compute(it)
    assert confusion_matrix.compute(it).notes == first.notes
    assert Counted.read <= once + 2  # a look at the first record, to see that it is a set
    embedding.compute(it)
    assert Counted.read >= 2 * len(LABELS)
