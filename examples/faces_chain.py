"""Expressions learned from one set of faces help to recognise people in another: the whole chain, on drawn faces.

    python examples/faces_chain.py [FOLDER]

draws two sets of different people, trains a network that names expressions on the first, tries it on the second, lets
it label the second, and puts what it says into networks that recognise people, beside the true labels and shuffled
ones. It runs the commands that it prints and nothing else; docs/faces-chain.md explains each. A few minutes on two
cores. FOLDER (./faces-chain) keeps the data and the network, the runs go where all runs go.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

# More people than pictures of each: an expression is to be learned whoever shows it. And the expression says nothing
# of who it is there (correlation 0), while of the people to be recognised some smile more than others.
STEPS = """
trainvis faces generate learn.h5 --people 200 --faces 2000 --size 64 --seed 1 --correlation 0 --difficulty 0 --strength 1.5
trainvis faces generate faces.h5 --people 15 --faces 600 --size 64 --seed 2 --difficulty 0.2 --strength 1.5
trainvis faces expression learn.h5 --net residual --batch 16 --epochs 10 --evaluate faces.h5 --out emotions.keras
trainvis blob label faces.h5 --model emotions.keras --field guessed
trainvis faces study faces.h5 --split group --nets B,E --seeds 2 --source label,predicted,shuffled --expression-from emotions.keras --extractor pca:64
trainvis faces report last
"""  # noqa: E501 - one command a line


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("faces-chain"), help="where the files go")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for line in STEPS.strip().splitlines():
        print(f"\n$ {line}", flush=True)
        command = shlex.split(line)
        if command[2] == "generate" and (folder / command[3]).exists():
            print(f"{command[3]} is there already")
            continue
        done = subprocess.run([sys.executable, "-m", *command], cwd=folder, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
