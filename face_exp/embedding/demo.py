"""The extractor of the demo: an embedding trained on drawn people whom the study never shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...engine.places import cache_folder
from ..errors import FacesError
from ..generating import Options as Drawing
from ..generating import generate
from ..opening import open_faces
from .options import Options

# Another seed draws other people than those of the study (0). Their expressions say nothing of who they are, so that
# nothing of them is learned as a sign of a person.
# Few of them, and not for long: with twice as many and more epochs the heads of the study make next to no mistake, and
# there is nothing left for an expression to help with.
DRAWING = Drawing(people=100, faces=2000, size=64, seed=1001, correlation=0.0)
TRAINING = Options(loss="triplet", epochs=10, width=128, side=64, held_out="none")
_VERSION = 1  # of what is drawn and trained by these options: a higher one is made anew


def demo_extractor(
    say: Callable[[str], None] = print, *, cache: Path | None = None, callbacks: Sequence[Any] = ()
) -> Path:
    """A `.keras` file whose output, the layer `embedding`, is a unit-length vector of at most 128 numbers.

    It takes faces of 64×64×3, pixels 0…255: what it does to them is part of the network. Trained once, in a minute or
    two on two cores, and kept in the cache folder (or `cache`) under a digest of all that made it. `say` hears how
    far it is; `callbacks` are given to the training. Raises FacesError, BlobError, OSError.
    """
    return extractor_of(DRAWING, TRAINING, say, cache=cache, callbacks=callbacks)


def extractor_file(drawing: Drawing = DRAWING, training: Options = TRAINING, cache: Path | None = None) -> Path:
    """Where it is kept, whether it is there or not."""
    return (cache or cache_folder() / "faces") / f"embedding-{_digest(_plain(drawing), asdict(training))}.keras"


def extractor_of(
    drawing: Drawing,
    training: Options,
    say: Callable[[str], None] = print,
    *,
    cache: Path | None = None,
    callbacks: Sequence[Any] = (),
) -> Path:
    """As `demo_extractor`, of other people and another training."""
    out = extractor_file(drawing, training, cache)
    if out.is_file():
        say(f"the embedding of {drawing.people:,} other drawn people is there already")
        return out
    say(f"an embedding is trained on {drawing.people:,} other drawn people, once: {out.name} is kept")
    out.parent.mkdir(parents=True, exist_ok=True)
    drawn = out.parent / f"others-{_digest(_plain(drawing))}.h5"
    if not drawn.is_file():
        generate(drawn, drawing, say)
    from .training import trained

    faces = open_faces(drawn, expression="expression" if training.expression else "", say=_quiet)
    found = trained(faces, training, say=say, callbacks=callbacks)
    if found.epochs < training.epochs:
        raise FacesError(f"the embedding was stopped after {found.epochs} of {training.epochs} epochs: nothing is kept")
    found.write(out)
    drawn.unlink(missing_ok=True)  # nobody needs them any more
    say(f"the embedding is trained: {found.seconds:.0f} s")
    return out


def _plain(drawing: Drawing) -> dict[str, Any]:
    # With any number of workers the faces are the same.
    return {name: value for name, value in asdict(drawing).items() if name != "workers"}


def _digest(*options: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps([_VERSION, *options], sort_keys=True).encode()).hexdigest()[:12]


def _quiet(_text: str) -> None: ...
