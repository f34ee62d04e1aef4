"""Grad-CAM: the maps of a layer, each weighted with the mean of its gradient.

Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra 2017, "Grad-CAM: Visual Explanations from Deep Networks via
Gradient-based Localization", arXiv:1610.02391, equations 1 and 2. The score is the logit of the class.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from ..cam import Method, Options

__all__ = ["Options", "attribute", "combined", "compute", "parts", "remarks"]


def combined(maps: Any, gradients: Any) -> Any:
    """ReLU(Σₖ αₖ·Aₖ), where αₖ is the mean of ∂z/∂Aₖ over height and width."""
    weights = ops.mean(gradients, axis=(1, 2), keepdims=True)
    return ops.relu(ops.sum(weights * maps, axis=-1))


_method = Method("grad_cam", combined)
attribute, parts, remarks, compute = _method.attribute, _method.parts, _method.remarks, _method.compute
