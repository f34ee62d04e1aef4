"""What a training does to the weights."""

from __future__ import annotations

from ..technique import Option, Paper, Technique

ENTRIES = (
    Technique(
        name="gradient_norms",
        group="training",
        title="Gradient norms",
        sentence="The size of the loss's gradient in each layer, on a fixed sample.",
        kinds=("table",),
        needs=frozenset({"data"}),
        paper=Paper(
            "X. Glorot, Y. Bengio",
            2010,
            "Understanding the difficulty of training deep feedforward neural networks",
            "https://proceedings.mlr.press/v9/glorot10a.html",
        ),
        caveat="Of the sample that the figure names, without the augmentation and dropout of the training.",
        options=(Option("limit", 256, "whole", "records of the data at most, the first ones", minimum=1),),
    ),
    Technique(
        name="update_ratios",
        group="training",
        title="Update ratios",
        sentence="How far each layer's weights moved since the last figure, as a share of their size.",
        kinds=("table",),
        needs=frozenset({"history"}),
        paper=Paper(
            "A. Karpathy",
            2015,
            "CS231n: Convolutional Neural Networks for Visual Recognition, Neural Networks Part 3",
            "https://cs231n.github.io/neural-networks-3/#ratio",
        ),
        caveat="About 0.001 for one step is usual; over many steps it grows with their number.",
    ),
)
