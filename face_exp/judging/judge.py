"""From the scores of heads to what a study shows: `judge`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ..nets import NETS
from ..scores import Scores
from . import claims
from .arms import Arm, Arms, Seen
from .claims import Claim, Comparison
from .confound import Confound, confound
from .facts import FacesFacts, SetFacts
from .number import Trend, trends
from .options import Options

Array: TypeAlias = np.ndarray

BASELINES = {"D": "A", "E": "B", "F": "B"}
_SIDE = (
    Claim("I0", "I", "more", "I without its own layer identifies better", 0),
    Claim("HI", "H", "more", "own layers on both branches identify better", 0),
    Claim("A0", "A", "less", "A without the first dropout is worse on new faces", 0),
    Claim("B0", "B", "less", "B without the first dropout is worse on new faces", 0),
)


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Everything a report says, as numbers.

    `arms` are all, `main` those that networks are compared with (one a network), by network. `claims` are the nine of
    the thesis, `controls` the comparisons of controls. `first` is the share of resamples in which a network of A–I has
    the highest test accuracy, `known_groups` the share of test faces whose film, sequence or session has training faces
    too (NaN where faces have none). `missing` are heads that were planned and are not there, `notes` sentences.
    """

    faces: FacesFacts
    options: Options
    expressions: str
    seeds: tuple[int, ...]
    arms: tuple[Seen, ...]
    main: Mapping[str, Seen]
    claims: tuple[Comparison, ...]
    controls: tuple[Comparison, ...]
    trends: tuple[Trend, ...]
    confounds: Mapping[str, Confound]
    first: Mapping[str, float]
    train_faces: float
    test_faces: float
    known_groups: float = math.nan
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    heads: tuple[Scores, ...] = ()

    @property
    def ratio(self) -> float:
        return self.test_faces / self.train_faces if self.train_faces > 0 and self.test_faces > 0 else 0.0

    def of(self, net: str, expressions: str = "", source: str = "") -> Seen | None:
        return next((each for each in self.arms if each.arm == Arm(net, expressions, source)), None)


def judge(
    scores: Sequence[Scores], faces: FacesFacts, options: Options | None = None, problems: Sequence[str] = ()
) -> Judgement:
    """What these heads show. Any of them may be missing; what cannot be said then is said to be so.

    `problems` are sentences about heads that could not be read, for the notes.
    """
    options = options or Options()
    scores, notes = _fitting(scores, faces)
    chosen = options.expressions or _usual(scores, faces)
    by_arm: dict[Arm, list[Scores]] = {}
    for each in scores:
        by_arm.setdefault(Arm.of(each), []).append(each)
    named = _main(by_arm, chosen, options.source)
    test = [len(each.predictions["test"]["identity"]) for each in scores if "identity" in each.predictions["test"]]
    train = [each.train_faces for each in scores]
    train_faces, test_faces = (float(np.mean(each)) if each else math.nan for each in (train, test))
    ratio = test_faces / train_faces if train_faces > 0 and test_faces > 0 else 0.0
    finest = 1 / test_faces if test_faces > 0 else 0.0
    maker = Arms(scores, faces, options, ratio)
    arms = tuple(maker.seen(arm, heads, thorough=arm in named.values()) for arm, heads in sorted(by_arm.items()))
    seen = {each.arm: each for each in arms}
    main = {net: seen[arm] for net, arm in named.items()}
    planned = faces.settings.get("heads", ())
    there = {each.head.id for each in scores}
    parts = _parts(maker, len(faces))
    return Judgement(
        faces, options, chosen, tuple(sorted({each.head.seed for each in scores})), arms, main,
        claims.weigh({net: each.accuracy for net, each in main.items()}, options, ratio, finest),
        _controls(main, seen, chosen, options, ratio, finest),
        trends(arms, faces, options, ratio, finest),
        {
            name: confound(faces.identity, faces.expression, parts, each.of) if len(faces) else _nothing()
            for name, each in ({"": SetFacts(faces.expressions, faces.expression)} | dict(faces.sets)).items()
        },
        _first(main), train_faces, test_faces, _known_groups(faces, parts),
        tuple(sorted(str(each) for each in _listed(planned) if str(each) not in there)),
        (*problems, *notes), tuple(scores),
    )  # fmt: skip


def _fitting(scores: Sequence[Scores], faces: FacesFacts) -> tuple[list[Scores], list[str]]:
    """Heads whose records are faces of this study, and sentences about those that are strange."""
    found, notes = [], []
    for each in sorted(scores, key=lambda one: one.head):
        parts = [one for targets in each.predictions.values() for one in targets.values()]
        if not each.predictions.get("test") or not any(map(len, parts)):
            notes.append(f"{each.head.id} has no predictions of test faces: it is left out")
        elif any(len(one) and not 0 <= one.record.min() <= one.record.max() < len(faces) for one in parts):
            notes.append(f"{each.head.id} speaks of faces that this study has not: it is left out")
        elif any(count > len(known) for count, known in _counted(each, faces)):
            notes.append(f"{each.head.id} tells more people or expressions apart than this study has: it is left out")
        else:
            found.append(each)
            if not all(np.isfinite(one.loss).all() and np.isfinite(one.confidence).all() for one in parts):
                notes.append(f"{each.head.id} gave values that are no finite numbers: its training went wrong")
            elif any(len(one) and not -1e-4 < one.confidence.min() <= one.confidence.max() < 1 + 1e-4 for one in parts):
                notes.append(f"{each.head.id} gave confidences that are no shares: its calibration says nothing")
            tested = each.predictions["test"].get("identity")
            if tested is not None and len(np.unique(tested.predicted)) == 1 < len(np.unique(tested.truth)):
                notes.append(f"{each.head.id} names one person only: it has learned nothing")
    return found, notes


def _counted(scores: Scores, faces: FacesFacts) -> Iterator[tuple[int, Sequence[str]]]:
    """How many classes a head speaks of, beside the names that are known of them."""
    of_set = faces.sets.get(scores.head.expressions)
    for targets in scores.predictions.values():
        for target, found in targets.items():
            known = faces.identities if target == "identity" else of_set.classes if of_set is not None else None
            if known is not None and len(found):
                yield 1 + int(max(found.truth.max(), found.predicted.max())), known


def _usual(scores: Sequence[Scores], faces: FacesFacts) -> str:
    """The set networks are compared with: 7 where it is there, else the one of most classes."""
    there = {each.head.expressions for each in scores} - {""}
    if "7" in there or not there:
        return "7" if there else ""
    sizes = {name: len(faces.sets[name].classes) if name in faces.sets else 0 for name in there}
    return max(sorted(sizes), key=lambda name: sizes[name])


def _main(by_arm: Mapping[Arm, object], chosen: str, source: str) -> dict[str, Arm]:
    """The arm of each network that it is compared with. Where `source` is missing, another stands for it."""
    found: dict[str, Arm] = {}
    order = [*NETS, *sorted({arm.net for arm in by_arm} - set(NETS))]
    for net in order:
        for arm in (Arm(net), Arm(net, chosen), *(Arm(net, chosen, each) for each in (source, "label", "predicted"))):
            if arm in by_arm and net not in found:
                found[net] = arm
    return found


def _controls(
    main: Mapping[str, Seen], seen: Mapping[Arm, Seen], chosen: str, options: Options, ratio: float, finest: float
) -> tuple[Comparison, ...]:
    """Comparisons with expressions from elsewhere, shuffled ones, and with the networks of the side remarks."""
    accuracy = {net: each.accuracy for net, each in main.items()}
    asked = [claim for claim in _SIDE if claim.first in main and claim.second in main]
    for net, baseline in BASELINES.items():
        here = {}
        for source in ("label", "predicted", "shuffled"):
            if (arm := Arm(net, chosen, source)) in seen:
                here[source] = f"{net} {source}"
                accuracy[here[source]] = seen[arm].accuracy
        for first, second, holds, words in (
            ("label", "shuffled", "more", "true beat shuffled"),
            ("predicted", "shuffled", "more", "predicted beat shuffled"),
            ("predicted", "", "more", "predicted beat none"),
            ("shuffled", "", "no more", "shuffled no better than none"),
        ):
            if first in here and (second in here or not second):
                asked.append(Claim(here[first], here.get(second, baseline), holds, words, 0))
    made = claims.weigh(accuracy, options, ratio, finest, asked)
    return tuple(each for each in made if each.found.differences)


def _first(main: Mapping[str, Seen]) -> dict[str, float]:
    """How often each network of the nine is best in resamples, of those that have all seeds."""
    nine = {net: each for net, each in main.items() if net in NETS}
    seeds = max((each.seeds for each in nine.values()), key=len, default=())
    again = {net: each.replicates for net, each in nine.items() if each.seeds == seeds and each.replicates is not None}
    if len(again) < 2:
        return {}
    table = np.stack(list(again.values()))
    best = np.isclose(table, table.max(axis=0), rtol=0, atol=1e-9)
    shares = (best / best.sum(axis=0)).mean(axis=1)  # those that are alike share the place
    return dict(zip(again, shares.tolist(), strict=True))


def _parts(maker: Arms, count: int) -> list[tuple[Array, Array]]:
    """The (training, test) faces of each seed; what is in neither other part was learned from."""
    found = []
    for seed in sorted({seed for part, seed in maker.records if part == "test"}):
        test = maker.records["test", seed].astype(np.int64)
        other = maker.records.get(("validation", seed), np.zeros(0, np.int64)).astype(np.int64)
        found.append((np.setdiff1d(np.arange(count), np.concatenate([test, other])), test))
    return found


def _known_groups(faces: FacesFacts, parts: Sequence[tuple[Array, Array]]) -> float:
    """The mean over seeds."""
    shares = [np.isin(faces.group[test], faces.group[train]).mean() for train, test in parts if len(test)]
    return float(np.mean(shares)) if shares and faces.grouped else math.nan


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def _nothing() -> Confound:
    return Confound(math.nan, math.nan, math.nan, math.nan, math.nan, 0)
