"""Studies that were never trained: scores drawn by chance, with effects that are known, as a study's folder has them.

Whether a network names a face rightly is drawn from how hard the face is (the same for every seed, so that test parts
that share faces are alike), from what the network makes of it, and from chance; `EFFECTS` are added to that as shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from trainvis.face_exp import scores
from trainvis.face_exp.judging.facts import FacesFacts, SetFacts
from trainvis.face_exp.scores import Head, Predictions, Scores

WORDS = ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise")
SETS: Mapping[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "7": (WORDS, (0, 1, 2, 3, 4, 5, 6)),
    "5": (("neutral", "anger", "fear", "happiness", "sadness"), (0, 1, 1, 2, 3, 4, 2)),
    "3": (("neutral", "negative", "positive"), (0, 1, 1, 1, 2, 1, 2)),
    "2": (("neutral", "expressive"), (0, 1, 1, 1, 1, 1, 1)),
    "1": (("face",), (0, 0, 0, 0, 0, 0, 0)),
}
NINE = tuple("ABCDEFGHI")
INPUT, OUTPUT = tuple("DEF"), tuple("GHI")
# As in the thesis, in shares: what each network is better than B.
EFFECTS = {"A": -0.03, "B": 0.0, "C": -0.01, "D": 0.0, "E": 0.06, "F": 0.03, "G": -0.03, "H": 0.0, "I": -0.01}
_HARD, _OWN = 0.6, 0.35  # spread of what all networks, and what one, find hard in a face; the rest is chance


@dataclass
class Made:
    """What is drawn; the defaults are a full study of drawn faces."""

    nets: Iterable[str] = NINE
    seeds: int = 10
    sets: Iterable[str] = ("7", "5", "3", "2", "1")
    sources: Iterable[str] = ("label", "predicted", "shuffled")
    effects: Mapping[str, float] = field(default_factory=lambda: EFFECTS)
    faces: int = 3000
    people: int = 60
    films: int = 0  # 0: every face its own group
    confounded: float = 0.2  # how often a face has the expression that its person mostly has
    accuracy: float = 0.78
    rng: int = 0
    name: str = "drawn faces"

    def facts(self) -> FacesFacts:
        rng = np.random.default_rng(self.rng)
        identity = np.arange(self.faces) % self.people
        usual = rng.integers(0, 7, self.people)[identity]
        any_word = rng.choice(7, self.faces, p=(0.34, 0.11, 0.11, 0.11, 0.11, 0.11, 0.11))
        expression = np.where(rng.random(self.faces) < self.confounded, usual, any_word)
        group = rng.integers(0, self.films, self.faces) if self.films else np.arange(self.faces)
        sets = {name: SetFacts(SETS[name][0], np.array(SETS[name][1])[expression]) for name in self.sets}
        return FacesFacts(
            self.name, identity, tuple(f"person {number:02}" for number in range(self.people)), expression, WORDS,
            group, tuple(f"film {number}" for number in range(self.films)), sets,
            {"heads": [head.id for head in self.heads()], "split": "film" if self.films else "image"},
        )  # fmt: skip

    def heads(self) -> list[Head]:
        found = []
        for net in self.nets:
            sets = tuple(self.sets) if net[0] in "DEFGHIX" else ("",)
            for chosen in sets:
                for source in self.sources if net in INPUT else ("",):
                    found += [Head(net, chosen, source, seed) for seed in range(self.seeds)]
        return found

    def scores(self, facts: FacesFacts | None = None) -> list[Scores]:
        facts = facts or self.facts()
        hard = np.random.default_rng([self.rng, 1]).normal(0, _HARD, self.faces)
        return [self._scores(head, facts, hard) for head in self.heads()]

    def _scores(self, head: Head, facts: FacesFacts, hard: np.ndarray) -> Scores:
        split = np.random.default_rng([self.rng, 2, head.seed]).permutation(self.faces)
        tested, chosen = self.faces // 10, self.faces // 5
        parts = {"test": np.sort(split[:tested]), "validation": np.sort(split[tested : tested + chosen])}
        number = sum(ord(letter) << (8 * place) for place, letter in enumerate(head.id.rsplit("-", 1)[0])) % 2**40
        rng = np.random.default_rng([self.rng, 3, head.seed, number])
        own = np.random.default_rng([self.rng, 4, number]).normal(0, _OWN, self.faces)
        effect = self.effects.get(head.net[0], 0.0)
        if head.source == "shuffled":
            effect = min(effect, 0.0)
        elif head.source == "predicted":
            effect /= 2
        if head.net in INPUT and head.expressions:
            effect *= np.log2(len(SETS[head.expressions][0])) / np.log2(7)
        right = NormalDist().inv_cdf(min(max(self.accuracy + effect, 0.01), 0.99)) + hard + own + rng.normal(0, 0.02)
        found: dict[str, dict[str, Predictions]] = {}
        for part, records in parts.items():
            found[part] = {}
            rest = np.sqrt(1 - _HARD**2 - _OWN**2)
            if head.net != "X":
                # The wish is a share of faces: the spreads add up to 1.
                sure = right[records] + rng.normal(0, rest, len(records))
                found[part]["identity"] = _said(rng, records, facts.identity[records], sure, self.people)
            if head.net[0] in "GHIX":
                of = facts.sets[head.expressions]
                sure = rng.normal(0.05 if head.net == "G" else 0.2, 1, len(records)) + hard[records]
                found[part]["expression"] = _said(rng, records, of.of[records], sure, len(of.classes))
        same = rng.random(1200) < 0.3
        return Scores(
            head, found, {target: self.people if target == "identity" else 7 for target in found["test"]},
            self.faces - tested - chosen, f"{head.net}-20261122-1200{head.seed:02}-ab12",
            {"A": 2.0, "D": 2.2, "G": 2.1}.get(head.net, 11.0) * rng.uniform(0.9, 1.2), 50, 1_300_000,
            1.0 if head.net == "A0" else 0.93 + effect / 2,
            {"similarity": rng.normal(np.where(same, 0.7, 0.2), 0.22).astype(np.float32), "same": same},
        )  # fmt: skip

    def write(self, folder: Path) -> Path:
        """A study's run folder, as far as a report reads it."""
        results = folder / "results"
        facts = self.facts()
        facts.write(results)
        for each in self.scores(facts):
            scores.write(results / "heads", each)
        return folder


def _said(rng: np.random.Generator, records: np.ndarray, truth: np.ndarray, sure: np.ndarray, classes: int) -> Any:
    """Right where `sure` is above 0; more confident, and less lossy, the surer."""
    right = (sure > 0) | (classes == 1)
    predicted = np.where(right, truth, (truth + rng.integers(1, max(classes, 2), len(truth))) % classes)
    share = 1 / (1 + np.exp(-2 * np.abs(sure)))
    rank = np.where(right, 0, 1 + rng.geometric(0.25, len(truth)) - 1).clip(0, classes - 1)
    loss = -np.log(np.where(right, share, (1 - share) / 2).clip(1e-7, 1))
    arrays = (records, truth, predicted, rank, share, loss)
    kinds = (np.int32, np.int32, np.int32, np.int32, np.float32, np.float32)
    return Predictions(*(np.asarray(each).astype(kind) for each, kind in zip(arrays, kinds, strict=True)))
