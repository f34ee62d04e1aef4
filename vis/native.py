"""Code of somebody's own that speaks to the backend itself: its functions max(0, x), and what was compiled before.

Beside `gradients` the only file that knows the backends. A walk that goes through the `call` of a user's layer has to
see a rectifier there by whatever name, and must find the code as it is written: what TensorFlow, JAX or PyTorch has
compiled runs without passing by us, or, worse, would keep our gradient for ever if it were compiled while we looked.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import keras

Tensor: TypeAlias = Any
Rectify: TypeAlias = Callable[[Tensor, float | None, float], Tensor | None]
Around: TypeAlias = Callable[[Any], Any]


class Wanted(threading.local):
    """What a thread wants of the rectifiers it comes by: `rectify(x, max_value, threshold)`, which may give None for
    the function itself; nothing where that is None.
    """

    rectify: Rectify | None = None

    @contextmanager
    def instead(self, rectify: Rectify | None) -> Iterator[None]:
        """While it lasts, this thread wants something else."""
        before, self.rectify = self.rectify, rectify
        try:
            yield
        finally:
            self.rectify = before

    def applied(self, original: Callable[..., Tensor], arguments: Any, named: Any, settings: Any) -> Tensor:
        """What is wanted in the place of `original(*arguments, **named)`, a rectifier with such settings."""
        if self.rectify is None:
            return original(*arguments, **named)
        found = self.rectify(arguments[0] if arguments else next(iter(named.values())), *settings)
        if found is not None:
            return found
        with self.instead(None):  # it may come to a second one on its way down to the backend
            return original(*arguments, **named)


@functools.cache
def _rectifiers() -> tuple[tuple[Any, float | None], ...]:
    """The backend's own functions max(0, x), each with its ceiling."""
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            return (tf.nn.relu, None), (tf.nn.relu6, 6.0)
        case "jax":
            import jax

            return (jax.nn.relu, None), (jax.nn.relu6, 6.0)
        case "torch":
            import torch

            functional = torch.nn.functional
            return (torch.relu, None), (functional.relu, None), (torch.Tensor.relu, None), (functional.relu6, 6.0)
    return ()


def ceiling(function: Any) -> tuple[float | None] | None:
    """(The ceiling,) of a rectifier of the backend, also as a module of PyTorch; None for anything else."""
    found = next(((most,) for own, most in _rectifiers() if own is function), None)
    if found is None and keras.backend.backend() == "torch":
        import torch

        if type(function) in (torch.nn.ReLU, torch.nn.ReLU6):
            return (None,) if type(function) is torch.nn.ReLU else (6.0,)
    return found


def places(wanted: Wanted) -> list[tuple[Any, str, Around]]:
    """What is replaced while a walk goes through foreign code: (owner, name, what to put around the original)."""
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            compiled = (type(tf.function(lambda: None)), "__call__", functools.partial(_written, wanted))
            return [compiled, *_named(tf.nn, wanted)]
        case "jax":
            import jax

            return _named(jax.nn, wanted)
    return []  # PyTorch has a mode for it


def _named(owner: Any, wanted: Wanted) -> list[tuple[Any, str, Around]]:
    return [(owner, name, around(wanted, most)) for name, most in (("relu", None), ("relu6", 6.0))]


def around(wanted: Wanted, most: float | None) -> Around:
    """Puts what a thread wants around a function max(0, x), or one with a ceiling."""

    def instead(original: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            return wanted.applied(original, arguments, named, (most, 0.0))

        return call

    return instead


def _written(wanted: Wanted, original: Any) -> Any:
    """A tf.function that, while a walk goes through it, is the Python function it was made of."""

    def call(self: Any, *arguments: Any, **named: Any) -> Any:
        own = str(getattr(self.python_function, "__module__", ""))
        # Keras' own need their compiler: a grouped convolution has no kernel without.
        if wanted.rectify is None or own.startswith("keras."):
            return original(self, *arguments, **named)
        return self.python_function(*arguments, **named)

    return call


@contextmanager
def as_written(wanted: Wanted) -> Iterator[None]:
    """While it lasts, code of this thread runs as it is written, compiled or not, as far as the backend has a mode."""
    match keras.backend.backend():
        case "jax":
            import jax

            with jax.disable_jit():
                yield
        case "torch":
            with _uncompiled(), _torch_mode(wanted):
                yield
        case _:
            yield


@contextmanager
def _uncompiled() -> Iterator[None]:
    import torch

    if not hasattr(torch.compiler, "set_stance"):  # before PyTorch 2.6
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield


def _torch_mode(wanted: Wanted) -> Any:
    from torch.overrides import TorchFunctionMode

    known = dict(_rectifiers())

    class Rectified(TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, arguments: Any = (), named: Any = None) -> Any:
            del types
            if function in known:
                return wanted.applied(function, arguments, named or {}, (known[function], 0.0))
            return function(*arguments, **(named or {}))

    return Rectified()
