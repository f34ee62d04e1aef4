"""What all pictures of a run share, whichever callbacks make them: time, room on the disk, the compiled network."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .budget import Budget

if TYPE_CHECKING:
    from .network import Network
    from .pictures import Pictures

DISK = 2_000_000_000  # bytes of figures that a run keeps unless told otherwise


@dataclass(slots=True)
class Resources:
    """`makers` are the parts that make pictures in a fit just now."""

    budget: Budget = field(default_factory=Budget)
    disk: int = DISK
    makers: list[Pictures] = field(default_factory=list)
    _network: Network | None = None
    _folders: dict[str, Hashable] = field(default_factory=dict)

    def network_of(self, model: Any) -> Network | None:
        """The compiled functions kept for this model; None where there are none yet, or its layers have changed."""
        if self._network is not None and (self._network.model is not model or self._network.changed()):
            self._network = None
        return self._network

    def keep(self, network: Network) -> None:
        """Keep the compiled functions of this network, and no other's: a model that is done with must not stay."""
        self._network = network

    def let_go(self) -> None:
        """The run is closed: its network may be freed."""
        self._network = None

    @property
    def sets(self) -> int:
        """How many sets of pictures there are in the run: each has the same part of the disk."""
        return len(self._folders)

    def folder(self, name: str, settings: Hashable) -> str:
        """The folder in results/ for pictures called `name`: that of the same settings, else one of their own.

        Settings are the same where a script gives each of its fits new callbacks; two sets of one training never
        are, as each counts how many there are before it.
        """
        number, folder = 1, name
        while self._folders.setdefault(folder, settings) != settings:
            number += 1
            folder = f"{name}-{number}"
        return folder
