"""Who somebody is: some thirty traits, drawn by gender and age."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from .muscles import EXPRESSIONS, MUSCLES

Colour: TypeAlias = tuple[float, float, float]  # red, green, blue, 0…255

GENDERS = ("woman", "man")
BEARDS = ("", "stubble", "moustache", "goatee", "full")
FRONTS = ("fringe", "side", "centre", "back", "short", "receding", "bald")
BACKS = ("short", "bob", "long", "bun", "cloud")

_TONES = ((255, 226, 202), (247, 208, 176), (233, 184, 146), (208, 152, 110), (162, 108, 72), (112, 72, 50))
_HAIRS = {
    "black": (34, 30, 34), "dark brown": (62, 42, 32), "brown": (104, 68, 44), "chestnut": (134, 80, 46),
    "auburn": (148, 68, 38), "red": (190, 92, 42), "sandy": (176, 138, 88), "blond": (222, 184, 112),
}  # fmt: skip
_IRISES = ((74, 48, 30), (104, 70, 40), (120, 98, 52), (84, 116, 74), (86, 126, 164), (112, 140, 156))
_FIRST = (
    "Al", "Bel", "Cal", "Dor", "El", "Fen", "Gal", "Hel", "Il", "Jor", "Kal", "Lor", "Mar", "Nor", "Ol", "Pel", "Rin",
    "Sol", "Tam", "Ul", "Vel", "Wil", "Yor", "Ad", "Bram", "Cor", "Del", "Em", "Fal", "Gren", "Hol", "Iv", "Jan", "Kel",
    "Lin", "Mel", "Nev", "Or", "Per", "Quen", "Ros", "Sil", "Tor", "Ur", "Var", "Wen", "Yl", "Ar",
)  # fmt: skip
_LAST = {
    "woman": ("a", "ia", "ina", "ena", "is", "ela", "ara", "ette", "ida", "una", "isa", "anne", "ora", "ea", "ild",
              "ica", "eva", "oma", "iva", "ene", "ura", "inde", "osa", "ysa", "alie"),
    "man": ("an", "en", "o", "us", "or", "ik", "ar", "on", "olf", "bert", "win", "mund", "ek", "io", "ald", "ander",
            "as", "im", "os", "ulf", "ian", "rad", "in", "ert", "il"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """One identity. Numbers without a unit are about −2…2, 0 that of a mean face; `age` is in years, `glasses` the
    share of sessions in which they are worn; `own` the number of the expression that is this person's own; `ways` how
    strongly each of the muscles moves, 1 as in the mean; `moles` are x, y, radius in units of half a face.
    """

    name: str
    gender: str
    age: float
    skin: Colour
    hair: Colour
    iris: Colour
    front: str
    back: str
    beard: str
    parting: float
    wave: float
    volume: float
    width: float
    jaw: float
    chin: float
    length: float
    cheeks: float
    neck: float
    brow_thick: float
    brow_arch: float
    brow_gap: float
    brow_tilt: float
    eye_size: float
    eye_open: float
    eye_tilt: float
    eye_apart: float
    nose_length: float
    nose_width: float
    nose_tip: float
    mouth_width: float
    mouth_height: float
    lip_up: float
    lip_low: float
    ears: float
    lashes: float
    blush: float
    freckles: float
    lopsided: float
    frame: int
    glasses: float
    own: int
    moles: tuple[tuple[float, float, float], ...]
    ways: tuple[float, ...]


def person(number: int, seed: int = 0, alike: float = 0.5) -> Person:
    """The person of this number, whoever else is drawn. `alike` 0…1 brings all nearer to one mean face."""
    lot = np.random.default_rng([seed, 1, number])
    spread = 1.25 - 0.8 * alike
    first = int(np.random.default_rng([seed, 5, number // 2]).integers(0, 2))
    gender = GENDERS[first ^ (number % 2)]  # two after each other are one of each, so that there are as many of both
    man = gender == "man"
    age = float(np.clip(18 + 62 * lot.beta(1.3, 1.9), 18, 80))
    tone = float(np.clip(lot.beta(1.1, 1.5) * (1.15 - 0.75 * alike) + 0.28 * alike, 0, 1))
    z = {name: float(np.clip(lot.normal(), -2.1, 2.1)) * spread for name in _TRAITS}
    for name in z:
        z[name] += _OF_MEN.get(name, 0.0) * (1 if man else -1) + _BY_AGE.get(name, 0.0) * (age - 45) / 25
    front, back = _hairdo(lot, gender, age, alike)
    turns = len(EXPRESSIONS)
    return Person(
        name=name_of(number, seed, gender), gender=gender, age=age, skin=_skin(tone, lot), hair=_hair(lot, tone, alike),
        iris=_iris(lot, tone), front=front, back=back, beard=_beard(lot, alike) if man else "",
        parting=float(lot.choice([-1.0, 1.0])), wave=float(lot.beta(0.7, 1.3)),
        lashes=float(np.clip(lot.normal(0.8 if not man else 0.1, 0.25), 0, 1.3)),
        blush=float(np.clip(lot.normal(0.55 if not man else 0.25, 0.25), 0, 1)),
        freckles=float(np.clip(lot.normal(-0.6 + 0.5 * (tone < 0.3), 0.6), 0, 1)),
        frame=int(lot.integers(0, 4)), glasses=float(lot.choice([0.0, 0.1, 0.9], p=[0.55, 0.2, 0.25])),
        own=int(np.random.default_rng([seed, 2, number // turns]).permutation(turns)[number % turns]),
        moles=tuple(_mole(lot) for _ in range(int(lot.integers(0, 3)))),
        ways=tuple(float(each) for each in np.clip(lot.normal(1, 0.12, len(MUSCLES)), 0.75, 1.3)), **z,
    )  # fmt: skip


def name_of(number: int, seed: int, gender: str) -> str:
    """A name that nobody else of this seed has."""
    firsts, lasts = _names(seed, gender)
    place = number // 2 + (17 if gender == "man" else 0)  # two after each other are a woman and a man
    first, last = firsts[place % len(firsts)], lasts[(place + place // len(firsts)) % len(lasts)]
    return f"{first}{last}"


@functools.lru_cache(maxsize=8)
def _names(seed: int, gender: str) -> tuple[list[str], list[str]]:
    lot = np.random.default_rng([seed, 4])
    return lot.permutation(_FIRST).tolist(), lot.permutation(_LAST[gender]).tolist()


_TRAITS = (
    "volume", "width", "jaw", "chin", "length", "cheeks", "neck", "brow_thick", "brow_arch", "brow_gap", "brow_tilt",
    "eye_size", "eye_open", "eye_tilt", "eye_apart", "nose_length", "nose_width", "nose_tip", "mouth_width",
    "mouth_height", "lip_up", "lip_low", "ears", "lopsided",
)  # fmt: skip
# How much larger these are in men than in the mean of both, and in women smaller; and at 70 than at 45 years.
_OF_MEN = {
    "jaw": 0.75, "width": 0.15, "chin": 0.4, "neck": 0.9, "brow_thick": 0.75, "brow_gap": -0.55, "brow_arch": -0.5,
    "eye_size": -0.35, "nose_width": 0.35, "nose_length": 0.2, "lip_up": -0.4, "lip_low": -0.4,
}  # fmt: skip
_BY_AGE = {"width": 0.2, "nose_length": 0.3, "lip_up": -0.5}


def _skin(tone: float, lot: np.random.Generator) -> Colour:
    table = np.array(_TONES, float)
    found = [float(np.interp(tone * (len(table) - 1), range(len(table)), table[:, each])) for each in range(3)]
    warm = float(np.clip(lot.normal(0, 4), -8, 8))
    return found[0] + warm, found[1], found[2] - warm


def _hair(lot: np.random.Generator, tone: float, alike: float) -> Colour:
    dark = np.array([4, 4, 1, 0.3, 0.1, 0, 0, 0])
    light = np.array([1.2, 2.2, 2.6, 1.6, 0.9, 0.6, 1.4, 1.8])
    share = dark * tone + light * max(0.0, 1 - 1.3 * tone)
    share = share * (1 - 0.6 * alike) + 0.6 * alike * np.array([1, 2, 2, 0.6, 0.1, 0, 0.3, 0.2])
    found = np.array(list(_HAIRS.values())[int(lot.choice(len(_HAIRS), p=share / share.sum()))], float)
    found = np.clip(found * lot.normal(1, 0.08), 12, 245)
    return float(found[0]), float(found[1]), float(found[2])


def _iris(lot: np.random.Generator, tone: float) -> Colour:
    light = max(0.0, 1 - 2 * tone)
    share = np.array([1.5, 1.2, 0.3 + light, light, 1.3 * light, light])
    red, green, blue = _IRISES[int(lot.choice(len(_IRISES), p=share / share.sum()))]
    return float(red), float(green), float(blue)


def _hairdo(lot: np.random.Generator, gender: str, age: float, alike: float) -> tuple[str, str]:
    if gender == "man":
        bald = max(0.0, (age - 28) / 50)
        fronts = np.array([0.7, 2.2, 0.5, 1.3, 2.0, 2.2 * bald, 1.4 * bald])
        backs = np.array([8, 0.5, 0.35, 0.2, 0.5])
    else:
        fronts = np.array([2.0, 2.2, 1.8, 1.2, 0.5, 0, 0])
        backs = np.array([1.6, 2.4, 3.0, 1.4, 0.9])
    if alike > 0.7:
        backs[2:] *= 0.4
    front = FRONTS[int(lot.choice(len(FRONTS), p=fronts / fronts.sum()))]
    back = BACKS[int(lot.choice(len(BACKS), p=backs / backs.sum()))]
    return front, "short" if front in ("bald", "receding", "short") and gender == "man" else back


def _beard(lot: np.random.Generator, alike: float) -> str:
    share = np.array([4.5, 2.0 + alike, 0.8, 0.9, 1.3])
    return BEARDS[int(lot.choice(len(BEARDS), p=share / share.sum()))]


def _mole(lot: np.random.Generator) -> tuple[float, float, float]:
    return float(lot.uniform(-0.6, 0.6)), float(lot.uniform(0.15, 1.0)), float(lot.uniform(0.018, 0.034))
