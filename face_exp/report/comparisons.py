"""Networks against each other: the claims of the thesis, the confound, the controls."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ..judging.claims import Claim, Comparison
from ..judging.judge import Judgement
from . import figures, lines, svg
from .blocks import Block, Bullets, Heading, Plot, Table, Text
from .details import by_source
from .figures import difference, name, percent, share
from .sentences import confounded, verdict


def claims(found: Judgement) -> Iterator[Block]:
    yield Heading("The claims of the thesis, tested")
    yield from _compared(
        found.claims,
        "Test accuracy, first less second, in percentage points; p of the corrected resampled t-test after Holm; seen "
        f"from: the smallest true difference that this study would have shown with {percent(found.options.power, 0)} % "
        "power",
    )
    bars = [(each.claim.pair, each.found.low, each.found.mean, each.found.high) for each in found.claims]
    shown = [each.significant for each in found.claims if math.isfinite(each.found.mean)]
    caption = "Differences in points: a full dot where one is shown after Holm, a hollow one where not"
    yield Plot(
        caption, lines.forest(bars, zero=True, full=shown), svg.forest(bars, caption, "points", zero=True, full=shown)
    )
    untested = [f"{each.claim.pair} ({each.found.why})" for each in found.claims if each.verdict == "untested"]
    if untested:
        yield Text(f"{', '.join(untested)}.", "Not tested:")
    fewer = [
        f"{each.claim.pair} over {len(each.found.differences)}"
        for each in found.claims
        if 1 < len(each.found.differences) < len(found.seeds)
    ]
    if fewer:
        yield Text(f"{', '.join(fewer)} of {len(found.seeds)}: those that both networks have.", "Fewer seeds:")


def _compared(several: Sequence[Comparison], caption: str) -> Iterator[Block]:
    """Claims with their verdicts, and the numbers of these: two tables, for 80 columns."""
    rows = tuple((_pair(each.claim), each.claim.words, verdict(each)) for each in several)
    yield Table(("Pair", "Claim", "Verdict"), rows)
    rows = tuple(
        (
            _pair(each.claim), difference(each.found), figures.probability(each.adjusted),
            "" if each.significant else figures.seen_from(each.smallest),
        )
        for each in several
    )  # fmt: skip
    yield Table(("Pair", "Difference", "p", "Seen from"), rows, "lrrr", caption)


def confound(found: Judgement) -> Iterator[Block]:
    yield Heading("The confound: how well the expression alone tells who it is")
    yield Text(confounded(found))
    rows = []
    for key, each in found.confounds.items():
        label = name(key) if key else "as in the data"
        number = len(found.faces.sets[key].classes) if key else len(found.faces.expressions)
        rows.append(
            (label, str(number), percent(each.guess), percent(each.commonest), percent(each.gain),
             f"{each.information:.3f} bit", percent(each.share))
        )  # fmt: skip
    yield Table(
        ("Expressions", "Number", "Guess", "Commonest", "Gain", "Information", "Of identity"), tuple(rows), "lrrrrrr",
        "Guess: test faces named rightly by the commonest person of their expression, in %; commonest: by the "
        "commonest person of all; information: mutual information less what chance makes, also in % of the identity's "
        "entropy",
    )  # fmt: skip


def controls(found: Judgement) -> Iterator[Block]:
    only = found.main.get("X")
    if not found.controls and only is None and not {"A0", "B0"} & set(found.main):
        return
    yield Heading("Controls")
    if found.controls:
        yield from _compared(
            found.controls,
            "As above; Holm over these comparisons. Shuffled expressions are as frequent as the true ones, and say "
            "nothing of the face: a gain that stays with them is no gain of expression",
        )
    rows = _by_source(found)
    if rows:
        head = ("Net", *figures.SOURCES.values())
        yield Table(head, rows, "lrrr", "Identification with expressions from each source, test accuracy in %")
    said: list[str] = []
    if only is not None:
        said.append(
            f"A head for the expression only names {share(only.get('accuracy', 'expression'))} % of expressions "
            "rightly in the test part. (Thesis, other data: it stays near 50 %.)"
        )
    for first, second in (("A0", "A"), ("B0", "B")):
        if first in found.main:
            here, usual = (
                percent(found.main[each].get("accuracy", part="train").mean) if each in found.main else "–"
                for each in (first, second)
            )
            said.append(
                f"{second} without its first dropout: {here} % of the training faces named rightly while learning "
                f"them, in the last epoch; with it, and so with a part of each face dropped, {usual} %."
                + (" (Thesis: 100 % at once without.)" if second == "A" else "")
            )
    if said:
        yield Bullets(tuple(said))


def _by_source(found: Judgement) -> tuple[tuple[str, ...], ...]:
    """Networks that were trained with expressions from several sources."""
    rows = []
    for net in found.main:
        here = by_source(found, net)
        if len(here) > 1:
            cells = [share(here[each].get("accuracy")) if each in here else figures.NOTHING for each in figures.SOURCES]
            rows.append((name(net), *cells))
    return tuple(rows)


def _pair(claim: Claim) -> str:
    """E true–shuffled, where both are E."""
    net, _, source = claim.second.partition(" ")
    pair = f"{claim.first}–{source}" if source and claim.first.startswith(f"{net} ") else claim.pair
    return pair.replace(" label", " true")
