"""`trainvis faces`: the group of commands for experiments on faces and expressions."""

from __future__ import annotations

from typing import ClassVar

import click

from .lazy import LazyGroup

_EPILOG = """\b
Examples
  trainvis faces study --demo                   the whole on drawn faces
  trainvis faces study IMFDB_final/ --extractor keras:VGG16:vgg16.h5
  trainvis faces report last                    what a study found
  trainvis faces generate faces.h5 --people 60  draw a data set

\b
Does facial expression help face recognition, and how best? docs/faces.md
tells how the study asks that, and what its answers mean."""


TABLE = {
    "Ask": {
        "study": "Train the networks of the study, over seeds; write the report.",
        "report": "Print what a study found, or open its report.",
        "nets": "List the networks of the study; write them to a file to change.",
    },
    "Prepare": {
        "generate": "Draw a data set of faces, with identity and expression.",
        "features": "Turn faces into vectors with a network, and keep them.",
        "embed": "Train a network that tells people apart (triplet, margin).",
        "expression": "Train a network that names expressions.",
    },
}
_NAMES = [name for commands in TABLE.values() for name in commands]


class FacesCommands(LazyGroup):
    """The commands of this group."""

    table = TABLE
    modules: ClassVar = {name: f"faces_{name}" for name in _NAMES}
    attributes: ClassVar = {name: f"{name}_command" for name in _NAMES}


@click.group(cls=FacesCommands, epilog=_EPILOG)
def faces() -> None:
    """Experiments on faces: does the expression help to recognise them?"""
