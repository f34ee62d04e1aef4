"""A look into a saved network as it is asked for, by the command and by the screen: checked, then made a request."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.errors import PlaceError, TrainvisError
from ..engine.places import expanded

if TYPE_CHECKING:
    from ..engine.request import Request
    from ..vis.catalogue import Need

MODULE = "trainvis.vis.look"


class LookError(TrainvisError):
    """What is wrong before anything starts. `option` is where it stands: an option of `trainvis look`, or MODEL."""

    def __init__(self, option: str, sentence: str) -> None:
        super().__init__(sentence)
        self.option = option


@dataclass(frozen=True, slots=True)
class Wanted:
    """`networks` are files or keras:NAME[:FILE]; `settings` NAME=VALUE; the rest as `trainvis look --help` says."""

    networks: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ("saliency_maps",)
    images: tuple[Path, ...] = ()
    records: Path | None = None
    layer: str = ""
    units: tuple[str, ...] = ()
    target: str = ""
    output: str = ""
    preprocess: str = ""
    labels: Path | None = None
    code: Path | None = None
    settings: tuple[str, ...] = ()
    batch: int = 32


def check(wanted: Wanted) -> None:
    """Raises LookError for a technique, an option, a place or a file that there is not."""
    check_techniques(wanted)
    check_files(wanted)


def check_techniques(wanted: Wanted) -> None:
    """Refuse what no technique is called and no option of any, before a process is started for it."""
    from ..vis import names

    try:
        known = {name for each in wanted.techniques for name in names.option_names(names.parse(each))}
    except TrainvisError as error:
        raise LookError("--technique", str(error)) from None
    named = " and ".join(wanted.techniques)
    for text in wanted.settings:
        name, sign, _ = text.partition("=")
        if not sign:
            raise LookError("--option", f"{text!r} is no NAME=VALUE")
        if name not in known:
            near = get_close_matches(name, known, 1, 0.5)
            hint = f"; did you mean {near[0]}?" if near else f": there are {', '.join(sorted(known)) or 'none'}"
            raise LookError("--option", f"{named} have no option {name!r}{hint}")
    _check_places(named, wanted.layer, wanted.units, known)


def _check_places(named: str, layer: str, units: Sequence[str], known: Collection[str]) -> None:
    """Refuse a layer or a unit that nobody would look at."""
    if layer and not {"layer", "layers"} & set(known) and not (units and "units" in known):
        told = "it shows units, as --unit LAYER:INDEX" if "units" in known else "nothing of it is of one layer alone"
        raise LookError("--layer", f"{named}: {told}")
    if units and not {"units", "maps"} & set(known):
        raise LookError("--unit", f"{named}: nothing of it is of single units")


def check_files(wanted: Wanted) -> None:
    """Refuse a file that is not there, with the nearest name."""
    files = [("--image", each) for each in wanted.images]
    for option, path in (
        *files,
        ("--set", wanted.records),
        ("--labels", wanted.labels),
        ("--code", wanted.code),
    ):
        check_there(option, path)


def check_needs(wanted: Wanted) -> None:
    """Refuse a technique that lacks an image or a data set, before a process is started for it."""
    from ..vis import names

    given = {
        "image": wanted.images, "set": wanted.records, "labels": wanted.records, "history": wanted.networks[1:],
    }  # fmt: skip
    there: list[Need] = [need for need, value in given.items() if value]  # type: ignore[misc]
    for each in wanted.techniques:
        if lacking := names.lacking(names.parse(each), there):
            raise LookError("", lacking)


def check_there(option: str, path: Path | None) -> None:
    """Refuse one file that is not there."""
    if path is None:
        return
    try:
        there = expanded(path)
    except PlaceError as error:
        raise LookError(option, str(error)) from None
    if path.name and there.exists():
        return
    try:
        near = get_close_matches(path.name, [each.name for each in there.parent.iterdir()], 1, 0.6)
    except OSError:
        near = []
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise LookError(option, f"there is no file or folder {str(path)!r}{hint}")


def network(text: str) -> str | None:
    """The network that a file or keras:NAME[:FILE] means; None for what is neither. Raises LookError."""
    if text.startswith("keras:"):
        name, sign, weights = text.removeprefix("keras:").partition(":")
        is_file = sign and weights not in ("", "imagenet", "random")
        if is_file:
            check_there("MODEL", Path(weights))
        return f"keras:{name}:{absolute(Path(weights))}" if is_file else text
    try:
        path = expanded(text)
    except PlaceError as error:
        raise LookError("MODEL", str(error)) from None
    if path.exists() or path.suffix.lower() in (".keras", ".h5", ".hdf5"):
        check_there("MODEL", Path(text))
        return str(path.absolute())
    return None


def request(wanted: Wanted, python: str, tags: tuple[str, ...] = ()) -> Request:
    """What is to be started."""
    from ..engine.request import Request

    return Request(
        module=MODULE,
        argv=arguments(wanted),
        python=python,
        tags=tags,
        name=f"look {_name(wanted.networks[0])}",
        images=tuple(str(image) for image in wanted.images if expanded(image).is_file()),
    )


def arguments(wanted: Wanted) -> tuple[str, ...]:
    """The arguments of `trainvis.vis.look`."""
    argv = [*wanted.networks]
    for option, values in (
        ("technique", wanted.techniques), ("image", tuple(map(absolute, wanted.images))), ("unit", wanted.units),
        ("option", wanted.settings), ("set", (absolute(wanted.records),)), ("layer", (wanted.layer,)),
        ("target", (wanted.target,)), ("output", (wanted.output,)), ("preprocess", (wanted.preprocess,)),
        ("labels", (absolute(wanted.labels),)), ("code", (absolute(wanted.code),)), ("batch", (str(wanted.batch),)),
    ):  # fmt: skip
        argv += [f"--{option}={value}" for value in values if value]
    return tuple(argv)


def _name(model: str) -> str:
    """What a network is called: one of a run with that run, for many runs have a best one."""
    path = Path(model)
    if model.startswith("keras:"):
        return model
    return f"{path.parent.parent.name} {path.stem}" if path.parent.name == "networks" else path.stem


def absolute(path: Path | None) -> str:
    """A path as the program takes it, which works elsewhere; "" for none. Raises PlaceError."""
    return "" if path is None else str(expanded(path).absolute())
