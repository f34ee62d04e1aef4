"""The networks of the study in words: `python -m trainvis.face_exp.netlist [--nets A-I] [--width 4096] …`.

`trainvis faces nets` starts this by name. No framework is loaded: layers and parameters follow from the notation.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ..engine.files import write_aside
from ..engine.places import expanded
from ..engine.text import printable
from ..vis.by_name import carried_out
from . import config
from .errors import FacesError
from .nets import Net


def parser() -> argparse.ArgumentParser:
    """The arguments, as `trainvis faces nets` hands them on."""
    made = argparse.ArgumentParser(prog="python -m trainvis.face_exp.netlist", description="The networks of the study")
    made.add_argument("--nets", default=None, help="which: A-I, A,B,E, controls, all")
    made.add_argument("--sweep", default=None, help="those of a sweep instead: inject=no,all depth=0,1,2 width=1024")
    made.add_argument("--config", default="", help="a file that changes or adds some")
    made.add_argument("--write", default="", help="write them into this file, to be changed")
    made.add_argument("--width", type=int, default=4096, help="of the features")
    made.add_argument("--identities", type=int, default=98)
    made.add_argument("--expressions", type=int, default=7)
    made.add_argument("--json", action="store_true")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """List or write; the exit code."""
    given = parser().parse_args(arguments)

    def work() -> int:
        try:
            return _listed(given)
        except BrokenPipeError:
            return 0

    return carried_out(work, given.write)


def chosen(which: str | None, swept: str | None, path: str) -> tuple[Net, ...]:
    """The networks that are asked for: all where nothing is said. Raises FacesError."""
    said = config.read(Path(path)) if path else config.Config()
    return said.chosen(which or ("all" if swept is None else ""), swept)


def table(found: Sequence[Net], width: int, identities: int, expressions: int) -> str:
    """Name, title, epochs and parameters of each, its layers below; the settings all have in common said once."""
    names = max(len(net.name) for net in found)
    titles = max(len(net.title) for net in found)
    counts = [f"{net.layers.parameters(width, identities, expressions):,}" for net in found]
    wide = max(map(len, counts))
    lines: list[str] = []
    for net, count in zip(found, counts, strict=True):
        title = printable(net.title).ljust(titles)
        lines.append(f"{net.name:{names}}  {title}  {net.epochs:>4} epochs  {count:>{wide}} parameters")
        lines.append(f"{'':{names}}  {net.layers}")
    for said in dict.fromkeys(map(_common, found)):
        having = [net.name for net in found if _common(net) == said]
        whose = "" if len(having) == len(found) else f"{', '.join(having)}: "
        lines += ["", f"{whose}{said}"]
    lines.append(f"parameters for features of {width:,}, {identities:,} identities and {expressions:,} expressions")
    return "\n".join(lines)


def _common(net: Net) -> str:
    weight = f", expression's loss × {net.weight:g}" if net.weight != 1 else ""
    return (
        f"dropout {net.dropout:g}, {printable(net.activation, 40)}, {printable(net.initialiser, 40)}, "
        f"{printable(net.optimizer, 40)} at {net.learning_rate:g}, "
        f"batches of {net.batch}{weight}"
    )


def _listed(given: argparse.Namespace) -> int:
    for name in ("width", "identities", "expressions"):
        if getattr(given, name) < 1:
            raise FacesError(f"--{name} {getattr(given, name)}: there is 1 or more")
    found = chosen(given.nets, given.sweep, given.config)
    if given.write:
        return _written(expanded(given.write), config.written(found))
    if given.json:
        sizes = given.width, given.identities, given.expressions
        print(json.dumps([_fields(net, *sizes) for net in found], indent=1, ensure_ascii=False))  # noqa: T201
    else:
        print(table(found, given.width, given.identities, given.expressions))  # noqa: T201
    return 0


def _fields(net: Net, width: int, identities: int, expressions: int) -> dict[str, object]:
    settings = ("epochs", "batch", "optimizer", "learning_rate", "initialiser", "activation", "dropout", "weight")
    return {
        "name": net.name, "title": net.title, "kind": net.kind, "layers": str(net.layers),
        **{name: getattr(net, name) for name in settings},
        "parameters": net.layers.parameters(width, identities, expressions),
    }  # fmt: skip


def _written(path: Path, text: str) -> int:
    if path.exists():
        raise FacesError(f"{printable(path, 200)} is there already: choose another name, it may hold changes of yours")
    try:
        write_aside(path, text)
    except OSError as error:
        raise FacesError(f"{printable(path, 200)} cannot be written: {error.strerror}") from None
    print(f"change it, and give it with --config {printable(path, 200)}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
