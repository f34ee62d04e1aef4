"""Networks that turn a picture of a face into a vector of numbers."""
