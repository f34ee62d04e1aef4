"""The errors of the tool: each says what was tried, on what, and how to mend it.

They are raised where the cause is known and caught once, at the edge (a command, a handler of the
application), where `str(error)` is the sentence that a person reads.
"""

from __future__ import annotations


class TrainvisError(Exception):
    """A sentence for a person. Never raised itself: one of its children says which part failed."""


class RunError(TrainvisError):
    """A run directory cannot be found, read, written, changed or deleted."""


class LaunchError(TrainvisError):
    """A script cannot be started, stopped, run again or resumed."""


class QueryError(TrainvisError):
    """A filter line cannot be understood; `position` is the 0-based column where it stops making sense."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class SettingsError(TrainvisError):
    """The configuration file or an option holds something that cannot be used."""


class PlaceError(TrainvisError):
    """A path means no place: it begins at the home folder of somebody who has none here."""


class PictureError(TrainvisError):
    """A chart or an image cannot be written into a file."""
