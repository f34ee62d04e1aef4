"""How much of the input a unit of each layer sees, and with what stride.

Araujo, Norris, Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", doi:10.23915/distill.00021.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..figures import Figure, Table
from ..probe import Probe
from ..receptive import Field, picture_places, receptive_fields

_COLUMNS = ("layer", "shape", "size", "stride", "first", "share of the input", "exact")


@dataclass(frozen=True, slots=True)
class Options:
    """There is nothing to choose."""


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """A row for each layer: what its units see, axis by axis ("11×11"), in pixels of the input.

    `first` is where the field of the first unit begins, below 0 in the padding; `exact` is "at most" where a unit may
    see less, for a reason that a note tells. Raises NetworkError where no input has a height and a width.
    """
    network = probe.network
    places = picture_places(network)
    fields = receptive_fields(network)
    rows = tuple(_row(path, network.sites[path].shape, field, places) for path, field in fields.items())
    reasons: dict[str, list[str]] = {}
    for path, field in fields.items():
        if field.note:
            reasons.setdefault(field.note, []).append(path)
    notes = [
        f"{', '.join(paths[:3])}{' and more' if len(paths) > 3 else ''}: {note}" for note, paths in reasons.items()
    ]
    return probe.figure("receptive_fields", [Table(_COLUMNS, rows, "receptive fields")], notes)


def _row(path: str, shape: tuple[int, ...], field: Field, places: tuple[int, ...]) -> tuple[str | float, ...]:
    seen = [min(high - low, extent) for (low, high), extent in zip(field.span(), places, strict=True)]
    share = math.prod(seen) / math.prod(places)
    return (
        path, _times(shape), _times(field.size), "all alike" if field.whole else _times(field.stride),
        _times(field.start), float(share), "yes" if field.exact else "at most",
    )  # fmt: skip


def _times(numbers: tuple[object, ...]) -> str:
    return "×".join(str(each) for each in numbers) or "one"
