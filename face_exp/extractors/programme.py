"""What `trainvis faces features` does once it knows what is wanted."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from ...engine.places import expanded
from ...engine.text import printable
from ...vis import framework
from ..errors import FacesError
from ..faces import Faces
from ..opening import LEAST, open_faces
from .keeping import features_of, made_of, reason
from .keyed import keys_of
from .kind import Extractor
from .store import write
from .table import extractor, needs_network


def run(given: argparse.Namespace) -> int:
    """The exit code. Raises TrainvisError."""
    out = _free(given.out, replace=given.replace)
    faces = _faces(given)
    made = _extractor(given)
    found = features_of(faces, made, say=_say)
    if out is not None:
        try:
            write(out, made_of(faces, made), keys_of(faces), found)
        except OSError as error:
            raise FacesError(f"{printable(out, 200)} cannot be written: {reason(error)}") from None
    spread = float(np.mean(found.std(axis=0)))
    dead = int((found.std(axis=0) == 0).sum())
    _say(f"{len(found):,} faces × {found.shape[1]:,} numbers, mean {found.mean():.4g}, spread {spread:.4g}")
    if dead:
        _say(f"{dead:,} of the {found.shape[1]:,} numbers are the same for every face")
    if out is not None:
        _say(f"→ {printable(out, 300)}: give it as --extractor of a study of the same data")
    return 0


def _faces(given: argparse.Namespace) -> Faces:
    whole = {"identity": "", "expression": "", "group": ""} if given.all else {
        "identity": given.identity, "expression": given.expression,
    }  # fmt: skip
    return open_faces(
        given.data, layout=given.layout or None, **whole, least=1 if given.all else given.least or LEAST,
        people=given.people or None, limit=given.limit or None, seed=given.seed, size=given.size,
        labels=given.labels or None, say=_say,
    )  # fmt: skip


def _extractor(given: argparse.Namespace) -> Extractor:
    if needs_network(given.extractor):
        if told := framework.wake():
            _say(told)
        if given.code:
            from ...vis import models

            models.run_code(Path(given.code))
    made = extractor(given.extractor, given.preprocess, given.layer)
    if given.batch > 0:
        made.batch = given.batch
    return made


def _free(text: str, *, replace: bool) -> Path | None:
    """Where they go. Raises FacesError before anything is computed."""
    if not text:
        return None
    out = expanded(text)
    if out.suffix.lower() not in (".h5", ".hdf5"):
        raise FacesError(f"{printable(out, 200)}: the name of a file of features ends in .h5")
    if out.exists() and not replace:
        raise FacesError(f"{printable(out, 200)} is there already: --replace puts the features in its place")
    if not out.absolute().parent.is_dir():
        raise FacesError(f"there is no folder {printable(out.absolute().parent, 200)} for the features")
    return out


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
