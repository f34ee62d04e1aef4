"""Runs: on disk and as processes. Standard library, watchdog, and numpy where arrays are read."""
