"""Building blobs: what is planned, how it is encoded, ordered, written, and gone on with."""
