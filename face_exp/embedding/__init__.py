"""Training an extractor of faces, and measuring how well its vectors tell people apart."""
