"""The techniques, one file each: a frozen `Options`, and `compute(probe, options)` that makes a figure."""
