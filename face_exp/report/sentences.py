"""The answers in words, each with how sure it is: for a reader who has not seen a p-value before."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..judging.claims import Comparison
from ..judging.judge import Judgement
from ..judging.number import Trend
from ..nets import NETS
from .figures import difference, interval, listed, of_p, percent, points

QUESTIONS = (
    "1. Does expression help to recognise faces?",
    "2. Which way of using it is best?",
    "3. Does the number of expressions matter?",
)

_CEILING = 0.99


def answers(found: Judgement) -> tuple[tuple[str, ...], ...]:
    """The sentences that answer each of the three questions."""
    return (_helps(found), _best(found), _number(found))


def verdict(each: Comparison) -> str:
    """Of one comparison, as few words as a table takes."""
    return {
        "shown": "shown",
        "not shown": "no difference shown",
        "opposite shown": "the opposite is shown",
        "stands": "no difference shown",
        "refuted": "refuted: a gain is shown",
        "worse": "shown to be worse",
        "untested": "cannot be tested",
    }[each.verdict]


def trend_verdict(each: Trend) -> str:
    """Of one trend, likewise."""
    return "cannot be tested" if math.isnan(each.found.p) else "shown" if each.significant else "no trend shown"


def told(each: Comparison, power: float) -> str:
    """A comparison as a sentence: effect, interval, p, verdict, and what would have been seen."""
    pair, found = each.claim.pair, each.found
    if math.isnan(found.mean):
        return f"{pair}: cannot be tested, for no seed has both networks."
    if each.verdict == "untested":
        return f"{pair}: {points(found.mean)} points, but {found.why}."
    text = f"{pair}: {difference(found)} points, adjusted {of_p(each.adjusted)}: {verdict(each)}"
    return f"{text}{'' if each.significant else '; ' + could(each.smallest, power)}."


def could(smallest: float, power: float, what: str = "a true difference") -> str:
    """What a study would have seen, and what not."""
    sure = f"been seen with {percent(power, 0)} % power"
    if smallest > 1:
        return f"even {what} of 100 points would not have {sure}"
    return f"{what} of {percent(smallest)} points or more would have {sure}"


def confounded(found: Judgement) -> str:
    """How far the expression alone goes; the sentence that stands beside every gain."""
    each = found.confounds.get(found.expressions) or found.confounds[""]
    if not each.seeds or math.isnan(each.guess):
        return "How well the expression alone tells the identity is not known: no test faces are there."
    text = (
        f"The expression alone, without a face, names {percent(each.guess)} % of the test faces rightly; always naming "
        f"the commonest person, {percent(each.commonest)} %. It holds {percent(each.share)} % of what there is to know "
        "of the identity"
    )
    if each.gain > 0.005 or each.share > 0.02:
        return f"{text}: a gain by an extra input can in part be this hint of who it is, not better seeing."
    return f"{text}: next to nothing, so a gain by an extra input would not be such a hint."


def _helps(found: Judgement) -> tuple[str, ...]:
    into = [each for each in found.claims if each.claim.first in "DEF" and each.claim.question == 1]
    out = [each for each in found.claims if each.claim.first in "GHI"]
    said = [_kind("As an extra input", into, found), *_doubt(found), _kind("As an extra output", out, found)]
    return (*said, confounded(found))


def _kind(start: str, asked: Sequence[Comparison], found: Judgement) -> str:
    made = [each for each in asked if each.verdict != "untested"]
    if not made:
        return f"{start}: not known, for {_why_untested(asked, found)}."
    better = [each for each in made if each.significant and each.found.mean > 0]
    worse = [each for each in made if each.significant and each.found.mean < 0]
    open_ = [each for each in made if not each.significant]
    parts: list[str] = []
    for word, several in (("better", better), ("worse", worse)):
        if several:
            pairs = [
                f"{each.claim.pair} {difference(each.found)} points, adjusted {of_p(each.adjusted)}" for each in several
            ]
            parts.append(f"it is {word} in {_of(several, made)} ({'; '.join(pairs)})")
    if open_:
        largest = max(open_, key=lambda each: each.found.mean)
        seen = max(each.smallest for each in open_)
        parts.append(
            f"{_none_of(open_, made)} ({_largest(open_)}{largest.claim.pair}, {difference(largest.found)} points, "
            f"adjusted {of_p(largest.adjusted)}), where {could(seen, found.options.power, 'true differences')}"
        )
    return f"{start}: {_short(better, worse, open_)}. {_sentence(listed(parts))}{_spared(open_, found)}"


def _spared(open_: Sequence[Comparison], found: Judgement) -> str:
    """Intervals beside 0 of comparisons that are not shown: readers take them for a contradiction."""
    spared = [each for each in open_ if each.found.low > 0 or each.found.high < 0]
    tested = sum(each.verdict != "untested" for each in found.claims)
    level, confidence = (f"{100 * share:g} %" for share in (found.options.level, found.options.confidence))
    by_chance = f"among {tested} comparisons that happens by chance too often to be evidence"
    by_level = f"an interval has {confidence} confidence, and the tests have the level of {level}"
    text = ""
    for several, why in (
        ([each for each in spared if each.found.p <= found.options.level], by_chance),  # Holm alone leaves them open
        ([each for each in spared if each.found.p > found.options.level], by_level),
    ):
        if several:
            alone = len(several) == 1
            one, itself, leaves = ("interval", "itself", "leaves") if alone else ("intervals", "themselves", "leave")
            text += (
                f" The {one} of {listed([each.claim.pair for each in several])}, by {itself}, {leaves} out 0: {why}."
            )
    return text


def _short(better: Sequence[object], worse: Sequence[object], open_: Sequence[object]) -> str:
    match bool(better), bool(worse), bool(open_):
        case True, False, False:
            return "yes"
        case True, False, True:
            return "in part"
        case True, True, _:
            return "that depends"
        case False, True, False:
            return "no, it harms"
        case False, True, True:
            return "no gain is shown, and some harm"
        case _:
            return "not shown, which is no proof that it does not"


def _of(some: Sequence[object], everything: Sequence[object]) -> str:
    if len(everything) == 1:
        return "the one comparison there is"
    if len(some) == len(everything):
        return f"all {len(everything)} comparisons"
    return f"{len(some)} of {len(everything)} comparisons"


def _none_of(some: Sequence[object], everything: Sequence[object]) -> str:
    if len(everything) == 1:
        return "the one comparison there is shows no difference"
    if len(some) == len(everything):
        return f"none of the {len(everything)} comparisons shows a difference"
    return f"{len(some)} of {len(everything)} {'shows' if len(some) == 1 else 'show'} no difference"


def _largest(several: Sequence[object]) -> str:
    return "the largest: " if len(several) > 1 else ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _why_untested(asked: Sequence[Comparison], found: Judgement) -> str:
    if len(found.seeds) == 1:
        return "a test takes two seeds or more, and there is one"
    missing = sorted({net for each in asked for net in (each.claim.first, each.claim.second) if net not in found.main})
    return (
        f"{listed(missing)} {'are' if len(missing) > 1 else 'is'} missing"
        if missing
        else "no two networks of a pair share two seeds"
    )


def _doubt(found: Judgement) -> tuple[str, ...]:
    """Whether the gain of an extra input is one of expression: it has to go when expressions are shuffled."""
    said: list[str] = []
    gained = [each for each in found.claims if each.claim.question == 1 and each.significant and each.found.mean > 0]
    for each in gained:
        net = each.claim.first
        if net not in "DEF":
            continue
        source = found.main[net].arm.source
        word = "predicted" if source == "predicted" else "true"
        control = next((c for c in found.controls if c.claim.pair == f"{net} {source}–{net} shuffled"), None)
        if source == "shuffled":
            said.append(f"But {net} had shuffled expressions: its gain is none of expression.")
        elif control is None:
            said.append(f"{net} was not trained with shuffled expressions: that its gain is one of expression is open.")
        elif control.verdict == "untested":
            said.append(f"Shuffled expressions cannot be told from {word} ones in {net}: {control.found.why}.")
        elif control.significant and control.found.mean > 0:
            said.append(
                f"{net} does better with {word} expressions than with shuffled ones ({difference(control.found)} "
                "points), so it is the expression, not only the larger network."
            )
        elif control.significant:
            said.append(
                f"But {net} does better with shuffled expressions than with {word} ones "
                f"({difference(control.found)} points): its gain is none of expression."
            )
        else:
            said.append(
                f"But between {word} and shuffled expressions no difference is shown in {net} "
                f"({difference(control.found)} points): its gain need not be one of expression."
            )
    return tuple(said)


def _best(found: Judgement) -> tuple[str, ...]:
    nine = {net: each for net, each in found.main.items() if net in NETS and math.isfinite(each.get("accuracy").mean)}
    if not nine:
        return ("Not known: none of the networks A to I is there.",)
    order = sorted(nine, key=lambda net: -nine[net].get("accuracy").mean)
    most = nine[order[0]].get("accuracy").mean
    alike = [net for net in order if nine[net].get("accuracy").mean > most - 1e-9]
    if len(alike) > 1:
        said = [f"{listed(alike)} are alike and highest in the mean, {percent(most)} %"]
        if most > _CEILING:
            said[0] += ": hardly a face is left to tell them apart by"
    else:
        said = [f"Highest in the mean is {_named(order[0], found)}"]
    if len(alike) == 1 and order[0] in found.first:
        said[0] += (
            f"; it comes first in {percent(found.first[order[0]], 0)} % of resampled studies (chosen after "
            "looking, a best one is flattered: this is a hint, the tests below are the evidence)"
        )
    said[0] += "."
    kinds = {
        "without expression": [net for net in order if NETS[net].kind == "baseline"],
        "with extra input": [net for net in order if NETS[net].kind == "extra input"],
        "with extra output": [net for net in order if NETS[net].kind == "extra output"],
    }
    best = [f"{kind} {_named(nets[0], found, title=False)}" for kind, nets in kinds.items() if nets]
    if len(best) > 1:
        said.append(f"The best of each kind: {'; '.join(best)}.")
    for pair, asks in (("E–F", "Where to put it in, late against early"), ("C–B", "A deeper network without it")):
        each = next((one for one in found.claims if one.claim.pair == pair), None)
        if each is not None:
            said.append(f"{asks}: {told(each, found.options.power)}")
    return tuple(said)


def _named(net: str, found: Judgement, *, title: bool = True) -> str:
    each = found.main[net].get("accuracy")
    bounds = interval(each.low, each.high)
    return f"{net}{f' ({NETS[net].title})' if title else ''}, {percent(each.mean)} %{' ' + bounds if bounds else ''}"


def _number(found: Judgement) -> tuple[str, ...]:
    asked = [each for each in found.trends if each.net in NETS and each.source in {"", found.options.source}]
    if not asked:
        return ("Not asked: this study has one set of expressions only (--expressions 7,5,3,2,1 asks it).",)
    said: list[str] = []
    for kind, start in (("extra input", "As an extra input"), ("extra output", "As an extra output")):
        some = [each for each in asked if NETS[each.net].kind == kind]
        if some:
            said.append(_trends(start, some, found))
    if any(each.least == 1 for each in asked):
        said.append("There are no two sets of two or more expressions, so this also asks whether any expression helps.")
    return tuple(said)


def _trends(start: str, asked: Sequence[Trend], found: Judgement) -> str:
    made = [each for each in asked if math.isfinite(each.found.p)]
    if not made:
        return f"{start}: not known, for {asked[0].found.why}."
    shown = [each for each in made if each.significant]
    open_ = [each for each in made if not each.significant]
    parts = [
        f"{each.net} gets {'better' if each.found.mean > 0 else 'worse'} with more expressions: "
        f"{difference(each.found)} points for each doubling of their number, adjusted {of_p(each.adjusted)}"
        for each in shown
    ]
    if open_:
        largest = max(open_, key=lambda each: abs(each.found.mean))
        seen = max(each.smallest for each in open_)
        parts.append(
            f"no trend is shown for {listed([each.net for each in open_])} ({_largest(open_)}{largest.net}, "
            f"{difference(largest.found)} points for each doubling of the number, adjusted {of_p(largest.adjusted)}), "
            f"where {could(seen, found.options.power, 'trends')}"
        )
    short = "yes" if not open_ else "in part" if shown else "not shown, which is no proof that it does not"
    return f"{start}: {short}. {_sentence('; '.join(parts))}"
