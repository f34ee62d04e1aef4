"""Turn faces into vectors, and keep them: `python -m trainvis.face_exp.features faces.h5 --extractor net.keras`.

`trainvis faces features` starts this by name, in the interpreter that has the framework; what that one lacks is said,
so nothing is imported here but what comes with Python.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ..vis.by_name import carried_out


def parser() -> argparse.ArgumentParser:
    """The arguments, as `trainvis faces features` hands them on."""
    made = argparse.ArgumentParser(
        prog="python -m trainvis.face_exp.features", description="Turn faces into vectors, and keep them"
    )
    made.add_argument("data", help="a blob, or a source that a layout knows")
    made.add_argument("--extractor", required=True, help="FILE.keras, FILE.h5, keras:NAME[:WEIGHTS], vggface:WEIGHTS …")
    made.add_argument("--layer", default="", help="the layer whose output is taken; the one before the classifier")
    made.add_argument("--preprocess", default="", help="from pixels 0…255 to what the network was trained on: 0..1 …")
    made.add_argument("--out", default="", help="put the features there: FEATURES.h5")
    made.add_argument("--replace", action="store_true", help="put them in the place of a file that is there")
    made.add_argument("--all", action="store_true", help="every picture, whoever and whatever it shows")
    made.add_argument("--layout", default="", help="the layout of the source, where it is not recognised")
    made.add_argument("--identity", default="identity", help="the field that says who it is")
    made.add_argument("--expression", default="expression", help="the field that says the expression")
    made.add_argument("--least", type=int, default=0, help="leave people out that have fewer faces")
    made.add_argument("--people", type=int, default=0, help="at most so many people")
    made.add_argument("--limit", type=int, default=0, help="at most so many faces")
    made.add_argument("--seed", type=int, default=0, help="of the lot by which people and faces are drawn")
    made.add_argument("--size", type=int, default=130, help="the square that pictures of a layout are kept on")
    made.add_argument("--labels", default="", help="a side file of labels, or a list of expressions")
    made.add_argument("--code", default="", help="a Python file of yours that defines the network's own layers")
    made.add_argument("--batch", type=int, default=0, help="how many faces go through the network at once")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute the features; the exit code is 130 where somebody stopped it."""
    given = parser().parse_args(arguments)

    def work() -> int:
        from .extractors import programme

        return programme.run(given)

    return carried_out(
        work, "the features", "stopped: what is done is kept, and the same command goes on with the rest"
    )


if __name__ == "__main__":
    sys.exit(main())
