"""The parts of a study one after the other, and how long the rest of them takes."""

from __future__ import annotations

from collections.abc import Mapping

from .plan import said


class Stages:
    """The parts of a study by name, and the seconds that each is expected to take, None where nobody knows."""

    def __init__(self, expected: Mapping[str, float | None]) -> None:
        self._expected = dict(expected)
        self._names = list(expected)
        self._at = -1

    def expect(self, name: str, seconds: float | None) -> None:
        """How long a stage takes, as far as it is known now."""
        self._expected[name] = seconds

    def enter(self, name: str) -> str:
        """A stage begins; the line that says so."""
        self._at = self._names.index(name)
        left = self.left()
        return f"{self._at + 1} of {len(self._names)}: {name}" + (f", about {said(left)} left" if left else "")

    def left(self) -> float | None:
        """Seconds of this stage and of those that come; None where nobody knows."""
        rest = [self._expected[name] for name in self._names[max(self._at, 0) :]]
        return None if None in rest else sum(each for each in rest if each is not None)

    def after(self) -> float:
        """Seconds of what comes after the heads."""
        return self._expected["report"] or 0.0
