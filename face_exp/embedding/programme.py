"""What `trainvis faces embed` does: read, train in a run, verify with faces it never saw, hand over."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeAlias

import numpy as np

from ...engine.files import write_json
from ...engine.places import expanded
from ...engine.text import printable
from ...vis import framework
from ..errors import FacesError
from ..faces import Faces
from ..opening import open_faces
from .options import Options, parts
from .verification import Verification

Say: TypeAlias = Callable[[str], None]

NETWORK = "embedding.keras"  # in networks/ of its run
RESULTS = "verification.json"  # in results/ of its run
_BATCH = re.compile(r"(\d{1,6})\s*[x×*]\s*(\d{1,6})", re.IGNORECASE)
_POINTS = 200  # of the curve that are kept


def options_of(given: argparse.Namespace) -> Options:
    """What a command line asks for. Raises FacesError."""
    batch = _BATCH.fullmatch(given.batch.strip())
    if batch is None:
        raise FacesError(f"--batch is people × faces of each, as 32x4, not {printable(given.batch, 40)!r}")
    if given.out and expanded(given.out).suffix != ".keras":
        raise FacesError(f"--out {printable(given.out, 200)}: the name of a network ends in .keras")
    return Options(
        loss=given.loss, margin=given.margin, scale=given.scale, width=given.width, side=given.side, base=given.base,
        preprocess=given.preprocess, expression=given.joint, epochs=given.epochs, people=int(batch[1]),
        faces=int(batch[2]), rate=given.rate, augment=not given.no_augment, held_out=given.held_out,
        share=given.share, seed=given.seed,
    )  # fmt: skip


def run(given: argparse.Namespace, say: Say | None = None) -> int:
    """Do it; returns the exit code. Raises TrainvisError, OSError."""
    say = say or _say
    # All that can be refused is refused before a framework is loaded.
    options = options_of(given)
    faces = _faces(given, say)
    parts(faces.identity, options)
    if told := framework.wake():
        say(told)
    from ...vis import Callbacks
    from .training import METRIC, PREPROCESS, trained

    monitor = METRIC if options.held_out != "none" else "loss"
    params = {name: value for name, value in asdict(options).items() if value not in ("", None)}
    callbacks = Callbacks(params={**params, "data": faces.name}, tags=("embedding", options.loss))
    callbacks.progress().network_saver(monitor=monitor, mode="min", preprocess=PREPROCESS)
    say(f"{len(faces):,} faces of {len(faces.identities):,} people of {printable(faces.name, 80)}: {said(options)}")
    found = trained(faces, options, say=say, callbacks=[callbacks])
    if found.epochs < options.epochs:
        say(f"stopped after {found.epochs} of {options.epochs} epochs: what it had learned is kept")
    for line in told_of(found.verification, options):
        say(line)
    out = [expanded(given.out)] if given.out else []
    if callbacks.run is not None:
        write_json(callbacks.run.results / RESULTS, results_of(found.verification, options))
        out.insert(0, callbacks.run.networks / NETWORK)
    if not out:
        raise FacesError("the network was not kept: its run could not be written, and no --out was given")
    for path in out:
        found.write(path)
        say(f"network → {printable(path, 300)}")
    return 0


def _faces(given: argparse.Namespace, say: Say) -> Faces:
    # Without --joint nobody asks for expressions: a face without one is as good as any.
    return open_faces(
        given.data, layout=given.layout or None, identity=given.identity,
        expression=given.expression if given.joint else "", least=max(given.least, 1), people=given.people or None,
        limit=given.limit or None, seed=given.seed, labels=given.labels or None, say=say,
    )  # fmt: skip


def told_of(found: Verification | None, options: Options) -> list[str]:
    """How well it verifies, in words."""
    if found is None:
        return []
    whom = "strangers" if options.held_out == "people" else "new images of people it knows"
    at = ", ".join(f"{tar:.1%} at a FAR of {far:g}" for far, tar in found.tar_at.items() if np.isfinite(tar))
    told = (
        f"{whom} ({found.genuine:,} pairs of one person, {found.impostors:,} of two): equal error rate "
        f"{found.equal_error_rate:.1%}, area under the curve {found.area:.4f}"
    )
    return [told, *([f"  TAR {at}"] if at else []), *(f"  {note}" for note in found.notes)]


def said(options: Options) -> str:
    loss = {"triplet": "triplet loss, semi-hard", "cosface": "CosFace", "arcface": "ArcFace"}[options.loss]
    joint = f", with the expression (weight {options.expression:g})" if options.expression else ""
    return f"{loss}, margin {options.used_margin:g}{joint}, {options.epochs} epochs, {options.width} numbers a face"


def results_of(found: Verification | None, options: Options) -> dict[str, Any]:
    """What is kept in the run: the figures, and the curve of at most 200 points."""
    if found is None:
        return {"schema": 1, "held_out": options.held_out}
    chosen = np.unique(np.linspace(0, len(found.roc) - 1, _POINTS).round().astype(int))
    return {
        "schema": 1, "held_out": options.held_out, "genuine": found.genuine, "impostors": found.impostors,
        "equal_error_rate": _number(found.equal_error_rate), "area": _number(found.area),
        "tar_at": {f"{far:g}": _number(tar) for far, tar in found.tar_at.items()},
        "roc": found.roc[chosen].round(6).tolist(), "notes": list(found.notes),
    }  # fmt: skip


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None  # JSON has no NaN


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
