"""The backends: compiled functions and their gradients on TensorFlow, JAX and PyTorch. No other file knows them.

Everything in here takes and returns tensors of the backend, except what `compiled` returns: that takes NumPy
arrays, and returns NumPy arrays in the structure that the function returned.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import ops, tree

from .keras_private import value_of

Tensor: TypeAlias = Any
Function: TypeAlias = Callable[..., Any]


def compiled(model: Any, function: Function) -> Function:
    """`function(*tensors)` as a function of arrays, traced once for each shape.

    The weights of `model` are those of the moment of each call. Nothing of the model changes: what a layer would
    write (statistics, losses) goes into a scope that is dropped.
    """
    match keras.backend.backend():
        case "tensorflow":
            return _tensorflow(function)
        case "jax":
            return _jax(model, function)
        case "torch":
            return _torch(function)
        case other:
            raise NotImplementedError(f"no gradients on the backend {other!r}: use tensorflow, jax or torch")


def once(function: Function, *arrays: np.ndarray) -> None:
    """Calls `function(*tensors)` now, for what it does on its way: tensors have shapes, but not everywhere values."""
    with keras.StatelessScope():
        match keras.backend.backend():
            case "jax":
                import jax

                def silent(*tensors: Tensor) -> None:
                    function(*tensors)

                jax.eval_shape(silent, *arrays)  # op by op JAX would compile each of them
            case "torch":
                import torch

                with torch.no_grad():
                    function(*(ops.convert_to_tensor(each) for each in arrays))
            case _:
                function(*(ops.convert_to_tensor(each) for each in arrays))


def _tensorflow(function: Function) -> Function:
    import tensorflow as tf

    def scoped(*tensors: Tensor) -> Any:
        with keras.StatelessScope():
            return tree.map_structure(_wide, function(*tensors))

    # A partial has no code of its own to be recognised by: TensorFlow would count all our functions as one that
    # is traced again and again, and warn of it in the middle of a training.
    traced = tf.function(functools.partial(scoped), autograph=False, reduce_retracing=False)
    # What a call of `traced` looks up by the types of its arguments costs a small network a tenth of its time, and
    # tf.convert_to_tensor as much: hence a table of our own, and tf.constant.
    concrete: dict[tuple[Any, ...], Function] = {}

    def call(*arrays: np.ndarray) -> Any:
        tensors = [tf.constant(each) for each in arrays]
        key = tuple((each.shape, each.dtype) for each in arrays)
        if key not in concrete:
            concrete[key] = traced.get_concrete_function(*tensors)
        return tree.map_structure(np.asarray, concrete[key](*tensors))  # no copy, as each.numpy() makes

    call.traces = lambda: len(concrete)  # type: ignore[attr-defined]
    return call


def _jax(model: Any, function: Function) -> Function:
    import jax

    variables: list[Any] = []

    def stateless(values: Sequence[Tensor], *tensors: Tensor) -> Any:
        # As arguments: a compiled function would keep the weights of the day it was compiled.
        with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
            return tree.map_structure(_wide, function(*tensors))

    traced = jax.jit(stateless)

    def call(*arrays: np.ndarray) -> Any:
        variables[:] = model.variables
        values = [value_of(variable) for variable in variables]
        return tree.map_structure(np.asarray, traced(values, *arrays))

    # The bare method would keep all of it alive for ever: what it is bound to does not show to the garbage collector.
    call.traces = lambda: traced._cache_size()  # type: ignore[attr-defined] # noqa: SLF001, PLW0108
    return call


def _torch(function: Function) -> Function:
    import torch

    def call(*arrays: np.ndarray) -> Any:
        with torch.no_grad(), keras.StatelessScope():
            found = function(*(ops.convert_to_tensor(each) for each in arrays))
            return tree.map_structure(lambda each: _wide(each).detach().cpu().numpy(), found)

    call.traces = lambda: 1  # type: ignore[attr-defined]
    return call


def _wide(tensor: Tensor) -> Tensor:
    # NumPy has no bfloat16, and a half is nothing to compute with.
    half = keras.backend.standardize_dtype(tensor.dtype) in ("float16", "bfloat16")
    return ops.cast(tensor, "float32") if half else tensor


def value_and_gradient(function: Function, tensors: Sequence[Tensor], scale: float = 1.0) -> tuple[Any, list[Tensor]]:
    """`function(*tensors)` → (scalar, anything): that anything, and the gradient of the scalar by each tensor.

    A tensor that the scalar does not depend on has a gradient of zeros. `scale` multiplies on the way back and
    is divided out: half floats would lose small gradients.
    """

    def scaled(*each: Tensor) -> tuple[Tensor, Any]:
        value, aside = function(*each)
        total: Any = ops.cast(value, "float32") if scale != 1.0 else value
        return total * scale, aside

    found: Any
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(list(tensors))
                value, aside = scaled(*tensors)
            found = tape.gradient(value, list(tensors), unconnected_gradients=tf.UnconnectedGradients.ZERO)
        case "jax":
            import jax

            by = tuple(range(len(tensors)))
            (_, aside), found = jax.value_and_grad(scaled, argnums=by, has_aux=True)(*tensors)
        case _:
            import torch

            with torch.enable_grad():
                leaves = [each.detach().requires_grad_() for each in tensors]
                value, aside = scaled(*leaves)
                found = _torch_gradient(value, leaves)
            aside = tree.map_structure(lambda each: each.detach(), aside)
    return aside, [each / scale if scale != 1.0 else each for each in found]


def _torch_gradient(value: Tensor, leaves: Sequence[Tensor], **options: Any) -> list[Tensor]:
    import torch

    if not value.requires_grad:
        return [torch.zeros_like(each) for each in leaves]
    found = torch.autograd.grad(value, leaves, allow_unused=True, **options)
    return [torch.zeros_like(leaf) if each is None else each for each, leaf in zip(found, leaves, strict=True)]


def gradient_within(function: Function, scale: float = 1.0) -> tuple[Any, Tensor]:
    """The gradient of a scalar by a tensor on the way to it, in one pass.

    `function(mark)` → (scalar, anything); it calls `mark(tensor)` once and goes on with what that gives. Returns that
    anything, and the gradient by the marked tensor in its shape, in float32 where that is of half floats. What lies
    before it is not gone back through.
    """
    marked: list[Tensor] = []

    def scaled(mark: Callable[[Tensor], Tensor]) -> tuple[Tensor, Any]:
        value, aside = function(mark)
        total: Any = ops.cast(value, "float32") if scale != 1.0 else value
        return total * scale, aside

    found: Any
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            with tf.GradientTape(watch_accessed_variables=False) as tape:

                def watched(tensor: Tensor) -> Tensor:
                    tape.watch(tensor)
                    marked.append(tensor)
                    return tensor

                value, aside = scaled(watched)
            found = tape.gradient(value, marked[0], unconnected_gradients=tf.UnconnectedGradients.ZERO)
        case "jax":
            import jax

            def seen(tensor: Tensor) -> Tensor:
                marked.append(tensor)
                return tensor

            jax.eval_shape(lambda: scaled(seen)[0])
            nothing = jax.numpy.zeros(marked[0].shape, marked[0].dtype)
            (_, aside), found = jax.value_and_grad(lambda shift: scaled(lambda each: each + shift), has_aux=True)(
                nothing
            )
        case _:
            import torch

            def cut(tensor: Tensor) -> Tensor:
                marked.append(tensor.detach().requires_grad_())
                torch.set_grad_enabled(True)
                return marked[0]

            with torch.no_grad():  # until the mark: what lies before it needs no graph
                value, aside = scaled(cut)
            (found,) = _torch_gradient(value, marked)
            aside = tree.map_structure(lambda each: each.detach(), aside)
    found = _wide(found)
    return aside, found / scale if scale != 1.0 else found


def pulled_back(
    function: Function,
    tensors: Sequence[Tensor],
    seeds: Callable[[Any], Tensor],
    scale: float = 1.0,
    *,
    together: bool = False,
) -> tuple[Any, list[Tensor]]:
    """One forward pass, several backward ones: the vector-Jacobian products of `function` for K seeds.

    `function(*tensors)` → (y, anything); `seeds((y, anything))` → K seeds of the shape of y, stacked K×…. Returns
    (y, anything) and, for each tensor, K×its shape.

    Each pass back is compiled of its own, so K is a small number: in a loop of the backend each takes twice
    (TensorFlow) to ten times (JAX) as long. `together`: as one batch where the backend can, which is faster for
    activations that stay within the cache.
    """
    match keras.backend.backend():
        case "tensorflow":
            y, aside, found = _tensorflow_pull(function, tensors, seeds, scale, together)
        case "jax":
            import jax

            y, back, aside = jax.vjp(function, *tensors, has_aux=True)
            found = _columns([back(seed) for seed in _times(seeds((y, aside)), scale)])
        case _:
            import torch

            with torch.enable_grad():
                leaves = [each.detach().requires_grad_() for each in tensors]
                y, aside = function(*leaves)
            y_seeds = _times(seeds((y.detach(), aside)), scale)
            found = _columns(
                [
                    _torch_gradient(y, leaves, grad_outputs=seed, retain_graph=place + 1 < len(y_seeds))
                    for place, seed in enumerate(y_seeds)
                ]
            )
            y, aside = y.detach(), tree.map_structure(lambda each: each.detach(), aside)
    return (y, aside), [each / scale if scale != 1.0 else each for each in found]


def _tensorflow_pull(
    function: Function, tensors: Sequence[Tensor], seeds: Callable[[Any], Tensor], scale: float, together: bool
) -> tuple[Tensor, Any, list[Tensor]]:
    import tensorflow as tf

    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(list(tensors))
        y, aside = function(*tensors)

    def back(seed: Tensor) -> list[Tensor]:
        return tape.gradient(y, list(tensors), seed, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    y_seeds = _times(seeds((y, aside)), scale)
    if together:
        try:
            return y, aside, tf.vectorized_map(back, y_seeds, fallback_to_while_loop=False)
        except ValueError:
            pass  # an operation on the way that no batch can be made of
    return y, aside, _columns([back(seed) for seed in tf.unstack(y_seeds)])


def _times(tensor: Tensor, scale: float) -> Tensor:
    return tensor * scale if scale != 1.0 else tensor


def _columns(rows: Sequence[Sequence[Tensor]]) -> list[Tensor]:
    return [ops.stack(column) for column in zip(*rows, strict=True)]


def weight_gradients(model: Any, loss: Callable[[], Tensor]) -> tuple[Tensor, list[Tensor]]:
    """The value of `loss()` and its gradient by each trainable variable of `model`, in their order."""
    variables = model.trainable_variables

    def scoped() -> Tensor:
        # Keras' penalties look their variables up in the scope, and one inside of another hides all of it.
        with keras.StatelessScope(state_mapping=[(each, each.value) for each in model.variables]):
            return loss()

    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            inner = [variable.value for variable in variables]
            with tf.GradientTape() as tape:
                value = scoped()
            return value, tape.gradient(value, inner, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        case "jax":
            import jax

            trains = {id(variable) for variable in variables}
            fixed = [(each, each.value) for each in model.variables if id(each) not in trains]

            def of_weights(values: Sequence[Tensor]) -> Tensor:
                with keras.StatelessScope(state_mapping=[*fixed, *zip(variables, values, strict=True)]):
                    return loss()

            return jax.value_and_grad(of_weights)([variable.value for variable in variables])
        case _:
            import torch

            with torch.enable_grad():
                value = scoped()
                return value.detach(), _torch_gradient(value, [variable.value for variable in variables])
