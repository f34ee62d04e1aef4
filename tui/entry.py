"""The entry point of `trainvis` and `trainvis-tui`.

Called without a word in a terminal it opens the application without loading what reads a command line: that is a tenth
of the time until the first frame.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Open the application, or do what the command line says; ends the process."""
    if len(sys.argv) == 1 and os.name == "posix" and os.isatty(0) and os.isatty(1):
        from .start import run_app

        sys.exit(run_app())
    from .commands.main import main as commands

    commands()
