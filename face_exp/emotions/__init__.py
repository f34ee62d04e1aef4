"""Networks that name the expression of a face, and what they say of other data."""
