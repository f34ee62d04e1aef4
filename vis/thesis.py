"""The callbacks of the thesis tool, for scripts written for it: `from trainvis.vis import CustomCallbacks`.

Arguments are those of 2017, layer numbers count the input as they did then. Where the tool started the script, its
run directory is the place of everything; of a script started by hand `file_folder` gives the `images/` to look at.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import keras

from .callbacks import Callbacks
from .catalogue import TechniqueError
from .picture_set import Subject, registered
from .preprocessing import one_by_one
from .schedule import Reached, Schedule, interval_of

if TYPE_CHECKING:
    from .training import Training

Process: TypeAlias = Callable[..., Any]
Options: TypeAlias = Mapping[str, Any]
Unit: TypeAlias = tuple[int, int | tuple[int, int, int]]

EXCLUDE_LAYERS: tuple[type, ...] = (keras.layers.InputLayer, keras.layers.Dropout, keras.layers.Flatten)


class CustomCallbacks:
    """Register what is wanted, give `get_list()` to `fit`.

    `custom_preprocess` makes network units of one image H×W×C with pixels 0…255, `custom_postprocess` the way back;
    `base_interval` is how many batches lie between two pictures where a method is not told otherwise. `budget` is
    that of `Callbacks.pictures`. Each method raises what `Callbacks.pictures` raises.
    """

    def __init__(
        self,
        file_folder: str | os.PathLike[str],
        custom_preprocess: Process | None = None,
        custom_postprocess: Process | None = None,
        base_interval: int = 10,
        *,
        budget: float | None = None,
    ) -> None:
        self.file_folder = Path(file_folder)
        self.custom_preprocess = custom_preprocess
        self.custom_postprocess = custom_postprocess
        self.base_interval = base_interval
        self.budget = budget
        self._callbacks = Callbacks()

    def register_network_saver(self) -> Self:
        """The network at the start, after each epoch and at its best."""
        self._callbacks.network_saver()
        return self

    def register_training_progress(self) -> Self:
        """Loss and metrics of each batch, validation after each epoch."""
        self._callbacks.progress()
        return self

    def register_layer_activations(
        self, exclude_layers: Sequence[type] = EXCLUDE_LAYERS, interval: int | None = None
    ) -> Self:
        """The outputs of all layers but those of the classes in `exclude_layers`."""
        return self._pictures(interval, *_activations(exclude_layers))

    def register_saliency_maps(self, interval: int | None = None) -> Self:
        """How much the predicted class would change with each pixel."""
        return self._pictures(interval, *_saliency())

    def register_deconvolutional_network(
        self,
        feat_map_layer_no: int | str,
        feat_map_amount: int | None = None,
        feat_map_nos: Sequence[int] | None = None,
        custom_keras_model_info: object = None,  # noqa: ARG002 - there is no second network that would need it
        interval: int | None = None,
    ) -> Self:
        """What excites feature maps of a layer: the `feat_map_amount` most active (-1: all), or `feat_map_nos`."""
        return self._pictures(interval, *_deconvolution(feat_map_layer_no, feat_map_amount, feat_map_nos))

    register_deconvolution_network = register_deconvolutional_network  # its name in the scripts that were published

    def register_deep_visualization(
        self,
        units_to_visualize: Sequence[Unit],
        learning_rate: float,
        no_of_iterations: int,
        l2_decay: float = 0,
        blur_interval: int = 0,
        blur_std: float = 0,
        value_percentile: float = 0,
        norm_percentile: float = 0,
        contribution_percentile: float = 0,
        abs_contribution_percentile: float = 0,
        interval: int | None = None,
    ) -> Self:
        """Images that excite units, each the number of a layer and an index: a number, or row, column and map."""
        percentiles = (value_percentile, norm_percentile, contribution_percentile, abs_contribution_percentile)
        regularisers = (l2_decay, blur_interval, blur_std, *percentiles)
        ascent = _ascent(units_to_visualize, learning_rate, no_of_iterations, regularisers)
        return self._pictures(interval, *ascent)

    def register_visualization_snapshot(
        self, snapshot_folder: str | os.PathLike[str], interval: int | None = None
    ) -> Self:
        """Copy the latest results into a folder of `snapshot_folder`, named by the time."""
        every = self.base_interval if interval is None else interval
        self._callbacks._add(Snapshots(Path(snapshot_folder), every))  # noqa: SLF001 - one of ours
        return self

    def get_list(self) -> list[keras.callbacks.Callback]:
        """What `fit(callbacks=…)` takes."""
        return [self._callbacks]

    def _pictures(self, interval: int | None, technique: str, options: Options) -> Self:
        every = self.base_interval if interval is None else interval
        subject = _subject(self.file_folder, self.custom_preprocess, self.custom_postprocess)
        self._callbacks._picture(registered(technique, every, subject, "", options), self.budget)  # noqa: SLF001
        return self


class NetworkSaver(Callbacks):
    """As `CustomCallbacks.register_network_saver`."""

    def __init__(self, file_folder: str | os.PathLike[str]) -> None:  # noqa: ARG002 - the run directory is the place
        super().__init__()
        self.network_saver()


class TrainingProgress(Callbacks):
    """As `CustomCallbacks.register_training_progress`."""

    def __init__(self, file_folder: str | os.PathLike[str]) -> None:  # noqa: ARG002
        super().__init__()
        self.progress()


class LayerActivations(Callbacks):
    """As `CustomCallbacks.register_layer_activations`."""

    def __init__(
        self,
        file_folder: str | os.PathLike[str],
        exclude_layers: Sequence[type] = EXCLUDE_LAYERS,
        custom_preprocess: Process | None = None,
        interval: int = 10,
    ) -> None:
        super().__init__()
        technique, options = _activations(exclude_layers)
        self._picture(registered(technique, interval, _subject(file_folder, custom_preprocess), "", options))


class SaliencyMaps(Callbacks):
    """As `CustomCallbacks.register_saliency_maps`."""

    def __init__(
        self,
        file_folder: str | os.PathLike[str],
        custom_preprocess: Process | None = None,
        custom_postprocess: Process | None = None,
        interval: int = 10,
    ) -> None:
        super().__init__()
        technique, options = _saliency()
        subject = _subject(file_folder, custom_preprocess, custom_postprocess)
        self._picture(registered(technique, interval, subject, "", options))


class DeconvolutionalNetwork(Callbacks):
    """As `CustomCallbacks.register_deconvolutional_network`."""

    def __init__(
        self,
        file_folder: str | os.PathLike[str],
        feat_map_layer_no: int | str,
        feat_map_amount: int | None = None,
        feat_map_nos: Sequence[int] | None = None,
        custom_preprocess: Process | None = None,
        custom_postprocess: Process | None = None,
        custom_keras_model_info: object = None,  # noqa: ARG002
        interval: int = 100,
    ) -> None:
        super().__init__()
        technique, options = _deconvolution(feat_map_layer_no, feat_map_amount, feat_map_nos)
        subject = _subject(file_folder, custom_preprocess, custom_postprocess)
        self._picture(registered(technique, interval, subject, "", options))


class DeepVisualization(Callbacks):
    """As `CustomCallbacks.register_deep_visualization`."""

    def __init__(
        self,
        file_folder: str | os.PathLike[str],
        units_to_visualize: Sequence[Unit],
        learning_rate: float,
        no_of_iterations: int,
        l2_decay: float = 0,
        blur_interval: int = 0,
        blur_std: float = 0,
        value_percentile: float = 0,
        norm_percentile: float = 0,
        contribution_percentile: float = 0,
        abs_contribution_percentile: float = 0,
        custom_postprocess: Process | None = None,
        interval: int = 1000,
    ) -> None:
        super().__init__()
        percentiles = (value_percentile, norm_percentile, contribution_percentile, abs_contribution_percentile)
        regularisers = (l2_decay, blur_interval, blur_std, *percentiles)
        technique, options = _ascent(units_to_visualize, learning_rate, no_of_iterations, regularisers)
        subject = _subject(file_folder, None, custom_postprocess)
        self._picture(registered(technique, interval, subject, "", options))


class Snapshots:
    """Copies the latest figure of each technique, and what was recorded of the training, every so many batches."""

    name = "snapshots"

    def __init__(self, folder: Path, interval: int) -> None:
        self.folder = folder
        self._schedule = Schedule(interval_of(interval))

    def begin(self, training: Training) -> None:
        self._schedule.begin(Reached(training.step))

    def begin_epoch(self, training: Training) -> None: ...

    def begin_batch(self, training: Training) -> None: ...

    def end_batch(self, training: Training, logs: Mapping[str, Any]) -> None:  # noqa: ARG002 - every part alike
        reached = Reached(training.step)
        if self._schedule.due(reached):
            self._schedule.made(reached)
            self._copy(training)

    def end_epoch(self, training: Training, logs: Mapping[str, Any]) -> None: ...

    def end(self, training: Training) -> None: ...

    def _copy(self, training: Training) -> None:
        training.recording.metrics.flush()
        results = training.recording.run.results
        copy = self.folder / time.strftime("%Y-%m-%d %H:%M:%S")
        copy.mkdir(parents=True, exist_ok=True)
        for path in results.iterdir():
            if path.is_file():
                shutil.copy2(path, copy)
            elif latest := max(path.glob("*.h5"), key=lambda each: each.stat().st_mtime_ns, default=None):
                (copy / path.name).mkdir(exist_ok=True)
                shutil.copy2(latest, copy / path.name)


def _subject(
    file_folder: str | os.PathLike[str], preprocess: Process | None = None, postprocess: Process | None = None
) -> Subject:
    by_image = one_by_one(preprocess) if preprocess is not None else None
    return Subject(preprocess=by_image, postprocess=postprocess, folder=Path(file_folder) / "images")


def _activations(exclude_layers: Sequence[type]) -> tuple[str, Options]:
    return "layer_activations", {"exclude": tuple(each.__name__ for each in exclude_layers)}


def _saliency() -> tuple[str, Options]:
    return "saliency_maps", {"signs": ("absolute",)}


def _deconvolution(layer: int | str, amount: int | None, maps: Sequence[int] | None) -> tuple[str, Options]:
    if amount is None and maps is None:
        raise TechniqueError(
            "a deconvolutional network needs feat_map_amount (how many maps, -1: all) or feat_map_nos (which)"
        )
    chosen = {"maps": tuple(maps)} if maps is not None else {"top": amount}
    return "deconvolutional_network", {"layer": layer, **chosen}


def _ascent(
    units: Sequence[Unit], learning_rate: float, iterations: int, regularisers: Sequence[float]
) -> tuple[str, Options]:
    """The ascent of the thesis: its regularisers and no others, its order, its last image."""
    names = (
        "l2_decay", "blur_interval", "blur_std", "value_percentile", "norm_percentile", "contribution_percentile",
        "abs_contribution_percentile",
    )  # fmt: skip
    return "deep_visualization", {
        "units": tuple(units),
        "regularisers": "none",
        **dict(zip(names, regularisers, strict=True)),
        "learning_rate": learning_rate,
        "iterations": iterations,
        "convention": "thesis",
        "keep": "last",
    }
