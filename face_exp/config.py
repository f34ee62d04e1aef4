"""The configuration file of a study (TOML): networks changed or added in one place, and the study's own settings.

[all]                       # for every network
learning_rate = 0.001

[nets.E]                    # changes this one
epochs = 80

[nets."d2.w256.i1"]         # one of a sweep
batch = 64

[nets.mine]                 # a new one, like another but for what is said
like = "E"
layers = "drop → 512 → drop → concat(expression) → id"

[study]
seeds = 5
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from ..engine.places import expanded
from ..engine.text import printable
from . import sweep
from .errors import FacesError
from .nets import CONTROLS, NETS, Net, changed, nets
from .settings import Settings

_KINDS: Mapping[str, type] = {"str": str, "int": int, "float": float, "bool": bool, "Layers": str}
_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", tuple: "a list of texts"}
_NET = {each.name: _KINDS[str(each.type)] for each in fields(Net) if each.name != "name"}
_ALL = {name: kind for name, kind in _NET.items() if name not in ("title", "layers")}
_SECTIONS = ("all", "nets", "study")

_SETTINGS = {
    "batch": "faces that are learned from at once",
    "optimizer": "as Keras names it: adam, sgd, rmsprop, adamw, …",
    "learning_rate": "its rate",
    "initialiser": "of the weights, as Keras names it: glorot_uniform, he_normal, …",
    "activation": "of hidden layers, as Keras names it: relu, tanh, gelu, …",
    "dropout": "the rate of a drop that says none",
    "weight": "of the expression's loss beside the identity's, where both come out",
}
_HEAD = """\
# The networks of `trainvis faces study`, as they are now: change what you like, leave away what stays as it is, and
# give this file with --config. `trainvis faces nets --config FILE` shows what comes of it.
#
# The notation of layers: drop (dropout), drop 0.3 (at this rate), 1024 (a dense layer), concat(expression) (the
# expression is put in), id and expression (the outputs), {… ; …} (two branches). -> is the same as →
"""


@dataclass(frozen=True, slots=True)
class Config:
    """What a file says. `nets` are the changed and the new ones by name; `study` has settings by their names, `every`
    those of all networks.
    """

    nets: Mapping[str, Net] = field(default_factory=dict)
    study: Mapping[str, Any] = field(default_factory=dict)
    every: Mapping[str, Any] = field(default_factory=dict)

    def swept(self, net: Net) -> Net:
        """A network that a sweep made, with the settings of this file: its own, where the network of its name has these
        layers here too, else those of all. Raises FacesError.
        """
        mine = self.nets.get(net.name)
        return mine if mine is not None and mine.layers == net.layers else changed(net, **self.every)

    def chosen(self, which: str, swept: str | None) -> tuple[Net, ...]:
        """The networks of a sweep (None for no sweep) and those named beside it, each once. Raises FacesError."""
        named = nets(which, self.nets) if which else ()
        found = {net.name: net for net in map(self.swept, sweep.sweep(swept) if swept is not None else ())}
        for net in named:  # one of the sweep that equals a network of the table has its name
            if (other := found.setdefault(net.name, net)) != net:
                raise FacesError(
                    f"two networks are called {net.name}: {other.layers} of the sweep, and {net.layers} of the "
                    "configuration file: give the one in the file another name"
                )
        return tuple(found.values())


def read(path: Path) -> Config:
    """A configuration file. Raises FacesError for what it does not know (with the nearest) and for what cannot be."""
    try:
        text = expanded(path).read_text(encoding="utf-8")
    except OSError as error:
        raise FacesError(f"the file {printable(path, 200)} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FacesError(f"the file {printable(path, 200)} is no text (UTF-8)") from None
    try:
        return of_text(text)
    except FacesError as error:
        raise FacesError(f"{printable(path, 200)}: {error}") from None


def of_text(text: str) -> Config:
    """What such a file says. Raises FacesError."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FacesError(f"it is no TOML: {printable(error, 200)}") from None
    except (ValueError, RecursionError):  # which tomllib does not make its own
        raise FacesError("it is no TOML: a number has too many digits, or lists stand in each other too deep") from None
    _known(found, _SECTIONS, "section", "")
    every = _values(_table(found, "all"), _ALL, "[all]")
    made = {name: changed(net, **every) for name, net in {**NETS, **CONTROLS}.items()} if every else {}
    for name, settings in _table(found, "nets").items():
        where = f"[nets.{printable(name, 40)}]"
        if not isinstance(settings, dict):
            raise FacesError(f"{where} is no table: write the settings of a network below it")
        made[name] = _net(name, settings, {**NETS, **CONTROLS, **made}, every, where)
    study = _values(_table(found, "study"), _study_kinds(), "[study]")
    return Config(made, study, every)


def written(nets: Iterable[Net] = ()) -> str:
    """The present networks (or these) as such a file, with comments: reading it back changes nothing."""
    parts = [_HEAD, "[all] # for every network that does not say otherwise"]
    standard = {each.name: each.default for each in fields(Net) if each.default is not MISSING}
    parts += [f"# {name} = {_toml(standard[name])}  # {said}" for name, said in _SETTINGS.items()]
    for net in tuple(nets) or (*NETS.values(), *CONTROLS.values()):
        parts += ["", f"[nets.{_key(net.name)}]"]
        parts += [f"{name} = {_toml(getattr(net, name))}" for name in ("title", "layers", "epochs")]
        parts += [f"{name} = {_toml(getattr(net, name))}" for name in _SETTINGS if getattr(net, name) != standard[name]]
    parts += [
        "",
        "# A new one; `like` is the network that it takes the rest from.",
        "# [nets.mine]",
        '# like = "E"',
        '# layers = "drop → 512 → drop → concat(expression) → id"',
        "",
        "[study] # what the command line does not say",
        '# nets = "A-I"  # which of the networks: A-I, A,B,E, A-I,controls, all',
        "# seeds = 10  # repetitions: each draws its split, its first weights and its order anew",
        '# expressions = "7"  # sets of expressions: 7,5,3 or sadness+anger,fear+surprise',
        '# split = "image"  # image, group, stratified',
    ]
    return "\n".join(parts) + "\n"


def _net(name: str, settings: Mapping[str, Any], known: Mapping[str, Net], every: dict[str, Any], where: str) -> Net:
    values = _values(settings, {**_NET, "like": str}, where)
    like = values.pop("like", None)
    if like is not None:
        _known({like: None}, tuple(known), "network", f"{where} like")
    base = known.get(name if like is None else like)
    if base is None and "layers" not in values and (of_sweep := sweep.named(name)) is not None:
        base = changed(of_sweep, **every)
    if base is None:
        if "layers" not in values:
            raise FacesError(f'{where} is a new network and has no layers: write layers = "drop → 512 → drop → id"')
        return Net(**{"name": name, "title": "", "epochs": 50, **every, **values})
    title = {"title": f"like {base.name}"} if like is not None else {}
    return changed(base, **{"name": name, **title, **values})


def _table(found: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    value = found.get(section, {})
    if not isinstance(value, dict):
        raise FacesError(f"{section} is no section: write [{section}], and its settings below it")
    return value


def _values(given: Mapping[str, Any], kinds: Mapping[str, type], where: str) -> dict[str, Any]:
    _known(given, tuple(kinds), "setting", where)
    return {name: _value(value, kinds[name], f"{name} in {where}") for name, value in given.items()}


def _known(given: Iterable[str], names: tuple[str, ...], what: str, where: str) -> None:
    for name in given:
        if name not in names:
            near = difflib.get_close_matches(name, names, 1, 0.5)
            meant = f"{near[0]} perhaps? " if near else ""
            place = f" in {where}" if where else ""
            there = "There" if near else "there"
            raise FacesError(f"there is no {what} {printable(name, 40)}{place}: {meant}{there} are {', '.join(names)}")


def _value(value: Any, kind: type, what: str) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is tuple and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    if kind is tuple and isinstance(value, str):
        return tuple(each.strip() for each in value.split(",") if each.strip())
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise FacesError(f"{what} is {printable(value, 60)}: it has to be {_WORDS[kind]}")
    return value


def _study_kinds() -> dict[str, type]:
    kinds = {"tuple[str, ...]": tuple, "str | None": str}
    return {
        each.name: kinds.get(str(each.type)) or _KINDS[str(each.type)]
        for each in fields(Settings)
        if each.name != "config"
    }


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"'
        + "".join(f"\\u{ord(each):04x}" if ord(each) < 0x20 or ord(each) == 0x7F else each for each in escaped)
        + '"'
    )


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() else _toml(name)
