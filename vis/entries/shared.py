"""Papers and options that several techniques have."""

from __future__ import annotations

from dataclasses import replace

from ..technique import Option, Paper

SIMONYAN = Paper(
    "K. Simonyan, A. Vedaldi, A. Zisserman",
    2013,
    "Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps",
    "arXiv:1312.6034",
)
ZEILER = Paper(
    "M. D. Zeiler, R. Fergus", 2013, "Visualizing and Understanding Convolutional Networks", "arXiv:1311.2901"
)
YOSINSKI = Paper(
    "J. Yosinski, J. Clune, A. Nguyen, T. Fuchs, H. Lipson",
    2015,
    "Understanding Neural Networks Through Deep Visualization",
    "arXiv:1506.06579",
)
SELVARAJU = Paper(
    "R. R. Selvaraju, M. Cogswell, A. Das, R. Vedantam, D. Parikh, D. Batra",
    2016,
    "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
    "arXiv:1610.02391",
)

SANITY = (
    "Its maps change little when the weights of the upper layers are drawn anew (Adebayo et al. 2018, "
    "arXiv:1810.03292): they show the input more than what was learned about it."
)
COARSE = "As coarse as the layer's maps, which are stretched over the input."

SEED = Option("seed", 0, "whole", "where the random numbers start: the same seed, the same figure", minimum=0)
SIGNS = Option(
    "signs",
    ("absolute", "positive", "negative"),
    "choices",
    "which maps: the size of the gradient, what of it speaks for the class, what against it, as it is, or the sum over "
    "the channels",
    choices=("absolute", "positive", "negative", "signed", "sum"),
)
SIGNED = replace(SIGNS, default=("signed", "absolute"))
SUMMED = replace(SIGNS, default=("sum", "signed"))
EMPTY = ("zeros", "mean", "blurred", "black", "white")
CAM_LAYER = Option("layer", None, "layer", "a layer with height and width; none: the last one that has them")
LAYERS = Option("layers", None, "layers", "paths, names or numbers of layers; none: all of them")
UNITS = Option("units", None, "units", "units to show, as layer:index; none: the outputs of the last layer")
LIMIT = Option("limit", None, "whole", "how many images at most, evenly spread over the set; none: all", minimum=1)
OVER = Option(
    "over",
    "mean",
    "choice",
    "what grows of a whole feature map: its mean, or the unit in its middle",
    choices=("mean", "centre"),
)
TRIES = Option("tries", 1, "whole", "images of each unit, from different noise", minimum=1)
INPUT_RANGE = Option("input_range", None, "range", "lowest and highest value of an input; none: as the probe knows it")
RAW = Option("raw", False, "switch", "the numbers of the images besides them")
