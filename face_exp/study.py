"""The study: `python -m trainvis.face_exp.study DATA --nets A-I --seeds 10 --expressions 7`.

Networks × seeds × sets of expressions, each a run of its own, and a report. `trainvis faces study` starts this by name,
in the interpreter that has the framework; what that one lacks is said, so nothing is imported here but what comes with
Python.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..vis.by_name import carried_out

if TYPE_CHECKING:
    from .settings import Settings


def parser() -> argparse.ArgumentParser:
    """The arguments, as `trainvis faces study` hands them on."""
    made = argparse.ArgumentParser(
        prog="python -m trainvis.face_exp.study", description="Train the networks of a study"
    )
    made.add_argument("data", nargs="?", default="", help="a blob, or a data set in a known layout")
    made.add_argument("--demo", action="store_true", help="faces that are drawn for it, and a network for them")
    made.add_argument("--resume", default="", metavar="RUN", help="go on with this study: the folder of its run")
    made.add_argument("--nets", default="", help="A-I, A,B,E, controls, all")
    made.add_argument("--sweep", nargs="?", const="", default=None, help="inject=… depth=… width=… share=…")
    made.add_argument("--seeds", type=int, default=0, help="how often each network is trained")
    made.add_argument("--expressions", default="", help="7, 5, 3, 2, 1, fine, or sadness+anger,fear+surprise")
    made.add_argument("--source", dest="sources", default="", help="label,predicted,shuffled: of what is put in")
    made.add_argument("--expression-from", default="", help="the network that predicts expressions")
    made.add_argument("--config", default="", help="a file that changes or adds networks, and settings")
    made.add_argument("--split", default="", help="image, group, stratified")
    made.add_argument("--layout", default="", help="how the data lies, where it cannot be told")
    made.add_argument("--labels", default="", help="a file with labels for the data")
    for name, what in (("identity", "who it is"), ("expression", "the expression"), ("group", "film or session")):
        made.add_argument(f"--{name}-field", dest=name, default="", help=f"the field that says {what}")
    made.add_argument("--least", type=int, default=0, help="images that each person has at least")
    made.add_argument("--people", type=int, default=0, help="at most so many people")
    made.add_argument("--limit", type=int, default=0, help="at most so many faces")
    made.add_argument("--extractor", default="", help="FILE.keras, keras:NAME[:FILE], vggface:FILE, pca:N, pixels")
    made.add_argument("--preprocess", default="", help="what the extractor was trained on: 0..1, caffe …")
    made.add_argument("--layer", default="", help="the layer whose output is taken")
    made.add_argument("--tune", default="", help="from:LAYER, whole, scratch: train the extractor too")
    made.add_argument("--workers", type=int, default=0, help="so many heads at once")
    made.add_argument("--dry-run", action="store_true", help="say what would be trained, and end")
    made.add_argument("--json", action="store_true", help="say it as JSON (with --dry-run)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study; the exit code is 0 where it is done, or was stopped by a wish."""
    given = parser().parse_args(arguments)

    def work() -> int:
        from . import studying
        from .looking_ahead import look_ahead

        settings, resumed = _wanted(given)
        if given.dry_run:
            return look_ahead(settings, workers=given.workers, as_json=given.json)
        from ..vis import recording

        return studying.Study(settings, recording.own(), resumed, given.workers, _say).run()

    return carried_out(work, "the run directory")


def _wanted(given: argparse.Namespace) -> tuple[Settings, Path | None]:
    """The settings, and the results folder of the study that is gone on with. Raises FacesError."""
    from . import config, settings
    from .errors import FacesError
    from .expressions import parse_rules
    from .preparing import nets_of

    if not 0 <= given.workers <= settings.MOST_WORKERS:
        raise FacesError(f"--workers {given.workers}: 1 to {settings.MOST_WORKERS}, 0 for what is usual")
    asked = {
        name: value for name, value in vars(given).items()
        if name not in ("resume", "workers", "dry_run", "json")
        and (value is not None if name == "sweep" else value not in ("", 0, False, None))
    }  # fmt: skip
    if given.resume:
        if asked:
            named = ", ".join("DATA" if name == "data" else f"--{name.replace('_', '-')}" for name in sorted(asked))
            raise FacesError(
                f"a study goes on with the settings it was begun with, and {named} would change them: leave that away, "
                "or begin a new study"
            )
        from .resuming import results_of

        results = results_of(given.resume)
        return settings.read(results)[0], results
    of_file = config.read(Path(given.config)).study if given.config else {}
    found = settings.asked(asked, {**_demo(asked, of_file), **of_file})
    nets_of(found)
    parse_rules(found.expressions)
    return found, None


def _demo(asked: Mapping[str, object], of_file: Mapping[str, object]) -> Mapping[str, object]:
    """What the demo is, where neither the command line nor the configuration file asks otherwise."""
    if not (asked.get("demo") or of_file.get("demo")):
        return {}
    from .demo import SETTINGS

    return {"seeds": SETTINGS.seeds, "expressions": SETTINGS.expressions}


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
