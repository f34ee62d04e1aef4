"""Sheets of the inside of a classifier of photographs, painted from the figures of the techniques."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import keras
import numpy as np
import painting
import skimage
from painting import Cell
from PIL import Image

from trainvis.vis import names, preprocessing
from trainvis.vis.figures import Figure, Maps, Pictures, Prediction
from trainvis.vis.probe import Probe

Array: TypeAlias = np.ndarray
Sheet: TypeAlias = Image.Image

# Photographs that come with scikit-image and are in the public domain (CC0): a cat, a cup, a camera on its tripod, a
# rocket on its pad.
PHOTOS = ("chelsea.png", "coffee.png", "camera.png", "rocket.jpg")
# Names of those classes of ImageNet (ILSVRC 2012) that these pictures are about.
NAMES = {
    130: "flamingo", 281: "tabby cat", 282: "tiger cat", 285: "Egyptian cat", 287: "lynx", 657: "missile",
    733: "pole", 779: "school bus", 809: "soup bowl", 872: "tripod", 949: "strawberry", 963: "pizza",
    967: "espresso", 980: "volcano",
}  # fmt: skip
ATTRIBUTIONS = {
    "saliency_maps": "saliency",
    "guided_backpropagation": "guided",
    "smoothgrad(saliency_maps)": "SmoothGrad",
    "integrated_gradients": "integrated\ngradients",
    "grad_cam": "Grad-CAM",
    "guided_grad_cam": "guided\nGrad-CAM",
    "occlusion": "occlusion",
}
NOISE = 0.05  # of SmoothGrad: of copies with the paper's 0.15 SqueezeNet takes none for what it is
OVERLAID = ("grad_cam", "occlusion")  # coarse: shown over the photo
BRIGHT = 99.5  # percentile of a map that is shown brightest
CUT = 8  # feature maps of a layer
BATCH = 32  # shifted pictures at once


@dataclass(frozen=True, eq=False)
class Subject:
    """A network, the name of its preprocessing, and the names of its classes."""

    model: keras.Model
    preprocess: str
    labels: Sequence[str] = ()
    folder: Path = field(default_factory=lambda: Path(skimage.__file__).parent / "data")

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the input."""
        return self.model.inputs[0].shape[1:3]

    @property
    def bgr(self) -> bool:
        """Whether the network takes colours from blue to red."""
        return preprocessing.named(self.preprocess).bgr

    @cached_property
    def photos(self) -> list[Array]:
        """The middle of each photo, as large as the input."""
        return [self._square(self.folder / name) for name in PHOTOS]

    def probe(self, photos: Sequence[Array] | None = None) -> Probe:
        """What techniques look with."""
        return Probe(self.model, photos, preprocess=self.preprocess)

    def label(self, number: int) -> str:
        """The name of a class."""
        return self.labels[number] if number < len(self.labels) else NAMES.get(number, f"class {number}")

    def _square(self, file: Path) -> Array:
        with Image.open(file) as image:
            side, (width, height) = min(image.size), image.size
            left, top = (width - side) // 2, (height - side) // 2
            middle = image.convert("RGB").crop((left, top, left + side, top + side))
        return np.asarray(middle.resize((self.size[1], self.size[0]), Image.Resampling.LANCZOS))


def made(probe: Probe, technique: str, **options: Any) -> Figure:
    """The figure of a technique by its name."""
    named = names.parse(technique)
    return names.compute(named, probe, names.options_of(named, options))


def attribution(subject: Subject) -> Sheet:
    """Each photo, and what in it mattered for the class that it was taken for, by seven techniques."""
    probe = subject.probe(subject.photos)
    figures = {name: made(probe, name, **({"noise": NOISE} if "smooth" in name else {})) for name in ATTRIBUTIONS}
    rows = []
    for place, (photo, prediction) in enumerate(zip(subject.photos, probe.predictions(), strict=True)):
        first = Cell(photo, (said(subject, prediction),))
        rows.append([first, *(Cell(_map(name, figure, place, photo)) for name, figure in figures.items())])
    return painting.sheet(rows, columns=("photo", *ATTRIBUTIONS.values()), size=114, smooth=True)


def _map(name: str, figure: Figure, place: int, photo: Array) -> Array:
    part = figure.parts[0]
    assert isinstance(part, Maps)
    values = np.abs(part.values[place]).max(axis=-1) if part.values.ndim == 4 else part.values[place]
    values = np.maximum(values, 0) if name in OVERLAID else np.abs(values)
    high = float(np.percentile(values, BRIGHT))
    return painting.over(photo, np.minimum(values, high)) if name in OVERLAID else painting.viridis(values, high=high)


def deconvolution(subject: Subject, layers: Sequence[str]) -> Sheet:
    """Of the first photo the most active maps of each layer: where the strongest unit of each sees something, what of
    the photo lies there, and above it what of that excites the unit, carried back by the deconvolutional network.
    """
    probe = subject.probe(subject.photos[:1])
    rows: list[list[Cell]] = []
    for layer in layers:
        part = made(probe, "deconvolutional_network", layer=layer, top=CUT).parts[0]
        assert isinstance(part, Maps)
        above, below = [], []
        for values, item in zip(part.values, part.items, strict=True):
            assert item.box is not None
            assert item.unit is not None
            above.append(Cell(_projection(_cut(values, item.box), subject.bgr)))
            below.append(Cell(_cut(subject.photos[0], item.box), (f"map {item.unit[-1]}",)))
        rows += [above, below]
    return painting.sheet(rows, names=[name for layer in layers for name in (layer, "")], size=104, smooth=True)


def classes(subject: Subject, numbers: Sequence[int], iterations: int) -> Sheet:
    """What some classes look for, grown in two ways; below each what the network takes the picture for."""
    rows = []
    for technique, options in (
        ("deep_visualization", ascent(iterations)),
        ("feature_visualization", {"steps": iterations}),
    ):
        grown = pictures(subject, technique, numbers, **options)
        found = subject.probe(list(grown)).predictions()
        rows.append([Cell(each, (said(subject, one),)) for each, one in zip(grown, found, strict=True)])
    columns = [subject.label(number) for number in numbers]
    return painting.sheet(rows, columns=columns, size=170, smooth=True)


def ascent(iterations: int) -> dict[str, Any]:
    """The deep visualisation of these pictures: from the middle of the valid range, and within it."""
    return {"iterations": iterations, "clip": True, "start": "middle"}


def maps(subject: Subject, layers: Sequence[str], count: int, steps: int) -> Sheet:
    """What the first maps of each layer look for, by feature visualisation."""
    rows = []
    for layer in layers:
        units = tuple((layer, number) for number in range(count))
        grown = pictures(subject, "feature_visualization", units, steps=steps)
        rows.append([Cell(each, (f"map {number}",)) for number, each in enumerate(grown)])
    return painting.sheet(rows, names=layers, size=132, smooth=True)


def dream(subject: Subject, layers: Sequence[str]) -> Sheet:
    """Three photos, and each as some layers dream of it."""
    probe = subject.probe(subject.photos[:3])
    columns = [list(subject.photos[:3])]
    for layer in layers:
        part = made(probe, "deep_dream", layers=(layer,)).parts[0]
        assert isinstance(part, Pictures)
        columns.append(list(part.values))
    rows = [[Cell(each) for each in row] for row in zip(*columns, strict=True)]
    return painting.sheet(rows, columns=("photo", *layers), size=subject.size[1], smooth=True)


def pictures(subject: Subject, technique: str, units: Sequence[Any], **options: Any) -> Array:
    """One picture for each unit, N×H×W×3 bytes."""
    part = made(subject.probe(), technique, units=tuple(units), **options).parts[0]
    assert isinstance(part, Pictures)
    return part.values


@dataclass(frozen=True, slots=True)
class Steadiness:
    """How often a picture of a class is still taken for it when it is shifted."""

    name: str
    shift: int
    tried: int
    held: int

    @property
    def sentence(self) -> str:
        return (
            f"The deep visualisation of {self.name!r}, saved as an 8-bit PNG and read again, is taken for it at "
            f"{self.held} of {self.tried} shifts by up to ±{self.shift} pixels, both ways (the border repeated)."
        )


def steadiness(subject: Subject, picture: Array, number: int, shift: int) -> Steadiness:
    """Save a picture as PNG, read it, shift it by every pair of −`shift` to `shift` pixels, and ask the network."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    with Image.open(file) as image:
        wide = np.pad(np.asarray(image), ((shift, shift), (shift, shift), (0, 0)), mode="edge")
    height, width = subject.size
    places = [(down, right) for down in range(2 * shift + 1) for right in range(2 * shift + 1)]
    held = 0
    for at in range(0, len(places), BATCH):
        shifted = [wide[down : down + height, right : right + width] for down, right in places[at : at + BATCH]]
        held += sum(each.classes[0] == number for each in subject.probe(shifted).predictions())
    return Steadiness(subject.label(number), shift, len(places), held)


def said(subject: Subject, prediction: Prediction) -> str:
    """The class that the network tells, with its confidence where it has one."""
    name = subject.label(prediction.classes[0])
    return f"{name} {prediction.scores[0]:.0%}" if prediction.confidence else name


def _cut(values: Array, box: tuple[int, int, int, int]) -> Array:
    """What lies in a box, zeros where it hangs over the border: a receptive field stays as large as it is."""
    top, left, bottom, right = box
    found = np.zeros((bottom - top, right - left, values.shape[-1]), values.dtype)
    inside = values[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    found[max(-top, 0) :, max(-left, 0) :][: inside.shape[0], : inside.shape[1]] = inside
    return found


def _projection(values: Array, bgr: bool) -> Array:
    """A projection as colours around grey; the strongest half percent is cut off."""
    most = float(np.percentile(np.abs(values), BRIGHT)) or 1.0
    return painting.stretched(np.clip(values[..., ::-1] if bgr else values, -most, most))
