"""Pictures of the screens before a classifier of photographs: for `docs/pictures.py --model`.

The network is looked into by `trainvis look`, in two runs: what four photos do to its layers, and one unit from all
sides. The photos come with scikit-image and are in the public domain (CC0).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import skimage
from PIL import Image
from textual.pilot import Pilot

from trainvis.engine.rundir import RunDir
from trainvis.engine.runs import snapshot
from trainvis.tui.app import TrainvisApp

Act = Callable[[TrainvisApp, Pilot[None]], Awaitable[None]]
Screen = Callable[[Path, str, Act, tuple[int, int]], Awaitable[None]]

SHOWN = ("chelsea.png", "coffee.png", "camera.png", "rocket.jpg")  # a cat, a cup, a camera on its tripod, a rocket
# Those besides in which a unit looks for what excites it most.
SEARCHED = (
    *SHOWN, "astronaut.png", "hubble_deep_field.jpg", "horse.png", "brick.png", "grass.png", "gravel.png", "moon.png",
    "coins.png", "motorcycle_left.png", "retina.jpg", "ihc.png",
)  # fmt: skip
NAMES = {281: "tabby cat", 282: "tiger cat", 285: "Egyptian cat", 287: "lynx", 293: "cheetah"}  # of ILSVRC 2012
CLASSES = 1000
SIZE = (120, 40)
LAYER, UNIT = "fire2_concat", 11  # one that likes yellow and red


def folder_of(photos: Path, names: tuple[str, ...], side: int = 227) -> Path:
    """The middle squares of photos as PNG files."""
    photos.mkdir()
    for name in names:
        with Image.open(Path(skimage.__file__).parent / "data" / name) as image:
            width, height = image.size
            edge = min(width, height)
            left, top = (width - edge) // 2, (height - edge) // 2
            square = image.convert("RGB").crop((left, top, left + edge, top + edge))
        square.resize((side, side), Image.Resampling.LANCZOS).save((photos / name).with_suffix(".png"))
    return photos


def looked(root: Path, model: Path, preprocess: str, *options: str) -> RunDir:
    """A finished run of `trainvis look`."""
    known = {row.path for row in snapshot(root).rows}
    command = [sys.executable, "-m", "trainvis", "look", str(model), "--preprocess", preprocess, "--runs", str(root)]
    subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL)
    return RunDir(next(row.path for row in snapshot(root).rows if row.path not in known))


async def pictures(screen: Screen, folder: Path, model: Path, preprocess: str) -> None:
    """The pictures pane, the unit view and the graph of the network."""
    root = folder / "looks"
    root.mkdir()
    photos, searched = folder_of(folder / "photos", SHOWN), folder_of(folder / "set", SEARCHED)
    labels = folder / "labels.txt"
    labels.write_text("\n".join(NAMES.get(at, f"class {at}") for at in range(CLASSES)), encoding="utf-8")
    images = [
        *(word for name in SHOWN for word in ("--image", str((photos / name).with_suffix(".png")))),
        "--labels", str(labels),
    ]  # fmt: skip
    whole = looked(
        root, model, preprocess, *images,
        "-t", "layer_activations", "-t", "grad_cam", "-t", "layer_graph", "-o", "exclude=InputLayer,ZeroPadding2D,ReLU",
    )  # fmt: skip
    one = looked(
        root, model, preprocess, *images, "--set", str(searched), "--unit", f"{LAYER}:{UNIT}",
        "-t", "layer_activations", "-t", "maximal_images", "-t", "deep_visualization",
        "-o", f"layers={LAYER}", "-o", f"maps={UNIT}", "-o", "count=1", "-o", "tries=9", "-o", "iterations=64",
    )  # fmt: skip

    def pane(which: str, *keys: str) -> Act:
        async def act(app: TrainvisApp, pilot: Pilot[None]) -> None:
            app.open_run(whole.path, which)
            await pilot.pause(1)
            for key in keys:
                await pilot.press(key)
                await pilot.pause(0.1)

        return act

    async def units(app: TrainvisApp, pilot: Pilot[None]) -> None:
        app.open_units(one.path, LAYER, UNIT)
        await pilot.pause(1)

    await screen(root, "photos", pane("pictures", *["j"] * 5, "right", "right", "right", "down", *["plus"] * 2), SIZE)
    await screen(root, "photos-over", pane("pictures", "J", "o"), SIZE)
    await screen(root, "photos-unit", units, SIZE)
    await screen(root, "photos-network", pane("network", "g", *["down"] * 8), SIZE)
