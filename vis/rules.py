"""How a gradient passes a rectifier on its way back: the one thing in which several techniques differ.

plain         the derivative: what is below the threshold lets nothing through
guided        the derivative, and only what is positive (Springenberg et al. 2015, arXiv:1412.6806)
deconvolution only what is positive, wherever it was rectified (Zeiler and Fergus 2014, arXiv:1311.2901)
redirected    the derivative; for a sample to which it gives nothing at all, what would lift a rectified value
              (a dead unit's way out, after Olah et al. 2017, doi:10.23915/distill.00007)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from keras import ops

Rule: TypeAlias = Literal["plain", "guided", "deconvolution", "redirected"]
Tensor: TypeAlias = Any


def rectifier(rule: Rule, max_value: float | None = None, threshold: float = 0.0) -> Callable[[Tensor], Tensor]:
    """A ReLU whose gradient follows `rule`. `max_value` and `threshold` as of keras.layers.ReLU."""

    @ops.custom_gradient
    def rectified(x: Tensor) -> Any:
        open_ = x > threshold
        y = ops.maximum(x, 0.0) if threshold == 0 else ops.where(open_, x, ops.zeros_like(x))
        if max_value is not None:
            y = ops.minimum(y, max_value)
            open_ = ops.logical_and(open_, x < max_value)

        def back(*arguments: Tensor, upstream: Tensor | None = None) -> Tensor:
            # PyTorch hands the saved arguments over and names the gradient, the others hand over the gradient.
            return _back(rule, open_, arguments[0] if upstream is None else upstream)

        return y, back

    return rectified


def _back(rule: Rule, open_: Tensor, gradient: Tensor) -> Tensor:
    positive = ops.maximum(gradient, 0.0)
    if rule == "deconvolution":
        return positive
    nothing = ops.zeros_like(gradient)
    if rule == "guided":
        return ops.where(open_, positive, nothing)
    plain = ops.where(open_, gradient, nothing)
    if rule == "redirected":
        axes = tuple(range(1, len(gradient.shape)))
        blocked = ops.all(plain == 0, axis=axes, keepdims=True)
        return ops.where(blocked, positive, plain)
    return plain
