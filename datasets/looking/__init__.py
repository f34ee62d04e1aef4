"""Looking into files: what lies in them, counted, compared and cut into slices."""
