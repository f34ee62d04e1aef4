"""What a study trains on: faces, sets of expressions, splits, and the vectors (or pictures) that go into a head."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..engine.text import printable
from .errors import FacesError
from .expressions import ExpressionSet, expression_sets, parse_rules
from .faces import Faces
from .nets import Net
from .scores import Head
from .settings import DEFAULT_EXTRACTOR, Settings
from .shuffling import shuffled
from .splits import Split, split

if TYPE_CHECKING:
    from .extractors.kind import Extractor
    from .extractors.tuning import Trunk
    from .training import HeadData

Array: TypeAlias = np.ndarray
Say: TypeAlias = Callable[[str], None]


_PEOPLE = re.compile(r"(\w+ has faces of )([\d,]+)( of the [\d,]+ people)")  # as `splits` says it


def nets_of(settings: Settings) -> tuple[Net, ...]:
    """The networks that a study trains. Raises FacesError."""
    from pathlib import Path

    from . import config

    said = config.read(Path(settings.config)) if settings.config else config.Config()
    return said.chosen(settings.nets, settings.sweep)


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """Faces and their sets of expressions, by the name that `Head.expressions` has; nothing is computed of them yet.
    `notes` are sentences that the report needs beside those of the faces.
    """

    settings: Settings
    nets: tuple[Net, ...]
    faces: Faces
    sets: Mapping[str, ExpressionSet]
    notes: tuple[str, ...] = ()

    def split(self, seed: int) -> Split:
        """The parts of a seed, the same for all networks. Raises FacesError."""
        return split(self.faces, self.settings.split, seed)


def opened(settings: Settings, say: Say = print, stage: Say = lambda _: None) -> Opened:
    """Open the data of a study and check all that can be wrong with it. Loads no framework. Raises FacesError."""
    from .opening import LEAST, open_faces

    nets = nets_of(settings)
    rules = parse_rules(settings.expressions)
    data = settings.data
    if settings.demo:
        from . import demo

        stage("drawing")
        data = str(demo.drawn(say))
    faces = open_faces(
        data, layout=settings.layout or None, identity=settings.identity, expression=settings.expression,
        group=settings.group or ("session" if settings.demo else None), least=settings.least or LEAST,
        people=settings.people or None, limit=settings.limit or None, size=settings.size,
        labels=settings.labels or None, say=say,
    )  # fmt: skip
    wanted = any(net.knows_expression for net in nets)
    sets = {each.name: each for each in expression_sets(faces, rules, say)} if wanted else {}
    made = Opened(settings, nets, faces, sets, _learned_here(settings, nets, faces))
    for note in made.notes:
        say(f"warning: {note}")
    _check_splits(made, say)
    return made


def _learned_here(settings: Settings, nets: Sequence[Net], faces: Faces) -> tuple[str, ...]:
    """What is to be said where the network that predicts expressions learned from these faces. Raises FacesError."""
    if not _predicts(settings, nets):
        return ()
    from .emotions.learned import described, same_faces
    from .emotions.predicting import file_of

    note = same_faces(file_of(settings.expression_from), described(faces.name, faces.blob))
    return (note,) if note else ()


def _check_splits(opened: Opened, say: Say) -> None:
    """Each seed's parts can be made, and what they lack is said once, not a thousand times."""
    notes: dict[str, int] = {}
    for seed in range(opened.settings.seeds):
        parts = opened.split(seed)
        for name, each in opened.sets.items():
            for part in ("validation", "test"):
                missing = sorted(set(range(len(each))) - set(each.of[getattr(parts, part)].tolist()))
                if missing:
                    words = ", ".join(each.classes[number] for number in missing)
                    note = f"{words} of the expressions {name} occurs in no face of {part}"
                    notes[note] = notes.get(note, 0) + 1
            untaught = set(each.of.tolist()) - set(each.of[parts.train].tolist())
            if untaught:
                words = printable(", ".join(each.classes[number] for number in sorted(untaught)), 100)
                raise FacesError(
                    f"split by {opened.settings.split} with seed {seed} leaves no face of {words} to learn from "
                    f"(expressions {name}): choose --split stratified, or merge expressions (--expressions 3)"
                )
        for note in parts.notes:
            notes[note] = notes.get(note, 0) + 1
    for note, times in _together(notes).items():
        say(f"{note}" + (f" (in {times} of {opened.settings.seeds} splits)" if opened.settings.seeds > 1 else ""))


def _together(notes: Mapping[str, int]) -> dict[str, int]:
    """Notes with how often each was said; those that differ in how many people a part has are one."""
    found: dict[str, int] = {}
    people: dict[tuple[str, str], list[tuple[int, str, int]]] = {}
    for note, times in notes.items():
        if match := _PEOPLE.fullmatch(note):
            part, many, rest = match.groups()
            people.setdefault((part, rest), []).append((int(many.replace(",", "")), many, times))
        else:
            found[note] = times
    for (part, rest), seen in people.items():
        least, most = min(seen)[1], max(seen)[1]
        found[f"{part}{least if least == most else f'{least} to {most}'}{rest}"] = sum(times for *_, times in seen)
    return found


@dataclass(slots=True, eq=False)
class Material:
    """All that heads are made of. `width` of the vectors; `extractor` says what made them, for a person, and `made_by`
    is its digest.
    """

    opened: Opened
    width: int
    extractor: str
    made_by: str
    notes: tuple[str, ...] = ()
    trunk: Trunk | None = None
    _extractor: Extractor | None = None
    _inputs: Array | None = None
    _of_seed: tuple[int, Array] | None = None
    _predicted: Mapping[str, Array] = field(default_factory=dict)

    def data(self, head: Head) -> HeadData:
        """What a head learns from: the split of its seed, its expressions from its source. Raises FacesError."""
        from .training import HeadData

        faces, parts = self.opened.faces, self.opened.split(head.seed)
        given = expression = None
        classes = 0
        if head.expressions:
            each = self.opened.sets[head.expressions]
            expression, classes = each.of, len(each)
            given = given_of(each, head.source, parts, head.seed, self._predicted.get(each.name))
        features = self._features(head.seed, parts)
        films = faces.group if in_films(faces) else None
        return HeadData(features, faces.identity, len(faces.identities), parts, given, expression, classes, films)

    def _features(self, seed: int, parts: Split) -> Array:
        if self._inputs is not None:
            return self._inputs
        if self._of_seed is None or self._of_seed[0] != seed:
            from .extractors.keeping import features_of

            assert self._extractor is not None
            found = features_of(self.opened.faces, self._extractor, say=_unsaid, train=parts.train)
            self._of_seed = seed, found
        return self._of_seed[1]


def in_films(faces: Faces) -> bool:
    """Whether films, sequences or sessions tell what verification is to be of: faces share them, and somebody is in
    more than one.
    """
    one = np.unique(np.stack([faces.identity, faces.group], axis=1), axis=0)
    return len(one) < len(faces) and len(np.unique(one[:, 0])) < len(one)


def given_of(
    expressions: ExpressionSet, source: str, parts: Split, seed: int, predicted: Array | None = None
) -> Array | None:
    """What a network is told of each face's expression, N×classes float32; None where it is told nothing."""
    if source in ("", "predicted"):
        return predicted if source else None
    of = shuffled(expressions.of, parts, seed) if source == "shuffled" else expressions.of
    return np.eye(len(expressions), dtype=np.float32)[of]


def material(opened: Opened, say: Say = print, stage: Say = lambda _: None) -> Material:
    """Vectors of all faces, found in the cache or computed; most extractors need a framework. Raises FacesError."""
    from .extractors.keeping import features_of
    from .extractors.table import extractor

    settings = opened.settings
    made = extractor(_extractor_text(settings, say, stage), settings.preprocess, settings.layer)
    stage("features")
    predicted = _predicted(opened, say)
    if settings.tune:
        from .extractors.tuning import trunk

        tail = trunk(made, settings.tune)
        inputs = tail.inputs(opened.faces, say=say)
        notes, made_by = made.notes, made.digest
        _, scale = of_usual_size(tail.some(opened.faces))
        if scale:  # a layer of its own, for the network goes on learning
            say(scale)
            tail.scale = math.sqrt(tail.width)
            notes, made_by = (*notes, scale), f"{made_by} scaled"
        return Material(opened, tail.width, tail.name, made_by, notes, tail, None, inputs, _predicted=predicted)
    if made.learns:  # it may see what heads learn from only, which each seed draws anew
        first = features_of(opened.faces, made, say=say, train=opened.split(0).train)
        return Material(
            opened,
            first.shape[1],
            made.name,
            made.digest,
            made.notes,
            None,
            made,
            None,
            (0, first),
            _predicted=predicted,
        )
    inputs, scale = of_usual_size(features_of(opened.faces, made, say=say))
    if scale:
        say(scale)
    notes = (*made.notes, *([scale] if scale else []))
    return Material(opened, made.width, made.name, made.digest, notes, None, made, inputs, _predicted=predicted)


def of_usual_size(vectors: Array) -> tuple[Array, str]:
    """N×D vectors as the networks of the study are made for them, and the sentence that says what was done.

    Vectors of length 1 have numbers of the size 1/√D: the networks would hardly move in their few steps, and an
    expression of zeros and ones beside them would outweigh a face. They are multiplied by √D, all of them alike.
    """
    width = vectors.shape[1]
    if width < 2 or not np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3):
        return vectors, ""
    scaled = np.asarray(vectors * np.float32(np.sqrt(width)), np.float32)
    return scaled, f"the vectors have length 1: they are multiplied by √{width}, to be of the size of other features"


def _extractor_text(settings: Settings, say: Say, stage: Say) -> str:
    if settings.extractor:
        return settings.extractor
    if settings.demo:
        from .embedding.demo import demo_extractor

        stage("embedding")
        return str(demo_extractor(say))
    say(
        f"no --extractor: faces are told apart by {DEFAULT_EXTRACTOR}, their principal components, which is weak; give "
        "a network that was trained on faces"
    )
    return DEFAULT_EXTRACTOR


def expressions_by(opened: Opened) -> str:
    """The digest of the network that predicts expressions, "" where none does. Raises FacesError, OSError."""
    if not _predicts(opened.settings, opened.nets):
        return ""
    from .emotions.predicting import digest_of, file_of

    return digest_of(file_of(opened.settings.expression_from))


def _predicts(settings: Settings, nets: Sequence[Net]) -> bool:
    return "predicted" in settings.sources and any(net.takes_expression for net in nets)


def _predicted(opened: Opened, say: Say) -> dict[str, Array]:
    if not _predicts(opened.settings, opened.nets):
        return {}
    from .emotions.predicting import predicted

    network = opened.settings.expression_from
    return {name: predicted(network, opened.faces, each, say) for name, each in opened.sets.items()}


def facts_of(
    opened: Opened, heads: Sequence[Head], *, extractor: str = "", width: int = 0, notes: Sequence[str] = ()
) -> Any:
    """What a report has to know of this study (`judging.facts.FacesFacts`)."""
    from .judging.facts import FacesFacts
    from .nets import CONTROLS, otherwise
    from .sweep import named

    faces, settings = opened.faces, opened.settings
    return FacesFacts(
        faces.name, faces.identity, faces.identities, faces.expression, faces.expressions, faces.group, faces.groups,
        opened.sets,
        {
            **settings.as_json(),
            "heads": [head.id for head in heads],
            "nets": {
                net.name: {
                    "title": net.title,
                    "layers": str(net.layers),
                    "changed": otherwise(net, named(net.name)),
                }
                for net in opened.nets
            },
            "control": {
                net.name: net.title.removeprefix("control: ") for net in opened.nets if net.name in CONTROLS
            },
            "extractor": extractor, "width": width, "expressions_from": settings.expression_from,
            "digest": faces.digest, "films_apart": in_films(faces), "notes": [*opened.notes, *faces.notes, *notes],
        },
    )  # fmt: skip


def _unsaid(_text: str) -> None:
    """A second time nobody has to hear it."""
