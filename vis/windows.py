"""What of its input each unit of a layer reads: the kernels, strides and paddings of Keras' layers and operations.

After Araujo, Norris, Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks",
doi:10.23915/distill.00021; transposed convolutions and upsampling, which it leaves out, read every 1/zoom-th unit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import keras

Number: TypeAlias = int | Fraction


@dataclass(frozen=True, slots=True)
class Window:
    """Along one axis, unit i reads the units from (i·stride − before)/zoom to (i·stride − before + kernel − 1)/zoom."""

    kernel: Number = 1
    stride: int = 1
    before: Number = 0
    zoom: Number = 1


POINT = Window()
Windows: TypeAlias = tuple[Window | None, ...]  # one an axis; None: every unit reads all of it


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of N units without its batch axis: its `shape`, and where its channels stand."""

    shape: tuple[int, ...]
    channels_first: bool = False

    @property
    def places(self) -> tuple[int, ...]:
        """Its size along the axes that are no channels: height and width."""
        return self.shape[1:] if self.channels_first else self.shape[:-1]

    def mixed(self, axes: Sequence[int]) -> Windows:
        """The windows of a layer that mixes what stands along these axes, counted with the batch axis."""
        rank = len(self.shape) + 1
        along = {axis % rank - 1 - self.channels_first for axis in axes}
        return tuple(None if place in along else POINT for place in range(len(self.places)))


@dataclass(frozen=True, slots=True)
class Step:
    """A layer, what it `read` and what it `made` of that."""

    layer: Any
    read: Tensor
    made: Tensor

    @property
    def rank(self) -> int:
        """How many axes with places it reads."""
        return len(self.read.places)


def windows_of(step: Step) -> Windows | None:
    """What the units that a layer made read, axis by axis of what it read; None where nobody knows.

    A class of somebody's own is known where it inherits its `call` from Keras.
    """
    call = getattr(type(step.layer), "call", None)
    if call is None or not call.__module__.startswith("keras."):
        return None
    find = next((_KNOWN[kind] for kind in _kinds(step.layer) if kind in _KNOWN), None)
    return find(step) if find else None


def _kinds(layer: Any) -> list[str]:
    # An operation of a graph is told from a layer of the same name (Softmax, Concatenate): its axis may differ.
    prefix = "" if isinstance(layer, keras.Layer) else "ops."
    return [prefix + each.__name__ for each in type(layer).__mro__ if each.__module__.startswith("keras.")]


def _point(step: Step) -> Windows:
    return (POINT,) * step.rank


def _whole(step: Step) -> Windows:
    return (None,) * step.rank


def _convolution(step: Step) -> Windows:
    layer = step.layer
    rate = _tuple(getattr(layer, "dilation_rate", 1), len(layer.kernel_size))
    kernels = [(kernel - 1) * each + 1 for kernel, each in zip(layer.kernel_size, rate, strict=True)]
    return _strided(step, kernels, layer.strides)


def _pooling(step: Step) -> Windows:
    pool = step.layer.pool_size
    return _strided(step, _tuple(pool, step.rank), step.layer.strides or pool)


def _strided(step: Step, kernels: Sequence[int], strides: Any) -> Windows:
    if len(kernels) != step.rank:
        return _whole(step)
    return tuple(
        Window(kernel, stride, _before(step.layer.padding, size, kernel, stride))
        for size, kernel, stride in zip(step.read.places, kernels, _tuple(strides, step.rank), strict=True)
    )


def _before(padding: str, size: int, kernel: int, stride: int) -> int:
    """How many zeros stand before the first unit."""
    match padding.lower():
        case "same":
            return max((-(-size // stride) - 1) * stride + kernel - size, 0) // 2
        case "causal":
            return kernel - 1
        case _:
            return 0


def _transposed(step: Step) -> Windows:
    layer, rank = step.layer, len(step.layer.kernel_size)
    if rank != step.rank:
        return _whole(step)
    extra = (None,) * rank if layer.output_padding is None else _tuple(layer.output_padding, rank)
    found = []
    for kernel, rate, stride, more in zip(
        layer.kernel_size, _tuple(layer.dilation_rate, rank), _tuple(layer.strides, rank), extra, strict=True
    ):
        wide = (kernel - 1) * rate + 1
        before = wide - 1
        if layer.padding.lower() == "same":
            padded = wide + stride - 2 if more is None else wide + wide % 2 - 2 + more
            before = min(-(-padded // 2), before)
        found.append(Window(wide, 1, before, stride))
    return tuple(found)


def _upsampling(step: Step) -> Windows:
    interpolation = getattr(step.layer, "interpolation", "nearest")
    sizes = _tuple(step.layer.size, step.rank)
    if interpolation == "nearest":
        return tuple(Window(size, 1, size - 1, size) for size in sizes)
    return tuple(_resampled(Fraction(size), interpolation) for size in sizes)


def _resizing(step: Step) -> Windows | None:
    if any(getattr(step.layer, name, False) for name in ("crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias")):
        return None
    pairs = zip(step.read.places, step.made.places, strict=True)
    return tuple(_resampled(Fraction(after, before), step.layer.interpolation) for before, after in pairs)


_REACH = {"nearest": Fraction(1, 2), "bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 5}


def _resampled(zoom: Fraction, interpolation: str) -> Window | None:
    """Unit o lies over (o + ½)/zoom − ½ of what it is made of, and reads so far to both sides."""
    reach = _REACH.get(interpolation)
    if reach is None:
        return None
    return Window(2 * reach * zoom + 1, 1, reach * zoom + (zoom - 1) / 2, zoom)


def _padding(step: Step) -> Windows:
    return tuple(Window(before=before) for before in _firsts(step.layer.padding))


def _cropping(step: Step) -> Windows:
    return tuple(Window(before=-before) for before in _firsts(step.layer.cropping))


def _centre(step: Step) -> Windows | None:
    lost = [before - after for before, after in zip(step.read.places, step.made.places, strict=True)]
    return tuple(Window(before=-(each // 2)) for each in lost) if min(lost) >= 0 else None


def _firsts(pairs: Any) -> list[int]:
    if isinstance(pairs, int):
        return [pairs]
    return [pairs[0]] if all(isinstance(each, int) for each in pairs) else [each[0] for each in pairs]


def _dense(step: Step) -> Windows:
    return step.read.mixed((-1,))


def _along_axis(step: Step) -> Windows:
    axis = step.layer.axis
    if axis is None:
        return _whole(step)
    return step.read.mixed(axis if isinstance(axis, list | tuple) else (axis,))


def _moved(step: Step) -> Windows | None:
    """Reshape, Permute, a slice: what keeps the size of each place keeps the place."""
    order = getattr(step.layer, "dims", None) or getattr(step.layer, "axes", None)
    kept = tuple(range(1, step.rank + 1)), (0, *range(1, step.rank))  # of a layer without, of an operation with batch
    if order is not None and tuple(order)[: step.rank] not in kept:
        return _whole(step)
    same = not step.read.channels_first and step.made.shape[: step.rank] == step.read.places
    return _point(step) if same or step.made.places == step.read.places else _whole(step)


def _wrapped(step: Step) -> Windows | None:
    return windows_of(Step(step.layer.layer, step.read, step.made))


def _in_time(step: Step) -> Windows | None:
    if step.read.channels_first:
        return None
    inner = windows_of(Step(step.layer.layer, Tensor(step.read.shape[1:]), Tensor(step.made.shape[1:])))
    return None if inner is None else (POINT, *inner)


def _tuple(value: Any, rank: int) -> tuple[int, ...]:
    return (value,) * rank if isinstance(value, int) else tuple(value)


def _table(*rows: tuple[Callable[[Step], Windows | None], str]) -> dict[str, Callable[[Step], Windows | None]]:
    return {name: find for find, names in rows for name in names.split()}


_KNOWN = _table(
    (_convolution, "BaseConv BaseSeparableConv BaseDepthwiseConv"),
    (_transposed, "BaseConvTranspose"),
    (_pooling, "BasePooling ops.MaxPool ops.AveragePool"),
    (_whole, "BaseGlobalPooling Flatten MultiHeadAttention GroupedQueryAttention Attention"),
    (_whole, "AdditiveAttention Dot GroupNormalization RepeatVector"),
    (_upsampling, "UpSampling1D UpSampling2D UpSampling3D"),
    (_resizing, "Resizing"),
    (_padding, "ZeroPadding1D ZeroPadding2D ZeroPadding3D"),
    (_cropping, "Cropping1D Cropping2D Cropping3D"),
    (_centre, "CenterCrop"),
    (_dense, "Dense"),
    (_along_axis, "LayerNormalization RMSNormalization UnitNormalization Softmax Concatenate"),
    (_along_axis, "ops.Concatenate ops.Softmax ops.LogSoftmax ops.Mean ops.Sum ops.Max ops.Min ops.Var ops.Std"),
    (_along_axis, "ops.Any ops.All"),
    (_moved, "Reshape Permute ops.Reshape ops.Transpose ops.GetItem ops.ExpandDims ops.Squeeze"),
    (_wrapped, "SpectralNormalization"),
    (_in_time, "TimeDistributed"),
    (_point, "Activation ReLU LeakyReLU PReLU ELU Identity Dropout GaussianNoise GaussianDropout AlphaDropout"),
    (_point, "BatchNormalization Rescaling Normalization ActivityRegularization Masking Embedding EinsumDense"),
    (_point, "Add Subtract Multiply Average Maximum Minimum"),
    (_point, "RandomFlip RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness RandomShear"),
    (_point, "ops.Add ops.Subtract ops.Multiply ops.Divide ops.TrueDivide ops.Maximum ops.Minimum ops.Power"),
    (_point, "ops.Negative ops.Absolute ops.Square ops.Sqrt ops.Rsqrt ops.Exp ops.Log ops.Clip ops.Cast ops.Where"),
    (_point, "ops.Relu ops.ReLU ops.Relu6 ops.LeakyRelu ops.Elu ops.Selu ops.Gelu ops.Silu ops.Sigmoid"),
    (_point, "ops.HardSigmoid ops.HardSilu ops.Softplus ops.Softsign ops.Tanh ops.Copy ops.Greater ops.Less"),
    (_point, "ops.GreaterEqual ops.LessEqual ops.Equal ops.NotEqual ops.LogicalAnd ops.LogicalOr ops.StopGradient"),
)
