"""Pure drawing: numbers in, terminal cells out. No widget, no clock, no I/O."""
