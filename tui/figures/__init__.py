"""The figures of runs as screens need them: read in a thread, of a figure only what is seen."""
