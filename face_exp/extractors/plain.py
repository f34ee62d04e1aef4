"""Extractors without a network, as a measure for those with one: the pixels themselves, and eigenfaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Self, TypeAlias

import numpy as np

from ...engine.text import printable
from ..errors import FacesError
from ..faces import Faces
from .kind import Extractor, digest_of
from .pictures import batches

Array: TypeAlias = np.ndarray

SIDE = 32  # pixels of a face that is its own features
PCA_SIDE = 48  # pixels that eigenfaces are made of: 2,304 numbers, whose covariance a core decomposes in seconds
LARGEST = 256


class Pixels(Extractor):
    """The grey pixels of a face of `side`×`side`, 0…1."""

    def __init__(self, side: int = SIDE) -> None:
        self.name, self.size, self.channels = f"pixels:{side}", (side, side), 1
        self.width = side * side
        self.digest = digest_of("pixels", side)
        self.batch = 256

    def features(self, images: Array) -> Array:
        return images.reshape(len(images), -1).astype(np.float32) / 255


class Eigenfaces(Extractor):
    """The `count` principal components of the grey pixels, each divided by its standard deviation (Turk & Pentland:
    Eigenfaces for recognition, 1991; whitened). They know no labels, but they are learned: from training faces alone.
    """

    learns: ClassVar[bool] = True

    def __init__(self, count: int, mean: Array | None = None, components: Array | None = None) -> None:
        self.name, self.size, self.channels = f"pca:{count}", (PCA_SIDE, PCA_SIDE), 1
        self.width, self.batch = count, 256
        self.mean, self.components = mean, components  # 2304, 2304×count
        self.digest = digest_of("pca", PCA_SIDE, count, *(() if components is None else (mean, components)))

    def features(self, images: Array) -> Array:
        """Raises FacesError where it has not learned yet."""
        if self.components is None or self.mean is None:
            raise FacesError(f"{self.name} has seen no faces yet: it has to learn from the training faces first")
        return (_numbers(images) - self.mean) @ self.components

    def fitted(self, faces: Faces, numbers: Sequence[int] | Array, say: Callable[[str], None]) -> Self:
        """Raises FacesError where there are fewer faces than components."""
        numbers = np.asarray(numbers, np.int64)
        if len(numbers) <= self.width:
            raise FacesError(
                f"{self.name} needs more than {self.width} faces to learn from, and there are {len(numbers)}: "
                f"pca:{max(len(numbers) // 4, 1)} would do"
            )
        sums, squares = np.zeros(PCA_SIDE**2), np.zeros((PCA_SIDE**2, PCA_SIDE**2))
        for images in batches(faces, numbers, self.size, 1, self.batch):
            values = _numbers(images).astype(np.float64)
            sums += values.sum(axis=0)
            squares += values.T @ values
        mean = sums / len(numbers)
        values, vectors = np.linalg.eigh(squares / len(numbers) - np.outer(mean, mean))
        largest = np.argsort(-values, kind="stable")[: self.width]
        values, vectors = np.maximum(values[largest], 1e-12), vectors[:, largest]
        # The sign of a component is chance: its largest number is made positive.
        vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(self.width)])
        share = values.sum() / max(np.trace(squares / len(numbers) - np.outer(mean, mean)), 1e-12)
        say(f"{self.name}: learned from {len(numbers):,} faces, {share:.1%} of their variance")
        made = (vectors / np.sqrt(values)).astype(np.float32)
        return type(self)(self.width, mean.astype(np.float32), made)


def _numbers(images: Array) -> Array:
    return images.reshape(len(images), -1).astype(np.float32) / 255


def pixels(text: str) -> Extractor:
    """`pixels[:SIDE]`. Raises FacesError."""
    return Pixels(_number("pixels", text, SIDE, LARGEST))


def eigenfaces(text: str) -> Extractor:
    """`pca:N`. Raises FacesError."""
    return Eigenfaces(_number("pca", text, 64, PCA_SIDE**2))


def _number(kind: str, text: str, usual: int, most: int) -> int:
    if not text:
        return usual
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise FacesError(f"{kind}:{printable(text, 40)} is none: write a number from 1 to {most}, as in {kind}:{usual}")
    return int(text)
