"""Text into the clipboard of the person's own machine, also over SSH and inside tmux."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

LARGEST = 74_000  # bytes; terminals drop an OSC 52 sequence above some 100,000 characters of base64


def copy(text: str, osc52: Callable[[str], None]) -> str:
    """Copy `text`, through tmux where we run in it, else with `osc52`; the word after it.

    tmux ignores OSC 52 from programs unless told otherwise, its own command always works. May take a
    moment; call it in a thread.
    """
    if "TMUX" in os.environ:
        try:
            subprocess.run(
                ["tmux", "load-buffer", "-w", "-"], input=text.encode(), capture_output=True, check=True, timeout=5
            )
        except (OSError, subprocess.SubprocessError) as error:
            return f"tmux did not take the text: {error}"
        return "copied to tmux's buffer and the clipboard"
    osc52(text)
    return "copied to the clipboard, if the terminal allows it (OSC 52)"
