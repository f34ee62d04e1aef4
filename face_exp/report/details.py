"""The further figures of a report: by expression, confusion, number of expressions, time."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ..judging.arms import Seen
from ..judging.judge import Judgement
from ..judging.thesis import IDENTITY
from ..nets import CONTROLS, NETS
from . import figures, lines, svg
from .blocks import Block, Heading, Plot, Table, Text
from .figures import difference, name, percent, share
from .sentences import trend_verdict

_ASIDE = 3  # networks beside each other in a table, for 80 columns
_MOST_PEOPLE = 150  # in a heat map


def per_expression(found: Judgement) -> Iterator[Block]:
    """Both targets by the expression of the face."""
    for target, title in (("identity", "Identification by expression"), ("expression", "Expressions, each by itself")):
        named = {
            net: each
            for net, each in found.main.items()
            if each.by_expression.get(target) and (net not in CONTROLS or (net == "X" and target == "expression"))
        }
        if not named:
            continue
        yield Heading(title)
        nets = list(named)
        for at in range(0, len(nets), _ASIDE):
            some = nets[at : at + _ASIDE]
            here = [{each.name: each for each in named[net].by_expression[target]} for net in some]
            rows = []
            for word in dict.fromkeys(word for each in here for word in each):
                faces = sorted({each[word].faces for each in here if word in each})  # several where seeds are missing
                cells = [share(each[word].estimate) if word in each else figures.NOTHING for each in here]
                rows.append((name(word, 16), "–".join(f"{each:,}" for each in (faces[0], *faces[1:][-1:])), *cells))
            caption = "Test accuracy in %, with intervals; faces: those tested, over all seeds. Spreads: report.csv"
            head = ("Expression", "Faces", *(name(net) for net in some))
            yield Table(head, tuple(rows), "lr" + "r" * len(some), caption if at == 0 else "")
        if target == "identity":
            yield from per_source(found)


def per_source(found: Judgement) -> Iterator[Block]:
    """Identification by expression with the expressions of each source, of one network: the others are in the CSV."""
    several = {net: here for net in (*"EDF", *found.main) if len(here := by_source(found, net)) > 1}
    if not several:
        return
    net, here = next(iter(several.items()))
    of = {source: {each.name: each for each in seen.by_expression.get("identity", ())} for source, seen in here.items()}
    words = list(dict.fromkeys(word for each in of.values() for word in each))
    rows = tuple(
        (name(word, 16), *(share(each[word].estimate) if word in each else figures.NOTHING for each in of.values()))
        for word in words
    )
    more = figures.listed([name(each) for each in several if each != net])
    yield Table(
        ("Expression", *(figures.SOURCES[source] for source in of)), rows, "l" + "r" * len(of),
        f"{name(net)} with expressions from each source, likewise. {more + ', and other' if more else 'Other'} sets: "
        "report.csv",
    )  # fmt: skip


def by_source(found: Judgement, net: str) -> dict[str, Seen]:
    """What a network shows with the compared expressions from each source that it was trained with."""
    made = {source: found.of(net, found.expressions, source) for source in figures.SOURCES}
    return {source: each for source, each in made.items() if each is not None}


def others(found: Judgement) -> Iterator[Block]:
    """Top-5, macro-F1, calibration error, training accuracy."""
    named = {net: each for net, each in found.main.items() if math.isfinite(each.get("accuracy").mean)}
    if not named:
        return
    yield Heading("Other measures of identification")
    rows = tuple(
        (name(net), percent(each.get("accuracy", part="train").mean),
         share(each.get("top-5")), share(each.get("macro-F1")),
         share(each.get("calibration error")))
        for net, each in named.items()
    )  # fmt: skip
    yield Table(
        ("Net", "Training", "Top-5", "Macro-F1", "Calibration error"), rows, "lrrrr",
        "In %. Training: of the faces learned from, while learning them in the last epoch, with dropout at work; "
        "calibration error: the mean gap between confidence and accuracy (15 bins; interval: Student's t over seeds)",
    )  # fmt: skip


def confusions(found: Judgement) -> Iterator[Block]:
    """Which expression is taken for which, and which person."""
    if not any(each.confusion for each in found.main.values()):
        return
    yield Heading("Confusion")
    for net, each in found.main.items():
        if "expression" not in each.confusion or len(each.classes["expression"]) < 2:
            continue
        table, names = each.confusion["expression"], each.classes["expression"]
        caption = f"{name(net)}: expressions, in % of the true ones (rows)"
        text = lines.matrix(table, [name(word, 20) for word in names]) if len(names) <= 8 and net in NETS else ()
        yield Plot(caption, text, svg.heat(table, names, caption, ("true", "named")))
    for net in ("B", "E"):
        if net in found.main and "identity" in found.main[net].confusion:
            yield from _people(net, found.main[net])


def _people(net: str, seen: Seen) -> Iterator[Block]:
    table, names = seen.confusion["identity"], seen.classes["identity"]
    wrong = table * (1 - np.eye(len(table), dtype=np.int64))
    order = np.argsort(-wrong, axis=None, kind="stable")[:8]
    rows = [
        (name(names[row]), name(names[column]), str(wrong[row, column]), percent(wrong[row, column] / table[row].sum()))
        for row, column in (divmod(int(place), len(table)) for place in order)
        if wrong[row, column]
    ]
    if not rows:
        yield Text(f"{net} takes nobody for another.")
        return
    yield Table(
        ("Person", "Taken for", "Faces", "%"),
        tuple(rows),
        "llrr",
        f"{net}: people most often mistaken; tests of all seeds, and their share of the tests of that person",
    )
    if len(names) <= _MOST_PEOPLE:
        caption = f"{net}: who is taken for whom"
        yield Plot(caption, svg=svg.heat(table, names, caption, ("true person", "named person")))


def numbers(found: Judgement) -> Iterator[Block]:
    """Accuracy against the number of expressions."""
    asked = [each for each in found.trends if each.net in NETS and each.source in {"", found.options.source}]
    if not asked:
        return
    yield Heading("The number of expressions")
    sets = {(point.number, point.expressions) for each in asked for point in each.points}
    rows = []
    for number, chosen in sorted(sets, reverse=True):
        cells = []
        for each in asked:
            here = {point.expressions: point.estimate for point in each.points}
            cells.append(percent(here[chosen].mean) if chosen in here else figures.NOTHING)
        rows.append((name(chosen, 16), str(number), *cells))
    head = ("Set", "Number", *(name(each.net) for each in asked))
    yield Table(head, tuple(rows), "lr" + "r" * len(asked), "Identification, test accuracy in %. Intervals: report.csv")
    baseline = found.main.get("B")
    caption = "Test accuracy in % against the number of expressions"
    level = None
    series = [
        (f"{each.net}", [(point.number, point.estimate) for point in each.points]) for each in asked
    ]  # fmt: skip
    if baseline is not None:
        level = ("B (without)", 100 * baseline.get("accuracy").mean)
    every = sorted({number for number, _ in sets})
    drawn = [
        (label, [(math.log2(n), 100 * e.low, 100 * e.mean, 100 * e.high) for n, e in points])
        for label, points in series
    ]
    yield Plot(
        caption,
        lines.curves([(label, [(n, e.mean) for n, e in points]) for label, points in series], "expressions"),
        svg.curves(
            drawn, caption, ("number of expressions", "test accuracy, %"), level=level,
            x_ticks=[(math.log2(each), str(each)) for each in every],
        ),
    )  # fmt: skip
    rows = tuple(
        (name(each.net), difference(each.found), figures.probability(each.adjusted),
         trend_verdict(each), "" if each.significant else figures.seen_from(each.smallest))
        for each in asked
    )  # fmt: skip
    yield Table(
        ("Net", "Points a doubling", "p", "Verdict", "Seen from"), rows, "lrrlr",
        "The change of accuracy when the number of expressions doubles, over sets of "
        f"{'one' if any(each.least == 1 for each in asked) else 'two'} or more; Holm over networks",
    )  # fmt: skip


def times(found: Judgement) -> Iterator[Block]:
    """How long the heads took."""
    named = {net: each for net, each in found.main.items() if each.get("seconds", "", "").mean > 0}
    if not named:
        return
    yield Heading("Training time of a head")
    rows = []
    for net, each in named.items():
        took = each.get("seconds", "", "")
        told = f"{IDENTITY[net].minutes} min" if net in IDENTITY else ""
        parameters = each.get("parameters", "", "").mean
        rows.append(
            (name(net), figures.number(took.mean, 1), figures.interval(took.low, took.high, 1),
             figures.number(took.spread, 1), f"{parameters:,.0f}" if math.isfinite(parameters) else "", told)
        )  # fmt: skip
    yield Table(
        ("Net", "Mean (s)", "Interval", "Spread", "Parameters", "Thesis"), tuple(rows), "lrrrrr",
        "Bootstrap over seeds. Heads that were trained side by side slow each other. The thesis: other data, another "
        "computer",
    )  # fmt: skip
