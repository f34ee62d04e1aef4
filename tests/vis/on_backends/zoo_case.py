"""What a network of the zoo is, and how its weights are drawn: by NumPy, so that they are the same on every backend."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

import keras
import numpy as np
from keras.src.backend.common import dtypes

Arrays: TypeAlias = Any  # an array, a list or a dict of them, as the network takes it
Form: TypeAlias = Literal["sequential", "functional", "subclassed"]


@dataclass(frozen=True)
class Case:
    """A small network, a batch for it, and what is true of it.

    `head` names what its output (`output` of several) passes last; `bare()` is the same network with the same weights
    and without that. `rectifiers` counts the calls of a ReLU in one forward pass, `hidden_rectifiers` those of them
    that are ops in the code of somebody's own layer. `smooth`: neither a kink nor a pool that takes a maximum.
    `floating`: there is an input to differentiate by. `euler`: no bias anywhere, so Σ x·∂z/∂x = z. `doubles`:
    TensorFlow computes all of it in float64 on a CPU.
    """

    name: str
    note: str
    model: keras.Model
    inputs: Arrays
    bare: Callable[[], keras.Model]
    form: Form = "functional"
    head: str = "softmax"
    rectifiers: int = 0
    hidden_rectifiers: int = 0
    smooth: bool = False
    floating: bool = True
    euler: bool = False
    doubles: bool = True
    output: str | int | None = None
    finite: bool = True
    policy: str = "float32"


MODELS: dict[str, Callable[[], Case]] = {}
_FACTS: dict[str, dict[str, Any]] = {}


def named(**facts: Any) -> list[str]:
    """The networks of which this is true, without building one: `named(euler=True)`."""
    usual = {each.name: each.default for each in fields(Case)}
    return [name for name, known in _FACTS.items() if all({**usual, **known}[fact] == facts[fact] for fact in facts)]


def network(note: str, *, head: str = "softmax", policy: str = "", **facts: Any) -> Callable[[Callable], Callable]:
    """Puts `build(head) -> (model, inputs)` into the zoo under the name of the function.

    `head` goes to the function, None where the network is wanted bare. `policy` is the dtype policy it is built
    under; without one that of the moment.
    """

    def entered(build: Callable[[str | None], tuple[keras.Model, Arrays]]) -> Callable:
        name = build.__name__

        def made(last: str | None) -> tuple[keras.Model, Arrays]:
            keras.backend.clear_session()  # names count from the start
            with precision(policy) if policy else nullcontext(), zeros_first():
                model, inputs = build(last)
                draw_weights(model, name, finite=facts.get("finite", True))
            return model, inputs

        def case() -> Case:
            model, inputs = made(head)
            current = policy or keras.config.dtype_policy().name
            return Case(name, note, model, inputs, lambda: made(None)[0], head=head, policy=current, **facts)

        MODELS[name] = case
        _FACTS[name] = {**facts, "head": head, "policy": policy or "float32"}
        return build

    return entered


@contextmanager
def precision(policy: str) -> Iterator[None]:
    """Networks built inside have this dtype policy; float64 holds for what is computed inside as well."""
    before, floats = keras.config.dtype_policy(), keras.config.floatx()
    double = policy == "float64"
    keras.config.set_dtype_policy(policy)
    keras.config.set_floatx("float64" if double else "float32")
    # On JAX and PyTorch some operations of Keras give single floats for double ones.
    rounded, singles = dtypes.BIT64_TO_BIT32_DTYPE, dtypes.BIT64_TO_BIT32_DTYPE["float64"]
    try:
        rounded["float64"] = "float64" if double else singles
        with _jax_doubles() if double and keras.backend.backend() == "jax" else nullcontext():
            yield
    finally:
        rounded["float64"] = singles
        keras.config.set_dtype_policy(before)
        keras.config.set_floatx(floats)


def _jax_doubles() -> Any:
    import jax

    return jax.enable_x64(True)


@contextmanager
def zeros_first() -> Iterator[None]:
    """Layers made inside start with zeros: JAX would take a second to compile the drawing of each kernel."""
    kinds = (keras.initializers.VarianceScaling, keras.initializers.RandomUniform, keras.initializers.Orthogonal)
    kept = [kind.__call__ for kind in kinds]

    def zeros(_: Any, shape: tuple[int, ...], dtype: str | None = None) -> Any:
        return keras.ops.convert_to_tensor(np.zeros(shape), dtype=dtype or keras.config.floatx())

    for kind in kinds:
        kind.__call__ = zeros
    try:
        yield
    finally:
        for kind, call in zip(kinds, kept, strict=True):
            kind.__call__ = call


def draw_weights(model: keras.Model, seed: str, *, finite: bool = True) -> None:
    """Gives each weight values that are far from what a fresh layer has, and of a size that keeps signals alive."""
    rng = np.random.default_rng(zlib.crc32(seed.encode()))
    for weight in model.weights:
        weight.assign(drawn(rng, weight.path.rpartition("/")[2], tuple(weight.shape)).astype("float32"))
    if not finite:
        model.weights[0].assign(np.full(model.weights[0].shape, np.nan))


def drawn(rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    if name in {"gamma", "moving_variance", "variance", "scale"}:
        return rng.uniform(0.5, 1.5, shape)
    if name in {"alpha", "negative_slope"}:
        return rng.uniform(0.05, 0.4, shape)
    if name == "embeddings":
        return rng.normal(size=shape)
    if name in {"beta", "moving_mean", "mean"} or "bias" in name or len(shape) < 2:
        return rng.normal(scale=0.2, size=shape)
    fan_in = np.prod(shape[:-2]) if "depthwise" in name else np.prod(shape[:-1])
    return rng.normal(scale=np.sqrt(2.0 / fan_in), size=shape)


def floats(*shape: int, seed: int = 0) -> np.ndarray:
    """An input of normal numbers, float32; the first axis is the batch."""
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype("float32")


def ids(*shape: int, below: int = 20) -> np.ndarray:
    """An input of whole numbers, one of which is 0 (what masks leave out)."""
    numbers = np.random.default_rng([7, *shape]).integers(1, below, size=shape).astype("int32")
    numbers[..., -1] = 0
    return numbers
