"""What the topics about the engine share: a case with its Network, comparisons, a loop over the zoo, spies."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import keras
import numpy as np
from keras import ops, tree
from zoo import MODELS, Case

from trainvis.vis import gradients
from trainvis.vis.network import Network, as_logits
from trainvis.vis.rules import Rule

BACKEND = keras.backend.backend()


@dataclass
class Trial:
    """A case of the zoo, built, and the engine's view of it. `arrays` are its inputs, flat."""

    case: Case
    network: Network
    arrays: list[np.ndarray]
    _outputs: Any = field(default=None, repr=False)

    @property
    def output(self) -> int:
        """The place of the explained output among the flat ones."""
        wanted = self.case.output
        if wanted is None or isinstance(wanted, int):
            return wanted or 0
        return sorted(self.outputs).index(wanted)

    @property
    def outputs(self) -> Any:
        """What Keras itself gives for the inputs, in the structure of the model."""
        if self._outputs is None:
            self._outputs = plainly(self.case.model)(self.case.inputs)
        return self._outputs

    @property
    def tolerance(self) -> float:
        """Compiled half floats are rounded in other places."""
        return {"mixed_float16": 5e-3, "mixed_bfloat16": 5e-2, "float64": 1e-9}.get(self.case.policy, 1e-5)

    def walked(self, **options: Any) -> tuple[list[np.ndarray], dict[str, np.ndarray]]:
        """The flat outputs and the kept values of one compiled pass."""

        def function(*tensors: Any) -> Any:
            run = self.network.run(tensors, **options)
            return run.outputs, run.values

        key = ("walked", *sorted((name, str(value)) for name, value in options.items()))
        return self.network.call(key, function, *self.arrays)

    @property
    def floats(self) -> list[int]:
        return [place for place, each in enumerate(self.arrays) if each.dtype.kind == "f"]

    def logit_gradients(self, class_: int = 1, rule: Rule = "plain") -> tuple[list[np.ndarray], list[np.ndarray]]:
        """The flat outputs (logits), and the gradient of the sum of one class' logits by each float input."""
        network, places, output = self.network, self.floats, self.output

        def function(*tensors: Any) -> Any:
            def score(*of: Any) -> Any:
                given = list(tensors)
                for place, each in zip(places, of, strict=True):
                    given[place] = each
                found = network.run(given, rule=rule, logits=True).outputs
                logits = as_logits(found[output])
                return ops.sum(logits[:, min(class_, logits.shape[-1] - 1)]), found

            return gradients.value_and_gradient(score, [tensors[place] for place in places], network.scale)

        return network.call(("trial", rule, class_), function, *self.arrays)


def fresh(name: str) -> Trial:
    """A case that a check may change."""
    case = MODELS[name]()
    if name == "unbuilt_sequential":
        case.model.build(case.inputs.shape)
    arrays = list(tree.flatten(case.inputs))
    if case.policy == "float64":
        arrays = [each.astype("float64") if each.dtype.kind == "f" else each for each in arrays]
    return Trial(case, Network(case.model, case.inputs), arrays)


trial = lru_cache(maxsize=None)(fresh)  # for checks that change nothing: functions are compiled once


def for_each(
    check: Callable[[Trial], None], names: Sequence[str] | None = None, make: Callable[[str], Trial] = trial
) -> None:
    """Runs a check on networks of the zoo; says all that fail, not only the first."""
    failed = []
    for name in names or MODELS:
        try:
            check(make(name))
        except Exception:  # noqa: BLE001 - the answer says what went wrong
            failed.append(f"== {name}\n{traceback.format_exc(limit=-4)}")
    assert not failed, f"{len(failed)} of {len(names or MODELS)} networks\n" + "\n".join(failed)


def plainly(model: keras.Model) -> Callable[[Any], Any]:
    """What Keras itself makes of arrays, as NumPy; nothing of ours takes part. The model stays as it is."""

    def call(inputs: Any) -> Any:
        return model(inputs, training=False)

    def scoped(inputs: Any) -> Any:
        with keras.StatelessScope():
            return call(inputs)

    if BACKEND == "jax":
        import jax

        scoped = jax.jit(scoped)  # op by op it would compile each of them
    if BACKEND == "torch":
        import torch

        scoped = torch.no_grad()(scoped)
    return lambda inputs: tree.map_structure(as_array, scoped(inputs))


def as_array(tensor: Any) -> np.ndarray:
    if str(tensor.dtype).rpartition(".")[2] in ("float16", "bfloat16"):
        tensor = ops.cast(tensor, "float32")
    return np.asarray(ops.convert_to_numpy(tensor))


def far(found: Any, expected: Any) -> float:
    """The largest difference, relative to the largest value."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape, f"shape {found.shape}, not {expected.shape}"
    if found.dtype == bool:
        return float(np.any(found != expected))
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    difference = np.max(np.abs(np.nan_to_num(found) - np.nan_to_num(expected)), initial=0.0)
    return float(difference / max(np.max(np.abs(np.nan_to_num(expected)), initial=0.0), 1e-30))


def same(found: Any, expected: Any, bound: float, what: str = "") -> None:
    error = far(found, expected)
    assert error <= bound, f"{what}: they differ by {error:.2e} of the largest value"


@contextmanager
def spied(model: keras.Model) -> Iterator[list[tuple[Any, int, Any]]]:
    """Which layers are called while it lasts: (layer, how many of them were around it, output), as they end.

    Each layer's own `call` is watched, from outside of everything the engine does.
    """
    seen: list[tuple[Any, int, Any]] = []
    around: list[Any] = []

    def watch(layer: Any) -> None:
        original = layer.call

        def call(*arguments: Any, **named: Any) -> Any:
            around.append(layer)
            try:
                found = original(*arguments, **named)
            finally:
                around.pop()
            seen.append((layer, tuple(around), found))
            return found

        layer.__dict__["call"] = call

    layers = list(model._flatten_layers())
    try:
        for each in layers:
            watch(each)
        yield seen
    finally:
        for each in layers:
            each.__dict__.pop("call", None)
