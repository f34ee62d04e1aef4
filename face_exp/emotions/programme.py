"""What `trainvis faces expression` does: read, train, evaluate on its own test part and on other data, hand over."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ...engine.files import read_json, write_json
from ...engine.places import expanded
from ...engine.text import printable
from ...vis import framework, telling
from ..errors import FacesError
from . import evaluation, mapping
from .material import OWN, STORED, Material, Reading, material

if TYPE_CHECKING:
    from .predicting import Network
    from .training import Options

Array: TypeAlias = np.ndarray
Say: TypeAlias = Callable[[str], None]

NETS = ("dexpression", "residual")
_AT_ONCE = 256
RESULTS = "expression.json"  # in results/ of its run


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be trained, from what, and where the network goes."""

    data: str
    reading: Reading
    net: str = "dexpression"
    epochs: int = 30
    batch: int = 32
    rate: float = 1e-3
    seed: int = 0
    balance: bool = True
    augment: bool = True
    split: str = ""
    evaluate: str = ""
    out: str = ""


def wanted(given: argparse.Namespace) -> Wanted:
    """What a command line asks for. Raises FacesError."""
    if given.net not in NETS:
        raise FacesError(f"there is no network {printable(given.net, 40)!r}: {' and '.join(NETS)} are there")
    if given.split not in ("", OWN, STORED):
        raise FacesError(f"--split is {OWN} or {STORED}, not {printable(given.split, 40)!r}")
    if given.out and expanded(given.out).suffix != ".keras":
        raise FacesError(f"--out {printable(given.out, 200)}: the name of a network ends in .keras")
    reading = Reading(
        given.size, 1 if given.grey else 3, given.expression, given.identity, given.layout, max(given.least, 0)
    )
    return Wanted(
        given.data, reading, given.net, given.epochs, given.batch, given.rate, max(given.seed, 0),
        not given.no_balance, not given.no_augment, given.split, given.evaluate, given.out,
    )  # fmt: skip


def run(wanted: Wanted, say: Say | None = None) -> int:
    """Do it; returns the exit code. Raises TrainvisError."""
    say = say or _say
    # All that can be refused is refused before a framework is loaded.
    found = material(wanted.data, wanted.reading, say)
    other = _other(wanted, say) if wanted.evaluate else None
    split, how = found.split(wanted.seed, wanted.split)
    if not len(split.test):
        raise FacesError(f"{found.name} has too few faces for a part to test on: {len(found)}")
    for line in described(found, wanted, split, how):
        say(line)
    if told := framework.wake():
        say(told)
    from . import training
    from .predicting import loaded

    options = _options(wanted, training)
    callbacks = training.callbacks_of(found, split, options)
    done = training.train(found, split, options, [callbacks, training.said(say, options.epochs)])
    best = training.network_of(callbacks)
    if done < options.epochs:
        say(f"stopped in epoch {max(done, 1)} of {options.epochs}" + ("" if best else ": no network was kept"))
    if best is None and done < options.epochs:
        return 0
    if best is None:
        raise FacesError("no network was saved: the run says why (trainvis show last)")
    network = loaded(best, say)
    results: dict[str, Any] = {"schema": 1, "data": found.name, "split": how, "network": str(best)}
    tried = evaluation.evaluate(shares_of(network, found.images[split.test]), found.truth[split.test], found.classes)
    say(f"on its test part of {found.name}, which it did not see:")
    _tell(tried, say)
    results["test"] = tried.to_json()
    if other is not None:
        on_other = across(network, other)
        say(f"on {other.name}:")
        _tell(on_other, say)
        results["evaluate"] = {"data": other.name, **on_other.to_json()}
    assert callbacks.run is not None  # it saved a network
    write_json(callbacks.run.results / RESULTS, results)
    if wanted.out:
        hand_over(best, expanded(wanted.out))
        say(f"network → {printable(wanted.out, 300)}")
    say(f"run → {printable(callbacks.run.path, 300)}")
    return 0


def described(found: Material, wanted: Wanted, split: Any, how: str) -> list[str]:
    """What it learns from, in words."""
    side, channels = found.images.shape[1], found.images.shape[3]
    counts = np.bincount(found.truth, minlength=len(found.classes))
    said = ", ".join(f"{name} {count:,}" for name, count in zip(found.classes, counts, strict=True))
    return [
        f"{len(found):,} faces of {found.name}, {side}×{side} {'grey' if channels == 1 else 'in colour'}: {said}",
        *(f"  {note}" for note in found.notes),
        f"  {len(split.train):,} to learn from, {len(split.validation):,} to choose by, {len(split.test):,} to test on",
        f"  {how}",
        f"{wanted.net}, {wanted.epochs} epochs",
    ]


def shares_of(network: Network, images: Array) -> Array:
    """N×K float32 of pictures in memory."""
    parts = (list(images[at : at + _AT_ONCE]) for at in range(0, len(images), _AT_ONCE))
    return network.shares(parts, len(images), telling.progress())


def across(network: Network, other: Material) -> evaluation.Evaluation:
    """How it does on other data: only faces whose expression it knows count, and only expressions that occur there can
    be said; both are noted. Raises FacesError where it knows none.
    """
    words = mapping.words_of(network.classes, network.name)
    table, homeless = mapping.onto(words, [[name] for name in other.classes])
    known = np.asarray(table.any(axis=0))
    kept = np.flatnonzero(known[other.truth])
    notes = list(other.notes)
    if len(kept) < len(other):
        gone = ", ".join(name for name, there in zip(other.classes, known, strict=True) if not there)
        notes.append(f"{len(other) - len(kept):,} faces left out, whose expression it never learned: {gone}")
    if homeless:
        notes.append(f"{', '.join(homeless)} does not occur there: the other shares are made to sum to 1")
    classes = tuple(name for name, there in zip(other.classes, known, strict=True) if there)
    numbers = np.cumsum(known) - 1
    shares = mapping.mapped(shares_of(network, other.images[kept]), table[:, known])
    return evaluation.evaluate(shares, numbers[other.truth[kept]], classes, notes)


def hand_over(network: Path, out: Path) -> None:
    """The network, and beside it what tells its classes and preprocessing. Raises OSError."""
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}.aside")
    shutil.copyfile(network, aside)
    aside.replace(out)
    write_json(out.with_suffix(".json"), read_json(network.with_suffix(".json")).value)


def _other(wanted: Wanted, say: Say) -> Material:
    """Another set, to try it on: it may have rare expressions."""
    return material(wanted.evaluate, replace(wanted.reading, layout="", least=0, trial=True), say)


def _options(wanted: Wanted, training: Any) -> Options:
    augment = dict(training.AUGMENT) if wanted.augment else {}
    return training.Options(wanted.net, wanted.epochs, wanted.batch, wanted.rate, wanted.seed, wanted.balance, augment)


def _tell(found: evaluation.Evaluation, say: Say) -> None:
    for line in evaluation.table(found):
        say(f"  {line}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
