"""Makes the pictures of the manual with the tool itself: `make pictures`.

Real trainings on handwritten digits (one of them still running) and a script that fails are started in a runs folder
of their own; the application shows them; its screens are drawn by a headless Chromium into docs/pictures/. The name of
the host stands in the pictures: `unshare --uts sh -c "hostname gpu-box && make pictures"` gives them another.

    python docs/pictures.py --model squeezenet.keras --preprocess "bgr mean 104,117,123"

makes those that show a classifier of photographs, and no others. The network becomes no part of the manual.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import blob_screens
import numpy as np
from PIL import Image, ImageChops
from textual.pilot import Pilot

from trainvis.engine.launch import Request, kill, launch, wait
from trainvis.engine.rundir import RunDir
from trainvis.engine.runs import snapshot
from trainvis.engine.status import alive
from trainvis.tui.app import TrainvisApp
from trainvis.tui.screens.choose_file import ChooseFile
from trainvis.tui.screens.choose_techniques import ChooseTechniques
from trainvis.tui.settings import read_settings
from trainvis.tui.terminal import Terminal

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
DIGITS = HERE.parent / "examples" / "digits.py"
MOST_LOST = 48  # of 255, of any pixel
MAPS_ONLY = ("photos",)  # too large with all its colours, which are those of one colour map
FAILS = """print("reading faces.h5")


def read(path):
    with open(path, "rb") as file:
        return file.read()


read("faces.h5")
"""


def started(root: Path, folder: Path) -> list[RunDir]:
    """The runs of the pictures, oldest first; the last one is still running."""
    digits, broken = folder / "digits.py", folder / "vgg_faces.py"
    shutil.copy(DIGITS, digits)
    broken.write_text(FAILS)
    python = folder / "env"
    python.symlink_to(sys.prefix)

    def run(script: Path, *argv: str, tags: tuple[str, ...] = (), name: str = "") -> RunDir:
        return launch(root, Request(str(script), argv, python=str(python / "bin" / "python"), tags=tags, name=name))

    runs = [
        run(digits, "--epochs", "6", "--lr", "0.001", tags=("baseline",)),
        run(digits, "--epochs", "6", "--lr", "0.01", name="bolder"),
        run(broken, tags=("faces",)),
    ]
    for ended in runs:
        wait(ended)
    runs.append(run(digits, "--epochs", "40", tags=("demo",), name="longer"))
    deadline = time.monotonic() + 120
    while not (runs[-1].metrics_file.exists() and runs[-1].metrics_file.stat().st_size > 60_000):
        assert time.monotonic() < deadline, "the last run wrote no metrics"
        time.sleep(0.2)
    return runs


def draw(svg: str, name: str) -> None:
    """SVG → PNG by Chromium, which places text as Textual meant it."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("the pictures are drawn by Chromium: sudo apt-get install -y chromium fonts-firacode")
    source = PICTURES / f"{name}.svg"
    source.write_text(svg, encoding="utf-8")
    width, height = svg.split('viewBox="0 0 ', 1)[1].split('"', 1)[0].split()
    subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            "--hide-scrollbars",
            f"--screenshot={source.with_suffix('.png')}",
            f"--window-size={round(float(width))},{round(float(height))}",
            source,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    source.unlink()
    picture = source.with_suffix(".png")
    with Image.open(picture) as image:
        whole = image.convert("RGB")
    few = whole.quantize(128)  # most screens have few colours: a third of the size
    lost = np.asarray(ImageChops.difference(whole, few.convert("RGB")))
    if lost.max() > MOST_LOST:  # photos and colour bars have many
        few = whole.quantize(256, Image.Quantize.MAXCOVERAGE) if name in MAPS_ONLY else whole
    few.save(picture, optimize=True)
    print(picture)


async def screen(
    root: Path, name: str, act: Callable[[TrainvisApp, Pilot[None]], Awaitable[None]], size: tuple[int, int] = (120, 34)
) -> None:
    """One picture: open the application, `act`, let it settle, draw."""
    app = TrainvisApp(root, read_settings(), Terminal(), kept=snapshot(root))
    async with app.run_test(size=size) as pilot:
        await act(app, pilot)
        for _ in range(20):
            await pilot.pause(0.1)
        draw(app.export_screenshot(title="trainvis-tui"), name)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The pictures of the manual")
    parser.add_argument("--model", type=Path, help="a Keras classifier of ImageNet's classes: the screens before it")
    parser.add_argument("--preprocess", default="0..1", help="what it was trained on, as for `trainvis look`")
    parser.add_argument("--blobs", type=Path, metavar="NETWORK", help="the blob screen only, and in it this file")
    return parser.parse_args()


async def main(options: argparse.Namespace) -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="") as temporary:
        folder = Path(temporary, "training")  # short and neutral: it stands in the pictures
        root = folder / "runs"
        folder.mkdir()
        for variable in ("CONFIG", "CACHE", "STATE", "DATA"):
            os.environ[f"XDG_{variable}_HOME"] = str(folder / variable.lower())
        if options.model is not None:
            import photo_screens

            await photo_screens.pictures(screen, folder, options.model.absolute(), options.preprocess)
            return
        if options.blobs is not None:
            root.mkdir()
            await blob_screens.pictures(screen, root, folder, options.blobs.absolute())
            return
        runs = started(root, folder)
        try:
            await pictures(root, runs)
            network = next(iter(sorted(runs[0].networks.glob("*.keras"))), None)
            await blob_screens.pictures(screen, root, folder, network)
        finally:
            for run in runs:
                if alive(run.status()):
                    kill(run)


async def pictures(root: Path, runs: list[RunDir]) -> None:
    """Every picture of the manual."""

    async def nothing(app: TrainvisApp, pilot: Pilot[None]) -> None:
        del app, pilot

    def pane(run: RunDir, which: str, *keys: str) -> Callable[[TrainvisApp, Pilot[None]], Awaitable[None]]:
        async def act(app: TrainvisApp, pilot: Pilot[None]) -> None:
            app.open_run(run.path, which)
            await pilot.pause(0.5)
            await pilot.press(*keys)

        return act

    async def overlay(app: TrainvisApp, pilot: Pilot[None]) -> None:
        app.open_curves([runs[0].path, runs[1].path])
        await pilot.pause(0.5)

    async def units(app: TrainvisApp, pilot: Pilot[None]) -> None:
        app.open_units(runs[0].path, "digit", 6)
        await pilot.pause(0.5)

    async def beside(app: TrainvisApp, pilot: Pilot[None]) -> None:
        app.open_side_by_side((runs[0].path,), "saliency_maps")
        await pilot.pause(0.5)
        await pilot.press("a")

    async def start(app: TrainvisApp, pilot: Pilot[None]) -> None:
        app.open_launch(runs[0].path)
        await pilot.pause(0.5)

    async def look(app: TrainvisApp, pilot: Pilot[None]) -> None:
        app.open_look(runs[0].path)
        await pilot.pause(0.5)
        app.push_screen(ChooseTechniques(("grad_cam",)))
        await pilot.pause(0.5)

    async def files(app: TrainvisApp, pilot: Pilot[None]) -> None:
        app.open_look(runs[0].path)
        await pilot.pause(0.5)
        app.push_screen(ChooseFile("Which images?", runs[0].images, (".png",), many=True))
        await pilot.pause(0.5)
        await pilot.press("space", "space", "down")

    await screen(root, "runs", nothing)
    await screen(root, "runs-80x24", nothing, (80, 24))
    await screen(root, "overview", pane(runs[0], "overview"))
    await screen(root, "failed", pane(runs[2], "overview"))
    await screen(root, "output", pane(runs[3], "output"))
    await screen(root, "curves", pane(runs[3], "curves"))
    await screen(root, "curve", pane(runs[0], "curves", "enter", "m", "i", "right", "right"))
    await screen(root, "overlay", overlay)
    await screen(root, "pictures", pane(runs[0], "pictures", "j", "j", "j", "right", "down", "left_square_bracket"))
    await screen(root, "pictures-linked", pane(runs[0], "pictures", "J", "n", "plus", "c"))
    await screen(root, "pictures-matrix", pane(runs[0], "pictures", *["J"] * 4, *["down"] * 8, *["right"] * 3))
    await screen(root, "network", pane(runs[0], "network", "down", "down", "down"))
    await screen(root, "units", units, (120, 40))
    await screen(root, "side-by-side", beside)
    await screen(root, "launch", start)
    await screen(root, "look", look)
    await screen(root, "files", files)


if __name__ == "__main__":
    asyncio.run(main(parsed()))
