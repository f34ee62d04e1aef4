"""Verification over the seeds of an arm: error rates of pairs of test faces, and their mean curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from ..embedding.verification import Verification, verification
from ..errors import FacesError
from ..scores import Scores
from .estimate import Estimate, corrected, over_seeds

Array: TypeAlias = np.ndarray

FARS = (0.1, 0.01, 0.001)
ROC_AT = np.concatenate([[0.0], np.logspace(-4, 0, 61)])  # false accept rates at which curves of seeds are averaged


def verified(heads: Sequence[Scores], ratio: float, confidence: float) -> tuple[dict[str, Estimate], Array | None, int]:
    """Equal error rate, area, TAR at FARs and the number of pairs, by name, the mean curve (FAR × TAR), and how many
    heads compared pairs; no curve where none had pairs of both kinds, and then the numbers of pairs alone.

    Figures are of the heads that have both kinds, as many as `Estimate.seeds` says. Scores do not keep which faces a
    pair is of, so that pairs cannot be drawn again: intervals are Student's over seeds, corrected.
    """
    compared: list[Verification] = []
    for each in heads:
        pairs = each.verification
        if "similarity" in pairs and "same" in pairs:
            try:
                compared.append(verification(pairs["similarity"], pairs["same"], FARS))
            except FacesError:
                continue  # a head that gave no numbers is named in the notes
    found = [each for each in compared if each.genuine and each.impostors]
    counts = {
        "pairs of one person": over_seeds(each.genuine for each in found or compared),
        "pairs of two people": over_seeds(each.impostors for each in found or compared),
    }
    if not found:
        return counts if compared else {}, None, len(compared)
    shares = {
        "equal error rate": [each.equal_error_rate for each in found],
        "area under ROC": [each.area for each in found],
        **{f"TAR at FAR {far:g}": [each.tar_at[far] for each in found] for far in FARS},
    }
    made = {name: corrected(values, ratio, confidence) for name, values in shares.items()}
    curves = [np.interp(ROC_AT, *_upper(each.roc)) for each in found]
    return made | counts, np.stack([ROC_AT, np.mean(curves, axis=0)], axis=1), len(compared)


def _upper(roc: Array) -> tuple[Array, Array]:
    """A curve as a function: the highest TAR of each FAR."""
    far, place = np.unique(roc[::-1, 0], return_index=True)
    return far, roc[::-1, 1][place]
