"""Extractors without a network, as a measure for those with one: the pixels themselves, and eigenfaces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import ClassVar, Self, TypeAlias

import numpy as np

from ...engine.text import printable
from ..errors import FacesError
from ..faces import Faces
from .keyed import selection_digest
from .kind import Extractor, digest_of
from .pictures import batches

Array: TypeAlias = np.ndarray

SIDE = 32  # pixels of a face that is its own features
PCA_SIDE = 32  # pixels that eigenfaces are made of: 1,024 numbers, whose covariance is decomposed in a second
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

    def __init__(self, count: int) -> None:
        self.name, self.size, self.channels = f"pca:{count}", (PCA_SIDE, PCA_SIDE), 1
        self.width, self.batch = count, 256
        self.digest = digest_of("pca", PCA_SIDE, count)
        self._learn: Callable[[], tuple[Array, Array]] | None = None
        self._learned: tuple[Array, Array] | None = None  # the mean face, 1024, and the components, 1024×count

    def features(self, images: Array) -> Array:
        """Raises FacesError where it has seen no faces."""
        if self._learned is None:
            if self._learn is None:
                raise FacesError(f"{self.name} has seen no faces yet: it has to learn from the training faces first")
            self._learned = self._learn()
        mean, components = self._learned
        return (_numbers(images) - mean) @ components

    def fitted(self, faces: Faces, numbers: Sequence[int] | Array, say: Callable[[str], None]) -> Self:
        """It learns when it is used for the first time: not where its features are kept. Raises FacesError where there
        are fewer faces than components.
        """
        numbers = np.unique(np.asarray(numbers, np.int64))
        if len(numbers) <= self.width:
            raise FacesError(
                f"{self.name} needs more than {self.width} faces to learn from, and there are {len(numbers)}: "
                f"pca:{max(len(numbers) // 4, 1)} would do"
            )
        made = type(self)(self.width)
        made.digest = digest_of(self.digest, selection_digest(faces), numbers)
        made._learn = partial(made._components, faces, numbers, say)  # noqa: SLF001
        return made

    def _components(self, faces: Faces, numbers: Array, say: Callable[[str], None]) -> tuple[Array, Array]:
        found = _of_few if len(numbers) <= PCA_SIDE**2 else _of_many
        variance, vectors, mean = found(self._read(faces, numbers))
        largest = np.argsort(-variance, kind="stable")[: self.width]
        values, vectors = np.maximum(variance[largest], 1e-12), vectors[:, largest]
        # The sign of a component is chance: its largest number is made positive.
        vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(self.width)])
        share = values.sum() / max(variance.sum(), 1e-12)
        say(f"{self.name}: learned from {len(numbers):,} faces, {share:.1%} of their variance")
        return mean.astype(np.float32), (vectors / np.sqrt(values)).astype(np.float32)

    def _read(self, faces: Faces, numbers: Array) -> Iterator[Array]:
        for images in batches(faces, numbers, self.size, 1, self.batch):
            yield _numbers(images).astype(np.float64)


def _of_few(parts: Iterator[Array]) -> tuple[Array, Array, Array]:
    """Variances, components and mean by the faces' products with each other, of which there are fewer than pixels."""
    values = np.concatenate(list(parts))
    mean = values.mean(axis=0)
    values -= mean
    variance, mixed = np.linalg.eigh(values @ values.T / len(values))
    return variance, values.T @ mixed / np.sqrt(np.maximum(variance * len(values), 1e-12)), mean


def _of_many(parts: Iterator[Array]) -> tuple[Array, Array, Array]:
    """The same by the covariance of the pixels, in one pass that holds no faces."""
    count, sums, squares = 0, np.zeros(PCA_SIDE**2), np.zeros((PCA_SIDE**2, PCA_SIDE**2))
    for values in parts:
        count += len(values)
        sums += values.sum(axis=0)
        squares += values.T @ values
    mean = sums / count
    variance, vectors = np.linalg.eigh(squares / count - np.outer(mean, mean))
    return variance, vectors, mean


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
