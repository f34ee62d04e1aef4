"""What can be wrong with a data set: each error is the sentence that a person reads."""

from __future__ import annotations

from ..engine.errors import TrainvisError


class BlobError(TrainvisError):
    """A blob that cannot be opened, read, built or labelled."""


class BeingWrittenError(BlobError):
    """Another process writes the file at this moment, and it cannot be read until that is done."""


class IndexingError(BlobError):
    """The place of a record is not known yet: the keys are still counted. Keys are found meanwhile."""


class SourceError(TrainvisError):
    """A source that no blob can be built from: no layout knows it, or nothing in it can be used."""


class ImageError(TrainvisError):
    """An image that cannot be read, or that a network cannot take."""
