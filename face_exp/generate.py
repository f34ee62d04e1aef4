"""Draw a data set of faces: `python -m trainvis.face_exp.generate faces.h5 --people 60 --faces 3000`.

`trainvis faces generate` starts this by name. No framework is needed, only NumPy and Pillow.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from ..vis.by_name import carried_out
from ..vis.telling import progress


def parser() -> argparse.ArgumentParser:
    """The arguments, as `trainvis faces generate` hands them on."""
    made = argparse.ArgumentParser(
        prog="python -m trainvis.face_exp.generate", description="Draw a data set of faces, with what they show"
    )
    made.add_argument("out", help="the blob that is made: OUT.h5 or OUT.lmdb")
    made.add_argument("--people", type=int, default=60, help="so many people")
    made.add_argument("--faces", type=int, default=3000, help="so many faces of all of them together")
    made.add_argument("--size", type=int, default=130, help="pixels of a side")
    made.add_argument("--seed", type=int, default=0, help="the same seed draws the same faces")
    made.add_argument("--correlation", type=float, default=0.3, help="0…1: how far an expression tells who it is")
    made.add_argument("--difficulty", type=float, default=0.5, help="0…1: how alike people are, how unlike pictures")
    made.add_argument("--strength", type=float, default=1.0, help="0…2: how far an expression moves a face")
    made.add_argument("--sessions", type=int, default=6, help="occasions on which a person is taken")
    made.add_argument("--workers", type=int, default=0, help="processes that draw; 0: one a core")
    made.add_argument("--replace", action="store_true", help="put the faces in the place of a file that is there")
    made.add_argument("--json", action="store_true", help="say what was made as JSON")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw; the exit code is 0 where the file is there, 130 where somebody stopped it."""
    given = vars(parser().parse_args(arguments))
    out, replace, as_json = given.pop("out"), given.pop("replace"), given.pop("json")

    def work() -> int:
        from .generating import Options, drawn

        say, tell = (_silent, _silent) if as_json else (_say, progress() if sys.stdout.isatty() else None)
        built = drawn(out, Options(**given), say, tell=tell, replace=replace)
        if as_json:
            told = {"path": str(built.path), "faces": built.records, "digest": built.digest, "size": built.size}
            _say(json.dumps(told | {"seconds": round(built.seconds, 3)}))
        return 0

    return carried_out(work, out, "stopped: nothing of it is left")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - what a person reads


def _silent(*_: object) -> None:
    pass


if __name__ == "__main__":
    sys.exit(main())
