"""Experiments on faces: ordinary training programs that use vis and datasets."""
