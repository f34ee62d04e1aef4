"""A sweep: networks by where the expression goes in, how deep and how wide they are, and which layers they share."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ..engine.text import printable
from .errors import FacesError
from .layers import EXPRESSION, IDENTITY, Branches, Concat, Dense, Drop, Layers, Output, Step
from .nets import CONTROLS, NETS, Net

AXES: Mapping[str, tuple[str, ...]] = {
    "inject": ("no", "all"),
    "depth": ("0", "1", "2"),
    "width": ("1024",),
    "outputs": ("id", "shared", "own_expression", "own_id", "own_both"),
}
_DEEPEST, _WIDEST, _MOST = 20, 100_000, 500
_NAME = re.compile(rf"d([0-9]+)(?:\.w([0-9]+))?(?:\.i([0-9]+))?(?:\.({'|'.join(AXES['outputs'][1:])}))?")


def sweep(text: str = "") -> tuple[Net, ...]:
    """The networks of `inject=no,0,1 depth=1,2 width=256,1024 outputs=id,shared`, each once.

    `depth` hidden layers of `width` units stand between the features and the outputs. `inject`: the expression is put
    in after so many of them, `all` is each place, `no` nowhere. `outputs`: `id` alone, or the expression beside it, on
    the same layers (`shared`) or with one more layer of its own for the expression, the identity or both. What is not
    named is that of `AXES`; where the expression comes out it is not put in. A network that equals one of the present
    table is that one. Raises FacesError.
    """
    axes = _axes(text)
    found: dict[Layers, Net] = {}
    for depth, width in itertools.product(_numbers(axes, "depth", _DEEPEST), _numbers(axes, "width", _WIDEST)):
        for place, outputs in itertools.product(_places(axes["inject"], depth), axes["outputs"]):
            if place is None or outputs == "id":
                net = _net(depth, width, place, outputs)
                found.setdefault(net.layers, net)
            if len(found) > _MOST:
                raise FacesError(f"the sweep {printable(text, 100)} has more than {_MOST} networks")
    if not found:
        raise FacesError(f"the sweep {printable(text, 100)} has no network: an expression that comes out is not put in")
    return tuple(found.values())


def named(name: str) -> Net | None:
    """The network that a sweep calls so (`d2.w256.i1`), None where none does."""
    if not (found := _NAME.fullmatch(name)):
        return None
    depth, width, place, outputs = found.groups()
    text = f"depth={depth} width={width or 1} inject={place or 'no'} outputs={outputs or 'id'}"
    try:
        return next((net for net in sweep(text) if net.name == name), None)
    except FacesError:  # deeper, or wider, than there are
        return None


def _axes(text: str) -> dict[str, tuple[str, ...]]:
    axes = dict(AXES)
    for word in text.split():
        name, equals, values = word.partition("=")
        if not equals or name not in AXES:
            near = difflib.get_close_matches(name, AXES, 1)
            meant = f"{near[0]} perhaps? " if near else ""
            raise FacesError(
                f"{printable(word, 60)} is nothing to sweep over: {meant}Write {', '.join(AXES)}, as depth=1,2"
            )
        axes[name] = tuple(dict.fromkeys(values.lower().replace("-", "_").split(",")))
    known = AXES["outputs"]
    for each in axes["outputs"]:
        if each not in known:
            near = difflib.get_close_matches(each, known, 1, 0.3) or known[:1]
            raise FacesError(f"outputs={printable(each, 40)}: {near[0]} perhaps? There are {', '.join(known)}")
    return axes


def _number(axis: str, word: str, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", word) or int(word) > most:
        raise FacesError(f"{axis}={printable(word, 40)} is no number from 0 to {most:,}")
    return int(word)


def _numbers(axes: Mapping[str, Iterable[str]], axis: str, most: int) -> list[int]:
    found = [_number(axis, word, most) for word in axes[axis]]
    if axis == "width" and 0 in found:
        raise FacesError("width=0: a layer has 1 unit or more (depth=0 is a network without hidden layers)")
    return found


def _places(words: Iterable[str], depth: int) -> Iterator[int | None]:
    """After how many hidden layers the expression goes in, None for nowhere; places beyond the depth are none."""
    for word in words:
        if word == "no":
            yield None
        elif word == "all":
            yield from range(depth + 1)
        elif (place := _number("inject", word, _DEEPEST)) <= depth:
            yield place


def _net(depth: int, width: int, place: int | None, outputs: str) -> Net:
    chain: list[Step] = [Drop()]
    for number in range(depth + 1):
        if number:
            chain += [Dense(width), Drop()]
        if number == place:
            chain.append(Concat())
    identity, expression = Output(IDENTITY), Output(EXPRESSION)
    own = (Dense(width), Drop())
    match outputs:
        case "id":
            chain.append(identity)
        case "shared":
            chain.append(Branches(((identity,), (expression,))))
        case "own_expression":
            chain.append(Branches(((identity,), (*own, expression))))
        case "own_id":
            chain.append(Branches(((expression,), (*own, identity))))
        case _:
            chain.append(Branches(((*own, identity), (*own, expression))))
    # As many epochs as the thesis gave networks of this kind.
    deep = depth or outputs.startswith("own")
    name = ".".join([f"d{depth}", *([f"w{width}"] if deep else []), *([f"i{place}"] if place is not None else [])])
    if outputs != "id":
        name += f".{outputs}"
    said = [f"expression in after {place}"] if place is not None else []
    said += [f"outputs {outputs.replace('_', ' ')}"] if outputs != "id" else []
    title = ": ".join(["sweep", *said])
    made = Net(name, title, Layers(tuple(chain)), 50 if deep else 25 if place is None else 30)
    same = (net for net in (*NETS.values(), *CONTROLS.values()) if replace(net, name=name, title=title) == made)
    return next(same, made)
