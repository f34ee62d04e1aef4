"""What lies in a file, by kind of file: one file each, loaded when a file is of it."""
