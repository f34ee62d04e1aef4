"""Where a run is started: a table of names, a file behind each name."""
