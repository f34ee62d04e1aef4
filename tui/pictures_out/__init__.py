"""Figures taken out: chosen by name, layer and step, as pictures in files, as arrays, as lines of a terminal."""
