"""Train a network that tells people apart: `python -m trainvis.face_exp.embed faces.h5 --out people.keras`.

`trainvis faces embed` starts this by name, in the interpreter that has the framework; what that one lacks is said, so
nothing is imported here but what comes with Python.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ..vis.by_name import carried_out


def parser() -> argparse.ArgumentParser:
    """The arguments, as `trainvis faces embed` hands them on."""
    made = argparse.ArgumentParser(
        prog="python -m trainvis.face_exp.embed", description="Train a network that tells people apart"
    )
    made.add_argument("data", help="a blob, or a source that a layout knows")
    made.add_argument("--loss", default="triplet", help="triplet, cosface or arcface")
    made.add_argument("--margin", type=float, help="of the loss; that of its paper")
    made.add_argument("--scale", type=float, default=30.0, help="of the cosines: cosface, arcface")
    made.add_argument("--width", type=int, default=128, help="how many numbers a face becomes")
    made.add_argument("--side", type=int, default=64, help="height and width of a face, in pixels")
    made.add_argument("--base", default="", help="begin with this network: FILE.keras, FILE.h5, keras:NAME[:WEIGHTS]")
    made.add_argument("--preprocess", default="", help="what the base was trained on: 0..1, caffe …")
    made.add_argument("--joint", type=float, default=0.0, help="learn the expression too, its loss with this weight")
    made.add_argument("--epochs", type=int, default=30, help="how often it sees each face")
    made.add_argument("--batch", default="32x4", help="people × faces of each (triplet); as many faces (the others)")
    made.add_argument("--rate", type=float, default=2e-3, help="of Adam at its height; it falls to nothing")
    made.add_argument("--no-augment", action="store_true", help="every face as it is, each time")
    made.add_argument("--held-out", default="people", help="people, images or none are kept for verification")
    made.add_argument("--share", type=float, default=0.2, help="of them that is held out")
    made.add_argument("--seed", type=int, default=0, help="of what is held out, the weights, order and augmentation")
    made.add_argument("--layout", default="", help="the layout of the source, where it is not recognised")
    made.add_argument("--identity", default="identity", help="the field that says who it is")
    made.add_argument("--expression", default="expression", help="the field that says the expression (with --joint)")
    made.add_argument("--labels", default="", help="a side file of labels, or a list of expressions")
    made.add_argument("--least", type=int, default=2, help="leave people out that have fewer faces")
    made.add_argument("--people", type=int, default=0, help="at most so many people")
    made.add_argument("--limit", type=int, default=0, help="at most so many faces")
    made.add_argument("--out", default="", help="put the network there too: NET.keras")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and verify; the exit code."""
    given = parser().parse_args(arguments)

    def work() -> int:
        from .embedding import programme

        return programme.run(given)

    return carried_out(work, "the network", "stopped: its run keeps the networks that were saved")


if __name__ == "__main__":
    sys.exit(main())
