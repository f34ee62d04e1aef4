"""`trainvis blob`: the group of commands for data sets in one file."""

from __future__ import annotations

from typing import ClassVar

import click

from .lazy import LazyGroup

_EPILOG = """\b
Examples
  trainvis blob build faces/ faces.h5 --size 128    pack folders of pictures
  trainvis blob info faces.h5                       what it is
  trainvis blob show faces.h5                       its pictures, with labels
  trainvis blob ls faces.h5 label:happy             records that fit a filter
  trainvis blob stats faces.h5 --duplicates
  trainvis blob verify faces.h5

\b
A blob is a data set in one file, HDF5 or LMDB. What others wrote is read too:
arrays of Keras and h5py, Caffe and LSUN LMDBs, NumPy archives. `info` and
`show` also look into networks, weights and figures. `trainvis FILE` opens the
application there. docs/blobs.md goes through it with a small data set."""


TABLE = {
    "Make": {
        "build": "Pack a data set into one file.",
        "label": "Let a network suggest labels, for you to confirm.",
    },
    "Look": {
        "info": "Say what is in a file: fields, classes, parts, sizes.",
        "ls": "List records: keys and labels; a filter chooses.",
        "show": "Print records as pictures, one record, or a slice of an array.",
        "stats": "Count classes and pixel values; mean image; duplicates.",
    },
    "Check and take out": {
        "verify": "Read all of it: digest, every picture, statistics.",
        "export": "Write records as image files with a CSV, or as npz.",
    },
}
_NAMES = [name for commands in TABLE.values() for name in commands]


class BlobCommands(LazyGroup):
    """The commands of this group."""

    table = TABLE
    modules: ClassVar = {name: f"blob_{name}" for name in _NAMES}
    attributes: ClassVar = {name: f"{name}_command" for name in _NAMES}


@click.group(cls=BlobCommands, epilog=_EPILOG)
def blob() -> None:
    """Build, look into, check and take out data sets in one file (blobs)."""
