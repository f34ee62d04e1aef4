"""The command line: one file a command, named in the table of `main`, loaded when it is asked for."""
