"""Makes the page "Inside a trained network" and its pictures, from a classifier of photographs of yours.

    python docs/network_pictures.py --model squeezenet.keras --preprocess "bgr mean 104,117,123"

`--model` is a Keras classifier of ImageNet's 1,000 classes; for one of others give `--classes` and `--labels`. The
photos are some that come with scikit-image. Nothing is downloaded, and the network becomes no part of the manual.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import network_sheets as sheets
import painting
from network_page import PAGE
from network_sheets import Subject

from trainvis.engine.errors import TrainvisError
from trainvis.vis import models

HERE = Path(__file__).parent
MAPS = 7  # of each layer for which feature visualisation is shown
PARTS = ("attribution", "deconvolution", "classes", "maps", "dream", "page")


def main() -> None:
    options = parsed()
    try:
        loaded = models.load(options.model)
    except TrainvisError as error:
        sys.exit(str(error))
    labels = tuple(options.labels.read_text(encoding="utf-8").splitlines()) if options.labels else ()
    subject = Subject(loaded.model, options.preprocess or loaded.preprocess or "0..1", labels)
    paint: dict[str, Callable[[], painting.Image.Image]] = {
        "attribution": lambda: sheets.attribution(subject),
        "deconvolution": lambda: sheets.deconvolution(subject, options.layers),
        "classes": lambda: sheets.classes(subject, options.classes, options.iterations),
        "maps": lambda: sheets.maps(subject, options.grown, MAPS, options.iterations),
        "dream": lambda: sheets.dream(subject, options.dreams),
    }
    for name in [each for each in options.only or paint if each in paint]:
        began = time.perf_counter()
        file = painting.save(paint[name](), options.docs / "pictures" / f"inside-{name}.png")
        print(f"{file}: {file.stat().st_size:,} bytes, {time.perf_counter() - began:.0f} s", flush=True)
    if options.only and "page" not in options.only:
        return
    first = options.classes[0]
    grown = sheets.pictures(subject, "deep_visualization", [first], **sheets.ascent(options.iterations))[0]
    found = sheets.steadiness(subject, grown, first, options.shift)
    text = PAGE.format(iterations=options.iterations, count=MAPS, steadiness=found.sentence)
    (options.docs / "inside.md").write_text(text, encoding="utf-8")
    print(found.sentence)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pictures of the inside of a trained classifier of photographs")
    parser.add_argument("--model", required=True, help="FILE.keras, FILE.h5, or keras:NAME[:WEIGHTS]")
    parser.add_argument("--preprocess", default="", help="what it was trained on, as for `trainvis look`")
    parser.add_argument("--labels", type=Path, help="a text file with the name of a class in each line")
    parser.add_argument("--classes", type=int, nargs="+", default=[285, 130, 949, 963, 779, 980])
    parser.add_argument("--layers", nargs="+", default=["pool4", "pool8", "fire9_concat"], help="for the deconvolution")
    parser.add_argument("--grown", nargs="+", default=["fire2_concat", "fire4_concat", "fire6_concat", "fire9_concat"])
    parser.add_argument("--dreams", nargs="+", default=["fire6_concat", "fire9_concat"])
    parser.add_argument("--iterations", type=int, default=128)
    parser.add_argument("--shift", type=int, default=8, help="pixels")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="some of the pictures, or the text beside them")
    parser.add_argument("--docs", type=Path, default=HERE, help="where pictures/ lies")
    return parser.parse_args()


if __name__ == "__main__":
    main()
