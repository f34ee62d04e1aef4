"""What the scores of a study show, and how sure that is."""
