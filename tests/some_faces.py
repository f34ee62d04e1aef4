"""Faces as an experiment has them, without pictures: people, expressions and groups by number."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from trainvis.face_exp.faces import Faces
from trainvis.face_exp.words import WORDS


def some_faces(identity: Any, expression: Any = None, group: Any = None, intensity: Any = None) -> Faces:
    """N faces of people `identity`, with the WORDS `expression` (0 where not given), in groups `group` (each its own).

    Numbers and words that do not occur are left out, as `open_faces` does.
    """
    people, identity = np.unique(np.asarray(identity, np.int64), return_inverse=True)
    count = len(identity)
    words, expression = np.unique(np.zeros(count, int) if expression is None else expression, return_inverse=True)
    groups, group = np.unique(np.arange(count) if group is None else group, return_inverse=True)
    return Faces(
        "faces.h5", cast("Any", None), np.arange(count), identity, tuple(f"person {each}" for each in people),
        expression, tuple(WORDS[each] for each in words), group, tuple(f"film {each}" for each in groups),
        None if intensity is None else np.asarray(intensity, np.float64),
    )  # fmt: skip
