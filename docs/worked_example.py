"""Makes the page of the worked example and its pictures from a run of it: `python docs/worked_example.py [RUN]`.

RUN is the folder of a run that `trainvis demo --thesis` made; without it one is made first, which takes minutes. The
figures are read from their files; what the thesis read from them by eye is measured, and the page says where it does
not hold.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import worked_readings
import worked_sheets
from readings import Reading
from worked_run import NoExampleError, WorkedRun

from trainvis.engine.rundir import RunDir

HERE = Path(__file__).parent
MARK = {"holds": "✔ holds", "holds in part": "◐ in part", "does not hold": "✘ does not hold"}


def main() -> None:
    options = parsed()
    with tempfile.TemporaryDirectory() as folder:
        try:
            run = WorkedRun(RunDir(options.run or made(Path(folder))))
        except NoExampleError as error:
            sys.exit(str(error))
        found = worked_readings.all_of(run)
        files = worked_sheets.all_of(run, options.docs / "pictures")
        text = page(run, found)
    (options.docs / "worked-example.md").write_text(text, encoding="utf-8")
    for each in found:
        print(f"{each.verdict:13} {each.claim} {each.found}")
    for file in files:
        print(f"{file} {file.stat().st_size:,} bytes")


def made(folder: Path) -> Path:
    """The folder of a new run of the example."""
    script = HERE.parent / "examples" / "thesis_digits.py"
    subprocess.run([sys.executable, script], env=os.environ | {"TRAINVIS_RUNS": str(folder)}, check=True)
    return next(folder.iterdir())


PAGE = """# The worked example

    trainvis demo --thesis

trains the network of the thesis that trainvis descends from and looks into it five times an epoch, as the thesis did:
two convolutions of 32 maps, a pool, three dense layers; Adadelta with learning rate 1.0, batches of 128. Ten digits
that it does not train on, one of each class, are followed through layer activations, saliency and the deconvolutional
network, and for each of its ten outputs a picture is grown that excites it (deep visualisation, learning rate 200, 50
iterations, the regularisers `low_frequency`). It is a run like any other: `trainvis-tui` shows it,
and its script, `examples/thesis_digits.py`, has {lines} lines.

The thesis used MNIST. The script does too where Keras keeps its `mnist.npz` (or `--data FILE` names one), and downloads
nothing: **this page was made with {source}.** {trained}

`python docs/worked_example.py RUN` makes this page and its pictures from the files of such a run.

![Loss over {epochs} epochs](pictures/worked-example-loss.png)

## What the thesis read from its pictures

Its readings were made by eye. Here each is a number, held against what the sentence means, with a verdict on this run.

| the thesis' reading | measured how | found | |
|---|---|---|---|
{readings}

{remarks}

## Stages

Saliency of ten digits: before training, five times an epoch for two epochs, and at the end. Below each is what the
network took it for, and how surely; red where that is wrong.

![Saliency of ten digits by stage](pictures/worked-example-saliency.png)

Before training nothing comes from the black around a digit: biases are still 0, so that no ReLU is on there.

What each output looks for, grown from the same noise at each stage.

![Deep visualisation of the ten outputs by stage](pictures/worked-example-deep.png)

Of the 7, three of the most active maps of each layer, each with one scale for all stages.

![Activations of a 7 by stage](pictures/worked-example-activations.png)

How much each picture differs from the one before it (1 − correlation, mean of the ten):

![Change from stage to stage](pictures/worked-example-change.png)

## The same part in other images

Maps of the pool that are active on all ten digits, from the most active one to the least. In each digit the place
that excites the map most, as large as what the unit sees, with the activation; below it that place, enlarged, and what
of the map reaches it through the deconvolutional network (grey is 0).

![Late-pool maps in ten digits](pictures/worked-example-parts.png)

## Four sets of regularisers

The ten outputs at the end, under the four sets of Yosinski et al. (2015), table 1. The pictures are stretched: with
the settings of the thesis they leave the range of the input (0…1) far behind, to some thousands.

![Four sets of regularisers](pictures/worked-example-sets.png)

| set | pixels that are not 0 | pixels with 90 % of the energy | cycles per pixel | kept around a kept pixel |
|---|---|---|---|---|
{looks}

## Taken for another

Misread digits of the validation part after the first epoch, one for each pair of classes. Beside them their saliency,
and the mean saliency of the rightly read digits of both classes with its correlation r.

![Misread digits and their saliency](pictures/worked-example-mistaken.png)
"""


def page(run: WorkedRun, found: list[Reading]) -> str:
    """The page, in Markdown."""
    rows = (f"| {each.claim} | {each.measured} | {each.found} | {MARK[each.verdict]} |" for each in found)
    script = (HERE.parent / "examples" / "thesis_digits.py").read_text(encoding="utf-8")
    accuracy = run.curves()["val_accuracy"][1][-1]
    return PAGE.format(
        lines=script.count("\n"),
        source=run.data.source,
        trained=f"After {run.options.epochs} epochs it reads {accuracy:.1%} of the validation part rightly.",
        epochs=run.options.epochs,
        readings="\n".join(rows),
        remarks="\n\n".join(each.remark for each in found if each.remark),
        looks="\n".join(
            f"| `{name}` | {look.kept:.0%} | {look.concentrated:.0%} | {look.frequency:.3f} | {look.neighbours:.0%} |"
            for name, look in worked_readings.looks_of(run).items()
        ),
    )


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make the page of the worked example and its pictures")
    parser.add_argument("run", nargs="?", type=Path, help="the folder of a run; without it one is made")
    parser.add_argument("--docs", type=Path, default=HERE, help="where the page goes, and pictures/ below it")
    return parser.parse_args()


if __name__ == "__main__":
    main()
