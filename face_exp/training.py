"""Training a head: one network, one seed, a child run of its own; what it says of faces it has not seen, its scores."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from .errors import FacesError
from .layers import EXPRESSION, IDENTITY, Placed
from .nets import Net
from .scores import PARTS, Head, Predictions, Scores
from .splits import Split

if TYPE_CHECKING:
    import keras

    from ..vis import Callbacks

Array: TypeAlias = np.ndarray
Batch: TypeAlias = tuple[Any, Any]

AT_ONCE = 2048  # vectors that are validated or scored at once
_KEPT = 1 << 30  # bytes of weights and optimisers that wait, compiled, for the next head of their net


class Stopped(FacesError):  # noqa: N818 - a stop that was asked for is no failure
    """Somebody ended this head before its last epoch: it has no scores. `by` says who, where that is known."""

    def __init__(self, head: Head, by: str = "") -> None:
        super().__init__(f"{head.id} was stopped" + (f" by {by}" if by else ""))
        self.head, self.by = head, by


@dataclass(frozen=True, slots=True, eq=False)
class HeadData:
    """N faces as a head learns them; all arrays have N entries, in the order of `Faces`.

    `features` N×D float32, or N×… whatever goes into the trunk; `identity` class numbers (int64) of `identities`
    classes. For nets that know expressions: `given` N×`expressions` float32 what is put *in* (one-hot, probabilities
    or shuffled) and `expression` class numbers (int64) of what is to be put *out*. `split` says which are which.
    `group` are numbers of films, sequences or sessions: no pair of faces out of one is verified. Raises FacesError
    where the arrays do not fit each other.
    """

    features: Array
    identity: Array
    identities: int
    split: Split
    given: Array | None = None
    expression: Array | None = None
    expressions: int = 0
    group: Array | None = None

    def __post_init__(self) -> None:
        count = len(self.features)
        for name in ("identity", "given", "expression", "group"):
            values = getattr(self, name)
            if values is not None and len(values) != count:
                raise FacesError(f"there are {count:,} faces, and {name} of {len(values):,}")
        if self.given is not None and self.given.shape != (count, self.expressions):
            raise FacesError(f"what is put in has shape {self.given.shape}, for {self.expressions} expressions")
        for name, values, classes in (
            ("identity", self.identity, self.identities), ("expression", self.expression, self.expressions),
        ):  # fmt: skip
            if values is not None and count and not (values.min() >= 0 and values.max() < classes):
                raise FacesError(f"{name} goes from {values.min()} to {values.max()}, and has {classes} classes")
        for part in ("train", *PARTS):
            if not len(getattr(self.split, part)):
                raise FacesError(f"no face is in the part for {part}")


def train(
    net: Net,
    data: HeadData,
    head: Head,
    *,
    run_name: str = "",
    params: Mapping[str, object] | None = None,
    tags: Sequence[str] = (),
    trunk: Callable[[int], Any] | None = None,
    callbacks: Sequence[Any] = (),
    recorded: bool = True,
    pairs: int = 0,
) -> Scores:
    """Train one head with `head.seed` and score it on validation and test.

    Opens the child run `run_name` (default: the head's id) of this process with `params` and `tags` (and those of the
    head) by `Callbacks(run=…).progress()`, unless `recorded` is False. `trunk(seed)` makes a fresh Keras model from
    images (or kept arrays) to the vector, trained together with the head. `callbacks` are further Keras callbacks.
    `pairs`: so many pairs of test faces are compared in the last hidden layer (verification), 0 for none.

    Heads of one net and one set of expressions share a compiled training: the first one compiles. The numbers are the
    same, bit for bit, whatever was trained in the process before. Raises Stopped where somebody ended it (no scores),
    FacesError where it diverged or the data does not fit the net.
    """
    _check(net, data)
    batches = _Batches(net, data, head.seed, plain=trunk is None)
    made = _made(net, data, head.seed, trunk, batches)
    watch = _watch(net, head, run_name or head.id, params or {}, tags) if recorded else None
    scoring = _scoring(made, batches, net, watch)
    # Scoring comes first: what it finds is recorded before the run is closed.
    listed = [scoring, *callbacks, *([watch] if watch else [])]
    began = time.perf_counter()
    history = _fitted(made.model, batches, net, net.epochs, listed)
    seconds = time.perf_counter() - began - scoring.seconds
    if watch and watch.stop:
        raise Stopped(head, watch.stop.by)
    found: Mapping[str, Mapping[str, Predictions]] = scoring.found
    if not all(np.isfinite(each.loss).all() for part in found.values() for each in part.values()):
        raise FacesError(f"{head.id} diverged: its loss is no number any more; try a smaller learning_rate")
    accuracy = history.get("accuracy") or [None]
    return Scores(
        head,
        found,
        {target: batches.classes[target] for target in net.outputs},
        len(data.split.train),
        run=watch.run.id if watch and watch.run else "",
        seconds=seconds,
        epochs=len(history.get("loss", ())),
        parameters=made.model.count_params(),
        train_accuracy=None if accuracy[-1] is None else float(accuracy[-1]),
        verification=_verified(scoring.hidden, data, head, pairs) if pairs and scoring.hidden is not None else {},
    )


def forget() -> None:
    """Let go of all that is compiled and kept for later heads."""
    _kept.clear()


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """A model that trains, and what else is read of it: outputs and the layer before the identity."""

    model: keras.Model
    scorer: keras.Model
    placed: Mapping[str, Placed]


_kept: OrderedDict[object, _Made] = OrderedDict()


class _Batches:
    """The arrays of a head: whole parts, and batches in the order of its seed.

    Each epoch has an order of its own, which depends on the seed, the epoch and the number of faces only: it is the
    same for all networks, on all backends.
    """

    def __init__(self, net: Net, data: HeadData, seed: int, *, plain: bool) -> None:
        self._features = np.asarray(data.features, np.float32) if plain else data.features
        self._given = np.asarray(data.given, np.float32) if net.takes_expression else None
        self._truth = {IDENTITY: data.identity, EXPRESSION: data.expression}
        self.classes = {IDENTITY: data.identities, EXPRESSION: data.expressions}
        self._targets = net.outputs
        self._eyes = {target: np.eye(self.classes[target], dtype=np.float32) for target in self._targets}
        self._seed = seed
        self.split = data.split
        self.size = min(net.batch, len(data.split.train))
        self.at_once = AT_ONCE if plain else self.size
        self.steps = -(-len(data.split.train) // self.size)

    def of_training(self, epochs: int) -> Iterator[Batch]:
        train = self.split.train
        for epoch in range(epochs):
            order = train[np.random.default_rng([self._seed, epoch, len(train)]).permutation(len(train))]
            for begin in range(0, len(train), self.size):
                yield self.of(order[begin : begin + self.size])

    def of(self, records: Array) -> Batch:
        """What goes in and what is to come out, of these faces."""
        wanted = {target: self._eyes[target][self._truth[target][records]] for target in self._targets}  # type: ignore[index]
        return self.into(records), wanted if len(wanted) > 1 else next(iter(wanted.values()))

    def into(self, records: Array) -> Any:
        features = self._features[records]
        return features if self._given is None else {"features": features, "expression_in": self._given[records]}

    def truth(self, target: str, records: Array) -> Array:
        found = self._truth[target]
        assert found is not None
        return found[records]


def _check(net: Net, data: HeadData) -> None:
    if net.takes_expression and data.given is None:
        raise FacesError(f"network {net.name} takes the expression, and none is given")
    if EXPRESSION in net.outputs and data.expression is None:
        raise FacesError(f"network {net.name} is to name the expression, and none is known")


def _made(net: Net, data: HeadData, seed: int, trunk: Callable[[int], Any] | None, batches: _Batches) -> _Made:
    """A model at the start of this seed: one that is compiled already where there is one."""
    import keras

    from .building import build, restart

    if trunk is not None:
        tail = trunk(seed)
        width = int(tail.outputs[0].shape[-1])
        return _with_scorer(net, width, data, build(net, width, data.identities, data.expressions, seed, tail))
    width = data.features.shape[1]
    expressions = data.expressions if net.knows_expression else 0
    key = (replace(net, name="N", title="", epochs=1), width, data.identities, expressions, keras.backend.backend())
    made = _kept.pop(key, None)
    if made is None:
        made = _with_scorer(net, width, data, build(net, width, data.identities, data.expressions, seed))
        # Traced and compiled now, so that the seconds of the first head are as good as those of the others.
        _fitted(made.model, batches, net, 1, [])
    restart(made.model, net, made.placed, seed)
    _kept[key] = made
    while len(_kept) > 1 and 12 * sum(each.model.count_params() for each in _kept.values()) > _KEPT:
        _kept.popitem(last=False)
    return made


def _with_scorer(net: Net, width: int, data: HeadData, model: keras.Model) -> _Made:
    import keras

    outputs: dict[str, Any] = {target: model.get_layer(target).output for target in net.outputs}
    if IDENTITY in outputs:
        outputs["hidden"] = model.get_layer(IDENTITY).input
    placed = {layer.name: layer for layer in net.layers.placed(width, data.identities, data.expressions)}
    return _Made(model, keras.Model(model.input, outputs), placed)


def _fitted(model: Any, batches: _Batches, net: Net, epochs: int, callbacks: list[Any]) -> Mapping[str, list[float]]:  # noqa: ARG001
    """Train; the history of Keras."""
    return model.fit(
        batches.of_training(epochs),
        steps_per_epoch=batches.steps,
        shuffle=False,  # the batches come shuffled
        epochs=epochs,
        validation_data=batches.of(batches.split.validation),
        validation_batch_size=batches.at_once,
        verbose=0,
        callbacks=callbacks,
    ).history


def _watch(net: Net, head: Head, run_name: str, params: Mapping[str, object], tags: Sequence[str]) -> Callbacks:
    from ..vis import Callbacks

    known = {
        "net": net.name, "layers": str(net.layers), "expressions": head.expressions, "source": head.source,
        "seed": head.seed, "dropout": net.dropout, "initialiser": net.initialiser,
    }  # fmt: skip
    return Callbacks(
        run=run_name.replace("/", "_"), params={**known, **params}, tags=(*tags, "head", f"net-{net.name}")
    ).progress()


def _scoring(made: _Made, batches: _Batches, net: Net, watch: Callbacks | None) -> Any:
    """A Keras callback that scores the network as training left it, and has the run say how it did in the test.

    Also, the accuracy of the identity is called `accuracy` where a network names the expression too: by Keras' name for
    it no column of a table would hold it beside that of the other networks.
    """
    import keras

    class Scoring(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.found: dict[str, dict[str, Predictions]] = {}
            self.hidden: Array | None = None
            self.seconds = 0.0

        def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
            _rename(logs or {})

        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
            _rename(logs or {})

        def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002 - Keras' signature
            if watch and watch.stop:
                return
            began = time.perf_counter()
            _ = self.model  # which brings the weights up to date (JAX)
            for part in PARTS:
                said = _said(made.scorer, batches, getattr(batches.split, part))
                self.hidden = said.pop("hidden", None)
                records = getattr(batches.split, part)
                self.found[part] = {
                    target: Predictions.of(records, batches.truth(target, records), shares)
                    for target, shares in said.items()
                }
            if watch:
                watch.record(_in_words(self.found["test"], net))
            self.seconds = time.perf_counter() - began

    return Scoring()


def _rename(logs: dict[str, Any]) -> None:
    for part in ("", "val_"):
        if f"{part}{IDENTITY}_accuracy" in logs:
            logs[f"{part}accuracy"] = logs.pop(f"{part}{IDENTITY}_accuracy")


def _said(scorer: Any, batches: _Batches, records: Array) -> dict[str, Array]:
    import keras

    parts = [
        scorer(batches.into(records[begin : begin + batches.at_once]), training=False)
        for begin in range(0, len(records), batches.at_once)
    ]
    return {
        name: np.concatenate([np.asarray(keras.ops.convert_to_numpy(each[name])) for each in parts])
        for name in parts[0]
    }


def _in_words(found: Mapping[str, Predictions], net: Net) -> dict[str, float]:
    """Accuracy and loss in the test, named as those of the validation are."""
    values: dict[str, float] = {}
    for target, each in found.items():
        prefix = "test" if len(found) == 1 else f"test_{target}"
        values["test_accuracy" if target == IDENTITY else f"{prefix}_accuracy"] = float(
            (each.truth == each.predicted).mean()
        )
        values[f"{prefix}_loss"] = float(each.loss.mean())
    if len(found) > 1:
        values["test_loss"] = values["test_identity_loss"] + net.weight * values["test_expression_loss"]
    return values


def _verified(hidden: Array, data: HeadData, head: Head, limit: int) -> dict[str, Array]:
    from .embedding.verification import pairs

    test = data.split.test
    group = None if data.group is None else data.group[test]
    similarity, same = pairs(hidden, data.identity[test], limit, head.seed, group)
    return {"similarity": np.asarray(similarity, np.float32), "same": np.asarray(same, bool)}
