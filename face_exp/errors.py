"""What can be wrong with an experiment on faces: each error is the sentence that a person reads."""

from __future__ import annotations

from ..engine.errors import TrainvisError


class FacesError(TrainvisError):
    """Faces, expressions, networks or a study that cannot be used as asked."""
