"""Values of options: from a person's code or from text, in the form that a technique takes, or refused in words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeAlias

from ..engine.text import printable
from .catalogue import Kind, Option, TechniqueError, nearest

Unit: TypeAlias = tuple[str | int, int | tuple[int, ...]]

_LAST = -1  # the layer of a unit that is given as a bare number
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_SWITCH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_SAID: Mapping[Kind, str] = {
    "whole": "a whole number",
    "number": "a number",
    "switch": "true or false",
    "text": "a text",
    "layer": "the path, name or number of a layer",
    "layers": "paths, names or numbers of layers, as conv_1,conv_2",
    "maps": "numbers of feature maps, as 4,5,6",
    "units": "units as layer:index, as dense:3 or conv_1:4,5,2 (row, column, map), with a space between two",
    "range": "two numbers, the lower one first, as 0,255",
    "numbers": "numbers, as 0.5,1,2",
    "array": "an array, or the path of an .npy file",
}


class _UnfitError(Exception):
    """The value is not of the kind; what is wrong with it in words, or nothing more than that."""


def value_of(option: Option, given: object, *, text: bool = False) -> object:
    """The value of an option. With `text`, what a person typed. Raises TechniqueError."""
    if text and isinstance(given, str):
        if given.strip().lower() == "none" and option.optional:
            return None
        given = given.strip()
    elif given is None and option.optional:
        return None
    try:
        made = _KINDS[option.kind](option, _plain(given), text)
        _within(option, made)
    except _UnfitError as unfit:
        raise TechniqueError(_refused(option, given, str(unfit))) from None
    return made


def _refused(option: Option, given: object, why: str) -> str:
    shown = printable(given if isinstance(given, str) else repr(given), 80)
    needed = f"one of {', '.join(option.choices)}" if option.choices else _SAID[option.kind]
    more = ", or none" if option.optional else ""
    return f"{option.name} is {shown}: {why or f'{needed}{more} is needed'} ({option.sentence})"


def _plain(given: object) -> object:
    """Arrays and scalars of NumPy as Python's own, also those in a list: `list(np.argsort(x)[:3])` has some."""
    if type(given) in (list, tuple):
        return type(given)(map(_plain, given))  # type: ignore[call-overload, call-arg]
    return given.tolist() if hasattr(given, "tolist") and getattr(given, "size", 10**6) < 10**6 else given  # type: ignore[attr-defined]


def _whole(_: Option, given: object, text: bool) -> int:
    if text and isinstance(given, str):
        given = int(given) if _NUMBER.fullmatch(given) else _float(given)
    if isinstance(given, float) and given.is_integer():
        return int(given)
    return given if isinstance(given, int) and not isinstance(given, bool) else _unfit()


def _number(_: Option, given: object, text: bool) -> float:
    if text and isinstance(given, str):
        return _float(given)
    if isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given):
        return float(given)
    return _unfit()


def _switch(_: Option, given: object, text: bool) -> bool:
    if text and isinstance(given, str):
        return _SWITCH[given.lower()] if given.lower() in _SWITCH else _unfit()
    return given if isinstance(given, bool) else _unfit()


def _text(_: Option, given: object, __: bool) -> str:
    return given if isinstance(given, str) else _unfit()


def _choice(option: Option, given: Any, _: bool) -> str:
    if not isinstance(given, str):
        _unfit()
    if given not in option.choices:
        near = nearest(given, option.choices)
        _unfit(f"there is no such choice{near}, it is one of {', '.join(option.choices)}" if near else "")
    return given


def _choices(option: Option, given: object, text: bool) -> tuple[str, ...]:
    return tuple(_choice(option, each, text) for each in _several(given, text)) or _unfit()


def _layer(_: Option, given: object, text: bool) -> str | int:
    if isinstance(given, str) and given.strip():
        return int(given) if text and _NUMBER.fullmatch(given) else given
    return given if isinstance(given, int) and not isinstance(given, bool) else _unfit()


def _layers(option: Option, given: object, text: bool) -> tuple[str | int, ...]:
    return tuple(_layer(option, each, text) for each in _several(given, text)) or _unfit()


def _maps(option: Option, given: object, text: bool) -> tuple[int, ...]:
    return tuple(_whole(option, each, text) for each in _several(given, text)) or _unfit()


def _numbers(option: Option, given: object, text: bool) -> tuple[float, ...]:
    return tuple(_number(option, each, text) for each in _several(given, text)) or _unfit()


def _range(option: Option, given: object, text: bool) -> tuple[float, float]:
    found = _numbers(option, given, text)
    return found if len(found) == 2 and found[0] < found[1] else _unfit()


def _units(option: Option, given: Any, _: bool) -> tuple[Unit, ...]:
    if isinstance(given, str):
        return units_of(given) or _unfit()
    if isinstance(given, int) and not isinstance(given, bool):
        return ((_LAST, given),)
    if not isinstance(given, Iterable):
        _unfit()
    several = list(given)
    if len(several) == 2 and isinstance(several[0], str) and not isinstance(several[1], str) and ":" not in several[0]:
        several = [several]  # one pair, ("conv", 5)
    return tuple(unit for each in several for unit in _unit(option, each)) or _unfit()


def _unit(option: Option, given: Any) -> tuple[Unit, ...]:
    if isinstance(given, str | int):
        return _units(option, given, True)
    if not isinstance(given, list | tuple) or len(given) != 2:
        _unfit()
    layer, index = given
    if isinstance(index, list | tuple):
        return ((_layer(option, layer, False), tuple(_whole(option, each, False) for each in index) or _unfit()),)
    return ((_layer(option, layer, False), _whole(option, index, False)),)


def units_of(text: str) -> tuple[Unit, ...]:
    """The units in a text: `dense:3`, `conv_1:4,5,2`, several with a comma, a semicolon or a space between them.

    A number alone goes on with the index before it, `dense:3,conv:4,5,2` are two units; where there is none it is a
    unit of the last layer. A text that cannot be read so gives none.
    """
    units: list[tuple[str | int, list[int]]] = []
    for chunk in re.split(r"[;\s]+", text.strip()):
        for place, token in enumerate(chunk.split(",")):
            layer, colon, index = token.rpartition(":")
            if not _NUMBER.fullmatch(index) or (colon and not layer):
                return ()
            if colon:
                units.append((int(layer) if _NUMBER.fullmatch(layer) else layer, [int(index)]))
            elif place and units[-1][0] != _LAST:
                units[-1][1].append(int(index))
            else:
                units.append((_LAST, [int(index)]))
    return tuple((layer, index[0] if len(index) == 1 else tuple(index)) for layer, index in units)


def _array(_: Option, given: object, text: bool) -> object:
    import numpy as np

    if text or isinstance(given, str):
        from .picture_files import ImageError, numbers

        try:
            return numbers(str(given))
        except ImageError as error:
            _unfit(str(error))
    try:
        found = np.asarray(given)
    except (ValueError, TypeError):
        _unfit()
    return found if found.dtype.kind in "biuf" else _unfit()


_KINDS: Mapping[Kind, Callable[[Option, Any, bool], Any]] = {
    "whole": _whole,
    "number": _number,
    "switch": _switch,
    "text": _text,
    "choice": _choice,
    "choices": _choices,
    "layer": _layer,
    "layers": _layers,
    "maps": _maps,
    "units": _units,
    "range": _range,
    "numbers": _numbers,
    "array": _array,
}


def _within(option: Option, made: object) -> None:
    """Every number of it lies between minimum and maximum."""
    for number in made if isinstance(made, tuple) else (made,):
        if not isinstance(number, int | float) or isinstance(number, bool):
            continue
        if option.minimum is not None and number < option.minimum:
            _unfit(f"at least {option.minimum:g} is needed")
        if option.maximum is not None and number > option.maximum:
            _unfit(f"at most {option.maximum:g} is possible")


def _several(given: Any, text: bool) -> list[object]:
    if isinstance(given, str) and text:
        bare = given[1:-1] if given[:1] + given[-1:] in ("()", "[]") else given
        return [each.strip() for each in bare.strip().removesuffix(",").split(",")]
    if isinstance(given, str | int | float):
        return [given]
    return list(given) if isinstance(given, Iterable) else _unfit()


def _float(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        _unfit()
    return found if math.isfinite(found) else _unfit()


def _unfit(why: str = "") -> NoReturn:
    raise _UnfitError(why)
