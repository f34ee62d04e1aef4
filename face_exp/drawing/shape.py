"""Where the parts of a face are: in units of about half its width, the eyes at y = 0, x to the viewer's right, y down,
z towards the viewer; and where that lies in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin
from typing import TypeAlias

import numpy as np

from .look import Look
from .muscles import muscles
from .paper import smooth
from .person import Person

Array: TypeAlias = np.ndarray

UNIT = 0.312  # of the side of the picture
_EYES = 0.472  # of the side, from the top
_DEPTH = 0.55
_NECK = 0.35  # what a head turns about


@dataclass(frozen=True, slots=True)
class Stance:
    """How a head is turned and where it is; angles in radians."""

    yaw: float
    pitch: float
    roll: float
    unit: float
    x: float
    y: float

    @classmethod
    def of(cls, look: Look) -> Stance:
        yaw, pitch, roll = np.radians([look.yaw, look.pitch, look.roll]).tolist()
        return cls(yaw, pitch, roll, UNIT * look.zoom, 0.5 + look.shift_x, _EYES + look.shift_y)

    def body(self) -> Stance:
        """Of what is below the neck, which turns less."""
        return Stance(self.yaw * 0.3, 0.0, self.roll * 0.15, self.unit, self.x, self.y)

    def at(self, points: Array, out: float = 0.0) -> Array:
        """The places in the picture (N×2, of its side) of N×2 points on the face, `out` units before it."""
        x, y = points[:, 0], points[:, 1]
        z = _DEPTH * np.sqrt(np.clip(1 - (x / 1.02) ** 2 - ((y - 0.1) / 1.5) ** 2, 0, 1)) + out
        return self._turned(x, y, z)

    def flat(self, points: Array, z: float = 0.0) -> Array:
        """The same of points that all have one depth: outlines, hair, ears."""
        return self._turned(points[:, 0], points[:, 1], np.full(len(points), z))

    def _turned(self, x: Array, y: Array, z: Array) -> Array:
        sin_yaw, cos_yaw, sin_pitch, cos_pitch = sin(self.yaw), cos(self.yaw), sin(self.pitch), cos(self.pitch)
        across = x * cos_yaw + z * sin_yaw
        down = (y - _NECK) * cos_pitch + (z * cos_yaw - x * sin_yaw) * sin_pitch
        c, s = self.unit * cos(self.roll), self.unit * sin(self.roll)
        places = np.empty((len(x), 2))
        places[:, 0] = c * across - s * down + self.x
        places[:, 1] = s * across + c * down + (self.y + _NECK * self.unit)
        return places


@dataclass(frozen=True, slots=True)
class Shape:
    """The measures of one face in one picture; `moved` are its muscles, `old` is 0 to the age of 35 and 1 at 80."""

    moved: dict[str, float]
    old: float
    cheek: float
    temple: float
    jaw: float
    chin_wide: float
    chin: float
    top: float
    eye_x: float
    eye_y: float
    eye_wide: float
    lid_up: float
    lid_low: float
    iris: float
    nose: float
    nose_wide: float
    mouth: float
    mouth_wide: float

    @classmethod
    def of(cls, who: Person, look: Look) -> Shape:
        moved = muscles(look.expression, look.intensity, look.strength, who.ways, look.twitches)
        moved["lopsided"] *= 1.0 if who.lopsided >= 0 else -1.0
        age = who.age if look.age is None else look.age
        drop, size = moved["open"], 1 + 0.075 * who.eye_size
        chin = 1.22 + 0.055 * who.length + 0.03 * who.chin + 0.2 * drop
        lid = moved["upper_lid"]
        return cls(
            moved=moved,
            old=float(np.clip((age - 35) / 45, 0, 1)),
            cheek=0.86 + 0.035 * who.width + 0.02 * who.cheeks + 0.01 * moved["cheek"],
            temple=0.81 + 0.03 * who.width - 0.012 * who.cheeks,
            jaw=0.655 + 0.035 * who.width + 0.045 * who.jaw - 0.03 * drop,
            chin_wide=0.30 + 0.028 * who.chin + 0.018 * who.jaw - 0.02 * drop,
            chin=chin,
            top=-1.06 - 0.04 * who.length,
            eye_x=0.385 + 0.018 * who.eye_apart,
            eye_y=0.0,
            eye_wide=0.2 * size,
            lid_up=(0.118 + 0.010 * who.eye_open) * size * max(0.12, 1 + (0.5 if lid > 0 else 0.6) * lid),
            lid_low=(0.076 + 0.004 * who.eye_open) * size * (1 - 0.85 * moved["lower_lid"]),
            iris=0.108 * size,
            nose=0.44 + 0.035 * who.nose_length - 0.05 * moved["nose"],
            nose_wide=0.155 + 0.02 * who.nose_width + 0.015 * moved["nose"],
            mouth=0.785 + 0.02 * who.length + 0.014 * who.nose_length + 0.015 * who.mouth_height,
            mouth_wide=0.30 + 0.026 * who.mouth_width,
        )

    def outline(self) -> Array:
        """The face, from its top clockwise."""
        right = np.array(
            [
                (0.0, self.top), (0.5 * self.temple, self.top + 0.09), (0.9 * self.temple, -0.68),
                (self.temple + 0.02, -0.3), (self.cheek, 0.12), (0.5 * (self.cheek + self.jaw) + 0.045, 0.52),
                (self.jaw, 0.82), (0.5 * (self.jaw + self.chin_wide) + 0.03, self.chin - 0.17),
                (self.chin_wide, self.chin - 0.035),
            ]
        )  # fmt: skip
        left = right[:0:-1] * (-1, 1)
        return smooth(np.concatenate([right, [(0.0, self.chin)], left]), closed=True, steps=5)

    def eye(self, side: float, tilt: float) -> tuple[Array, Array]:
        """Upper and lower edge of an eye, from its inner corner to its outer one; `side` −1 is the viewer's left."""
        inner, outer = self.eye_x - self.eye_wide, self.eye_x + self.eye_wide
        turn = 0.018 * tilt
        across = np.array([0.0, 0.22, 0.5, 0.78, 1.0])
        base = np.interp(across, [0, 1], [0.025 + turn, -0.012 - turn])
        upper = base - self.lid_up * np.array([0, 0.72, 1.0, 0.8, 0])
        lower = base + self.lid_low * np.array([0, 0.62, 0.95, 0.85, 0])
        # A lid that hangs or is pushed up is straight rather than round, and never crosses the other one.
        lower = np.maximum(lower, upper + 0.012 * np.array([0, 1, 1, 1, 0]))
        x = side * (inner + (outer - inner) * across)
        return (
            smooth(np.stack([x, self.eye_y + upper], axis=1), steps=5),
            smooth(np.stack([x, self.eye_y + lower], axis=1), steps=5),
        )
