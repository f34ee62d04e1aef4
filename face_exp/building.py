"""From the notation of a network to a Keras model, for whatever widths and numbers of classes the data has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .nets import Net

if TYPE_CHECKING:
    import keras


def build(net: Net, width: int, identities: int, expressions: int, seed: int = 0, trunk: Any = None) -> keras.Model:
    """The compiled model of a network, on any backend of Keras.

    Inputs by name: `features` (N×`width` float32; with a `trunk` whatever goes into that) and, where the net takes it,
    `expression` (N×`expressions`). Outputs by name: `identity` and `expression`, shares of classes; one output alone
    is a tensor, so that its metrics are plain `loss` and `accuracy`. `trunk` is a Keras model from its one input to
    N×`width` whose weights are trained with the head. Layers are named as `Layers.placed` names them.
    """
    raise NotImplementedError


def restart(model: keras.Model, net: Net, seed: int) -> None:
    """Bring a model of `build` (without a trunk) to where `build` with this seed begins, keeping what is compiled."""
    raise NotImplementedError
