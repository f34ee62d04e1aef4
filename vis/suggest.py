"""Let a network label a blob: `python -m trainvis.vis.suggest NETWORK BLOB --field expression`.

What it says becomes suggestions in the side file of labels, with its confidence, to be confirmed by a person.
`trainvis blob label` starts this by name, in the interpreter that has the framework; what that one lacks is said, so
nothing is imported here but what comes with Python.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .by_name import carried_out


def parser() -> argparse.ArgumentParser:
    """The arguments, as `trainvis blob label` hands them on."""
    made = argparse.ArgumentParser(prog="python -m trainvis.vis.suggest", description="Let a network label a blob")
    made.add_argument("network", help="FILE.keras, FILE.h5, or keras:NAME[:WEIGHTS]")
    made.add_argument("blob", help="the data set: an HDF5 or LMDB file")
    made.add_argument("--field", required=True, help="what is labelled: a class field of the blob, or a new one")
    made.add_argument("--classes", default="", help="the classes in the network's order: angry,calm,glad")
    made.add_argument("--labels", default="", help="a text file with the name of a class in each line, instead")
    made.add_argument("--side", default="", help="the side file of labels; the one beside the blob")
    made.add_argument("--only-unknown", action="store_true", help="only records whose field nobody knows")
    made.add_argument("--again", action="store_true", help="also records that this network has labelled before")
    made.add_argument("--limit", type=int, default=0, help="at most so many records")
    made.add_argument("--output", default="", help="which output of the network")
    made.add_argument("--preprocess", default="", help="from pixels 0…255 to what the network was trained on: 0..1 …")
    made.add_argument("--code", default="", help="a Python file of yours that defines the network's own layers")
    made.add_argument("--batch", type=int, default=32, help="how many images go through the network at once")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Label; the exit code is 0 where all was labelled, 130 where somebody stopped it."""
    given = parser().parse_args(arguments)

    def work() -> int:
        from . import suggesting

        return suggesting.suggest(suggesting.wanted(given))

    return carried_out(work, "the labels", "stopped before anything was labelled")


if __name__ == "__main__":
    sys.exit(main())
