"""Look into saved networks: `python -m trainvis.vis.look NETWORK… --image FILE… --technique NAME…`.

What is found goes into the run directory of this process, one step for each network, as if it had been looked at
while it was trained. `trainvis look` starts this by name, in the interpreter that has the framework; what that one
lacks is said, so nothing is imported here but what comes with Python.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .by_name import carried_out


def parser() -> argparse.ArgumentParser:
    """The arguments, as `trainvis look` hands them on."""
    made = argparse.ArgumentParser(prog="python -m trainvis.vis.look", description="Look into saved networks")
    made.add_argument("networks", nargs="+", help="FILE.keras, FILE.h5, or keras:NAME[:WEIGHTS]")
    made.add_argument("--technique", action="append", default=[], help="a technique by its name; may be repeated")
    made.add_argument("--image", action="append", default=[], help="a picture, an .npy file or a folder")
    made.add_argument("--set", dest="records", default="", help="a folder of (class folders of) pictures, or a blob")
    made.add_argument("--layer", default="", help="the layer to look at: its path, name or number")
    made.add_argument("--unit", action="append", default=[], help="LAYER:INDEX, or an index in --layer")
    made.add_argument("--target", default="", help="the class to explain, a number or a name; the predicted one")
    made.add_argument("--output", default="", help="which output of the network")
    made.add_argument("--preprocess", default="", help="from pixels 0…255 to what the network was trained on: 0..1 …")
    made.add_argument("--labels", default="", help="a text file with the name of a class in each line")
    made.add_argument("--code", default="", help="a Python file of yours that defines the network's own layers")
    made.add_argument("--option", action="append", default=[], help="NAME=VALUE, an option of the technique")
    made.add_argument("--batch", type=int, default=32, help="how many images go through the network at once")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Look; the exit code is 0 where something was found by each technique."""
    given = parser().parse_args(arguments)

    def work() -> int:
        from . import looking

        return looking.look(looking.wanted(given))

    return carried_out(work, "the run directory")


if __name__ == "__main__":
    sys.exit(main())
