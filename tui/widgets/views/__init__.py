"""A view for each kind of figure part that is no picture."""
