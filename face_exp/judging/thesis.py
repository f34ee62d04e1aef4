"""What the thesis of 2017 reported of its nine networks: other data (98 actors, 30,091 pictures), one seed each.

They stand beside ours to be compared in their order, not in their size.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reported:
    """Accuracy and loss, validation and test, and the minutes a network took to train."""

    accuracy: tuple[float, float]
    loss: tuple[float, float]
    minutes: int


IDENTITY = {
    "A": Reported((0.772, 0.756), (0.907, 0.942), 2),
    "B": Reported((0.783, 0.779), (0.844, 0.891), 8),
    "C": Reported((0.774, 0.768), (0.915, 0.961), 9),
    "D": Reported((0.781, 0.767), (0.876, 0.918), 2),
    "E": Reported((0.802, 0.790), (0.778, 0.839), 8),
    "F": Reported((0.790, 0.782), (0.825, 0.865), 8),
    "G": Reported((0.773, 0.759), (0.906, 0.946), 1),
    "H": Reported((0.788, 0.780), (0.849, 0.892), 11),
    "I": Reported((0.771, 0.763), (0.941, 0.970), 11),
}
EXPRESSION = {
    "G": Reported((0.483, 0.485), (1.408, 1.406), 1),
    "H": Reported((0.525, 0.534), (1.305, 1.285), 11),
    "I": Reported((0.522, 0.539), (1.325, 1.297), 11),
}
