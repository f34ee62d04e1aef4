"""The images of a set whose true class gets the lowest score, worst first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..evaluation import are_probabilities, evaluated
from ..figures import Figure, Item, Pictures, Table
from ..probe import Probe


@dataclass(frozen=True, slots=True)
class Options:
    """`top` images, of at most `limit` records of the set."""

    top: int = 25
    limit: int | None = None


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """Pictures as the set has them, in the size of the network's input; score is that of the true class, target the
    class that was predicted instead, unit the true one. A table says the same in names.
    """
    found = evaluated(probe, options.limit).labelled()
    scores, notes = found.scores, list(found.notes)
    if scores.shape[1] == 1:
        score = scores[:, 0]
        own = np.where(found.labels == 1, score, 2 * found.middle - score)
    else:
        # Sigmoids are probabilities too, each of its class alone: they need not add up to one.
        if found.middle <= 0 and not are_probabilities(scores):
            shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
            scores = shifted / shifted.sum(axis=1, keepdims=True)
            notes.append("the network gives no probabilities: a softmax of its scores stands for them")
        own = scores[np.arange(len(scores)), found.labels]
    worst = np.argsort(own, kind="stable")[: options.top]
    guesses = found.predicted
    items = tuple(
        Item(
            record=found.keys[place],
            rank=rank,
            score=float(own[place]),
            target=int(guesses[place]),
            unit=(int(found.labels[place]),),
        )
        for rank, place in enumerate(worst)
    )
    rows = tuple(
        (found.keys[place], found.classes[found.labels[place]], found.classes[guesses[place]], float(own[place]))
        for place in worst
    )
    table = Table(("record", "class", "predicted", "score of its class"), rows, "worst")
    wrong = int((guesses != found.labels).sum())
    notes.append(f"{wrong} of {len(own)} records are classified wrong")
    pictures = Pictures(
        _pictures(probe, [found.records[found.places[place]]["image"] for place in worst]), items, "worst"
    )
    return probe.figure("worst_images", [pictures, table], notes, options)


def _pictures(probe: Probe, images: list[np.ndarray]) -> np.ndarray:
    return np.stack(probe.shown(images))
