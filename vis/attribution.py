"""The gradient of a class by the input: what saliency, guided back-propagation, SmoothGrad and others share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from keras import ops

from .gradients import value_and_gradient
from .probe import Probe, chosen, picked
from .rules import Rule

Array: TypeAlias = np.ndarray


@dataclass(frozen=True, slots=True)
class ClassGradient:
    """For N inputs: `scores` N×C as the head gives them, `logits` N×C, the explained `classes` N, and the gradient
    of that class' logit by the picture input, in its shape. `rectifiers` followed the rule.
    """

    scores: Array
    logits: Array
    classes: Array
    gradient: Array


def class_gradient(
    probe: Probe, inputs: Sequence[Array], wanted: Array, rule: Rule = "plain", batch: int | None = None
) -> ClassGradient:
    """The gradient of the logit of the wanted class (−1: the predicted) by the picture input.

    `inputs` are arrays of one length, one for each input of the model; they go through the network in parts of
    `batch`. One compiled function gives prediction and gradient in one pass.
    """
    network, place = probe.network, probe.image_input

    def function(*tensors: Any) -> Any:
        *given, classes = tensors

        def score(image: Any) -> Any:
            run = network.run([*given[:place], image, *given[place + 1 :]], rule=rule, logits=True)
            logits = probe.logits_of(run)
            explained = chosen(logits, classes)
            return ops.sum(picked(logits, explained)), (probe.probabilities_of(logits), logits, explained)

        aside, (gradient,) = value_and_gradient(score, [given[place]], network.scale)
        return (*aside, gradient)

    size = batch or probe.batch
    parts = []
    for at in range(0, len(wanted), size):
        chunk = [each[at : at + size] for each in (*inputs, wanted)]
        parts.append(network.call(("class gradient", rule, probe.output, place), function, *chunk))
    return ClassGradient(
        *(np.concatenate(column) if len(parts) > 1 else column[0] for column in zip(*parts, strict=True))
    )
