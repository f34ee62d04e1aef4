"""Grad-CAM++: Grad-CAM with weights that do not fade where a class is in the image several times.

Chattopadhyay, Sarkar, Howlader, Balasubramanian 2018, "Grad-CAM++: Improved Visual Explanations for Deep Convolutional
Networks", arXiv:1710.11063, equations 10 to 13 and 19. With Y = exp(z) all derivatives of Y are powers of g = ∂z/∂A
times Y. Y cancels from α and would scale the map as a whole; it is left out, for it may be too large for a float.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from ..cam import Method, Options

__all__ = ["Options", "attribute", "combined", "compute", "parts", "remarks"]


def combined(maps: Any, gradients: Any) -> Any:
    """ReLU(Σₖ wₖ·Aₖ), wₖ = Σ α·ReLU(g) over height and width, α = g²/(2g² + g³·Σ Aₖ), 0 where it is divided by 0."""
    # Divided by g², so that a small gradient does not vanish when it is raised to the third power.
    below: Any = 2 + gradients * ops.sum(maps, axis=(1, 2), keepdims=True)
    alpha: Any = ops.where(below == 0, 0.0, ops.reciprocal(ops.where(below == 0, 1.0, below)))
    weights = ops.sum(alpha * ops.relu(gradients), axis=(1, 2), keepdims=True)
    return ops.relu(ops.sum(weights * maps, axis=-1))


_method = Method("grad_cam_plus_plus", combined)
attribute, parts, remarks, compute = _method.attribute, _method.parts, _method.remarks, _method.compute
