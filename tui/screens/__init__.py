"""One page of the application a file, each named after its noun."""
