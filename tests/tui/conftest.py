"""Keys faster than a person's: Textual's pilot sleeps 40 ms a key, which is most of what such tests take."""

from __future__ import annotations

from textual import _wait, screen

# The pilot takes an application for idle that used no processor for one look; two frames must fit into a look.
_wait.SLEEP_GRANULARITY = 0.008
_wait.SLEEP_IDLE = _wait.SLEEP_GRANULARITY / 20
screen.UPDATE_PERIOD = 0.004  # type: ignore[misc]
