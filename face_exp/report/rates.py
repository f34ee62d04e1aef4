"""Sentences, tables and curves of how sure a network is: verification of pairs, and calibration."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from ..judging.arms import Seen
from ..judging.judge import Judgement
from ..judging.verified import FARS
from ..layers import IDENTITY, Dense, NotationError, parse
from ..nets import CONTROLS, NETS
from . import lines, svg
from .blocks import Block, Heading, Plot, Table, Text
from .figures import listed, name, share

_SURE = 30  # errors that a rate rests on


def pairs(found: Judgement) -> Iterator[Block]:
    """Verification by the similarity of pairs of test faces."""
    compared = {net: each for net, each in found.main.items() if each.compared}
    if not compared:
        return
    yield Heading("Verification: are two faces of one person?")
    named = {net: each for net, each in compared.items() if each.roc is not None}
    if not named:
        yield Text(_nothing(found, tuple(compared.values())))
        return
    one = [each.get("pairs of one person", "pairs").mean for each in named.values()]
    two = [each.get("pairs of two people", "pairs").mean for each in named.values()]
    apart = " Pairs out of one film or sequence are left out." if found.faces.settings.get("films_apart") else ""
    yield Text(
        f"By the cosine of what goes into the identity output, over {_from_to(one)} pairs of test faces of one person "
        f"and {_from_to(two)} of two people for each seed.{apart}{_fewer(compared)}"
        f"{_bare(found, tuple(named))}{_uncertain(min(one), min(two))}"
    )
    student = (
        "In %. EER: the rate at which both errors are equal. Intervals: Student's t over seeds, corrected as for "
        "differences (scores do not keep which faces a pair is of, so pairs cannot be resampled)"
    )
    rates = "TAR at x: share of pairs of one person accepted while a share x of those of two people is, in %; likewise"
    for columns, caption in (
        ({"EER": "equal error rate", "Area under ROC": "area under ROC"}, student),
        ({f"TAR at {far:g}": f"TAR at FAR {far:g}" for far in FARS}, rates),
    ):
        rows = tuple(
            (name(net), *(share(each.get(one, "pairs")) for one in columns.values())) for net, each in named.items()
        )
        yield Table(("Net", *columns), rows, "l" + "r" * len(columns), caption)
    best = sorted(named, key=lambda net: named[net].get("equal error rate", "pairs").mean)[:6]
    series = [(name(net), [(float(x), math.nan, float(y), math.nan) for x, y in _roc(named[net])]) for net in best]
    caption = "ROC, the mean over seeds" + (", of the networks of least equal error rate" if len(named) > 3 else "")
    ticks = [(-3.0, "0.001"), (-2.0, "0.01"), (-1.0, "0.1"), (0.0, "1")]
    letters = [(net, list(_roc(named[net]))) for net in best if net in NETS][:3]
    yield Plot(
        caption,
        lines.rates(letters, ticks, "TAR in % by false accept rate (logarithmic)", joined=True),
        svg=svg.curves(
            series, caption, ("false accept rate (logarithmic)", "true accept rate"), x_ticks=ticks,
            bounds=(-3.0, 0.0, 0.0, 1.0), dots=False,
        ),
    )  # fmt: skip


def _nothing(found: Judgement, compared: Sequence[Seen]) -> str:
    """Why no pairs are told apart, though test faces were compared."""
    if any(each.get("pairs of one person", "pairs").mean > 0 for each in compared):
        return "Nothing can be verified: no seed has test faces of two people."
    if found.faces.settings.get("films_apart"):
        return (
            "Nothing can be verified: no seed has two test faces of one person out of two films or sequences, and "
            "pairs out of one are left out."
        )
    return "Nothing can be verified: no seed has two test faces of one person."


def _fewer(compared: Mapping[str, Seen]) -> str:
    """Seeds that had nothing to compare: figures rest on the others."""
    fewer: dict[tuple[int, int], list[str]] = {}
    for net, each in compared.items():
        both = each.get("equal error rate", "pairs").seeds
        if both < each.compared:
            fewer.setdefault((both, each.compared), []).append(name(net))
    if not fewer:
        return ""
    every = len(fewer) == 1 and sum(map(len, fewer.values())) == len(compared)
    counts = [
        f"{both} of {of} seed{'s' if of > 1 else ''}{'' if every else f' ({listed(nets)})'}"
        for (both, of), nets in fewer.items()
    ]
    return (
        f" Only {listed(counts)} had pairs of one person and of two people in the test part: the figures rest on no "
        "others."
    )


def _bare(found: Judgement, nets: Sequence[str]) -> str:
    """Networks without a hidden layer: what is compared there is what they were given, but for a network before them
    that was trained with them.
    """
    if found.faces.settings.get("tune"):
        return ""
    given = found.faces.settings.get("nets")
    bare = []
    for net in nets:
        usual, own = NETS.get(net) or CONTROLS.get(net), given.get(net) if isinstance(given, dict) else None
        layers = own.get("layers") if isinstance(own, dict) else None
        layers = layers or (usual.layers if usual is not None else None)
        if layers is not None and _without_hidden(str(layers)):
            bare.append(name(net))
    if not bare:
        return ""
    return f" For {listed(bare)}, without a hidden layer, that is the input itself: it tells nothing of their training."


def _without_hidden(layers: str) -> bool:
    """Whether no dense layer stands before the identity; not where that cannot be read."""
    try:
        way = parse(layers).way(IDENTITY)
    except NotationError:
        return False
    return bool(way) and not any(isinstance(step, Dense) for step in way)


def _uncertain(genuine: float, impostors: float) -> str:
    """The rates that so few pairs say little of: less than 30 of one person, or false acceptances (Doddington 2000)."""
    text = ""
    if genuine < _SURE:
        text = f" EER and TAR rest on less than {_SURE} pairs of one person for each seed: they are uncertain."
    few = [f"{far:g}" for far in FARS if far * impostors < _SURE]
    return (
        f"{text} A TAR at {listed(few)} rests on less than {_SURE} false acceptances: it is uncertain." if few else text
    )


def _roc(seen: Seen) -> Iterator[tuple[float, float]]:
    assert seen.roc is not None
    for far, tar in seen.roc:
        if far >= 1e-3:
            yield math.log10(far), tar


def calibrations(found: Judgement) -> Iterator[Block]:
    """Confidence against accuracy, of the preferred network of each kind."""
    series = []
    for net in ("B", "E", "H"):
        if net in found.main and "identity" in found.main[net].calibration:
            table = found.main[net].calibration["identity"]
            full = table[table[:, 0] >= 10]
            points = [(float(c / n), math.nan, float(r / n), math.nan) for n, c, r in full if 0 <= c / n < 1 + 1e-6]
            if points:
                series.append((net, points))
    if not series:
        return
    caption = (
        "Calibration of identification: on the diagonal, a confidence of 80 % is right 8 times in 10 (bins of ten "
        "faces or more)"
    )
    ticks = [(share / 100, str(share)) for share in range(0, 101, 20)]
    letters = [(net, [(x, y) for x, _, y, _ in points]) for net, points in series]
    yield Plot(
        caption,
        lines.rates(letters, ticks, "accuracy in % by confidence in %", diagonal=True),
        svg.curves(series, caption, ("confidence", "accuracy"), bounds=(0, 1, 0, 1), diagonal=True, size=(520, 400)),
    )


def _from_to(counts: Sequence[float]) -> str:
    """1,200, or 780 to 1,200."""
    low, high = f"{min(counts):,.0f}", f"{max(counts):,.0f}"
    return low if low == high else f"{low} to {high}"
