"""The formats of blobs: one file each, named in the table of `table`, loaded when a file may be of it."""
