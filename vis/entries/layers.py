"""What the layers do."""

from __future__ import annotations

from ..technique import Option, Paper, Technique
from .shared import LAYERS, SEED, YOSINSKI

ENTRIES = (
    Technique(
        name="layer_activations",
        group="layers",
        title="Layer activations",
        sentence="The output of each layer for an image, map by map, with what is dark on it and what is dead.",
        kinds=("maps", "vectors", "points", "histograms", "table"),
        needs=frozenset({"image"}),
        space="layer",
        paper=YOSINSKI,
        caveat="A map that is dark for one image is not dead: that takes many different images.",
        options=(
            LAYERS,
            Option(
                "exclude",
                ("InputLayer", "Dropout", "Flatten"),
                "layers",
                "classes of layers, or layers, that are left out where none are named",
            ),
            Option("most", 64, "whole", "maps of a layer that are stored at most; -1: all", minimum=-1),
            Option(
                "by",
                "order",
                "choice",
                "which these are: the first, the same at each step, or those with the largest values",
                choices=("order", "max"),
            ),
            Option("bins", 20, "whole", "bins of a histogram", minimum=1),
        ),
    ),
    Technique(
        name="weights",
        group="layers",
        title="Weights",
        sentence="Kernels as pictures, and the distribution of the weights of each layer.",
        kinds=("maps", "vectors", "histograms", "table"),
        space="weights",
        paper=Paper(
            "A. Krizhevsky, I. Sutskever, G. E. Hinton",
            2012,
            "ImageNet Classification with Deep Convolutional Neural Networks",
            "doi:10.1145/3065386",
        ),
        caveat="Only kernels of the first layer lie in the colours of the input.",
        options=(
            LAYERS,
            Option("bins", 20, "whole", "bins of a histogram", minimum=1, maximum=1000),
            Option("most", 64, "whole", "kernels of a layer that are stored at most; -1: all", minimum=-1),
        ),
    ),
    Technique(
        name="step_by_step",
        group="layers",
        title="Step by step",
        sentence="An image through convolution, activation and pooling, one after the other, with sizes and zeros.",
        kinds=("maps", "table"),
        needs=frozenset({"image"}),
        space="layer",
        paper=Paper(
            "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner",
            1998,
            "Gradient-Based Learning Applied to Document Recognition",
            "doi:10.1109/5.726791",
        ),
        options=(
            LAYERS,
            Option(
                "kernels",
                None,
                "choices",
                "named kernels instead of the network's, on the grey image",
                choices=("vertical", "horizontal", "edge", "random"),
            ),
            Option("size", 3, "whole", "height and width of the named kernels, 3 or 5", minimum=3, maximum=5),
            Option("given", None, "array", "kernels of your own, height×width×in×out"),
            SEED,
            Option("most", 16, "whole", "maps of a step that are stored at most; -1: all", minimum=-1),
        ),
    ),
    Technique(
        name="layer_graph",
        group="layers",
        title="Layer graph",
        sentence="The layers as they are connected, with the shape of their outputs and their parameters.",
        kinds=("graph", "table"),
    ),
    Technique(
        name="receptive_fields",
        group="layers",
        title="Receptive fields",
        sentence="How much of the input a unit of each layer sees, and with what stride.",
        kinds=("table",),
        paper=Paper(
            "A. Araujo, W. Norris, J. Sim",
            2019,
            "Computing Receptive Fields of Convolutional Neural Networks",
            "doi:10.23915/distill.00021",
        ),
        caveat="What a unit can see; its middle matters more than its border.",
    ),
)
