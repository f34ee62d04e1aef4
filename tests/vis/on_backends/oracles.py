"""What the engine is held against: the same things written out slowly in NumPy and float64, from papers and by hand.

Nothing in here imports trainvis or differentiates by a framework. Pictures are N×H×W×C, kernels H×W×in×out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray
Pair: TypeAlias = tuple[int, int]
Rule: TypeAlias = Literal["plain", "guided", "deconvolution"]


# --- windows


@dataclass(frozen=True)
class Window:
    """How a kernel or pool slides over a picture."""

    size: Pair
    strides: Pair = (1, 1)
    padding: str = "valid"
    dilation: Pair = (1, 1)

    def places(self, extent: Pair) -> tuple[list[int], list[int]]:
        """The first row of each window, and the first column (negative: it hangs over the border)."""
        return tuple(self._starts(axis, extent[axis]) for axis in (0, 1))  # type: ignore[return-value]

    def _starts(self, axis: int, length: int) -> list[int]:
        reach = (self.size[axis] - 1) * self.dilation[axis] + 1
        stride = self.strides[axis]
        if self.padding == "valid":
            return list(range(0, length - reach + 1, stride))
        count = -(-length // stride)
        before = max((count - 1) * stride + reach - length, 0) // 2
        return [place * stride - before for place in range(count)]

    def pixels(self, row: int, column: int, extent: Pair) -> list[tuple[int, int, int, int]]:
        """(place in the kernel, place in the picture) of one window, without what hangs over the border."""
        found = []
        for i in range(self.size[0]):
            for j in range(self.size[1]):
                y, x = row + i * self.dilation[0], column + j * self.dilation[1]
                if 0 <= y < extent[0] and 0 <= x < extent[1]:
                    found.append((i, j, y, x))
        return found


def convolved(x: Array, kernel: Array, window: Window) -> Array:
    """N×H×W×in → N×H'×W'×out."""
    rows, columns = window.places(x.shape[1:3])
    y = np.zeros((len(x), len(rows), len(columns), kernel.shape[-1]))
    for r, row in enumerate(rows):
        for c, column in enumerate(columns):
            for i, j, above, left in window.pixels(row, column, x.shape[1:3]):
                y[:, r, c] += x[:, above, left] @ kernel[i, j]
    return y


def transposed(y: Array, kernel: Array, window: Window, extent: Pair) -> Array:
    """The transposed convolution as a scatter loop: each value of y puts its kernel into the picture it came from."""
    rows, columns = window.places(extent)
    x = np.zeros((len(y), *extent, kernel.shape[-2]))
    for r, row in enumerate(rows):
        for c, column in enumerate(columns):
            for i, j, above, left in window.pixels(row, column, extent):
                x[:, above, left] += y[:, r, c] @ kernel[i, j].T
    return x


def pooled(x: Array, window: Window) -> tuple[Array, Array]:
    """Maxima, and the switches: for each the row and column of the first largest, N×H'×W'×C×2."""
    rows, columns = window.places(x.shape[1:3])
    shape = (len(x), len(rows), len(columns), x.shape[-1])
    y, switches = np.full(shape, -np.inf), np.zeros((*shape, 2), int)
    for r, row in enumerate(rows):
        for c, column in enumerate(columns):
            for _, _, above, left in window.pixels(row, column, x.shape[1:3]):
                value = x[:, above, left]
                larger = value > y[:, r, c]  # not ≥: the first of equal ones stays
                y[:, r, c] = np.where(larger, value, y[:, r, c])
                switches[:, r, c] = np.where(larger[..., None], (above, left), switches[:, r, c])
    return y, switches


def unpooled(y: Array, switches: Array, extent: Pair) -> Array:
    """Each value back to where the maximum stood; those of overlapping windows add up."""
    x = np.zeros((len(y), *extent, y.shape[-1]))
    for index in np.ndindex(y.shape):
        n, _, _, channel = index
        above, left = switches[index]
        x[n, above, left, channel] += y[index]
    return x


def averaged(x: Array, window: Window) -> Array:
    """Means over what of a window lies inside the picture."""
    rows, columns = window.places(x.shape[1:3])
    y = np.zeros((len(x), len(rows), len(columns), x.shape[-1]))
    for r, row in enumerate(rows):
        for c, column in enumerate(columns):
            inside = [x[:, above, left] for _, _, above, left in window.pixels(row, column, x.shape[1:3])]
            y[:, r, c] = np.mean(inside, axis=0)
    return y


def unaveraged(y: Array, window: Window, extent: Pair) -> Array:
    rows, columns = window.places(extent)
    x = np.zeros((len(y), *extent, y.shape[-1]))
    for r, row in enumerate(rows):
        for c, column in enumerate(columns):
            inside = window.pixels(row, column, extent)
            for _, _, above, left in inside:
                x[:, above, left] += y[:, r, c] / len(inside)
    return x


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# --- a chain of layers, and the way back through it


@dataclass
class Step:
    """One layer of a chain: its kind, what it is made of and, after `forward`, what went in and came out."""

    name: str
    kind: str
    kernel: Array | None = None
    bias: Array | float = 0.0
    window: Window | None = None
    relu: bool = False
    x: Array = field(default_factory=lambda: np.zeros(0))
    z: Array = field(default_factory=lambda: np.zeros(0))
    y: Array = field(default_factory=lambda: np.zeros(0))
    switches: Array = field(default_factory=lambda: np.zeros(0, int))

    def forward(self, x: Array) -> Array:
        self.x = x
        match self.kind:
            case "conv":
                self.z = convolved(x, self.kernel, self.window) + self.bias
            case "dense":
                self.z = x @ self.kernel + self.bias
            case "max":
                self.z, self.switches = pooled(x, self.window)
            case "average":
                self.z = averaged(x, self.window)
            case "mean":
                self.z = x.mean(axis=(1, 2))
            case "flatten":
                self.z = x.reshape(len(x), -1)
            case _:
                self.z = x
        self.y = np.maximum(self.z, 0) if self.relu else self.z
        return self.y

    def below_relu(self, r: Array, rule: Rule) -> Array:
        """A signal on its way back through the rectifier of this layer."""
        if not self.relu:
            return r
        match rule:
            case "plain":
                return r * (self.z > 0)
            case "guided":
                return np.maximum(r, 0) * (self.z > 0)
            case "deconvolution":
                return np.maximum(r, 0)

    def back(self, r: Array) -> Array:
        """A signal on its way back through what is linear in this layer. No bias: that is for the way forward."""
        extent = self.x.shape[1:3]
        match self.kind:
            case "conv":
                return transposed(r, self.kernel, self.window, extent)
            case "dense":
                return r @ self.kernel.T
            case "max":
                return unpooled(r, self.switches, extent)
            case "average":
                return unaveraged(r, self.window, extent)
            case "mean":
                return np.broadcast_to(r[:, None, None] / np.prod(extent), self.x.shape)
            case "flatten":
                return r.reshape(self.x.shape)
            case _:
                return r


class Chain:
    """A line of convolutions, pools and dense layers, the last without its softmax."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = list(steps)

    def forward(self, x: Array) -> Array:
        for step in self.steps:
            x = step.forward(np.asarray(x, np.float64))
        return x

    def step(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)

    def back(self, seed: Array, rule: Rule, name: str | None = None) -> Array:
        """A seed at the output of a layer (the last without a name) down to the input, by a rule. After `forward`."""
        place = len(self.steps) - 1 if name is None else [step.name for step in self.steps].index(name)
        r = seed
        for step in reversed(self.steps[: place + 1]):
            r = step.back(step.below_relu(r, rule))
        return r

    def deconvolution(self, name: str, map_: int) -> Array:
        """The deconvolutional network as of the thesis, written out: for one map of one layer, its largest activation
        alone, then down through transposed convolutions, rectifiers and the switches of the pools. N×H×W×C.
        """
        place = [step.name for step in self.steps].index(name)
        top = self.steps[place]
        r = strongest_alone(top.y, map_)
        r = top.back(r)  # the rectifier of the layer itself is passed by: what it gave is no less than 0
        for step in reversed(self.steps[:place]):
            r = step.back(np.maximum(r, 0) if step.relu else r)
        return r


def strongest_alone(y: Array, map_: int) -> Array:
    """Zeros but for the largest value of one map (the first of equal ones), of each of N."""
    seed = np.zeros_like(y)
    for n in range(len(y)):
        row, column = np.unravel_index(np.argmax(y[n, ..., map_]), y.shape[1:-1])
        seed[n, row, column, map_] = y[n, row, column, map_]
    return seed


_SAME = ("InputLayer", "Dropout", "GaussianNoise", "Activation", "ReLU", "Softmax")


def chain_of(model: Any) -> Chain:
    """The steps of a Sequential Keras model, from its layers' attributes. A softmax at its end is left out."""
    return Chain([_step(layer) for layer in model.layers])


def _step(layer: Any) -> Step:
    kind = type(layer).__name__
    activation = getattr(getattr(layer, "activation", None), "__name__", "")
    relu = activation == "relu" or kind == "ReLU"
    if kind in ("Conv2D", "Dense"):
        kernel, *bias = (np.asarray(each, np.float64) for each in layer.get_weights())
        window = None
        if kind == "Conv2D":
            window = Window(layer.kernel_size, layer.strides, layer.padding, layer.dilation_rate)
        return Step(layer.name, "conv" if window else "dense", kernel, bias[0] if bias else 0.0, window, relu)
    if kind in ("MaxPooling2D", "AveragePooling2D"):
        window = Window(layer.pool_size, layer.strides, layer.padding)
        return Step(layer.name, "max" if kind.startswith("Max") else "average", window=window)
    if kind == "GlobalAveragePooling2D":
        return Step(layer.name, "mean")
    if kind == "Flatten":
        return Step(layer.name, "flatten")
    assert kind in _SAME, f"the oracle knows no {kind}"
    return Step(layer.name, "same", relu=relu)


# --- gradients


def differences(function: Callable[[Array], Array], x: Array, step: float = 1e-5) -> Array:
    """∂f/∂x by central differences, in the shape of x. `function`: M×… → M; x is one input without a batch axis."""
    size = x.size
    shifts = step * np.eye(size).reshape(size, *x.shape)
    up, down = function(x + shifts), function(x - shifts)
    return ((up - down) / (2 * step)).reshape(x.shape)


def integrated(
    gradient: Callable[[Array], Array], x: Array, baseline: Array, pieces: int = 400, order: int = 5
) -> Array:
    """Integrated gradients (Sundararajan et al. 2017) by Gauss-Legendre quadrature in many pieces.

    `gradient`: M×… → M×…; x and baseline are one input each.
    """
    nodes, weights = np.polynomial.legendre.leggauss(order)
    alphas = ((np.arange(pieces)[:, None] + (nodes + 1) / 2) / pieces).ravel()
    shares = np.tile(weights / 2, pieces) / pieces
    path = baseline + alphas.reshape(-1, *[1] * x.ndim) * (x - baseline)
    return (x - baseline) * np.tensordot(shares, gradient(path), 1)


# --- class activation maps: A are H×W×K activations, g = ∂z/∂A in the same shape


def grad_cam(a: Array, g: Array) -> Array:
    """Selvaraju et al. 2017, equations 1 and 2."""
    alpha = g.mean(axis=(0, 1))
    return np.maximum(np.einsum("hwk,k->hw", a, alpha), 0)


def grad_cam_plus_plus(a: Array, g: Array) -> Array:
    """Chattopadhay et al. 2018, equations 10 to 13 and 19, for Y = exp(z): all derivatives of Y are powers of g."""
    below = 2 * g**2 + a.sum(axis=(0, 1)) * g**3
    alpha = np.divide(g**2, below, out=np.zeros_like(g), where=below != 0)
    weights = (alpha * np.maximum(g, 0)).sum(axis=(0, 1))
    return np.maximum(np.einsum("hwk,k->hw", a, weights), 0)


def layer_cam(a: Array, g: Array) -> Array:
    """Jiang et al. 2021, equations 6 to 8."""
    return np.maximum((np.maximum(g, 0) * a).sum(axis=-1), 0)


# --- blur


def gaussian_weights(sigma: float, truncate: float = 4.0) -> Array:
    """The kernel of scipy.ndimage.gaussian_filter: cut at `truncate` standard deviations, sum 1."""
    radius = int(truncate * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return weights / weights.sum()


def blurred(x: Array, sigma: float) -> Array:
    """H×W×C, each channel blurred over height and width; at the border the picture is mirrored with its last row."""
    weights = gaussian_weights(sigma)
    radius = len(weights) // 2
    for axis in (0, 1):
        width = [(radius, radius) if axis == each else (0, 0) for each in range(x.ndim)]
        padded = np.pad(x, width, mode="symmetric")
        length = x.shape[axis]
        slices = [np.take(padded, range(place, place + length), axis=axis) for place in range(len(weights))]
        x = sum(weight * each for weight, each in zip(weights, slices, strict=True))
    return x


IMPULSE_9X9_SIGMA_1 = 0.1591558917  # the middle of a blurred unit impulse, as scipy 1.17 gives it


# --- receptive fields


@dataclass(frozen=True)
class Field:
    """One axis of a receptive field: its size, the distance between neighbours, where that of unit 0 begins."""

    size: int = 1
    stride: int = 1
    start: int = 0

    def of_unit(self, place: int) -> Pair:
        """First and last pixel + 1; what hangs over the border is in it."""
        first = self.start + place * self.stride
        return first, first + self.size


def receptive_field(layers: Sequence[tuple[int, int, int]]) -> Field:
    """Araujo, Norris, Sim 2019, doi:10.23915/distill.00021: layers of (kernel, stride, padding in front) from the input
    on; a kernel with dilation counts with the holes in it, (k − 1)·d + 1.
    """
    size, stride, start = 1, 1, 0
    for kernel, step, before in layers:
        size += (kernel - 1) * stride
        start -= before * stride
        stride *= step
    return Field(size, stride, start)
