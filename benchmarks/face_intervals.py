"""How often 95 % intervals of a network's accuracy hold the truth, over drawn studies whose truth is known.

`python benchmarks/face_intervals.py [--studies 300]` prints a JSON line for each number of seeds, and of faces in a
film: the share of studies whose interval holds the true accuracy, and its mean width in points, by the bootstrap over
seeds and films (`bootstrap`, as the report makes it, 1,000 resamples) and by Student's t over seeds (`student`). A
study tests 60 faces of 600 a seed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "face_exp"))

from right_answers import TRUTH, interval_of, of_study

from trainvis.face_exp.judging.estimate import corrected


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=300)
    studies = parser.parse_args().studies
    for film in (1, 10):
        for seeds in (2, 3, 5, 10):
            rng = np.random.default_rng([film, seeds])
            found: dict[str, list[tuple[float, float]]] = {"bootstrap": [], "student": []}
            for number in range(studies):
                records, right, group = of_study(rng, seeds=seeds, size=film)
                low, high, _ = interval_of(records, right, group, 1000, number)
                found["bootstrap"].append((float(low), float(high)))
                by_seeds = corrected([each.mean() for each in right.values()], 60 / 540, 0.95)
                if np.isfinite(by_seeds.low):  # none where all seeds are alike
                    found["student"].append((by_seeds.low, by_seeds.high))
            said = {
                way: {
                    "holds": round(float(np.mean([low <= TRUTH <= high for low, high in bounds])), 3),
                    "points": round(100 * float(np.mean([high - low for low, high in bounds])), 1),
                    "studies": len(bounds),
                }
                for way, bounds in found.items()
            }
            print(json.dumps({"name": "face_intervals", "seeds": seeds, "faces_of_a_film": film, **said}), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
