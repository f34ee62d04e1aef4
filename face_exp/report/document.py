"""A judgement as blocks: what stands in a report, in its order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from ..judging.arms import Seen
from ..judging.judge import Judgement
from ..judging.thesis import EXPRESSION, IDENTITY
from ..nets import CONTROLS, NETS
from . import figures, lines, svg
from .blocks import Block, Bullets, Heading, Plot, Table, Text
from .comparisons import claims, confound, controls
from .details import confusions, numbers, others, per_expression, times
from .figures import name, percent, share
from .rates import calibrations, pairs
from .sentences import QUESTIONS, answers

_FEW = 5  # seeds
_NOTES, _NAMES = 40, 8


def document(found: Judgement) -> list[Block]:
    """The whole report."""
    return [
        *_top(found), *_networks(found), *claims(found), *confound(found), *controls(found), *numbers(found),
        *_expression(found), *per_expression(found), *others(found), *calibrations(found), *pairs(found),
        *confusions(found), *times(found), *_thesis(found), *_method(found),
    ]  # fmt: skip


def _top(found: Judgement) -> Iterator[Block]:
    faces = found.faces
    yield Heading(f"Faces and expressions: {name(faces.name, 60)}", 1)
    yield Text(_facts(found))
    if found.missing:
        shown = ", ".join(name(each, 40) for each in found.missing[:8])
        more = f" and {len(found.missing) - 8} more" if len(found.missing) > 8 else ""
        yield Text(f"{len(found.missing)} of the planned heads are not there yet: {shown}{more}.", "Unfinished.")
    if len(found.seeds) == 1:
        yield Text("No test and no interval over seeds is possible: they take two seeds or more.", "One seed only.")
    elif 1 < len(found.seeds) < _FEW:
        yield Text(
            f"{len(found.seeds)} seeds can show large differences only; the tests were made for about ten.",
            "Few seeds.",
        )
    if found.known_groups > 0.01:
        yield Text(
            f"{percent(found.known_groups, 0)} % of the test faces are out of films or sequences that were learned "
            "from too: the figures are of other pictures of these; faces of new films may be named less well.",
            "Known films.",
        )
    for question, sentences in zip(QUESTIONS, answers(found), strict=True):
        yield Heading(question)
        yield Bullets(sentences)


def _facts(found: Judgement) -> str:
    faces, settings = found.faces, found.faces.settings
    groups = len(set(faces.group.tolist()))
    of = f" out of {groups:,} films or sequences" if faces.grouped else ""
    text = (
        f"{len(faces):,} faces of {len(faces.identities)} people{of} with {len(faces.expressions)} expressions; "
        f"{len(found.heads)} trained heads over {len(found.seeds)} seed{'s' if len(found.seeds) != 1 else ''}"
    )
    if math.isfinite(found.test_faces):
        text += f"; {found.train_faces:,.0f} faces to learn from and {found.test_faces:,.0f} to test each"
    for key, words in (("split", "split by {}"), ("extractor", "features of {}")):
        if isinstance(settings.get(key), str) and settings[key]:
            text += "; " + words.format(name(settings[key], 60)).replace("split by stratified", "stratified split")
    if found.expressions:
        text += f". Networks are compared with the set of expressions “{name(found.expressions, 30)}”"
        sources = sorted({each.arm.source for each in found.main.values()} - {""})
        if sources:
            words = [figures.SOURCES.get(each, name(each)).lower() for each in sources]
            text += f"; those put in are the {figures.listed(words)} ones"
    return text + "."


def _title(net: str, found: Judgement) -> str:
    given = found.faces.settings.get("nets")
    if isinstance(given, dict) and isinstance(given.get(net), dict) and given[net].get("title"):
        return name(str(given[net]["title"]).removeprefix("control: "), 40)
    known = NETS.get(net) or CONTROLS.get(net)
    return known.title.removeprefix("control: ") if known is not None else ""


def _networks(found: Judgement) -> Iterator[Block]:
    yield Heading("Identification")
    named = {net: each for net, each in found.main.items() if math.isfinite(each.get("accuracy").mean)}
    if not named:
        yield Text("No network that names people is there.")
        return
    confidence = f"{percent(found.options.confidence, 0)} %"
    rows = tuple(
        (
            name(net), _title(net, found), share(each.get("accuracy", part="validation")), share(each.get("accuracy")),
            percent(each.get("accuracy").spread),
        )
        for net, each in named.items()
    )  # fmt: skip
    yield Table(
        ("Net", "What it is", "Validation", "Test", "Spread"), rows, "llrrr",
        f"Accuracy in %, mean over seeds with its {confidence} interval; spread: standard deviation over seeds (test)",
    )  # fmt: skip
    bars = [
        (name(net), each.get("accuracy").low, each.get("accuracy").mean, each.get("accuracy").high)
        for net, each in named.items()
    ]
    titled = [(f"{row[0]}  {_title(net, found)}", *row[1:]) for net, row in zip(named, bars, strict=True)]
    caption = f"Test accuracy in % with {confidence} intervals"
    yield Plot(caption, lines.forest(bars), svg.forest(titled, caption, "test accuracy, %"))
    rows = tuple(
        (
            name(net), figures.plain(each.get("loss", part="validation")), figures.plain(each.get("loss")),
            figures.number(each.get("loss").spread),
        )
        for net, each in named.items()
    )  # fmt: skip
    yield Table(("Net", "Validation", "Test", "Spread"), rows, "lrrr", "Loss (cross-entropy, natural logarithm)")


def _expression(found: Judgement) -> Iterator[Block]:
    named = {net: each for net, each in found.main.items() if ("test", "expression", "accuracy") in each.estimates}
    if not named:
        return
    yield Heading("Expressions recognised")
    rows = tuple(
        (
            name(net),
            share(each.get("accuracy", "expression", "validation")),
            share(each.get("accuracy", "expression")),
            percent(each.get("accuracy", "expression").spread),
        )
        for net, each in named.items()
    )  # fmt: skip
    yield Table(
        ("Net", "Validation", "Test", "Spread"), rows, "lrrr",
        f"Accuracy of the expression output in %, set of expressions “{name(found.expressions)}”; spread: over seeds "
        f"(test). {_commonest(named.values())}",
    )  # fmt: skip
    rows = tuple(
        (name(net), *(figures.plain(each.get("loss", "expression", part)) for part in ("validation", "test")))
        for net, each in named.items()
    )
    yield Table(("Net", "Validation", "Test"), rows, "lrr", "Loss of the expression output")


def _commonest(several: Iterable[Seen]) -> str:
    """What naming one expression for every face would get."""
    tables = [each.confusion["expression"] for each in several]
    share = max(float(each.sum(axis=1).max() / each.sum()) for each in tables)
    return f"Naming every face by the commonest expression gets {percent(share)} %"


def _thesis(found: Judgement) -> Iterator[Block]:
    there = [net for net in IDENTITY if net in found.main]
    if not there:
        return
    yield Heading("Beside the thesis of 2017")
    rows = []
    for net in there:
        told, ours = IDENTITY[net], found.main[net]
        rows.append(
            (net, *(percent(each) for each in told.accuracy), percent(ours.get("accuracy", part="validation").mean),
             percent(ours.get("accuracy").mean), f"{told.loss[1]:.3f}", figures.number(ours.get("loss").mean))
        )  # fmt: skip
    yield Table(
        ("Net", "Thesis val.", "Thesis test", "Val.", "Test", "Thesis loss", "Loss"), tuple(rows), "lrrrrrr",
        "Identification in %, and test loss. The thesis: other data (98 actors, 30,091 pictures), one seed; compare "
        "the order, not the size",
    )  # fmt: skip
    rows = [
        (net, *(percent(each) for each in EXPRESSION[net].accuracy),
         percent(found.main[net].get("accuracy", "expression", "validation").mean),
         percent(found.main[net].get("accuracy", "expression").mean))
        for net in there if net in EXPRESSION
    ]  # fmt: skip
    if rows:
        head = ("Net", "Thesis val.", "Thesis test", "Val.", "Test")
        yield Table(head, tuple(rows), "lrrrr", "Expressions in %, likewise")


def _method(found: Judgement) -> Iterator[Block]:
    yield Heading("How to read this")
    options = found.options
    seeds = (
        "Each seed draws its own split, first weights and order, the same for all networks: networks are compared seed "
        "by seed."
    )
    single = (
        f"Intervals of single networks ({percent(options.confidence, 0)} %): bootstrap over seeds and, inside, over "
        f"groups of faces (films or sequences; else single images), {options.resamples:,} resamples."
        if options.resamples
        else "Intervals of single networks: none, for no resamples were asked for."
    )
    student = (
        "Intervals of pairs and of the calibration error: Student's t over seeds, for these are no means over faces. "
        "With two or three seeds they are much wider than those of the bootstrap, which then are a little too narrow."
    )
    tests = (
        "Differences: corrected resampled t-test (Nadeau and Bengio 2003). Splits of one data set share faces, which "
        f"the variance 1/{len(found.seeds)} + {found.ratio:.3f} (test faces / training faces) makes up for."
    )
    holm = (
        f"p is adjusted by Holm, so that the chance of any false claim in a table is at most "
        f"{100 * options.level:g} %; an interval stands for itself, and may leave out 0 where nothing is shown."
    )
    none = (
        "“No difference shown” is no proof of none. “Seen from” says how large a true difference had to be for this "
        f"study to show it {percent(options.power, 0)} % of the time, by the noncentral t distribution, if the spread "
        "over seeds that was seen is the true one. A spread below what rounding to whole faces leaves is taken as that."
    )
    yield Bullets((seeds, single, student, tests, holm, none))
    notes = found.faces.settings.get("notes")
    notes = [str(each) for each in notes] if isinstance(notes, list | tuple) else []
    everything = (*_changed(found), *found.notes, *notes)
    if everything:
        yield Heading("Notes")
        more = (f"and {len(everything) - _NOTES:,} more",) if len(everything) > _NOTES else ()
        yield Bullets((*(name(each, 300) for each in everything[:_NOTES]), *more))


def _changed(found: Judgement) -> tuple[str, ...]:
    """Networks of the table that had other layers, and all that were trained otherwise than usual."""
    given = found.faces.settings.get("nets")
    nets = {net: each for net, each in given.items() if isinstance(each, dict)} if isinstance(given, dict) else {}
    said = []
    layers = [net for net in nets if net in NETS and nets[net].get("layers") not in (None, "", str(NETS[net].layers))]
    if layers:
        said.append(
            f"{figures.listed(layers)} had other layers than in the thesis: claims about them are claims about these"
        )
    otherwise: dict[tuple[str, bool], list[str]] = {}
    for net, each in nets.items():
        what = each.get("changed")
        if isinstance(what, list) and what:
            otherwise.setdefault((", ".join(str(one) for one in what), net in NETS), []).append(net)
    for (what, of_thesis), which in otherwise.items():
        if of_thesis:
            said.append(f"not trained as in the thesis: {figures.listed(which)}, {what}")
        else:  # of a sweep they may be hundreds: what was changed comes first
            more = [f"{len(which) - _NAMES:,} more"] if len(which) > _NAMES else []
            said.append(f"not trained as usual, {what}: {figures.listed([*which[:_NAMES], *more])}")
    return tuple(said)
