"""What teaches a network to put faces of one person close together, on any backend of keras.

Plain functions of (truth, output), for `compile(loss=…)`: a network that was saved with one of them opens without it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import keras

Tensor: TypeAlias = Any
Loss: TypeAlias = Callable[[Tensor, Tensor], Tensor]

ops: Any = keras.ops  # whose stubs allow that it returns nothing
_FAR = 8.0  # no two unit vectors are more than 4 apart, squared


def triplet(margin: float = 0.2) -> Loss:
    """The triplet loss of Schroff, Kalenichenko and Philbin, "FaceNet", CVPR 2015, with semi-hard negatives.

    Of B unit vectors (B×D) of persons (B, or B×1): for each anchor a and each other face p of that person the mean of

        max(0, |a − p|² − |a − n|² + margin)

    where n is the nearest face of somebody else that is still farther than p ("semi-hard": it is not taken, and does
    not count, where it is farther by the margin), or the farthest of them where all are nearer. The choice is made
    anew in every batch. Distances are squared, so that two equal vectors have a gradient that is a number.
    """

    def triplet_loss(truth: Tensor, vectors: Tensor) -> Tensor:
        person = ops.reshape(truth, (-1,))
        same = ops.equal(person[:, None], person[None, :])
        apart = squared_distances(vectors)
        negative = semi_hard(apart, same)
        found = ops.maximum(apart - negative + margin, 0.0)
        # Not with itself; and with nobody else in the batch there is no triplet.
        others = ops.logical_not(same)
        counts = same & ops.logical_not(ops.eye(ops.shape(person)[0], dtype="bool")) & ops.any(others, -1)[:, None]
        counts = ops.cast(counts, found.dtype)
        return ops.sum(found * counts) / ops.maximum(ops.sum(counts), 1.0)

    return triplet_loss


def squared_distances(vectors: Tensor) -> Tensor:
    """B×B squared distances of B×D vectors of unit length."""
    return ops.maximum(2.0 - 2.0 * ops.matmul(vectors, ops.transpose(vectors)), 0.0)


def semi_hard(apart: Tensor, same: Tensor) -> Tensor:
    """B×B: for anchor a and positive p the squared distance of the negative that is taken.

    `apart` are the squared distances (B×B), `same` whether two faces are of one person (B×B bool). Without any
    negative it is below 0.
    """
    others = ops.logical_not(same)[:, None, :]
    of_negatives = apart[:, None, :]
    farther = ops.logical_and(others, of_negatives > apart[:, :, None])
    nearest = ops.min(ops.where(farther, of_negatives, _FAR), axis=-1)
    farthest = ops.max(ops.where(others, of_negatives, -1.0), axis=-1)
    return ops.where(ops.any(farther, axis=-1), nearest, farthest)


def cosface(margin: float = 0.35, scale: float = 30.0) -> Loss:
    """The large margin cosine loss of Wang et al., "CosFace", CVPR 2018: cross-entropy of scale · (cos θ − margin).

    Of B persons (whole numbers) and B×C cosines between a face and each of C people; the margin is taken from that of
    the right one only. With a margin of 0 it is the softmax of scaled cosines.
    """

    def cosface_loss(truth: Tensor, cosines: Tensor) -> Tensor:
        return _cross_entropy(truth, cosines, cosines - margin, scale)

    return cosface_loss


def arcface(margin: float = 0.5, scale: float = 30.0) -> Loss:
    """The additive angular margin loss of Deng et al., "ArcFace", CVPR 2019: cross-entropy of scale · cos(θ + margin).

    As `cosface`, with the margin on the angle. Where θ + margin passes π the cosine would rise again: from there on it
    goes down in a straight line, cos θ − sin(margin) · margin, as the authors' own program does.
    """

    def arcface_loss(truth: Tensor, cosines: Tensor) -> Tensor:
        inside = ops.clip(cosines, -1 + 1e-6, 1 - 1e-6)  # the root has no slope at its end
        sine = ops.sqrt(1.0 - ops.square(inside))
        turned = inside * math.cos(margin) - sine * math.sin(margin)
        beyond = inside <= math.cos(math.pi - margin)
        turned = ops.where(beyond, cosines - math.sin(math.pi - margin) * margin, turned)
        return _cross_entropy(truth, cosines, turned, scale)

    return arcface_loss


def _cross_entropy(truth: Tensor, cosines: Tensor, with_margin: Tensor, scale: float) -> Tensor:
    person = ops.cast(ops.reshape(truth, (-1,)), "int32")
    right = ops.one_hot(person, ops.shape(cosines)[-1], dtype=cosines.dtype)
    logits = scale * ops.where(right > 0, with_margin, cosines)
    return -ops.mean(ops.sum(right * ops.log_softmax(logits, axis=-1), axis=-1))
