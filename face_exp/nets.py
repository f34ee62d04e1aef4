"""The networks of the study: A to I of the thesis, their controls, and what a person adds.

A network here is a *head*: it begins at the features of a face. Its layers are in the notation of `layers`, the rest
(dropout 0.5, ReLU, Glorot uniform, Adam with learning rate 0.0005, batches of 512, categorical cross-entropy, the
losses of two outputs summed) is the same for all unless told otherwise. This table is the one place that knows them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

from ..engine.text import printable
from .errors import FacesError
from .layers import Layers, NotationError, parse

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]{0,39}")


@dataclass(frozen=True, slots=True)
class Net:
    """A network and how it is trained. `layers` may be given as text.

    `dropout` is the rate of a `drop` without one; `initialiser`, `optimizer` and `activation` are the names Keras knows
    them by; `weight` is that of the expression's loss beside the identity's. Raises FacesError, NotationError.
    """

    name: str
    title: str
    layers: Layers
    epochs: int
    batch: int = 512
    optimizer: str = "adam"
    learning_rate: float = 0.0005
    initialiser: str = "glorot_uniform"
    activation: str = "relu"
    dropout: float = 0.5
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise FacesError(
                f"“{printable(self.name, 60)}” cannot name a network: letters, digits, _ and . (files are named by it)"
            )
        if isinstance(self.layers, str):
            try:
                object.__setattr__(self, "layers", parse(self.layers))
            except NotationError as error:
                raise FacesError(f"the layers of {self.name}: {error}") from None
        for setting, right, rule in (
            ("epochs", self.epochs >= 1, "1 or more"),
            ("batch", self.batch >= 1, "1 or more"),
            ("learning_rate", 0 < self.learning_rate < float("inf"), "above 0"),
            ("dropout", 0 <= self.dropout < 1, "0 or more and less than 1"),
            ("weight", 0 <= self.weight < float("inf"), "0 or more"),
        ):
            if not right:
                raise FacesError(f"{setting} of {self.name} is {getattr(self, setting)}: it has to be {rule}")

    @property
    def outputs(self) -> tuple[str, ...]:
        """`layers.IDENTITY` and `layers.EXPRESSION` as far as it has them."""
        return self.layers.outputs

    @property
    def takes_expression(self) -> bool:
        return self.layers.takes_expression

    @property
    def knows_expression(self) -> bool:
        """Whether it is to be trained for each set of expressions; else once a seed."""
        return self.layers.knows_expression

    @property
    def kind(self) -> str:
        """What it does with the expression: "baseline", "extra input", "extra output", "both" or "expression only"."""
        if "identity" not in self.outputs:
            return "expression only"
        if len(self.outputs) == 2:
            return "both" if self.takes_expression else "extra output"
        return "extra input" if self.takes_expression else "baseline"


def _net(name: str, title: str, layers: str, epochs: int) -> Net:
    return Net(name, title, parse(layers), epochs)


_TWO = "drop → 1024 → drop → 1024 → drop"

# As in the thesis' table of networks.
_TABLE = (
    _net("A", "baseline, minimal", "drop → id", 25),
    _net("B", "baseline, preferred", f"{_TWO} → id", 50),
    _net("C", "baseline, deeper", f"{_TWO} → 1024 → drop → id", 50),
    _net("D", "extra input, minimal", "drop → concat(expression) → id", 30),
    _net("E", "extra input, preferred", "drop → 1024 → drop → concat(expression) → 1024 → drop → id", 50),
    _net("F", "extra input, early", "drop → concat(expression) → 1024 → drop → 1024 → drop → id", 50),
    _net("G", "extra output, minimal", "drop → {id, expression}", 25),
    _net("H", "extra output, preferred", f"{_TWO} → {{id; 1024 → drop → expression}}", 50),
    _net("I", "extra output, other way", f"{_TWO} → {{expression; 1024 → drop → id}}", 50),
)
NETS: Mapping[str, Net] = {net.name: net for net in _TABLE}

# One for each side remark of the thesis.
_SIDE = (
    _net("X", "control: the expression only", f"{_TWO} → expression", 50),
    _net("HI", "control: own layers on both branches",
         f"{_TWO} → {{1024 → drop → id; 1024 → drop → expression}}", 50),
    _net("I0", "control: I without its own layer", f"{_TWO} → {{id, expression}}", 50),
    _net("A0", "control: A without the first dropout", "id", 25),
    _net("B0", "control: B without the first dropout", "1024 → drop → 1024 → drop → id", 50),
)  # fmt: skip
CONTROLS: Mapping[str, Net] = {net.name: net for net in _SIDE}


def nets(text: str = "A-I", config: Mapping[str, Net] | None = None) -> tuple[Net, ...]:
    """The networks that a text names, each once: `A-I`, `A,B,E`, `A-I,X`, `controls`, `all`.

    A range goes through the present table in its order. `config` are the networks of a configuration file by name
    (`Config.nets`), which replace those of this table. Raises FacesError with the nearest name.
    """
    known = {**NETS, **CONTROLS, **(config or {})}
    order = list(known)
    found: dict[str, Net] = {}
    for word in re.split(r"[,\s]+", text.strip().strip(",")):
        for name in _named(word, order):
            found[name] = known[name]
    return tuple(found.values())


def _named(word: str, order: list[str]) -> Iterable[str]:
    match word.lower():
        case "all":
            return order
        case "controls":
            return CONTROLS
    first, dash, last = word.partition("-")
    if not dash:
        return (_known(word, order),)
    begin, end = order.index(_known(first, order)), order.index(_known(last, order))
    if end < begin:
        raise FacesError(f"{printable(word, 40)} ends before it begins: the networks come as {', '.join(order)}")
    return order[begin : end + 1]


def _known(name: str, order: list[str]) -> str:
    found = next((each for each in (name, name.upper()) if each in order), "")
    if found:
        return found
    near = difflib.get_close_matches(name, order, 1, 0.5)
    meant = f"{near[0]} perhaps? " if near else ""
    raise FacesError(f"there is no network {printable(name, 40) or '“”'}: {meant}The networks are {', '.join(order)}")


def changed(net: Net, **settings: object) -> Net:
    """The same network with other settings, checked anew. Raises FacesError."""
    return replace(net, **settings)  # type: ignore[arg-type]


def training(net: Net) -> dict[str, object]:
    """All that decides how a network is trained, as JSON can hold it."""
    said = {each.name: getattr(net, each.name) for each in fields(Net) if each.name not in ("name", "title")}
    return {**said, "layers": str(net.layers)}


def otherwise(net: Net, swept: Net | None = None) -> list[str]:
    """What of a network of the table, or of one as a sweep makes it (`swept`), is not as it stands there, but for its
    layers: `epochs 5 instead of 50`.
    """
    usual = {**NETS, **CONTROLS}.get(net.name) or swept or net
    return [
        f"{each.name} {getattr(net, each.name)} instead of {getattr(usual, each.name)}"
        for each in fields(Net)
        if each.name not in ("name", "title", "layers") and getattr(net, each.name) != getattr(usual, each.name)
    ]
