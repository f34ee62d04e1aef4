"""The images of a set as points, by principal components of what a layer makes of them (Pearson 1901)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..evaluation import evaluated
from ..figures import Figure, Item, Points
from ..network import NetworkError
from ..probe import Probe


@dataclass(frozen=True, slots=True)
class Options:
    """`layer` None is the one before the output; `dimensions` components of it, of at most `limit` records."""

    layer: str | int | None = None
    dimensions: int = 3
    limit: int | None = None


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """N×D coordinates, largest variance first, with the label of each record as its target and its prediction as score.

    Directions have the sign in which their largest coefficient is positive, so that two steps of a training do not
    mirror each other by chance.
    """
    path = _layer(probe, options.layer)
    found = evaluated(probe, options.limit, path)
    points, shares = principal_components(found.features, options.dimensions)
    items = tuple(
        Item(record=key, target=int(label) if label >= 0 else None, unit=(int(guess),), layer=path)
        for key, label, guess in zip(found.keys, found.labels, found.predicted, strict=True)
    )
    axes = tuple(f"component {place + 1}" for place in range(points.shape[1]))
    note = f"the {points.shape[1]} components shown hold {shares.sum():.0%} of the variance"
    part = Points(points.astype(np.float32), items, path, axes, tuple(float(each) for each in shares))
    return probe.figure("embedding", [part], (*found.notes, note), options, classes=list(found.classes))


def principal_components(features: np.ndarray, dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    """N×F features → N×D coordinates and the share of the variance of each. Raises NetworkError below two records."""
    if len(features) < 2:
        raise NetworkError(f"an embedding shows how records lie to each other: {len(features)} is too few, give two")
    if not np.isfinite(features).all():
        raise NetworkError("the layer gives values that are no finite numbers (NaN or infinity): nothing can be placed")
    centred = features - features.mean(axis=0)
    left, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    count = min(dimensions, len(sizes))
    largest = directions[np.arange(count), np.abs(directions[:count]).argmax(axis=1)]
    signs = np.where(largest < 0, -1.0, 1.0)
    total = float((sizes**2).sum()) or 1.0
    return left[:, :count] * sizes[:count] * signs, sizes[:count] ** 2 / total


def _layer(probe: Probe, wanted: str | int | None) -> str:
    sites = probe.network.sites
    if wanted is not None:
        return sites.find(wanted).path
    head = probe.network.heads[probe.output].site
    before = head.inputs[0] if head is not None and head.inputs else None
    # What lies before a Dropout or Activation is the same; a head that only activates has the logits before it.
    return before or sites.leaves[max(0, len(sites.leaves) - 2)].path
