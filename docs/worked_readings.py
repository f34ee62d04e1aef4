"""What the thesis read from its pictures, each as a claim that is measured on a run of the worked example."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np
import readings
from readings import Look, Reading, verdict
from worked_run import Array, WorkedRun

from trainvis.examples.thesis_digits import SAMPLE

FIRST = 3  # steps from stage to stage that count as the first ones
MOST = 0.5  # of all change
CALM = 0.5  # of the change of the first third: what is less is called stable
UNTRAINED = (
    "The activations of the pool are the exception among the stages. Kernels that were never trained already pass the "
    "digit on, so these pictures have little left to change; all that depends on the *classes* settles within the "
    "first epoch."
)
FILTERS = (
    "That a map finds the same part everywhere is for the most part no work of training: kernels at random do so "
    "nearly as well, for whatever a filter is, one pattern fits it best. What training adds is which parts these are."
)
PACKED = (
    "`dense` is named after photographs. On digits it keeps the fewest pixels of the four sets, packed into strokes: "
    "it is the sparsest."
)
BY_NATURE = (
    "That a misread digit shows the other's saliency is less of a discovery than it seems: saliency *is* the gradient "
    "of the class that was read."
)
SETS: Mapping[str, str] = {  # as the table of the paper describes what they make
    "sparse": "a sparse set of important regions",
    "high_frequency": "high-frequency patterns",
    "low_frequency": "low-frequency patterns",
    "dense": "dense pixels",
}


def all_of(run: WorkedRun) -> list[Reading]:
    """Every reading of the thesis' chapters 5 and 6."""
    looks = looks_of(run)
    return [
        stages(run),
        calm(run),
        parts(run),
        *(of_set(name, looks) for name in SETS),
        mistaken(run),
        captions(run),
        dead(run),
    ]


@cache
def changes(run: WorkedRun) -> dict[str, Array]:
    """How much each picture changes from stage to stage, by what it is a picture of: T−1 numbers, means of ten."""
    stacks = {
        "activations of the pool": run.pool_stages,
        "saliency": run.saliency_stages,
        "deconvolution": run.projection_stages,
        "deep visualisation": run.ascent_stages,
    }
    return {name: readings.changes(stack).mean(axis=1) for name, stack in stacks.items()}


def stages(run: WorkedRun) -> Reading:
    """Most change happens in the first stages."""
    steps = run.shown - 1
    shares = {name: readings.early_share(change[:steps], FIRST) for name, change in changes(run).items()}
    return Reading(
        "Most change happens in the first stages.",
        "Change is 1 − the correlation of a picture with itself at the stage before, the mean of the ten. The share of "
        f"the first {FIRST} of the {steps} steps of two epochs in all change (evenly spread: {FIRST / steps:.0%}; "
        "most: more than half).",
        listed({name: f"{share:.0%}" for name, share in shares.items()}),
        verdict(*(share > MOST for share in shares.values())),
        UNTRAINED if shares["activations of the pool"] <= MOST else "",
    )


def calm(run: WorkedRun) -> Reading:
    """Then it stabilises."""
    steps = run.shown - 1
    ratios = {name: readings.calming(change[:steps]) for name, change in changes(run).items()}
    return Reading(
        "Then the pictures stabilise.",
        f"Mean change in the last third of these {steps} steps, over that in the first third (stable: below {CALM:g}).",
        listed({name: f"{ratio:.2f}" for name, ratio in ratios.items()}),
        verdict(*(ratio < CALM for ratio in ratios.values())),
    )


def parts(run: WorkedRun) -> Reading:
    """Late-pool maps find the same part in other images."""
    maps, patches, _ = run.patches()
    found, before = readings.alike(patches), readings.alike(run.patches(0)[1])
    size = "×".join(map(str, patches.shape[2:]))
    return Reading(
        "A map of the late pool finds the same part in other images.",
        f"The {size} pixels of each digit that the strongest unit of a map sees (its receptive field), for the "
        f"{len(maps)} maps that are active on all ten digits: the mean correlation between such patches of different "
        "digits, of the same map and of two maps.",
        f"same map {found.same:.2f}, two maps {found.other:.2f}; above the latter for {found.more} of {len(maps)} "
        f"maps. Before training: {before.same:.2f} and {before.other:.2f}",
        verdict(found.same > found.other + 0.2, found.more == len(maps)),
        FILTERS if before.same > found.same / 2 else "",
    )


def looks_of(run: WorkedRun) -> dict[str, Look]:
    """What the pictures of each set of regularisers are like, at the end."""
    return {name: readings.look(run.set_of(name)) for name in SETS}


def of_set(name: str, looks: Mapping[str, Look]) -> Reading:
    """What row of the table of regularisers says of a set, held against the other three."""
    own, others = looks[name], [look for other, look in looks.items() if other != name]
    claim, remark = f"The set `{name}` makes {SETS[name]}.", ""
    match name:
        case "sparse":
            how = "The share of pixels with nine tenths of the energy, the smallest of the four; that of pixels not 0."
            found = f"{own.concentrated:.0%} ({span(each.concentrated for each in others)}); {own.kept:.0%} are kept"
            held = [own.concentrated < each.concentrated for each in others]
        case "high_frequency":
            how = "The mean spatial frequency over the power spectrum in cycles per pixel, the highest of the four."
            found = f"{own.frequency:.3f} ({span((each.frequency for each in others), '.3f')})"
            held = [own.frequency > each.frequency for each in others]
        case "low_frequency":
            how = "The same, the lowest of the four."
            found = f"{own.frequency:.3f} ({span((each.frequency for each in others), '.3f')})"
            held = [own.frequency < each.frequency for each in others]
        case _:
            how = (
                "The share of pixels that are kept, the largest of the four; of those around a kept one, twice as many."
            )
            found = f"{own.kept:.0%} ({span(each.kept for each in others)}); {own.neighbours:.0%} around a kept one"
            held = [own.kept > each.kept for each in others] + [own.neighbours > 2 * own.kept]
            remark = PACKED if own.kept < min(each.kept for each in others) else ""
    return Reading(claim, how, found, verdict(*held), remark)


def mistaken(run: WorkedRun) -> Reading:
    """A digit taken for another shows the other's saliency."""
    found = run.mistakes
    judged, wrong = found.found, len(found.found.places)
    claim = "A digit that is taken for another shows the other's saliency."
    how = (
        f"All {found.count} digits of the validation part and the network after epoch {found.epoch}: the correlation "
        "of the saliency of each misread digit with the mean saliency of the rightly read ones of the class that it "
        "was taken for, and of its own class."
    )
    if not wrong:
        return Reading(claim, how, "nothing was misread", "does not hold")
    said = (
        f"{judged.like_the_other} of {wrong} misread ones are more like the other class ({judged.read.mean():.2f} "
        f"against {judged.own.mean():.2f}); of those read rightly {judged.right:.0%} are most like their own class"
    )
    return Reading(claim, how, said, verdict(judged.like_the_other > 0.9 * wrong, judged.right > 0.9), BY_NATURE)


def captions(run: WorkedRun) -> Reading:
    """Pictures are captioned with class and confidence of that stage."""
    count, worst = run.captions()
    first, last = ([each.scores[0] for each in run.saliency[stage].predictions] for stage in (0, -1))
    changed = sum(
        len({figure.predictions[digit].classes[0] for figure in run.saliency}) > 1 for digit in range(len(first))
    )
    agreement = f"confidences within {worst:.0e}" if worst else "classes and confidences the same to the last digit"
    return Reading(
        "Pictures are captioned with class and confidence of their stage.",
        "The captions in the figure files of the stages at which a network was saved, against a plain call of it.",
        f"{count} captions, {agreement}; mean confidence {np.mean(first):.0%} before "
        f"training, {np.mean(last):.0%} at the end; the class changes for {changed} of {len(first)} digits",
        verdict(count > 0, worst < 1e-4),
    )


def dead(run: WorkedRun) -> Reading:
    """A map is dead only if it stays dark for many different images."""
    found = [each for each in run.dark() if each.dark]
    said = listed({each.layer: f"{each.dark} of {each.units} dark, {each.dead} dead" for each in found})
    return Reading(
        "A map that is dark on one image need not be dead.",
        "At the end, by layer: maps (or units) that are dark on the one of the ten digits on which most are, and those "
        f"that are dark on every one of {SAMPLE} digits of the training data.",
        said or "no map is dark",
        verdict(any(each.dark > each.dead for each in found)),
    )


def listed(found: Mapping[str, str]) -> str:
    """Names and what belongs to them, in one line."""
    return ", ".join(f"{name} {said}" for name, said in found.items())


def span(values: Iterable[float], form: str = ".0%") -> str:
    """What the others have, from the smallest to the largest."""
    low, *_, high = sorted(values)
    return f"the others {low:{form}} to {high:{form}}"
