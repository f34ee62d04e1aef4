"""Layer-CAM: each place of each map weighted with its own gradient, which keeps the detail of early layers.

Jiang, Zhang, Hou, Cheng, Wei 2021, "LayerCAM: Exploring Hierarchical Class Activation Maps for Localization",
doi:10.1109/TIP.2021.3089943, equations 6 to 8. The score is the logit of the class.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from ..cam import Method, Options

__all__ = ["Options", "attribute", "combined", "compute", "parts", "remarks"]


def combined(maps: Any, gradients: Any) -> Any:
    """ReLU(Σₖ ReLU(∂z/∂Aₖ)·Aₖ), place by place."""
    return ops.relu(ops.sum(ops.relu(gradients) * maps, axis=-1))


_method = Method("layer_cam", combined)
attribute, parts, remarks, compute = _method.attribute, _method.parts, _method.remarks, _method.compute
