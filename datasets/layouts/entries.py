"""What each layout is: where things lie in it, what is read of it, what real copies have wrong."""

from __future__ import annotations

from .layout import Layout

ENTRIES: tuple[Layout, ...] = (
    Layout(
        "image_folder", "Pictures in folders", "<class>/<image>",
        "A folder a class, with pictures in it or in folders below it.",
        ("image", "label: the folder"),
        general=True,
    ),
)  # fmt: skip
