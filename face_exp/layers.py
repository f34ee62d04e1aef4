"""The notation of networks: `drop → 1024 → drop → {id; 1024 → drop → expression}`, parsed, checked, printed, counted.

    layers = step → step → …                    `->` is the same as `→`
    step   = drop | drop 0.3                    dropout, at the network's own rate or at this one
           | 1024                               a dense layer of so many units
           | concat(expression)                 the expression that is put in, one number for each class
           | id | expression                    an output: a dense layer of as many units as there are classes, softmax
           | {layers; layers}                   two branches, each ending in an output; a comma is the same

What the expressions are, how many there are and how wide the features are the data says. Standard library only: a
table of networks and their parameters needs no framework.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from ..engine.text import printable
from .errors import FacesError

IDENTITY, EXPRESSION = "identity", "expression"
_LARGEST = 1_000_000  # units: what is above was not meant


class NotationError(FacesError):
    """Layers that cannot be read; `position` is the 0-based column where they stop making sense."""

    def __init__(self, message: str, text: str = "", position: int = 0) -> None:
        super().__init__(message + _marked(text, position))
        self.position = position


@dataclass(frozen=True, slots=True)
class Drop:
    """Dropout. `rate` None is that of the network."""

    rate: float | None = None

    def __str__(self) -> str:
        return "drop" if self.rate is None else f"drop {Decimal(repr(self.rate)):f}"  # never as 1e-05


@dataclass(frozen=True, slots=True)
class Dense:
    """A dense layer with the activation of the network."""

    units: int

    def __str__(self) -> str:
        return str(self.units)


@dataclass(frozen=True, slots=True)
class Concat:
    """The expression is put in: beside what the layer before it gives."""

    def __str__(self) -> str:
        return "concat(expression)"


@dataclass(frozen=True, slots=True)
class Output:
    """A softmax over the classes of `target`, which is IDENTITY or EXPRESSION."""

    target: str

    def __str__(self) -> str:
        return "id" if self.target == IDENTITY else self.target


@dataclass(frozen=True, slots=True)
class Branches:
    """What the layers before it give goes into each of these chains."""

    chains: tuple[Chain, ...]

    def __str__(self) -> str:
        plain = all(len(chain) == 1 for chain in self.chains)
        return "{" + (", " if plain else "; ").join(map(_chain, self.chains)) + "}"


Step: TypeAlias = Drop | Dense | Concat | Output | Branches
Chain: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A layer of a network once the data is known: its name in it, what goes in and what comes out (numbers a face),
    and how many parameters it has.
    """

    name: str
    step: Step
    before: int
    width: int
    parameters: int


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of a network, from its features to its outputs. Raises NotationError where they make none."""

    chain: Chain

    def __post_init__(self) -> None:
        _check(self.chain)

    def __str__(self) -> str:
        return _chain(self.chain)

    @property
    def outputs(self) -> tuple[str, ...]:
        """IDENTITY and EXPRESSION as far as it has them, identity first."""
        found = {step.target for step in _steps(self.chain) if isinstance(step, Output)}
        return tuple(each for each in (IDENTITY, EXPRESSION) if each in found)

    def way(self, target: str) -> Chain:
        """The steps from the features to this output; none where it has no such output."""
        return next((way for way in _ends(self.chain) if way[-1] == Output(target)), ())

    @property
    def takes_expression(self) -> bool:
        """Whether the expression is put in."""
        return any(isinstance(step, Concat) for step in _steps(self.chain))

    @property
    def knows_expression(self) -> bool:
        """Whether it differs between sets of expressions: they go in, or come out."""
        return self.takes_expression or EXPRESSION in self.outputs

    def placed(self, width: int, identities: int, expressions: int) -> tuple[Placed, ...]:
        """Its layers for features of this width and so many classes, in the order they are computed.

        Equal layers of two networks at the same place have the same name: `dense_1` is the first dense layer from the
        features on, `expression_dense_1` the first that is the branch's own.
        """
        return tuple(_placed(self.chain, width, {IDENTITY: identities, EXPRESSION: expressions}, "", {}))

    def parameters(self, width: int, identities: int, expressions: int) -> int:
        """How many numbers training changes: weights and biases."""
        return sum(layer.parameters for layer in self.placed(width, identities, expressions))


def parse(text: str) -> Layers:
    """The layers that a text says. Raises NotationError, which shows the place."""
    try:
        reader = _Reader(text)
        chain = reader.chain()
        if reader.token:
            closing = "nothing was opened" if reader.token in "};," else "an arrow is missing before it"
            raise reader.error(f"{_quoted(reader.token)} cannot stand here: {closing}")
    except RecursionError:
        raise NotationError("branches stand in each other too deep") from None
    try:
        return Layers(chain)
    except NotationError as error:
        raise NotationError(f"{error}: {printable(text.strip(), 200)}") from None


def _chain(chain: Chain) -> str:
    return " → ".join(map(str, chain))


def _steps(chain: Chain) -> Iterator[Step]:
    for step in chain:
        yield step
        if isinstance(step, Branches):
            for branch in step.chains:
                yield from _steps(branch)


def _ends(chain: Chain, before: Chain = ()) -> Iterator[Chain]:
    """Each way from the features to an output."""
    last = chain[-1] if chain else None
    if isinstance(last, Branches):
        for branch in last.chains:
            yield from _ends(branch, before + chain[:-1])
    else:
        yield before + chain


def _check(chain: Chain) -> None:
    for step in _steps(chain):
        match step:
            case Drop(rate) if rate is not None and not 0 <= rate < 1:
                raise NotationError(f"drop {rate:g} is no share: it is 0 or more and less than 1")
            case Dense(units) if not 1 <= units <= _LARGEST:
                raise NotationError(f"a layer of {units} units cannot be: it has 1 to {_LARGEST:,}")
            case Branches(chains) if len(chains) < 2:
                raise NotationError("{…} has one branch: without the braces it means the same")
            case _:
                pass
    ends = list(_ends(chain))
    for way in ends:
        if not way or not isinstance(way[-1], Output):
            said = f"{way[-1]} is the last layer" if way else "nothing is in it"
            raise NotationError(f"{said}: each way ends in an output, id or expression")
        if any(isinstance(step, Output | Branches) for step in way[:-1]):
            raise NotationError("after an output or {…} nothing follows")
        if way[-1].target == EXPRESSION and Concat() in way:
            raise NotationError("the expression is put in on the way to the expression, which would learn itself")
    targets = [way[-1] for way in ends]
    for target in targets:
        if targets.count(target) > 1:
            raise NotationError(f"the output {target} stands there twice")


def _placed(chain: Chain, width: int, classes: dict[str, int], branch: str, counts: dict[str, int]) -> Iterator[Placed]:
    def name(kind: str) -> str:
        counts[branch + kind] = counts.get(branch + kind, 0) + 1
        return f"{branch}{kind}_{counts[branch + kind]}"

    for step in chain:
        before, parameters = width, 0
        match step:
            case Branches(chains):
                for each in chains:
                    yield from _placed(each, width, classes, f"{next(_targets(each))}_", counts)
                return
            case Drop():
                called = name("drop")
            case Concat():
                called, width = name("concat"), width + classes[EXPRESSION]
            case Dense(units):
                called, width = name("dense"), units
                parameters = before * width + width
            case Output(target):
                called, width = target, classes[target]
                parameters = before * width + width
        yield Placed(called, step, before, width, parameters)


def _targets(chain: Chain) -> Iterator[str]:
    return (step.target for step in _steps(chain) if isinstance(step, Output))


_TOKEN = re.compile(r"\s*(→|->|[{};,]|[^\s→{};,()\-]+(?:\s*\([^)]*\)?)?|\S)")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_NEARLY = {"identity": "id", "dropout": "drop", "expressions": "expression", "concatenate": "concat(expression)"}


class _Reader:
    """Walks through a text: `token` is the next one, "" at the end, `position` where it begins."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._end = 0
        self.token = ""
        self.position = 0
        self._advance()

    def _advance(self) -> None:
        found = _TOKEN.match(self.text, self._end)
        self.token = found[1] if found else ""
        self.position = found.start(1) if found else len(self.text.rstrip())
        self._end = found.end() if found else len(self.text)

    def error(self, message: str) -> NotationError:
        return NotationError(message, self.text, self.position)

    def chain(self) -> Chain:
        steps = [self._step()]
        while self.token in ("→", "->"):
            self._advance()
            steps.append(self._step())
        return tuple(steps)

    def _step(self) -> Step:
        token, lowered = self.token, re.sub(r"\s+", "", self.token.lower())
        if not token or token in ("→", "->", "}", ";", ","):
            here = _quoted(token) if token else "the end"
            raise self.error(f"a layer is missing before {here}")
        if token == "{":
            return self._branches()
        if _NUMBER.fullmatch(token):
            if not token.isascii() or not token.isdecimal():
                raise self.error(f"{_quoted(token)} is no number of units: a layer has 1 or more of them")
            self._advance()
            return Dense(int(token[:20]))
        match _NEARLY.get(lowered, lowered):
            case "drop":
                self._advance()
                return Drop(self._rate())
            case "concat(expression)":
                self._advance()
                return Concat()
            case "id":
                self._advance()
                return Output(IDENTITY)
            case "expression":
                self._advance()
                return Output(EXPRESSION)
        if lowered.startswith("concat"):
            raise self.error(f"{_quoted(token)} is not known: concat(expression) is all that can be put in")
        raise self.error(f"{_quoted(token)} is no layer: drop, a number of units, concat(expression), id, expression")

    def _rate(self) -> float | None:
        if not _NUMBER.fullmatch(self.token):
            return None
        rate = float(self.token)
        if not 0 <= rate < 1:
            raise self.error(f"drop {self.token} is no share: it is 0 or more and less than 1")
        self._advance()
        return rate

    def _branches(self) -> Branches:
        opened = self.position
        self._advance()
        chains = [self.chain()]
        while self.token and self.token in ";,":
            self._advance()
            chains.append(self.chain())
        if self.token != "}":
            if self.token:
                raise self.error(f"{_quoted(self.token)} cannot stand here: an arrow, a semicolon or }} is missing")
            raise NotationError("{ is never closed: } is missing", self.text, opened)
        self._advance()
        return Branches(tuple(chains))


def _quoted(text: str) -> str:
    return printable(f"“{text}”", 60)


def _marked(text: str, position: int) -> str:
    """The place, for a sentence of one line: what stands before it, and where."""
    if not text:
        return ""
    before = printable(text[:position].strip(), None)
    before = f"…{before[-40:]}" if len(before) > 41 else before
    return f" (character {position + 1}{f', after “{before}”' if before else ''})"
