"""The pictures of the blob screen: two data sets are built, a network file is borrowed from a run, keys are pressed."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits, load_sample_images
from textual.pilot import Pilot

from trainvis.datasets.building.build import build
from trainvis.datasets.building.options import BuildOptions
from trainvis.datasets.labels import Labels
from trainvis.datasets.sample import Found, Planned, Sample
from trainvis.tui.app import TrainvisApp

Act = Callable[[TrainvisApp, Pilot[None]], Awaitable[None]]
Screen = Callable[..., Awaitable[None]]
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def digits(path: Path) -> Path:
    """Handwritten digits; of those of the test part nobody has said what they are, but the nearest mean guesses."""
    data = load_digits()
    images, labels = data.images, data.target
    learned = len(images) * 4 // 5
    means = np.stack([images[:learned][labels[:learned] == each].mean(axis=0) for each in range(10)])
    distance = ((images[learned:, None] - means) ** 2).sum(axis=(2, 3)) / 100
    shares = np.exp(-distance) / np.exp(-distance).sum(axis=1, keepdims=True)

    def samples() -> Iterator[Sample]:
        for at, image in enumerate(images):
            pixels = (image * 255 / 16).astype(np.uint8)[..., None]
            known = at < learned
            values = {"image": pixels, "label": NAMES[labels[at]] if known else None, "ink": float(image.mean())}
            yield Sample(f"digit-{at:04d}", values, split="train" if known else "test")

    fields = (Planned("image", "image"), Planned("label", "class", NAMES), Planned("ink", "number"))
    build(Found("digits", fields, list(samples())), path, BuildOptions(encoding="raw", workers=1))
    side = Labels(Labels.path_beside(path))
    for at, share in enumerate(shares):
        said = NAMES[int(share.argmax())]
        side.append(f"digit-{learned + at:04d}", "label", said, confidence=float(share.max()), model="nearest mean")
    return path


def photos(path: Path) -> Path:
    """Parts of two photographs, as JPEG, of different shapes."""
    data = load_sample_images()
    rng = np.random.default_rng(4)

    def samples() -> Iterator[Sample]:
        for at in range(400):
            photo = at % 2
            wide, high = rng.integers(90, 160, 2)
            x, y = rng.integers(0, 640 - wide), rng.integers(0, 427 - high)
            target = io.BytesIO()
            Image.fromarray(data.images[photo][y : y + high, x : x + wide]).save(target, "JPEG", quality=92)
            name = ("temple", "flower")[photo]
            values = {"image": target.getvalue(), "label": name, "x": int(x), "y": int(y)}
            yield Sample(f"{name}/{at:03d}.jpg", values, group=name, split=("train", "train", "test")[at % 3])

    fields = (
        Planned("image", "image"), Planned("label", "class", ("flower", "temple")), Planned("x", "number"),
        Planned("y", "number"),
    )  # fmt: skip
    build(Found("photos", fields, list(samples())), path, BuildOptions(workers=1))
    return path


def on(path: Path, *keys: str) -> Act:
    """Open a file, and press keys; `@text` is typed."""

    async def act(app: TrainvisApp, pilot: Pilot[None]) -> None:
        app.open_blob(path)
        await pilot.pause(1.5)
        for key in keys:
            await pilot.press(*(_TYPED.get(each, each) for each in key[1:]) if key.startswith("@") else (key,))
            await pilot.pause(0.3)

    return act


_TYPED = {":": "colon", " ": "space", ",": "comma", "?": "question_mark"}


async def pictures(screen: Screen, root: Path, folder: Path, network: Path | None) -> None:
    """Every picture of the page on the blob screen."""
    few, many = photos(folder / "photos.h5"), digits(folder / "digits.lmdb")
    wide: dict[str, Any] = {"size": (120, 36)}
    await screen(root, "blob", on(few, *["right"] * 4, "down", "down"), **wide)
    await screen(
        root,
        "blob-many",
        on(many, "t", "t", "minus", "minus", "slash", "@label:two,three,five", "enter", "right", "down"),
        **wide,
    )
    await screen(root, "blob-record", on(few, *["right"] * 4, "down", "down", "t", "t", "enter", "i"), **wide)
    await screen(root, "blob-label", on(many, "u", "right", "down"), **wide)
    await screen(root, "blob-counts", on(many, "2", "down", "down"), **wide)
    if network is not None:
        layer = ("down", "down", "enter", "down", "enter", "down", "down", "enter")
        keys = (*layer, "down", "enter", "down", "down", "enter", "tab", "right_square_bracket")
        await screen(root, "blob-data", on(network, *keys), **wide)
