"""The run of the worked example as its files tell it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import keras
import numpy as np
import readings

from trainvis.engine import networks
from trainvis.engine.files import read_json
from trainvis.engine.rundir import RunDir
from trainvis.examples import thesis_digits
from trainvis.vis import artifacts
from trainvis.vis.figures import Figure, Maps, Prediction, Table
from trainvis.vis.probe import Probe
from trainvis.vis.results import Results
from trainvis.vis.techniques import saliency_maps

Array: TypeAlias = np.ndarray
Box: TypeAlias = tuple[int, int, int, int]

TEN = 10
EPOCHS = 2.0  # of which the thesis showed the stages
AT_MOST = 1000  # images of the validation part that are looked at for mistakes


class NoExampleError(Exception):
    """What lies there is no run of the worked example."""


@dataclass(frozen=True, slots=True)
class Dark:
    """Of a layer: how many maps (or units) it has, how many of them are dark on the one of the ten digits on which
    most are, and how many on every input of the sample.
    """

    layer: str
    units: int
    dark: int
    dead: int


@dataclass(frozen=True, slots=True, eq=False)
class Mistakes:
    """What the network took for something else after its first epoch, among `count` images of the validation part."""

    epoch: int
    count: int
    images: Array
    true: Array
    predictions: Sequence[Prediction]
    maps: Array
    found: readings.Mistaken

    @property
    def read(self) -> Array:
        return np.array([each.classes[0] for each in self.predictions])


class WorkedRun:
    """A run of examples/thesis_digits.py. Raises NoExampleError where a figure is missing."""

    def __init__(self, run: RunDir) -> None:
        self.run = run
        self.options = thesis_digits.parsed(run.spec()[0].argv)
        self.data = thesis_digits.digits(self.options.data, self.options.seed, self.options.limit)
        self._results = Results(run)
        self.activations = self._figures("layer_activations")
        self.saliency = self._figures("saliency_maps")
        self.projections = self._figures("deconvolutional_network")
        self.ascents = self._figures("deep_visualization")

    @property
    def epochs(self) -> list[float]:
        """When the stages were, in epochs."""
        return [each.moment.epoch for each in self.saliency]

    @property
    def shown(self) -> int:
        """How many stages lie in the first two epochs, the one before training among them."""
        return sum(epoch <= EPOCHS + 1e-6 for epoch in self.epochs)

    @cached_property
    def saliency_stages(self) -> Array:
        """T×10×28×28: max over channels of the absolute gradient."""
        return np.stack([_values(each, "absolute") for each in self.saliency])

    @cached_property
    def ascent_stages(self) -> Array:
        """T×10×28×28, network units."""
        return np.stack([_values(each, "digit (numbers)") for each in self.ascents])

    @cached_property
    def pool_stages(self) -> Array:
        """T×10×(maps·H·W): the activations of the pool of each digit."""
        return np.stack([_values(each, "pool").reshape(TEN, -1) for each in self.activations])

    @cached_property
    def projection_stages(self) -> Array:
        """T×10×28×28: of each digit the projections of all maps of the pool, laid one over the other."""
        return np.stack([_by_map(each)[0].max(axis=1) for each in self.projections])

    def set_of(self, name: str) -> Array:
        """The ten pictures of a set of regularisers at the end, 10×28×28 in network units."""
        folder = "deep_visualization" if name == "low_frequency" else f"deep_visualization-{name}"
        return _values(self._figures(folder)[-1], "digit (numbers)")

    def patches(self, stage: int = -1) -> tuple[list[int], Array, list[list[Box]]]:
        """The maps of the pool that are active on all ten digits at a stage, most active first; of each digit and map
        the part of the image that the map's strongest unit sees, 10×maps×h×w pixels; where it is, by digit and map.
        """
        _, scores, boxes = _by_map(self.projections[stage])
        alive = np.flatnonzero((scores > 0).all(axis=0))
        maps = sorted(alive.tolist(), key=lambda each: -scores[:, each].mean())
        pixels = np.stack([self.digit(each)[..., 0] for each in range(TEN)])
        places = [[boxes[digit][each] for each in maps] for digit in range(TEN)]
        cut = [
            [pixels[digit][top:bottom, left:right] for top, left, bottom, right in row]
            for digit, row in enumerate(places)
        ]
        return maps, np.array(cut, np.float64), places

    def projections_at_the_end(self) -> tuple[Array, Array]:
        """Of each digit and map of the pool the projection, 10×maps×28×28, and the largest activation, 10×maps."""
        values, scores, _ = _by_map(self.projections[-1])
        return values, scores

    def digit(self, number: int) -> Array:
        """One of the ten as it is shown, bytes."""
        picture = self.saliency[0].inputs[number].picture
        assert picture is not None
        return picture

    @cached_property
    def mistakes(self) -> Mistakes:
        """The readings of the network after its first epoch."""
        epoch, network = self._after_an_epoch()
        images, true = self.data.x_val[:AT_MOST], self.data.y_val[:AT_MOST]
        predictions: list[Prediction] = []
        maps = []
        for at in range(0, len(images), 64):
            probe = Probe(network, images[at : at + 64], sample=self.data.x[: thesis_digits.SAMPLE])
            figure = saliency_maps.compute(probe, saliency_maps.Options(signs=("absolute",)))
            predictions += figure.predictions
            maps.append(_values(figure, "absolute"))
        found = np.concatenate(maps)
        read = np.array([each.classes[0] for each in predictions])
        judged = readings.mistaken(found, true, read, TEN)
        return Mistakes(epoch, len(images), images, true, predictions, found, judged)

    def curves(self) -> dict[str, tuple[list[float], list[float]]]:
        """Epochs and values of loss and accuracy, by name."""
        found: dict[str, tuple[list[float], list[float]]] = {}
        for line in self.run.metrics_file.read_text(encoding="utf-8").splitlines():
            said = json.loads(line)
            for name in ("loss", "val_loss", "accuracy", "val_accuracy"):
                if isinstance(said.get(name), float):
                    found.setdefault(name, ([], []))[0].append(said["epoch"])
                    found[name][1].append(said[name])
        return found

    def captions(self) -> tuple[int, float]:
        """How many captions can be held against a saved network, and by how much confidences differ at most."""
        images, _ = self.data.ten()
        by_step = {each.moment.step: each for each in self.saliency}
        count, worst = 0, 0.0
        for step, network in self._saved():
            scores = np.asarray(keras.ops.convert_to_numpy(network(images, training=False)))
            for row, said in zip(scores, by_step[step].predictions, strict=True) if step in by_step else ():
                same = int(row.argmax()) == said.classes[0]
                worst = max(worst, abs(float(row.max()) - said.scores[0]) if same else 1.0)
                count += 1
        return count, worst

    def dark(self) -> list[Dark]:
        """Of each layer at the end."""
        table = self.activations[-1].part("layers")
        assert isinstance(table, Table)
        rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        by_layer = {row["layer"]: [other for other in rows if other["layer"] == row["layer"]] for row in rows}
        return [
            Dark(str(layer), int(some[0]["units"]), max(each["dark"] for each in some), int(some[0]["dead"]))
            for layer, some in by_layer.items()
        ]

    def _figures(self, name: str) -> list[Figure]:
        entries = self._results.steps(name)
        if not entries:
            raise NoExampleError(
                f"{self.run.path} has no figures called {name}: make one with `trainvis demo --thesis`"
            )
        return [artifacts.read(self.run.figure_file(name, entry.step)) for entry in entries]

    def _saved(self) -> Iterator[tuple[int, keras.Model]]:
        for path in networks.saved(self.run):
            if path.stem != "best":
                yield int(read_json(path.with_suffix(".json")).value["step"]), _loaded(path)

    def _after_an_epoch(self) -> tuple[int, keras.Model]:
        """The first network that was saved after an epoch."""
        for path in networks.saved(self.run):
            epoch = networks.epoch_of(path)
            if epoch is not None:
                return epoch, _loaded(path)
        raise NoExampleError(f"{self.run.path} has no network of an epoch")


def _loaded(path: Path) -> keras.Model:
    model = keras.models.load_model(path, compile=False)
    assert isinstance(model, keras.Model)
    return model


def _maps(figure: Figure, name: str) -> Maps:
    part = figure.part(name)
    assert isinstance(part, Maps)
    return part


def _values(figure: Figure, name: str) -> Array:
    """The maps of a part; the last axis of H×W×1 is left out."""
    values = _maps(figure, name).values
    return values[..., 0] if values.ndim == 4 else values


def _by_map(figure: Figure) -> tuple[Array, Array, list[dict[int, Box]]]:
    """Projections 10×maps×H×W with the maps in their own order, their scores 10×maps, the boxes by digit and map."""
    part = _maps(figure, "pool")
    values, maps = _values(figure, "pool"), len(part.items) // TEN
    ordered, scores = np.zeros((TEN, maps, *values.shape[1:]), values.dtype), np.zeros((TEN, maps))
    boxes: list[dict[int, Box]] = [{} for _ in range(TEN)]
    for value, item in zip(values, part.items, strict=True):
        place = (item.image, item.unit[-1])
        ordered[place], scores[place] = value, item.score
        boxes[item.image][item.unit[-1]] = item.box
    return ordered, scores, boxes
