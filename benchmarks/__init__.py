"""What is measured: each module prints one JSON line, with a calibration from the same run."""
