"""Make the report of a study again: `python -m trainvis.face_exp.report FOLDER`.

`trainvis faces report --again` starts this by name; it needs NumPy, and no framework.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ...engine.text import printable
from ...vis.by_name import carried_out
from ..errors import FacesError


def parser() -> argparse.ArgumentParser:
    """The arguments, as `trainvis faces report` hands them on."""
    made = argparse.ArgumentParser(prog="python -m trainvis.face_exp.report", description="Report what a study found")
    made.add_argument("folder", type=Path, help="the run of a study, or its results folder")
    made.add_argument("--expressions", default="", help="the set of expressions the networks are compared with")
    made.add_argument("--source", default="label", help="where they come from: label, predicted or shuffled")
    made.add_argument("--level", type=float, default=0.05, help="the level of the tests, after Holm")
    made.add_argument("--resamples", type=int, default=1000, help="of the bootstrap")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Report; the exit code is 0 where it was written."""
    given = parser().parse_args(arguments)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # many small products: threads only wait for each other

    def work() -> int:
        if not 0 <= given.resamples <= 100_000:
            raise FacesError("--resamples is from 0 to 100000")
        from ..judging.options import Options
        from .making import report

        made = report(
            given.folder,
            Options(given.level, resamples=given.resamples, expressions=given.expressions, source=given.source),
            lambda text: print(text, file=sys.stderr),  # noqa: T201 - what cannot be read is said
        )
        print(printable(made.markdown))  # noqa: T201 - what it made
        return 0

    return carried_out(work, str(given.folder))


if __name__ == "__main__":
    sys.exit(main())
