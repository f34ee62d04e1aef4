"""What a network that was trained on other data says of the expressions of faces."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ...engine import places
from ...engine.files import read_json, write_aside
from ...engine.rundir import RunDir
from ...engine.text import printable
from ..errors import FacesError
from ..faces import Faces
from . import mapping

if TYPE_CHECKING:
    from ..expressions import ExpressionSet

Array: TypeAlias = np.ndarray
Say: TypeAlias = Callable[[str], None]

_AT_ONCE = 64  # faces that go through the network together


def predicted(network: str | os.PathLike[str], faces: Faces, expression_set: ExpressionSet, say: Say = print) -> Array:
    """N×C float32: the share that a network gives each class of the set, for each of the N faces, in their order.

    `network` is a .keras or .h5 file (with the JSON beside it that names its classes), or a run (its folder, or its
    id): its best network, else its last. Shares of classes that the set merges are added; those of classes that it does
    not have are taken out and the rest made to sum to 1, which is said; a word that the set divides ("fine") is divided
    evenly. Kept in the cache, and found there again for the same network and faces. Raises FacesError where the words
    of the two cannot be mapped.
    """
    path = file_of(network)
    classes, _ = told(path)
    name = named(path)
    words = mapping.words_of(classes, name)
    members = mapping.members_of(faces, expression_set)
    table, homeless = mapping.onto(words, members)
    whose = [*homeless, *(f"{each!r}" for each, word in zip(classes, words, strict=True) if not word)]
    if whose:
        said = printable(", ".join(whose), 200)
        say(f"{name} knows {said}, these faces do not: its other shares are made to sum to 1")
    never = [expression_set.classes[number] for number in np.flatnonzero(~table.any(axis=0))]
    if never:
        say(f"{name} never says {printable(', '.join(never), 200)}: it was not trained on that")
    return mapping.mapped(_shares_of(path, faces, say), table)


def file_of(network: str | os.PathLike[str]) -> Path:
    """The file of a network: itself, or the best, else the last, of a run. Raises FacesError."""
    path = places.expanded(network)
    if not path.exists() and path.name == str(network) and RunDir.looks_like_id(path.name):
        path = places.runs_folder() / path
    if not path.is_dir():
        if not path.is_file():
            raise FacesError(f"there is no network {printable(path, 300)}: give a .keras file, or the folder of a run")
        return path
    saved = sorted(RunDir(path).networks.glob("*.keras"), key=_step)
    best = [each for each in saved if each.name == "best.keras"]
    if not saved:
        raise FacesError(f"{printable(path, 300)} has saved no network")
    return (best or saved)[-1]


def told(path: Path) -> tuple[tuple[str, ...], str]:
    """The classes of a network and its preprocessing, as the JSON file beside it says. Raises FacesError."""
    said = read_json(path.with_suffix(".json")).value
    classes, preprocess = said.get("classes"), said.get("preprocess")
    if not isinstance(classes, list) or not all(isinstance(each, str) for each in classes) or len(classes) < 2:
        raise FacesError(
            f"nobody says what the classes of {printable(path.name, 100)} are called: write "
            f'{{"classes": ["anger", …]}}, in its order, into {printable(path.with_suffix(".json"), 300)}'
        )
    return tuple(classes), preprocess if isinstance(preprocess, str) else ""


def named(path: Path) -> str:
    """What a network is called in sentences: by its run, where it is one's."""
    inside = path.parent.name == "networks"
    return printable(f"{path.parent.parent.name} {path.stem}" if inside else path.name, 120)


@dataclass(frozen=True, slots=True)
class Network:
    """A network that gives shares of K `classes`, and how it is asked."""

    classes: tuple[str, ...]
    name: str
    _prepared: Callable[[Sequence[Array]], Array]
    _scores: Callable[[Array], Array]

    def shares(self, images: Iterable[Sequence[Array]], count: int, tell: Callable[[int, int], None]) -> Array:
        """N×K float32 of batches of pictures H×W×C uint8. Raises FacesError, and ImageError for what does not fit."""
        made = np.empty((count, len(self.classes)), np.float32)
        done = 0
        for batch in images:
            scores = self._scores(self._prepared(batch))
            made[done : done + len(scores)] = scores
            done += len(scores)
            tell(done, count)
        if not np.isfinite(made[:done]).all():
            raise FacesError(f"{self.name} gives shares that are no finite numbers: it was not trained to an end")
        return made


def loaded(path: Path, say: Say = print) -> Network:
    """A network ready to be asked. Raises FacesError, ModelError, FrameworkError."""
    from ...vis import framework

    if said := framework.wake():
        say(said)
    from ...vis import models, suggesting
    from ...vis.looking import guessed
    from ...vis.probe import Probe

    classes, preprocess = told(path)
    with framework.hushed():
        found = models.load(path)
    probe = Probe(found.model, None, None, preprocess or guessed(found, say), batch=_AT_ONCE)
    shape = probe.network.heads[probe.output].shape
    count = max(2, int(shape[-1])) if len(shape) == 1 else 0
    if count != len(classes):
        gives = f"tells {count} classes apart" if count else "gives no single row of scores"
        raise FacesError(f"{named(path)} {gives}, and {len(classes)} are named: {printable(', '.join(classes), 200)}")
    return Network(classes, named(path), probe.prepared, suggesting.scorer(probe))


def digest_of(path: Path) -> str:
    """What a network is known by: its file, its classes and its preprocessing. Raises FacesError, OSError."""
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(repr(told(path)).encode())
    return digest.hexdigest()


def _shares_of(path: Path, faces: Faces, say: Say) -> Array:
    """N×K of the network's own classes: out of the cache, else made and kept there."""
    kept = _kept_at(path, faces)
    if kept is not None and (found := _read(kept, len(faces))) is not None:
        return found
    from ...vis import telling

    network = loaded(path, say)
    say(f"{network.name} names the expressions of {len(faces):,} faces")
    parts = (range(at, min(at + _AT_ONCE, len(faces))) for at in range(0, len(faces), _AT_ONCE))
    found = network.shares((faces.images(list(part)) for part in parts), len(faces), telling.progress())
    if kept is not None:
        data = io.BytesIO()
        np.savez_compressed(data, shares=found)
        with suppress(OSError):  # a cache that is full is none
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_aside(kept, data.getvalue())
    return found


def _kept_at(path: Path, faces: Faces) -> Path | None:
    if not faces.digest:
        return None
    digest = hashlib.sha256(repr((digest_of(path), faces.digest, len(faces))).encode())
    return places.cache_folder() / "faces" / "expressions" / f"{digest.hexdigest()[:32]}.npz"


def _read(path: Path, count: int) -> Array | None:
    with suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile), np.load(path) as found:
        shares: Any = found["shares"]
        if shares.ndim == 2 and len(shares) == count:
            return shares
    return None


def _step(path: Path) -> tuple[float, str]:
    step = read_json(path.with_suffix(".json")).value.get("step")
    return (float(step) if isinstance(step, int | float) else float("inf")), path.name
