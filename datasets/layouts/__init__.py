"""The layouts of known data sets: one file each, named in the table of `table`."""
