"""Train a network that names expressions: `python -m trainvis.face_exp.expression faces.h5`.

`trainvis faces expression` starts this by name, in the interpreter that has the framework; what that one lacks is said,
so nothing is imported here but what comes with Python.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ..vis.by_name import carried_out


def parser() -> argparse.ArgumentParser:
    """The arguments, as `trainvis faces expression` hands them on."""
    made = argparse.ArgumentParser(
        prog="python -m trainvis.face_exp.expression", description="Train a network that names expressions"
    )
    made.add_argument("data", help="a blob, or a source that a layout knows: a FER2013 CSV, JAFFE, CK+ …")
    made.add_argument("--net", default="dexpression", help="dexpression or residual")
    made.add_argument("--size", type=int, default=48, help="height and width of a face, in pixels")
    made.add_argument("--grey", action=argparse.BooleanOptionalAction, default=True, help="grey, or colour (--no-grey)")
    made.add_argument("--epochs", type=int, default=30, help="how often it sees each face")
    made.add_argument("--batch", type=int, default=32, help="faces it learns from at once")
    made.add_argument("--rate", type=float, default=1e-3, help="of Adam at the beginning; it falls to nothing")
    made.add_argument("--seed", type=int, default=0, help="of the parts, the weights, the order and the augmentation")
    made.add_argument("--no-balance", action="store_true", help="frequent expressions count more")
    made.add_argument("--no-augment", action="store_true", help="every face as it is, each time")
    made.add_argument("--split", default="", help="own: make parts anew; stored: those of the data or none")
    made.add_argument("--expression", default="expression", help="the field that says the expression")
    made.add_argument("--identity", default="identity", help="the field that says who it is")
    made.add_argument("--layout", default="", help="the layout of the source, where it is not recognised")
    made.add_argument("--least", type=int, default=0, help="leave expressions out that have fewer faces")
    made.add_argument("--evaluate", default="", help="try it on this other set too")
    made.add_argument("--out", default="", help="put the best network there too: NET.keras")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and evaluate; the exit code."""
    given = parser().parse_args(arguments)

    def work() -> int:
        from .emotions import programme

        return programme.run(programme.wanted(given))

    return carried_out(work, "the network", "stopped: its run keeps the networks that were saved")


if __name__ == "__main__":
    sys.exit(main())
