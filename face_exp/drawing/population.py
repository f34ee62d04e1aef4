"""Who is taken when, and how they look: the faces of a data set before they are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from .look import Look
from .muscles import EXPRESSIONS, MUSCLES
from .person import Colour, Person, person

Array: TypeAlias = np.ndarray

# How often an expression is seen where it says nothing of who it is; in the order of EXPRESSIONS.
COMMON = (0.28, 0.12, 0.09, 0.09, 0.18, 0.12, 0.12)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture that is to be drawn. `session` names the occasion, of this person alone; `key` is its own."""

    key: str
    person: Person
    look: Look
    session: str


def shares(own: int, correlation: float) -> Array:
    """How often a person has each of EXPRESSIONS: (1 − correlation) · COMMON + correlation · own, 7 float64."""
    found = (1 - correlation) * np.array(COMMON)
    found[own] += correlation
    return found


def population(
    people: int,
    faces: int,
    seed: int = 0,
    correlation: float = 0.3,
    difficulty: float = 0.5,
    strength: float = 1.0,
    sessions: int = 6,
) -> Iterator[Shot]:
    """The pictures, person by person, session by session; each person has as many (one more where it does not divide).

    Every person is the same whatever the number of people and faces, and is the own of one expression by turns, so
    that each of the seven is the own of as many people.
    """
    for number in range(people):
        yield from shots(number, faces_of(number, people, faces), seed, correlation, difficulty, strength, sessions)


def faces_of(number: int, people: int, faces: int) -> int:
    """How many of the faces are this person's."""
    return faces // people + (number < faces % people)


def shots(
    number: int,
    count: int,
    seed: int = 0,
    correlation: float = 0.3,
    difficulty: float = 0.5,
    strength: float = 1.0,
    sessions: int = 6,
    first: int = 0,
    last: int | None = None,
) -> list[Shot]:
    """Of the `count` pictures of the person of this number those from `first` to before `last`."""
    who = person(number, seed, difficulty)
    said, occasions = shares(who.own, correlation), min(sessions, count)
    made: list[Shot] = []
    known: dict[int, _Session] = {}
    for place in range(first, count if last is None else last):
        occasion = place * occasions // count
        if occasion not in known:
            known[occasion] = _Session.drawn(np.random.default_rng([seed, 6, number, occasion]), who, difficulty)
        session = known[occasion]
        lot = np.random.default_rng([seed, 3, number, place])
        expression = int(lot.choice(len(EXPRESSIONS), p=said / said.sum()))
        look = _look(lot, session, EXPRESSIONS[expression], difficulty, strength)
        made.append(Shot(f"{who.name}-{place + 1:04}", who, look, f"{who.name}-{occasion + 1}"))
    return made


@dataclass(frozen=True, slots=True)
class _Session:
    """What stays the same for an hour."""

    age: float
    light: float
    lift: float
    hard: float
    bright: float
    warm: float
    glasses: bool
    growth: float
    tied: bool
    backdrop: Colour
    clothes: Colour
    zoom: float
    blur: float
    noise: float

    @classmethod
    def drawn(cls, lot: np.random.Generator, who: Person, difficulty: float) -> _Session:
        d = difficulty
        return cls(
            age=float(np.clip(who.age + lot.normal(0, 1 + 5 * d), 16, 85)),
            light=float(lot.normal(0, 12 + 70 * d)),
            lift=float(lot.uniform(10, 50)),
            hard=float(np.clip(lot.normal(0.3 + 0.5 * d, 0.2), 0, 1)),
            bright=float(np.exp(lot.normal(-0.03, 0.04 + 0.22 * d))),
            warm=float(lot.normal(0, 0.1 + 0.7 * d)),
            glasses=bool(lot.random() < who.glasses),
            growth=float(lot.normal(0, 0.1 + 0.8 * d)),
            tied=bool(lot.random() < 0.6 * d),
            backdrop=_backdrop(lot),
            clothes=_clothes(lot),
            zoom=float(np.exp(lot.normal(0, 0.01 + 0.06 * d))),
            blur=float(max(0.0, lot.normal(0, 0.004 * d))),
            noise=float(1.5 + lot.gamma(2, 5 * d + 1e-9)),
        )


def _look(lot: np.random.Generator, session: _Session, expression: str, difficulty: float, strength: float) -> Look:
    d = difficulty
    tilt = 0.25 + 1.5 * d
    covered = lot.random() < 0.10 * d
    return Look(
        expression=expression,
        intensity=0.0 if expression == "neutral" else float(1 - 0.7 * lot.beta(1.2, 2.4)),
        strength=strength,
        twitches=tuple(float(each) for each in lot.normal(0, 0.03 + 0.2 * d, len(MUSCLES))),
        age=session.age,
        yaw=float(np.clip(lot.normal(0, 9 * tilt), -28, 28)),
        pitch=float(np.clip(lot.normal(0, 5 * tilt), -16, 16)),
        roll=float(np.clip(lot.normal(0, 5 * tilt), -18, 18)),
        light=session.light + float(lot.normal(0, 10 * d)),
        lift=session.lift,
        hard=session.hard,
        bright=session.bright * float(np.exp(lot.normal(0, 0.1 * d))),
        warm=session.warm,
        glasses=session.glasses,
        growth=session.growth,
        tied=session.tied,
        cover=("hand", "scarf")[int(lot.integers(0, 2))] if covered else "",
        cover_side=float(lot.choice([-1.0, 1.0])),
        gaze=float(np.clip(lot.normal(0, 0.4), -1, 1)),
        backdrop=session.backdrop,
        clothes=session.clothes,
        zoom=session.zoom * float(np.exp(lot.normal(0, 0.01 + 0.05 * d))),
        shift_x=float(lot.normal(0, 0.004 + 0.03 * d)),
        shift_y=float(lot.normal(0, 0.004 + 0.025 * d)),
        blur=session.blur + float(max(0.0, lot.normal(0, 0.002 * d))),
        noise=session.noise,
        seed=int(lot.integers(0, 2**31)),
    )


def _backdrop(lot: np.random.Generator) -> Colour:
    import colorsys

    red, green, blue = colorsys.hsv_to_rgb(lot.random(), lot.uniform(0.05, 0.4), lot.uniform(0.45, 0.95))
    return red * 255, green * 255, blue * 255


def _clothes(lot: np.random.Generator) -> Colour:
    import colorsys

    red, green, blue = colorsys.hsv_to_rgb(lot.random(), lot.uniform(0.1, 0.7), lot.uniform(0.2, 0.9))
    return red * 255, green * 255, blue * 255
